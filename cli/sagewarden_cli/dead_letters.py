"""What lies in a dead-letter queue: read without deleting, with what is known of each message."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sagewarden.adapters.click_records import ClickFormatError, read_click
from sagewarden.adapters.errors import AWS_ERRORS, why
from sagewarden.adapters.sqs_queues import REASON
from sagewarden.entrypoints.messages import (
    MessageError,
    read_advice_message,
    read_sweep_request,
    read_wake_up,
    read_weekly,
)
from sagewarden.entrypoints.notices import read_notice
from sagewarden_cli.stack_queues import DeadLetterQueue

HELD_FOR = 300
"""Seconds for which a message that was read is not shown to others, unless it is given back."""

MOST = 1000
"""How many messages of a queue are read in one run."""

_PAGE = 10
"""The most messages that ReceiveMessage answers (its API reference)."""

_PATIENCE = 3
"""How many empty answers in a row are believed, where SQS says that more is there."""

_REASONS = (REASON, "ErrorMessage", "ERROR_MESSAGE")
"""Attributes with a reason: of a bot's function, of Lambda (asynchronous invocations), and of
EventBridge Scheduler."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message in a dead-letter queue.

    Attributes:
        message_id: Its id, which SQS keeps when its redrive policy moves it: the log has it.
        body: Its text, as it came.
        sent_at: When it was sent (aware): to the bot's queue, or, when set aside, to this one.
        received: How often it was handed out: the bot's attempts, and every look at it since.
        bot: The bot it names, if it can be read.
        account: The account it names, if it can be read.
        region: The region it names, if it can be read.
        reason: Why it is here; None where only the log says.
        poison: Whether its bot refused it, or would: it cannot be read.
        handle: With which it is deleted or given back.
        line: Whose order it kept, where queues have one.
    """

    message_id: str
    body: str
    sent_at: datetime
    received: int
    bot: str | None
    account: str | None
    region: str | None
    reason: str | None
    poison: bool
    handle: str
    line: str | None = None


class Letterbox:
    """A dead-letter queue and what was read of it; nobody else is shown that for a while.

    Args:
        sqs: An SQS client.
        queue: The queue.

    Attributes:
        sqs: The client.
        queue: The queue.
        letters: What was read, and neither deleted nor given back.
        more: How many messages seem to be there beyond those: too many, or shown to others.
        problem: Why the queue could not be read to its end, if it could not.
    """

    def __init__(self, sqs: Any, queue: DeadLetterQueue) -> None:  # noqa: ANN401 - an SQS client
        self.sqs = sqs
        self.queue = queue
        self.letters: dict[str, DeadLetter] = {}
        self.more = 0
        self.problem: str | None = None

    def look(self, most: int = MOST) -> None:
        """Read everything, up to a number of messages; what keeps from it is the problem."""
        try:
            visible, hidden = self._told()
            self._read(visible, most)
        except AWS_ERRORS as error:
            self.problem = why(error)
        else:
            self.more = max(visible + hidden - len(self.letters), 0)

    def delete(self, letter: DeadLetter) -> None:
        """Delete a message for good.

        Raises:
            ClientError: SQS refused.
        """
        self.sqs.delete_message(QueueUrl=self.queue.url, ReceiptHandle=letter.handle)
        del self.letters[letter.message_id]

    def give_back(self) -> str | None:
        """Show what was read to others again; why that failed, if it did: then in five minutes."""
        held = list(self.letters.values())
        try:
            for start in range(0, len(held), _PAGE):
                self.sqs.change_message_visibility_batch(
                    QueueUrl=self.queue.url,
                    Entries=[
                        {"Id": str(index), "ReceiptHandle": letter.handle, "VisibilityTimeout": 0}
                        for index, letter in enumerate(held[start : start + _PAGE])
                    ],
                )
        except AWS_ERRORS as error:
            return why(error)
        return None

    def _told(self) -> tuple[int, int]:
        """How many messages SQS says there are: visible ones, and ones shown to others."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.queue.url, AttributeNames=names)
        visible, hidden = (int(answer["Attributes"][name]) for name in names)
        return visible, hidden

    def _read(self, told: int, most: int) -> None:
        patience = _PATIENCE
        for _ in range(2 * most // _PAGE):  # twice what it takes: SQS may answer with few
            missing = len(self.letters) < told
            answer = self.sqs.receive_message(
                QueueUrl=self.queue.url,
                MaxNumberOfMessages=_PAGE,
                VisibilityTimeout=HELD_FOR,
                # A long poll asks all of SQS's servers; a short one only some of them.
                WaitTimeSeconds=int(missing),
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            found = answer.get("Messages", ())
            self.letters |= {item["MessageId"]: _letter(self.queue.bot, item) for item in found}
            patience = _PATIENCE if found else patience - 1
            if len(self.letters) >= most or not (found or (missing and patience)):
                return


def is_of_advisors_queue(body: str) -> bool:
    """Whether a message came from the advisor's own queue: wake-ups name no week."""
    return _text(_content(body), "monday") is not None


def _letter(queue: str, message: Mapping[str, Any]) -> DeadLetter:
    system = message["Attributes"]
    attributes = message.get("MessageAttributes", {})
    reasons = (attributes.get(name, {}).get("StringValue") for name in _REASONS)
    body = message["Body"]
    content = _content(body)
    fault = None if REASON in attributes else _fault(queue, body, content)
    return DeadLetter(
        message_id=message["MessageId"],
        body=body,
        sent_at=datetime.fromtimestamp(int(system["SentTimestamp"]) / 1000, UTC),
        received=int(system["ApproximateReceiveCount"]),
        bot=_text(content, "bot"),
        account=_text(content, "account"),
        region=_text(content, "region"),
        reason=next(filter(None, reasons), fault or _given_up(content)),
        poison=REASON in attributes or fault is not None,
        handle=message["ReceiptHandle"],
        line=system.get("MessageGroupId"),
    )


def _content(body: str) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _text(content: object, name: str) -> str | None:
    value = content.get(name) if isinstance(content, dict) else None
    return value if isinstance(value, str) else None


def _given_up(content: object) -> str | None:
    """Why Lambda went on in a stream without some records."""
    context = content.get("requestContext") if isinstance(content, dict) else None
    return _text(context, "condition")


def _fault(queue: str, body: str, content: object) -> str | None:
    """Why no function of this version could read a message; None when one could."""
    if isinstance(content, dict) and "detail-type" in content:
        return None  # an event, which its bot judges by itself
    try:
        match queue:
            case DeadLetterQueue.DISPATCHER:
                read_wake_up(content)
            case DeadLetterQueue.NOTIFIER:
                read_notice(content)
            case DeadLetterQueue.ADVISOR if is_of_advisors_queue(body):
                read_advice_message(body)
            case DeadLetterQueue.REPORTER | DeadLetterQueue.ADVISOR:
                read_weekly(content)
            case DeadLetterQueue.RESPONDER | DeadLetterQueue.RESTORER:
                read_click(body)
            case DeadLetterQueue.ANNOUNCER | DeadLetterQueue.WEBHOOK:
                pass  # what Lambda and EventBridge write, no message of ours
            case _:
                read_sweep_request(body)
    except (MessageError, ClickFormatError) as error:
        return str(error)
    return None
