"""The machinery on a stack of one function: every kind of wire, and what IAM is asked."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagewarden_cli.stack.building import Built
from sagewarden_cli.stack.iam.grants import grants_of
from sagewarden_cli.stack.iam.proof import prove
from sagewarden_cli.stack.topics import published
from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.conftest import Play

pytestmark = pytest.mark.stack

SIX_IN_SEOUL = datetime(2026, 11, 16, 9, tzinfo=UTC)


@pytest.fixture
def wiring(tiny: Built, play: Play) -> Iterator[Wiring]:
    with play(tiny, "tiny") as found:
        yield found


def send(wiring: Wiring, identifier: str) -> None:
    url = wiring.stack.resources["Work"].ref
    body = json.dumps({"id": identifier})
    wiring.sandbox.client("sqs").send_message(QueueUrl=url, MessageBody=body)


def notes(wiring: Wiring) -> dict[str, dict[str, Any]]:
    table = wiring.stack.resources["Notes"].ref
    items = wiring.sandbox.client("dynamodb").scan(TableName=table)["Items"]
    return {
        item["pk"]["S"]: {name: next(iter(value.values())) for name, value in item.items()}
        for item in items
    }


def dead(wiring: Wiring) -> int:
    return wiring.waiting_in(wiring.stack.resources["Dead"].attributes["QueueName"])


def test_a_schedule_fires_at_its_own_minute_in_its_own_zone(wiring: Wiring) -> None:
    wiring.run_until(SIX_IN_SEOUL - timedelta(minutes=1))
    before = notes(wiring)

    wiring.run_until(SIX_IN_SEOUL)

    assert before == {}
    assert list(notes(wiring)) == ["2026-11-16T09:00:00Z"]


def test_the_function_has_its_layer_its_environment_and_the_time_of_the_sandbox(
    wiring: Wiring,
) -> None:
    send(wiring, "a")

    wiring.deliver()

    note = notes(wiring)["a"]
    assert note["word"] == "hello layer file"
    assert note["at"].startswith("2026-11-16T08:50:0")
    assert 0 < int(note["left"]) <= 3000
    assert published(wiring.stack.resources["News"].ref) == ("a",)


def test_only_the_refused_message_of_a_batch_comes_back_and_ends_in_the_dead_letter_queue(
    wiring: Wiring,
) -> None:
    send(wiring, "refuse")
    send(wiring, "fine")

    wiring.deliver()
    after_one_try = (list(notes(wiring)), dead(wiring))
    wiring.run_until(wiring.sandbox.clock.now() + timedelta(minutes=3))

    assert after_one_try == (["fine"], 0)
    assert dead(wiring) == 1


@pytest.mark.parametrize(
    ("poison", "error"),
    [("crash", "RuntimeError: as asked"), ("loop", "Platform: Task timed out after 3.00 seconds")],
)
def test_a_function_that_fails_or_hangs_is_tried_again_and_then_given_up(
    wiring: Wiring, poison: str, error: str
) -> None:
    send(wiring, poison)

    wiring.run_until(wiring.sandbox.clock.now() + timedelta(minutes=3))

    assert [failure.error for failure in wiring.failures] == [error, error]
    assert dead(wiring) == 1


def test_an_event_reaches_the_function_through_its_rule_and_another_does_not(
    wiring: Wiring,
) -> None:
    events = wiring.sandbox.client("events")
    for detail_type in ("SageMaker Endpoint State Change", "SageMaker Model State Change"):
        detail = json.dumps({"EndpointName": detail_type})
        events.put_events(
            Entries=[{"Source": "aws.sagemaker", "DetailType": detail_type, "Detail": detail}]
        )

    wiring.deliver()

    assert list(notes(wiring)) == ["SageMaker Endpoint State Change"]


def test_a_message_can_be_delivered_twice(wiring: Wiring) -> None:
    wiring.deliver_twice = True
    send(wiring, "a")

    wiring.deliver()

    assert published(wiring.stack.resources["News"].ref) == ("a", "a")


def test_what_the_roles_did_was_allowed_and_what_they_never_needed_is_named(
    wiring: Wiring,
) -> None:
    send(wiring, "a")
    wiring.run_until(SIX_IN_SEOUL)

    proof = prove(grants_of(wiring.stack), wiring.recorder.requests)

    assert wiring.recorder.unknown == []
    assert proof.denied == ()
    assert [str(grant) for grant in proof.unused] == [
        "WorkerRole/worker/Idle: dynamodb:DeleteTable"
    ]


def test_a_right_that_is_missing_is_found(wiring: Wiring) -> None:
    send(wiring, "a")
    wiring.deliver()
    without = {
        role: tuple(one for one in statements if not one.source.endswith("/Note"))
        for role, statements in grants_of(wiring.stack).items()
    }

    proof = prove(without, wiring.recorder.requests)

    table = "arn:aws:dynamodb:us-east-1:123456789012:table/tiny-Notes"
    complaint = f"tiny-WorkerRole: dynamodb:PutItem on {table}: no statement allows it"
    assert proof.denied == (complaint,)
