"""From a schedule's event to what changed in AWS, function by function."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sagewarden.adapters.compiled_policy import StalePolicyError
from sagewarden.adapters.price_file import price_file_text
from sagewarden.adapters.price_tables import PriceTable
from sagewarden.domain.money import PriceComponent
from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.observation import ObservedCall
from tests.integration.entrypoints.conftest import POLICY, Stack
from tests.support.faults import refusing
from tests.support.invocations import ACCOUNT, REGION, a_request, an_sqs_event, failed

pytestmark = pytest.mark.aws

EVENING = datetime(2026, 11, 18, 18, 0, tzinfo=UTC)
"""Wednesday's closing time."""
MEMBER = "444455556666"
WAKE_UP = {"version": 1, "bot": "notebook_hours"}


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]


def metric(lines: list[dict[str, Any]], name: str) -> float:
    return sum(sum(line[name]) for line in lines if "_aws" in line and name in line)


def test_a_schedule_leads_through_the_dispatcher_to_a_stopped_notebook(stack: Stack) -> None:
    stack.sandbox.sagemaker(region=REGION).add_notebook_instance("nb", status="InService")
    dispatch, sweep = stack.dispatcher(), stack.bot("notebook_hours")
    states = []

    for moment in (EVENING - timedelta(minutes=30), EVENING):
        stack.at(moment)
        dispatch(WAKE_UP)
        answer = sweep(an_sqs_event(*stack.messages("notebook_hours")))
        states.append((failed(answer), stack.notebook_status("nb")))

    assert states == [([], "InService"), ([], "Stopped")]
    assert [mail["Subject"] for mail in stack.mail()] == [
        "Sagewarden: notebook-instance nb will be stopped at 2026-11-19T03:00+09:00 (Asia/Seoul)",
        "Sagewarden: notebook-instance nb was stopped",
    ]


def test_the_dispatcher_sends_a_message_for_every_account_and_region(stack: Stack) -> None:
    where = f'targets: {{accounts: ["{ACCOUNT}", "{MEMBER}"], regions: [us-east-1, eu-west-1]}}\n'
    stack.policy(POLICY + where)

    answer = stack.dispatcher()(WAKE_UP)

    sent = [json.loads(body) for body in stack.messages("notebook_hours")]
    assert answer == {"bot": "notebook_hours", "messages": 4}
    assert sorted((message["account"], message["region"]) for message in sent) == [
        (ACCOUNT, "eu-west-1"),
        (ACCOUNT, "us-east-1"),
        (MEMBER, "eu-west-1"),
        (MEMBER, "us-east-1"),
    ]
    assert stack.messages("idle_endpoints") == []


def test_another_account_is_entered_by_its_role_once_for_many_messages(stack: Stack) -> None:
    stack.policy(POLICY + f'targets: {{accounts: ["{MEMBER}"]}}\n')
    stack.sandbox.sagemaker(MEMBER, REGION).add_notebook_instance("theirs", status="InService")
    stack.sandbox.sagemaker(region=REGION).add_notebook_instance("ours", status="InService")
    sweep = stack.bot("notebook_hours")

    for moment in (EVENING - timedelta(minutes=30), EVENING):
        stack.at(moment)
        answer = sweep(an_sqs_event(a_request(account=MEMBER)))
        assert failed(answer) == []

    assert stack.sandbox.calls.count("sts", "AssumeRole") == 1
    assert stack.notebook_status("ours") == "InService"
    assert stack.notebook_status("theirs", MEMBER) == "Stopped"


