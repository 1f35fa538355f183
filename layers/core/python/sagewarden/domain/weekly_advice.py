"""What a week's advice tells one reader: the best of it by money, and how much more there is."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sagewarden.domain.digest import Some, Sum, first_few

if TYPE_CHECKING:  # who delivers it computes none
    from sagewarden.domain.advice.advice import Advice
    from sagewarden.domain.advice.report import Report

MOST_SHARES = 10
"""How many accounts and teams are named."""


@dataclass(frozen=True, slots=True)
class Tip:
    """A piece of advice, as a letter names it.

    Attributes:
        number: Its number in what ``sagewarden advise`` lists in its account for the same reader.
        kind: The question that it answers.
        name: The resource's name.
        others: How many resources it speaks of beside that.
        account: The account.
        region: The region.
        title: One sentence, with the figures that matter.
        usd: What it saves each month, at list price; None when not known.
        risk: How likely somebody notices the change.
        owner: Whose it is.
    """

    number: int
    kind: str
    name: str
    others: int
    account: str
    region: str
    title: str
    usd: Decimal | None
    risk: str
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What one team could save in one account.

    Attributes:
        account: The account.
        team: The team; None where nothing says.
        usd: What its advice saves together, each month at list price.
        pieces: How many pieces of advice can be followed.
    """

    account: str
    team: str | None
    usd: Decimal
    pieces: int


@dataclass(frozen=True, slots=True)
class WeeklyAdvice:
    """What one reader is advised in a week.

    Attributes:
        team: Whose it is; None for the whole organisation's.
        monday: The first day of the week in which it is given, in the stack's zone.
        at: When it was given (aware).
        saving: What can be saved each month, where pieces that exclude each other count once.
        tips: The best by money; what cannot be done as things are is none of them.
        shares: What each team could save in each account, the most money first.
        blocked: How many pieces cannot be done as things are.
        unjudged: How many resources could not be judged in full.
        unread: What could not be read; whoever has one team is told the number only.
        places: In how many accounts and regions was looked.
        run: The run that sends it, by which its log lines are found.
    """

    team: str | None
    monday: date
    at: datetime
    saving: Sum = field(default_factory=Sum)
    tips: Some[Tip] = field(default_factory=Some)
    shares: Some[Share] = field(default_factory=Some)
    blocked: int = 0
    unjudged: int = 0
    unread: Some[str] = field(default_factory=Some)
    places: int = 1
    run: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.tips.count

    @property
    def subject(self) -> str:
        """Under what the audit trail has it, in place of an ARN."""
        return f"advice:{self.monday}/{(self.team or '*').casefold()}"

    @property
    def line(self) -> str:
        """Behind which others it waits: those of the same reader."""
        return f"advice:{(self.team or '*').casefold()}"


def weekly_advice(
    report: "Report", monday: date, places: int, team: str | None = None
) -> WeeklyAdvice:
    """What a team is advised; without a team, what there is to say to everybody.

    Args:
        report: All advice there is.
        monday: The first day of the week.
        places: In how many accounts and regions was looked.
        team: The team, in any letter case.
    """
    mine = report.only(team=team)
    possible = [item for item in mine.advice if not item.blockers]
    known = sum(item.saving is not None for item in possible)
    unread = [f"{item.what}: {item.why}" for item in report.incomplete]
    return WeeklyAdvice(
        team=team,
        monday=monday,
        at=report.at,
        saving=Sum(mine.saving_usd, known, len(possible) - known, mine.prices_of),
        tips=first_few(_tips(mine)),
        shares=first_few(_shares(mine), MOST_SHARES) if team is None else Some(),
        blocked=len(mine.advice) - len(possible),
        unjudged=len(report.unjudged) if team is None else 0,
        unread=first_few(unread) if team is None else Some((), len(unread)),
        places=places,
    )


def _tips(report: "Report") -> Iterator[Tip]:
    """What can be done, numbered as it is in the list of its account."""
    numbers: Counter[str] = Counter()
    for item in report.advice:
        numbers[item.ref.account] += 1
        if not item.blockers:
            yield _tip(numbers[item.ref.account], item)


def _tip(number: int, item: "Advice") -> Tip:
    return Tip(
        number=number,
        kind=item.kind.value,
        name=item.ref.name,
        others=len(item.others),
        account=item.ref.account,
        region=item.ref.region,
        title=item.title,
        usd=item.saving.usd if item.saving else None,
        risk=item.risk.value,
        owner=item.owner,
    )


def _shares(report: "Report") -> Iterator[Share]:
    groups = [
        Share(account, team, part.saving_usd, sum(not item.blockers for item in part.advice))
        for (account, team), part in report.by_team().items()
    ]
    possible = [share for share in groups if share.pieces]
    yield from sorted(possible, key=lambda share: (-share.usd, share.account, share.team or ""))
