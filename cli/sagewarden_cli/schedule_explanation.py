"""What a schedule means: its coming transitions, its hours, and what it saves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sagewarden.domain.money import MonthlyCost, PriceBook, PriceComponent
from sagewarden.domain.notebook_hours import SAVING_HORIZON
from sagewarden.domain.schedules.reading import Reading, Schedule, Wanted
from sagewarden.domain.schedules.transitions import Transition, time_wanted, transitions

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Instance:
    """What runs by a schedule."""

    component: PriceComponent
    region: str
    instance_type: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a schedule means.

    Attributes:
        text: The schedule as it was asked for.
        schedule: The schedule.
        start: The beginning of the span (aware).
        end: Its end (aware).
        reading: What it says at the beginning.
        transitions: When it changes its mind within the span.
        hours: Hours per week by wanted state, on the average of the next four weeks: the same
            hours a plan's savings are made of.
        instance: What runs by it, if that was asked.
        saving: What its closed hours save of that; None when no price is known.
    """

    text: str
    schedule: Schedule
    start: datetime
    end: datetime
    reading: Reading
    transitions: Sequence[Transition]
    hours: dict[Wanted, float]
    instance: Instance | None
    saving: MonthlyCost | None


def explain(
    text: str,
    schedule: Schedule,
    span: tuple[datetime, datetime],
    instance: Instance | None,
    prices: PriceBook,
) -> Explanation:
    """Explain a schedule over a half-open span of aware datetimes."""
    start, end = span
    horizon = start + SAVING_HORIZON
    lengths = {wanted: time_wanted(schedule, wanted, start, horizon) for wanted in Wanted}
    saving = None
    if instance is not None:
        closed = lengths[Wanted.STOPPED] / SAVING_HORIZON
        saving = prices.instances(
            instance.component,
            instance.region,
            instance.instance_type,
            share=Decimal(str(round(closed, 6))),
        )
    return Explanation(
        text=text,
        schedule=schedule,
        start=start,
        end=end,
        reading=schedule.at(start),
        transitions=list(transitions(schedule, start, end)),
        hours={
            wanted: round(length / (SAVING_HORIZON / _WEEK) / timedelta(hours=1), 2)
            for wanted, length in lengths.items()
        },
        instance=instance,
        saving=saving,
    )
