"""Send dead letters back to the queues they came from, or delete them.

SQS can move them by itself (StartMessageMoveTask), but it cannot choose: what can never succeed
would go round again, and what a bot set aside came from no queue that SQS knows of. It also works
on after it has answered, so that a person must ask again whether it is done. Here each message is
sent, and deleted when its queue has accepted it: a run that breaks off loses nothing, and the
message that it broke off at comes twice at worst. That is harmless: no bot does a thing twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sagewarden.adapters.errors import AWS_ERRORS, why
from sagewarden_cli.announcing_again import NotAgainError, OnTheBus
from sagewarden_cli.dead_letters import DeadLetter, Letterbox, is_of_advisors_queue
from sagewarden_cli.stack_queues import DeadLetterQueue

WAKE_UP = "a wake-up is not sent back: the next schedule asks for the same; --discard deletes it"
"""A wake-up is worth its moment only: a night of them, sent back at once, would ask for the same
sweeps a hundred times over, and the next schedule asks for them anyway."""

REPORT = "a wake-up is not sent back: invoke the reporter, which is harmless; --discard deletes it"

ADVICE = "a wake-up is not sent back: invoke the advisor, which is harmless; --discard deletes it"

_KEPT = {
    DeadLetterQueue.DISPATCHER: WAKE_UP,
    DeadLetterQueue.REPORTER: REPORT,
    DeadLetterQueue.ADVISOR: ADVICE,
}
"""Why what came from no queue stays."""

POISON = "its bot refuses it ({}); --include-poison sends it all the same, --discard deletes it"


class SourceError(Exception):
    """It cannot be told where a queue's dead letters came from."""


class Fate(StrEnum):
    """What became of a dead letter."""

    SENT = "SENT"
    DISCARDED = "DISCARDED"
    KEPT = "KEPT"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Settled:
    """A dead letter, and what became of it.

    Attributes:
        queue: The queue that it lay in.
        letter: The dead letter.
        fate: What became of it.
        reason: Why, or how.
    """

    queue: DeadLetterQueue
    letter: DeadLetter
    fate: Fate
    reason: str


NO_BUS = "the stack has no output AnnouncementsBusName: deploy it again"


def send_back(
    box: Letterbox, *, include_poison: bool, bus: OnTheBus | None = None
) -> Iterator[Settled]:
    """Send what was read of a dead-letter queue back to where it came from.

    Args:
        box: The dead-letter queue, read.
        include_poison: Whether to send what its bot refused, too.
        bus: Where announcements go, if the stack has one.
    """
    reasons = {letter: _why_kept(box, letter) for letter in box.letters.values()}
    for letter, kept in reasons.items():
        if kept is not None:
            yield Settled(box.queue, letter, Fate.KEPT, kept)
    letters = tuple(letter for letter, kept in reasons.items() if kept is None)
    if not letters:
        return
    try:
        send = _sender(box, bus)
    except (SourceError, *AWS_ERRORS) as error:
        reason = str(error) if isinstance(error, SourceError) else why(error)
        yield from (Settled(box.queue, letter, Fate.FAILED, reason) for letter in letters)
        return
    for letter in letters:
        if letter.poison and not include_poison:
            yield Settled(box.queue, letter, Fate.KEPT, POISON.format(letter.reason))
        else:
            yield _sent(box, letter, send)


def discard(box: Letterbox) -> Iterator[Settled]:
    """Delete what was read of a dead-letter queue."""
    for letter in tuple(box.letters.values()):
        try:
            box.delete(letter)
        except AWS_ERRORS as error:
            yield Settled(box.queue, letter, Fate.FAILED, f"it was not deleted: {why(error)}")
        else:
            yield Settled(box.queue, letter, Fate.DISCARDED, "deleted")


def _why_kept(box: Letterbox, letter: DeadLetter) -> str | None:
    """Why a message that came from no queue stays; None where it came from one."""
    if box.queue.bot == DeadLetterQueue.ADVISOR and is_of_advisors_queue(letter.body):
        return None
    return _KEPT.get(box.queue.bot)


def _sender(box: Letterbox, bus: OnTheBus | None) -> Callable[[DeadLetter], str]:
    """What sends one message of a dead-letter queue, and says where to."""
    if not box.queue.is_of_announcements:
        source = _source(box)
        return lambda letter: _to_queue(box, letter, source)
    if bus is None:
        raise SourceError(NO_BUS)
    return lambda letter: bus.put(letter.body)


def _source(box: Letterbox) -> str:
    """The URL of the queue whose redrive policy names a dead-letter queue."""
    found: list[str] = box.sqs.list_dead_letter_source_queues(QueueUrl=box.queue.url)["queueUrls"]
    if len(found) != 1:
        raise SourceError(
            f"{box.queue.url} is the dead-letter queue of {len(found)} queues, "
            "and should be of one: deploy the stack again"
        )
    return found[0]


def _to_queue(box: Letterbox, letter: DeadLetter, source: str) -> str:
    """Send one message, without what a bot attached to it: its next reason may be another."""
    line = {"MessageGroupId": letter.line} if letter.line else {}
    box.sqs.send_message(QueueUrl=source, MessageBody=letter.body, **line)
    return f"sent to {source.rpartition('/')[2]}"


def _sent(box: Letterbox, letter: DeadLetter, send: Callable[[DeadLetter], str]) -> Settled:
    """Send one message, and delete it here when it was accepted."""
    try:
        sent = send(letter)
    except NotAgainError as error:
        return Settled(box.queue, letter, Fate.KEPT, str(error))
    except AWS_ERRORS as error:
        return Settled(box.queue, letter, Fate.FAILED, f"it was not accepted: {why(error)}")
    try:
        box.delete(letter)
    except AWS_ERRORS as error:
        reason = f"it was sent, but not deleted here ({why(error)}): it may come twice"
        return Settled(box.queue, letter, Fate.FAILED, reason)
    return Settled(box.queue, letter, Fate.SENT, sent)
