from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from sagewarden.application.adjust_concurrency import (
    plan_concurrency,
)
from sagewarden.application.ports import UnreadableError
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.autoscaling.scaling import Capacity
from sagewarden.domain.autoscaling.steps import DeregisterTarget, PutPolicy, Step
from sagewarden.domain.cases import CaseState
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.plans import Limits
from sagewarden.domain.provisioned_concurrency.quotas import Quotas
from sagewarden.domain.provisioned_concurrency.rule import ProvisionedConcurrency
from sagewarden.domain.resources import Endpoint, Resource, ResourceRef
from sagewarden.domain.scope import Mode
from sagewarden.domain.verdicts import VerdictKind
from tests.support.adjusting import NOON, TARGET, Region
from tests.support.builders import (
    ACCOUNT,
    REGION,
    TWO_DAYS,
    ZEROS,
    a_policy,
    a_scope,
    an_endpoint,
    seoul,
)
from tests.support.scaling import (
    a_concurrency_rule,
    a_warm_endpoint,
    somebodys_target,
)


def a_region(
    *rules: ProvisionedConcurrency,
    resources: Iterable[Endpoint] = (),
    limits: Limits | None = None,
) -> Region:
    """A region with a warm serverless endpoint and its rule, unless others are given."""
    default = (a_warm_endpoint(),)
    return Region(rules or (a_concurrency_rule(),), tuple(resources) or default, limits)


def test_an_endpoint_converges_in_one_run_and_the_next_does_nothing() -> None:
    region = a_region()

    first = region.run()
    steps = len(region.concurrency.steps)
    second = region.run()

    assert [outcome.kind for outcome in first.outcomes] == [OutcomeKind.APPLIED]
    assert region.concurrency.bounds(TARGET) == Capacity(5, 20)
    assert (second.outcomes, len(region.concurrency.steps)) == ((), steps)
    assert [item.kind for item in second.plan.left_alone] == [VerdictKind.COMPLIANT]
    assert [item.reason for item in region.notifier.told] == [first.outcomes[0].reason]


def test_a_halt_between_two_steps_leaves_the_next_one_undone() -> None:
    region = a_region()
    apply = region.concurrency.apply

    def halt_after(where: str, target: str, step: Step) -> None:
        apply(where, target, step)
        region.ledger.halt("incident 7", "ops", region.clock.now())

    region.concurrency.apply = halt_after  # type: ignore[assignment, method-assign]  # meanwhile
    [outcome] = region.run().outcomes

    assert len(region.concurrency.steps) == 1
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.reason.startswith("halted: incident 7; 1 of ")
    assert outcome.undo


def test_what_is_exempt_is_left_alone_at_the_moment_of_acting() -> None:
    region = a_region()
    given = Exemption("*", None, "a launch", "mina", region.clock.now())
    reread = region.inventory.reread

    def exempted_meanwhile(ref: ResourceRef) -> Resource | None:
        region.ledger.exempt(given)
        return reread(ref)

    region.inventory.reread = exempted_meanwhile  # type: ignore[method-assign]  # in the last moment
    [stale] = region.run().outcomes
    [verdict] = region.run().plan.left_alone

    assert stale.kind is OutcomeKind.STALE
    assert verdict.kind is VerdictKind.EXEMPT
    assert region.concurrency.steps == []


def test_bounds_that_its_owner_put_off_are_not_set_when_the_rule_is_enforced() -> None:
    region = a_region(a_concurrency_rule(mode=Mode.WARN))
    region.run()
    [case] = region.ledger.live_cases(ACCOUNT, REGION)
    region.ledger.save(case.snoozed(NOON + timedelta(days=7), "mina", NOON))
    region.policy = a_policy(a_concurrency_rule())

    put_off = region.run().outcomes
    region.clock.advance(timedelta(days=7))
    later = region.run().outcomes

    assert put_off == ()
    assert [outcome.kind for outcome in later] == [OutcomeKind.APPLIED]


def test_the_outcome_is_in_the_ledger_with_the_way_back() -> None:
    region = a_region()

    outcome = region.run().outcomes[0]

    assert list(region.ledger.history(outcome.action.ref.arn)) == [outcome]
    assert outcome.action.kind is ActionKind.SET_PROVISIONED_CONCURRENCY
    assert outcome.undo == f"DeregisterTarget {TARGET} {REGION}"


def test_the_bounds_follow_the_clock_also_when_a_scheduled_action_did_not_fire() -> None:
    region = a_region()
    region.run()

    region.clock.set(seoul("2026-11-02 18:05"))
    region.run()

    assert region.concurrency.bounds(TARGET) == Capacity(1, 1)


