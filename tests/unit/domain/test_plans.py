from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.plans import (
    FEW,
    Incomplete,
    Limits,
    Plan,
    PlannedAction,
    exceeded_limits,
    make_plan,
)
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.scope import Mode
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import ACCOUNT, NOW, a_notebook, a_ref, a_scope, a_violation

ENDPOINT = ResourceKind.ENDPOINT
NOTEBOOK = ResourceKind.NOTEBOOK_INSTANCE


def deletions(number: int, rule: str = "idle-endpoints") -> list[Verdict]:
    return [a_violation(a_ref(f"ep-{item:03}", ENDPOINT), rule=rule) for item in range(number)]


def stops(number: int) -> list[Verdict]:
    return [
        a_violation(a_ref(f"nb-{item:03}"), rule="hours", action=ActionKind.STOP)
        for item in range(number)
    ]


def plan_of(
    verdicts: Sequence[Verdict],
    *,
    endpoints: int = 100,
    notebooks: int = 100,
    limits: Limits | None = None,
) -> Plan:
    fleet: dict[str, int] = {ENDPOINT: endpoints, NOTEBOOK: notebooks}
    enforced = [(verdict, Mode.ENFORCE) for verdict in verdicts]
    return make_plan(enforced, fleet, limits or Limits(), (), ACCOUNT, NOW)


class TestPlans:
    def test_violations_with_an_action_are_planned_in_order_and_the_rest_is_left_alone(
        self,
    ) -> None:
        first, second = deletions(2)
        fine = a_scope().verdict(a_notebook(), VerdictKind.COMPLIANT, "it is stopped")
        missing = Incomplete("endpoints in eu-west-1", "AccessDenied")

        plan = make_plan(
            [(second, Mode.OBSERVE), (fine, Mode.WARN), (first, Mode.ENFORCE)],
            {ENDPOINT: 2},
            Limits(),
            [missing],
            ACCOUNT,
            NOW,
        )

        assert plan.actions == (
            PlannedAction(second, Mode.OBSERVE),
            PlannedAction(first, Mode.ENFORCE),
        )
        assert plan.left_alone == (fine,)
        assert plan.incomplete == (missing,)
        assert (plan.account, plan.generated_at) == (ACCOUNT, NOW)
        assert plan.exceeded == ()

    def test_a_resource_is_acted_on_once_by_the_first_rule_that_asks_for_it(self) -> None:
        [first] = deletions(1, "first")
        [second] = deletions(1, "second")

        plan = plan_of([first, second])

        assert [planned.verdict.rule for planned in plan.actions] == ["first"]
        assert plan.left_alone == (second,)


class TestLimits:
    @pytest.mark.parametrize(("number", "exceeds"), [(20, False), (21, True)])
    def test_a_run_has_at_most_so_many_actions(self, number: int, *, exceeds: bool) -> None:
        plan = plan_of(deletions(number), endpoints=1000)

        assert bool(plan.exceeded) is exceeds

    def test_it_is_said_how_many_they_would_be(self) -> None:
        plan = plan_of(deletions(26))

        assert plan.exceeded == (
            "26 actions, more than the 20 of a run",
            "26 of 100 endpoint resources, more than 25 %",
        )

    @pytest.mark.parametrize(
        ("number", "endpoints", "exceeds"),
        [(3, 12, False), (4, 12, True), (9, 9, False), (3, 10, True), (2, 10, False)],
    )
    def test_a_share_of_a_kind_is_bounded_where_there_are_enough_of_it(
        self, number: int, endpoints: int, *, exceeds: bool
    ) -> None:
        plan = plan_of(deletions(number), endpoints=endpoints)

        assert bool(plan.exceeded) is exceeds

    def test_a_fleet_that_was_seen_in_part_counts_no_less_than_what_is_acted_on(self) -> None:
        plan = plan_of(deletions(12), endpoints=0)

        assert plan.exceeded == ("12 of 12 endpoint resources, more than 25 %",)

    def test_each_kind_has_its_own_share(self) -> None:
        limits = Limits(actions_per_run=100, percent_of_kind=50, every_action=True)

        plan = plan_of([*deletions(10), *stops(6)], endpoints=20, notebooks=10, limits=limits)

        assert plan.exceeded == ("6 of 10 notebook-instance resources, more than 50 %",)

    def test_stops_count_only_where_the_policy_names_limits(self) -> None:
        unnamed = plan_of(stops(90))
        named = plan_of(stops(90), limits=Limits(every_action=True))

        assert unnamed.exceeded == ()
        assert len(named.exceeded) == 2

    @pytest.mark.parametrize("limits", [Limits(actions_per_run=0), Limits(percent_of_kind=0)])
    @pytest.mark.parametrize("endpoints", [1, FEW, 1000])
    def test_zero_allows_none_however_few_there_are(self, limits: Limits, endpoints: int) -> None:
        one = plan_of(deletions(1), endpoints=endpoints, limits=limits)
        none = plan_of([], endpoints=endpoints, limits=limits)

        assert one.exceeded
        assert none.exceeded == ()

    @given(
        number=st.integers(0, 40),
        others=st.integers(0, 60),
        most=st.integers(0, 40),
        percent=st.integers(0, 100),
    )
    def test_whatever_is_not_exceeded_is_within_every_bound(
        self, number: int, others: int, most: int, percent: int
    ) -> None:
        seen = number + others

        plan = plan_of(deletions(number), endpoints=seen, limits=Limits(most, percent))

        within_share = number * 100 <= percent * seen or (seen < FEW and percent > 0)
        assert (plan.exceeded == ()) is (number <= most and within_share)
        assert len(plan.actions) == number

    def test_actions_are_counted_not_verdicts(self) -> None:
        fine = a_scope().verdict(a_notebook(), VerdictKind.COMPLIANT, "it is stopped")

        exceeded = exceeded_limits(
            [PlannedAction(fine, Mode.ENFORCE)] * 30, {}, Limits(every_action=True)
        )

        assert exceeded == ()
