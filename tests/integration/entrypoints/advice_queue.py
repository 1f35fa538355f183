"""What Lambda does for the advisor: wake it, and bring it the messages of its queue."""

from collections.abc import Iterator
from typing import Any

from sagewarden_cli.sandbox import Sandbox
from tests.integration.entrypoints.conftest import Stack
from tests.integration.entrypoints.weekly import WAKE_UP
from tests.support.invocations import an_sqs_event, failed

type Message = dict[str, Any]


def wake(stack: Stack) -> int:
    """Wake a cold advisor; how many messages it sent."""
    answer = stack.advisor()(WAKE_UP)
    assert isinstance(answer, dict)
    return int(answer["messages"])


def work_off(stack: Stack) -> list[str]:
    """Bring a cold advisor each message that is visible; the bodies of those that it leaves."""
    queue, sqs = stack.queues["advisor"], stack.sandbox.client("sqs")
    left = []
    for message in _received(stack.sandbox, queue):
        if bring(stack, message):
            left.append(message["Body"])
        else:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return left


def bring(stack: Stack, message: Message) -> bool:
    """Bring a cold advisor a message, which stays on its queue; whether it would be left there."""
    event = an_sqs_event(message["Body"])
    event["Records"][0]["receiptHandle"] = message["ReceiptHandle"]
    return bool(failed(stack.advisor()(event)))


def advise(stack: Stack) -> int:
    """Wake a cold advisor and let it work; how many messages the wake-up sent."""
    sent = wake(stack)
    work_off(stack)
    return sent


def _received(sandbox: Sandbox, queue: str) -> Iterator[Message]:
    """One message after another, as long as one is visible: each is then hidden from others."""
    sqs = sandbox.client("sqs")
    while found := sqs.receive_message(QueueUrl=queue, AttributeNames=["All"]).get("Messages"):
        yield from found
