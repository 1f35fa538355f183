"""The stack's queue, topic and ledger in the sandbox, and its functions on the sandbox's clock."""

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sagewarden.adapters.ledger_dynamodb import DynamoDBLedger, create_table
from sagewarden.adapters.manifest_archive import ManifestArchive
from sagewarden.application.ports import Clock
from sagewarden.bootstrap import compile_policy_file
from sagewarden.bots import BOTS
from sagewarden.entrypoints.advising import advise_handler
from sagewarden.entrypoints.announcing import announce_handler
from sagewarden.entrypoints.digesting import report_handler
from sagewarden.entrypoints.dispatching import dispatch_handler
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.handlers import bot_handler
from tests.support.invocations import ACCOUNT, REGION, Context

SLACK_FUNCTIONS = ("notifier", "interactions", "responder", "restorer")

POLICY = """\
version: 1
mode: enforce
protect: [{tag: DoNotDelete}]
calendars:
  office: {weekdays: mon-fri, from: "09:00", to: "18:00"}
rules:
  - name: notebooks-off-hours
    resources: notebook-instance
    outside: office
    action: stop
    warn: 30m
  - name: idle-endpoints
    resources: endpoint
    idle: {invocations: 0, for: 48h}
    action: delete
    grace: 24h
  - name: owned
    resources: "*"
    require_tags: {Owner: {}}
    action: [tag-owner, notify]
  - name: idle-services
    resources: [mlflow-tracking-server, monitoring-schedule, provisioned-model]
    action: delete
  - name: small
    resources: [notebook-instance, endpoint]
    deny_instance_types: ["ml.p4*", ml.m5.large]
    action: [stop, delete]
  - name: warm
    resources: serverless-endpoint
    provisioned_concurrency: {strategy: target-tracking, bounds: [1, 5]}
  - name: gpus-off-hours
    resources: node-group
    outside: office
    cluster_autoscaler: absent
  - name: stuck
    resources: processing-job
    idle: {gpu_below: 5, for: 30m}
"""


@dataclass
class Stack:
    """A deployed stack, as its functions see it."""

    sandbox: Sandbox
    clock: Clock
    policy_file: Path
    queues: dict[str, str]
    topic: str
    mailbox: str
    dead_letters: str
    ledger: DynamoDBLedger

    def policy(self, text: str) -> None:
        """Deploy a policy; functions made from now on read it."""
        self.policy_file.write_text(text, encoding="utf-8")
        compiled = compile_policy_file(self.policy_file, range(2026, 2028))
        self.policy_file.with_suffix(".json").write_text(compiled, encoding="utf-8")

    def bot(self, name: str) -> Callable[[dict[str, Any]], Any]:
        """A cold bot's function."""
        handler = bot_handler(name, self.clock)
        return lambda event: handler(event, Context())

    def dispatcher(self, seconds: float = 900.0) -> Callable[[dict[str, Any]], Any]:
        """The dispatcher's function, cold, and what remains of its invocation."""
        handler = dispatch_handler(self.clock)
        return lambda event: handler(event, Context(seconds=seconds))

    def reporter(self) -> Callable[[dict[str, Any]], Any]:
        """The reporter's function, cold."""
        handler = report_handler(self.clock)
        return lambda event: handler(event, Context())

    def advisor(self) -> Callable[[dict[str, Any]], Any]:
        """The advisor's function, cold."""
        handler = advise_handler(self.clock)
        return lambda event: handler(event, Context())

    def announcer(self) -> Callable[[dict[str, Any]], Any]:
        """The announcer's function, cold."""
        handler = announce_handler(self.clock)
        return lambda event: handler(event, Context())

    def messages(self, bot: str) -> list[str]:
        """What waits on a bot's queue, taken off it."""
        return self.taken(self.queues[bot])

    def mail(self) -> list[dict[str, str]]:
        """The notices that were published, taken out of the mailbox."""
        return [json.loads(body) for body in self.taken(self.mailbox)]

    def dead(self) -> list[tuple[str, str]]:
        """The dead letters, taken off their queue: each body with the reason it carries."""
        return [
            (message["Body"], message.get("MessageAttributes", {})["Reason"]["StringValue"])
            for message in self._messages(self.dead_letters)
        ]

    def notebook_status(self, name: str, account: str | None = None) -> str:
        """A notebook's state."""
        client = self.sandbox.client("sagemaker", REGION, account)
        answer = client.describe_notebook_instance(NotebookInstanceName=name)
        return str(answer["NotebookInstanceStatus"])

    def at(self, moment: datetime) -> None:
        """Turn the clock forward."""
        self.sandbox.clock.set(moment)

    def after(self, length: timedelta) -> None:
        """Turn the clock forward."""
        self.sandbox.clock.advance(length)

    def taken(self, queue: str) -> list[str]:
        """The bodies of a queue's messages, taken off it."""
        return [message["Body"] for message in self._messages(queue)]

    def _messages(self, queue: str) -> list[dict[str, Any]]:
        client = self.sandbox.client("sqs")
        taken: list[dict[str, Any]] = []
        while found := client.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            for message in found:
                taken.append(message)
                client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return taken


@pytest.fixture(autouse=True)
def fresh_loggers() -> None:
    """Forget the loggers of the test before: they write to its stdout."""
    for name in (
        "dispatcher",
        "reporter",
        "advisor",
        "announcer",
        *SLACK_FUNCTIONS,
        *(bot.name for bot in BOTS),
    ):
        logging.root.manager.loggerDict.pop(name, None)


@pytest.fixture
def stack(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    sandbox.transition_times.set_all(timedelta(0))
    dynamodb, sqs, sns = (sandbox.client(name) for name in ("dynamodb", "sqs", "sns"))
    table = re.sub(r"\W", "-", f"ledger-{tmp_path.name}")
    create_table(dynamodb, table)
    queues = {
        name: sqs.create_queue(QueueName=name)["QueueUrl"]
        for name in (*(bot.name for bot in BOTS), "advisor", "mailbox", "dead_letters")
    }
    topic = sns.create_topic(Name="notices")["TopicArn"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:mailbox"
    )
    file = tmp_path / "governance.yaml"
    for name, value in {
        "POWERTOOLS_METRICS_NAMESPACE": "Sagewarden/test",
        "LEDGER_TABLE": table,
        "ARCHIVE_BUCKET": "archive",
        "NOTICES_TOPIC": topic,
        "DEAD_LETTERS_QUEUE": queues["dead_letters"],
        "NOTICE_TIMEZONE": "Asia/Seoul",
        "SPOKE_ROLE": "sagewarden-spoke",
        "SPOKE_EXTERNAL_ID": "sagewarden",
        "POLICY_FILE": str(file),
        "ANNOUNCEMENTS_BUS": "announcements",
        "ADVISOR_QUEUE": queues["advisor"],
        **{bot.queue_variable: queues[bot.name] for bot in BOTS},
    }.items():
        monkeypatch.setenv(name, value)
    sandbox.client("events").create_event_bus(Name="announcements")
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="archive")
    ledger = DynamoDBLedger(dynamodb, table, ManifestArchive(lambda: s3, "archive"))
    mailbox, dead = queues["mailbox"], queues["dead_letters"]
    stack = Stack(sandbox, sandbox.clock, file, queues, topic, mailbox, dead, ledger)
    stack.policy(POLICY)
    return stack
