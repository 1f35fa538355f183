"""What SageMaker requests look like, and the GPUs of its instance types: two shipped tables.

`instance_type_paths.json` is written from botocore's service model, which is not loaded here: it
has 2.5 MB. `gpu_counts.json` names its sources.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from sagewarden.domain.guardrails.instance_type_names import GpuBook
from sagewarden.domain.guardrails.request_paths import OperationShape, RequestShapes
from sagewarden.domain.guardrails.request_paths import Path as Steps

TABLE = Path(__file__).with_name("instance_type_paths.json")
GPUS = Path(__file__).with_name("gpu_counts.json")


@cache
def request_shapes() -> RequestShapes:
    """The operations that create or change something, and where their input names what."""
    rows: dict[str, dict[str, Any]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return RequestShapes({name: _shape(row) for name, row in rows.items()})


@cache
def gpu_book() -> GpuBook:
    """The GPUs of the instance types that have some."""
    return GpuBook(json.loads(GPUS.read_text(encoding="utf-8"))["gpus"])


def _shape(row: dict[str, Any]) -> OperationShape:
    return OperationShape(
        kind=row["kind"],
        name=row.get("name"),
        arn=row.get("arn"),
        tags=row.get("tags", False),
        instance_types=_paths(row.get("instance_types", ())),
        volumes=_paths(row.get("volumes", ())),
        service=row.get("service", "sagemaker"),
    )


def _paths(written: list[str]) -> tuple[Steps, ...]:
    return tuple(tuple(path.split(".")) for path in written)
