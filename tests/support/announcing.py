"""The template's way from the ledger to the bus, the webhook and their dead letters, at work.

Everything is the real template's, but for the function: its handler runs in this process.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.ledger_dynamodb import DynamoDBLedger
from sagewarden.entrypoints.announcing import announce_handler
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.deployment import deploy
from sagewarden_cli.stack.functions import LambdaFunction
from sagewarden_cli.stack.runtime import Invocation
from sagewarden_cli.stack.wiring import Wiring, wired
from tests.support.invocations import Context
from tests.support.templates import template

HOST = "hooks.example.com"
URL = f"https://{HOST}/sagewarden"
KEY = "a-key"
PARTS = ("Ledger", "Announce", "Webhook")
"""How the names of the resources begin that are deployed, but for alarms."""


class NoSleep:
    """Waits for nobody."""

    def sleep(self, _length: object) -> None:
        return


@dataclass
class HandlerRuntime:
    """Runs the real handler in this process, unless it is to crash."""

    context: Context
    handler: Any = field(default_factory=lambda: announce_handler(SystemClock(), NoSleep()))
    events: list[dict[str, Any]] = field(default_factory=list)
    crashes: int = 0

    def invoke(self, _function: LambdaFunction, event: dict[str, Any]) -> Invocation:
        self.events.append(event)
        answer = self.handler(event, self.context)
        if self.crashes:
            self.crashes -= 1
            return Invocation(None, "Runtime.ExitError: killed", "")
        return Invocation(answer, None, "")


@dataclass
class Announcing:
    """What is deployed, and what a subscriber of the bus has got."""

    wiring: Wiring
    runtime: HandlerRuntime
    ledger: DynamoDBLedger

    def heard(self) -> list[dict[str, Any]]:
        """What the subscriber has got since the last look, in order."""
        return [json.loads(body) for body in self.taken("subscriber")]

    def taken(self, queue: str) -> list[str]:
        """The messages of a queue, by its name, taken off it."""
        return [message["Body"] for message in self.messages(queue)]

    def messages(self, queue: str) -> list[dict[str, Any]]:
        sqs = self.wiring.sandbox.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        found: list[dict[str, Any]] = []
        while messages := sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            for message in messages:
                found.append(message)
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    def dead(self, part: str) -> list[dict[str, Any]]:
        """The dead letters of the announcer or of the webhook."""
        return self.messages(f"s-{part}DeadLetters")


@contextmanager
def announcing(
    sandbox: Sandbox, code: Path, monkeypatch: pytest.MonkeyPatch, *, webhook: bool = False
) -> Iterator[Announcing]:
    """Deploy the parts and set them to work, with somebody who subscribes to everything."""
    parameters = _webhook(sandbox) if webhook else {}
    stack = deploy(sandbox, parts(code), name="s", parameters=parameters)
    for name, value in {
        "POWERTOOLS_METRICS_NAMESPACE": "Sagewarden/test",
        "ANNOUNCEMENTS_BUS": stack.resources["AnnouncementsBus"].ref,
        "DEAD_LETTERS_QUEUE": stack.resources["AnnouncerDeadLetters"].ref,
    }.items():
        monkeypatch.setenv(name, value)
    subscribe(sandbox, stack.resources["AnnouncementsBus"].ref)
    ledger = DynamoDBLedger(sandbox.client("dynamodb"), stack.resources["Ledger"].ref)
    runtime = HandlerRuntime(Context())
    with wired(sandbox, stack, runtime) as wiring:  # type: ignore[arg-type]  # a stand-in
        yield Announcing(wiring, runtime, ledger)


def subscribe(sandbox: Sandbox, bus: str, queue: str = "subscriber") -> None:
    """Put a rule on a bus that sends everything of ours to a queue."""
    events, sqs = sandbox.client("events"), sandbox.client("sqs")
    sqs.create_queue(QueueName=queue)
    pattern = json.dumps({"source": ["sagewarden"]})
    events.put_rule(Name=queue, EventBusName=bus, EventPattern=pattern)
    arn = f"arn:aws:sqs:us-east-1:{sandbox.account_id}:{queue}"
    events.put_targets(Rule=queue, EventBusName=bus, Targets=[{"Id": "q", "Arn": arn}])


def parts(code: Path) -> dict[str, Any]:
    """The template's own resources for announcing, with the function as CloudFormation has it."""
    whole = template()
    resources = {
        name: item
        for name, item in whole["Resources"].items()
        if name.startswith(PARTS) and not name.endswith("Alarm")
    }
    properties = resources["AnnouncerFunction"]["Properties"]
    [event] = properties["Events"].values()
    source = dict(event["Properties"])
    resources["AnnouncerFunction"] = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Handler": "app.handler",
            "Role": properties["Role"],
            "Code": {"S3Key": str(code)},
            "LoggingConfig": properties["LoggingConfig"],
            "Environment": properties["Environment"],
        },
    }
    resources["Mapping"] = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            **source,
            "EventSourceArn": source.pop("Stream"),
            "FunctionName": {"Ref": "AnnouncerFunction"},
        },
    }
    kept = ("Parameters", "Conditions")
    return {**{name: whole[name] for name in kept}, "Resources": resources}


def _webhook(sandbox: Sandbox) -> Mapping[str, str]:
    made = sandbox.client("secretsmanager").create_secret(
        Name="webhook", SecretString=json.dumps({"api_key": KEY})
    )
    return {"WebhookUrl": URL, "WebhookSecret": made["ARN"]}
