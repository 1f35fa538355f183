"""``sagewarden doctor --deployed`` on a part of the real template, deployed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.ledger_dynamodb import DynamoDBLedger
from sagewarden.bootstrap import compile_policy_file
from sagewarden.bots import BOTS, Bot
from sagewarden_cli.app import main
from sagewarden_cli.deployed.measured import service_of
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.deployment import Stack
from tests.support.faults import refusing
from tests.support.invocations import REGION
from tests.support.policies import SHIPPED
from tests.support.translated_stack import deploy_part, fill_layer

pytestmark = pytest.mark.aws

MEMBER = "444455556666"
"""With an account beside the stack's own, a part of the rules is on a bus of the stack's."""

type Lines = dict[str, tuple[str, str, str | None]]
"""How each thing is, what was found, and what to do."""

type Deploy = Callable[..., "Site"]


@dataclass
class Site:
    """A deployed stack, and whoever looks at it."""

    sandbox: Sandbox
    stack: Stack
    policy: Path

    def doctor(self, *words: object) -> Result:
        runner = CliRunner(env={"COLUMNS": "200"})
        command = ["doctor", "--deployed", "--policy", self.policy, *words]
        return runner.invoke(main, [*map(str, command)])

    def lines(self) -> Lines:
        document = json.loads(self.doctor("--output", "json").stdout)
        return {
            item["check"]: (item["health"], item["found"], item["fix"])
            for item in document["checks"]
        }

    def measured(
        self, namespace: str, metric: str, dimension: tuple[str, str], value: float
    ) -> None:
        """Let CloudWatch have measured something five minutes ago."""
        then = (SystemClock().now() - timedelta(minutes=5)).replace(second=0, microsecond=0)
        self.sandbox.metrics.load(None, None, namespace, metric, dict([dimension]), [(then, value)])

    def swept(self, bot: str) -> None:
        namespace = f"Sagewarden/{self.stack.name}"
        self.measured(namespace, "SweepsCompleted", ("service", bot), 1.0)

    def physical(self, logical_id: str) -> str:
        return self.stack.resources[logical_id].ref

    def client(self, service: str) -> Any:
        return self.sandbox.client(service)


@pytest.fixture
def deploy(sandbox: Sandbox, tmp_path: Path) -> Deploy:
    sandbox.reset(now=None)

    def make(**parameters: str) -> Site:
        policy = tmp_path / "governance.yaml"
        policy.write_bytes(SHIPPED.read_bytes())
        year = SystemClock().now().year
        compiled = compile_policy_file(policy, range(year, year + 1)).encode()
        stack = deploy_part(sandbox, **parameters)
        files = {"governance.yaml": policy.read_bytes(), "governance.json": compiled}
        fill_layer(sandbox, stack.outputs["PolicyLayerArn"], files)
        return Site(sandbox, stack, policy)

    return make


def test_a_stack_that_is_well_is_told_in_a_line_for_each_of_its_parts(deploy: Deploy) -> None:
    site = deploy(SpokeAccounts=MEMBER, NotificationEmail="mlops@example.com")
    site.swept("guardrails")
    site.sandbox.calls.clear()

    result = site.doctor()

    asked = {call.partition(".")[2] for call in site.sandbox.calls.counts()}
    assert result.exit_code == 0, result.output
    assert "sagewarden in us-east-1: CREATE_COMPLETE" in result.stdout
    assert "2 functions active, no errors in 24 h" in result.stdout
    assert "3 queues without dead letters or backlog, 0 messages waiting" in result.stdout
    assert "1 schedule enabled" in result.stdout
    assert "1 confirmed subscription of the topic" in result.stdout
    assert "4 rules enabled" in result.stdout
    assert "point-in-time recovery is on" in result.stdout
    assert "is closed to the public" in result.stdout
    assert f"layer version 1 is {site.policy}" in result.stdout
    assert "rules: " in result.stdout
    assert "FAIL" not in result.stdout
    assert all(call.startswith(("Describe", "Get", "List")) for call in asked)


def test_what_runs_said_they_cost_is_added_up_over_all_functions(deploy: Deploy) -> None:
    site = deploy(SpokeAccounts=MEMBER)

    before = site.lines()["cost of runs"]
    namespace = f"Sagewarden/{site.stack.name}"
    site.measured(namespace, "RunCost", ("service", "guardrails"), 0.0123)
    site.measured(namespace, "RunCost", ("service", "dispatcher"), 0.0004)

    assert before == ("ok", "no run said what it cost in 24 h", None)
    assert site.lines()["cost of runs"] == (
        "ok", "$0.0127 in 24 h at list price, most of it GuardrailsFunction's", None,
    )  # fmt: skip


@pytest.mark.parametrize("bot", BOTS, ids=lambda bot: bot.name)
def test_a_bots_function_is_known_by_its_logical_id(bot: Bot) -> None:
    assert service_of(f"{bot.logical_id}Function") == bot.name


def test_each_part_that_is_not_well_is_a_line_with_what_to_do(deploy: Deploy) -> None:
    site = deploy(SpokeAccounts=MEMBER)
    known = site.sandbox.deployed()
    known.stacks["sagewarden"].status = "UPDATE_ROLLBACK_FAILED"
    known.functions[site.physical("DispatcherFunction")].state = "Failed"
    known.functions[site.physical("GuardrailsFunction")].layers = ()
    site.measured("AWS/Lambda", "Errors", ("FunctionName", site.physical("GuardrailsFunction")), 3)
    sqs, queue = site.client("sqs"), site.physical("GuardrailsQueue")
    sqs.send_message(QueueUrl=queue, MessageBody="{}")
    sqs.send_message(QueueUrl=site.physical("GuardrailsDeadLetters"), MessageBody="{}")
    name = ("QueueName", queue.rpartition("/")[2])
    site.measured("AWS/SQS", "ApproximateAgeOfOldestMessage", name, 9000)
    cloudwatch = site.client("cloudwatch")
    raised = site.physical("GuardrailsLimitsAlarm")
    cloudwatch.set_alarm_state(AlarmName=raised, StateValue="ALARM", StateReason="limits")
    cloudwatch.disable_alarm_actions(AlarmNames=[site.physical("DispatcherFailingAlarm")])
    cloudwatch.delete_alarms(AlarmNames=[site.physical("GuardrailsSilentAlarm")])
    events = site.client("events")
    events.disable_rule(Name=site.physical("GuardrailsCalls"))
    bus = site.physical("Events")
    events.disable_rule(Name=site.physical("GuardrailsSpokeCalls"), EventBusName=bus)

    lines, result = site.lines(), site.doctor()

    assert result.exit_code == 1
    assert lines["stack"][0] == "fail"
    assert lines["function DispatcherFunction"][:2] == (
        "fail", "Failed, last update Successful: no reason given",
    )  # fmt: skip
    assert lines["function GuardrailsFunction"][:2] == ("warn", "3 errors in 24 h")
    assert lines["queue GuardrailsQueue"] == (
        "fail",
        "1 message waiting, the oldest for 2.5 h, 0 being handled",
        "docs/runbook.md, backlog",
    )
    assert lines["queue GuardrailsDeadLetters"][:2] == ("fail", "1 dead letter")
    assert "sagewarden redrive" in str(lines["queue GuardrailsDeadLetters"][2])
    assert lines["alarm GuardrailsLimitsAlarm"] == (
        "fail",
        "guardrails would have done more than the policy's limits and did nothing",
        "docs/runbook.md, limits",
    )
    assert lines["alarm DispatcherFailingAlarm"][0] == "warn"
    assert lines["rule GuardrailsCalls"][:2] == ("fail", "disabled, and the stack is not")
    assert lines["rule GuardrailsSpokeCalls"][0] == "fail"
    assert lines["rules"][:2] == ("ok", "2 rules enabled")
    assert lines["readers"][:2] == ("fail", "nobody is told, so no grace period begins")
    assert lines["sweeps of guardrails"][:2] == ("fail", "none in 24 h")
    assert lines["sweeps of training"][:2] == ("warn", "the stack has no such bot")


def test_what_is_remembered_is_looked_at_and_a_policy_that_differs_is_told(deploy: Deploy) -> None:
    site = deploy()
    table, bucket = site.stack.outputs["LedgerTable"], site.stack.outputs["ArchiveBucket"]
    dynamodb, s3 = site.client("dynamodb"), site.client("s3")
    dynamodb.update_continuous_backups(
        TableName=table,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )
    DynamoDBLedger(dynamodb, table).halt("incident 42", "mina", SystemClock().now())
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.delete_public_access_block(Bucket=bucket)
    site.policy.write_text(site.policy.read_text(encoding="utf-8") + "# changed\n")

    lines = site.lines()

    assert lines["ledger"][0] == "ok"
    assert lines["ledger backups"][:2] == ("fail", "point-in-time recovery is off")
    assert lines["halt"] == (
        "warn",
        "all acting is halted: incident 42",
        f"sagewarden resume --ledger dynamodb:{table}@{REGION}, when its reason is gone",
    )
    assert lines["archive versions"][:2] == ("fail", f"bucket {bucket}: Suspended")
    assert lines["archive access"][0] == "fail"
    assert lines["policy"][:2] == ("warn", f"layer version 1 differs from {site.policy}")
    assert lines["mode"][0] == "ok"


def test_what_was_deleted_by_hand_fails_and_an_incomplete_layer_too(deploy: Deploy) -> None:
    site = deploy()
    site.client("dynamodb").delete_table(TableName=site.stack.outputs["LedgerTable"])
    site.client("sqs").delete_queue(QueueUrl=site.physical("GuardrailsQueue"))
    site.client("events").remove_targets(Rule=site.physical("GuardrailsCalls"), Ids=["guardrails"])
    site.client("events").delete_rule(Name=site.physical("GuardrailsCalls"))
    fill_layer(
        site.sandbox, site.stack.outputs["PolicyLayerArn"], {"governance.yaml": b"version: 1"}
    )

    lines = site.lines()

    assert [lines[name][0] for name in ("ledger", "ledger backups")] == ["fail", "fail"]
    assert [lines[name][0] for name in ("queue GuardrailsQueue", "rule GuardrailsCalls")] == [
        "fail", "fail",
    ]  # fmt: skip
    assert lines["ledger"][2] == "it was deleted by hand: deploy again"
    assert lines["mode"][:2] == ("fail", "the layer has no compiled policy")


def test_what_may_not_be_read_is_unknown_and_says_which_permission_is_missing(
    deploy: Deploy,
) -> None:
    site = deploy()
    watch = refusing(lambda call: call.service not in {"cloudformation", "s3"})

    with site.sandbox.observers.watching(watch):
        lines, result = site.lines(), site.doctor()

    of_s3 = {"archive versions", "archive access"}
    unknown = {name for name, line in lines.items() if line[0] == "unknown"}
    assert result.exit_code == 1
    assert {"metrics", "alarms", "ledger", "halt", "policy"} <= unknown
    assert set(lines) - unknown == {"stack", "Slack secret", *of_s3}
    assert lines["ledger"][2] == "allow DescribeTable in the IAM policy of your identity"
    assert lines["metrics"][2] == "allow GetMetricData in the IAM policy of your identity"


def test_a_stack_that_was_put_to_sleep_and_a_secret_that_goes_are_told(
    deploy: Deploy, sandbox: Sandbox
) -> None:
    secrets = sandbox.client("secretsmanager")
    arn = secrets.create_secret(Name="slack", SecretString="never shown")["ARN"]
    site = deploy(Schedules="DISABLED", SlackSecret=arn)
    there = site.lines()["Slack secret"]
    secrets.delete_secret(SecretId=arn, RecoveryWindowInDays=7)

    result, lines = site.doctor(), site.lines()

    assert there[:2] == ("ok", "slack is there; its value was not read")
    assert lines["Slack secret"][:2] == ("fail", "it is being deleted")
    assert "never shown" not in result.stdout
    assert lines["schedule GuardrailsSchedule"][:2] == (
        "warn", "disabled, as the stack was deployed",
    )  # fmt: skip
    assert lines["readers"][:2] == ("warn", "alarms reach nobody")
    assert lines["sweeps of guardrails"][0] == "warn"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--stack", "gone"], "there is no stack 'gone' in us-east-1"),
        (["--region", "us-east-1", "--region", "eu-west-1"], "a stack is in one region"),
    ],
)
def test_a_stack_that_is_not_there_is_one_message(
    sandbox: Sandbox, tmp_path: Path, words: list[str], complaint: str
) -> None:
    result = Site(sandbox, Stack("", "", {}, {}), tmp_path / "none.yaml").doctor(*words)

    assert result.exit_code == 1
    assert complaint in result.stderr
