"""What AWS Lambda passes to a function."""

import json
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.entrypoints.metering import Meter

ACCOUNT = "123456789012"
REGION = "us-east-1"


class Context(LambdaContext):
    """The context of an invocation in the sandbox's own account.

    Args:
        arn: The function's ARN.
        seconds: What remains of the invocation.
    """

    def __init__(
        self,
        arn: str = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:a-function",
        seconds: float = 0.0,
    ) -> None:
        self._seconds = seconds
        self._function_name = "a-function"
        self._function_version = "$LATEST"
        self._invoked_function_arn = arn
        self._memory_limit_in_mb = 512
        self._aws_request_id = "8c1d4ee0-0000-4000-8000-000000000001"

    def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]  # theirs is static
        return int(self._seconds * 1000)


class AFunction:
    """What a function of ours speaks with."""

    def __init__(self, service: str) -> None:
        self.logger = Logger(service=service)
        self.metrics = Metrics(namespace="x", service=service)
        self.meter = Meter(self.logger, self.metrics)


def a_request(**changes: object) -> str:
    """The body of a message that asks the notebook hours bot for a sweep at home."""
    content: dict[str, object] = {
        "version": 1,
        "bot": "notebook_hours",
        "account": ACCOUNT,
        "region": REGION,
        "run": "a-run",
    }
    return json.dumps({**content, **changes})


def an_sqs_event(*bodies: str) -> dict[str, Any]:
    """Messages as SQS's event source passes them: ``message-1``, ``message-2``, ..."""
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": "a-handle",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:a-queue",
                "awsRegion": REGION,
            }
            for number, body in enumerate(bodies, 1)
        ]
    }


def failed(answer: Mapping[str, Any]) -> list[str]:
    """The ids of the messages that a partial batch response reports."""
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]
