"""The reporter at work: who gets which digest, through SNS or Slack, and that nobody gets two."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.audit import Happening
from sagewarden.domain.cases import CaseState
from sagewarden_cli.slack.faults import Fault
from sagewarden_cli.slack.messages import Message
from tests.integration.entrypoints.conftest import POLICY, Stack
from tests.integration.entrypoints.slack_stack import SlackStack
from tests.integration.entrypoints.weekly import OWNERS, WAKE_UP, in_slack, told
from tests.support.digests import a_case, an_outcome
from tests.support.invocations import Context, failed

pytestmark = pytest.mark.aws

MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
"""Nine in the morning in Seoul."""


def remember_a_week(stack: Stack) -> None:
    """The ledger of a week: Vision's endpoint was deleted, Search's is warned of."""
    at = datetime(2026, 11, 19, 12, tzinfo=UTC)
    deleted = a_case("ep", CaseState.DONE, ActionKind.DELETE, team="Vision", ended_at=at)
    stack.ledger.save(deleted)
    stack.ledger.record(an_outcome(at, ActionKind.DELETE, "ep"))
    due = MONDAY + timedelta(days=1)
    stack.ledger.save(a_case("nb", team="nobody", warned_at=at, due_at=due, owner="kim"))


@pytest.fixture
def monday(stack: Stack) -> Stack:
    """A stack on Monday morning, after a week of which there is something to tell."""
    stack.policy(POLICY + OWNERS)
    remember_a_week(stack)
    stack.at(MONDAY)
    return stack


@pytest.fixture
def talking(monday: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackStack]:
    """The same, with Slack."""
    with in_slack(monday, monkeypatch) as talking:
        yield talking


def report(stack: Stack) -> int:
    """Wake a cold reporter; how many digests it sent."""
    answer = stack.reporter()(WAKE_UP)
    assert isinstance(answer, dict)
    return int(answer["digests"])


def lines(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


OPS = "SageMaker, 2026-11-16 to 2026-11-22: 1 done, saves $36.50 a month"


class TestWithoutSlack:
    def test_ops_get_one_text_and_no_team_gets_any(self, monday: Stack) -> None:
        sent = report(monday)

        [mail] = monday.mail()
        assert sent == 1
        assert mail["Subject"] == f"Sagewarden: {OPS}"
        assert "Done: 1 deleted\n" in mail["Message"]
        assert "• nb will be stopped 2026-11-24 09:00 · kim" in mail["Message"]
        assert mail["Message"].rstrip().endswith(f"\nrun {Context().aws_request_id}")

    def test_a_second_wake_up_in_the_same_week_sends_nothing(self, monday: Stack) -> None:
        report(monday)
        monday.mail()
        monday.at(MONDAY + timedelta(days=6))

        assert report(monday) == 0
        assert monday.mail() == []

    def test_the_next_week_has_a_digest_of_its_own(self, monday: Stack) -> None:
        report(monday)
        monday.at(MONDAY + timedelta(days=7))

        assert report(monday) == 1
        assert "nothing was done" in monday.mail()[-1]["Subject"]

    def test_what_the_topic_does_not_take_fails_and_is_sent_at_the_next_attempt(
        self, monday: Stack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            patch.setenv("NOTICES_TOPIC", f"{monday.topic}-gone")
            with pytest.raises(Exception, match=r"publishing to .*-gone failed: NotFound"):
                report(monday)

        assert report(monday) == 1
        assert len(monday.mail()) == 1

    def test_a_ledger_that_cannot_be_read_fails(
        self, monday: Stack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LEDGER_TABLE", "gone")

        with pytest.raises(Exception, match="the ledger: ResourceNotFoundException"):
            report(monday)


class TestWithSlack:
    def test_ops_and_each_team_that_has_something_to_hear_get_theirs(
        self, talking: SlackStack
    ) -> None:
        sent = report(talking.stack)
        answers = [talking.notify(body) for body in talking.parcels()]

        assert (sent, [failed(answer) for answer in answers]) == (2, [[], []])
        assert told(talking) == {
            "ml-costs": [OPS],
            "team-vision": [f"vision: {OPS}"],
            "team-search": [],
        }
        assert "`nb` will be stopped <!date^" in lines(talking.slack.messages("ml-costs")[0])
        assert talking.stack.mail() == []
        assert "conversations.history" not in talking.slack.calls  # nothing was tried before

    def test_the_message_its_line_in_the_log_and_the_audit_trail_name_the_reporters_run(
        self, talking: SlackStack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        report(talking.stack)
        [ops, _] = talking.parcels()
        talking.notify(ops)

        run = Context().aws_request_id
        [message] = talking.slack.messages("ml-costs")
        printed = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]
        [line] = [line for line in printed if line.get("message") == "letter"]
        trail = talking.stack.ledger.trail("digest:2026-11-16/2026-11-22/*")
        assert f" · run {run}" in lines(message)
        assert message.metadata is not None
        assert message.metadata["event_payload"]["run"] == run
        assert line["run"] == run
        assert [entry.details["run"] for entry in trail] == [run]

    def test_ops_without_a_channel_get_theirs_as_text(self, talking: SlackStack) -> None:
        talking.stack.policy(POLICY + "owners: {teams: {vision: '#team-vision'}}\n")

        sent = report(talking.stack)
        [vision] = talking.parcels()

        assert (sent, json.loads(vision)["digest"]["team"]) == (2, "vision")
        assert [mail["Subject"] for mail in talking.stack.mail()] == [f"Sagewarden: {OPS}"]

    def test_without_the_channel_that_it_was_made_for_a_digest_is_a_dead_letter(
        self, talking: SlackStack
    ) -> None:
        report(talking.stack)
        [ops, _] = talking.parcels()
        talking.stack.policy(POLICY)

        assert failed(talking.notify(ops)) == []

        [(_, reason)] = talking.stack.dead()
        assert reason == "the policy has no owners.fallback_channel"

    def test_a_reporter_that_runs_again_before_and_after_the_delivery_tells_nobody_twice(
        self, talking: SlackStack
    ) -> None:
        report(talking.stack)
        first = talking.parcels()
        talking.stack.after(timedelta(hours=1))
        report(talking.stack)
        second = talking.parcels()

        for body in (*first, *second):
            assert failed(talking.notify(body)) == []

        assert (len(first), len(second)) == (2, 2)
        assert [len(texts) for texts in told(talking).values()] == [1, 1, 0]
        assert report(talking.stack) == 0

    def test_an_answer_that_is_lost_posts_no_second_message(self, talking: SlackStack) -> None:
        report(talking.stack)
        [ops, _] = talking.parcels()
        talking.slack.fail(1.0, kinds=[Fault.LOST])

        first = talking.notify(ops)
        talking.slack.fail(0.0)
        second = talking.notify(ops, attempt=2)

        assert (failed(first), failed(second)) == (["message-1"], [])
        assert told(talking)["ml-costs"] == [OPS]

    def test_a_crash_between_the_post_and_the_note_posts_no_second_message(
        self, talking: SlackStack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        report(talking.stack)
        [ops, _] = talking.parcels()
        with monkeypatch.context() as patch:
            patch.setattr("sagewarden.adapters.ledger_dynamodb.DynamoDBLedger.note", _crash)
            crashed = talking.notify(ops)

        again = talking.notify(ops, attempt=2)

        assert (failed(crashed), failed(again)) == (["message-1"], [])
        assert told(talking)["ml-costs"] == [OPS]

    def test_while_slack_is_down_a_digest_waits_and_nothing_failed(
        self, talking: SlackStack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        report(talking.stack)
        [ops, _] = talking.parcels()
        talking.slack.down()

        waiting = talking.notify(ops)
        talking.slack.up()
        delivered = talking.notify(ops, attempt=2)

        assert (failed(waiting), failed(delivered)) == (["message-1"], [])
        assert '"message":"message waits"' in capsys.readouterr().out
        assert told(talking)["ml-costs"] == [OPS]

    def test_a_channel_that_is_no_longer_there_is_a_dead_letter_and_holds_up_no_other(
        self, talking: SlackStack
    ) -> None:
        talking.slack.archive("team-vision")
        report(talking.stack)

        answers = [talking.notify(body) for body in talking.parcels()]

        assert [failed(answer) for answer in answers] == [[], []]
        [(body, reason)] = talking.stack.dead()
        assert json.loads(body)["digest"]["team"] == "vision"
        assert "team-vision" in reason
        assert told(talking)["ml-costs"] == [OPS]

    def test_a_digest_of_another_version_is_set_aside(self, talking: SlackStack) -> None:
        assert failed(talking.notify('{"version": 2, "digest": {}}')) == []

        [(_, reason)] = talking.stack.dead()
        assert reason == "body: version: 2 is not 1; deploy both sides together"

    def test_digests_keep_a_line_of_their_own_so_that_they_hold_up_no_warning(
        self, talking: SlackStack
    ) -> None:
        report(talking.stack)

        found = talking.stack.sandbox.client("sqs").receive_message(
            QueueUrl=talking.notices, MaxNumberOfMessages=10, AttributeNames=["All"]
        )["Messages"]

        assert len({one["Attributes"]["MessageGroupId"] for one in found}) == len(found) == 2

    def test_who_was_told_when_and_where_is_in_the_audit_trail(self, talking: SlackStack) -> None:
        report(talking.stack)
        for body in talking.parcels():
            talking.notify(body)

        [entry] = talking.stack.ledger.trail("digest:2026-11-16/2026-11-22/vision")

        [message] = talking.slack.messages("team-vision")
        assert (entry.what, entry.at) == (Happening.REPORTED, MONDAY)
        assert (entry.details["channel"], entry.details["message"]) == (message.channel, message.ts)


def _crash(*_: Any) -> None:
    raise RuntimeError("the process is gone")
