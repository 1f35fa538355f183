"""``sagewarden redrive`` where announcements ended as dead letters."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sagewarden.domain.audit import EVERYTHING, AuditEntry, Happening
from sagewarden_cli.announcing_again import NotAgainError, OnTheBus
from sagewarden_cli.dead_letters import Letterbox
from sagewarden_cli.redriving import NO_BUS, Fate, Settled, send_back
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack_queues import DeadLetterQueue
from tests.support.announcing import Announcing, announcing
from tests.support.builders import NOW
from tests.support.templates import ROOT

pytestmark = pytest.mark.aws


@pytest.fixture
def at_work(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Announcing]:
    with announcing(sandbox, tmp_path, monkeypatch, webhook=True) as found:
        yield found


def on_the_bus(at_work: Announcing) -> OnTheBus:
    bus = at_work.wiring.stack.resources["AnnouncementsBus"].ref
    return OnTheBus(at_work.wiring.sandbox.client("events"), bus)


def redrive(
    at_work: Announcing, name: str, bus: OnTheBus | None, *, include_poison: bool = False
) -> list[Settled]:
    url = at_work.wiring.stack.resources[f"{name.capitalize()}DeadLetters"].ref
    box = Letterbox(at_work.wiring.sandbox.client("sqs"), DeadLetterQueue(name, url))
    box.look()
    settled = list(send_back(box, include_poison=include_poison, bus=bus))
    box.give_back()
    at_work.wiring.sandbox.clock.advance(timedelta(seconds=1))
    return settled


def what_the_webhook_did_not_take(at_work: Announcing) -> dict[str, Any]:
    """An event of the bus, as EventBridge puts it on the dead-letter queue."""
    at_work.ledger.note(AuditEntry(NOW, EVERYTHING, Happening.RESUMED, "ops"))
    at_work.wiring.deliver()
    [event] = at_work.heard()
    leave(at_work, "Webhook", json.dumps(event), ERROR_CODE="404", ERROR_MESSAGE="Not Found")
    return dict(event)


def leave(at_work: Announcing, part: str, body: str, **attributes: str) -> None:
    at_work.wiring.sandbox.client("sqs").send_message(
        QueueUrl=at_work.wiring.stack.resources[f"{part}DeadLetters"].ref,
        MessageBody=body,
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
        },
    )


def test_what_the_webhook_did_not_take_goes_onto_the_bus_as_it_was(at_work: Announcing) -> None:
    event = what_the_webhook_did_not_take(at_work)

    [settled] = redrive(at_work, "webhook", on_the_bus(at_work))

    [again] = at_work.heard()
    assert (settled.fate, settled.reason) == (Fate.SENT, "put on s-announcements again")
    assert settled.letter.reason == "Not Found"
    assert {**again, "id": event["id"]} == event
    assert at_work.dead("Webhook") == []


def test_what_was_set_aside_is_announced_by_a_version_that_can_read_it(
    at_work: Announcing,
) -> None:
    body = (ROOT / "events/announcer/owner_warned.json").read_text(encoding="utf-8")
    leave(at_work, "Announcer", body, Reason="'warned' is not a valid Happening")

    kept = redrive(at_work, "announcer", on_the_bus(at_work))
    sent = redrive(at_work, "announcer", on_the_bus(at_work), include_poison=True)

    assert [one.fate for one in (*kept, *sent)] == [Fate.KEPT, Fate.SENT]
    assert [event["detail-type"] for event in at_work.heard()] == ["Case Opened", "Owner Warned"]


def test_what_only_names_a_place_in_the_stream_stays_with_its_reason(at_work: Announcing) -> None:
    lost = {"requestContext": {"condition": "RecordAgeExceeded"}, "DDBStreamBatchInfo": {}}
    leave(at_work, "Announcer", json.dumps(lost))

    [settled] = redrive(at_work, "announcer", on_the_bus(at_work))

    assert (settled.fate, settled.letter.reason) == (Fate.KEPT, "RecordAgeExceeded")
    assert "the entries are in the ledger" in settled.reason


def test_without_a_bus_nothing_is_sent_and_nothing_lost(at_work: Announcing) -> None:
    what_the_webhook_did_not_take(at_work)

    [settled] = redrive(at_work, "webhook", None)

    assert (settled.fate, settled.reason) == (Fate.FAILED, NO_BUS)
    assert len(at_work.dead("Webhook")) == 1


@pytest.mark.parametrize("body", ["{", "[]", '{"Records": [{}]}'])
def test_what_is_no_event_is_not_put_on_the_bus(at_work: Announcing, body: str) -> None:
    with pytest.raises(NotAgainError):
        on_the_bus(at_work).put(body)


def test_what_eventbridge_does_not_take_stays() -> None:
    class Throttled:
        def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
            return {"Entries": [{"ErrorCode": "ThrottlingException"} for _ in Entries]}

    bus = OnTheBus(Throttled(), "bus")
    event = {"source": "s", "detail-type": "A B", "detail": {}, "resources": []}
    warned = (ROOT / "events/announcer/owner_warned.json").read_text(encoding="utf-8")

    for body in (json.dumps({**event, "time": "2026-11-16T01:10:04Z"}), warned):
        with pytest.raises(NotAgainError, match="not accepted: ThrottlingException"):
            bus.put(body)
