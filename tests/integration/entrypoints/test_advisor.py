"""The advisor at work: who hears what, through SNS or Slack, and that nobody hears it twice."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from sagewarden.domain.audit import Happening
from tests.integration.entrypoints.advice_queue import advise, wake, work_off
from tests.integration.entrypoints.conftest import POLICY, Stack
from tests.integration.entrypoints.slack_stack import SlackStack
from tests.integration.entrypoints.weekly import OWNERS, in_slack, told
from tests.support.advice import LAZY_GPUS
from tests.support.faults import refusing
from tests.support.invocations import ACCOUNT, Context, an_sqs_event, failed

pytestmark = pytest.mark.aws

MONDAY = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
"""Half past nine in the morning in Seoul."""

LONG_AGO = MONDAY - timedelta(days=60)
HOURS = 14 * 24 + 1
MEMBER = "444455556666"
OF_THE_GPU = "SageMaker advice, week of 2026-11-23: up to $4,147.86 a month"


def add_lazy_gpu(stack: Stack, account: str | None = None) -> None:
    """An endpoint of Vision on four GPUs, which needs one."""
    fleet = stack.sandbox.sagemaker(account)
    tags = {"Owner": "mina", "Team": "Vision"}
    fleet.add_endpoint("gpu", instance_type="ml.g5.12xlarge", created_at=LONG_AGO, tags=tags)
    hour = MONDAY.replace(minute=0)
    for metric, value in LAZY_GPUS.items():
        of_calls = metric in {"Invocations", "ModelLatency"}
        stack.sandbox.metrics.load(
            account,
            None,
            "AWS/SageMaker" if of_calls else "/aws/sagemaker/Endpoints",
            metric,
            {"EndpointName": "gpu", "VariantName": "AllTraffic"},
            [(hour - timedelta(hours=back), value) for back in range(HOURS)],
        )


@pytest.fixture
def monday(stack: Stack) -> Stack:
    """A stack on Monday morning, in an account with an endpoint to advise about."""
    stack.policy(POLICY + OWNERS)
    add_lazy_gpu(stack)
    stack.at(MONDAY)
    return stack


@pytest.fixture
def talking(monday: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackStack]:
    """The same, with Slack."""
    with in_slack(monday, monkeypatch) as talking:
        yield talking


class TestWithoutSlack:
    def test_ops_get_one_text_with_the_money_the_evidence_and_the_risk(self, monday: Stack) -> None:
        monday.sandbox.calls.clear()
        sent = advise(monday)

        [mail] = monday.mail()
        called = {*monday.sandbox.calls.counts()}
        own = r"dynamodb\.|sns\.Publish|sqs\.|s3\."
        reading = re.compile(rf"[\w-]+\.(List|Describe|Get|Query)|{own}")
        assert [name for name in called if not reading.match(name)] == [], "nothing is changed"
        assert sent == 2, "one account, and what closes the week"
        assert mail["Subject"] == f"Sagewarden: {OF_THE_GPU}"
        assert (
            "$4,147.86 a month · gpu: GPUs that hardly work · low risk · no. 1 · mina"
            in mail["Message"]
        )
        assert "gpu uses 5.0 % of its GPUs: 1 x ml.g5.xlarge would do" in mail["Message"]
        assert "sagewarden advise --explain N" in mail["Message"]
        assert mail["Message"].rstrip().endswith(f"\nrun {Context().aws_request_id}")

    def test_a_second_wake_up_in_the_same_week_looks_at_nothing_and_sends_nothing(
        self, monday: Stack
    ) -> None:
        advise(monday)
        monday.mail()
        monday.at(MONDAY + timedelta(days=6))
        monday.sandbox.calls.clear()

        assert wake(monday) == 0
        assert [name for name in monday.sandbox.calls.counts() if not name.startswith("dyn")] == []
        assert monday.mail() == []

    def test_the_next_weeks_is_another_one(self, monday: Stack) -> None:
        advise(monday)
        monday.at(MONDAY + timedelta(days=7))

        assert advise(monday) == 2
        assert "week of 2026-11-30" in monday.mail()[-1]["Subject"]

    def test_that_there_is_nothing_to_save_is_told_to_ops(self, stack: Stack) -> None:
        stack.at(MONDAY)

        advise(stack)

        assert "nothing to save" in stack.mail()[0]["Subject"]

    def test_what_the_topic_does_not_take_fails_and_is_sent_at_the_next_attempt(
        self, monday: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setenv("NOTICES_TOPIC", f"{monday.topic}-gone")
            wake(monday)
            account, *_ = work_off(monday)

        assert "-gone failed: NotFound" in capsys.readouterr().out
        assert failed(monday.advisor()(an_sqs_event(account))) == []
        assert len(monday.mail()) == 1

    def test_a_ledger_that_cannot_be_read_fails(
        self, monday: Stack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LEDGER_TABLE", "gone")

        with pytest.raises(Exception, match="the ledger: ResourceNotFoundException"):
            advise(monday)

    def test_a_part_that_is_refused_is_named_and_the_rest_is_advised_about(
        self, monday: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with monday.sandbox.observers.watching(refusing(lambda call: call.service == "ecs")):
            advise(monday)

        [mail] = monday.mail()
        assert OF_THE_GPU in mail["Subject"], "the rest is advised about"
        assert "Not read: 2, so more may be possible" in mail["Message"]
        assert "ECS clusters in us-east-1: AccessDeniedException" in mail["Message"]
        assert '"message":"not read"' in capsys.readouterr().out


class TestSeveralAccounts:
    def test_each_is_read_through_its_role_and_one_that_refuses_stops_none(
        self, monday: Stack
    ) -> None:
        several = f'targets: {{accounts: ["{ACCOUNT}", "{MEMBER}"]}}\n'
        monday.policy(several + POLICY + OWNERS)
        add_lazy_gpu(monday, MEMBER)

        refused = refusing(lambda call: call.operation == "AssumeRole", "AccessDenied")
        with monday.sandbox.observers.watching(refused):
            advise(monday)

        [first] = monday.mail()
        assert "Not read: 1" in first["Message"]
        assert (
            f"the account of arn:aws:iam::{MEMBER}:role/sagewarden-spoke: AccessDenied"
            in first["Message"]
        )
        assert "up to $4,147.86 a month" in first["Subject"]

    def test_what_each_team_could_save_in_each_account_is_told(self, monday: Stack) -> None:
        several = f'targets: {{accounts: ["{ACCOUNT}", "{MEMBER}"]}}\n'
        monday.policy(several + POLICY + OWNERS)
        add_lazy_gpu(monday, MEMBER)

        advise(monday)

        [mail] = monday.mail()
        assert "up to $8,295.72 a month" in mail["Subject"]
        for account in (ACCOUNT, MEMBER):
            assert f"• Vision in {account}: up to $4,147.86 a month" in mail["Message"]
            assert f"no. 1 · us-east-1 in {account} · mina" in mail["Message"]


class TestWithSlack:
    def test_each_team_with_something_to_do_is_told_in_its_channel_and_ops_of_everything(
        self, talking: SlackStack
    ) -> None:
        advise(talking.stack)
        answers = [talking.notify(body) for body in talking.parcels()]

        assert [failed(answer) for answer in answers] == [[], []]
        assert told(talking) == {
            "ml-costs": [OF_THE_GPU],
            "team-vision": [f"vision: {OF_THE_GPU}"],
            "team-search": [],
        }
        shown = json.dumps(talking.slack.messages("team-vision")[0].blocks, ensure_ascii=False)
        assert "`gpu`: GPUs that hardly work" in shown
        assert "sagewarden advise --team vision --explain N" in shown
        assert talking.stack.mail() == []

    def test_ops_without_a_channel_get_theirs_as_text(self, talking: SlackStack) -> None:
        talking.stack.policy(POLICY + "owners: {teams: {vision: '#team-vision'}}\n")

        advise(talking.stack)
        [vision] = talking.parcels()

        assert json.loads(vision)["advice"]["team"] == "vision"
        assert [mail["Subject"] for mail in talking.stack.mail()] == [f"Sagewarden: {OF_THE_GPU}"]

    def test_an_advisor_that_runs_twice_before_the_delivery_tells_nobody_twice(
        self, talking: SlackStack
    ) -> None:
        advise(talking.stack)
        first = talking.parcels()
        talking.stack.after(timedelta(hours=1))
        advise(talking.stack)
        second = talking.parcels()

        for body in (*first, *second):
            assert failed(talking.notify(body)) == []

        assert (len(first), len(second)) == (2, 2)
        assert [len(texts) for texts in told(talking).values()] == [1, 1, 0]
        assert advise(talking.stack) == 0

    def test_advice_of_another_version_is_set_aside(self, talking: SlackStack) -> None:
        assert failed(talking.notify('{"version": 2, "advice": {}}')) == []

        [(_, reason)] = talking.stack.dead()
        assert reason == "body: version: 2 is not 1; deploy both sides together"

    def test_who_was_told_when_and_where_is_in_the_audit_trail(self, talking: SlackStack) -> None:
        advise(talking.stack)
        for body in talking.parcels():
            talking.notify(body)

        [entry] = talking.stack.ledger.trail("advice:2026-11-23/vision")

        [message] = talking.slack.messages("team-vision")
        assert (entry.what, entry.at) == (Happening.REPORTED, MONDAY)
        assert entry.details == {
            "channel": message.channel,
            "message": message.ts,
            "run": Context().aws_request_id,
        }
