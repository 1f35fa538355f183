"""Sweeps of fleets of all sizes, ours and Cloud Custodian's, against the same emulated AWS."""

import json
import shutil
from collections.abc import Generator, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.session import Session

from benchmarks.fleet import FleetSize, Story, endpoints, notebooks, to_be_done
from benchmarks.process import Server, serving
from benchmarks.server import REGION
from benchmarks.tools import CUSTODIAN, OURS, Tool, WrongAnswerError

EXPECTED: Mapping[Story, str] = {
    Story.BUSY: "COMPLIANT",
    Story.RARE: "COMPLIANT",
    Story.IDLE: "delete",
    Story.SILENT: "UNKNOWN",
    Story.YOUNG: "TOO_NEW",
    Story.PROTECTED: "EXEMPT",
    Story.RUNNING: "stop",
    Story.STOPPED: "COMPLIANT",
    Story.PROTECTED_RUNNING: "EXEMPT",
}
"""What a plan must say of each resource: what is done to it, or why it is left alone."""


@dataclass(frozen=True, slots=True)
class Case:
    """One fleet, one task.

    Attributes:
        size: The fleet.
        latency_ms: How long each call takes beside the emulator's own time.
        acts: Whether what is found is deleted and stopped, too.
        with_custodian: Whether Cloud Custodian does the same.
    """

    size: FleetSize
    latency_ms: int = 0
    acts: bool = False
    with_custodian: bool = True

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of resources that policies speak of."""
        given = {"endpoint": self.size.endpoints, "notebook-instance": self.size.notebooks}
        return tuple(kind for kind, number in given.items() if number)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one tool took for one case.

    Attributes:
        seconds: Wall time of all its processes.
        cpu: What they computed, in seconds.
        peak_mb: The most memory that one of them held.
        calls: The API calls that arrived, by ``service.Operation``.
    """

    seconds: float
    cpu: float
    peak_mb: float
    calls: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many calls arrived."""
        return sum(self.calls.values())


@dataclass(frozen=True, slots=True)
class Result:
    """What a case took.

    Attributes:
        case: The case.
        ours: What we took, a figure for each round.
        theirs: What Cloud Custodian took in the same rounds; nothing where it was left out.
    """

    case: Case
    ours: Sequence[Figures]
    theirs: Sequence[Figures] = ()


def measured(case: Case, folder: Path, rounds: int = 1) -> Result:
    """Measure a case; every answer is compared with what the fleet's generator knows.

    Args:
        case: The case.
        folder: Where what the tools write is left.
        rounds: How often, both tools in turn.

    Raises:
        WrongAnswerError: A tool failed, or was wrong about a resource.
    """
    tools = (OURS, CUSTODIAN) if case.with_custodian else (OURS,)
    found: dict[str, list[Figures]] = {tool.name: [] for tool in tools}
    with _fleets(case) as fresh:
        for number in range(rounds):
            for tool in tools:
                place = folder / _slug(case) / f"{number}-{tool.name.replace(' ', '-').lower()}"
                found[tool.name].append(_figures(case, tool, next(fresh), place))
    return Result(case, found[OURS.name], found.get(CUSTODIAN.name, ()))


@contextmanager
def _fleets(case: Case) -> Iterator[Iterator[Server]]:
    """The fleets that tools are let loose on: a new one for each tool that changes it."""
    served = _serve(case)
    try:
        yield served
    finally:
        served.close()


def _serve(case: Case) -> Generator[Server]:
    size = case.size
    options = (
        *("--endpoints", str(size.endpoints), "--notebooks", str(size.notebooks)),
        *("--idle-percent", str(size.idle_percent)),
    )
    while True:
        with serving(*options) as server:
            server.set_latency(case.latency_ms)
            yield server
            while not case.acts:
                yield server


def _figures(case: Case, tool: Tool, server: Server, folder: Path) -> Figures:
    shutil.rmtree(folder, ignore_errors=True)
    server.forget_calls()
    do = tool.act if case.acts else tool.plan
    answer = do(case.kinds, server.environment(REGION), folder)
    calls = server.calls()
    now = datetime.now(tz=UTC)
    wanted = to_be_done(endpoints(case.size, now)) | to_be_done(notebooks(case.size, now))
    check(f"{tool.name}: done", answer.names, wanted)
    if case.acts:
        _check_what_is_left(case, server, wanted)
    if tool is OURS:
        check_verdicts(case.size, json.loads((folder / "plan.json").read_text(encoding="utf-8")))
    return Figures(answer.seconds, answer.cpu, answer.peak_mb, calls)


def check(what: str, found: AbstractSet[str], wanted: AbstractSet[str]) -> None:
    """Compare names.

    Raises:
        WrongAnswerError: Some are missing, or too many.
    """
    if found != wanted:
        missing, wrong = sorted(wanted - found)[:5], sorted(found - wanted)[:5]
        raise WrongAnswerError(f"{what}: missing {missing}, wrong {wrong}")


def check_verdicts(size: FleetSize, plan: Mapping[str, Any]) -> None:
    """Compare what a plan says of each single resource with its story.

    Raises:
        WrongAnswerError: It says something else of one.
    """
    said = {item["resource"]["name"]: item["verdict"] for item in plan["left_alone"]}
    said |= {item["resource"]["name"]: item["action"] for item in plan["actions"]}
    now = datetime.now(tz=UTC)
    for one in (*endpoints(size, now), *notebooks(size, now)):
        if said.get(one.name) != EXPECTED[one.story]:
            raise WrongAnswerError(f"{one.name} is {one.story}, and {said.get(one.name)} is said")
    if len(said) != size.endpoints + size.notebooks:
        raise WrongAnswerError(f"{len(said)} resources are spoken of")


def _check_what_is_left(case: Case, server: Server, gone: AbstractSet[str]) -> None:
    """Ask the emulated AWS itself what still runs."""
    client = Session().create_client(
        "sagemaker",
        region_name=REGION,
        endpoint_url=server.url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # noqa: S106 - the sandbox checks no signature
    )
    pages = client.get_paginator("list_endpoints").paginate(StatusEquals="InService")
    left = {item["EndpointName"] for page in pages for item in page["Endpoints"]}
    every = {one.name for one in endpoints(case.size, datetime.now(tz=UTC))}
    check("what is left", left, every - gone)


def _slug(case: Case) -> str:
    what = "act" if case.acts else "plan"
    size = f"{case.size.endpoints}-{case.size.notebooks}-{case.size.idle_percent}"
    return f"{what}-{size}-{case.latency_ms}ms"
