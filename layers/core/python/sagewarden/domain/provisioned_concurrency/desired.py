"""How a variant should scale under a rule, at one moment."""

from datetime import datetime

from sagewarden.domain.provisioned_concurrency.hours import scheduled_actions
from sagewarden.domain.provisioned_concurrency.rule import ProvisionedConcurrency
from sagewarden.domain.provisioned_concurrency.scaling import Capacity, ScalingState
from sagewarden.domain.provisioned_concurrency.steps import Desired
from sagewarden.domain.resources import Tags
from sagewarden.domain.schedules.calendar import Calendar
from sagewarden.domain.schedules.reading import InvalidScheduleError, OptedOut, Wanted


def hours_of(rule: ProvisionedConcurrency, tags: Tags) -> Calendar | OptedOut | None:
    """The hours of an endpoint with these tags; None when its rule keeps none.

    Raises:
        InvalidScheduleError: Its schedule tag cannot be read, or names something other than
            hours of the week.
    """
    if not rule.strategy.keeps_hours or rule.schedules is None:
        return None
    schedule = rule.schedules.of(tags)
    if isinstance(schedule, Calendar | OptedOut):
        return schedule
    raise InvalidScheduleError(
        "its schedule",
        "it is no calendar",
        "name a calendar of the policy, or write an expression such as mon-fri 09:00-18:00",
    )


def desired_scaling(
    rule: ProvisionedConcurrency, hours: Calendar | None, room: int, now: datetime
) -> Desired:
    """How a variant should scale now, and what should change that later.

    Args:
        rule: The rule.
        hours: Its hours, where it keeps any.
        room: The most that quotas and its MaxConcurrency leave it, at least 1.
        now: The present moment (aware).
    """
    inside = rule.bounds.within(room)
    utilization = rule.target_utilization if rule.strategy.tracks else None
    if hours is None:
        return Desired(inside, utilization, ())
    outside = rule.outside.within(room)
    return Desired(
        capacity=inside if hours.at(now).wanted is Wanted.RUNNING else outside,
        utilization=utilization,
        scheduled=scheduled_actions(hours, inside, outside, now),
    )


def is_ours(present: ScalingState, rule: ProvisionedConcurrency, room: int) -> bool:
    """Whether nobody but us has a hand in how a variant scales.

    A target carries no name. Ours is known by the names of its policies and scheduled actions;
    one without any, with exactly the bounds that we would register, is ours, too: a run broke
    off after registering it.
    """
    if present.target is None or present.marked_ours or present.foreign:
        return not present.foreign
    return present.target.capacity in _registered(rule, room)


def _registered(rule: ProvisionedConcurrency, room: int) -> tuple[Capacity, ...]:
    inside = rule.bounds.within(room)
    return (inside, rule.outside.within(room)) if rule.strategy.keeps_hours else (inside,)
