"""Announce what happened: in order for each resource, and nothing is lost."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sagewarden.application.ports import Sleeper
from sagewarden.domain.announcements import Announcement

ROUNDS = 4
"""How often something is refused before it is left to the next invocation."""

FIRST_PAUSE = timedelta(milliseconds=500)
"""How long to wait after the first refusal; twice as long after each further one."""


class Bus(Protocol):
    """Takes announcements."""

    def put(self, announcements: Sequence[Announcement]) -> Sequence[str | None]:
        """Put announcements, in any order; for each None, or why it was not accepted."""
        ...


@dataclass(frozen=True, slots=True)
class Unannounced:
    """Something that was not announced.

    Attributes:
        place: Which of the announcements, counted from 0.
        why: Why it was not accepted; None when it waits for another of its line.
    """

    place: int
    why: str | None


type _Waiting = list[tuple[int, Announcement]]


def announce(
    announcements: Iterable[Announcement], bus: Bus, sleeper: Sleeper
) -> Sequence[Unannounced]:
    """Announce in order: none before those of its line that stand before it.

    A bus keeps no order, so what comes later in a line is held back until the earlier ones are
    accepted. Of what a bus refuses only that is put again.

    Args:
        announcements: What happened, in order.
        bus: Takes it.
        sleeper: Lets time pass after a refusal.

    Returns:
        What was not announced, in order.
    """
    waiting = list(enumerate(announcements))
    refused: dict[int, str] = {}
    pause, rounds = FIRST_PAUSE, 0
    while waiting:
        heads = list(_heads(waiting))
        answers = bus.put([one for _, one in heads])
        pairs = zip(heads, answers, strict=True)
        refused = {place: why for (place, _), why in pairs if why is not None}
        accepted = {place for place, _ in heads} - refused.keys()
        waiting = [pair for pair in waiting if pair[0] not in accepted]
        if refused:
            rounds += 1
            if rounds == ROUNDS:
                break
            sleeper.sleep(pause)
            pause *= 2
    return tuple(Unannounced(place, refused.get(place)) for place, _ in waiting)


def _heads(waiting: _Waiting) -> Iterator[tuple[int, Announcement]]:
    """The first of each line."""
    lines: set[str] = set()
    for place, one in waiting:
        if one.line not in lines:
            lines.add(one.line)
            yield place, one
