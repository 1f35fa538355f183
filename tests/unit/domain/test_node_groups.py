"""Node groups: which have accelerators, who else scales them, their hours and their idleness."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.judged import Facts
from sagewarden.domain.metrics import Readings
from sagewarden.domain.money import NO_PRICES, PriceBook, PriceComponent
from sagewarden.domain.node_groups.accelerators import Accelerator, accelerator_of
from sagewarden.domain.node_groups.care import (
    Care,
    ClusterAutoscaler,
    RunningWork,
    UnderAutoscaler,
)
from sagewarden.domain.node_groups.gpu_metrics import UTILIZATION, series_of
from sagewarden.domain.node_groups.ownership import UnknownOwnershipError, scaled_by
from sagewarden.domain.node_groups.rules import IdleNodeGroups, NodeGroupHours
from sagewarden.domain.node_groups.snapshot import Node, NodeGroup, NodeGroupStatus, Signs, Sizes
from sagewarden.domain.restoration.node_groups import plan_node_group
from sagewarden.domain.restoration.steps import Step, StepKind
from sagewarden.domain.scope import EXEMPT_TAG, TagMatch
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import LONG_AGO, NOW, a_notebook, a_scope, seoul
from tests.support.node_groups import (
    EKS_TAGS,
    MINUTE,
    NODES,
    TRAINERS,
    a_node_group,
    an_hours_rule,
    an_idle_rule,
    measured,
)

HOUR = timedelta(hours=1)
CLOSED = seoul("2026-11-02 18:00")
OPEN = seoul("2026-11-03 09:00")
ABSENT = Care(cluster_autoscaler=ClusterAutoscaler.ABSENT)
IGNORING = Care(running_work=RunningWork.IGNORE)
MIN_SIZE = Care(under_autoscaler=UnderAutoscaler.MIN_SIZE)
KEPT = {
    "node_group": {
        "status": "ACTIVE",
        "createdAt": "2026-10-01T00:00:00+00:00",
        "scalingConfig": {"minSize": 1, "desiredSize": 2, "maxSize": 4},
    }
}
KARPENTER = {"karpenter.sh/discovery": "ml"}
AT_ZERO: dict[str, Any] = {"sizes": (0, 0, 4), "modified": CLOSED + 2 * MINUTE}
TO_ZERO = (ActionKind.SCALE_TO_ZERO, (0, 0))
ONLY_MINIMUM = (ActionKind.SCALE_TO_ZERO, (0, None))


def judge(  # noqa: PLR0913  # what is known beside it
    group: NodeGroup,
    rule: NodeGroupHours | IdleNodeGroups | None = None,
    *,
    readings: Readings | None = None,
    stopped: datetime | None = None,
    touched: datetime | None = None,
    kept: dict[str, Any] | None = None,
    now: datetime = NOW,
) -> Verdict:
    rule = rule or an_hours_rule()
    found = measured(rule, now=now) if readings is None else readings
    return rule.judge(group, Facts(NO_PRICES, found, stopped, touched, kept), now)


def done_by(verdict: Verdict) -> tuple[ActionKind, tuple[int, int | None] | None] | None:
    return (verdict.action.kind, verdict.action.sizes) if verdict.action else None


class TestAccelerators:
    @pytest.mark.parametrize(
        ("instance_type", "accelerator"),
        [
            ("p4d.24xlarge", Accelerator.GPU),
            ("p5.48xlarge", Accelerator.GPU),
            ("p6-b200.48xlarge", Accelerator.GPU),
            ("g4dn.xlarge", Accelerator.GPU),
            ("g5g.xlarge", Accelerator.GPU),
            ("gr6.4xlarge", Accelerator.GPU),
            ("g6e.xlarge", Accelerator.GPU),
            ("inf1.xlarge", Accelerator.NEURON),
            ("inf2.48xlarge", Accelerator.NEURON),
            ("trn1n.32xlarge", Accelerator.NEURON),
            ("trn2.48xlarge", Accelerator.NEURON),
            ("m5.xlarge", None),
            ("i3.xlarge", None),
            ("im4gn.large", None),
            ("t3.medium", None),
            ("", None),
        ],
    )
    def test_they_are_told_by_the_family(
        self, instance_type: str, accelerator: Accelerator | None
    ) -> None:
        assert accelerator_of(instance_type) is accelerator

    def test_a_node_group_without_one_is_not_spoken_of(self) -> None:
        verdict = judge(a_node_group(instance_types=("m5.xlarge",), tags={EXEMPT_TAG: "?"}))

        assert verdict.kind is VerdictKind.NOT_APPLICABLE
        assert verdict.reason == "m5.xlarge has no GPU, Inferentia or Trainium"

    def test_what_it_runs_on_may_be_unknown(self) -> None:
        verdict = judge(a_node_group(instance_types=None))

        assert verdict.kind is VerdictKind.UNKNOWN


class TestWhoIsLeftAlone:
    @pytest.mark.parametrize("rule", [an_hours_rule(), an_idle_rule()])
    @pytest.mark.parametrize("status", list(NodeGroupStatus))
    def test_only_one_that_is_active_is_scaled(
        self, rule: NodeGroupHours | IdleNodeGroups, status: NodeGroupStatus
    ) -> None:
        verdict = judge(a_node_group(status=status), rule)

        assert (verdict.action is not None) == (status is NodeGroupStatus.ACTIVE)
        if status is NodeGroupStatus.UNKNOWN:
            assert verdict.kind is VerdictKind.UNKNOWN
        elif status is not NodeGroupStatus.ACTIVE:
            assert verdict.kind is VerdictKind.NOT_APPLICABLE

    def test_what_is_wrong_with_a_degraded_one_is_said(self) -> None:
        degraded = a_node_group(
            status=NodeGroupStatus.DEGRADED, issues=("AsgInstanceLaunchFailures",)
        )

        assert judge(degraded).reason.startswith("it is DEGRADED (AsgInstanceLaunchFailures)")

    @pytest.mark.parametrize("rule", [an_hours_rule(), an_idle_rule()])
    def test_a_capacity_block_is_paid_for_already(
        self, rule: NodeGroupHours | IdleNodeGroups
    ) -> None:
        verdict = judge(a_node_group(capacity="CAPACITY_BLOCK"), rule)

        assert verdict.kind is VerdictKind.NOT_APPLICABLE
        assert "paid for in advance" in verdict.reason

    @pytest.mark.parametrize(
        ("changes", "kind"),
        [
            ({"tags": {EXEMPT_TAG: "2027-01-31: migrating"}}, VerdictKind.EXEMPT),
            ({"tags": {"Stage": "prod"}}, VerdictKind.EXEMPT),
            ({"tags": {"aws:cloudformation:stack-name": "eks"}}, VerdictKind.EXEMPT),
            ({"tags": {"Schedule": "off"}}, VerdictKind.EXEMPT),
            ({"tags": {"Schedule": "never on sundays"}}, VerdictKind.UNKNOWN),
        ],
    )
    def test_tags_hold_for_a_node_group_as_for_a_notebook(
        self, changes: dict[str, Any], kind: VerdictKind
    ) -> None:
        scope = a_scope("gpu-hours", protections=(TagMatch("Stage", ("prod",)),))

        verdict = judge(a_node_group(**changes), an_hours_rule(scope=scope))

        assert (verdict.kind, verdict.action) == (kind, None)

    def test_unreadable_tags_are_unknown(self) -> None:
        group = replace(a_node_group(), tags=None)

        assert judge(group).kind is VerdictKind.UNKNOWN
        assert judge(group, an_idle_rule()).kind is VerdictKind.UNKNOWN

    def test_a_rule_on_node_groups_speaks_of_nothing_else(self) -> None:
        for rule in (an_hours_rule(), an_idle_rule()):
            assert list(rule.series(a_notebook(), NOW)) == []
            with pytest.raises(TypeError):
                rule.judge(a_notebook(), Facts(NO_PRICES), NOW)


class TestWhoElseScalesIt:
    @pytest.mark.parametrize("rule", [an_hours_rule(), an_idle_rule()])
    @pytest.mark.parametrize(
        ("changes", "who"),
        [
            ({"group_tags": EKS_TAGS}, "perhaps the Cluster Autoscaler"),
            ({"tags": {"k8s.io/cluster-autoscaler/ml": "owned"}}, "the Cluster Autoscaler"),
            ({"tags": {"k8s.io/cluster-autoscaler/enabled": "1"}}, "the Cluster Autoscaler"),
            ({"tags": KARPENTER}, "Karpenter"),
            ({"group_tags": KARPENTER}, "Karpenter"),
            ({"signs": Signs({}, KARPENTER, auto_mode=False)}, "Karpenter"),
            ({"signs": Signs({}, {}, auto_mode=True)}, "EKS Auto Mode"),
        ],
    )
    def test_its_desired_size_is_never_touched_then(
        self, rule: NodeGroupHours | IdleNodeGroups, changes: dict[str, Any], who: str
    ) -> None:
        group = a_node_group(**changes)

        advised = judge(group, rule)
        lowered = judge(group, replace(rule, care=MIN_SIZE))

        assert (advised.kind, advised.action) == (VerdictKind.VIOLATION, None)
        assert f"but {who}" in advised.reason
        assert "lower its minSize of 1" in advised.reason
        assert done_by(lowered) == ONLY_MINIMUM
        assert str(lowered.evidence["scaled_by"]).startswith(who)
        assert lowered.saving is None

    def test_what_eks_writes_itself_tells_nothing_where_no_autoscaler_runs(self) -> None:
        verdict = judge(a_node_group(group_tags=EKS_TAGS), an_hours_rule(ABSENT))

        assert done_by(verdict) == TO_ZERO

    def test_a_tag_of_another_cluster_tells_nothing(self) -> None:
        other = {"k8s.io/cluster-autoscaler/other": "owned"}

        assert done_by(judge(a_node_group(tags=other, group_tags=other))) == TO_ZERO

    @pytest.mark.parametrize("rule", [an_hours_rule(), an_hours_rule(ABSENT), an_idle_rule()])
    @pytest.mark.parametrize(
        "signs",
        [Signs(None, {}, auto_mode=False), Signs({}, None, auto_mode=False), Signs({}, {}, None)],
    )
    def test_what_could_not_be_read_is_unknown(
        self, rule: NodeGroupHours | IdleNodeGroups, signs: Signs
    ) -> None:
        verdict = judge(a_node_group(signs=signs), rule)

        assert (verdict.kind, verdict.action) == (VerdictKind.UNKNOWN, None)
        assert verdict.reason.startswith("who else scales it is not known")

    def test_unreadable_tags_of_its_own_tell_nothing_either(self) -> None:
        with pytest.raises(UnknownOwnershipError, match="its tags could not be read"):
            scaled_by(replace(a_node_group(), tags=None), group_tags_count=False)

    @pytest.mark.parametrize("rule", [an_hours_rule(MIN_SIZE), an_idle_rule(MIN_SIZE)])
    def test_a_minimum_of_zero_is_all_that_is_asked_for(
        self, rule: NodeGroupHours | IdleNodeGroups
    ) -> None:
        verdict = judge(a_node_group(sizes=(0, 2, 4), group_tags=EKS_TAGS), rule)

        assert verdict.kind is VerdictKind.COMPLIANT
        assert "may scale it in" in verdict.reason

    def test_running_work_does_not_hold_a_minimum(self) -> None:
        rule = an_hours_rule(MIN_SIZE)

        verdict = judge(
            a_node_group(group_tags=EKS_TAGS), rule, readings=measured(rule, reserved=100)
        )

        assert done_by(verdict) == ONLY_MINIMUM


class TestClosing:
    def test_it_is_scaled_to_zero_after_closing(self) -> None:
        group = a_node_group()

        verdict = judge(group)

        assert verdict.kind is VerdictKind.VIOLATION
        assert (
            verdict.reason
            == "it runs 2 nodes outside business-hours (open 09:00-18:00, Asia/Seoul)"
        )
        assert verdict.action == Action(
            ActionKind.SCALE_TO_ZERO, group.ref, Precondition.of(group), sizes=(0, 0)
        )
        assert verdict.action.precondition.setup == "min 1, desired 2, max 4"
        assert verdict.evidence["desired_size"] == 2
        assert verdict.evidence["closed_since"] == "2026-11-02T09:00:00+00:00"

    def test_an_exemption_that_ran_out_is_part_of_the_reason(self) -> None:
        verdict = judge(a_node_group(tags={EXEMPT_TAG: "2026-10-01"}))

        assert verdict.reason.endswith("; its exemption ran out on 2026-10-01")

    def test_it_runs_during_its_hours(self) -> None:
        assert judge(a_node_group(), now=OPEN).kind is VerdictKind.COMPLIANT

    def test_one_without_nodes_has_nothing_to_close(self) -> None:
        assert judge(a_node_group(sizes=(0, 0, 4))).reason == "it is scaled to zero"

    def test_who_changed_it_after_closing_is_respected_unless_the_rule_is_strict(self) -> None:
        group = a_node_group(modified=CLOSED + MINUTE)

        respected, insisted = judge(group), judge(group, an_hours_rule(strict=True))

        assert (respected.kind, respected.action) == (VerdictKind.COMPLIANT, None)
        assert done_by(insisted) == TO_ZERO

    def test_what_changed_since_it_was_judged_makes_it_stale(self) -> None:
        group = a_node_group()
        action = judge(group).action
        assert action is not None

        broken = action.stale_because(a_node_group(sizes=(1, 3, 4)))

        assert broken == "it has min 1, desired 3, max 4 now, no longer min 1, desired 2, max 4"
        assert action.stale_because(group) is None

    def test_closing_and_return_are_known_to_whoever_runs_it(self) -> None:
        rule = an_hours_rule()

        assert (rule.keeps_hours, rule.remembers, rule.starts_again) == (True, True, True)
        assert rule.does == "scale to zero, and back at opening; told 30 min before"
        assert an_hours_rule(start_again=False).does == "scale to zero; told 30 min before"


class TestSavings:
    PRICES = PriceBook(
        as_of={(PriceComponent.EC2, "us-east-1"): date(2026, 11, 1)},
        hourly_usd={(PriceComponent.EC2, "us-east-1", "g5.xlarge"): Decimal("1.006")},
        gb_second_usd={},
    )

    def saving(self, group: NodeGroup, rule: NodeGroupHours | IdleNodeGroups) -> Decimal | None:
        verdict = rule.judge(group, Facts(self.PRICES, measured(rule)), NOW)
        assert verdict.action is not None
        return verdict.saving.usd if verdict.saving else None

    def test_it_is_what_its_nodes_cost_for_the_closed_share_of_a_month(self) -> None:
        whole = Decimal("1.006") * 2 * 730

        assert self.saving(a_node_group(), an_idle_rule()) == whole
        assert self.saving(a_node_group(), an_hours_rule()) == whole * Decimal("0.732143")

    @pytest.mark.parametrize(
        "changes",
        [
            {"capacity": "SPOT"},
            {"instance_types": ("g5.xlarge", "g5.2xlarge")},
            {"instance_types": ("g6.xlarge",)},
        ],
    )
    def test_what_is_not_known_stays_unknown(self, changes: dict[str, Any]) -> None:
        assert self.saving(a_node_group(**changes), an_idle_rule()) is None


class TestRunningWork:
    def test_pods_that_reserve_accelerators_hold_it(self) -> None:
        rule = an_hours_rule()

        verdict = judge(a_node_group(), rule, readings=measured(rule, reserved=25))

        assert (verdict.kind, verdict.action) == (VerdictKind.COMPLIANT, None)
        assert verdict.reason == "held: pods reserve up to 25 % of a node's accelerators"

    @pytest.mark.parametrize(
        ("changes", "read", "why"),
        [
            ({}, {"reserved": None}, "has 0 of 2 datapoints"),
            ({}, {"missing": 2}, "has 1 of 2 datapoints"),
            ({}, {"nodes": NODES[:1]}, "could not be read"),
            ({"nodes": (NODES[0], Node("i-2"))}, {}, "no node_gpu_reserved_capacity of node i-2"),
            ({"nodes": NODES[:1]}, {}, "it has 1 of 2 nodes"),
            ({"nodes": None}, {}, "its nodes could not be read"),
            ({"instance_types": ("g5.xlarge", "inf2.xlarge")}, {}, "it mixes GPUs"),
        ],
    )
    def test_what_is_not_known_of_any_node_holds_it_as_well(
        self, changes: dict[str, Any], read: dict[str, Any], why: str
    ) -> None:
        rule = an_hours_rule()

        verdict = judge(a_node_group(**changes), rule, readings=measured(rule, **read))

        assert (verdict.kind, verdict.action) == (VerdictKind.UNKNOWN, None)
        assert why in verdict.reason
        assert "running_work: ignore" in verdict.reason

    def test_without_any_reading_it_is_held(self) -> None:
        rule = an_hours_rule()

        verdict = rule.judge(a_node_group(), Facts(NO_PRICES), NOW)

        assert verdict.kind is VerdictKind.UNKNOWN

    def test_a_policy_may_ignore_it(self) -> None:
        rule = an_hours_rule(IGNORING)

        verdict = rule.judge(a_node_group(nodes=None), Facts(NO_PRICES), NOW)

        assert done_by(verdict) == TO_ZERO
        assert rule.window(NOW) is None
        assert list(rule.series(a_node_group(), NOW)) == []

    @pytest.mark.parametrize(
        ("when", "changes", "count"),
        [
            ("2026-11-02 17:29", {}, 0),
            ("2026-11-02 17:30", {}, 2),
            ("2026-11-02 20:00", {}, 2),
            ("2026-11-02 20:00", {"sizes": (0, 0, 4)}, 0),
            ("2026-11-02 20:00", {"instance_types": ("m5.xlarge",)}, 0),
            ("2026-11-02 20:00", {"tags": {"Schedule": "what?"}}, 0),
            ("2026-11-02 20:00", {"nodes": (NODES[0], Node("i-2"))}, 1),
        ],
    )
    def test_metrics_are_read_only_where_they_are_about_to_matter(
        self, when: str, changes: dict[str, Any], count: int
    ) -> None:
        found = list(an_hours_rule().series(a_node_group(**changes), seoul(when)))

        assert len(found) == count
        assert {item.metric for item in found} <= {"node_gpu_reserved_capacity"}


class TestReturn:
    def test_it_has_the_sizes_back_that_it_had(self) -> None:
        verdict = judge(
            a_node_group(**AT_ZERO), stopped=CLOSED, touched=CLOSED, kept=KEPT, now=OPEN
        )

        assert done_by(verdict) == (ActionKind.START, (1, 2))
        assert verdict.reason.endswith("it had min 1, desired 2, max 4")

    def test_a_first_look_asks_for_the_manifest(self) -> None:
        verdict = judge(a_node_group(**AT_ZERO), stopped=CLOSED, now=OPEN)

        assert (verdict.kind, done_by(verdict)) == (
            VerdictKind.VIOLATION,
            (ActionKind.START, None),
        )

    @pytest.mark.parametrize("kept", [None, {"endpoint": {}}])
    def test_without_a_manifest_it_stays_where_it_is(self, kept: dict[str, Any] | None) -> None:
        verdict = judge(
            a_node_group(**AT_ZERO), stopped=CLOSED, touched=CLOSED, kept=kept, now=OPEN
        )

        assert (verdict.kind, verdict.action) == (VerdictKind.UNKNOWN, None)

    @pytest.mark.parametrize(
        ("changes", "rule", "stopped", "reason"),
        [
            ({}, an_hours_rule(), None, "its owner scales it up"),
            ({}, an_hours_rule(start_again=False), CLOSED, "it is scaled to zero"),
            ({"modified": CLOSED + HOUR}, an_hours_rule(), CLOSED, "its owner changed it"),
            ({"sizes": (0, 0, 1)}, an_hours_rule(), CLOSED, "its maximum is 1 now"),
            ({"group_tags": EKS_TAGS}, an_hours_rule(MIN_SIZE), None, "its minimum is 0"),
        ],
    )
    def test_only_what_this_rule_scaled_down_comes_back(
        self, changes: dict[str, Any], rule: NodeGroupHours, stopped: datetime | None, reason: str
    ) -> None:
        group = a_node_group(**{**AT_ZERO, **changes})

        verdict = judge(group, rule, stopped=stopped, touched=stopped, kept=KEPT, now=OPEN)

        assert (verdict.kind, verdict.action) == (VerdictKind.COMPLIANT, None)
        assert reason in verdict.reason

    @pytest.mark.parametrize(("runs", "sizes"), [(0, None), (1, (1, None)), (3, (1, None))])
    def test_under_an_autoscaler_the_minimum_comes_back_once_so_many_nodes_run(
        self, runs: int, sizes: tuple[int, None] | None
    ) -> None:
        group = a_node_group(**{**AT_ZERO, "sizes": (0, runs, 4)}, group_tags=EKS_TAGS)

        verdict = judge(
            group, an_hours_rule(MIN_SIZE), stopped=CLOSED, touched=CLOSED, kept=KEPT, now=OPEN
        )

        assert (verdict.action.sizes if verdict.action else None) == sizes


class TestIdleness:
    def test_it_is_scaled_to_zero_when_no_accelerator_did_anything(self) -> None:
        rule = an_idle_rule()

        verdict = judge(a_node_group(), rule, readings=measured(rule, used=4.9))

        assert done_by(verdict) == TO_ZERO
        assert verdict.reason == "no accelerator was busier than 4.9 % for 2 h"
        assert verdict.evidence["highest_percent"] == 4.9
        assert rule.does == "scale to zero after 2 h below 5 %, 1440 min after the warning"

    def test_one_busy_accelerator_is_enough(self) -> None:
        rule = an_idle_rule()
        readings = measured(rule, used=0)
        assert readings is not None
        busy = next(iter(series_of(a_node_group(), UTILIZATION)))
        values = {**readings.values, busy: (*(readings.of(busy) or ())[1:], 5.0)}

        verdict = judge(a_node_group(), rule, readings=replace(readings, values=values))

        assert (verdict.kind, verdict.action) == (VerdictKind.COMPLIANT, None)
        assert verdict.reason == "an accelerator was busy: 5 % within 2 h"

    @given(missing=st.integers(min_value=2, max_value=24))
    def test_a_gap_in_the_data_is_unknown(self, missing: int) -> None:
        rule = an_idle_rule()

        verdict = judge(a_node_group(), rule, readings=measured(rule, missing=missing))

        assert (verdict.kind, verdict.action) == (VerdictKind.UNKNOWN, None)

    def test_pods_that_reserve_accelerators_hold_it(self) -> None:
        rule, ignoring = an_idle_rule(), an_idle_rule(IGNORING)

        held = judge(a_node_group(), rule, readings=measured(rule, reserved=100))
        taken = judge(a_node_group(), ignoring, readings=measured(ignoring, reserved=100))

        assert (held.kind, held.action) == (VerdictKind.COMPLIANT, None)
        assert done_by(taken) == TO_ZERO

    @pytest.mark.parametrize(
        ("changes", "kind"),
        [
            ({"modified": NOW - HOUR}, VerdictKind.TOO_NEW),
            ({"sizes": (0, 0, 4)}, VerdictKind.COMPLIANT),
        ],
    )
    def test_what_was_changed_of_late_or_runs_nothing_is_not_idle(
        self, changes: dict[str, Any], kind: VerdictKind
    ) -> None:
        verdict = judge(a_node_group(**changes), an_idle_rule())

        assert (verdict.kind, verdict.action) == (kind, None)

    def test_neuron_cores_are_measured_by_metrics_of_their_own(self) -> None:
        group = a_node_group(instance_types=("inf2.xlarge",))

        found = {item.metric for item in an_idle_rule().series(group, NOW)}

        assert found == {"node_neuroncore_utilization", "node_neuroncore_reserved_capacity"}
        assert {item.metric for item in an_idle_rule(IGNORING).series(group, NOW)} == {
            "node_neuroncore_utilization"
        }

    def test_nothing_is_read_of_what_is_left_alone_anyway(self) -> None:
        for group in (a_node_group(sizes=(0, 0, 4)), a_node_group(tags={"Terraform": "yes"})):
            assert list(an_idle_rule().series(group, NOW)) == []

    def test_the_window_is_whole_periods(self) -> None:
        window = an_idle_rule().window(seoul("2026-11-02 20:03:20"))

        assert window is not None
        assert (window.start, window.buckets) == (seoul("2026-11-02 18:00"), 24)


class TestRestoring:
    def now(self, least: int, wanted: int, most: int, **more: Any) -> dict[str, Any]:
        sizes = {"minSize": least, "desiredSize": wanted, "maxSize": most}
        return {"node_group": {**KEPT["node_group"], "scalingConfig": sizes, **more}}

    def test_it_has_its_sizes_back(self) -> None:
        plan = plan_node_group(TRAINERS, KEPT, self.now(0, 0, 4))

        wanted = {"minSize": 1, "desiredSize": 2, "maxSize": 4}
        assert plan.steps == (Step(StepKind.SET_NODES, TRAINERS, wanted),)

    def test_one_that_is_as_it_was_needs_nothing(self) -> None:
        assert plan_node_group(TRAINERS, KEPT, self.now(1, 2, 4)) == plan_node_group(
            TRAINERS, KEPT, KEPT
        )
        assert plan_node_group(TRAINERS, KEPT, KEPT).steps == ()

    def test_what_is_under_way_is_waited_for(self) -> None:
        plan = plan_node_group(TRAINERS, KEPT, self.now(1, 2, 4, status="UPDATING"))

        assert plan.waiting == "node group ml/trainers is UPDATING"

    @pytest.mark.parametrize(
        "now",
        [
            {"node_group": None},
            {"node_group": {**KEPT["node_group"], "createdAt": "2026-11-01T00:00:00+00:00"}},
            {"node_group": {**KEPT["node_group"], "status": "DELETING"}},
        ],
    )
    def test_another_one_is_left_as_it_is(self, now: dict[str, Any]) -> None:
        plan = plan_node_group(TRAINERS, KEPT, now)

        assert plan.refused
        assert plan.steps == ()

    def test_under_an_autoscaler_only_the_minimum_comes_back(self) -> None:
        was = {**KEPT, "set": (0, None)}

        early = plan_node_group(TRAINERS, was, self.now(0, 0, 4))
        later = plan_node_group(TRAINERS, was, self.now(0, 3, 4))
        done = plan_node_group(TRAINERS, was, self.now(1, 3, 4))

        assert (early.steps, len(early.obstacles)) == ((), 1)
        assert later.steps == (Step(StepKind.SET_NODES, TRAINERS, {"minSize": 1, "maxSize": 4}),)
        assert (done.steps, done.obstacles) == ((), ())


def test_sizes_are_told_in_words() -> None:
    assert str(Sizes(1, 2, 4)) == "min 1, desired 2, max 4"
    assert a_node_group().runs_on == ("g5.xlarge",)
    assert a_node_group(modified=LONG_AGO).setup == "min 1, desired 2, max 4"
