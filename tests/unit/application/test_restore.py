"""What can be undone, and how a restore goes about it when AWS does not play along."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.application.answers import Answer
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.application.restore import (
    LOOKS_AGAIN_AFTER,
    RestoreHands,
    RestoreReport,
    RestoreStatus,
    restore,
    restore_and_wait,
)
from sagewarden.application.undoing import Undoing, case_of, end_case, find_undoing
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.cases import CaseState, open_case
from sagewarden.domain.outcomes import Manifest, Outcome, OutcomeKind
from sagewarden.domain.resources import ResourceKind, ResourceRef
from sagewarden.domain.restoration.steps import Step
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import NOW
from tests.support.fakes import HandClock

REF = ResourceRef(
    ResourceKind.ENDPOINT,
    "123456789012",
    "us-east-1",
    "e",
    "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e",
)
HOUR = timedelta(hours=1)
CONTENT: Mapping[str, Any] = {
    "endpoint": {
        "EndpointName": "e",
        "EndpointConfigName": "c",
        "CreationTime": NOW.isoformat(),
        "EndpointStatus": "InService",
    },
    "endpoint_config": {"EndpointConfigName": "c", "ProductionVariants": []},
    "models": [{"ModelName": "m"}],
}
ABSENT: Mapping[str, Any] = {"endpoint": None, "endpoint_config": None, "models": []}


@dataclass
class FakeRestorer:
    """Takes every step, and shows what it is told to show, look by look.

    Attributes:
        looks: What each look shows; the last one again and again. A text is why it fails.
        refused: The steps that AWS refuses.
        taken: The steps that were taken.
    """

    looks: list[Mapping[str, Any] | str]
    refused: set[str] = field(default_factory=set)
    taken: list[str] = field(default_factory=list)

    def look(self, ref: ResourceRef, content: Mapping[str, Any]) -> Mapping[str, object]:
        del content
        shown = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(shown, str):
            raise UnreadableError(ref.name, shown)
        return shown

    def take(self, ref: ResourceRef, step: Step) -> None:
        del ref
        if str(step) in self.refused:
            raise ActionFailedError(f"{step} failed: AccessDenied")
        self.taken.append(str(step))

    def command(self, ref: ResourceRef, step: Step) -> str:
        del ref
        return f"aws {step}"

    def command_to_run_again(self, ref: ResourceRef, content: Mapping[str, Any]) -> str:
        del content
        return f"aws again {ref.name}"


@dataclass
class TurningSleeper:
    """Turns a clock's hand."""

    clock: HandClock
    slept: list[timedelta] = field(default_factory=list)

    def sleep(self, length: timedelta) -> None:
        self.slept.append(length)
        self.clock.advance(length)


def an_outcome(
    kind: ActionKind = ActionKind.DELETE,
    result: OutcomeKind = OutcomeKind.APPLIED,
    after: timedelta = timedelta(0),
) -> Outcome:
    action = Action(kind, REF, Precondition("InService", NOW, NOW, "c"))
    return Outcome("idle", action, result, "nobody calls it", NOW + after)


def hands(restorer: FakeRestorer, clock: HandClock | None = None) -> RestoreHands:
    return RestoreHands(MemoryLedger(), restorer, clock or HandClock())


def undoing(content: Mapping[str, Any] = CONTENT) -> Undoing:
    return Undoing(REF, an_outcome(), Manifest(REF, NOW, content))


def test_what_was_done_last_is_undone_with_the_manifest_of_that_very_moment() -> None:
    ledger = MemoryLedger()
    ledger.keep(Manifest(REF, NOW, {"which": "first"}))
    ledger.record(an_outcome(ActionKind.RELEASE_PROVISIONED_CONCURRENCY))
    ledger.keep(Manifest(REF, NOW + HOUR, {"which": "of an attempt that failed"}))
    ledger.record(an_outcome(result=OutcomeKind.FAILED, after=HOUR))

    found = find_undoing(REF.arn, ledger)

    assert found is not None
    assert found.outcome == an_outcome(ActionKind.RELEASE_PROVISIONED_CONCURRENCY)
    assert found.manifest is not None
    assert found.manifest.content == {"which": "first"}


def test_a_run_that_died_before_it_recorded_anything_is_undone_by_its_manifest() -> None:
    ledger = MemoryLedger()
    ledger.keep(Manifest(REF, NOW, CONTENT))

    assert find_undoing(REF.arn, ledger) == Undoing(REF, None, Manifest(REF, NOW, CONTENT))


def test_of_what_nothing_was_done_nothing_is_known() -> None:
    ledger = MemoryLedger()
    ledger.record(an_outcome(ActionKind.TAG_OWNER))

    assert find_undoing(REF.arn, ledger) is None


