"""Advise about every account that a policy governs, and say it to each reader."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

from sagewarden.application.advise import LOOKED_BACK, AdviceHands, advise
from sagewarden.application.ports import UnreadableError
from sagewarden.application.targets import Target
from sagewarden.domain.advice.report import Report, joined
from sagewarden.domain.owners import Owners
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.weekly_advice import WeeklyAdvice, weekly_advice

MOST_ACCOUNTS_AT_ONCE = 4


def advise_all(
    places: Sequence[Target],
    owners: Owners,
    hands: Callable[[str], AdviceHands],
    now: datetime,
    has_time: Callable[[], bool],
) -> Report:
    """Advise about accounts. An account that cannot be read does not stop the others.

    Args:
        places: The accounts and regions.
        owners: How resources tell whose they are.
        hands: The ports of an account; may raise `UnreadableError`.
        now: The moment to advise for (aware).
        has_time: Whether there is time to begin with another account.
    """
    regions: dict[str, list[str]] = {}
    for place in places:
        regions.setdefault(place.account, []).append(place.region)

    def about(account: str) -> Report:
        if not has_time():
            return _unread(Incomplete(f"account {account}", "there was no time left for it"), now)
        try:
            return advise(regions[account], owners, hands(account), now)
        except UnreadableError as error:
            return _unread(Incomplete(error.what, error.why), now)

    with ThreadPoolExecutor(min(len(regions), MOST_ACCOUNTS_AT_ONCE) or 1) as pool:
        return joined(pool.map(about, regions))


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


def _unread(what: Incomplete, now: datetime) -> Report:
    return Report(at=now, looked_back=LOOKED_BACK, incomplete=(what,))
