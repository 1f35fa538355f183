"""Monitoring schedules of Model Monitor: a processing job an hour, whoever calls the endpoint."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.endpoint_metrics import evidence_series
from sagewarden.domain.idle_endpoints import IdleEndpoints, judge_endpoint
from sagewarden.domain.judged import Facts
from sagewarden.domain.metrics import Readings, Series
from sagewarden.domain.money import NO_PRICES, MonthlyCost, PriceBook, PriceComponent
from sagewarden.domain.resources import Endpoint, EndpointStatus, Snapshot, Status
from sagewarden.domain.scope import Scope
from sagewarden.domain.services.terms import Terms
from sagewarden.domain.services.verdicts import found, left_alone, too_new, violation
from sagewarden.domain.verdicts import Evidence, Verdict, VerdictKind

ONCE = "NOW"
"""The schedule expression of what runs once (API reference, ScheduleConfig)."""


class ScheduleStatus(Status):
    """The states of a monitoring schedule (botocore 1.44, ScheduleStatus)."""

    PENDING = "Pending"
    FAILED = "Failed"
    SCHEDULED = "Scheduled"
    STOPPED = "Stopped"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


@dataclass(frozen=True, slots=True)
class Runs:
    """What its executions of late came to.

    Attributes:
        instance_type: What each ran on.
        instance_count: On how many of them.
        busy: How long they ran, together.
        over: Over which time.
    """

    instance_type: str
    instance_count: int
    busy: timedelta
    over: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringSchedule(Snapshot):
    """A monitoring schedule.

    Attributes:
        expression: When it runs; None when it could not be read.
        watches: The name of the endpoint that it watches; None where it watches batch transforms.
        endpoint: That endpoint, with details; None when it is gone, or could not be read.
        endpoint_read: Whether the endpoint could be read, or is known to be gone.
        runs: What its executions of late came to; None when not known.
        instance_types: What its jobs run on; None when neither it nor one of them tells.
        volumes_gb: The sizes of their volumes, in GB; None likewise.
    """

    expression: str | None
    watches: str | None
    endpoint: Endpoint | None
    endpoint_read: bool
    runs: Runs | None = None
    instance_types: tuple[str, ...] | None = None
    volumes_gb: tuple[int, ...] | None = None

    @property
    def runs_on(self) -> tuple[str, ...] | None:
        """The instance types that its jobs run on."""
        return self.instance_types

    @property
    def stores_gb(self) -> tuple[int, ...] | None:
        """The sizes of their volumes, in GB."""
        return self.volumes_gb

    @property
    def running(self) -> bool:
        """Whether it starts jobs."""
        return self.status is ScheduleStatus.SCHEDULED


_NOT_JUDGED: Mapping[Status, str] = {
    ScheduleStatus.PENDING: "it is Pending; judged when it has settled",
    ScheduleStatus.FAILED: "it failed and runs nothing",
    ScheduleStatus.STOPPED: "it is stopped",
}

_DEAD: Mapping[EndpointStatus, str] = {
    EndpointStatus.FAILED: "has failed",
    EndpointStatus.OUT_OF_SERVICE: "is out of service",
}


def schedule_series(schedule: MonitoringSchedule) -> Iterator[Series]:
    """The series that tell of the use of its endpoint."""
    endpoint = schedule.endpoint
    if endpoint is not None and endpoint.details is not None:
        yield from evidence_series(endpoint.ref.name, endpoint.details)


def judge_schedule(
    schedule: MonitoringSchedule, rule: Terms, facts: Facts, now: datetime
) -> Verdict:
    """Judge whether a monitoring schedule watches an endpoint that is dead or not called.

    Args:
        schedule: The schedule as it is.
        rule: The rule.
        facts: The use of its endpoint over the rule's window, and prices.
        now: The moment of judgement (aware).
    """
    states = frozenset({ScheduleStatus.SCHEDULED})
    if verdict := left_alone(schedule, rule, states, _NOT_JUDGED, now):
        return verdict
    if schedule.expression == ONCE:
        reason = "it runs once"
        return rule.scope.verdict(schedule, VerdictKind.NOT_APPLICABLE, reason)
    if schedule.watches is None:
        reason = "it watches batch transforms, no endpoint"
        return rule.scope.verdict(schedule, VerdictKind.NOT_APPLICABLE, reason)
    if verdict := too_new(schedule, rule, now):
        return verdict
    evidence: Evidence = {"endpoint": schedule.watches, "expression": schedule.expression}
    cost = _month(schedule, facts.prices)
    why = _idle_because(schedule, schedule.watches, rule, facts.readings, now)
    if isinstance(why, Verdict):
        return found(schedule, rule, why.kind, why.reason, evidence, cost)
    return violation(schedule, rule, ActionKind.STOP, (why, evidence), cost, now)


def _idle_because(
    schedule: MonitoringSchedule,
    name: str,
    rule: Terms,
    readings: Readings | None,
    now: datetime,
) -> str | Verdict:
    """Why it watches nothing; or the verdict on the endpoint that says why that is not so."""
    scope = rule.scope
    if not schedule.endpoint_read:
        reason = f"its endpoint {name} could not be read"
        return scope.verdict(schedule, VerdictKind.UNKNOWN, reason)
    endpoint = schedule.endpoint
    if endpoint is None:
        return f"its endpoint {name} is gone: there is nothing to watch"
    if endpoint.status in _DEAD:
        return f"its endpoint {name} {_DEAD[endpoint.status]}: there is nothing to watch"
    if readings is None:
        reason = f"the calls of its endpoint {name} could not be read"
        return scope.verdict(schedule, VerdictKind.UNKNOWN, reason)
    # The endpoint's own protections speak of the endpoint, not of what watches it.
    looked_at = IdleEndpoints(scope=Scope(scope.rule), window=rule.idle_for)
    of_use = judge_endpoint(replace(endpoint, tags={}), looked_at, readings, NO_PRICES, now)
    if of_use.kind is VerdictKind.VIOLATION:
        return f"its endpoint {name} had {of_use.reason}"
    return replace(of_use, reason=f"its endpoint {name}: {of_use.reason}")


def _month(schedule: MonitoringSchedule, prices: PriceBook) -> MonthlyCost | None:
    """What its executions cost a month if they go on as of late."""
    runs = schedule.runs
    if runs is None or not runs.over:
        return None
    share = min(Decimal(runs.busy / runs.over).quantize(Decimal("0.0001")), Decimal(1))
    part, region = PriceComponent.PROCESSING, schedule.ref.region
    return prices.instances(part, region, runs.instance_type, runs.instance_count, share)
