"""Whose doing a saving is: every saved minute belongs to the last action on its resource."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sagewarden_cli.demo.meter import OFF, Draw, Span

_MINUTES_PER_HOUR = 60


@dataclass(slots=True)
class Saved:
    """What one action came to: the world without Sagewarden minus the world with it.

    Attributes:
        minutes: Billed minutes saved; negative when more ran than otherwise would have.
        usd_minutes: US dollars per hour times minutes, where the price is known.
        unpriced_minutes: The minutes among them whose price is not known.
    """

    minutes: int = 0
    usd_minutes: Decimal = Decimal(0)
    unpriced_minutes: int = 0

    def add(self, actual: Draw, otherwise: Draw, minutes: int) -> None:
        """Count a span of time in which the worlds may differ."""
        change = minutes * (int(otherwise.runs) - int(actual.runs))
        self.minutes += change
        if actual.hourly_usd is None or otherwise.hourly_usd is None:
            self.unpriced_minutes += change
        else:
            self.usd_minutes += (_usd(otherwise) - _usd(actual)) * minutes

    @property
    def usd(self) -> Decimal | None:
        """US dollars at list price, or None when the price is not known."""
        return None if self.unpriced_minutes else self.usd_minutes / _MINUTES_PER_HOUR

    @property
    def hours(self) -> float:
        """Billed hours saved."""
        return self.minutes / _MINUTES_PER_HOUR


@dataclass(frozen=True, slots=True)
class Attribution:
    """The week's savings by action and over time.

    Attributes:
        by_action: What each action came to, in the order in which they were given.
        unexplained: What differs between the worlds though nothing was done: nothing, or the
            two worlds did not see the same people.
        cumulative: After each span, US dollars saved so far by ARN.
    """

    by_action: tuple[Saved, ...]
    unexplained: Saved
    cumulative: tuple[Mapping[str, Decimal], ...]


def attribute(spans: Iterable[Span], actions: Sequence[tuple[datetime, str]]) -> Attribution:
    """Share out what differs between the two worlds.

    Args:
        spans: What ran.
        actions: When each action took effect and on which ARN, in order of time.
    """
    by_action, unexplained = [Saved() for _ in actions], Saved()
    pending = list(enumerate(actions))
    latest: dict[str, Saved] = {}
    by_arn: dict[str, Decimal] = {}
    cumulative: list[Mapping[str, Decimal]] = []
    for span in spans:
        while pending and pending[0][1][0] <= span.start:
            number, (_, arn) = pending.pop(0)
            latest[arn] = by_action[number]
        for arn in span.actual.keys() | span.otherwise.keys():
            actual, otherwise = span.actual.get(arn, OFF), span.otherwise.get(arn, OFF)
            if actual != otherwise:
                latest.get(arn, unexplained).add(actual, otherwise, span.minutes)
                if actual.hourly_usd is not None and otherwise.hourly_usd is not None:
                    usd = (_usd(otherwise) - _usd(actual)) * span.minutes / _MINUTES_PER_HOUR
                    by_arn[arn] = by_arn.get(arn, Decimal(0)) + usd
        cumulative.append(dict(by_arn))
    return Attribution(tuple(by_action), unexplained, tuple(cumulative))


def end_of(span: Span) -> datetime:
    """When a span ends."""
    return span.start + timedelta(minutes=span.minutes)


def _usd(draw: Draw) -> Decimal:
    return draw.hourly_usd if draw.runs and draw.hourly_usd is not None else Decimal(0)
