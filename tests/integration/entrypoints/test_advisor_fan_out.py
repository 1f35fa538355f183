"""The advisor over many accounts: who answers late, twice or never, and what is then told."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest

from sagewarden.entrypoints.messages import AdviceClosing, AdviceRequest
from sagewarden_cli.sandbox.observation import ObservedCall
from sagewarden_cli.sandbox.organization.building import OrganizationBuilder
from tests.integration.entrypoints.advice_queue import wake, work_off
from tests.integration.entrypoints.conftest import POLICY, Stack
from tests.integration.entrypoints.test_advisor import LONG_AGO, MONDAY, add_lazy_gpu
from tests.integration.entrypoints.weekly import OWNERS, WAKE_UP
from tests.support.faults import refusing
from tests.support.invocations import ACCOUNT, an_sqs_event, failed

pytestmark = pytest.mark.aws

WEEK = date(2026, 11, 23)
SECOND, THIRD = "444455556666", "777788889999"
FIVE_HOURS = timedelta(hours=5)


@pytest.fixture
def three(stack: Stack) -> Stack:
    """A stack on Monday morning that governs three accounts, each with something to save."""
    governed = f'targets: {{accounts: ["{ACCOUNT}", "{SECOND}", "{THIRD}"]}}\n'
    stack.policy(governed + POLICY + OWNERS)
    for account in (ACCOUNT, SECOND, THIRD):
        add_lazy_gpu(stack, account)
    stack.at(MONDAY)
    return stack


def asked(account: str) -> str:
    return AdviceRequest(WEEK, account, "a-run").body()


def closing(after: timedelta = FIVE_HOURS) -> str:
    return AdviceClosing(WEEK, MONDAY + after, "a-run").body()


def answer(stack: Stack, *bodies: str) -> list[str]:
    """Bring a cold advisor messages as one batch; which of them failed."""
    return failed(stack.advisor()(an_sqs_event(*bodies)))


def looked_at(stack: Stack) -> list[str]:
    """What was asked of anything but the stack's own table, queues, topic and archive."""
    own = ("dynamodb.", "sqs.", "sns.", "s3.")
    return [name for name in stack.sandbox.calls.counts() if not name.startswith(own)]


def writing(name: str) -> Callable[[ObservedCall], bool]:
    """Whether a call keeps something of a name in the archive."""
    return lambda call: call.operation == "PutObject" and name in str(call.params["path"])


