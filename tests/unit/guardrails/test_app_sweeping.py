"""Studio apps under guardrails: judged as they are created and in sweeps, and stopped."""

import pytest

from sagewarden.domain.guardrails.conditions import AllowedValue, DeniedTypes, RequiredTags
from sagewarden.domain.guardrails.remedies import Remedy
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import a_policy, an_app
from tests.support.events import a_call, a_guardrail
from tests.support.scenario import Scenario

LAB = "space/mina-lab/JupyterLab/default"
P4 = "ml.p4d.24xlarge"
NO_P4 = a_guardrail(DeniedTypes(("p4d",)), kinds=("studio-app",), remedies=(Remedy.STOP,))
REQUEST = {
    "domainId": "d-one",
    "spaceName": "mina-lab",
    "appType": "JupyterLab",
    "appName": "default",
    "resourceSpec": {"instanceType": P4},
}


def test_an_app_on_a_forbidden_type_is_warned_of_and_stopped_with_a_manifest() -> None:
    scenario = Scenario(a_policy(NO_P4), an_app(instance_type=P4), an_app("user/lee/Canvas/x"))

    scenario.at("Mon 10:00").sweep()
    scenario.at("Tue 10:00").sweep()

    assert scenario.notifier.warned == [LAB]
    assert scenario.executor.deeds == [("manifest", LAB), ("stop", LAB)]
    assert scenario.status("user/lee/Canvas/x") == "InService"


def test_a_rule_on_everything_lists_no_apps() -> None:
    everything = a_guardrail(RequiredTags({"Owner": AllowedValue()}), kinds=("*",))
    scenario = Scenario(a_policy(everything), an_app())

    scenario.at("Mon 10:00").sweep()

    assert "studio-app" not in scenario.inventory.listed


@pytest.mark.parametrize("status", ["Pending", "Deleting", "Failed"])
def test_one_that_does_not_run_is_not_stopped(status: str) -> None:
    scenario = Scenario(a_policy(NO_P4), an_app(instance_type=P4, status=status))

    scenario.at("Mon 10:00").sweep()
    scenario.at("Tue 10:00").sweep()

    assert scenario.executor.done == []


def test_one_that_serves_a_whole_domain_is_only_told_of() -> None:
    name = "user/shared/RStudioServerPro/default"
    scenario = Scenario(a_policy(NO_P4), an_app(name, instance_type=P4))

    scenario.at("Mon 10:00").sweep()
    scenario.at("Tue 10:00").sweep()

    assert scenario.notifier.warned == [name]
    assert scenario.executor.done == []


def test_a_creation_is_judged_at_once_and_acted_on_when_its_grace_is_over() -> None:
    app = an_app(instance_type=P4)
    scenario = Scenario(a_policy(NO_P4), app)
    created = a_call("CreateApp", REQUEST, responseElements={"appArn": app.ref.arn})

    report = scenario.at("Mon 10:00").event(created)
    scenario.at("Tue 10:00").sweep()

    assert [case.ref.name for case in report.warned] == [LAB]
    assert scenario.executor.done == [("stop", LAB)]


def test_what_becomes_of_its_tags_is_judged_by_the_sweep_since_its_arn_does_not_name_it() -> None:
    app = an_app(instance_type=P4)
    scenario = Scenario(a_policy(NO_P4), app)
    tagged = a_call("AddTags", {"resourceArn": app.ref.arn, "tags": []})

    report = scenario.at("Mon 10:00").event(tagged)

    assert [item.kind for item in report.plan.left_alone] == [VerdictKind.UNKNOWN]
    assert all(item.kind is not OutcomeKind.APPLIED for item in report.outcomes)
