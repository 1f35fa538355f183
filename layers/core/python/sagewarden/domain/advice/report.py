"""All advice about some accounts, ranked by money, with what could not be looked at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from sagewarden.domain.advice.advice import Advice, ranked, together
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import ResourceRef


@dataclass(frozen=True, slots=True)
class Unjudged:
    """What no advice, or not all, could be given about, though it may have use for some."""

    ref: ResourceRef
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Advice, ranked.

    Attributes:
        at: The moment for which it is given (aware).
        looked_back: How far back use was measured.
        advice: The advice: what can be done first, by money, what is unknown last.
        unjudged: What no advice could be given about.
        incomplete: What could not be read.
    """

    at: datetime
    looked_back: timedelta
    advice: tuple[Advice, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    incomplete: tuple[Incomplete, ...] = ()

    @property
    def saving_usd(self) -> Decimal:
        """What can be saved each month, where pieces that exclude each other count once."""
        return together(self.advice)

    @property
    def prices_of(self) -> date | None:
        """The day of the oldest price that counts; None without any."""
        possible = (item.saving for item in self.advice if not item.blockers)
        return min((saving.as_of for saving in possible if saving), default=None)

    def only(
        self, *, team: str | None = None, kinds: Iterable[str] = (), account: str | None = None
    ) -> "Report":
        """The advice for a team, of some kinds, about an account."""
        wanted = frozenset(kinds)
        return replace(
            self,
            advice=tuple(
                item
                for item in self.advice
                if (team is None or (item.team or "").casefold() == team.casefold())
                and (not wanted or item.kind in wanted)
                and (account is None or item.ref.account == account)
            ),
        )

    def by_team(self) -> Mapping[tuple[str, str | None], "Report"]:
        """The advice of each account and team, in the order of their best advice."""
        groups: dict[tuple[str, str | None], list[Advice]] = {}
        for item in self.advice:
            groups.setdefault((item.ref.account, item.team), []).append(item)
        return {key: replace(self, advice=tuple(items)) for key, items in groups.items()}


def joined(reports: Iterable[Report]) -> Report:
    """Several reports of one moment as one.

    Raises:
        ValueError: There is none.
    """
    first, *others = reports
    every = (first, *others)
    return replace(
        first,
        advice=ranked(item for report in every for item in report.advice),
        unjudged=tuple(item for report in every for item in report.unjudged),
        incomplete=tuple(item for report in every for item in report.incomplete),
    )