class TestAskingAndAnswering:
    def test_each_account_gets_one_message_and_the_last_one_tells_everything(
        self, three: Stack
    ) -> None:
        sent = wake(three)
        letters = []
        for account in (SECOND, ACCOUNT, THIRD):
            assert answer(three, asked(account)) == []
            letters.append(len(three.mail()))

        assert sent == 4, "three accounts, and what closes the week"
        assert letters == [0, 0, 1]

    def test_what_closes_the_week_waits_until_then_and_finds_that_all_is_told(
        self, three: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        wake(three)
        hidden: list[int] = []

        def watch(call: ObservedCall) -> None:
            if call.operation == "ChangeMessageVisibility":
                hidden.append(int(call.params["VisibilityTimeout"]))

        sqs, queue = three.sandbox.client("sqs"), three.queues["advisor"]
        sqs.purge_queue(QueueUrl=queue)
        sqs.send_message(QueueUrl=queue, MessageBody=closing())
        with three.sandbox.observers.watching(watch):
            left = work_off(three)

        assert (left, hidden) == ([closing()], [5 * 3600])
        assert "3 accounts have not answered yet" in capsys.readouterr().out
        for account in (ACCOUNT, SECOND, THIRD):
            answer(three, asked(account))
        three.after(FIVE_HOURS)
        assert answer(three, closing()) == []
        assert len(three.mail()) == 1

    def test_a_message_that_comes_again_looks_at_nothing_again(self, three: Stack) -> None:
        wake(three)
        answer(three, asked(SECOND))
        three.sandbox.calls.clear()

        assert answer(three, asked(SECOND)) == []
        assert looked_at(three) == []

    def test_a_second_wake_up_asks_only_who_has_not_answered(self, three: Stack) -> None:
        wake(three)
        answer(three, asked(SECOND))
        three.messages("advisor")
        three.after(timedelta(hours=3))

        wake(three)

        bodies = [json.loads(body) for body in three.messages("advisor")]
        assert [item["account"] for item in bodies if "account" in item] == [ACCOUNT, THIRD]
        [closes] = [item["closes"] for item in bodies if "closes" in item]
        assert datetime.fromisoformat(closes) == MONDAY + timedelta(hours=8)

    def test_messages_that_were_not_taken_fail_the_wake_up_and_the_next_one_sends_them(
        self, three: Stack
    ) -> None:
        refused = refusing(lambda call: call.operation == "SendMessageBatch")
        with three.sandbox.observers.watching(refused), pytest.raises(Exception, match="sending"):
            three.advisor()(WAKE_UP)

        assert wake(three) == 4

    def test_an_advisor_that_was_told_of_no_week_sets_its_message_aside(self, three: Stack) -> None:
        assert answer(three, asked(SECOND)) == []

        [(_, reason)] = three.dead()
        assert reason.startswith("body.monday: nothing is asked in the week of 2026-11-23")

    def test_an_account_that_was_not_asked_about_is_set_aside(self, three: Stack) -> None:
        wake(three)

        assert answer(three, asked("000000000001")) == []

        [(_, reason)] = three.dead()
        assert reason == "body.account: 000000000001 is none of those of the week of 2026-11-23"


class TestCrashes:
    def test_one_that_is_killed_before_it_kept_anything_looks_again(self, three: Stack) -> None:
        wake(three)
        with three.sandbox.observers.watching(refusing(writing(SECOND))):
            assert answer(three, asked(SECOND)) == ["message-1"]

        assert answer(three, asked(SECOND), asked(THIRD), asked(ACCOUNT)) == []
        assert len(three.mail()) == 1

    def test_one_that_is_killed_after_it_kept_the_last_answer_tells_when_it_comes_again(
        self, three: Stack
    ) -> None:
        wake(three)
        answer(three, asked(ACCOUNT), asked(SECOND))
        with three.sandbox.observers.watching(_blind_after(THIRD)):
            assert answer(three, asked(THIRD)) == ["message-1"]
        assert three.mail() == []
        three.sandbox.calls.clear()

        assert answer(three, asked(THIRD)) == []
        assert looked_at(three) == []
        assert len(three.mail()) == 1

    def test_one_that_never_comes_again_is_made_up_for_when_the_week_closes(
        self, three: Stack
    ) -> None:
        wake(three)
        answer(three, asked(ACCOUNT), asked(SECOND))
        with three.sandbox.observers.watching(_blind_after(THIRD)):
            answer(three, asked(THIRD))

        assert answer(three, closing()) == [], "all are there: it need not wait"
        [mail] = three.mail()
        assert "Not read" not in mail["Message"]

    def test_two_that_finish_at_once_tell_it_once(self, three: Stack) -> None:
        wake(three)
        answer(three, asked(ACCOUNT))
        ready = threading.Barrier(2)

        def finish(account: str) -> list[str]:
            advisor = three.advisor()
            ready.wait(10)
            return failed(advisor(an_sqs_event(asked(account))))

        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(finish, (SECOND, THIRD)))
        again = answer(three, asked(SECOND), asked(THIRD))

        assert (results, again) == ([[], []], [])
        [mail] = three.mail()
        assert "up to $12,443.58 a month" in mail["Subject"]

    def test_one_that_tells_again_before_ops_have_it_tells_nobody_twice(self, three: Stack) -> None:
        wake(three)
        answer(three, asked(ACCOUNT), asked(SECOND), asked(THIRD))
        [mail] = three.mail()

        three.after(timedelta(hours=2))
        assert answer(three, asked(THIRD), closing()) == []

        assert "Not read" not in mail["Message"]
        assert three.mail() == []


class TestWhoNeverAnswers:
    def test_an_account_that_always_fails_is_named_when_the_week_closes_and_the_rest_is_told(
        self, three: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        wake(three)
        with three.sandbox.observers.watching(refusing(writing(SECOND))):
            attempts = [answer(three, asked(SECOND)) for _ in range(3)]
        answer(three, asked(ACCOUNT), asked(THIRD))
        before = three.mail()
        three.after(FIVE_HOURS)
        capsys.readouterr()

        assert answer(three, closing()) == []

        assert (attempts, before) == ([["message-1"]] * 3, [])
        [mail] = three.mail()
        assert "up to $8,295.72 a month" in mail["Subject"]
        assert "Not read: 1" in mail["Message"]
        assert f"account {SECOND}: not read: it did not answer within 5 hours" in mail["Message"]
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]
        assert [line["what"] for line in lines if line.get("message") == "not read"] == [
            f"account {SECOND}"
        ]

    def test_its_dead_letter_sent_back_when_the_week_was_told_looks_at_nothing(
        self, three: Stack
    ) -> None:
        wake(three)
        answer(three, asked(ACCOUNT), asked(THIRD))
        three.after(FIVE_HOURS)
        answer(three, closing())
        three.mail()
        three.sandbox.calls.clear()

        assert answer(three, asked(SECOND)) == []
        assert looked_at(three) == []
        assert three.mail() == []

    def test_what_was_kept_and_cannot_be_read_fails_and_is_told_at_the_next_attempt(
        self, three: Stack
    ) -> None:
        wake(three)
        answer(three, asked(ACCOUNT), asked(SECOND))
        unread = refusing(
            lambda call: call.operation == "GetObject" and SECOND in str(call.params["path"])
        )
        with three.sandbox.observers.watching(unread):
            assert answer(three, asked(THIRD)) == ["message-1"]

        assert answer(three, asked(THIRD)) == []
        assert len(three.mail()) == 1


