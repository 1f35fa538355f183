import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.verdicts import VerdictKind
from sagewarden_cli.located_values import UnreadableFileError
from sagewarden_cli.plan_file import plan_document, plan_text, read_plan
from tests.support.plans import a_planned_action, a_ref, a_saved_plan, a_verdict, an_action

A_SCALING = Action(
    ActionKind.SCALE_TO_ZERO,
    a_ref("ml/trainers", ResourceKind.NODE_GROUP),
    replace(an_action().precondition, setup="min 1, desired 2, max 4"),
    sizes=(0, 0),
)
A_PLAN = a_saved_plan(
    actions=[
        a_planned_action(),
        a_planned_action(
            an_action(
                ActionKind.DELETE, a_ref("e", ResourceKind.ENDPOINT, "eu-west-1"), config_name="c"
            ),
            usd=None,
        ),
        a_planned_action(A_SCALING),
        a_planned_action(replace(A_SCALING, sizes=(1, None))),
    ],
    left_alone=[a_verdict(), a_verdict(VerdictKind.UNKNOWN, "odd", "its tags could not be read")],
    incomplete=[Incomplete("endpoints in eu-west-1", "AccessDenied: no")],
    exceeded=["21 actions, more than the 20 of a run"],
)


def test_a_saved_plan_is_read_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"

    path.write_text(plan_text(A_PLAN), encoding="utf-8")

    assert read_plan(path) == A_PLAN


def test_the_json_names_every_field_that_programs_rely_on() -> None:
    document = plan_document(A_PLAN)

    assert document["schema"] == 1
    assert document["generated_at"] == "2026-11-23T20:30:00+00:00"
    assert document["policy_fingerprint"] == "0123456789abcdef"
    first, second, third, fourth = document["actions"]
    assert (third["sizes"], fourth["sizes"]) == ([0, 0], [1, None])
    assert third["precondition"]["setup"] == "min 1, desired 2, max 4"
    assert first["action"] == "stop"
    assert first["resource"] == {
        "kind": "notebook-instance",
        "name": "nb",
        "arn": "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/nb",
        "account": "123456789012",
        "region": "us-east-1",
    }
    assert first["monthly_savings_usd"] == 12.5
    assert second["monthly_savings_usd"] is None
    assert document["left_alone"][1]["verdict"] == "UNKNOWN"
    assert document["incomplete"] == [{"what": "endpoints in eu-west-1", "why": "AccessDenied: no"}]
    assert document["limits"]["exceeded"] == ["21 actions, more than the 20 of a run"]
    assert document["api_calls"] == {"SageMaker.ListEndpoints": 1}


def test_a_violation_that_comes_second_to_another_rule_says_so() -> None:
    second = a_planned_action(rule="later").verdict

    document = plan_document(a_saved_plan(left_alone=[second]))

    assert document["left_alone"][0]["reason"].endswith("an earlier rule acts on it")


def test_a_violation_of_which_its_owner_is_only_told_says_so() -> None:
    planned = a_planned_action(rule="later").verdict
    assert planned.action is not None
    told = replace(planned, action=replace(planned.action, kind=ActionKind.NOTIFY))

    document = plan_document(a_saved_plan(left_alone=[told]))

    assert document["left_alone"][0]["reason"].endswith("; its owner is told, and no more")


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("schema", 2, "the plan's schema is 2, this version reads 1"),
        ("schema", None, "the plan's schema is none"),
        ("generated_at", "2026-11-23T20:30:00", "generated_at: '2026-11-23T20:30:00' should be"),
        ("actions", {}, "actions: {} should be a list"),
        ("actions.0.action", "explode", "actions[0].action: 'explode' should be one of stop"),
        ("actions.0.resource.kind", "car", "actions[0].resource.kind: 'car' should be one of"),
        ("actions.0.resource", None, "actions[0]: the field 'resource' is missing"),
        ("actions.0.precondition.created", "x", "precondition.created: 'x' should be a time"),
        ("actions.0.monthly_savings_usd", "12", "monthly_savings_usd: '12' should be a number"),
        ("actions.0.prices_as_of", "May", "prices_as_of: 'May' should be a date"),
        ("actions.0.evidence", {"a": []}, "evidence.a: [] should be text"),
        ("actions.2.sizes", [1], "sizes: [1] should be a minimum and a number of nodes"),
        ("limits.exceeded", "no", "limits.exceeded: 'no' should be a list"),
        ("api_calls", {"a": 1.5}, "api_calls.a: 1.5 should be a whole number"),
    ],
)
def test_a_damaged_plan_is_refused_with_the_place_and_what_would_be_right(
    place: str, value: object, message: str, tmp_path: Path
) -> None:
    document = plan_document(A_PLAN)
    target: Any = document
    *parents, last = place.split(".")
    for key in parents:
        target = target[int(key) if key.isdigit() else key]
    target[last] = value
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(UnreadableFileError) as caught:
        read_plan(path)

    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_a_plan_that_is_no_json_is_refused_with_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{"schema": 1,\n oops}', encoding="utf-8")

    with pytest.raises(UnreadableFileError, match=r"plan\.json:2:2: this is no JSON"):
        read_plan(path)


def test_a_plan_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "plan.json"

    with pytest.raises(UnreadableFileError, match="cannot be read: No such file"):
        read_plan(missing)
