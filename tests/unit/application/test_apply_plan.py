from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from sagewarden.application.apply_plan import Approval, apply_plan, refusals
from sagewarden.domain.guardrails.conditions import CountCap
from sagewarden.domain.guardrails.remedies import Remedy
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.plans import Limits, Plan, PlannedAction
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.scope import Mode
from tests.support.builders import (
    ACCOUNT,
    NOW,
    a_notebook,
    a_notebook_rule,
    a_policy,
    a_ref,
    a_violation,
)
from tests.support.events import a_guardrail
from tests.support.scenario import Scenario

POLICY = a_policy(a_notebook_rule(), fingerprint="f1")
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def a_plan(
    *,
    account: str | None = ACCOUNT,
    resources_of: str | None = None,
    exceeded: tuple[str, ...] = (),
    actions: int = 1,
) -> Plan:
    owner = resources_of or account or ACCOUNT
    verdict = a_violation(a_ref("ep", ResourceKind.ENDPOINT, account=owner))
    planned = PlannedAction(verdict, Mode.ENFORCE)
    return Plan(NOW, account, (planned,) * actions, (), (), Limits(), exceeded)


def refused(
    plan: Plan,
    *,
    fingerprint: str = "f1",
    after: timedelta = MINUTE,
    fresh_for: timedelta = timedelta(hours=1),
    over_limits: bool = False,
) -> Sequence[str]:
    approval = Approval(ACCOUNT, POLICY, fresh_for, over_limits)
    return refusals(plan, fingerprint, approval, NOW + after)


class TestRefusals:
    def test_a_fresh_plan_for_this_account_under_this_policy_may_be_applied(self) -> None:
        assert refused(a_plan()) == []

    @pytest.mark.parametrize(
        ("after", "stale"),
        [(timedelta(hours=1), False), (timedelta(hours=1) + SECOND, True)],
    )
    def test_an_old_plan_may_not(self, after: timedelta, *, stale: bool) -> None:
        reasons = refused(a_plan(), after=after)

        assert [reason.partition(":")[0] for reason in reasons] == (
            ["the plan is stale"] if stale else []
        )

    def test_how_old_is_the_callers_to_say(self) -> None:
        reasons = refused(a_plan(), after=10 * MINUTE, fresh_for=5 * MINUTE)

        [reason] = reasons
        assert "2026-11-02T11:00:00+00:00, 10 min ago, more than 5 min; plan again" in reason

    @pytest.mark.parametrize(
        ("ahead", "refuses"), [(5 * MINUTE, False), (5 * MINUTE + SECOND, True)]
    )
    def test_a_plan_for_a_moment_to_come_may_not_but_clocks_differ(
        self, ahead: timedelta, *, refuses: bool
    ) -> None:
        reasons = refused(a_plan(), after=-ahead)

        assert [reason.partition(",")[0] for reason in reasons] == (
            ["the plan is for a moment to come"] if refuses else []
        )

    def test_another_accounts_plan_may_not(self) -> None:
        reasons = refused(a_plan(account="444455556666"))

        assert reasons == [
            "the plan is for account 444455556666, these credentials are for 111122223333"
        ]

    def test_a_plan_of_nobodys_may_not_unless_it_does_nothing(self) -> None:
        with_actions = refused(a_plan(account=None))
        without = refused(a_plan(account=None, actions=0))

        assert with_actions[0].startswith("the plan is for account None")
        assert without == []

    def test_a_plan_that_names_another_accounts_resources_may_not(self) -> None:
        reasons = refused(a_plan(account=ACCOUNT, resources_of="444455556666"))

        assert reasons == ["the plan names resources of accounts other than 111122223333"]

    def test_another_policys_plan_may_not(self) -> None:
        reasons = refused(a_plan(), fingerprint="f0")

        assert reasons == ["the plan was made under policy f0, this one is f1; plan again"]

    def test_a_plan_over_its_limits_needs_a_humans_approval(self) -> None:
        plan = a_plan(exceeded=("26 actions, more than the 20 of a run",))

        unapproved = refused(plan)
        approved = refused(plan, over_limits=True)

        assert len(unapproved) == 1
        assert "26 actions, more than the 20 of a run" in unapproved[0]
        assert "--over-limits" in unapproved[0]
        assert approved == []

    def test_every_reason_is_given_at_once(self) -> None:
        plan = a_plan(account="444455556666", exceeded=("too many",))

        reasons = refused(plan, fingerprint="f0", after=timedelta(hours=2))

        assert len(reasons) == 4


