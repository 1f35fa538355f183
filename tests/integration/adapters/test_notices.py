"""SNS and SQS: what is sent, and what counts as sent."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import ClientError

from sagewarden.adapters.sns_notices import SUBJECT_LENGTH, SnsNotices
from sagewarden.adapters.sqs_queues import SqsQueues
from sagewarden.application.ports import ActionFailedError, Notifier
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cases import open_case
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.verdicts import Verdict
from sagewarden_cli.sandbox import Sandbox
from tests.support.builders import NOW, SEOUL, a_ref, a_violation

pytestmark = pytest.mark.aws

DUE = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


class Mailbox:
    """A topic, and a queue that is subscribed to it when asked."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sns, self._sqs = sandbox.client("sns"), sandbox.client("sqs")
        self.topic = self.sns.create_topic(Name="notices")["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName="mailbox")["QueueUrl"]

    def subscribe(self) -> None:
        account = Sandbox.account_id
        arn = f"arn:aws:sqs:us-east-1:{account}:mailbox"
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)

    def notices(self, zone: ZoneInfo = SEOUL) -> SnsNotices:
        return SnsNotices(self.sns, self.topic, zone)

    def mail(self) -> list[dict[str, str]]:
        found = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in found.get("Messages", [])]


@pytest.fixture
def mailbox(sandbox: Sandbox) -> Mailbox:
    return Mailbox(sandbox)


def a_priced_violation(name: str = "ep") -> Verdict:
    return replace(
        a_violation(a_ref(name, ResourceKind.ENDPOINT)),
        evidence={"hours": 48, "invocations": 0.0},
        saving=MonthlyCost(Decimal("73.0"), "1 x ml.m5.large at $0.10/h x 730 h", NOW.date()),
    )


def test_a_warning_says_what_when_why_and_how_much(mailbox: Mailbox) -> None:
    mailbox.subscribe()
    verdict = a_priced_violation()

    accepted = mailbox.notices().warn(open_case(verdict, NOW), verdict, DUE)

    [mail] = mailbox.mail()
    assert accepted
    assert mail["Subject"] == (
        "Sagewarden: endpoint ep will be deleted at 2026-11-03T18:00+09:00 (Asia/Seoul)"
    )
    for part in (
        "It will be deleted at 2026-11-03T18:00+09:00 (Asia/Seoul), unless",
        "Why:        0 invocations in 48 h over 1 variant",
        "hours = 48",
        "$73.00 a month at list price (1 x ml.m5.large at $0.10/h x 730 h; prices of 2026-11-02)",
        "Rule:       idle-endpoints",
        verdict.ref.arn,
        "SagewardenExempt=2027-01-31: migrating",
    ):
        assert part in mail["Message"]


def test_a_warning_that_nothing_follows_says_so_and_an_unknown_price_is_unknown(
    mailbox: Mailbox,
) -> None:
    mailbox.subscribe()
    verdict = a_violation()

    assert mailbox.notices().warn(open_case(verdict, NOW), verdict, None)

    [mail] = mailbox.mail()
    assert mail["Subject"] == "Sagewarden: endpoint ep breaks rule idle-endpoints"
    assert "Nothing will be done: the rule only warns." in mail["Message"]
    assert "not known: there is no list price for it" in mail["Message"]


def test_a_mail_ends_with_the_run_that_sent_it_and_without_one_names_none(
    mailbox: Mailbox,
) -> None:
    mailbox.subscribe()
    action = a_violation().action
    assert action is not None
    done = Outcome("a-rule", action, OutcomeKind.APPLIED, "done", DUE)

    SnsNotices(mailbox.sns, mailbox.topic, SEOUL, "8c1d4ee0-run").tell(done)
    mailbox.notices().tell(done)

    first, second = (mail["Message"] for mail in mailbox.mail())
    assert first.endswith("\nRun:        8c1d4ee0-run\n")
    assert first.replace("Run:        8c1d4ee0-run\n", "") == second


def test_a_topic_without_a_confirmed_subscription_warns_nobody(mailbox: Mailbox) -> None:
    notices, verdict = mailbox.notices(), a_violation()

    accepted = notices.warn(open_case(verdict, NOW), verdict, DUE)

    assert not accepted
    [undelivered] = notices.undelivered
    assert undelivered.startswith("nobody was told that endpoint ep will be deleted at 2026-11-03")
    assert undelivered.endswith(f": {mailbox.topic} has no confirmed subscription")


def test_a_subscription_that_waits_for_its_confirmation_is_nobody() -> None:
    client = StubbedSns(subscriptions=["PendingConfirmation"])
    verdict = a_violation()

    assert not SnsNotices(client, "a-topic", SEOUL).warn(open_case(verdict, NOW), verdict, DUE)
    assert client.published == []


def test_a_warning_that_sns_refuses_is_not_accepted() -> None:
    client = StubbedSns(subscriptions=["PendingConfirmation", "arn:aws:sns:x"], refusing=True)
    notices, verdict = SnsNotices(client, "a-topic", SEOUL), a_violation()

    assert not notices.warn(open_case(verdict, NOW), verdict, DUE)
    assert notices.undelivered[0].endswith("KMSDisabledException: the key is disabled")


