"""Events about Studio's domains and user profiles lead to a look, a tag and a word."""

from datetime import timedelta
from typing import Any

from sagewarden.domain.cases import CaseState
from sagewarden.domain.guardrails.call import Call
from sagewarden.domain.guardrails.conditions import AllowedValue, DeniedTypes, RequiredTags
from sagewarden.domain.guardrails.idle_conditions import RequiredIdleShutdown
from sagewarden.domain.guardrails.remedies import Remedy
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import (
    ACCOUNT,
    REGION,
    a_domain,
    a_policy,
    a_scope,
    a_user_profile,
    idle_after,
)
from tests.support.events import a_call, a_domain_call, a_guardrail, idle_settings
from tests.support.scenario import Scenario

WITHIN_AN_HOUR = RequiredIdleShutdown(timedelta(hours=1))
IDLE = a_guardrail(WITHIN_AN_HOUR, kinds=("studio-domain", "studio-user-profile"))
STUDIO = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:"


def a_domain_update() -> Call:
    answer = {"domainArn": f"{STUDIO}domain/d-1"}
    return a_call("UpdateDomain", {"domainId": "d-1"}, responseElements=answer)


def a_profile_call(operation: str = "CreateUserProfile", **more: Any) -> Call:
    request = {"domainId": "d-1", "userProfileName": "lee", **more}
    answer = {"userProfileArn": f"{STUDIO}user-profile/d-1/lee"}
    return a_call(operation, request, responseElements=answer)


def test_a_domain_created_without_idle_shutdown_is_told_of_by_its_name() -> None:
    scenario = Scenario(a_policy(IDLE), a_domain("research"))

    for _ in range(2):
        scenario.event(a_domain_call())
    scenario.sweep()

    [(case, _, due)] = scenario.notifier.warnings
    assert (case.ref.name, due) == ("research", None)


def test_a_change_of_a_domain_leads_to_a_look_at_it() -> None:
    scenario = Scenario(a_policy(IDLE), a_domain("research"))

    scenario.event(a_domain_update())

    assert scenario.notifier.warned == ["research"]


def test_what_the_domain_is_now_counts_not_what_the_event_told() -> None:
    scenario = Scenario(a_policy(IDLE), a_domain("research", idle_after(timedelta(hours=1))))

    report = scenario.event(a_domain_call())

    assert [item.kind for item in report.plan.left_alone] == [VerdictKind.COMPLIANT]
    assert scenario.notifier.warned == []


def test_a_rule_for_other_names_does_not_reach_a_domain_that_was_changed() -> None:
    rule = a_guardrail(WITHIN_AN_HOUR, scope=a_scope("guard", names=("sandbox-*",)))
    scenario = Scenario(a_policy(rule), a_domain("research"))

    report = scenario.event(a_domain_update())

    assert report.plan.left_alone == ()


def test_what_is_compliant_by_the_event_costs_no_call() -> None:
    scenario = Scenario(a_policy(IDLE), a_domain("research"))

    scenario.event(a_domain_call(idle_settings(60)))

    assert scenario.inventory.reread_names == []


def test_a_domain_that_is_gone_is_left_alone() -> None:
    report = Scenario(a_policy(IDLE)).event(a_domain_update())

    assert (report.plan.actions, report.plan.left_alone) == ((), ())


def test_without_an_arn_it_stays_unknown_and_is_reported() -> None:
    scenario = Scenario(a_policy(IDLE), a_domain("research"))

    report = scenario.event(a_call("UpdateDomain", {"domainId": "d-1"}))

    assert [item.kind for item in report.plan.left_alone] == [VerdictKind.UNKNOWN]
    assert scenario.notifier.warned == []


def test_a_user_profile_that_overrides_its_domain_is_told_of() -> None:
    scenario = Scenario(a_policy(IDLE), a_user_profile("lee", idle_after(enabled=False)))

    scenario.event(a_profile_call("UpdateUserProfile"))

    assert scenario.notifier.warned == ["lee"]


def test_who_created_a_domain_becomes_its_owner() -> None:
    owned = a_guardrail(RequiredTags({"Owner": AllowedValue()}), remedies=(Remedy.TAG_OWNER,))
    scenario = Scenario(a_policy(owned), a_domain("research"))

    scenario.event(a_domain_call())

    assert scenario.inventory.named("research").tags == {"Owner": "kim"}


def test_where_no_sweep_looks_at_user_profiles_their_owner_is_told_and_that_is_all() -> None:
    rule = a_guardrail(RequiredTags({"Team": AllowedValue()}), DeniedTypes(("ml.p4*",)))
    scenario = Scenario(a_policy(rule), a_user_profile("lee"))

    scenario.event(a_profile_call())
    scenario.sweep()

    [(case, _, _)] = scenario.notifier.warnings
    stored = scenario.ledger.case(case.case_id)
    assert stored is not None
    assert stored.state is CaseState.DONE
    assert scenario.notifier.called_off == []
