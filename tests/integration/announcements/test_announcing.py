"""From the ledger's stream to the bus: once, in order, with nothing lost and nobody held up."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sagewarden.adapters.ledger_dynamodb import DynamoDBLedger
from sagewarden.application.answers import Answer, ask_for_now, exempt, restored, snooze
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.audit import EVERYTHING, AuditEntry, Happening, noted
from sagewarden.domain.cases import Case, CaseState, open_case
from sagewarden.domain.outcomes import Manifest, Outcome, OutcomeKind
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.observation import ObservedCall
from tests.support.announcing import Announcing, announcing
from tests.support.builders import NOW, a_ref, a_violation
from tests.support.event_schemas import faults_of

pytestmark = pytest.mark.aws

HOUR = timedelta(hours=1)


@pytest.fixture
def at_work(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Announcing]:
    with announcing(sandbox, tmp_path, monkeypatch) as found:
        yield found


def warned(ledger: DynamoDBLedger, name: str = "ep") -> Case:
    """A case of which the owner was told."""
    case = open_case(a_violation(a_ref(name)), NOW)
    opened = noted(case, Happening.OPENED, NOW, reason=case.reason)
    assert ledger.save(case, opened)
    found = ledger.case(case.case_id)
    assert found is not None
    told = noted(case, Happening.WARNED, NOW + HOUR, reason=case.reason, due=NOW + 2 * HOUR)
    assert ledger.save(found.warned(NOW + HOUR, NOW + 2 * HOUR), told)
    return case


def acted(ledger: DynamoDBLedger, case: Case, kind: OutcomeKind = OutcomeKind.APPLIED) -> None:
    """What became of the case's action."""
    found = ledger.case(case.case_id)
    assert found is not None
    acting, at = found.acting(), NOW + 3 * HOUR
    ledger.save(acting, noted(case, Happening.ACTING, at))
    ledger.record(Outcome(case.rule, case.action, kind, "it was deleted", at, "sagewarden restore"))
    stored = ledger.case(case.case_id)
    assert stored is not None
    ledger.save(stored.ended(CaseState.DONE, at))


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["detail-type"] for event in events]


def refuse_put_events(times: int, failures: list[int]) -> Any:
    """An observer that lets EventBridge be down for some calls."""
    left = [times]

    def observe(call: ObservedCall) -> None:
        if (call.service, call.operation) == ("events", "PutEvents") and left[0]:
            left[0] -= 1
            failures.append(len(call.params["Entries"]))
            raise AwsError("AccessDeniedException", "not now", 400)  # type: ignore[arg-type]

    return observe


def test_a_cases_whole_life_is_heard_once_in_order_and_as_the_schema_says(
    at_work: Announcing,
) -> None:
    case = warned(at_work.ledger)
    acted(at_work.ledger, case)
    restored(case.case_id, Answer("mina", NOW + 4 * HOUR), at_work.ledger)

    at_work.wiring.deliver()

    events = at_work.heard()
    assert kinds(events) == [
        "Case Opened",
        "Owner Warned",
        "Action Started",
        "Action Outcome",
        "Case Restored",
    ]
    assert [faults_of(event) for event in events] == [[]] * 5
    assert {event["detail"]["case"] for event in events} == {case.case_id}
    assert {tuple(event["resources"]) for event in events} == {(case.ref.arn,)}
    assert events[1]["time"] == "2026-11-02T12:00:00Z"


def test_what_people_say_and_what_concerns_everything_is_heard_too(at_work: Announcing) -> None:
    ledger, answer = at_work.ledger, Answer("mina", NOW + 2 * HOUR)
    snooze(warned(ledger, "a").case_id, NOW + 24 * HOUR, answer, ledger)
    ask_for_now(warned(ledger, "b").case_id, answer, ledger)
    exempt(warned(ledger, "c").case_id, date(2026, 12, 24), "a launch", answer, ledger)
    [exemption] = ledger.all_exemptions()
    ledger.lift(exemption, "ops", NOW + 3 * HOUR)
    ledger.halt("incident 42", "ops", NOW + 3 * HOUR)
    ledger.resume("ops", NOW + 4 * HOUR)

    at_work.wiring.deliver()

    events = [event for event in at_work.heard() if event["detail"]["by"] != "sagewarden"]
    heard: dict[str, list[str]] = {}
    for event in events:
        heard.setdefault(event["detail"].get("name", "all"), []).append(event["detail-type"])
    assert heard == {
        "a": ["Case Snoozed"],
        "b": ["Action Requested"],
        "c": ["Exemption Added", "Case Resolved", "Exemption Lifted"],
        "all": ["Acting Halted", "Acting Resumed"],
    }
    assert [faults_of(event) for event in events] == [[]] * 7


def test_claims_cases_and_manifests_wake_nobody(at_work: Announcing) -> None:
    case = open_case(a_violation(), NOW)
    at_work.ledger.claim("a", NOW)
    at_work.ledger.keep(Manifest(case.ref, NOW, {}))
    at_work.ledger.save(case)

    at_work.wiring.deliver()

    assert at_work.runtime.events == []


def test_the_same_entry_noted_again_is_announced_once(at_work: Announcing) -> None:
    entry = AuditEntry(NOW, EVERYTHING, Happening.RESUMED, "ops")
    at_work.ledger.note(entry)
    at_work.wiring.deliver()

    at_work.ledger.note(entry)
    at_work.wiring.deliver()

    assert len(at_work.heard()) == 1


