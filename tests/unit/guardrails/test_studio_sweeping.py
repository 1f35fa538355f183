"""Studio's domains and user profiles, and notebooks' scripts, as sweeps and plans see them."""

from dataclasses import replace
from datetime import timedelta

from sagewarden.application.carry_out import judged_again
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.guardrails.conditions import (
    AllowedValue,
    CountCap,
    DeniedTypes,
    Figures,
    RequiredTags,
    VolumeCeiling,
)
from sagewarden.domain.guardrails.idle_conditions import (
    RequiredIdleShutdown,
    RequiredLifecycleConfig,
)
from sagewarden.domain.guardrails.remedies import Remedy
from sagewarden.domain.guardrails.rules import judge_resource
from sagewarden.domain.guardrails.subject import runs
from sagewarden.domain.resources import StudioStatus
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import (
    ACCOUNT,
    NOW,
    REGION,
    a_domain,
    a_notebook,
    a_policy,
    a_user_profile,
    idle_after,
)
from tests.support.events import a_guardrail
from tests.support.scenario import Scenario

P4 = "ml.p4d.24xlarge"
PROFILE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/d-1/lee"
OWNED = RequiredTags({"Owner": AllowedValue()})
WITHIN_TWO_HOURS = RequiredIdleShutdown(timedelta(hours=2))
IDLE = a_guardrail(WITHIN_TWO_HOURS, kinds=("studio-domain",))


class TestNotices:
    def test_a_domain_without_idle_shutdown_is_told_of_once(self) -> None:
        scenario = Scenario(a_policy(IDLE), a_domain("research"))

        for _ in range(2):
            scenario.sweep()

        [(case, verdict, due)] = scenario.notifier.warnings
        assert (case.ref.kind, case.ref.name, due) == ("studio-domain", "research", None)
        assert verdict.reason.startswith("JupyterLab: idle shutdown is not enabled")

    def test_it_is_called_off_when_the_domain_was_mended(self) -> None:
        scenario = Scenario(a_policy(IDLE), a_domain("research"))
        scenario.sweep()

        scenario.inventory.put(a_domain("research", idle_after(timedelta(hours=1))))
        scenario.sweep()

        assert [case.ref.name for case in scenario.notifier.called_off] == ["research"]

    def test_domains_are_neither_stopped_nor_deleted(self) -> None:
        rule = a_guardrail(DeniedTypes(("ml.p4*",)), remedies=(Remedy.STOP, Remedy.DELETE))

        found = judge_resource(a_domain(instance_types=(P4,)), rule, None, Figures(), NOW)

        assert found.action is not None
        assert found.action.kind is ActionKind.NOTIFY
        assert found.reason.endswith("a studio-domain is neither stopped nor deleted")
        assert found.evidence == {"instance_types": P4}

    def test_the_owner_named_by_studio_is_written(self) -> None:
        rule = a_guardrail(OWNED, remedies=(Remedy.TAG_OWNER,))
        domain = a_domain("research", tags={"sagemaker:user-profile-arn": PROFILE})
        scenario = Scenario(a_policy(rule), domain)

        scenario.sweep()

        assert (scenario.inventory.named("research").tags or {})["Owner"] == "lee"

    def test_a_notebook_without_a_lifecycle_configuration_is_stopped_if_the_rule_says_so(
        self,
    ) -> None:
        rule = a_guardrail(RequiredLifecycleConfig(), remedies=(Remedy.STOP,))
        scenario = Scenario(
            a_policy(rule), a_notebook("bare"), a_notebook("auto", lifecycle_config="auto-stop")
        )

        [planned] = scenario.plan().actions

        assert planned.verdict.ref.name == "bare"


class TestReach:
    def test_what_no_rule_speaks_of_is_not_listed(self) -> None:
        rule = a_guardrail(kinds=("notebook-instance", "endpoint", "training-job"))
        scenario = Scenario(a_policy(rule), a_domain(), a_user_profile())

        plan = scenario.plan()

        assert (scenario.inventory.listed, plan.left_alone) == ([], ())

    def test_a_rule_for_everything_sweeps_domains_but_no_user_profiles(self) -> None:
        scenario = Scenario(a_policy(a_guardrail(OWNED)), a_domain("research"), a_user_profile())

        plan = scenario.plan()

        assert scenario.inventory.listed == ["studio-domain"]
        assert [item.ref.name for item in plan.left_alone] == ["research"]

    def test_a_rule_for_everything_leaves_user_profiles_to_the_rule_that_names_them(self) -> None:
        named = a_guardrail(WITHIN_TWO_HOURS, kinds=("studio-user-profile",))
        late = idle_after(timedelta(hours=9), enabled=None)
        scenario = Scenario(a_policy(a_guardrail(OWNED), named), a_user_profile("lee", late))

        [verdict] = scenario.plan().left_alone

        assert (verdict.kind, verdict.ref.name) == (VerdictKind.VIOLATION, "lee")
        assert verdict.reason.startswith("JupyterLab: idle apps run for 9 h")

    def test_what_cannot_be_listed_is_reported(self) -> None:
        scenario = Scenario(a_policy(IDLE), a_domain())
        scenario.inventory.unreadable.add(REGION)

        assert len(scenario.plan().incomplete) == 1


class TestSnapshots:
    def test_how_many_domains_there_are_is_not_counted(self) -> None:
        found = judged_again(a_domain(), a_guardrail(CountCap(1)), Scenario().fleet, NOW)

        assert found.kind is VerdictKind.UNKNOWN

    def test_the_sizes_of_its_spaces_volumes_are_judged(self) -> None:
        domain = replace(a_domain(), volumes_gb=(500,))

        found = judge_resource(domain, a_guardrail(VolumeCeiling(100)), None, Figures(), NOW)

        assert found.reason == "a volume has 500 GB, more than 100"

    def test_what_is_being_deleted_does_not_run(self) -> None:
        leaving = replace(a_domain(), status=StudioStatus.DELETING)

        assert [runs(a_domain()), runs(leaving)] == [True, False]

    def test_a_state_of_a_later_version_is_unknown(self) -> None:
        assert StudioStatus("Hibernating") is StudioStatus.UNKNOWN
