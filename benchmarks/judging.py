"""The judge alone: how many resources it judges in a second, and how that changes with them."""

import gc
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.fleet import VARIANT, WINDOW, FleetSize, Member, Story, endpoints, notebooks
from benchmarks.server import REGION
from sagewarden.adapters.cloudwatch_telemetry import CloudWatchTelemetry
from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.adapters.price_snapshot import shipped_prices
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.plan_fleet import Fleet, plan_surveys
from sagewarden.application.survey import Survey
from sagewarden.domain.endpoint_metrics import INVOCATIONS, variant_series
from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.resources import (
    Endpoint,
    EndpointDetails,
    EndpointStatus,
    NotebookInstance,
    NotebookStatus,
    ResourceKind,
    ResourceRef,
    Variant,
)
from sagewarden.domain.rules import Policy

ACCOUNT = "123456789012"


@dataclass(frozen=True, slots=True)
class Judged:
    """How long judging took.

    Attributes:
        resources: How many were judged, half of them endpoints.
        seconds: The least of some rounds.
        right: How many actions were planned, which are as many as there should be.
    """

    resources: int
    seconds: float
    right: int

    @property
    def per_second(self) -> float:
        """Resources judged in a second."""
        return self.resources / self.seconds


def judged(policy: Policy, number: int, rounds: int = 3) -> Judged:
    """Judge as many endpoints and notebooks as given, all known beforehand.

    Args:
        policy: What they are judged by.
        number: How many of each kind.
        rounds: How often; the fastest counts.
    """
    now = datetime.now(tz=UTC)
    seen = _survey(FleetSize(number, number), now)
    sessions = Sessions()  # nothing is asked of AWS
    fleet = Fleet(
        SageMakerInventory(sessions),
        CloudWatchTelemetry(sessions),
        MemoryLedger(),
        shipped_prices(),
    )
    took, planned = [], 0
    for _ in range(rounds):
        gc.collect()
        begun = time.perf_counter()
        plan = plan_surveys(policy, [seen], fleet, now)
        took.append(time.perf_counter() - begun)
        planned = len(plan.actions)
    return Judged(2 * number, min(took), planned)


def _survey(size: FleetSize, now: datetime) -> Survey:
    window = Window.before(now, WINDOW)
    fleet = list(endpoints(size, now))
    readings = Readings(window, dict(_readings(fleet, window)), complete=True)
    return Survey(
        REGION,
        notebooks=tuple(_notebook(one) for one in notebooks(size, now)),
        endpoints=tuple(_endpoint(one) for one in fleet),
        readings={WINDOW: readings},
    )


def _readings(
    fleet: list[Member], window: Window
) -> Iterator[tuple[Series, tuple[float, ...] | None]]:
    for one in fleet:
        if one.calls:
            values = tuple(calls for _, calls in one.calls[: window.buckets])
            yield variant_series(INVOCATIONS, one.name, VARIANT), values


def _ref(kind: ResourceKind, name: str) -> ResourceRef:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{name}"
    return ResourceRef(kind, ACCOUNT, REGION, name, arn)


def _endpoint(one: Member) -> Endpoint:
    idle = one.story in {Story.IDLE, Story.SILENT}
    variant = Variant(VARIANT, instance_types=(one.instance_type,), instance_count=1)
    return Endpoint(
        ref=_ref(ResourceKind.ENDPOINT, one.name),
        status=EndpointStatus.IN_SERVICE,
        created=one.created,
        modified=one.created,
        tags=one.tags,
        details=EndpointDetails(one.name, (variant,), asynchronous=False) if idle else None,
    )


def _notebook(one: Member) -> NotebookInstance:
    stopped = one.story is Story.STOPPED
    return NotebookInstance(
        ref=_ref(ResourceKind.NOTEBOOK_INSTANCE, one.name),
        status=NotebookStatus.STOPPED if stopped else NotebookStatus.IN_SERVICE,
        created=one.created,
        modified=one.created,
        tags=one.tags,
        instance_type=one.instance_type,
    )
