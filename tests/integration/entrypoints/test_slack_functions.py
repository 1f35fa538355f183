"""Where owners are told in Slack: from a sweep to their message, and from a click to the ledger."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sagewarden.domain.cases import Case, CaseState
from sagewarden_cli.slack import SignedRequest
from sagewarden_cli.slack.faults import Fault
from sagewarden_cli.slack.messages import Message
from sagewarden_cli.slack.rate_limits import BURST
from tests.integration.entrypoints.conftest import POLICY, Stack
from tests.integration.entrypoints.slack_stack import (
    OWNERS,
    WARNING_TIME,
    SlackStack,
    talking_stack,
)
from tests.support.invocations import ACCOUNT, REGION, a_request, an_sqs_event, failed
from tests.support.url_events import a_url_event

pytestmark = pytest.mark.aws

REASON = "version: 2 is not 1"


@pytest.fixture
def talking(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackStack]:
    """A stack with Slack, and Tom's notebook that runs on Wednesday afternoon."""
    with talking_stack(stack, monkeypatch) as talking:
        yield talking


@pytest.fixture
def parcel(talking: SlackStack) -> str:
    """What the notebook hours bot has to say to Tom."""
    assert failed(talking.stack.bot("notebook_hours")(an_sqs_event(a_request()))) == []
    [parcel] = talking.parcels()
    return parcel


@pytest.fixture
def warned(talking: SlackStack, parcel: str) -> SlackStack:
    """Tom was warned."""
    assert failed(talking.notify(parcel)) == []
    return talking


@pytest.fixture
def late(talking: SlackStack) -> SlackStack:
    """Tom was warned after his notebook should have been closed."""
    talking.stack.at(WARNING_TIME + timedelta(hours=2))
    assert failed(talking.stack.bot("notebook_hours")(an_sqs_event(a_request()))) == []
    [parcel] = talking.parcels()
    assert failed(talking.notify(parcel)) == []
    return talking


def the_case(talking: SlackStack) -> Case:
    [case] = talking.stack.ledger.live_cases(ACCOUNT, REGION)
    return case


def message(talking: SlackStack) -> Message:
    [message] = (one for one in talking.slack.messages_to("tom") if one.thread_ts is None)
    return message


def whispered(talking: SlackStack, user: str) -> list[str]:
    found = talking.slack.ephemerals(talking.slack.dm(user), user)
    return [one.blocks[0]["text"]["text"] for one in found if one.blocks]


