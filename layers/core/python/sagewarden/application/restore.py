"""Undo: bring back what was taken away, as far as it goes now; running it again continues.

Nothing is remembered between runs but what AWS itself shows: each run looks at what exists,
compares it with the manifest, and does what is missing. So a run that crashed, one that came twice
and one that had to wait for AWS are all the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sagewarden.application.ports import (
    ActionFailedError,
    Clock,
    Ledger,
    Restorer,
    Sleeper,
    UnreadableError,
)
from sagewarden.application.undoing import Undoing
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.resources import RUN_ONCE, ResourceKind, ResourceRef
from sagewarden.domain.restoration.apps import plan_app
from sagewarden.domain.restoration.endpoints import plan_endpoint
from sagewarden.domain.restoration.node_groups import plan_node_group
from sagewarden.domain.restoration.notebooks import plan_notebook
from sagewarden.domain.restoration.services import (
    plan_provisioned,
    plan_schedule,
    plan_server,
)
from sagewarden.domain.restoration.steps import (
    FOUNDATIONS,
    Difference,
    Obstacle,
    Restoration,
    Step,
)
from sagewarden.domain.restoration.surroundings import read_surroundings

_PLANS: Mapping[str, Callable[[str, Mapping[str, Any], Mapping[str, Any]], Restoration]] = {
    ResourceKind.STUDIO_APP: plan_app,
    ResourceKind.NODE_GROUP: plan_node_group,
    ResourceKind.MLFLOW_TRACKING_SERVER: plan_server,
    ResourceKind.MONITORING_SCHEDULE: plan_schedule,
    ResourceKind.PROVISIONED_MODEL: plan_provisioned,
}
"""What says what brings a kind back, by its name, its manifest and what exists."""

LOOKS_AGAIN_AFTER = timedelta(seconds=15)
"""How often a restore that waits looks: an endpoint takes minutes."""


class RestoreStatus(StrEnum):
    """How far a restore has come."""

    RESTORED = "RESTORED"
    """Everything is as it was, field by field."""
    UNDER_WAY = "UNDER_WAY"
    """AWS is at it; the same restore, run again, continues."""
    PARTIAL = "PARTIAL"
    """All that could come back is back; the rest is named, with what a person can do."""
    REFUSED = "REFUSED"
    """Nothing was done: something else stands there, or it cannot come back."""


@dataclass(frozen=True, slots=True)
class RestoreHands:
    """What undoing needs.

    Attributes:
        ledger: Remembers what was done, and how things were.
        restorer: Looks at AWS and changes it.
        clock: Tells the time at each step.
    """

    ledger: Ledger
    restorer: Restorer
    clock: Clock


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """How far a restore has come.

    Attributes:
        ref: The resource.
        status: In a word.
        done: The steps that were taken.
        waiting: What AWS is doing, or what has to happen next.
        obstacles: Parts that did not come back, each with its reason.
        differences: Fields that are not as they were.
        commands: How a person finishes it: what is still missing, in order.
    """

    ref: ResourceRef
    status: RestoreStatus
    done: tuple[Step, ...] = ()
    waiting: str | None = None
    obstacles: tuple[Obstacle, ...] = ()
    differences: tuple[Difference, ...] = ()
    commands: tuple[str, ...] = ()


def restore(undoing: Undoing, hands: RestoreHands) -> RestoreReport:
    """Bring a resource back as far as it goes now. It never waits.

    A restore is a person's own deed, and the remedy for what a halt was called for: a halt does
    not hold it.

    Args:
        undoing: What is to be undone.
        hands: The ports.

    Returns:
        How far it has come; whatever was done is in the audit trail.

    Raises:
        UnreadableError: What exists could not be read, and nothing was done.
        ActionFailedError: The ledger could not be written.
    """
    if undoing.ref.kind in RUN_ONCE:
        return _not_resumable(undoing, hands.restorer)
    if undoing.needs_manifest and undoing.manifest is None:
        why = "no manifest of it was kept: nothing tells how it was"
        return _refused(undoing, Obstacle(_named(undoing.ref), why))
    plan = _planned(undoing, hands)
    done: list[Step] = []
    failed: list[Obstacle] = []
    tried: set[tuple[str, str]] = set()
    while not _is_stuck(failed) and (ready := _untried(plan, tried)):
        done += _take(ready, undoing.ref, hands.restorer, tried, failed)
        try:
            plan = _planned(undoing, hands)
        except UnreadableError as error:
            failed.append(Obstacle(error.what, f"could not be read: {error.why}"))
            break
    report = _report(undoing, plan, done, failed, hands.restorer)
    _record(undoing, report, hands)
    return report


def restore_and_wait(
    undoing: Undoing,
    hands: RestoreHands,
    sleeper: Sleeper,
    patience: timedelta,
    tell: Callable[[RestoreReport], None] = lambda _: None,
) -> RestoreReport:
    """Restore, and again, until it is not under way any more or patience is at its end.

    Args:
        undoing: What is to be undone.
        hands: The ports.
        sleeper: Lets time pass between two looks.
        patience: How long to wait at most.
        tell: Gets each report on the way.

    Returns:
        The last report, with the steps of all.
    """
    until = hands.clock.now() + patience
    report = restore(undoing, hands)
    while report.status is RestoreStatus.UNDER_WAY and hands.clock.now() < until:
        tell(report)
        sleeper.sleep(LOOKS_AGAIN_AFTER)
        again = restore(undoing, hands)
        report = replace(again, done=(*report.done, *again.done))
    return report


def _planned(undoing: Undoing, hands: RestoreHands) -> Restoration:
    content: Mapping[str, Any] = undoing.manifest.content if undoing.manifest else {}
    found: Mapping[str, Any] = hands.restorer.look(undoing.ref, content)
    if undoing.ref.kind == ResourceKind.NOTEBOOK_INSTANCE:
        return plan_notebook(undoing.ref.name, found["notebook_instance"])
    if plan := _PLANS.get(undoing.ref.kind):
        if undoing.outcome is not None and undoing.outcome.action.sizes is not None:
            content = {**content, "set": undoing.outcome.action.sizes}
        return plan(undoing.ref.name, content, found)
    was, now = read_surroundings(content), read_surroundings(found)
    return plan_endpoint(was, now, hands.clock.now())


def _untried(plan: Restoration, tried: set[tuple[str, str]]) -> list[Step]:
    """What can be done now; what was tried in this run is not tried again, so that it ends."""
    return [step for step in plan.ready if (step.kind, step.name) not in tried]


def _take(
    steps: Sequence[Step],
    ref: ResourceRef,
    restorer: Restorer,
    tried: set[tuple[str, str]],
    failed: list[Obstacle],
) -> list[Step]:
    """Take steps in their order; one that fails stops those that stand upon it only."""
    done = []
    for step in steps:
        tried.add((step.kind, step.name))
        try:
            restorer.take(ref, step)
        except ActionFailedError as error:
            failed.append(Obstacle(str(step), str(error)))
            if step.kind in FOUNDATIONS:
                break
        else:
            done.append(step)
    return done


def _is_stuck(failed: Sequence[Obstacle]) -> bool:
    return any(item.what.startswith(tuple(FOUNDATIONS)) for item in failed)


def _report(
    undoing: Undoing,
    plan: Restoration,
    done: Sequence[Step],
    failed: Sequence[Obstacle],
    restorer: Restorer,
) -> RestoreReport:
    obstacles = (*plan.refused, *failed, *plan.obstacles)
    waiting = plan.waiting or next((step.awaits for step in plan.steps if step.awaits), None)
    if plan.refused:
        status = RestoreStatus.REFUSED
    elif failed:
        status = RestoreStatus.PARTIAL
    elif plan.steps or plan.waiting:
        status = RestoreStatus.UNDER_WAY
    else:
        complete = not obstacles and not plan.differences
        status = RestoreStatus.RESTORED if complete else RestoreStatus.PARTIAL
    return RestoreReport(
        ref=undoing.ref,
        status=status,
        done=tuple(done),
        waiting=waiting if status is RestoreStatus.UNDER_WAY else None,
        obstacles=obstacles,
        differences=plan.differences,
        commands=tuple(restorer.command(undoing.ref, step) for step in plan.steps),
    )


def _not_resumable(undoing: Undoing, restorer: Restorer) -> RestoreReport:
    kind, manifest = undoing.ref.kind, undoing.manifest
    if kind == ResourceKind.WARM_POOL:
        why = "a warm pool that ended does not come back: the next job starts instances of its own"
        return _refused(undoing, Obstacle(_named(undoing.ref), why))
    words = f"a stopped {kind.replace('-', ' ')} cannot be resumed"
    if manifest is None:
        why = f"{words}, and no manifest of it was kept"
        return _refused(undoing, Obstacle(_named(undoing.ref), why))
    why = (
        f"{words}; the command runs it again from its beginning, "
        "or from its last checkpoint if it writes any"
    )
    command = restorer.command_to_run_again(undoing.ref, manifest.content)
    return replace(_refused(undoing, Obstacle(_named(undoing.ref), why)), commands=(command,))


def _refused(undoing: Undoing, obstacle: Obstacle) -> RestoreReport:
    return RestoreReport(undoing.ref, RestoreStatus.REFUSED, obstacles=(obstacle,))


def _named(ref: ResourceRef) -> str:
    return f"{ref.kind} {ref.name}"


_OUTCOMES = {
    RestoreStatus.RESTORED: OutcomeKind.APPLIED,
    RestoreStatus.UNDER_WAY: OutcomeKind.UNDER_WAY,
    RestoreStatus.PARTIAL: OutcomeKind.FAILED,
    RestoreStatus.REFUSED: OutcomeKind.FAILED,
}


def _record(undoing: Undoing, report: RestoreReport, hands: RestoreHands) -> None:
    """Append what a run did, and once that all is back; a look that changes nothing is no deed."""
    history = hands.ledger.history(undoing.ref.arn)
    last = history[-1] if history else None
    known = last is not None and last.action.kind is ActionKind.RESTORE
    kind = _OUTCOMES[report.status]
    if not report.done and known and last is not None and last.kind is kind:
        return
    action = Action(ActionKind.RESTORE, undoing.ref, _precondition(undoing, hands.clock.now()))
    rule = undoing.outcome.rule if undoing.outcome else "restore"
    hands.ledger.record(Outcome(rule, action, kind, in_words(report), hands.clock.now()))


def _precondition(undoing: Undoing, now: datetime) -> Precondition:
    """A restore has none of its own: it bears that of what it undoes."""
    if undoing.outcome is not None:
        return undoing.outcome.action.precondition
    return Precondition("unknown", now, now)


def in_words(report: RestoreReport) -> str:
    """A report as one sentence."""
    parts = [f"did: {', '.join(map(str, report.done))}"] if report.done else []
    parts += [f"waits until: {report.waiting}"] if report.waiting else []
    parts += [f"not back: {'; '.join(map(str, report.obstacles))}"] if report.obstacles else []
    changed = [str(difference) for difference in report.differences]
    parts += [f"differs: {'; '.join(changed)}"] if changed else []
    told = "; ".join(parts)
    if report.status is RestoreStatus.RESTORED:
        return f"everything is as it was{f'; {told}' if told else ''}"
    return told or "nothing was to be done"