def test_a_batch_that_comes_twice_is_heard_twice_with_the_same_ids(at_work: Announcing) -> None:
    warned(at_work.ledger)
    at_work.runtime.crashes = 1

    at_work.wiring.run_until(at_work.wiring.sandbox.clock.now() + HOUR)

    ids = [event["detail"]["id"] for event in at_work.heard()]
    assert len(ids) == 4
    assert ids[:2] == ids[2:]
    assert [failure.error for failure in at_work.wiring.failures] == ["Runtime.ExitError: killed"]


def test_a_crash_in_the_middle_of_many_loses_nothing(at_work: Announcing) -> None:
    cases = [warned(at_work.ledger, f"ep-{number}") for number in range(60)]
    at_work.runtime.crashes = 3

    at_work.wiring.run_until(at_work.wiring.sandbox.clock.now() + HOUR)

    heard = at_work.heard()
    sizes = [len(event["Records"]) for event in at_work.runtime.events]
    assert {event["detail"]["case"] for event in heard} == {case.case_id for case in cases}
    assert len({event["detail"]["id"] for event in heard}) == 120
    assert sizes[:4] == [100, 50, 25, 13]


def test_while_eventbridge_is_down_everything_waits_in_its_order(at_work: Announcing) -> None:
    case, failures = warned(at_work.ledger), list[int]()
    wiring = at_work.wiring

    with wiring.sandbox.observers.watching(refuse_put_events(7, failures)):
        wiring.deliver()
        before = at_work.heard()
        wiring.run_until(wiring.sandbox.clock.now() + HOUR)

    assert (before, failures) == ([], [1] * 7)
    assert kinds(at_work.heard()) == ["Case Opened", "Owner Warned"]
    assert at_work.ledger.case(case.case_id) is not None
    assert wiring.waiting_in("s-AnnouncerDeadLetters") == 0


def test_what_waits_for_a_day_is_given_up_and_said_so(at_work: Announcing) -> None:
    warned(at_work.ledger)
    wiring = at_work.wiring

    with wiring.sandbox.observers.watching(refuse_put_events(10**6, [])):
        wiring.deliver()
        wiring.sleep_until(wiring.sandbox.clock.now() + timedelta(hours=22, minutes=59))
        wiring.run_until(wiring.sandbox.clock.now() + timedelta(minutes=2))

    letters = [json.loads(letter["Body"]) for letter in at_work.dead("Announcer")]
    assert [one["requestContext"]["condition"] for one in letters] == ["RecordAgeExceeded"] * 2
    assert at_work.heard() == []


def test_an_entry_that_cannot_be_read_is_set_aside_and_the_others_go_on(
    at_work: Announcing,
) -> None:
    table = at_work.wiring.stack.resources["Ledger"].ref
    strange = {"pk": {"S": "RESOURCE#x"}, "sk": {"S": "AUDIT#2026#1"}, "body": {"S": "{}"}}
    at_work.wiring.sandbox.client("dynamodb").put_item(TableName=table, Item=strange)
    warned(at_work.ledger)

    at_work.wiring.deliver()

    [letter] = at_work.dead("Announcer")
    assert letter["MessageAttributes"]["Reason"]["StringValue"] == "KeyError: 'at'"
    [record] = json.loads(letter["Body"])["Records"]
    assert record["dynamodb"]["NewImage"] == strange
    assert kinds(at_work.heard()) == ["Case Opened", "Owner Warned"]


def test_what_was_set_aside_is_announced_by_an_invocation_with_its_letter(
    at_work: Announcing,
) -> None:
    warned(at_work.ledger)
    at_work.wiring.deliver()
    at_work.heard()
    letter = json.loads(json.dumps(at_work.runtime.events[0]))

    answer = at_work.runtime.handler(letter, at_work.runtime.context)

    assert answer == {"batchItemFailures": []}
    assert kinds(at_work.heard()) == ["Case Opened", "Owner Warned"]


def test_where_nothing_can_be_set_aside_the_stream_waits(
    at_work: Announcing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEAD_LETTERS_QUEUE", "http://localhost/123456789012/no-such-queue")
    table = at_work.wiring.stack.resources["Ledger"].ref
    strange = {"pk": {"S": "RESOURCE#x"}, "sk": {"S": "OUTCOME#2026#1"}, "body": {"S": "no JSON"}}
    at_work.wiring.sandbox.client("dynamodb").put_item(TableName=table, Item=strange)

    at_work.wiring.deliver()

    [number] = [record["dynamodb"]["SequenceNumber"] for record in _records(at_work)]
    event = at_work.runtime.events[0]
    answer = at_work.runtime.handler(event, at_work.runtime.context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": number}]}


def _records(at_work: Announcing) -> list[dict[str, Any]]:
    return list(at_work.runtime.events[0]["Records"])


def test_an_undoing_is_heard_without_a_case(at_work: Announcing) -> None:
    violation = a_violation()
    assert violation.action is not None
    undoing = Action(ActionKind.RESTORE, violation.ref, violation.action.precondition)
    at_work.ledger.record(Outcome("idle-endpoints", undoing, OutcomeKind.UNDER_WAY, "waits", NOW))

    at_work.wiring.deliver()

    [event] = at_work.heard()
    assert faults_of(event) == []
    assert (event["detail"]["outcome"], event["detail"].get("case")) == ("UNDER_WAY", None)


def test_a_batch_that_is_none_is_refused(at_work: Announcing) -> None:
    with pytest.raises(Exception, match="invoke this function from its stream"):
        at_work.runtime.handler({"version": 1}, at_work.runtime.context)