def test_a_plan_and_a_rule_that_only_observes_change_nothing() -> None:
    planned, observed = a_region(), a_region(a_concurrency_rule(mode=Mode.OBSERVE))

    plan = plan_concurrency(planned.policy, REGION, planned.ports, NOON)
    report = observed.run()

    assert [item.verdict.ref.name for item in plan.actions] == ["ep"]
    assert [item.verdict.ref.name for item in report.plan.actions] == ["ep"]
    assert planned.concurrency.steps == observed.concurrency.steps == []
    assert (observed.notifier.told, observed.notifier.warned) == ([], [])


def test_a_rule_that_warns_tells_once_and_again_only_when_it_may_act() -> None:
    region = a_region(a_concurrency_rule(mode=Mode.WARN))

    region.run()
    region.run()
    told = list(region.notifier.warned)
    region.policy = a_policy(a_concurrency_rule(mode=Mode.ENFORCE))
    region.run()
    region.run()

    assert told == region.notifier.warned == ["ep"]
    assert len(region.notifier.told) == 1
    assert region.notifier.called_off == []


def test_the_first_rule_that_covers_an_endpoint_governs_it_alone() -> None:
    first = a_concurrency_rule("first", bounds=(2, 4))
    second = a_concurrency_rule("second", bounds=(7, 9))
    region = a_region(first, second)

    reports = [region.run() for _ in range(3)]

    assert region.concurrency.bounds(TARGET) == Capacity(2, 4)
    assert [len(report.outcomes) for report in reports] == [1, 0, 0]


def test_a_target_that_somebody_registers_at_the_last_moment_is_not_touched() -> None:
    region = a_region()

    def interfere() -> None:
        region.concurrency.held[TARGET] = somebodys_target()

    region.concurrency.before_read = interfere
    report = region.run()

    assert [outcome.kind for outcome in report.outcomes] == [OutcomeKind.STALE]
    assert region.concurrency.held == {TARGET: somebodys_target()}


def test_a_target_that_is_taken_over_is_written_down_first() -> None:
    region = a_region(a_concurrency_rule(adopt=True))
    region.concurrency.held[TARGET] = somebodys_target()

    region.run()

    arn = region.inventory.named("ep").ref.arn
    assert len(region.ledger.manifests(arn)) == 1
    assert region.concurrency.held[TARGET].foreign == ()


def test_without_a_manifest_nothing_of_somebody_else_is_removed() -> None:
    region = a_region(a_concurrency_rule(adopt=True))
    region.concurrency.held[TARGET] = somebodys_target()
    region.executor.no_manifest.add("ep")

    report = region.run()

    assert [outcome.kind for outcome in report.outcomes] == [OutcomeKind.FAILED]
    assert region.concurrency.steps == []


def test_one_endpoint_that_fails_does_not_stop_the_others_and_is_finished_later() -> None:
    region = a_region(resources=(a_warm_endpoint("a"), a_warm_endpoint("b")))
    region.concurrency.failing = (PutPolicy,)

    failed = region.run()
    region.concurrency.failing = ()
    finished = region.run()

    assert [outcome.kind for outcome in failed.outcomes] == [OutcomeKind.FAILED] * 2
    assert "3 of 4 steps done" in failed.outcomes[0].reason
    assert failed.outcomes[0].undo is not None
    assert [outcome.kind for outcome in finished.outcomes] == [OutcomeKind.APPLIED] * 2
    assert region.run().outcomes == ()


def test_unreadable_autoscaling_is_reported_and_nothing_is_done() -> None:
    region = a_region()
    region.concurrency.unreadable = True

    report = region.run()

    assert [item.kind for item in report.plan.left_alone] == [VerdictKind.UNKNOWN]
    assert [item.what for item in report.plan.incomplete] == [f"autoscaling in {REGION}"]
    assert report.outcomes == ()


def test_a_region_that_cannot_be_listed_fails_loudly() -> None:
    region = a_region()
    region.inventory.unreadable.add(REGION)

    with pytest.raises(UnreadableError):
        region.run()


def test_a_halt_stops_everything() -> None:
    region = a_region()
    region.ledger.halt("incident 7", "ops", region.clock.now())

    report = region.run()

    assert [outcome.kind for outcome in report.outcomes] == [OutcomeKind.SKIPPED]
    assert region.concurrency.steps == []


def test_beyond_the_limits_nothing_is_done_at_all() -> None:
    limits = Limits(actions_per_run=1, every_action=True)
    endpoints = (a_warm_endpoint("a"), a_warm_endpoint("b"))
    region = a_region(limits=limits, resources=endpoints)

    report = region.run()

    assert report.plan.exceeded
    assert region.concurrency.steps == []


