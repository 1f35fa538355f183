"""What the stack has more where owners are told in Slack: queues, a secret, four functions."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from sagewarden.entrypoints.interacting import interact_handler
from sagewarden.entrypoints.notifying import notify_handler
from sagewarden.entrypoints.responding import respond_handler
from sagewarden.entrypoints.restoring import restore_handler
from sagewarden_cli.slack import Acknowledgement, LocalSlack, SignedRequest
from sagewarden_cli.slack.delivery import signed
from tests.integration.entrypoints.conftest import POLICY, Stack
from tests.support.invocations import REGION, Context, an_sqs_event
from tests.support.url_events import a_url_event

type Json = dict[str, Any]

WARNING_TIME = datetime(2026, 11, 18, 17, 30, tzinfo=UTC)
"""Half an hour before Wednesday's closing."""
OWNERS = 'owners: {fallback_channel: "#ml-costs", approvers: ["@ml-platform"]}\n'


@dataclass
class SlackStack:
    """The stack with Slack, as its functions see it.

    Attributes:
        stack: The stack.
        slack: The workspace.
        notices: The URL of the notices' queue.
        clicks: The URL of the clicks' queue.
        restores: The URL of the queue of clicks on Restore.
        slept: How long the notifier waited, each time.
        wake_up: What happens while it waits.
    """

    stack: Stack
    slack: LocalSlack
    notices: str
    clicks: str
    restores: str
    slept: list[timedelta] = field(default_factory=list)
    wake_up: Callable[[], object] = lambda: None

    def sleep(self, length: timedelta) -> None:
        """Wait on the sandbox's clock."""
        self.slept.append(length)
        self.stack.after(length)
        self.wake_up()

    def parcels(self) -> list[str]:
        """What waits for the notifier, taken off its queue."""
        return self.stack.taken(self.notices)

    def notify(self, *bodies: str, attempt: int = 1, seconds: float = 50.0) -> Json:
        """Let a cold notifier deliver parcels."""
        event = an_sqs_event(*bodies)
        for record in event["Records"]:
            record["attributes"]["ApproximateReceiveCount"] = str(attempt)
        return notify_handler(self.stack.clock, self)(event, Context(seconds=seconds))

    def interact(self, request: SignedRequest) -> Acknowledgement:
        """Let the interactions' function answer a request of Slack's."""
        answer = self.call(a_url_event(request))
        return Acknowledgement(answer["statusCode"], answer["body"])

    def call(self, event: Json) -> Json:
        """Let a cold interactions' function answer whatever comes to its URL."""
        return interact_handler(self.stack.clock)(event, Context())

    def sign(self, **fields: str) -> SignedRequest:
        """A form that Slack signs now."""
        return signed(urlencode(fields).encode(), self.slack.signing_secret, self.stack.clock)

    def respond(self, *bodies: str) -> Json:
        """Let a cold responder answer what waits for it, or given messages."""
        waiting = bodies or self.stack.taken(self.clicks)
        return respond_handler(self.stack.clock)(an_sqs_event(*waiting), Context())

    def restore(self) -> Json:
        """Let a cold restorer take up what waits for it; what AWS is at comes back to its queue."""
        sqs = self.stack.sandbox.client("sqs")
        received = sqs.receive_message(QueueUrl=self.restores, AttributeNames=["All"])["Messages"]
        event = an_sqs_event(*(message["Body"] for message in received))
        for record, message in zip(event["Records"], received, strict=True):
            record["receiptHandle"] = message["ReceiptHandle"]
        answer: Json = restore_handler(self.stack.clock)(event, Context())
        if not answer["batchItemFailures"]:
            for message in received:
                sqs.delete_message(QueueUrl=self.restores, ReceiptHandle=message["ReceiptHandle"])
        return answer


@contextmanager
def talking_stack(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackStack]:
    """A stack with Slack, and Tom's notebook that runs on Wednesday afternoon."""
    with LocalSlack(stack.clock) as slack:
        slack.add_user("tom", email="tom@example.com")
        slack.add_user("ops", email="ops@example.com")
        slack.add_channel("ml-costs", ["tom", "ops"])
        slack.add_group("ml-platform", ["ops"])
        stack.policy(POLICY + OWNERS)
        owner = {"Owner": "tom@example.com"}
        fleet = stack.sandbox.sagemaker(region=REGION)
        fleet.add_notebook_instance("nb", status="InService", tags=owner)
        talking = add_slack(stack, slack, monkeypatch)
        slack.request_url = talking.interact
        stack.at(WARNING_TIME)
        yield talking


def add_slack(stack: Stack, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch) -> SlackStack:
    """Add the queues and the secret to a stack, and tell its functions."""
    sqs, secrets = stack.sandbox.client("sqs"), stack.sandbox.client("secretsmanager")
    fifo: Mapping[str, str] = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    notices = sqs.create_queue(QueueName="notices.fifo", Attributes=fifo)["QueueUrl"]
    dead = sqs.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    clicks = sqs.create_queue(QueueName="clicks")["QueueUrl"]
    restores = sqs.create_queue(QueueName="restores")["QueueUrl"]
    content = {"bot_token": slack.token, "signing_secret": ["an older one", slack.signing_secret]}
    secret = secrets.create_secret(Name="slack", SecretString=json.dumps(content))["ARN"]
    stack.dead_letters = dead
    for name, value in {
        "NOTICES_QUEUE": notices,
        "CLICKS_QUEUE": clicks,
        "RESTORES_QUEUE": restores,
        "DEAD_LETTERS_QUEUE": dead,
        "SLACK_SECRET": secret,
        "SLACK_API_URL": slack.url,
    }.items():
        monkeypatch.setenv(name, value)
    return SlackStack(stack, slack, notices, clicks, restores)
