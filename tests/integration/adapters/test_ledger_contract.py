"""Every ledger keeps the same promises: the same tests run against each of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sagewarden.adapters.ledger_dynamodb import DynamoDBLedger, create_table
from sagewarden.adapters.ledger_memory import CLAIM_LASTS, MemoryLedger
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.outcomes import Manifest, Outcome, OutcomeKind
from sagewarden.domain.resources import ResourceKind, ResourceRef
from sagewarden_cli.local_ledger import LocalLedger

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
ARN = "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/"

type AnyLedger = MemoryLedger | DynamoDBLedger


class RereadLedger(MemoryLedger):
    """A local ledger that every call reads anew from its file, as another process would."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_"):
            return super().__getattribute__(name)
        return getattr(LocalLedger(self._path), name)


@pytest.fixture(params=["memory", "local file", "dynamodb"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AnyLedger:
    if request.param == "memory":
        return MemoryLedger()
    if request.param == "local file":
        return RereadLedger(tmp_path / "ledger.json")
    sessions = request.getfixturevalue("sessions")
    client = sessions.client("dynamodb", "us-east-1")
    table = f"ledger-{tmp_path.name}"
    create_table(client, table)
    return DynamoDBLedger(client, table)


def a_ref(name: str = "nb", region: str = "us-east-1") -> ResourceRef:
    return ResourceRef(ResourceKind.NOTEBOOK_INSTANCE, "123456789012", region, name, ARN + name)


def an_outcome(
    kind: ActionKind = ActionKind.STOP,
    result: OutcomeKind = OutcomeKind.APPLIED,
    at: datetime = NOW,
    ref: ResourceRef | None = None,
) -> Outcome:
    action = Action(kind, ref or a_ref(), Precondition("InService", NOW, NOW, None))
    return Outcome("hours", action, result, "because", at, undo="start it")


def a_case(case_id: str = "c1", state: CaseState = CaseState.OPEN) -> Case:
    return Case(case_id, "hours", an_outcome().action, "it runs", state, NOW)


def test_a_claim_is_given_once(ledger: AnyLedger) -> None:
    assert ledger.claim("intent", NOW)

    assert not ledger.claim("intent", NOW + timedelta(minutes=1))


def test_a_claim_lapses_so_that_a_crashed_run_blocks_nobody(ledger: AnyLedger) -> None:
    ledger.claim("intent", NOW)

    assert ledger.claim("intent", NOW + CLAIM_LASTS)


def test_a_claim_that_was_given_up_is_given_again(ledger: AnyLedger) -> None:
    ledger.claim("intent", NOW)

    ledger.release("intent", NOW)

    assert ledger.claim("intent", NOW)


def test_nobody_gives_up_a_claim_that_another_holds_by_now(ledger: AnyLedger) -> None:
    ledger.claim("intent", NOW)
    ledger.claim("intent", NOW + CLAIM_LASTS)

    ledger.release("intent", NOW)

    assert not ledger.claim("intent", NOW + CLAIM_LASTS)


def test_claims_do_not_meddle_with_each_other(ledger: AnyLedger) -> None:
    ledger.claim("one", NOW)

    assert ledger.claim("other", NOW)


def test_outcomes_are_kept_in_order_and_by_resource(ledger: AnyLedger) -> None:
    first, second = an_outcome(), an_outcome(ActionKind.START, at=NOW + timedelta(hours=1))
    ledger.record(first)
    ledger.record(an_outcome(ref=a_ref("other")))
    ledger.record(second)

    assert list(ledger.history(a_ref().arn)) == [first, second]


def test_two_outcomes_of_one_moment_are_both_kept(ledger: AnyLedger) -> None:
    ledger.record(an_outcome(result=OutcomeKind.FAILED))
    ledger.record(an_outcome(result=OutcomeKind.APPLIED))

    assert len(ledger.history(a_ref().arn)) == 2


def test_what_we_stopped_is_remembered_until_we_start_it(ledger: AnyLedger) -> None:
    ledger.record(an_outcome())
    remembered = dict(ledger.stopped_by_us("123456789012", "us-east-1", "hours"))

    ledger.record(an_outcome(ActionKind.START, at=NOW + timedelta(hours=1)))

    assert remembered == {a_ref().arn: NOW}
    assert dict(ledger.stopped_by_us("123456789012", "us-east-1", "hours")) == {}


def test_a_stop_that_did_not_happen_is_not_remembered(ledger: AnyLedger) -> None:
    ledger.record(an_outcome(result=OutcomeKind.STALE))
    ledger.record(an_outcome(result=OutcomeKind.FAILED))

    assert dict(ledger.stopped_by_us("123456789012", "us-east-1", "hours")) == {}


def test_stops_are_remembered_by_region(ledger: AnyLedger) -> None:
    ledger.record(an_outcome(ref=a_ref(region="eu-west-1")))

    assert dict(ledger.stopped_by_us("123456789012", "us-east-1", "hours")) == {}


def test_a_manifest_comes_back_as_it_was(ledger: AnyLedger) -> None:
    manifest = Manifest(a_ref(), NOW, {"endpoint": {"tags": {"a": "1"}, "counts": [1, 2]}})

    ledger.keep(manifest)

    assert list(ledger.manifests(a_ref().arn)) == [manifest]


def test_a_case_is_found_again_one_version_on(ledger: AnyLedger) -> None:
    assert ledger.case("c1") is None
    assert ledger.save(a_case())

    found = ledger.case("c1")

    assert found is not None
    assert found.version == 1
    assert found.state is CaseState.OPEN


def test_of_two_writers_of_a_case_one_wins(ledger: AnyLedger) -> None:
    ledger.save(a_case())
    seen = ledger.case("c1")
    assert seen is not None

    first = ledger.save(seen.warned(NOW, NOW + timedelta(hours=24)))
    second = ledger.save(seen.ended(CaseState.RESOLVED, NOW))

    assert (first, second) == (True, False)
    stored = ledger.case("c1")
    assert stored is not None
    assert stored.state is CaseState.WARNED
    assert stored.due_at == NOW + timedelta(hours=24)


def test_a_case_that_nobody_knows_is_not_overwritten(ledger: AnyLedger) -> None:
    ledger.save(a_case())

    assert not ledger.save(a_case(state=CaseState.DONE))


def test_only_cases_that_have_not_ended_are_live(ledger: AnyLedger) -> None:
    ledger.save(a_case("c1"))
    ledger.save(a_case("c2"))
    ended = ledger.case("c2")
    assert ended is not None
    ledger.save(ended.ended(CaseState.RESOLVED, NOW))

    live = ledger.live_cases("123456789012", "us-east-1")

    assert [case.case_id for case in live] == ["c1"]
    assert not ledger.live_cases("123456789012", "eu-west-1")


def test_a_halt_holds_until_it_is_lifted(ledger: AnyLedger) -> None:
    before = ledger.halted()
    ledger.halt("a metric outage")
    during = ledger.halted()

    ledger.halt(None)

    assert (before, during, ledger.halted()) == (None, "a metric outage", None)


def test_a_ledger_that_does_not_answer_is_an_error_of_ours(sessions: Sessions) -> None:
    ledger = DynamoDBLedger(sessions.client("dynamodb", "us-east-1"), "no-such-table")

    with pytest.raises(UnreadableError, match="ResourceNotFoundException"):
        ledger.halted()
    with pytest.raises(ActionFailedError, match="ResourceNotFoundException"):
        ledger.claim("intent", NOW)
