from collections.abc import Iterable
from dataclasses import replace

import pytest

from sagewarden.application.adjust_concurrency import (
    plan_concurrency,
)
from sagewarden.application.apply_plan import apply_plan
from sagewarden.application.survey_capacity import capacity_again
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.autoscaling.scaling import (
    Capacity,
    ScalableTarget,
    ScalingPolicy,
    ScalingState,
)
from sagewarden.domain.autoscaling.steps import PutScheduledAction, RegisterTarget, Step
from sagewarden.domain.cases import CaseState
from sagewarden.domain.endpoint_capacity.rule import Served
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.plans import Limits
from sagewarden.domain.resources import Resource, ResourceRef
from sagewarden.domain.rules import Rule
from sagewarden.domain.scope import Mode
from sagewarden.domain.verdicts import VerdictKind
from tests.support.adjusting import NOON, TARGET, Region
from tests.support.builders import (
    ACCOUNT,
    REGION,
    a_notebook,
    a_scope,
    a_variant,
    an_endpoint,
)
from tests.support.capacity import a_capacity_rule, a_component, seen_capacity
from tests.support.scaling import a_concurrency_rule, a_warm_endpoint


def a_region(
    *rules: Rule, resources: Iterable[Resource] = (), limits: Limits | None = None
) -> Region:
    """A region with an endpoint of three instances that keep hours, unless others are given."""
    default = (an_endpoint("ep", a_variant(instance_count=3)),)
    return Region(rules or (a_capacity_rule(),), tuple(resources) or default, limits)


def test_an_endpoint_converges_in_one_run_and_the_next_does_nothing() -> None:
    region = a_region()

    first = region.run()
    steps = len(region.instances.steps)
    second = region.run()

    assert [outcome.kind for outcome in first.outcomes] == [OutcomeKind.APPLIED]
    assert first.outcomes[0].reason.startswith("set-capacity: bounds 2..4, ")
    assert region.instances.bounds(TARGET) == Capacity(2, 4)
    assert (second.outcomes, len(region.instances.steps)) == ((), steps)
    assert [item.kind for item in second.plan.left_alone] == [VerdictKind.COMPLIANT]
    assert [item.action.kind for item in region.notifier.told] == [ActionKind.SET_CAPACITY]


def test_a_plan_writes_nothing() -> None:
    region = a_region()

    plan = plan_concurrency(region.policy, REGION, region.ports, NOON)

    assert [item.verdict.ref.name for item in plan.actions] == ["ep"]
    assert plan.actions[0].verdict.saving is not None
    assert region.instances.steps == []


def test_of_two_rules_each_speaks_of_its_kind() -> None:
    resources = (
        an_endpoint("ep", a_variant()),
        an_endpoint("docs", a_variant(), asynchronous=True),
        a_component("llm"),
        a_warm_endpoint("warm"),
    )
    rules = (
        a_capacity_rule("real"),
        a_capacity_rule("queue", what=Served.ASYNC),
        a_capacity_rule("copies", what=Served.COMPONENTS),
        a_concurrency_rule("warm"),
    )
    region = a_region(*rules, resources=resources)

    report = region.run()

    acted = {(item.rule, item.action.ref.name) for item in report.outcomes}
    assert acted == {("real", "ep"), ("queue", "docs"), ("copies", "llm"), ("warm", "warm")}
    assert set(region.copies.held) == {"inference-component/llm"}
    assert set(region.concurrency.held) == {"endpoint/warm/variant/AllTraffic"}


def test_what_no_rule_covers_is_not_described() -> None:
    region = a_region(a_capacity_rule(scope=a_scope("by-hours", names=("other",))))

    plan = region.run().plan

    assert (plan.actions, plan.left_alone, region.inventory.described) == ((), (), [])


def test_an_account_that_the_policy_does_not_govern_is_left_alone() -> None:
    region = a_region()
    region.policy = replace(region.policy, accounts=("999999999999",))

    plan = region.run().plan

    assert (plan.actions, plan.left_alone) == ((), ())
    assert plan.incomplete


def test_a_halt_between_two_steps_leaves_the_next_one_undone() -> None:
    region = a_region()
    apply = region.instances.apply

    def halt_after(where: str, target: str, step: Step) -> None:
        apply(where, target, step)
        region.ledger.halt("incident 7", "ops", region.clock.now())

    region.instances.apply = halt_after  # type: ignore[assignment, method-assign]  # meanwhile
    [outcome] = region.run().outcomes

    assert len(region.instances.steps) == 1
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.undo


def test_a_step_that_fails_in_the_second_variant_can_be_undone_in_both() -> None:
    endpoint = an_endpoint("ep", a_variant("a"), a_variant("b"))
    region = a_region(resources=[endpoint])
    apply = region.instances.apply

    def fail_in_b(where: str, target: str, step: Step) -> None:
        if target.endswith("/b") and isinstance(step, PutScheduledAction):
            region.instances.failing = (PutScheduledAction,)
        apply(where, target, step)

    region.instances.apply = fail_in_b  # type: ignore[assignment, method-assign]  # meanwhile
    [outcome] = region.run().outcomes

    assert outcome.kind is OutcomeKind.FAILED
    assert "4 of 6 steps done" in outcome.reason
    assert outcome.undo is not None
    assert outcome.undo.split(" && ") == [
        f"DeregisterTarget endpoint/ep/variant/b {REGION}",
        f"DeregisterTarget endpoint/ep/variant/a {REGION}",
    ]


