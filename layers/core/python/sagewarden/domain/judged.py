"""Rules that judge by themselves: what one needs to know of a resource, and what it says then.

Sweeps, plans, the fresh look before an action and cases work with any rule of this kind.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.money import PriceBook
from sagewarden.domain.resources import Resource
from sagewarden.domain.scope import Scope
from sagewarden.domain.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside a resource when it is judged.

    Attributes:
        prices: List prices.
        readings: Its metrics over the rule's window; None where the rule reads none.
        stopped: When this program last stopped it for the rule and has not started it since.
        touched: When this program last stopped it, started it or brought it back.
        kept: What the newest manifest holds.
    """

    prices: PriceBook
    readings: Readings | None = None
    stopped: datetime | None = None
    touched: datetime | None = None
    kept: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRule:
    """What every rule of this kind has.

    Attributes:
        scope: Which resources.
        kinds: The kinds of resource that it speaks of.
        grace: How long after an accepted warning a resource is acted on.
    """

    scope: Scope
    kinds: tuple[str, ...]
    grace: timedelta = timedelta(hours=24)

    @property
    def does(self) -> str:
        """What it does, in the words of ``policy show``."""
        raise NotImplementedError

    @property
    def keeps_hours(self) -> bool:
        """Whether a coming violation is announced: a closing, told one grace period ahead."""
        return False

    @property
    def remembers(self) -> bool:
        """Whether a violation depends on what this program did before (`touched`, `kept`)."""
        return False

    @property
    def starts_again(self) -> bool:
        """Whether it must be known what this program stopped for it (`stopped`)."""
        return False

    def watched(self, kind: str) -> timedelta:
        """How long what is only told of must be a violation at every look before it is told.

        For what AWS does not tell of the past. Its case is open meanwhile, and ends with the first
        look that finds it right.

        Args:
            kind: The kind of resource.
        """
        del kind
        return timedelta(0)

    def window(self, now: datetime) -> Window | None:
        """The span over which the metrics of `series` are read; None where it reads none.

        Args:
            now: The moment of judgement (aware).
        """
        del now
        return None

    def series(self, resource: Resource, now: datetime) -> Iterable[Series]:
        """The metrics that a verdict on a resource depends on: none for what needs no metric.

        Args:
            resource: A resource that the rule covers.
            now: The moment of judgement (aware).
        """
        del resource, now
        return ()

    def judge(self, resource: Resource, facts: Facts, now: datetime) -> Verdict:
        """Judge a resource as it is.

        Args:
            resource: A resource of one of its kinds that the rule covers.
            facts: What is known beside it. `touched` and `kept` only in a second look at what
                was a violation, by a rule that `remembers`.
            now: The moment of judgement (aware).
        """
        raise NotImplementedError
