"""The webhook: what it is sent, and what becomes of events that it does not take."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sagewarden.domain.audit import EVERYTHING, AuditEntry, Happening
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.iam.grants import grants_of
from sagewarden_cli.stack.iam.proof import prove
from tests.support.announcing import HOST, KEY, Announcing, announcing
from tests.support.builders import NOW
from tests.support.webhook_receiver import Receiver, receiving

pytestmark = pytest.mark.aws


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def at_work(
    sandbox: Sandbox, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Announcing]:
    with announcing(sandbox, tmp_path, monkeypatch, webhook=True) as found:
        found.wiring.webhooks.hosts[HOST] = receiver.url
        yield found


def resume(at_work: Announcing, times: int = 1) -> None:
    """Let something happen, several times."""
    for number in range(times):
        at = NOW + timedelta(minutes=number)
        at_work.ledger.note(AuditEntry(at, EVERYTHING, Happening.RESUMED, "ops"))
    at_work.wiring.deliver()


def later(at_work: Announcing, length: timedelta) -> None:
    at_work.wiring.run_until(at_work.wiring.sandbox.clock.now() + length)


def letters(at_work: Announcing) -> list[dict[str, str]]:
    return [
        {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
        for letter in at_work.dead("Webhook")
    ]


def test_it_gets_the_event_as_subscribers_do_with_the_key(
    at_work: Announcing, receiver: Receiver
) -> None:
    resume(at_work)

    [(headers, event)] = receiver.requests
    assert (headers["x-api-key"], receiver.paths) == (KEY, ["/sagewarden"])
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert event == at_work.heard()[0]
    assert event["detail-type"] == "Acting Resumed"


@pytest.mark.parametrize("status", [401, 407, 409, 429, 500, 503])
def test_what_may_pass_is_tried_again_and_arrives(
    at_work: Announcing, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status, status]
    resume(at_work)
    at_once = len(receiver.requests)

    later(at_work, timedelta(minutes=1))

    assert (at_once, len(receiver.requests), letters(at_work)) == (1, 3, [])
    assert len({event["detail"]["id"] for event in receiver.events}) == 1


@pytest.mark.parametrize("status", [400, 403, 404])
def test_what_it_refuses_is_a_dead_letter_at_once(
    at_work: Announcing, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status]
    resume(at_work)

    [letter] = letters(at_work)
    assert letter["ERROR_CODE"] == str(status)
    assert letter["RULE_ARN"].endswith(":rule/s-announcements/s-WebhookRule")
    assert len(receiver.requests) == 1


def test_while_it_is_down_the_bus_goes_on_and_after_a_day_its_events_are_dead_letters(
    at_work: Announcing,
) -> None:
    at_work.wiring.webhooks.hosts.clear()
    resume(at_work)
    heard = at_work.heard()

    later(at_work, timedelta(hours=23))
    before = letters(at_work)
    later(at_work, timedelta(hours=2))

    [letter] = letters(at_work)
    assert (len(heard), before) == (1, [])
    assert letter["EXHAUSTED_RETRY_CONDITION"] in {
        "MaximumEventAgeInSeconds",
        "MaximumRetryAttempts",
    }
    assert at_work.wiring.failures == []


def test_it_is_waited_for_as_long_as_it_asks(at_work: Announcing, receiver: Receiver) -> None:
    receiver.answers, receiver.headers = [429], {"Retry-After": "600"}
    resume(at_work)

    later(at_work, timedelta(minutes=9))
    early = len(receiver.requests)
    later(at_work, timedelta(minutes=2))

    assert (early, len(receiver.requests)) == (1, 2)


def test_it_gets_no_more_a_second_than_was_said(at_work: Announcing, receiver: Receiver) -> None:
    resume(at_work, times=25)
    at_once = len(receiver.requests)

    later(at_work, timedelta(seconds=5))

    assert (at_once, len(receiver.requests)) == (10, 25)


def test_the_roles_allow_what_was_done_and_no_more(at_work: Announcing) -> None:
    resume(at_work)

    grants = {
        role: statements
        for role, statements in grants_of(at_work.wiring.stack).items()
        if "WebhookRole" in role
    }
    asked = [one for one in at_work.wiring.recorder.requests if "WebhookRole" in one.role]
    proof = prove(grants, asked)

    assert (proof.denied, proof.unused, len(asked)) == ((), frozenset(), 1)


def test_moto_alone_would_send_neither_event_nor_key(
    sandbox: Sandbox, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day this fails, moto may be trusted with API destinations: see stack/forwarding.py."""
    monkeypatch.setenv("MOTO_EVENTS_INVOKE_HTTP", "true")
    events = sandbox.client("events")
    key = {"ApiKeyName": "X-Api-Key", "ApiKeyValue": KEY}
    connection = events.create_connection(
        Name="c", AuthorizationType="API_KEY", AuthParameters={"ApiKeyAuthParameters": key}
    )["ConnectionArn"]
    destination = events.create_api_destination(
        Name="d", ConnectionArn=connection, InvocationEndpoint=receiver.url, HttpMethod="POST"
    )["ApiDestinationArn"]
    events.put_rule(Name="r", EventPattern='{"source": ["sagewarden"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": destination}])

    events.put_events(Entries=[{"Source": "sagewarden", "DetailType": "A B", "Detail": "{}"}])

    [(headers, event)] = receiver.requests
    assert (event, "x-api-key" in headers) == ({}, False)