class TestNotices:
    def test_a_sweeps_warning_reaches_its_owner_and_only_then_counts(
        self, talking: SlackStack, parcel: str
    ) -> None:
        before = the_case(talking).state

        answer = talking.notify(parcel)

        assert (before, the_case(talking).state) == (CaseState.OPEN, CaseState.WARNED)
        assert failed(answer) == []
        assert "`nb` will be *stopped*" in message(talking).blocks[1]["text"]["text"]
        assert talking.stack.mail() == []  # nothing by SNS

    def test_a_parcel_waits_behind_those_of_its_own_reader_only(self, talking: SlackStack) -> None:
        fleet = talking.stack.sandbox.sagemaker(region=REGION)
        fleet.add_notebook_instance("other", status="InService", tags={"Owner": "mina"})
        fleet.add_notebook_instance("mine", status="InService", tags={"Owner": "tom@example.com"})
        talking.stack.bot("notebook_hours")(an_sqs_event(a_request()))

        found = talking.stack.sandbox.client("sqs").receive_message(
            QueueUrl=talking.notices, MaxNumberOfMessages=10, AttributeNames=["All"]
        )["Messages"]

        groups = {one["Attributes"]["MessageGroupId"] for one in found}
        assert (len(found), len(groups)) == (2, 2)
        assert all("tom" not in group for group in groups)

    def test_a_queue_that_takes_nothing_fails_the_sweeps_message(
        self, talking: SlackStack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NOTICES_QUEUE", f"{talking.notices[:-5]}-gone.fifo")

        answer = talking.stack.bot("notebook_hours")(an_sqs_event(a_request()))

        assert failed(answer) == ["message-1"]
        assert the_case(talking).state is CaseState.OPEN

    def test_a_short_wait_that_slack_asks_for_is_waited_for(
        self, talking: SlackStack, parcel: str
    ) -> None:
        channel = talking.slack.dm("tom").id
        for _ in range(BURST):
            talking.slack._workspace.limits.count_post(channel)

        answer = talking.notify(parcel)

        assert failed(answer) == []
        assert talking.slept == [timedelta(seconds=1)]
        assert "`nb` will be *stopped*" in message(talking).blocks[1]["text"]["text"]

    def test_while_slack_is_down_a_parcel_waits_in_its_queue_and_nothing_failed(
        self, talking: SlackStack, parcel: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        talking.slack.down()

        answer = talking.notify(parcel)

        lines = logged(capsys)
        assert failed(answer) == ["message-1"]
        assert (talking.slept, the_case(talking).state) == ([], CaseState.OPEN)
        said = [line["message"] for line in lines if "message" in line]
        assert said == ["message waits", "run cost"]
        assert [line["MessagesFailed"] for line in lines if "MessagesFailed" in line] == [[0.0]]

    def test_what_was_posted_and_its_answer_lost_is_found_at_the_next_attempt(
        self, talking: SlackStack, parcel: str
    ) -> None:
        to_channel = parcel.replace('"owner": "tom@example.com"', '"owner": "#ml-costs"')
        talking.slack.fail(1.0, kinds=[Fault.LOST])
        first = talking.notify(to_channel)
        talking.slack.fail(0.0)

        second = talking.notify(to_channel, attempt=2)

        assert (failed(first), failed(second)) == (["message-1"], [])
        assert the_case(talking).state is CaseState.WARNED
        assert len(talking.slack.messages("ml-costs")) == 1

    def test_a_wait_that_outlasts_the_invocation_is_left_to_the_queue(
        self, talking: SlackStack, parcel: str
    ) -> None:
        for _ in range(BURST):
            talking.slack._workspace.limits.count_post(talking.slack.dm("tom").id)

        answer = talking.notify(parcel, seconds=15.5)

        assert (failed(answer), talking.slept) == (["message-1"], [])

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ("{", "body: it is no JSON"),
            ('{"version": 3}', "body: version: 3 is not 2"),
            ('{"version": 1, "owner": null, "notices": [{}]}', "body: notices: "),
        ],
    )
    def test_a_parcel_that_cannot_be_read_is_set_aside_with_its_reason(
        self, talking: SlackStack, body: str, reason: str
    ) -> None:
        answer = talking.notify(body, body)

        [(unchanged, why)] = talking.stack.dead()  # the same twice is one
        assert failed(answer) == []
        assert unchanged == body
        assert why.startswith(reason)

    def test_what_slack_will_never_take_is_set_aside_with_its_reason(
        self, talking: SlackStack, parcel: str
    ) -> None:
        talking.slack.refuse("chat.postMessage", "is_archived")

        answer = talking.notify(parcel)

        [(unchanged, why)] = talking.stack.dead()
        assert (failed(answer), unchanged) == ([], parcel)
        assert "is_archived" in why


