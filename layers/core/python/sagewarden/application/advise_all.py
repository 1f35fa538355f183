"""Advise about every account that a policy governs, each by itself, and say it to each reader.

Each account is a message of its own. What is found of it is kept until all are there: whoever finds
that, puts the letters together. Who does not answer until it is closed is named in them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Protocol

from sagewarden.application.advise import LOOKED_BACK, AdviceHands, advise
from sagewarden.application.ports import UnreadableError
from sagewarden.application.targets import Target
from sagewarden.domain.advice.report import Report, joined
from sagewarden.domain.owners import Owners
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.weekly_advice import WeeklyAdvice, weekly_advice

CLOSES_AFTER = timedelta(hours=5)
"""How long is waited for accounts: longer than a message's three attempts, an hour and a half each.

SQS hides a message for twelve hours at most (ChangeMessageVisibility, API reference).
"""

MOST_READ_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """Which accounts are asked about in a week; it stays when somebody asks again.

    Attributes:
        monday: The first day of the week.
        at: The moment to advise for (aware): the same for all, whenever their turn comes.
        regions: The regions of each account, by its id.
    """

    monday: date
    at: datetime
    regions: Mapping[str, tuple[str, ...]]

    @property
    def places(self) -> int:
        """In how many accounts and regions is looked."""
        return sum(len(regions) for regions in self.regions.values())


class Parts(Protocol):
    """Keeps what is found of each account, for weeks; what is kept is there for everybody at once.

    What cannot be read raises UnreadableError, what cannot be written ActionFailedError.
    """

    def asked(self, monday: date) -> Asked | None:
        """Which accounts are asked about in a week; None before somebody asked."""
        ...

    def ask(self, asked: Asked) -> None:
        """Keep which accounts are asked about."""
        ...

    def kept(self, monday: date) -> Collection[str]:
        """The accounts of which something was kept in a week."""
        ...

    def keep(self, monday: date, account: str, report: Report) -> None:
        """Keep what was found of an account, in place of what was kept of it before."""
        ...

    def read(self, monday: date, account: str) -> Report:
        """What was kept of an account."""
        ...


def ask(monday: date, places: Callable[[], Iterable[Target]], parts: Parts, now: datetime) -> Asked:
    """Decide which accounts to ask about in a week, unless that was decided.

    Args:
        monday: The first day of the week.
        places: Tells the accounts and regions.
        parts: Keeps what is found.
        now: The present moment (aware).

    Raises:
        UnreadableError: What is governed, or what was kept, could not be read.
        ActionFailedError: It could not be kept.
    """
    if (asked := parts.asked(monday)) is not None:
        return asked
    regions: dict[str, tuple[str, ...]] = {}
    for place in places():
        regions[place.account] = (*regions.get(place.account, ()), place.region)
    asked = Asked(monday, now, regions)
    parts.ask(asked)
    return asked


def missing(asked: Asked, parts: Parts) -> tuple[str, ...]:
    """The accounts that have not answered yet, in order."""
    return tuple(sorted(asked.regions.keys() - parts.kept(asked.monday)))


def advise_about(
    account: str,
    asked: Asked,
    owners: Owners,
    hands: Callable[[str], AdviceHands],
    parts: Parts,
) -> Report | None:
    """Advise about one account and keep it. One that cannot be read has answered with that.

    Args:
        account: One of the accounts that are asked about.
        asked: Which these are.
        owners: How resources tell whose they are.
        hands: The ports of an account; may raise `UnreadableError`.
        parts: Keeps what is found.

    Returns:
        What was found; None where that was kept before, and nothing is looked at again.

    Raises:
        UnreadableError: What was kept could not be read.
        ActionFailedError: It could not be kept.
    """
    if account in parts.kept(asked.monday):
        return None
    try:
        report = advise(asked.regions[account], owners, hands(account), asked.at)
    except UnreadableError as error:
        report = _unread(asked, Incomplete(error.what, error.why))
    parts.keep(asked.monday, account, report)
    return report


def unanswered(accounts: Iterable[str]) -> Iterator[Incomplete]:
    """What is told of accounts that are waited for no longer."""
    hours = CLOSES_AFTER // timedelta(hours=1)
    why = f"not read: it did not answer within {hours} hours; the advisor's dead letters have it"
    for account in accounts:
        yield Incomplete(f"account {account}", why)


def together(asked: Asked, parts: Parts, absent: Collection[str]) -> Report:
    """What was found of all accounts; those that have not answered are named first.

    Args:
        asked: Which accounts are asked about.
        parts: Keeps what was found.
        absent: Those that are not waited for.

    Raises:
        UnreadableError: What was kept could not be read.
    """
    gaps = _unread(asked, *unanswered(sorted(absent)))
    there = sorted(asked.regions.keys() - absent)

    def read(account: str) -> Report:
        return parts.read(asked.monday, account)

    with ThreadPoolExecutor(MOST_READ_AT_ONCE) as pool:
        return joined(chain([gaps], pool.map(read, there)))


def letters(
    report: Report, monday: date, places: int, teams: Iterable[str]
) -> Iterator[WeeklyAdvice]:
    """What teams are advised that have something to hear, then what everybody is, in any case.

    Args:
        report: All advice there is.
        monday: The first day of the week.
        places: In how many accounts and regions was looked.
        teams: The teams that have a channel.
    """
    for team in teams:
        letter = weekly_advice(report, monday, places, team)
        if not letter.is_empty:
            yield letter
    yield weekly_advice(report, monday, places)


def _unread(asked: Asked, *what: Incomplete) -> Report:
    return Report(at=asked.at, looked_back=LOOKED_BACK, incomplete=what)
