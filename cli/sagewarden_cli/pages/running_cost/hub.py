"""The stack's table, topic and queues in a sandbox, and its functions at work in this process."""

import io
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from aws_lambda_powertools import Metrics
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.adapters.ledger_dynamodb import create_table
from sagewarden.bootstrap import compile_policy_file
from sagewarden.bots import BOTS, Bot
from sagewarden.entrypoints.dispatching import dispatch_handler
from sagewarden.entrypoints.messages import VERSION
from sagewarden_cli.pages.running_cost.usage import Usage
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.handlers import bot_handler

HOME = "us-east-1"
EMPTY_REGION = "eu-west-1"
_TABLE = "ledger"
_ARCHIVE = "archive"


class Hub:
    """The functions of a deployed stack, warm, and what each run of them used.

    Args:
        sandbox: Where they work.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._handlers: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self._printed = io.StringIO()
        self.metrics: dict[str, set[str]] = {}
        """The names of the metrics that each function published."""

    def sweep(self, bot: Bot, region: str, moment: datetime) -> Usage:
        """Let a bot sweep a region at a moment.

        Raises:
            RuntimeError: The sweep failed.
        """
        self._sandbox.clock.set(moment)
        target = {"account": self._sandbox.account_id, "region": region}
        body = json.dumps({"version": VERSION, "bot": bot.name, **target, "run": "a-run"})
        record = {"messageId": "a-message", "body": body, "attributes": {}}
        used, answer = self._run(bot.name, {"Records": [record]})
        if answer["batchItemFailures"]:
            raise RuntimeError(f"the sweep of {bot.name} failed: {self._printed.getvalue()}")
        return used

    def dispatch(self, bot: Bot) -> Usage:
        """Wake a bot: one message for each of the policy's targets."""
        used, _ = self._run("dispatcher", {"version": VERSION, "bot": bot.name})
        return used

    def _run(self, function: str, event: dict[str, Any]) -> tuple[Usage, Any]:
        used = Usage()
        self._printed.seek(0)
        self._printed.truncate()
        with redirect_stdout(self._printed), self._sandbox.observers.watching(used.see):
            answer = self._handler(function)(event)
        text = self._printed.getvalue()
        used.log(text)
        self.metrics.setdefault(function, set()).update(_metrics_in(text))
        return used, answer

    def _handler(self, function: str) -> Callable[[dict[str, Any]], Any]:
        if function not in self._handlers:
            logging.root.manager.loggerDict.pop(function, None)  # it may print somewhere else
            context = _Context(function, self._sandbox.account_id)
            if function == "dispatcher":
                dispatch = dispatch_handler()
                self._handlers[function] = lambda event: dispatch(event, context)
            else:
                sweep = bot_handler(function, self._sandbox.clock)
                self._handlers[function] = lambda event: sweep(event, context)
        return self._handlers[function]


@contextmanager
def deployed_hub(sandbox: Sandbox, policy: Path) -> Iterator[Hub]:
    """Set a stack up that acts on a policy, as far as its functions see it.

    Args:
        sandbox: Where.
        policy: The policy; its rules are enforced, in two regions of the sandbox's account.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder) / "governance.yaml"
        content = yaml.safe_load(policy.read_text(encoding="utf-8"))
        content |= {"mode": "enforce", "targets": {"regions": [HOME, EMPTY_REGION]}}
        file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        year = sandbox.clock.now().year
        compiled = compile_policy_file(file, range(year - 1, year + 2))
        file.with_suffix(".json").write_text(compiled, encoding="utf-8")
        with _environment(sandbox.environment(region=HOME) | _settings(sandbox, file)):
            Metrics().clear_metrics()  # all of a process share them: others may have left some
            yield Hub(sandbox)


def _settings(sandbox: Sandbox, policy: Path) -> dict[str, str]:
    """What the template tells its functions, after it was made in the sandbox."""
    sqs, sns = sandbox.client("sqs"), sandbox.client("sns")
    create_table(sandbox.client("dynamodb"), _TABLE)
    sandbox.client("s3").create_bucket(Bucket=_ARCHIVE)
    topic = sns.create_topic(Name="notices")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
    dead = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    queues = {bot.queue_variable: sqs.create_queue(QueueName=bot.name)["QueueUrl"] for bot in BOTS}
    return {
        "POWERTOOLS_METRICS_NAMESPACE": "Sagewarden/sagewarden",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "LEDGER_TABLE": _TABLE,
        "ARCHIVE_BUCKET": _ARCHIVE,
        "NOTICES_TOPIC": topic,
        "DEAD_LETTERS_QUEUE": dead,
        "NOTICE_TIMEZONE": "UTC",
        "SPOKE_ROLE": "sagewarden-spoke",
        "SPOKE_EXTERNAL_ID": "sagewarden",
        "POLICY_FILE": str(policy),
        **queues,
    }


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _metrics_in(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if '"_aws"' in line:
            for directive in json.loads(line)["_aws"]["CloudWatchMetrics"]:
                yield from (metric["Name"] for metric in directive["Metrics"])


class _Context(LambdaContext):
    """What Lambda tells a function of itself."""

    def __init__(self, function: str, account: str) -> None:
        self._function_name = f"sagewarden-{function}"
        self._function_version = "$LATEST"
        self._invoked_function_arn = f"arn:aws:lambda:{HOME}:{account}:function:{function}"
        self._memory_limit_in_mb = 512
        self._aws_request_id = "8c1d4ee0-0000-4000-8000-000000000001"
