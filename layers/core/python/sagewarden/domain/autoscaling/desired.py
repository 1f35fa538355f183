"""How something should scale on its terms, at one moment."""

from dataclasses import dataclass
from datetime import datetime

from sagewarden.domain.autoscaling.hours import scheduled_actions
from sagewarden.domain.autoscaling.scaling import Capacity, ScalingPolicy, ScalingState
from sagewarden.domain.autoscaling.steps import Desired
from sagewarden.domain.schedules.calendar import Calendar
from sagewarden.domain.schedules.reading import Wanted


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule asks of one thing that scales, within what is possible for it.

    Attributes:
        inside: Its bounds; while it is open, where it keeps hours.
        outside: Its bounds while it is closed.
        policies: Its scaling policies.
    """

    inside: Capacity
    outside: Capacity
    policies: tuple[ScalingPolicy, ...] = ()


def is_open(hours: Calendar | None, now: datetime) -> bool:
    """Whether it is open: always, where it keeps no hours."""
    return hours is None or hours.at(now).wanted is Wanted.RUNNING


def desired_scaling(terms: Terms, hours: Calendar | None, now: datetime) -> Desired:
    """How something should scale now, and what should change that later.

    Args:
        terms: What is asked of it.
        hours: Its hours, where it keeps any.
        now: The present moment (aware).
    """
    if hours is None:
        return Desired(terms.inside, terms.policies, ())
    return Desired(
        capacity=terms.inside if is_open(hours, now) else terms.outside,
        policies=terms.policies,
        scheduled=scheduled_actions(hours, terms.inside, terms.outside, now),
    )


def is_ours(present: ScalingState, *bounds: Capacity) -> bool:
    """Whether nobody but us has a hand in how something scales.

    A target carries no name. Ours is known by the names of its policies and scheduled actions;
    one without any, with exactly the bounds that we would register, is ours, too: a run broke
    off after registering it.

    Args:
        present: How it scales.
        bounds: Those that we would register.
    """
    if present.target is None or present.marked_ours or present.foreign:
        return not present.foreign
    return present.target.capacity in {*bounds, *(item.awake() for item in bounds)}
