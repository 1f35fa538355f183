from datetime import timedelta

import pytest

from sagewarden.application.carry_out import carry_out
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.guardrails.conditions import (
    AllowedValue,
    CountCap,
    DeniedTypes,
    Figures,
    GpuCeiling,
    RequiredTags,
    VolumeCeiling,
)
from sagewarden.domain.guardrails.instance_type_names import GpuBook
from sagewarden.domain.guardrails.remedies import Remedy
from sagewarden.domain.guardrails.rules import Guardrail, judge_resource
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.resources import Resource
from sagewarden.domain.scope import TagMatch
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import (
    LONG_AGO,
    NOW,
    a_notebook,
    a_policy,
    a_scope,
    a_serverless_variant,
    a_variant,
    an_endpoint,
    an_endpoint_rule,
    some_prices,
)
from tests.support.events import a_guardrail
from tests.support.scenario import Scenario

P4 = "ml.p4d.24xlarge"
STOP = a_guardrail(remedies=(Remedy.STOP,))
DELETE = a_guardrail(remedies=(Remedy.DELETE,), kinds=("endpoint",))
NEEDS_OWNER = a_guardrail(RequiredTags({"Owner": AllowedValue()}))


def judge(resource: Resource, rule: Guardrail = STOP) -> Verdict:
    return judge_resource(resource, rule, [resource], Figures(some_prices(), GpuBook()), NOW)


def kind_of(verdict: Verdict) -> ActionKind | None:
    return verdict.action.kind if verdict.action else None


def a_later_notebook(name: str, days: int) -> Resource:
    return a_notebook(name, created=LONG_AGO + timedelta(days=days))


class TestNotebooks:
    def test_a_denied_type_in_service_is_stopped(self) -> None:
        found = judge(a_notebook(instance_type=P4))

        assert found.kind is VerdictKind.VIOLATION
        assert found.action is not None
        assert found.action.kind is ActionKind.STOP
        assert found.evidence == {"instance_types": P4}

    @pytest.mark.parametrize("status", ["Pending", "Stopped", "Updating", "Stopping"])
    def test_in_any_other_state_it_is_a_violation_that_waits(self, status: str) -> None:
        found = judge(a_notebook(instance_type=P4, status=status))

        assert (found.kind, found.action) == (VerdictKind.VIOLATION, None)
        assert found.reason.endswith(f"it is {status}: it is stopped only when it is InService")

    def test_without_a_stop_in_the_rule_its_owner_is_told(self) -> None:
        found = judge(a_notebook(), NEEDS_OWNER)

        assert (found.kind, kind_of(found)) == (VerdictKind.VIOLATION, ActionKind.NOTIFY)
        assert found.reason == "tag Owner is missing"

    def test_what_is_not_known_is_not_acted_on(self) -> None:
        assert judge(a_notebook(instance_type=None)).kind is VerdictKind.UNKNOWN
        unread = a_notebook(instance_type=P4, tags_readable=False)
        assert judge(unread).kind is VerdictKind.UNKNOWN
        sized = a_guardrail(VolumeCeiling(5))
        assert judge(a_notebook(), sized).kind is VerdictKind.UNKNOWN
        gpus = a_guardrail(GpuCeiling(1))
        assert judge(a_notebook(instance_type="ml.p9.large"), gpus).kind is VerdictKind.UNKNOWN

    def test_a_protected_one_is_left_alone(self) -> None:
        rule = a_guardrail(scope=a_scope(protections=(TagMatch("DoNotDelete"),)))

        found = judge(a_notebook(instance_type=P4, tags={"DoNotDelete": "x"}), rule)

        assert found.kind is VerdictKind.EXEMPT


class TestEndpoints:
    def test_a_denied_type_of_any_variant_is_deleted_if_the_rule_says_so(self) -> None:
        endpoint = an_endpoint("ep", a_variant(), a_variant("B", instance_types=(P4,)))

        found = judge(endpoint, DELETE)

        assert found.action is not None
        assert found.action.kind is ActionKind.DELETE
        assert found.evidence == {"instance_types": f"ml.m5.large, {P4}"}

    def test_an_endpoint_cannot_be_stopped(self) -> None:
        found = judge(an_endpoint("ep", a_variant(instance_types=(P4,))))

        assert (found.kind, kind_of(found)) == (VerdictKind.VIOLATION, ActionKind.NOTIFY)
        assert found.reason.endswith("an endpoint cannot be stopped")

    def test_its_types_are_unknown_until_it_is_described(self) -> None:
        assert judge(an_endpoint(described=False), DELETE).kind is VerdictKind.UNKNOWN
        unread = an_endpoint("ep", a_variant(instance_types=()))
        assert judge(unread, DELETE).kind is VerdictKind.UNKNOWN

    def test_a_serverless_one_has_no_type(self) -> None:
        assert judge(an_endpoint("ep", a_serverless_variant()), DELETE).kind is (
            VerdictKind.COMPLIANT
        )

    def test_it_is_deleted_only_in_service_and_once_described(self) -> None:
        rule = a_guardrail(RequiredTags({"Owner": AllowedValue()}), remedies=(Remedy.DELETE,))

        updating = judge(an_endpoint(status="Updating"), rule)
        unread = judge(an_endpoint(described=False), rule)
        notified = judge(an_endpoint(), NEEDS_OWNER)

        assert [kind_of(item) for item in (updating, unread)] == [None, None]
        assert kind_of(notified) is ActionKind.NOTIFY
        assert "only when it is InService" in updating.reason
        assert "could not be described" in unread.reason