REGIONS = ("us-east-1", "eu-west-1")
MEMBERS = [f"{number:012d}" for number in range(1, 51)]
SUSPENDED, ROLELESS, LEFT, THROTTLED, BUSY = (MEMBERS[at] for at in (3, 9, 19, 29, 39))
TARGETS = f"targets: {{organization: {{units: UNIT}}, regions: [{', '.join(REGIONS)}]}}\n"


@pytest.fixture
def organization(stack: Stack) -> OrganizationBuilder:
    """Fifty accounts, which the dispatcher has found; some of them with something to save."""
    built = stack.sandbox.organization("999999999999")
    built.add_account(ACCOUNT, name="hub")
    built.delegate(ACCOUNT)
    unit = built.add_unit("ml")
    stack.policy(TARGETS.replace("UNIT", unit) + POLICY + OWNERS)
    for account in MEMBERS:
        built.add_account(account, unit=unit, role=account != ROLELESS)
        fleet = stack.sandbox.sagemaker(account, "eu-west-1")
        fleet.add_endpoint("serves", instance_type="ml.m5.large", created_at=LONG_AGO)
    built.set_state(SUSPENDED, "SUSPENDED")
    for account in (MEMBERS[0], THROTTLED, MEMBERS[-1]):
        add_lazy_gpu(stack, account)
    stack.at(MONDAY)
    stack.dispatcher()({"version": 1, "bot": "notebook_hours"})
    return built


def test_of_fifty_accounts_in_two_regions_each_failure_is_a_line_and_stops_no_other(
    stack: Stack, organization: OrganizationBuilder
) -> None:
    sent = wake(stack)
    bodies = [body for body in stack.messages("advisor") if "closes" not in body]
    organization.remove(LEFT)
    advisor = stack.advisor()

    with stack.sandbox.observers.watching(_throttling(THROTTLED, BUSY)):
        results = [failed(advisor(an_sqs_event(body))) for body in bodies]

    accounts = [json.loads(body)["account"] for body in bodies]
    assert (sent, len(accounts), SUSPENDED in accounts) == (50, 49, False)
    assert results == [[]] * 49
    [mail] = stack.mail()
    assert "up to $12,443.58 a month" in mail["Subject"]
    for account in (MEMBERS[0], THROTTLED, MEMBERS[-1]):
        assert f"Vision in {account}: up to $4,147.86 a month" in mail["Message"]
    for account in (ROLELESS, LEFT):
        assert f"arn:aws:iam::{account}:role/sagewarden-spoke: AccessDenied" in mail["Message"]
    assert "ECS clusters in us-east-1: AccessDeniedException" in mail["Message"]
    assert "Not read: 4, so" in mail["Message"], mail["Message"]
    assert "98 accounts and regions looked at" in mail["Message"]
    assert stack.dead() == []


def _throttling(throttled: str, refusing_ecs: str) -> Callable[[ObservedCall], None]:
    """Throttles the first calls of one account, and refuses a part of another."""
    throttle = refusing(lambda _: True, "ThrottlingException")
    refuse = refusing(lambda _: True)
    left = list(range(3))

    def watch(call: ObservedCall) -> None:
        if call.account == throttled and call.service == "sagemaker" and left:
            left.pop()
            throttle(call)
        if (call.account, call.region, call.service) == (refusing_ecs, REGIONS[0], "ecs"):
            refuse(call)

    return watch


def _blind_after(account: str) -> Callable[[ObservedCall], None]:
    """Refuses every listing of the archive once the answer of an account is kept."""
    kept = writing(account)
    seen: list[ObservedCall] = []
    refuse = refusing(lambda _: True)

    def watch(call: ObservedCall) -> None:
        if call.operation == "ListObjectsV2" and seen:
            refuse(call)
        if kept(call):
            seen.append(call)

    return watch