def test_a_poison_message_alone_becomes_a_dead_letter_at_once_and_carries_its_reason(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = stack.bot("notebook_hours")
    newer = a_request(version=2)

    answer = sweep(an_sqs_event("{", a_request(), newer))

    lines = logged(capsys)
    poison = [line for line in lines if line.get("message") == "message set aside"]
    reasons = [line["reason"] for line in poison]
    assert failed(answer) == []
    assert stack.dead() == [("{", reasons[0]), (newer, reasons[1])]
    assert ["account" in line for line in poison] == [False, False]
    assert reasons[0].startswith("body: it is no JSON")
    assert reasons[1].startswith("body.version: 2 is not 1")
    assert (metric(lines, "MessagesFailed"), metric(lines, "MessagesSetAside")) == (0, 2)
    assert metric(lines, "SweepsCompleted") == 1


def test_a_poison_message_that_the_dead_letter_queue_refuses_is_not_lost(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = stack.bot("notebook_hours")
    stack.sandbox.client("sqs").delete_queue(QueueUrl=stack.dead_letters)

    answer = sweep(an_sqs_event("{", a_request()))

    [line] = [line for line in logged(capsys) if line.get("message") == "message failed"]
    assert failed(answer) == ["message-1"]
    assert line["reason"].startswith("body: it is no JSON")
    assert f"it could not be set aside: sending to {stack.dead_letters} failed" in line["reason"]


def test_a_message_that_comes_twice_does_no_more_than_one(stack: Stack) -> None:
    stack.sandbox.sagemaker(region=REGION).add_notebook_instance("nb", status="InService")
    stack.at(EVENING + timedelta(hours=1))
    warm, cold = stack.bot("notebook_hours"), stack.bot("notebook_hours")
    twice = an_sqs_event(a_request(), a_request())

    for _ in range(2):
        assert failed(warm(twice)) == failed(cold(twice)) == []
        stack.after(timedelta(minutes=30))

    assert stack.notebook_status("nb") == "Stopped"
    assert stack.sandbox.calls.count("sagemaker", "StopNotebookInstance") == 1
    assert len(stack.mail()) == 2


def test_a_bot_runs_its_own_rules_only(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    stack.sandbox.sagemaker(region=REGION).add_notebook_instance("nb", status="InService")

    answer = stack.bot("idle_endpoints")(an_sqs_event(a_request(bot="idle_endpoints")))

    assert failed(answer) == []
    assert [line for line in logged(capsys) if line.get("message") == "verdict"] == []
    assert stack.sandbox.calls.count("sagemaker", "ListNotebookInstances") == 0


def test_a_message_for_another_bot_or_no_target_is_refused(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = stack.bot("notebook_hours")

    answer = sweep(an_sqs_event(a_request(bot="idle_endpoints"), a_request(region="eu-west-1")))

    reasons = [line["reason"] for line in logged(capsys) if "reason" in line]
    assert failed(answer) == []
    assert [reason for _, reason in stack.dead()] == reasons
    misdirected, elsewhere = reasons
    assert (
        misdirected == "body.bot: idle_endpoints came to notebook_hours; send it to its own queue"
    )
    assert elsewhere.startswith(
        f"body.account, body.region: {ACCOUNT} in eu-west-1 is none of the policy's targets"
    )


def test_nobody_is_warned_by_a_topic_that_nobody_reads(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.sandbox.sagemaker(region=REGION).add_notebook_instance("nb", status="InService")
    sns = stack.sandbox.client("sns")
    [subscription] = sns.list_subscriptions_by_topic(TopicArn=stack.topic)["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
    sweep = stack.bot("notebook_hours")

    for hours in (1, 2):
        stack.at(EVENING + timedelta(hours=hours))
        assert failed(sweep(an_sqs_event(a_request()))) == ["message-1"]

    lines = logged(capsys)
    assert stack.notebook_status("nb") == "InService"
    assert "no confirmed subscription" in next(
        line["reason"] for line in lines if line.get("message") == "message failed"
    )
    assert metric(lines, "Undelivered") == 2


def test_what_could_not_be_read_fails_the_message_after_the_rest_was_done(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.policy(POLICY.replace("mode: enforce", "mode: observe"))
    stack.sandbox.sagemaker(region=REGION).add_endpoint("ep", instance_type="ml.m5.large")
    stack.sandbox.sagemaker(region=REGION).force_status("endpoint", "ep", "InService")
    boto = stack.sandbox.client("sagemaker")
    config = boto.describe_endpoint(EndpointName="ep")["EndpointConfigName"]
    boto.delete_endpoint_config(EndpointConfigName=config)
    stack.after(timedelta(days=3))

    answer = stack.bot("idle_endpoints")(an_sqs_event(a_request(bot="idle_endpoints")))

    lines = logged(capsys)
    assert failed(answer) == ["message-1"]
    assert metric(lines, "Incomplete") == 1
    assert metric(lines, "VerdictUnknown") == 1
    assert metric(lines, "SweepsCompleted") == 1
    assert any(line.get("message") == "incomplete" for line in lines)


def test_a_compiled_policy_is_read_and_one_that_is_stale_is_refused(stack: Stack) -> None:
    event = an_sqs_event(a_request())

    assert failed(stack.bot("notebook_hours")(event)) == []
    stack.policy_file.write_text(POLICY + "# changed\n", encoding="utf-8")
    with pytest.raises(StalePolicyError, match="policy compile"):
        stack.bot("notebook_hours")(event)


def test_a_halt_holds_for_the_very_next_message(stack: Stack) -> None:
    stack.sandbox.sagemaker(region=REGION).add_notebook_instance("nb", status="InService")
    sweep = stack.bot("notebook_hours")
    stack.at(EVENING - timedelta(minutes=30))
    sweep(an_sqs_event(a_request()))

    stack.ledger.halt("a fire drill", "ops", EVENING)
    stack.at(EVENING)
    answer = sweep(an_sqs_event(a_request()))

    assert failed(answer) == []
    assert stack.notebook_status("nb") == "InService"


def test_each_verdict_and_outcome_is_one_line_with_its_reason(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet = stack.sandbox.sagemaker(region=REGION)
    fleet.add_notebook_instance("kept", status="InService", tags={"DoNotDelete": "yes"})
    fleet.add_notebook_instance("nb", status="InService", instance_type="ml.t3.medium")
    sweep = stack.bot("notebook_hours")

    for moment in (EVENING - timedelta(minutes=30), EVENING):
        stack.at(moment)
        capsys.readouterr()
        sweep(an_sqs_event(a_request(run="a-run")))

    lines = logged(capsys)
    verdicts = {
        line["resource"].rpartition("/")[2]: line
        for line in lines
        if line.get("message") == "verdict"
    }
    [outcome] = [line for line in lines if line.get("message") == "outcome"]
    assert verdicts["kept"]["verdict"] == "EXEMPT"
    assert verdicts["nb"]["verdict"] == "VIOLATION"
    assert {verdicts["nb"][key] for key in ("account", "region", "run")} == {
        ACCOUNT, REGION, "a-run",
    }  # fmt: skip
    assert (outcome["outcome"], outcome["action"]) == ("APPLIED", "stop")
    assert outcome["undo"].startswith("aws sagemaker start-notebook-instance")
    assert metric(lines, "ActionApplied") == 1
    assert metric(lines, "ProjectedMonthlySavings") > 0


@pytest.mark.parametrize(("usd", "monthly"), [(None, "83.95"), ("0.50", "365.00")])
def test_a_price_file_beside_the_policy_goes_before_the_shipped_prices(
    stack: Stack, usd: str | None, monthly: str
) -> None:
    if usd is not None:
        day, prices = EVENING.date(), {"ml.m5.large": Decimal(usd)}
        table = PriceTable(PriceComponent.HOSTING, REGION, day, "a refresh", prices)
        stack.policy_file.with_name("prices.json").write_text(price_file_text([table]))
    stack.sandbox.sagemaker(region=REGION).add_endpoint(
        "idle", instance_type="ml.m5.large", created_at=EVENING - timedelta(days=30), tags={}
    )
    stack.sandbox.metrics.load(
        None,
        REGION,
        "AWS/SageMaker",
        "Invocations",
        {"EndpointName": "idle", "VariantName": "AllTraffic"},
        [(EVENING - timedelta(hours=back), 0.0) for back in range(60)],
    )
    stack.at(EVENING)

    stack.bot("idle_endpoints")(an_sqs_event(a_request(bot="idle_endpoints")))

    [warning] = [mail["Message"] for mail in stack.mail() if "idle" in mail["Subject"]]
    assert f"${monthly} a month" in warning


def test_an_account_that_lets_nobody_in_is_a_clear_line_and_no_dead_letter(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.policy(POLICY + f'targets: {{accounts: ["{MEMBER}", "{ACCOUNT}"]}}\n')
    stack.sandbox.sagemaker(region=REGION).add_notebook_instance("nb", status="InService")
    refused = refusing(lambda call: call.operation == "AssumeRole", "AccessDenied")

    with stack.sandbox.observers.watching(refused):
        answer = stack.bot("notebook_hours")(an_sqs_event(a_request(account=MEMBER), a_request()))

    lines = logged(capsys)
    [line] = [line for line in lines if line.get("message") == "out of reach"]
    assert (failed(answer), stack.dead()) == ([], [])
    assert (line["account"], line["what"]) == (
        MEMBER,
        f"the account of arn:aws:iam::{MEMBER}:role/sagewarden-spoke",
    )
    assert line["why"].startswith("AccessDenied")
    assert (metric(lines, "OutOfReach"), metric(lines, "SweepsCompleted")) == (1, 1)


@pytest.mark.parametrize("bot", ["notebook_hours", "provisioned_concurrency"])
def test_a_region_that_is_not_enabled_is_a_clear_line_and_no_dead_letter(
    stack: Stack, capsys: pytest.CaptureFixture[str], bot: str
) -> None:
    stack.policy(POLICY + "targets: {regions: [us-east-1, ap-east-1]}\n")
    unknown = refusing(lambda call: call.region == "ap-east-1", "UnrecognizedClientException")

    with stack.sandbox.observers.watching(unknown):
        answer = stack.bot(bot)(an_sqs_event(a_request(bot=bot, region="ap-east-1")))

    lines = logged(capsys)
    [line] = [line for line in lines if line.get("message") == "out of reach"]
    assert (failed(answer), stack.dead()) == ([], [])
    assert line["what"] == f"ap-east-1 of account {ACCOUNT}"
    assert line["why"].startswith("the region is not enabled there: UnrecognizedClientException")
    assert metric(lines, "SweepsCompleted") == 0


def test_a_region_that_the_organisation_forbids_is_a_clear_line_and_no_dead_letter(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    def forbid(call: ObservedCall) -> None:
        if call.service == "sagemaker":
            message = "User: x is not authorized, with an explicit deny in a service control policy"
            raise AwsError("AccessDeniedException", message)

    with stack.sandbox.observers.watching(forbid):
        answer = stack.bot("notebook_hours")(an_sqs_event(a_request()))

    [line] = [line for line in logged(capsys) if line.get("message") == "out of reach"]
    assert (failed(answer), stack.dead()) == ([], [])
    assert line["what"] == f"{REGION} of account {ACCOUNT}"
    assert line["why"].startswith("it is forbidden there: AccessDeniedException")


def test_what_cannot_be_read_for_another_reason_is_tried_again(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = refusing(lambda call: call.operation == "ListNotebookInstances", "AccessDenied")

    with stack.sandbox.observers.watching(broken):
        answer = stack.bot("notebook_hours")(an_sqs_event(a_request()))

    assert failed(answer) == ["message-1"]
    assert [line for line in logged(capsys) if line.get("message") == "out of reach"] == []
