"""What an owner of a node group can ask for, before a closing and when it stands idle."""

from dataclasses import replace

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cards import Card, Click, Face
from sagewarden.domain.resources import ResourceKind
from tests.support.builders import NOW, a_ref

IDLE = Card(
    "case-1",
    "idle-gpus",
    a_ref("ml/trainers", ResourceKind.NODE_GROUP),
    ActionKind.SCALE_TO_ZERO,
    Face.WARNED,
    "no accelerator was busy",
    due_at=NOW,
)
CLOSING = replace(IDLE, evidence={"closed_since": NOW.isoformat()})


def test_a_closing_can_be_put_off_and_not_be_had_early() -> None:
    assert CLOSING.closes_a_notebook
    assert CLOSING.awaits_closing
    assert Click.SNOOZE in CLOSING.clicks
    assert Click.NOW not in CLOSING.clicks


def test_what_stands_idle_can_be_scaled_down_at_once() -> None:
    assert not IDLE.closes_a_notebook
    assert Click.NOW in IDLE.clicks
    assert Click.SNOOZE not in IDLE.clicks


def test_what_was_scaled_down_can_be_restored_by_a_click() -> None:
    assert Click.RESTORE in replace(IDLE, face=Face.DONE).clicks
