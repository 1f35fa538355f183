"""What somebody is to be told, as a value: it can wait in a queue until they can hear it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sagewarden.domain.cards import Card

PROMPT = timedelta(minutes=5)
"""How late a warning of a closing may be accepted and leave the closing where it is."""


class NoticeKind(StrEnum):
    """Why somebody is told."""

    WARNING = "warning"
    REMINDER = "reminder"
    DONE = "done"
    OVER = "over"
    """Nothing will happen any more."""
    GAVE_UP = "gave-up"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that somebody is to be told of one case.

    Attributes:
        notice_id: The same for the same thing, however often it is queued.
        kind: Why.
        card: What it shows.
        at: When it was queued (aware).
        team: The team's tag of the resource, in whose channel it is said where its owner is nobody.
        can_wait: Whether it is a warning that may wait for its reader's hours of work.
    """

    notice_id: str
    kind: NoticeKind
    card: Card
    at: datetime
    team: str | None = None
    can_wait: bool = False

    def due_at(self, accepted_at: datetime) -> datetime | None:
        """When the action of a warning is due, once it was accepted at a moment.

        The grace period counts from then. Only a notebook's closing is kept to the minute, where
        the warning was prompt; None where nothing follows.
        """
        planned = self.card.due_at
        if planned is None:
            return None
        prompt = accepted_at - self.at <= PROMPT and self.card.closes_a_notebook
        return planned if prompt else accepted_at + (planned - self.at)


@dataclass(frozen=True, slots=True)
class Parcel:
    """Everything that one reader is to be told by one run.

    Attributes:
        owner: The owner's tag of the resources; None where nobody is named.
        notices: What they are told, in order.
    """

    owner: str | None
    notices: tuple[Notice, ...]

    @property
    def run(self) -> str | None:
        """The run that has something to say."""
        return next((notice.card.run for notice in self.notices), None)


@dataclass(frozen=True, slots=True)
class News:
    """What is said of a card that its reader has already.

    Attributes:
        kind: Why.
        card: What it shows now.
    """

    kind: NoticeKind
    card: Card


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that was accepted.

    Attributes:
        channel: The channel it is in, a direct message's own included.
        ts: What Slack calls it there.
    """

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A card in a message, as its readers see it.

    Attributes:
        posted: The message.
        place: Its place there, from 0.
        card: The card.
        locale: The language of the message, as a locale.
        reader: The Slack user whose direct message it is; None in a channel.
        group: The user group that the message mentions, by its id.
        told: The notices that it told of the card: the one it came with, and those after it.
    """

    posted: Posted
    place: int
    card: Card
    locale: str
    reader: str | None = None
    group: str | None = None
    told: tuple[str, ...] = ()