class TestClicks:
    def test_a_click_is_queued_and_acknowledged_and_then_done(self, warned: SlackStack) -> None:
        acknowledged = warned.slack.click(message(warned), "snooze", by="tom")
        before = the_case(warned).state

        answer = warned.respond()

        assert (acknowledged.status, acknowledged.text) == (200, "")
        assert (before, the_case(warned).state) == (CaseState.WARNED, CaseState.SNOOZED)
        assert failed(answer) == []
        assert "is left alone until" in message(warned).blocks[1]["text"]["text"]

    def test_now_asks_the_bot_of_the_rule_for_a_sweep_of_that_account_and_region(
        self, late: SlackStack
    ) -> None:
        late.slack.click(message(late), "now", by="tom")
        late.respond()

        [request] = late.stack.messages("notebook_hours")
        answer = late.stack.bot("notebook_hours")(an_sqs_event(request))
        stopped = late.stack.sandbox.client("sagemaker", REGION)
        status = stopped.describe_notebook_instance(NotebookInstanceName="nb")

        asked = json.loads(request)
        assert (asked["account"], asked["region"]) == (ACCOUNT, REGION)
        assert failed(answer) == []
        assert status["NotebookInstanceStatus"] in {"Stopping", "Stopped"}

    def test_now_for_a_rule_that_the_policy_no_longer_has_wakes_nobody(
        self, late: SlackStack
    ) -> None:
        late.stack.policy(POLICY.replace("notebooks-off-hours", "renamed") + OWNERS)
        late.slack.click(message(late), "now", by="tom")

        assert failed(late.respond()) == []
        assert late.stack.messages("notebook_hours") == []

    def test_a_form_is_opened_at_once_and_what_is_wrong_in_it_is_said(
        self, warned: SlackStack
    ) -> None:
        warned.slack.click(message(warned), "exempt", by="tom")
        [form] = warned.slack.modals("tom")

        warned.slack.submit(form, {"until": "2026-01-01", "why": "launch"}, by="tom")
        errors = dict(form.errors)
        warned.slack.submit(form, {"until": "2026-12-31", "why": "launch"}, by="tom")
        warned.respond()

        assert errors == {"until": "This day has passed."}
        [exemption] = warned.stack.ledger.exemptions(ACCOUNT, REGION)
        assert (exemption.why, exemption.by) == ("launch", "tom")

    def test_a_form_that_slack_does_not_open_is_no_success(self, warned: SlackStack) -> None:
        warned.slack.refuse("views.open", "expired_trigger_id")

        answer = warned.slack.click(message(warned), "exempt", by="tom")

        assert answer.status == 503

    def test_while_slack_is_down_a_click_waits(self, warned: SlackStack) -> None:
        warned.slack.click(message(warned), "snooze", by="tom")
        [click] = warned.stack.taken(warned.clicks)
        warned.slack.down()

        waiting = failed(warned.respond(click))
        warned.slack.up()

        assert (waiting, failed(warned.respond(click))) == (["message-1"], [])
        assert the_case(warned).state is CaseState.SNOOZED

    def test_what_is_no_click_is_set_aside_with_its_reason(self, talking: SlackStack) -> None:
        answer = talking.respond('{"version": 2}')

        assert failed(answer) == []
        assert talking.stack.dead() == [('{"version": 2}', f"body: {REASON}")]


class TestCommands:
    def test_a_command_is_heard_at_once_and_answered_to_whoever_typed_it(
        self, talking: SlackStack
    ) -> None:
        heard = talking.slack.command("/sagewarden", "halt an incident", by="ops")
        talking.respond()

        assert heard.json == {"response_type": "ephemeral", "text": "One moment…"}
        assert talking.stack.ledger.halted() == "an incident"
        assert whispered(talking, "ops")[-1].startswith("Halted")

    def test_who_cannot_be_answered_is_set_aside_with_the_reason(self, talking: SlackStack) -> None:
        talking.slack.add_channel("elsewhere", ["ops"], with_bot=False)
        talking.slack.command("/sagewarden", "status", by="ops", channel="elsewhere")
        talking.slack.refuse("chat.postMessage", "messages_tab_disabled")

        answer = talking.respond()

        [(_, why)] = talking.stack.dead()
        assert failed(answer) == []
        assert why.startswith("an answer to ")


