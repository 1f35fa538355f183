"""The queues of the stack as CloudFormation makes them, in the emulated AWS."""

import json
from dataclasses import dataclass, field
from typing import Any

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.sqs_queues import SqsQueues
from sagewarden_cli.sandbox import Sandbox
from tests.support.templates import template


@dataclass
class Queues:
    """The queues of the real template, deployed.

    Attributes:
        sandbox: Where.
        urls: Their URLs, by logical id.
    """

    sandbox: Sandbox
    urls: dict[str, str] = field(default_factory=dict)

    @property
    def sqs(self) -> Any:
        return self.sandbox.client("sqs")

    def die(self, bot: str, *bodies: str) -> None:
        """Let messages of a bot's queue fail three times, so that SQS moves them."""
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.urls[f"{bot}Queue"], MessageBody=body)
        while self.waiting(f"{bot}Queue"):
            pass  # each look is an attempt; the fourth finds nothing, and moves the message

    def set_aside(self, bot: str, body: str, reason: str) -> None:
        """Let a bot set a message aside."""
        now = SystemClock().now()
        SqsQueues(self.sqs).set_aside(self.urls[f"{bot}DeadLetters"], body, reason, now)

    def lose_wake_up(self, body: str, of: str = "Dispatcher", **attributes: str) -> None:
        """Let a wake-up end in the dead-letter queue of the dispatcher, or of another function."""
        self.sqs.send_message(
            QueueUrl=self.urls[f"{of}DeadLetters"],
            MessageBody=body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in attributes.items()
            },
        )

    def waiting(self, queue: str) -> list[str]:
        """What is in a queue, by its logical id, and can be received."""
        answer = self.sqs.receive_message(
            QueueUrl=self.urls[queue], MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [message["Body"] for message in answer.get("Messages", ())]


def deploy_queues(sandbox: Sandbox, stack: str = "sagewarden", *, slack: bool = False) -> Queues:
    """Deploy the queues and the outputs of the template that name them, those for Slack too or not.

    CloudFormation ends the names of FIFO queues as SQS asks; moto's does not.
    """
    whole = template()
    resources = {
        name: _named(item, f"{stack}-{name}.fifo")
        for name, item in whole["Resources"].items()
        if item["Type"] == "AWS::SQS::Queue" and (slack or "Condition" not in item)
    }
    outputs = {
        name: {"Value": item["Value"]}
        for name, item in whole["Outputs"].items()
        if name.endswith("DeadLettersUrl") and (slack or "Condition" not in item)
    }
    body = {"Resources": _with_pairs(resources), "Outputs": outputs}
    cloudformation = sandbox.client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps(body))
    made = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    return Queues(sandbox, {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in made})


def _named(queue: Any, name: str) -> Any:
    """A queue without its condition, and with a name where it is a FIFO queue."""
    properties = queue["Properties"]
    if properties.get("FifoQueue"):
        properties = {**properties, "QueueName": name}
    return {"Type": queue["Type"], "Properties": properties}


def _with_pairs(value: Any) -> Any:
    """The template with ``GetAtt`` as JSON wants it: a pair, not a text with a dot."""
    if isinstance(value, list):
        return [_with_pairs(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: item.split(".") if key == "Fn::GetAtt" else _with_pairs(item)
        for key, item in value.items()
    }