class TestInAFleet:
    def test_a_policy_with_guardrails_plans_for_both_kinds(self) -> None:
        rule = a_guardrail(remedies=(Remedy.STOP, Remedy.DELETE))
        scenario = Scenario(
            a_policy(rule),
            a_notebook("big", instance_type=P4),
            a_notebook("small"),
            an_endpoint("ep", a_variant(instance_types=(P4,))),
        )

        plan = scenario.plan()

        assert [item.verdict.ref.name for item in plan.actions] == ["ep", "big"]
        assert [item.ref.name for item in plan.left_alone] == ["small"]
        assert scenario.inventory.described == ["ep"]

    def test_endpoints_are_not_described_for_their_tags(self) -> None:
        scenario = Scenario(a_policy(NEEDS_OWNER), an_endpoint("ep"))

        [verdict] = scenario.plan().left_alone

        assert verdict.reason == "tag Owner is missing"
        assert scenario.inventory.described == []

    def test_a_rule_for_one_kind_lists_no_other(self) -> None:
        rule = a_guardrail(kinds=("training-job",))

        plan = Scenario(a_policy(rule), a_notebook(), an_endpoint()).plan()

        assert (plan.actions, plan.left_alone) == ((), ())

    def test_it_stands_beside_other_rules(self) -> None:
        scenario = Scenario(
            a_policy(an_endpoint_rule(), DELETE), an_endpoint("ep", a_variant(instance_types=(P4,)))
        )
        scenario.telemetry.calls("ep", (1.0,))

        [planned] = scenario.plan().actions

        assert planned.verdict.rule == "guard"

    def test_a_stop_is_carried_out_after_another_look(self) -> None:
        scenario = Scenario(a_policy(STOP), a_notebook("nb", instance_type=P4))
        verdict = scenario.plan().actions[0].verdict

        outcome = carry_out(verdict, STOP, scenario.hands)

        assert outcome.kind is OutcomeKind.APPLIED
        assert scenario.status("nb") == "Stopped"

    def test_unattended_its_owner_is_warned_first_and_it_is_stopped_after_the_grace(self) -> None:
        rule = a_guardrail(remedies=(Remedy.STOP,), grace=timedelta(hours=1))
        scenario = Scenario(a_policy(rule), a_notebook("nb", instance_type=P4))

        first = scenario.sweep()
        early = scenario.after(timedelta(minutes=59)).sweep()
        late = scenario.after(timedelta(minutes=1)).sweep()

        assert [case.reason for case in first.warned] == [f"{P4} is denied (ml.p4*)"]
        assert (first.outcomes, early.outcomes) == ((), ())
        assert [item.kind for item in late.outcomes] == [OutcomeKind.APPLIED]
        assert scenario.status("nb") == "Stopped"

    def test_what_was_mended_meanwhile_is_left_alone(self) -> None:
        rule = a_guardrail(RequiredTags({"Owner": AllowedValue()}), remedies=(Remedy.STOP,))
        scenario = Scenario(a_policy(rule), a_notebook("nb"))
        verdict = scenario.plan().actions[0].verdict
        scenario.inventory.put(a_notebook("nb", tags={"Owner": "kim"}))

        outcome = carry_out(verdict, rule, scenario.hands)

        assert outcome.kind is OutcomeKind.STALE
        assert outcome.reason == "COMPLIANT now: it has Owner"


class TestNumbers:
    def test_the_newest_ones_beyond_the_cap_are_stopped_and_no_more(self) -> None:
        rule = a_guardrail(CountCap(2), kinds=("notebook-instance",), remedies=(Remedy.STOP,))
        notebooks = [a_later_notebook(f"nb{day}", day) for day in range(4)]
        scenario = Scenario(
            a_policy(rule), *notebooks, a_notebook("idle", status="Stopped"), an_endpoint("ep")
        )

        planned = scenario.plan().actions
        outcomes = [carry_out(item.verdict, rule, scenario.hands) for item in planned]

        assert [item.verdict.ref.name for item in planned] == ["nb2", "nb3"]
        assert [outcome.kind for outcome in outcomes] == [OutcomeKind.APPLIED] * 2
        assert scenario.plan().actions == ()

    def test_only_what_the_rule_surely_covers_is_counted(self) -> None:
        rule = a_guardrail(
            CountCap(1),
            kinds=("notebook-instance",),
            remedies=(Remedy.STOP,),
            scope=a_scope("guard", names=("nb*",)),
        )
        scenario = Scenario(
            a_policy(rule),
            a_notebook("other"),
            a_notebook("nb-unread", tags_readable=False),
            a_later_notebook("nb1", 1),
        )

        assert scenario.plan().actions == ()

    def test_one_that_was_stopped_meanwhile_makes_room(self) -> None:
        rule = a_guardrail(CountCap(1), kinds=("endpoint",), remedies=(Remedy.DELETE,))
        older, newer = an_endpoint("ep1"), an_endpoint("ep2", created=NOW)
        scenario = Scenario(a_policy(rule), older, newer)
        [planned] = scenario.plan().actions
        scenario.inventory.remove("ep1")

        outcome = carry_out(planned.verdict, rule, scenario.hands)

        assert outcome.kind is OutcomeKind.STALE
        assert scenario.inventory.names == {"ep2"}


def test_what_needs_an_endpoints_details_is_told_by_the_rule() -> None:
    assert DELETE.needs_details
    assert a_guardrail(DeniedTypes(("p5",))).needs_details
    assert not NEEDS_OWNER.needs_details
    assert not a_guardrail(CountCap(1)).needs_details
