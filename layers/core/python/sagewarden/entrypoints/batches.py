"""Work through a batch of SQS messages; each fails by itself.

Powertools has this too; importing it imports pydantic and asyncio, a tenth of a second of every
cold start, for what these few lines do.
"""

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from sagewarden.entrypoints.messages import MessageError

type BatchAnswer = dict[str, list[dict[str, str]]]


def each_message(
    event: Mapping[str, Any], handle: Callable[[str], None], logger: Logger, metrics: Metrics
) -> BatchAnswer:
    """Handle the messages of an SQS event in order.

    A message whose handling raises is reported as failed: SQS shows it again later and, after the
    queue's last attempt, moves it to the dead-letter queue. Its reason is in the log.

    Args:
        event: What SQS's event source passes to the function.
        handle: Handles the body of a message.
        logger: For what failed, and why.
        metrics: Counts what failed.

    Returns:
        The partial batch response (``ReportBatchItemFailures``).

    Raises:
        MessageError: It is no SQS event.
    """
    records = event.get("Records")
    if not isinstance(records, list):
        raise MessageError("event.Records: missing; invoke this function from its SQS queue")
    failures = []
    for record in records:
        try:
            handle(record["body"])
        except Exception as error:  # whatever it is, the other messages go on
            attempt = record.get("attributes", {}).get("ApproximateReceiveCount")
            details = {"message_id": record["messageId"], "attempt": attempt, "reason": str(error)}
            logger.exception("message failed", extra=details)
            failures.append({"itemIdentifier": record["messageId"]})
    metrics.add_metric(name="MessagesFailed", unit=MetricUnit.Count, value=len(failures))
    return {"batchItemFailures": failures}
