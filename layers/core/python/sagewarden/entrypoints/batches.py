"""Work through a batch of SQS messages; each fails by itself.

Powertools has this too; importing it imports pydantic and asyncio, a tenth of a second of every
cold start, for what these few lines do.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from sagewarden.entrypoints.messages import MessageError
from sagewarden.entrypoints.metering import Metered

type BatchAnswer = dict[str, list[dict[str, str]]]

type SetAside = Callable[[str, str], None]
"""Puts a message's body on the dead-letter queue, with the reason."""

type ShowAgain = Callable[[str, timedelta], None]
"""Lets a queue show the message of a receipt handle again after a while."""


class LaterError(Exception):
    """A message cannot be handled for now, and nothing is wrong with it: it is tried again.

    Attributes:
        after: When, where that is not left to its queue.
    """

    def __init__(self, why: str, after: timedelta | None = None) -> None:
        super().__init__(why)
        self.after = after


class NotSetAsideError(Exception):
    """A message that can never succeed could not be put on the dead-letter queue either."""


def each_message(
    event: Mapping[str, Any],
    handle: Callable[[str, int], None],
    set_aside: SetAside,
    function: Metered,
    show_again: ShowAgain | None = None,
) -> BatchAnswer:
    """Handle the messages of an SQS event in order.

    A message that is not what it should be can never succeed: it is set aside at once, with its
    reason, and counts as done. One whose handling fails otherwise is reported as failed: SQS shows
    it again later and, after the queue's last attempt, moves it to the dead-letter queue; SQS adds
    no reason to it, so that one is in the log. What cannot be set aside is reported as failed too.
    One that only has to wait is left to SQS in the same way, and counts as nothing that failed.

    Args:
        event: What SQS's event source passes to the function.
        handle: Handles the body of a message, at its first, second, ... attempt; a MessageError
            says that it can never succeed, a LaterError that it has to wait.
        set_aside: Where such messages go.
        function: Whose log says what failed or was set aside, and why, whose metrics count both,
            and whose meter says what each message costs.
        show_again: Puts off what says when it is to come again.

    Returns:
        The partial batch response (``ReportBatchItemFailures``).

    Raises:
        MessageError: It is no SQS event.
    """
    records = event.get("Records")
    if not isinstance(records, list):
        raise MessageError("event.Records: missing; invoke this function from its SQS queue")
    logger, metrics, meter = function.logger, function.metrics, function.meter
    meter.receives(len(records))
    left = []
    waiting = poisonous = 0
    for record in records:
        try:
            if poison := _poison(record, handle, set_aside):
                logger.error("message set aside", extra=_details(record, poison))
                poisonous += 1
        except LaterError as later:
            logger.warning("message waits", extra=_details(record, later))
            if show_again is not None and later.after is not None:
                show_again(record["receiptHandle"], later.after)
            left.append({"itemIdentifier": record["messageId"]})
            waiting += 1
        except Exception as error:  # whatever it is, the other messages go on
            logger.exception("message failed", extra=_details(record, error))
            left.append({"itemIdentifier": record["messageId"]})
        finally:
            meter.tell()
    failed = len(left) - waiting
    metrics.add_metric(name="MessagesFailed", unit=MetricUnit.Count, value=failed)
    metrics.add_metric(name="MessagesSetAside", unit=MetricUnit.Count, value=poisonous)
    return {"batchItemFailures": left}


def _poison(
    record: Mapping[str, Any], handle: Callable[[str, int], None], set_aside: SetAside
) -> MessageError | None:
    """Handle a message; why it was set aside, if it was."""
    body = record["body"]
    try:
        handle(body, int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)))
    except MessageError as poison:
        try:
            set_aside(body, str(poison))
        except Exception as error:
            raise NotSetAsideError(f"{poison}; it could not be set aside: {error}") from error
        return poison
    return None


def _details(record: Mapping[str, Any], error: Exception) -> dict[str, Any]:
    attempt = record.get("attributes", {}).get("ApproximateReceiveCount")
    return {"message_id": record["messageId"], "attempt": attempt, "reason": str(error)}