def test_what_sns_refused_to_tell_is_not_settled_so_that_the_next_run_says_it() -> None:
    client = StubbedSns(subscriptions=["arn:aws:sns:x"], refusing=True)
    notices, settled = SnsNotices(client, "a-topic", SEOUL), list[str]()
    action = a_violation().action
    assert action is not None
    done = Outcome("a-rule", action, OutcomeKind.APPLIED, "done", DUE)

    notices.tell(done)
    notices.afterwards(lambda: settled.append("refused"))
    client.refusing = False
    notices.tell(done)
    notices.afterwards(lambda: settled.append("published"))

    assert settled == ["published"]


def test_a_topic_without_readers_holds_nothing_up() -> None:
    notices, settled = SnsNotices(StubbedSns(subscriptions=[]), "a-topic", SEOUL), list[str]()
    action = a_violation().action
    assert action is not None

    notices.tell(Outcome("a-rule", action, OutcomeKind.APPLIED, "done", DUE))
    notices.afterwards(lambda: settled.append("told nobody"))

    assert settled == ["told nobody"]


def test_what_was_done_comes_with_its_undo(mailbox: Mailbox) -> None:
    mailbox.subscribe()
    action = a_violation(action=ActionKind.RELEASE_PROVISIONED_CONCURRENCY).action
    assert action is not None
    notices = mailbox.notices(ZoneInfo("UTC"))

    notices.tell(Outcome("a-rule", action, OutcomeKind.APPLIED, "done", DUE, "aws sagemaker undo"))

    [mail] = mailbox.mail()
    assert mail["Subject"].endswith("ep was released from its provisioned concurrency")
    assert "at 2026-11-03T09:00+00:00 (UTC)" in mail["Message"]
    assert f"Undo:       sagewarden restore {action.ref.arn}" in mail["Message"]
    assert notices.undelivered == ()


def test_one_call_starts_a_notebook_again_and_the_notice_names_it(mailbox: Mailbox) -> None:
    mailbox.subscribe()
    action = a_violation(action=ActionKind.STOP).action
    assert action is not None

    mailbox.notices(ZoneInfo("UTC")).tell(
        Outcome("a-rule", action, OutcomeKind.APPLIED, "done", DUE, "aws sagemaker undo")
    )

    [mail] = mailbox.mail()
    assert "Undo:       aws sagemaker undo" in mail["Message"]


def test_what_is_called_off_is_told(mailbox: Mailbox) -> None:
    mailbox.subscribe()
    notifier: Notifier = mailbox.notices()

    notifier.resolved(open_case(a_violation(), NOW))

    [mail] = mailbox.mail()
    assert mail["Subject"] == "Sagewarden: endpoint ep: called off"
    assert "It will not be deleted: the reason is gone." in mail["Message"]


def test_a_subject_is_short_plain_text_whatever_the_name(mailbox: Mailbox) -> None:
    mailbox.subscribe()
    verdict = a_violation(a_ref("모델-" * 40, ResourceKind.ENDPOINT))

    assert mailbox.notices().warn(open_case(verdict, NOW), verdict, DUE)

    [mail] = mailbox.mail()
    assert len(mail["Subject"]) <= SUBJECT_LENGTH
    assert mail["Subject"].isascii()
    assert "모델-모델-" in mail["Message"]


def test_any_number_of_messages_reaches_a_queue(sandbox: Sandbox) -> None:
    client = sandbox.client("sqs")
    url = client.create_queue(QueueName="many")["QueueUrl"]

    SqsQueues(client).send(url, (str(number) for number in range(23)))

    waiting = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert waiting["ApproximateNumberOfMessages"] == "23"
    assert sandbox.calls.count("sqs", "SendMessageBatch") == 3


def test_a_queue_that_is_not_there_fails_loudly(sandbox: Sandbox) -> None:
    client = sandbox.client("sqs")

    with pytest.raises(ActionFailedError, match=r"sending to .*none failed: .*NonExistentQueue"):
        SqsQueues(client).send(f"{sandbox.endpoint_url}/123456789012/none", ["a"])


def test_messages_that_sqs_refuses_fail_loudly() -> None:
    class Refusing:
        def send_message_batch(self, **_: object) -> dict[str, Any]:
            return {"Failed": [{"Id": "1", "Code": "KmsThrottled", "Message": "throttled"}]}

    with pytest.raises(ActionFailedError, match="1 of 2 messages were refused: throttled"):
        SqsQueues(Refusing()).send("a-queue", ["a", "b"])


class StubbedSns:
    """An SNS client with subscriptions of any state, which may refuse to publish."""

    def __init__(self, subscriptions: list[str], *, refusing: bool = False) -> None:
        self._pages = [{"Subscriptions": [{"SubscriptionArn": arn}]} for arn in subscriptions]
        self.refusing = refusing
        self.published: list[dict[str, str]] = []

    def get_paginator(self, _operation: str) -> "StubbedSns":
        return self

    @property
    def paginate(self) -> Callable[..., list[dict[str, Any]]]:
        return lambda **_: self._pages

    def publish(self, **message: str) -> None:
        if self.refusing:
            raise ClientError(
                {"Error": {"Code": "KMSDisabledException", "Message": "the key is disabled"}},
                "Publish",
            )
        self.published.append(message)