class TestApplying:
    def test_each_action_is_carried_out_and_one_failure_stops_no_other(self) -> None:
        notebooks = [a_notebook(f"nb-{number}") for number in range(3)]
        scenario = Scenario(POLICY, *notebooks).at("Mon 20:00")
        scenario.executor.failing = {"nb-1"}

        outcomes = scenario.apply(scenario.plan())

        assert [(item.action.ref.name, item.kind) for item in outcomes] == [
            ("nb-0", OutcomeKind.APPLIED),
            ("nb-1", OutcomeKind.FAILED),
            ("nb-2", OutcomeKind.APPLIED),
        ]
        assert scenario.status("nb-1") == "InService"

    def test_outcomes_come_in_the_plans_order_however_many_are_under_way(self) -> None:
        notebooks = [a_notebook(f"nb-{number:02}") for number in range(50)]
        scenario = Scenario(POLICY, *notebooks).at("Mon 20:00")

        outcomes = scenario.apply(scenario.plan())

        assert [item.action.ref.name for item in outcomes] == [
            notebook.ref.name for notebook in notebooks
        ]
        assert {item.kind for item in outcomes} == {OutcomeKind.APPLIED}

    def test_two_actions_on_one_resource_are_never_under_way_together(self) -> None:
        scenario = Scenario(POLICY, a_notebook()).at("Mon 20:00")
        plan = scenario.plan()

        outcomes = scenario.apply(replace(plan, actions=plan.actions * 20))

        assert [item.kind for item in outcomes] == [
            OutcomeKind.APPLIED,
            *[OutcomeKind.SKIPPED] * 19,
        ]

    def test_what_is_under_way_when_a_run_breaks_off_is_told(self) -> None:
        notebooks = [a_notebook(f"nb-{number:02}") for number in range(50)]
        scenario = Scenario(POLICY, *notebooks).at("Mon 20:00")
        scenario.executor.breaking = {"nb-03"}
        told: list[str] = []

        def tell() -> None:
            for outcome in apply_plan(scenario.plan(), scenario.policy, scenario.hands):
                told.append(outcome.action.ref.name)  # noqa: PERF401 - what came before the error counts

        with pytest.raises(ZeroDivisionError):
            tell()

        stopped = {name for what, name in scenario.executor.done if what == "stop"}
        assert set(told) == stopped - {"nb-03"}
        assert len(told) < len(notebooks), "nothing new was begun"

    def test_actions_of_a_rule_that_counts_are_taken_one_by_one(self) -> None:
        rule = a_guardrail(CountCap(2), kinds=("notebook-instance",), remedies=(Remedy.STOP,))
        scenario = Scenario(a_policy(rule), *(a_notebook(f"nb-{n:02}") for n in range(30)))
        plan = scenario.plan()
        scenario.inventory.remove("nb-00")
        outcomes = apply_plan(plan, scenario.policy, scenario.hands)

        next(outcomes)

        assert len(scenario.executor.done) <= 1, "the second waits for the first to be told"
        assert len(plan.actions) == 28
        assert [item.kind for item in outcomes].count(OutcomeKind.APPLIED) >= 26

    def test_applying_a_plan_twice_does_everything_once(self) -> None:
        scenario = Scenario(POLICY, a_notebook()).at("Mon 20:00")
        plan = scenario.plan()

        first = scenario.apply(plan)
        at_once = scenario.apply(plan)
        scenario.after(30 * MINUTE)
        later = scenario.apply(plan)

        assert [item.kind for item in (*first, *at_once, *later)] == [
            OutcomeKind.APPLIED,
            OutcomeKind.SKIPPED,
            OutcomeKind.STALE,
        ]
        assert scenario.executor.done == [("stop", "nb")]

    @pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.WARN])
    def test_a_rule_that_does_not_enforce_does_not_act(self, mode: Mode) -> None:
        scenario = Scenario(a_policy(a_notebook_rule(mode=mode)), a_notebook()).at("Mon 20:00")

        [outcome] = scenario.apply(scenario.plan())

        assert outcome.kind is OutcomeKind.SKIPPED
        assert outcome.reason == (f"rule notebooks-off-hours is in {mode} mode; only enforce acts")
        assert scenario.executor.deeds == []

    def test_the_mode_that_counts_is_the_present_policys(self) -> None:
        scenario = Scenario(POLICY, a_notebook()).at("Mon 20:00")
        plan = scenario.plan()
        scenario.policy = a_policy(a_notebook_rule(mode=Mode.OBSERVE))

        [outcome] = scenario.apply(plan)

        assert outcome.kind is OutcomeKind.SKIPPED

    def test_a_rule_that_is_gone_does_not_act(self) -> None:
        scenario = Scenario(POLICY, a_notebook()).at("Mon 20:00")
        plan = scenario.plan()
        scenario.policy = a_policy(a_notebook_rule("another"))

        [outcome] = scenario.apply(plan)

        assert outcome.kind is OutcomeKind.SKIPPED
        assert outcome.reason == "the policy has no rule notebooks-off-hours"

    def test_a_plan_with_an_empty_entry_is_refused(self) -> None:
        scenario = Scenario(POLICY, a_notebook()).at("Mon 20:00")
        plan = scenario.plan()
        hollow = replace(plan.actions[0], verdict=replace(plan.actions[0].verdict, action=None))

        with pytest.raises(ValueError, match="planned without an action: nb"):
            scenario.apply(replace(plan, actions=(hollow,)))
