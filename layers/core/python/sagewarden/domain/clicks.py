"""What somebody asked for with a click, a form or a command: a value that can wait in a queue."""

from dataclasses import dataclass
from datetime import date, datetime

from sagewarden.domain.cards import Click


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a person.

    Attributes:
        click: What they ask for.
        case_id: Of which case.
        user: Who, as Slack identifies them.
        name: Who, as people know them.
        channel: Where they asked.
        at: When (aware).
        until: The last day of an exemption.
        why: Why they want it.
        run: The run that had told them.
    """

    click: Click
    case_id: str
    user: str
    name: str
    channel: str
    at: datetime
    until: date | None = None
    why: str = ""
    run: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command.

    Attributes:
        words: What follows the command's name.
        user: Who typed it, as Slack identifies them.
        name: Who, as people know them.
        channel: Where.
        at: When (aware).
    """

    words: str
    user: str
    name: str
    channel: str
    at: datetime