def test_the_case_that_led_to_it_is_found_again() -> None:
    ledger = MemoryLedger()
    done = an_outcome()
    verdict = Verdict("idle", REF, VerdictKind.VIOLATION, "idle", action=done.action)
    case = open_case(verdict, NOW)
    ledger.save(case)

    assert case_of(Undoing(REF, done, None), ledger) == ledger.case(case.case_id)
    assert case_of(Undoing(REF, None, None), ledger) is None


def test_the_case_ends_restored_by_whoever_restored_and_only_once() -> None:
    ledger = MemoryLedger()
    done = an_outcome()
    verdict = Verdict("idle", REF, VerdictKind.VIOLATION, "idle", action=done.action)
    case = open_case(verdict, NOW)
    ledger.save(case)
    what = Undoing(REF, done, None)
    before = end_case(what, Answer("kim", NOW), ledger)
    stored = ledger.case(case.case_id)
    assert stored is not None
    ledger.save(stored.ended(CaseState.DONE, NOW))

    ended = [end_case(what, Answer(by, NOW + HOUR), ledger) for by in ("kim", "lee")]

    assert before is not None
    assert before.state is CaseState.OPEN
    assert [(item.state, item.decided_by) for item in ended if item is not None] == [
        (CaseState.RESTORED, "kim"),
        (CaseState.RESTORED, "kim"),
    ]
    assert [item.by for item in ledger.trail(REF.arn)] == ["kim"]


def test_without_a_manifest_nothing_is_done() -> None:
    report = restore(Undoing(REF, an_outcome(), None), hands(FakeRestorer([ABSENT])))

    assert report.status is RestoreStatus.REFUSED
    assert str(report.obstacles[0]) == (
        "endpoint e: no manifest of it was kept: nothing tells how it was"
    )


def test_a_training_job_without_a_manifest_leaves_no_command() -> None:
    job = ResourceRef(ResourceKind.TRAINING_JOB, "1", "us-east-1", "train", "arn:train")

    report = restore(Undoing(job, None, None), hands(FakeRestorer([ABSENT])))

    assert (report.status, report.commands) == (RestoreStatus.REFUSED, ())


def test_what_stands_upon_a_step_that_failed_is_not_tried() -> None:
    restorer = FakeRestorer([ABSENT], refused={"create endpoint config c"})

    report = restore(undoing(), hands(restorer))

    assert restorer.taken == ["create model m"]
    assert report.status is RestoreStatus.PARTIAL
    assert [str(item) for item in report.obstacles] == [
        "create endpoint config c: create endpoint config c failed: AccessDenied"
    ]


def test_a_step_that_does_not_show_yet_is_not_taken_twice_in_a_run() -> None:
    restorer = FakeRestorer([ABSENT])

    report = restore(undoing(), hands(restorer))

    assert restorer.taken == [
        "create model m",
        "create endpoint config c",
        "create endpoint e",
    ]
    assert report.status is RestoreStatus.UNDER_WAY


def test_a_look_that_fails_on_the_way_does_not_hide_what_was_done() -> None:
    bench = hands(FakeRestorer([ABSENT, "ThrottlingException"]))

    report = restore(undoing(), bench)

    assert report.status is RestoreStatus.PARTIAL
    assert len(report.done) == 3
    assert str(report.obstacles[0]) == "e: could not be read: ThrottlingException"
    [recorded] = bench.ledger.history(REF.arn)
    assert recorded.kind is OutcomeKind.FAILED
    assert recorded.reason.startswith("did: create model m, create endpoint config c")


def test_a_halt_does_not_hold_a_restore() -> None:
    restorer = FakeRestorer([ABSENT, CONTENT])
    bench = hands(restorer)
    bench.ledger.halt("the bot runs wild", "kim", NOW)

    assert restore(undoing(), bench).status is RestoreStatus.RESTORED


def test_waiting_looks_every_quarter_of_a_minute_until_patience_ends() -> None:
    clock = HandClock()
    creating = {**CONTENT, "endpoint": {**CONTENT["endpoint"], "EndpointStatus": "Creating"}}
    sleeper = TurningSleeper(clock)
    told: list[RestoreReport] = []

    report = restore_and_wait(
        undoing(),
        hands(FakeRestorer([creating]), clock),
        sleeper,
        timedelta(minutes=1),
        told.append,
    )

    assert report.status is RestoreStatus.UNDER_WAY
    assert sleeper.slept == [LOOKS_AGAIN_AFTER] * 4
    assert len(told) == 4


def test_a_look_that_finds_everything_as_it_was_is_recorded_once() -> None:
    bench = hands(FakeRestorer([CONTENT]))

    for _ in range(3):
        restore(undoing(), bench)

    assert [item.reason for item in bench.ledger.history(REF.arn)] == ["everything is as it was"]
