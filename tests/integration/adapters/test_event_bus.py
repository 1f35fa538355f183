"""EventBridge: what is put on a bus, in how many calls, and what counts as accepted."""

import json
from datetime import timedelta
from typing import Any

import pytest

from sagewarden.adapters.event_bus import MOST_BYTES, EventBus, open_bus
from sagewarden.adapters.sessions import Sessions
from sagewarden.domain.announcements import LONGEST, Announcement
from sagewarden_cli.sandbox import Sandbox
from tests.support.announcing import subscribe
from tests.support.builders import NOW, a_ref
from tests.support.faults import answer_with_error

pytestmark = pytest.mark.aws

ARN = a_ref("nb").arn


def an_announcement(number: int = 0, reason: str = "it runs", **detail: str) -> Announcement:
    told = {"version": "1", "id": str(number), "reason": reason, **detail}
    return Announcement("Case Opened", NOW + timedelta(seconds=number), "line", told)


@pytest.fixture
def bus(sandbox: Sandbox) -> EventBus:
    sandbox.client("events").create_event_bus(Name="bus")
    subscribe(sandbox, "bus")
    return open_bus("us-east-1", "bus")


def heard(sandbox: Sandbox) -> list[dict[str, Any]]:
    sqs = sandbox.client("sqs")
    url = sqs.get_queue_url(QueueName="subscriber")["QueueUrl"]
    found: list[dict[str, Any]] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
    return found


def test_an_event_has_its_type_its_time_its_resource_and_its_fields(
    sandbox: Sandbox, bus: EventBus
) -> None:
    assert bus.put([an_announcement(arn=ARN), an_announcement(1)]) == [None, None]

    first, second = heard(sandbox)
    assert (first["source"], first["detail-type"]) == ("sagewarden", "Case Opened")
    assert (first["time"], first["resources"]) == ("2026-11-02T11:00:00Z", [ARN])
    assert first["detail"] == {"version": "1", "id": "0", "reason": "it runs", "arn": ARN}
    assert second["resources"] == []


def test_ten_go_into_a_call(sandbox: Sandbox, bus: EventBus) -> None:
    assert bus.put([an_announcement(number) for number in range(21)]) == [None] * 21

    assert sandbox.calls.count("events", "PutEvents") == 3


def test_a_call_is_no_larger_than_aws_takes(sandbox: Sandbox, bus: EventBus) -> None:
    longest = ["𝄞" * LONGEST] * 3
    told = dict(zip(("reason", "evidence", "why"), longest, strict=True))
    large = Announcement("Case Opened", NOW, "line", {"id": "1", **told})
    sizes: list[int] = []

    with sandbox.observers.watching(
        lambda call: sizes.append(
            sum(len(one["Detail"].encode()) for one in call.params["Entries"])
        )
    ):
        assert bus.put([large] * 10) == [None] * 10

    assert len(sizes) == 2
    assert max(sizes) <= MOST_BYTES


def test_only_what_eventbridge_refuses_of_a_call_is_refused() -> None:
    class Partial:
        def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
            refused = {"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded"}
            answers = [refused if "bad" in one["Detail"] else {"EventId": "e"} for one in Entries]
            return {"FailedEntryCount": 1, "Entries": answers}

    answers = EventBus(Partial(), "bus").put(
        [an_announcement(number, reason) for number, reason in enumerate(("a", "bad", "b"))]
    )

    assert answers == [None, "ThrottlingException: Rate exceeded", None]


def test_a_call_that_fails_refuses_all_of_it_and_the_next_call_is_made(sandbox: Sandbox) -> None:
    sandbox.client("events").create_event_bus(Name="bus")
    sessions = Sessions()
    answer_with_error(sessions, "events", "PutEvents", "AccessDeniedException", after=1)
    bus = EventBus(sessions.client("events", "us-east-1"), "bus")

    answers = bus.put([an_announcement(number) for number in range(12)])

    assert answers[:10] == [None] * 10
    assert all("AccessDeniedException" in str(why) for why in answers[10:])
