"""Studio spaces under guardrails: judged as they are created, and in sweeps."""

from typing import Any

import pytest

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.guardrails.conditions import (
    AllowedValue,
    DeniedTypes,
    RequiredTags,
    VolumeCeiling,
)
from sagewarden.domain.guardrails.remedies import Remedy
from tests.support.builders import a_policy
from tests.support.events import a_call, a_guardrail, a_role
from tests.support.scenario import Scenario
from tests.support.services import a_space

OWNED = RequiredTags({"Owner": AllowedValue()})
MINA = a_role("mina@example.com", "AWSReservedSSO_DS_1")
EVERY_REMEDY = (Remedy.STOP, Remedy.DELETE)


def created(**settings: Any) -> Any:
    """Mina makes a space of hers, without a tag."""
    return a_call(
        "CreateSpace",
        {"domainId": "d-research", "spaceName": "lab", "spaceSettings": settings},
        identity=MINA,
        responseElements={"spaceArn": a_space().ref.arn},
    )


@pytest.mark.parametrize(
    ("demand", "kind"),
    [
        (OWNED, "VIOLATION"),
        (VolumeCeiling(99), "VIOLATION"),
        (VolumeCeiling(100), "COMPLIANT"),
        (DeniedTypes(("p4d",)), "VIOLATION"),
        (DeniedTypes(("p5",)), "COMPLIANT"),
    ],
)
def test_a_sweep_judges_its_tags_its_volume_and_the_types_it_asks_for(
    demand: Any, kind: str
) -> None:
    space = a_space(instance_types=("ml.p4d.24xlarge",))
    rule = a_guardrail(demand, kinds=("studio-space",), remedies=EVERY_REMEDY)

    plan = Scenario(a_policy(rule), space).at("Mon 10:00").plan()

    (verdict,) = plan.left_alone
    assert verdict.kind == kind
    assert verdict.action is None or verdict.action.kind is ActionKind.NOTIFY


def test_a_volume_of_unknown_size_is_unknown_and_a_rule_on_everything_lists_no_space() -> None:
    space = a_space(volume_gb=None)
    named, everything = (
        Scenario(a_policy(a_guardrail(VolumeCeiling(99), kinds=(kind,))), space).at("Mon 10:00")
        for kind in ("studio-space", "*")
    )

    assert [item.kind for item in named.plan().left_alone] == ["UNKNOWN"]
    everything.sweep()
    assert "studio-space" not in everything.inventory.listed


def test_one_that_is_created_is_tagged_with_who_created_it() -> None:
    rule = a_guardrail(OWNED, remedies=(Remedy.TAG_OWNER, Remedy.NOTIFY))
    scenario = Scenario(a_policy(rule), a_space())

    report = scenario.at("Mon 10:00").event(created())

    assert [outcome.action.tag for outcome in report.outcomes] == [("Owner", "mina@example.com")]
    assert scenario.inventory.named("lab").tags == {"Owner": "mina@example.com"}


def test_one_that_is_created_too_large_is_told_of_at_once_and_never_touched() -> None:
    rule = a_guardrail(VolumeCeiling(99), kinds=("studio-space",), remedies=EVERY_REMEDY)
    scenario = Scenario(a_policy(rule), a_space())
    storage = {"ebsStorageSettings": {"ebsVolumeSizeInGb": 100}}

    report = scenario.at("Mon 10:00").event(created(spaceStorageSettings=storage))
    scenario.at("Tue 10:00").sweep()

    assert [case.ref.name for case in report.warned] == ["lab"]
    assert scenario.executor.deeds == []


def test_one_whose_tags_name_its_owner_by_now_is_left_in_peace() -> None:
    rule = a_guardrail(OWNED, kinds=("studio-space",))
    scenario = Scenario(a_policy(rule), a_space(tags={"Owner": "mina"}))

    report = scenario.at("Mon 10:00").event(created())

    assert report.warned == ()