def test_what_is_exempt_or_gone_at_the_moment_of_acting_is_left_alone() -> None:
    region = a_region()
    given = Exemption("*", None, "a launch", "mina", region.clock.now())
    reread = region.inventory.reread

    def exempted_meanwhile(ref: ResourceRef) -> Resource | None:
        region.ledger.exempt(given)
        return reread(ref)

    region.inventory.reread = exempted_meanwhile  # type: ignore[method-assign]  # in the last moment
    [stale] = region.run().outcomes

    assert stale.kind is OutcomeKind.STALE
    assert region.instances.steps == []


def test_what_somebody_registered_meanwhile_is_left_alone() -> None:
    region = a_region()

    def registered_meanwhile() -> None:
        theirs = ScalingState(ScalableTarget(Capacity(1, 9)), (ScalingPolicy("theirs", 5.0),))
        region.instances.held[TARGET] = theirs

    region.instances.before_read = registered_meanwhile

    [stale] = region.run().outcomes

    assert stale.kind is OutcomeKind.STALE
    assert region.instances.steps == []


def test_before_a_policy_is_removed_everything_is_kept() -> None:
    region = a_region(a_capacity_rule(adopt=True))
    theirs = ScalingState(ScalableTarget(Capacity(1, 9)), (ScalingPolicy("theirs", 5.0),))
    region.instances.held[TARGET] = theirs

    [outcome] = region.run().outcomes

    assert outcome.kind is OutcomeKind.APPLIED
    assert region.ledger.manifests(outcome.action.ref.arn)


def test_broken_autoscaling_is_told_of_once_and_its_case_ends_when_it_is_mended() -> None:
    region = a_region(a_capacity_rule(sets=False))

    region.run()
    region.run()
    [case] = region.ledger.live_cases(ACCOUNT, REGION)
    told = list(region.notifier.warned)
    region.inventory.put(an_endpoint("ep", a_variant(instance_count=1)))
    ended = region.run().resolved

    assert told == ["ep"]
    assert case.action.kind is ActionKind.NOTIFY
    assert [item.state for item in ended] == [CaseState.RESOLVED]


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.WARN])
def test_a_rule_that_does_not_enforce_sets_nothing(mode: Mode) -> None:
    region = a_region(a_capacity_rule(mode=mode))

    report = region.run()

    assert (report.outcomes, region.instances.steps) == ((), [])
    assert region.notifier.warned == (["ep"] if mode is Mode.WARN else [])


def test_limits_hold_everything_back() -> None:
    limits = Limits(actions_per_run=0, every_action=True)
    region = a_region(limits=limits)

    report = region.run()

    assert report.plan.exceeded
    assert region.instances.steps == []


def test_autoscaling_that_cannot_be_read_is_unknown_and_said() -> None:
    region = a_region()
    region.instances.unreadable = True

    plan = region.run().plan

    assert [item.kind for item in plan.left_alone] == [VerdictKind.UNKNOWN]
    assert [item.what for item in plan.incomplete] == [f"autoscaling in {REGION}"]


def test_use_that_cannot_be_read_is_said() -> None:
    region = a_region(a_capacity_rule(during=(1, 4), target=100, hours=False))
    region.telemetry.calls("ep", None)

    plan = region.run().plan

    assert [item.why for item in plan.incomplete] == ["CloudWatch gave no data"]


def test_use_is_read_only_where_it_may_matter() -> None:
    region = a_region(a_capacity_rule(during=(1, 4), target=100, hours=False))
    region.run()
    asked = len(region.telemetry.asked)

    region.run()

    assert len(region.telemetry.asked) == asked


def test_a_quota_is_asked_for_only_where_something_is_set() -> None:
    region = a_region(a_capacity_rule(during=(1, 9), target=100, hours=False))
    region.quotas.instances = {"ml.m5.large": 5}

    region.run()

    assert region.instances.bounds(TARGET) == Capacity(1, 5)
    assert RegisterTarget(Capacity(1, 5)) in [step for _, step in region.instances.steps]


def test_an_approved_plan_leaves_it_to_the_bot() -> None:
    region = a_region()
    plan = plan_concurrency(region.policy, REGION, region.ports, NOON)

    [outcome] = apply_plan(plan, region.policy, region.hands)

    assert outcome.kind is OutcomeKind.SKIPPED
    assert outcome.reason == "set-capacity is left to the provisioned concurrency bot"


def test_what_is_no_endpoint_is_none_of_its_business() -> None:
    region = a_region()

    with pytest.raises(TypeError, match="none of what such a rule speaks of"):
        capacity_again(
            seen_capacity(an_endpoint("ep", a_variant())),
            a_notebook("nb"),
            (region.hands.fleet, region.ports.others),
            NOON,
        )