def test_only_endpoints_that_tags_and_status_leave_open_are_described() -> None:
    endpoints = (
        a_warm_endpoint("open"),
        a_warm_endpoint("busy", status="Updating"),
        a_warm_endpoint("exempt", tags={"SagewardenExempt": "2027-01-31: demo"}),
        a_warm_endpoint("strange"),
    )
    rule = a_concurrency_rule(scope=a_scope("warm", except_names=("strange",)))
    region = a_region(rule, resources=endpoints)

    plan = plan_concurrency(region.policy, REGION, region.ports, NOON)

    assert region.inventory.described == ["open"]
    assert {item.ref.name for item in plan.left_alone} == {"busy", "exempt"}


def test_where_nothing_is_serverless_autoscaling_is_not_asked() -> None:
    region = a_region(resources=(an_endpoint("ep"),))
    region.concurrency.unreadable = True

    report = region.run()

    assert report.plan.incomplete == ()
    assert [item.kind for item in report.plan.left_alone] == [VerdictKind.NOT_APPLICABLE]


def test_a_small_quota_is_shared_and_what_others_registered_counts() -> None:
    region = a_region(resources=(a_warm_endpoint("a"), a_warm_endpoint("b")))
    region.quotas.quotas = Quotas(region_total=30)
    region.concurrency.held["endpoint/x/variant/y"] = somebodys_target(1, 7)

    region.run()

    assert region.concurrency.bounds("endpoint/a/variant/AllTraffic") == Capacity(5, 20)
    assert region.concurrency.bounds("endpoint/b/variant/AllTraffic") == Capacity(3, 3)
    assert region.run().outcomes == ()


def test_an_idle_endpoint_is_warned_of_and_released_after_the_grace() -> None:
    region = a_region(a_concurrency_rule(release_after=TWO_DAYS))
    region.telemetry.calls("ep", ZEROS)

    first = region.run()
    region.clock.advance(timedelta(hours=23))
    # The scheduled actions of the evening scale it, which modifies it.
    region.inventory.put(replace(region.inventory.endpoint("ep"), modified=region.clock.now()))
    waiting = region.run()
    region.clock.advance(timedelta(hours=1))
    last = region.run()

    assert [case.state for case in first.warned] == [CaseState.WARNED]
    assert waiting.outcomes == ()
    assert [outcome.action.kind for outcome in last.outcomes] == [
        ActionKind.RELEASE_PROVISIONED_CONCURRENCY
    ]
    assert region.notifier.warned == ["ep"]
    assert [deed[0] for deed in region.executor.deeds] == [
        "manifest",
        "release-provisioned-concurrency",
    ]


def test_a_call_during_the_grace_calls_the_release_off() -> None:
    region = a_region(a_concurrency_rule(release_after=TWO_DAYS))
    region.telemetry.calls("ep", ZEROS)
    region.run()

    region.clock.advance(timedelta(hours=24))
    region.telemetry.calls("ep", (*ZEROS[1:], 3.0))
    report = region.run()

    assert [case.state for case in report.resolved] == [CaseState.RESOLVED]
    assert [case.ref.name for case in region.notifier.called_off] == ["ep"]
    assert [outcome.action.kind for outcome in report.outcomes] == [
        ActionKind.SET_PROVISIONED_CONCURRENCY
    ]


def test_what_lost_its_provisioned_concurrency_loses_our_target() -> None:
    region = a_region()
    region.run()
    region.inventory.put(a_warm_endpoint(provisioned=0))

    region.run()

    assert region.concurrency.steps[-1] == (TARGET, DeregisterTarget())
    assert region.run().outcomes == ()


def test_use_that_cannot_be_read_is_unknown_and_said_and_nothing_is_set() -> None:
    region = a_region(a_concurrency_rule(release_after=TWO_DAYS))
    region.telemetry.calls("ep", None)

    report = region.run()

    assert [item.kind for item in report.plan.left_alone] == [VerdictKind.UNKNOWN]
    assert [item.why for item in report.plan.incomplete] == ["CloudWatch gave no data"]
    assert region.concurrency.steps == []


def test_use_that_can_no_longer_be_read_at_the_moment_of_the_release_fails_it() -> None:
    region = a_region(a_concurrency_rule(release_after=TWO_DAYS))
    region.telemetry.calls("ep", ZEROS)
    region.run()
    region.clock.advance(TWO_DAYS)
    reread = region.inventory.reread

    def unread_meanwhile(ref: ResourceRef) -> Resource | None:
        region.telemetry.calls("ep", None)
        return reread(ref)

    region.inventory.reread = unread_meanwhile  # type: ignore[method-assign]  # in the last moment
    [failed] = region.run().outcomes

    assert failed.kind is OutcomeKind.FAILED
    assert "could not read the metrics of ep" in failed.reason
