"""Find autoscaling that is missing or does not work."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sagewarden.domain.autoscaling.scaling import (
    UNREGISTERED,
    Metric,
    ScalableTarget,
    ScalingPolicy,
    ScalingState,
    ScheduledAction,
)
from sagewarden.domain.endpoint_capacity.rule import Served
from sagewarden.domain.endpoint_capacity.seen import SeenCapacity, Unit
from sagewarden.domain.endpoint_capacity.use import HEADROOM, needed

NO_DATA_FOR = timedelta(hours=24)
"""How long an alarm may be without data: SageMaker publishes zeros for what serves nothing."""

_UNPUBLISHED = {
    Served.REAL_TIME: ("ApproximateBacklog", "HasBacklog", "SageMakerInferenceComponent"),
    Served.ASYNC: (Metric.CALLS_PER_INSTANCE, "SageMakerVariantConcurrent", "Invocations"),
    Served.COMPONENTS: ("ApproximateBacklog", "HasBacklog", "SageMakerVariant"),
}
"""How the names of metrics begin that such a thing does not publish (SageMaker guide, "Monitor
Amazon SageMaker AI with Amazon CloudWatch" and "Monitor an asynchronous endpoint")."""

_PUBLISHED_ALL_THE_SAME = ("InvocationsProcessed",)

_CRON_FIELDS = 6
_NO_SUCH_DAY = {
    "30": ("2", "FEB"),
    "31": ("2", "FEB", "4", "APR", "6", "JUN", "9", "SEP", "11", "NOV"),
}


type _Registered = tuple[ScalableTarget, ScalingState]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with how something scales.

    Attributes:
        problem: What, as a person reads it.
        unit: Of what.
        surplus: How many instances or copies more there are than needed; 0 when not known.
    """

    problem: str
    unit: Unit
    surplus: int = 0


def review(seen: SeenCapacity, now: datetime) -> Iterator[Finding]:
    """Find what is wrong with how a resource scales.

    Args:
        seen: The resource.
        now: The moment of judgement (aware).
    """
    for unit in seen.units:
        scaling = unit.scaling or UNREGISTERED
        if scaling.target is None:
            yield from _unscaled(seen, unit)
            continue
        problems = _broken(seen, unit, (scaling.target, scaling), now)
        yield from (Finding(problem, unit) for problem in problems)
        yield from _too_many(seen, unit, (scaling.target, scaling))


def never_fires(action: ScheduledAction, now: datetime) -> str | None:
    """Say why a scheduled action will never fire again, or None.

    Args:
        action: The action.
        now: The present moment (aware).
    """
    if action.end is not None and action.end <= now:
        return f"ended on {action.end.date().isoformat()}"
    kind, _, inner = action.schedule.rstrip(")").partition("(")
    if kind == "at":
        at = datetime.fromisoformat(inner).replace(tzinfo=ZoneInfo(action.timezone))
        return f"was for {at.date().isoformat()} only" if at <= now else None
    if kind != "cron" or len(fields := inner.split()) != _CRON_FIELDS:
        return None
    years = [int(year) for year in re.findall(r"\d{4}", fields[5])]
    if years and max(years) < now.year and "/" not in fields[5]:
        return f"was for {max(years)} at the latest"
    if fields[3].upper() in _NO_SUCH_DAY.get(fields[2], ()):
        return f"is for a day that does not exist ({action.schedule})"
    return None


def _unscaled(seen: SeenCapacity, unit: Unit) -> Iterator[Finding]:
    if unit.count is None or unit.count <= 1:
        return
    noun, count = seen.rule.what.noun, unit.count
    enough = needed(unit, seen.readings, _per_minute(seen, None))
    surplus = count - enough if enough is not None and enough < count else 0
    told = f"; its busiest minute needs {enough}" if surplus else ""
    yield Finding(f"{count} {noun} and nothing scales them{told}", unit, surplus)


def _broken(
    seen: SeenCapacity, unit: Unit, registered: _Registered, now: datetime
) -> Iterator[str]:
    (target, scaling), noun = registered, seen.rule.what.noun
    if target.suspended:
        yield f"its scaling is suspended: the number of {noun} does not change"
    dead = {action.name: why for action in scaling.scheduled if (why := never_fires(action, now))}
    yield from (f"scheduled action {name} {why}" for name, why in sorted(dead.items()))
    lives = len(dead) < len(scaling.scheduled)
    if target.capacity.least == target.capacity.most and not lives:
        yield f"bounds {target.capacity} and nothing changes them: it never scales"
    elif not scaling.policies and not lives:
        yield f"it is registered, but no policy or scheduled action ever changes its {noun}"
    for policy in scaling.policies:
        yield from _broken_policy(seen, unit, policy, now)


def _broken_policy(
    seen: SeenCapacity, unit: Unit, policy: ScalingPolicy, now: datetime
) -> Iterator[str]:
    metric = policy.metric or ""
    if metric.startswith(_UNPUBLISHED[seen.rule.what]) and metric not in _PUBLISHED_ALL_THE_SAME:
        yield f"policy {policy.name} follows {metric}, which it does not publish"
        return
    if policy.missing:
        yield f"alarms of policy {policy.name} are gone ({', '.join(policy.missing)})"
    elif policy.alarms == ():
        yield f"no alarm triggers policy {policy.name}"
    silent = [
        alarm.since
        for alarm in policy.alarms or ()
        if alarm.state == "INSUFFICIENT_DATA" and alarm.since and now - alarm.since >= NO_DATA_FOR
    ]
    # What wakes something has no data while it is awake, and nothing else has while it sleeps.
    if silent and metric and unit.count:
        since = min(silent).date().isoformat()
        yield f"alarms of policy {policy.name} have had no data since {since}"


def _too_many(seen: SeenCapacity, unit: Unit, registered: _Registered) -> Iterator[Finding]:
    """Whether the least that is always kept is more than the traffic ever needs."""
    target, scaling = registered
    known = [action.least for action in scaling.scheduled if action.least is not None]
    least = max(known, default=target.capacity.least)
    tracked = next((item for item in scaling.policies if item.target_value is not None), None)
    enough = needed(unit, seen.readings, _per_minute(seen, tracked))
    if enough is None or enough >= least:
        return
    problem = (
        f"at least {least} {seen.rule.what.noun} are kept, and its busiest minute needs {enough} "
        f"(taken as {HEADROOM} times the mean of its busiest hour)"
    )
    yield Finding(problem, unit, least - enough)


def _per_minute(seen: SeenCapacity, tracked: ScalingPolicy | None) -> float | None:
    """How many calls a minute one instance or copy is to serve; None when nothing says it."""
    if seen.rule.what is Served.ASYNC:
        return None
    if tracked is not None and tracked.metric == seen.rule.what.metric:
        return tracked.target_value
    return seen.rule.target_value
