"""What instance types have, from the table that ships with the program; it names its sources."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from sagewarden.domain.advice.catalogue import Catalogue, InstanceSpec
from sagewarden.domain.guardrails.instance_type_names import family_of

TABLE = Path(__file__).with_name("instance_catalogue.json")


@cache
def instance_catalogue() -> Catalogue:
    """The shipped catalogue (`instance_catalogue.json`); what it does not have is not known."""
    table: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    arm = frozenset(table["arm"])
    return Catalogue(
        as_of=date.fromisoformat(table["as_of"]),
        specs={name: _spec(name, row, arm) for name, row in table["types"].items()},
        successors={name: tuple(names) for name, names in table["successors"].items()},
        previous=frozenset(table["previous"]),
        families={sort: tuple(names) for sort, names in table["families"].items()},
        accelerators=table["accelerators"],
    )


def _spec(name: str, row: dict[str, Any], arm: frozenset[str]) -> InstanceSpec:
    gpu, count, memory = row.get("gpu", (None, 0, 0))
    return InstanceSpec(
        name=name,
        vcpus=row["vcpus"],
        memory_mib=row["memory_mib"],
        gpu=gpu,
        gpus=count,
        gpu_memory_mib=memory,
        neuron=row["neuron"][0] if "neuron" in row else None,
        arm=family_of(name) in arm,
    )
