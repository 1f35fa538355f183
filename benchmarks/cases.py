"""What is measured: every function of the built template, and what it is compared with."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.emulator import Case
from benchmarks.services import actions_of, clients_for
from sagewarden.bots import BOTS, Bot
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.building import build
from sagewarden_cli.stack.deployment import deploy
from sagewarden_cli.stack.functions import LambdaFunction, functions_of
from sagewarden_cli.stack.toolchain import Toolchain

_HANDLERS = Path(__file__).with_name("handlers")
_ARCHIVE = (
    "import sys; from c7n.mu import custodian_archive; archive = custodian_archive().close(); "
    "archive.get_reader().extractall(sys.argv[1])"
)


_SLACK_SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:benchmark-AbCdEf"  # noqa: S105 - the name of one


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The least that does what a function cannot do without, and what wires the function.

    Attributes:
        handler: The handler that it is compared with.
        actions: What the function asks of AWS, as IAM calls it.
        event: Its first invocation, which wires it and has nothing to do.
    """

    handler: str
    actions: tuple[str, ...]
    event: Mapping[str, object]


_SLACK_ACTIONS = ("dynamodb:GetItem", "secretsmanager:GetSecretValue", "sqs:SendMessage")
_OTHERS: Mapping[str, Counterpart] = {
    "DispatcherFunction": Counterpart(
        "bare_dispatcher.handler", ("sqs:SendMessage",), {"version": 1, "bot": BOTS[0].name}
    ),
    "ReporterFunction": Counterpart(
        "bare_dispatcher.handler", ("dynamodb:Query", "sns:Publish"), {"version": 1}
    ),
    "AdvisorFunction": Counterpart(
        "bare_dispatcher.handler",
        (
            *("dynamodb:Query", "sns:Publish", "sagemaker:ListEndpoints", "tag:GetResources"),
            *("cloudwatch:GetMetricData", "servicequotas:ListServiceQuotas"),
            *("application-autoscaling:DescribeScalableTargets", "ecs:ListClusters"),
        ),
        {"version": 1},
    ),
    "AnnouncerFunction": Counterpart(
        "bare_dispatcher.handler", ("events:PutEvents",), {"Records": []}
    ),
    "NotifierFunction": Counterpart("bare_slack.handler", _SLACK_ACTIONS, {"Records": []}),
    "ResponderFunction": Counterpart("bare_slack.handler", _SLACK_ACTIONS, {"Records": []}),
    "RestorerFunction": Counterpart("bare_slack.handler", _SLACK_ACTIONS, {"Records": []}),
    "InteractionsFunction": Counterpart(
        "bare_dispatcher.handler",
        _SLACK_ACTIONS[1:],
        {"requestContext": {"http": {"method": "GET"}}},
    ),
}
"""The functions that are no bots."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A function, and the least that a function with its clients takes.

    Attributes:
        clients: The boto3 names of its clients.
        deployed: As it is deployed; its clients are made by its first invocation.
        ready: The same, made to do all of that on import.
        bare: boto3 with the same clients, on import.
    """

    clients: tuple[str, ...]
    deployed: Case
    ready: Case
    bare: Case


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is measured, in turn.

    Attributes:
        empty: A handler that does nothing.
        comparisons: One per function of the template.
        custodian: Cloud Custodian's handler, imported only, and with its policy loaded.
    """

    empty: Case
    comparisons: tuple[Comparison, ...]
    custodian: tuple[Case, Case]

    def cases(self) -> Iterator[Case]:
        """All cases, those that are compared next to each other."""
        yield self.empty
        for one in self.comparisons:
            yield from (one.deployed, one.ready, one.bare)
        yield from self.custodian


def prepare(tools: Toolchain, work: Path) -> Plan:
    """Build the template, find its functions and lay out what they are compared with.

    Modules are compiled beforehand, except those of the template: they are measured as built.

    Args:
        tools: The tool environments.
        work: A folder for all of it.
    """
    handlers = work / "handlers"
    shutil.copytree(_HANDLERS, handlers, dirs_exist_ok=True)
    custodian = _custodian_archive(tools, work / "custodian")
    _compile(tools, handlers, custodian, tools.root / ".tools/ric/lib")
    comparisons = (_comparison(one, handlers) for one in _functions(tools, work / "stack"))
    imported, loaded = (
        Case(name, f"{module}.run", (handlers, custodian))
        for name, module in (
            ("Cloud Custodian, imported", "custodian_policy"),
            ("Cloud Custodian, policy loaded", "custodian_ready"),
        )
    )
    empty = Case("empty handler", "empty.handler", (handlers,))
    return Plan(empty, tuple(comparisons), (imported, loaded))


def _functions(tools: Toolchain, work: Path) -> list[LambdaFunction]:
    """The functions of the built template with their real environments, in the template's order.

    Those that come with Slack are taken from a stack that has it, the others from one that has not.
    """
    built = build(tools, tools.root / "template.yaml", work)
    found: dict[str, LambdaFunction] = {}
    for parameters in ({}, {"SlackSecret": _SLACK_SECRET}):
        with Sandbox() as sandbox:
            stack = deploy(sandbox, built.template, name="benchmark", parameters=parameters)
            for one in functions_of(stack, {"POLICY_FILE": "/opt/governance.yaml"}).values():
                found.setdefault(one.code.name, one)
    return list(found.values())


def _comparison(function: LambdaFunction, handlers: Path) -> Comparison:
    name = function.code.name
    bot = next((bot for bot in BOTS if name == f"{bot.logical_id}Function"), None)
    other = _counterpart(bot) if bot else _OTHERS[name]
    clients = clients_for(other.actions)
    wanted = {"BENCHMARK_CLIENTS": ",".join(clients)}
    first = {**function.environment, **wanted, "BENCHMARK_EVENT": json.dumps(other.event)}
    return Comparison(
        clients,
        deployed=Case(name, function.handler, function.python_path, function.environment),
        ready=Case(f"{name}, ready", "ready.handler", (*function.python_path, handlers), first),
        bare=Case(f"bare {name}", other.handler, (handlers, *function.python_path[1:]), wanted),
    )


def _counterpart(bot: Bot) -> Counterpart:
    """A bot's: its first invocation is a batch with one message, a sweep of its own account."""
    target = {"account": "123456789012", "region": "us-east-1"}
    body = json.dumps({"version": 1, "bot": bot.name, **target, "run": "benchmark"})
    event = {"Records": [{"messageId": "1", "body": body}]}
    return Counterpart("bare_clients.handler", actions_of(bot), event)


def _custodian_archive(tools: Toolchain, into: Path) -> Path:
    """What Cloud Custodian puts into a function, as its own packer writes it."""
    python = tools.root / ".tools/c7n/bin/python"
    command = [str(python), "-c", _ARCHIVE, str(into)]
    subprocess.run(command, check=True)  # noqa: S603 - our own tool, by its path
    return into


def _compile(tools: Toolchain, *places: Path) -> None:
    command = [str(tools.runtime_python), "-m", "compileall", "-q", *map(str, places)]
    subprocess.run(command, check=True)  # noqa: S603 - our own tool, by its path
