"""Every ledger keeps the same promises: the same tests run against each of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sagewarden.adapters.ledger_dynamodb import DynamoDBLedger, create_table
from sagewarden.adapters.ledger_memory import CLAIM_LASTS, MemoryLedger
from sagewarden.adapters.ledger_records import (
    case_record,
    outcome_record,
    read_case,
    read_outcome,
)
from sagewarden.adapters.manifest_archive import ManifestArchive, archive_key
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.audit import BOTS, EVERYTHING, AuditEntry, Happening, noted
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.outcomes import Manifest, Outcome, OutcomeKind
from sagewarden.domain.resources import ResourceKind, ResourceRef
from sagewarden_cli.local_ledger import LocalLedger

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SAVING = MonthlyCost(Decimal("23.5250"), "1 x ml.t3.medium", date(2026, 5, 21), Decimal("0.0500"))
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


@pytest.fixture(params=["memory", "local file", "dynamodb", "dynamodb and s3"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AnyLedger:
    if request.param == "memory":
        return MemoryLedger()
    if request.param == "local file":
        return RereadLedger(tmp_path / "ledger.json")
    sessions = request.getfixturevalue("sessions")
    client = sessions.client("dynamodb", "us-east-1")
    table = f"ledger-{tmp_path.name}"
    create_table(client, table)
    if request.param == "dynamodb":
        return DynamoDBLedger(client, table)
    return DynamoDBLedger(client, table, an_archive(sessions))


def an_archive(sessions: Sessions) -> ManifestArchive:
    s3 = sessions.client("s3", "us-east-1")
    s3.create_bucket(Bucket="archive")
    return ManifestArchive(lambda: s3, "archive")


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


def a_scaling(at: datetime = NOW) -> Outcome:
    """A node group that was scaled to zero."""
    ref = ResourceRef(ResourceKind.NODE_GROUP, "123456789012", "us-east-1", "ml/g", "arn:g")
    then = Precondition("ACTIVE", NOW, NOW, setup="min 1, desired 2, max 4")
    action = Action(ActionKind.SCALE_TO_ZERO, ref, then, sizes=(0, None))
    return Outcome("hours", action, OutcomeKind.APPLIED, "because", at)


def a_case(case_id: str = "c1", state: CaseState = CaseState.OPEN) -> Case:
    return Case(case_id, "hours", an_outcome().action, "it runs", state, NOW)


def an_exemption(resources: str, until: date | None = date(2027, 1, 31)) -> Exemption:
    return Exemption(resources, until, "migrating", "mina", NOW, rule="hours")


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


def test_what_was_scaled_to_zero_is_remembered_until_it_is_started(ledger: AnyLedger) -> None:
    ledger.record(a_scaling())
    assert dict(ledger.stopped_by_us("123456789012", "us-east-1", "hours")) == {"arn:g": NOW}

    later = NOW + timedelta(hours=1)
    action = replace(a_scaling().action, kind=ActionKind.START, sizes=(1, 2))
    ledger.record(replace(a_scaling(later), action=action))

    assert dict(ledger.stopped_by_us("123456789012", "us-east-1", "hours")) == {}
    assert [item.action for item in ledger.history("arn:g")] == [a_scaling().action, action]


def test_a_stop_that_did_not_happen_is_not_remembered(ledger: AnyLedger) -> None:
    ledger.record(an_outcome(result=OutcomeKind.STALE))
    ledger.record(an_outcome(result=OutcomeKind.FAILED))

    assert dict(ledger.stopped_by_us("123456789012", "us-east-1", "hours")) == {}


def test_what_was_done_can_be_undone_until_it_was(ledger: AnyLedger) -> None:
    deleted = an_outcome(ActionKind.DELETE, ref=a_ref("gone"))
    ledger.record(an_outcome())
    ledger.record(deleted)
    before = list(ledger.undoable("123456789012", "us-east-1"))

    ledger.record(an_outcome(ActionKind.RESTORE, at=NOW + timedelta(hours=1)))

    assert before in ([an_outcome(), deleted], [deleted, an_outcome()])
    assert list(ledger.undoable("123456789012", "us-east-1")) == [deleted]
    assert list(ledger.undoable("123456789012", "eu-west-1")) == []
    assert dict(ledger.stopped_by_us("123456789012", "us-east-1", "hours")) == {}


def test_a_restore_that_is_under_way_or_failed_leaves_what_can_be_undone(
    ledger: AnyLedger,
) -> None:
    deleted = an_outcome(ActionKind.DELETE)
    ledger.record(deleted)
    for number, result in enumerate((OutcomeKind.UNDER_WAY, OutcomeKind.FAILED), start=1):
        at = NOW + timedelta(minutes=number)
        ledger.record(an_outcome(ActionKind.RESTORE, result, at))

    assert list(ledger.undoable("123456789012", "us-east-1")) == [deleted]


def test_what_changes_nothing_that_runs_is_not_undone(ledger: AnyLedger) -> None:
    ledger.record(an_outcome(ActionKind.TAG_OWNER))
    ledger.record(an_outcome(ActionKind.DELETE, OutcomeKind.FAILED))

    assert list(ledger.undoable("123456789012", "us-east-1")) == []


def test_stops_are_remembered_by_region(ledger: AnyLedger) -> None:
    ledger.record(an_outcome(ref=a_ref(region="eu-west-1")))

    assert dict(ledger.stopped_by_us("123456789012", "us-east-1", "hours")) == {}


def test_a_manifest_comes_back_as_it_was(ledger: AnyLedger) -> None:
    manifest = Manifest(a_ref(), NOW, {"endpoint": {"tags": {"a": "1"}, "counts": [1, 2]}})

    ledger.keep(manifest)

    assert list(ledger.manifests(a_ref().arn)) == [manifest]


def test_manifests_of_a_resource_come_oldest_first_and_none_is_overwritten(
    ledger: AnyLedger,
) -> None:
    first = Manifest(a_ref(), NOW, {"endpoint": {"weight": 1.0}})
    second = Manifest(a_ref(), NOW + timedelta(hours=1), {"endpoint": {"weight": 0.5}})
    ledger.keep(second)
    ledger.keep(first)
    ledger.keep(Manifest(a_ref("other"), NOW, {}))

    assert sorted(ledger.manifests(a_ref().arn), key=lambda found: found.at) == [first, second]


def test_a_manifest_larger_than_an_item_of_dynamodb_lies_in_s3(
    sessions: Sessions, tmp_path: Path
) -> None:
    client, table = sessions.client("dynamodb", "us-east-1"), f"ledger-{tmp_path.name}"
    create_table(client, table)
    ledger = DynamoDBLedger(client, table, an_archive(sessions))
    manifest = Manifest(a_ref(), NOW, {"endpoint": {"environment": "x" * 500_000}})

    ledger.keep(manifest)

    assert list(ledger.manifests(a_ref().arn)) == [manifest]
    [stored] = sessions.client("s3", "us-east-1").list_objects_v2(Bucket="archive")["Contents"]
    assert stored["Key"] == (
        "manifests/123456789012/us-east-1/notebook-instance/nb/2026-11-18T09:30:00+00:00.json"
    )


def test_a_manifest_that_somebody_changed_in_s3_is_not_believed(
    sessions: Sessions, tmp_path: Path
) -> None:
    client, table = sessions.client("dynamodb", "us-east-1"), f"ledger-{tmp_path.name}"
    create_table(client, table)
    ledger = DynamoDBLedger(client, table, an_archive(sessions))
    manifest = Manifest(a_ref(), NOW, {"endpoint": {}})
    ledger.keep(manifest)
    s3 = sessions.client("s3", "us-east-1")
    s3.put_object(Bucket="archive", Key=archive_key(manifest), Body=b"{}")

    with pytest.raises(UnreadableError, match="digest differs"):
        ledger.manifests(a_ref().arn)


def test_a_manifest_that_was_kept_in_the_table_is_read_by_a_ledger_with_an_archive(
    sessions: Sessions, tmp_path: Path
) -> None:
    client, table = sessions.client("dynamodb", "us-east-1"), f"ledger-{tmp_path.name}"
    create_table(client, table)
    manifest = Manifest(a_ref(), NOW, {"endpoint": {}})
    DynamoDBLedger(client, table).keep(manifest)

    found = DynamoDBLedger(client, table, an_archive(sessions)).manifests(a_ref().arn)

    assert list(found) == [manifest]


def test_a_manifest_in_s3_cannot_be_read_without_access_to_it(
    sessions: Sessions, tmp_path: Path
) -> None:
    client, table = sessions.client("dynamodb", "us-east-1"), f"ledger-{tmp_path.name}"
    create_table(client, table)
    DynamoDBLedger(client, table, an_archive(sessions)).keep(Manifest(a_ref(), NOW, {}))

    with pytest.raises(UnreadableError, match="without access to S3"):
        DynamoDBLedger(client, table).manifests(a_ref().arn)


def test_a_manifest_that_s3_does_not_take_is_an_error_of_ours(
    sessions: Sessions, tmp_path: Path
) -> None:
    client, table = sessions.client("dynamodb", "us-east-1"), f"ledger-{tmp_path.name}"
    create_table(client, table)
    archive = ManifestArchive(lambda: sessions.client("s3", "us-east-1"), "no-such-bucket")

    with pytest.raises(ActionFailedError, match="NoSuchBucket"):
        DynamoDBLedger(client, table, archive).keep(Manifest(a_ref(), NOW, {}))


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
    before = ledger.halted(), ledger.resumed_at()
    ledger.halt("a metric outage", "ops", NOW)
    during = ledger.halted()

    ledger.resume("mina", NOW + HOUR)

    assert before == (None, None)
    assert (during, ledger.halted()) == ("a metric outage", None)
    assert ledger.resumed_at() == NOW + HOUR
    assert [(entry.what, entry.by) for entry in ledger.trail(EVERYTHING)] == [
        (Happening.HALTED, "ops"),
        (Happening.RESUMED, "mina"),
    ]


def test_everything_of_a_case_comes_back_as_it_was(ledger: AnyLedger) -> None:
    case = replace(
        a_case(),
        state=CaseState.SNOOZED,
        warned_at=NOW,
        due_at=NOW + HOUR,
        reminded_at=NOW,
        snoozed_until=NOW + 7 * DAY,
        failures=3,
        decided_by="mina",
        saving=SAVING,
    )

    ledger.save(case)

    assert ledger.case("c1") == replace(case, version=1)


def test_a_case_and_its_entries_are_written_together_or_not_at_all(ledger: AnyLedger) -> None:
    first = noted(a_case(), Happening.OPENED, NOW)
    ledger.save(a_case(), first, noted(a_case(), Happening.WARNED, NOW, due=NOW + HOUR))

    written = ledger.save(a_case(), noted(a_case(), Happening.SNOOZED, NOW, "mina"))

    assert not written
    trail = ledger.trail(a_ref().arn)
    assert {entry.what for entry in trail} == {Happening.OPENED, Happening.WARNED}
    assert first in trail


def test_the_trail_of_a_resource_has_its_outcomes_in_their_places(ledger: AnyLedger) -> None:
    early = AuditEntry(NOW, a_ref().arn, Happening.WARNED, BOTS, {"case": "c1"})
    late = AuditEntry(NOW + 2 * HOUR, a_ref().arn, Happening.RESTORED, "mina")
    ledger.note(late)
    ledger.note(early)
    ledger.note(early)
    ledger.note(AuditEntry(NOW, a_ref("other").arn, Happening.WARNED, BOTS))
    ledger.record(an_outcome(at=NOW + HOUR))

    trail = ledger.trail(a_ref().arn)

    assert [entry.what for entry in trail] == ["warned", "outcome", "restored"]
    assert (trail[0], trail[2]) == (early, late)
    assert trail[1].details["outcome"] == "APPLIED"


def test_a_case_that_has_ended_is_found_by_the_time_of_its_end(ledger: AnyLedger) -> None:
    for number, state in enumerate((CaseState.RESOLVED, CaseState.DONE, CaseState.OPEN)):
        case = replace(a_case(f"c{number}"), state=state)
        ended_at = None if state.alive else NOW + number * HOUR
        ledger.save(replace(case, ended_at=ended_at))

    ended = ledger.ended_cases("123456789012", "us-east-1", NOW)

    assert [case.case_id for case in ended] == ["c0", "c1"]
    assert [
        case.case_id for case in ledger.ended_cases("123456789012", "us-east-1", NOW + HOUR)
    ] == ["c1"]
    assert not ledger.ended_cases("123456789012", "eu-west-1", NOW)


def test_a_case_that_opened_anew_has_not_ended(ledger: AnyLedger) -> None:
    ledger.save(replace(a_case(), state=CaseState.RESOLVED, ended_at=NOW))
    ledger.save(replace(a_case(), version=1))

    assert not ledger.ended_cases("123456789012", "us-east-1", NOW)
    assert len(ledger.live_cases("123456789012", "us-east-1")) == 1


def test_the_places_of_which_there_was_a_case_are_known(ledger: AnyLedger) -> None:
    action = an_outcome(ref=a_ref(region="eu-west-1")).action
    ledger.save(a_case("c1"))
    ledger.save(replace(a_case("c2"), action=action))
    ledger.save(a_case("c3"))

    assert list(ledger.places()) == [("123456789012", "eu-west-1"), ("123456789012", "us-east-1")]


def test_an_exemption_is_found_where_it_may_hold(ledger: AnyLedger) -> None:
    one, elsewhere, anywhere = (
        an_exemption(a_ref().arn),
        an_exemption(a_ref().arn.replace("us-east-1", "eu-west-1")),
        an_exemption("train-*"),
    )
    for exemption in (one, elsewhere, anywhere):
        ledger.exempt(exemption)

    found = ledger.exemptions("123456789012", "us-east-1")

    assert {item.resources for item in found} == {one.resources, anywhere.resources}
    assert one in found
    assert len(ledger.all_exemptions()) == 3


def test_an_exemption_is_replaced_by_one_for_the_same_and_can_be_lifted(ledger: AnyLedger) -> None:
    ledger.exempt(an_exemption("train-*"))
    longer = an_exemption("train-*", until=None)
    ledger.exempt(longer)
    replaced = list(ledger.all_exemptions())

    ledger.lift(longer, "ops", NOW + HOUR)

    assert replaced == [longer]
    assert not ledger.all_exemptions()
    assert [entry.what for entry in ledger.trail("train-*")] == [
        Happening.EXEMPTED,
        Happening.EXEMPTED,
        Happening.LIFTED,
    ]


def test_an_exemption_of_the_policy_is_not_stored(ledger: AnyLedger) -> None:
    with pytest.raises(ValueError, match="the policy has it"):
        ledger.exempt(replace(an_exemption("train-*"), at=None))


def test_a_case_that_was_written_before_snoozes_can_be_read() -> None:
    record = case_record(a_case())
    for key in ("reminded_at", "snoozed_until", "failures", "decided_by"):
        del record[key]

    assert read_case(record) == a_case()


def test_a_case_that_was_written_before_teams_has_none() -> None:
    record = case_record(replace(a_case(), owner="mina", team="vision"))
    del record["team"]

    assert read_case(record) == replace(a_case(), owner="mina", team=None)


def test_what_was_written_before_savings_were_kept_saves_nobody_knows_what() -> None:
    case, outcome = replace(a_case(), saving=SAVING), replace(an_outcome(), saving=SAVING)
    cases, outcomes = case_record(case), outcome_record(outcome)
    del cases["saving"], outcomes["saving"]

    assert read_case(cases) == replace(case, saving=None)
    assert read_outcome(outcomes) == replace(outcome, saving=None)


@pytest.mark.parametrize("saving", [SAVING, replace(SAVING, hourly_usd=None), None])
def test_what_an_action_saves_is_kept_to_the_last_digit(
    ledger: AnyLedger, saving: MonthlyCost | None
) -> None:
    outcome = replace(an_outcome(), saving=saving)

    ledger.record(outcome)

    assert ledger.history(a_ref().arn) == (outcome,)


def test_whose_a_case_is_stays_known(ledger: AnyLedger) -> None:
    case = replace(a_case(), owner="mina", team="vision")

    ledger.save(case, noted(case, Happening.WARNED, NOW))

    found = ledger.case(case.case_id)
    assert found is not None
    assert (found.owner, found.team) == ("mina", "vision")


def test_a_ledger_that_does_not_answer_is_an_error_of_ours(sessions: Sessions) -> None:
    ledger = DynamoDBLedger(sessions.client("dynamodb", "us-east-1"), "no-such-table")

    with pytest.raises(UnreadableError, match="ResourceNotFoundException"):
        ledger.halted()
    with pytest.raises(ActionFailedError, match="ResourceNotFoundException"):
        ledger.claim("intent", NOW)
