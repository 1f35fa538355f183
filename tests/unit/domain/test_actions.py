from datetime import timedelta

import pytest

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.resources import ResourceKind
from tests.support.builders import (
    LONG_AGO,
    a_notebook,
    a_precondition,
    a_ref,
    a_training_job,
    an_endpoint,
)

LATER = LONG_AGO + timedelta(seconds=1)
SERVING = a_precondition(config_name="config-1")


def an_action(kind: ActionKind) -> Action:
    return Action(kind, a_ref(), a_precondition())


def test_only_what_can_simply_be_taken_back_is_not_destructive() -> None:
    gentle = {kind for kind in ActionKind if not an_action(kind).destructive}

    assert gentle == {
        ActionKind.STOP,
        ActionKind.START,
        ActionKind.SET_PROVISIONED_CONCURRENCY,
        ActionKind.SET_CAPACITY,
        ActionKind.TAG_OWNER,
        ActionKind.NOTIFY,
        ActionKind.RESTORE,
    }


@pytest.mark.parametrize(
    ("kind", "status", "done"),
    [
        (ActionKind.DELETE, "Deleting", True),
        (ActionKind.DELETE, "InService", False),
        (ActionKind.DELETE, "Updating", False),
        (ActionKind.RELEASE_PROVISIONED_CONCURRENCY, "Updating", True),
        (ActionKind.RELEASE_PROVISIONED_CONCURRENCY, "InService", False),
        (ActionKind.TAG_OWNER, "Updating", False),
    ],
)
def test_what_became_of_it_is_seen_at_its_resource(
    kind: ActionKind, status: str, *, done: bool
) -> None:
    before = an_endpoint("ep")
    action = Action(kind, before.ref, Precondition.of(before))

    assert action.seems_done(an_endpoint("ep", status=status)) is done


def test_what_is_gone_was_deleted_or_stopped_and_nothing_else() -> None:
    gone = {kind for kind in ActionKind if an_action(kind).seems_done(None)}

    assert gone == {ActionKind.DELETE, ActionKind.STOP}


def test_what_takes_something_away_can_be_undone() -> None:
    assert {kind for kind in ActionKind if kind.undoable} == {
        ActionKind.STOP,
        ActionKind.DELETE,
        ActionKind.SCALE_TO_ZERO,
        ActionKind.RELEASE_PROVISIONED_CONCURRENCY,
    }


def test_a_stopped_training_job_cannot_be_started_again() -> None:
    stop = Action(ActionKind.STOP, a_ref("job", ResourceKind.TRAINING_JOB), a_precondition())

    assert stop.destructive


def test_the_phases_of_a_training_job_make_nothing_stale() -> None:
    before, later = a_training_job(), a_training_job(modified=LATER)
    stop = Action(ActionKind.STOP, before.ref, Precondition.of(before))

    assert stop.stale_because(later) is None
    assert stop.stale_because(a_training_job(status="Completed")) == (
        "it is Completed now, no longer InProgress"
    )


def test_a_tag_is_right_in_any_state_of_the_same_resource() -> None:
    pending = a_notebook(status="Pending")
    tag = Action(ActionKind.TAG_OWNER, pending.ref, Precondition.of(pending), ("Owner", "kim"))

    assert tag.stale_because(a_notebook(status="InService", modified=LATER)) is None
    assert tag.stale_because(a_notebook(created=LATER)) is not None


def test_a_precondition_is_the_state_a_resource_is_in() -> None:
    notebook = Precondition.of(a_notebook(status="Stopped", modified=LATER))
    endpoint = Precondition.of(an_endpoint(config_name="config-7"))
    listed = Precondition.of(an_endpoint(described=False))

    assert notebook == Precondition("Stopped", LONG_AGO, LATER)
    assert endpoint == Precondition("InService", LONG_AGO, LONG_AGO, "config-7")
    assert listed.config_name is None


def test_the_same_state_breaks_nothing() -> None:
    broken = SERVING.broken_by(a_precondition(config_name="config-1"))

    assert broken is None


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (
            a_precondition(created=LATER, modified=LATER, config_name="config-1"),
            "it was created anew at 2026-09-01T00:00:01+00:00",
        ),
        (
            a_precondition(status="Updating", config_name="config-1"),
            "it is Updating now, no longer InService",
        ),
        (
            a_precondition(config_name="config-2"),
            "it runs endpoint config config-2 now, not config-1",
        ),
        (
            a_precondition(modified=LATER, config_name="config-1"),
            "it was modified at 2026-09-01T00:00:01+00:00, after the plan was made",
        ),
    ],
)
def test_every_other_state_breaks_it_and_says_how(now: Precondition, why: str) -> None:
    broken = SERVING.broken_by(now)

    assert broken == why
