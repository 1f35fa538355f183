"""What a run says it cost is what AWS saw of it."""

import json
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from sagewarden_cli.pages.running_cost.usage import Usage
from tests.integration.conftest import NOW
from tests.integration.entrypoints.conftest import POLICY, Stack
from tests.support.invocations import ACCOUNT, REGION, a_request, an_sqs_event, failed
from tests.support.templates import ROOT

pytestmark = pytest.mark.aws

EVENT = json.loads((ROOT / "events/guardrails/iam_user.json").read_text(encoding="utf-8"))
type Lines = list[dict[str, Any]]


def costs(capsys: pytest.CaptureFixture[str]) -> Lines:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]
    return [line for line in lines if line.get("message") == "run cost"]


def an_idle_fleet(stack: Stack, size: int) -> None:
    """Endpoints that nobody called for longer than the policy's window."""
    fleet, now = stack.sandbox.sagemaker(region=REGION), stack.clock.now()
    for number in range(size):
        fleet.add_endpoint(f"idle-{number}", created_at=NOW - timedelta(days=30))
        stack.sandbox.metrics.load(
            None,
            REGION,
            "AWS/SageMaker",
            "Invocations",
            {"EndpointName": f"idle-{number}", "VariantName": "AllTraffic"},
            [(now - timedelta(hours=back), 0.0) for back in range(60)],
        )


def by_service(calls: Counter[str]) -> dict[str, int]:
    found = Counter[str]()
    for name, number in calls.items():
        found[name.partition(".")[0]] += number
    return dict(found)


OURS = {
    "ApplicationAutoScaling": "application-autoscaling",
    "CloudWatch": "cloudwatch",
    "DynamoDB": "dynamodb",
    "ResourceGroupsTaggingAPI": "resourcegroupstaggingapi",
    "SNS": "sns",
    "SQS": "sqs",
    "SageMaker": "sagemaker",
    "STS": "sts",
}
"""Services as they name themselves, and as the sandbox does."""


def test_a_sweeps_line_has_the_calls_metrics_and_units_that_aws_saw(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    an_idle_fleet(stack, 7)
    sweep, seen = stack.bot("idle_endpoints"), Usage()

    with stack.sandbox.observers.watching(seen.see):
        answer = sweep(an_sqs_event(a_request(bot="idle_endpoints")))

    [line] = costs(capsys)
    assert failed(answer) == []
    assert seen.metrics_requested >= 7
    assert line["metrics_requested"] == seen.metrics_requested
    assert line["dynamodb_write_units"] == seen.write_units > 0
    reads = seen.calls["dynamodb.Query"] + seen.calls["dynamodb.GetItem"]
    assert line["dynamodb_reads"] == reads > 0
    calls = {OURS[service]: number for service, number in line["calls"].items()}
    assert calls == by_service(seen.calls)
    assert line["sqs_requests"] == 2  # received and deleted by Lambda


def test_its_dollars_are_those_amounts_at_list_price(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    an_idle_fleet(stack, 3)

    stack.bot("idle_endpoints")(an_sqs_event(a_request(bot="idle_endpoints")))

    [line] = costs(capsys)
    dollars = {service: Decimal(usd) for service, usd in line["usd_of"].items()}
    pages = line["calls"]["CloudWatch"] - 1  # the other one is GetMetricData
    assert dollars["cloudwatch"] == Decimal("0.00001") * (line["metrics_requested"] + pages)
    assert dollars["sqs"] == Decimal("0.0000008")
    gb_seconds = Decimal(str(line["seconds"])) / 2
    expected = gb_seconds * Decimal("0.0000133334") + Decimal("0.0000002")
    assert dollars["lambda"] == pytest.approx(expected, abs=Decimal("1e-9"))
    assert Decimal(line["usd"]) == pytest.approx(sum(dollars.values()), abs=Decimal("1e-8"))


def test_each_message_of_an_invocation_names_its_own_run_and_what_it_alone_used(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    where = f'targets: {{accounts: ["{ACCOUNT}"], regions: [us-east-1, eu-west-1]}}\n'
    stack.policy(POLICY + where)
    an_idle_fleet(stack, 5)
    requests = [
        a_request(bot="idle_endpoints", region=region, run=region)
        for region in ("us-east-1", "eu-west-1")
    ]

    stack.bot("idle_endpoints")(an_sqs_event(*requests))

    full, empty = costs(capsys)
    assert (full["run"], full["account"], full["region"]) == ("us-east-1", ACCOUNT, "us-east-1")
    assert (empty["run"], empty["region"]) == ("eu-west-1", "eu-west-1")
    assert full["metrics_requested"] > 0 == empty["metrics_requested"]
    assert full["sqs_requests"] == empty["sqs_requests"] == 1


def test_an_event_a_wake_up_and_a_weekly_letter_are_runs_too(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.bot("guardrails")(an_sqs_event(EVENT["Records"][0]["body"]))
    stack.bot("provisioned_concurrency")(an_sqs_event(a_request(bot="provisioned_concurrency")))
    stack.dispatcher()({"version": 1, "bot": "notebook_hours"})
    stack.reporter()({"version": 1})
    stack.advisor()({"version": 1})
    stack.announcer()({"Records": []})

    lines = costs(capsys)
    assert [line["service"] for line in lines] == [
        "guardrails", "provisioned_concurrency", "dispatcher", "reporter", "advisor", "announcer",
    ]  # fmt: skip
    assert ["run" in line for line in lines] == [True] * 5 + [False]
    assert all(Decimal(line["usd"]) > 0 for line in lines)
    [dispatcher] = [line for line in lines if line["service"] == "dispatcher"]
    assert (dispatcher["sqs_requests"], dispatcher["calls"]) == (1, {"SQS": 1})
