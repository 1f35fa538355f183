"""What is told once a week, a digest or advice: each reader gets theirs once."""

from datetime import datetime
from typing import Any, ClassVar, Protocol

from sagewarden.application.ports import Ledger
from sagewarden.domain.audit import BOTS, AuditEntry, Happening


class Letter(Protocol):
    """What one reader is told of one week: a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def run(self) -> str | None:
        """The run that sends it."""
        ...

    @property
    def team(self) -> str | None:
        """Whose it is; None for those who watch over the whole organisation."""
        ...

    @property
    def subject(self) -> str:
        """Under what the audit trail has it, in place of an ARN: the same whenever it is made."""
        ...

    @property
    def line(self) -> str:
        """Behind which others it waits: what Slack will not take of it holds up no warning."""
        ...


class Outbox[Item: Letter](Protocol):
    """Takes letters on their way to their readers."""

    def put(self, letter: Item) -> None:
        """Send a letter on its way.

        Raises:
            ActionFailedError: It was not taken.
        """
        ...


def was_sent(letter: Letter, ledger: Ledger) -> bool:
    """Whether its reader has a letter of the same time.

    Raises:
        UnreadableError: The ledger could not be read.
    """
    return any(entry.what is Happening.REPORTED for entry in ledger.trail(letter.subject))


def note_sent(letter: Letter, ledger: Ledger, at: datetime, **where: str) -> None:
    """Remember that a letter has reached its reader.

    Raises:
        ActionFailedError: The ledger could not be written.
    """
    ledger.note(AuditEntry(at, letter.subject, Happening.REPORTED, BOTS, where))


def publish_once[Item: Letter](
    letter: Item, outbox: Outbox[Item], ledger: Ledger, now: datetime
) -> bool:
    """Send a letter where nobody can look whether it has arrived; whether this run sent it.

    A run that ends between sending and remembering has claimed it: nobody sends it again within
    a quarter of an hour, by when Lambda has given up trying.

    Raises:
        UnreadableError: The ledger could not be read.
        ActionFailedError: It was not taken, or the ledger could not be written.
    """
    claim = f"{letter.subject}:publish"
    if was_sent(letter, ledger) or not ledger.claim(claim, now):
        return False
    try:
        outbox.put(letter)
    except Exception:
        ledger.release(claim, now)
        raise
    note_sent(letter, ledger, now)
    return True
