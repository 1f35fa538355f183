"""What delivering notices and answering clicks need from the world outside, as Protocols."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from sagewarden.domain.cards import Card
from sagewarden.domain.notices import News, Posted, Shown

if TYPE_CHECKING:  # few messages are letters
    from sagewarden.domain.digest import Digest
    from sagewarden.domain.weekly_advice import WeeklyAdvice

    type Told = Digest | WeeklyAdvice
    """What is told once a week."""


class NotNowError(Exception):
    """A message could not be delivered for now; nothing is lost, it is tried again.

    Attributes:
        after: How long to wait, where the service says so: then it refused, and did nothing.
    """

    def __init__(self, why: str, after: timedelta | None = None) -> None:
        super().__init__(why)
        self.after = after


class UndeliverableError(Exception):
    """A message can never be delivered as it is; the reason says what somebody must mend."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Where a message goes.

    Attributes:
        channel: The channel, a direct message's own included.
        locale: The language to write in, as a locale.
        user: The person whose direct message it is; None in a channel.
        group: The user group that is mentioned there, by its id.
        zone: The person's time zone; None in a channel, or where it is not known.
    """

    channel: str
    locale: str
    user: str | None = None
    group: str | None = None
    zone: ZoneInfo | None = None


class Messenger(Protocol):
    """Posts messages.

    NotNowError says that it may work later, UndeliverableError that it never will.
    """

    def reader(self, owner: str | None, team: str | None = None) -> Reader:
        """Find who reads it: the owner, else the team's channel, else the fallback channel."""
        ...

    def channel(self, name: str | None) -> Reader:
        """Find who reads a channel; the fallback channel where none is named."""
        ...

    def post(self, reader: Reader, cards: Sequence[Card], keys: Sequence[str]) -> Posted:
        """Post a message.

        Args:
            reader: Where.
            cards: What it shows.
            keys: What identifies each card: it can be found by that where an answer was lost.
        """
        ...

    def post_letter(self, reader: Reader, letter: "Told", key: str) -> Posted:
        """Post a digest or a week's advice; it can be found by its key."""
        ...

    def find(self, reader: Reader, keys: Sequence[str]) -> Mapping[str, tuple[Posted, int]]:
        """Find what was posted under some keys, and in which place of its message."""
        ...

    def update(self, shown: Shown, cards: Sequence[Card]) -> None:
        """Let the message of a card show its cards' present state."""
        ...

    def reply(self, shown: Shown, news: Sequence[News], key: str) -> None:
        """Say in the thread of a card's message what is new there, under a key."""
        ...

    def replied(self, posted: Posted, key: str) -> bool:
        """Whether a reply to a message was posted under a key, as far as that can be seen."""
        ...


class Board(Protocol):
    """Remembers which cards hang where."""

    def hang(self, shown: Sequence[Shown]) -> None:
        """Remember cards of a message, in place of what was known of their cases."""
        ...

    def shown(self, case_id: str) -> Shown | None:
        """Where a case's card hangs, the latest one."""
        ...

    def neighbours(self, posted: Posted) -> Sequence[Shown]:
        """All cards of a message, by place."""
        ...