class TestTheDoor:
    def test_whoever_did_not_sign_with_our_secret_is_refused_and_nothing_is_queued(
        self, warned: SlackStack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        genuine = warned.sign(command="/sagewarden", text="resume", user_id="U1", user_name="x")
        forged = SignedRequest(genuine.headers, genuine.body + b"&channel_id=C1")

        answer = warned.call(a_url_event(forged))

        printed = capsys.readouterr().out
        assert (answer["statusCode"], answer["body"]) == (401, "")
        assert warned.stack.taken(warned.clicks) == []
        assert "the signature does not match" in printed
        assert genuine.headers["X-Slack-Signature"] not in printed
        assert warned.slack.signing_secret not in printed
        assert warned.slack.token not in printed

    def test_a_request_that_is_played_back_later_is_refused(self, talking: SlackStack) -> None:
        event = a_url_event(talking.sign(payload="{}"))
        talking.stack.after(timedelta(seconds=301))

        assert talking.call(event)["statusCode"] == 401

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", ""])
    def test_other_methods_are_refused(self, talking: SlackStack, method: str) -> None:
        answer = talking.call(a_url_event(talking.sign(payload="{}"), method))

        assert (answer["statusCode"], answer["headers"]) == (405, {"allow": "POST"})

    @pytest.mark.parametrize(
        "changed",
        [
            {},
            {"body": "%%%", "isBase64Encoded": True},
            {"body": "päyload"},
            {"body": None},
            {"headers": None},
        ],
    )
    def test_what_is_strange_is_refused_with_4xx(
        self, talking: SlackStack, changed: dict[str, Any]
    ) -> None:
        event = a_url_event(talking.sign(payload="[]"))

        answer = talking.call(event | {"isBase64Encoded": False} | changed if changed else event)

        assert answer["statusCode"] in {400, 401}

    def test_what_nothing_follows_from_is_acknowledged(self, talking: SlackStack) -> None:
        event = a_url_event(talking.sign(payload='{"type": "view_closed"}'))

        assert talking.call(event) == {"statusCode": 200, "body": ""}

    def test_a_plain_body_is_read_as_one_in_base64_is(self, talking: SlackStack) -> None:
        request = talking.sign(payload='{"type": "view_closed"}')
        plain = {"body": request.body.decode(), "isBase64Encoded": False}

        assert talking.call(a_url_event(request) | plain)["statusCode"] == 200

    @pytest.mark.parametrize(
        "secret",
        [
            "hidden",
            '["hidden"]',
            '{"bot_token": "hidden"}',
            '{"bot_token": "hidden", "signing_secret": []}',
            '{"bot_token": "hidden", "signing_secret": ["hidden", " "]}',
        ],
    )
    def test_a_secret_that_is_not_what_it_should_be_is_an_error_that_does_not_show_it(
        self, talking: SlackStack, secret: str
    ) -> None:
        client = talking.stack.sandbox.client("secretsmanager")
        client.put_secret_value(SecretId="slack", SecretString=secret)

        with pytest.raises(Exception, match="it is no JSON such as") as caught:
            talking.call(a_url_event(talking.sign(payload="{}")))

        assert "hidden" not in str(caught.value)


class TestRestores:
    def stopped(self, late: SlackStack) -> None:
        """Tom's notebook was stopped, and his message says so."""
        late.slack.click(message(late), "now", by="tom")
        assert failed(late.respond()) == []
        late.stack.messages("notebook_hours")
        assert failed(late.stack.bot("notebook_hours")(an_sqs_event(a_request()))) == []
        assert failed(late.notify(*late.parcels())) == []

    def test_a_stopped_notebook_starts_again_at_a_click_and_its_message_says_so(
        self, late: SlackStack
    ) -> None:
        self.stopped(late)
        late.slack.click(message(late), "restore", by="tom")
        answered = late.respond()
        asked = message(late).blocks[1]["text"]["text"]

        first = late.restore()
        after = late.stack.notebook_status("nb")

        assert failed(answered) == failed(first) == []
        assert asked == "`nb` is being brought back (tom)"
        assert after == "InService"
        assert "`nb` is back since <!date^" in message(late).blocks[1]["text"]["text"]

    def test_what_aws_is_at_is_looked_at_again_in_half_a_minute(self, late: SlackStack) -> None:
        self.stopped(late)
        times = late.stack.sandbox.transition_times
        times.set("notebook-instance", "Pending", timedelta(seconds=20))
        late.slack.click(message(late), "restore", by="tom")
        late.respond()

        first = late.restore()
        attributes = late.stack.sandbox.client("sqs").get_queue_attributes(
            QueueUrl=late.restores, AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
        )["Attributes"]

        assert failed(first) == ["message-1"]
        assert attributes == {"ApproximateNumberOfMessagesNotVisible": "1"}

    def test_what_is_no_wish_is_set_aside(self, talking: SlackStack) -> None:
        talking.stack.sandbox.client("sqs").send_message(
            QueueUrl=talking.restores, MessageBody='{"words": "status"}'
        )

        assert failed(talking.restore()) == []

        [(_, reason)] = talking.stack.dead()
        assert reason == "body: KeyError: 'version'"


@pytest.mark.parametrize("heavy", ["slack_sdk", "sagewarden.bootstrap", "sagewarden.domain.rules"])
def test_taking_a_click_imports_nothing_that_it_can_do_without(heavy: str) -> None:
    code = f"import sys, sagewarden.entrypoints.interacting; print({heavy!r} in sys.modules)"

    answer = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "False"


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]
