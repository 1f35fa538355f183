"""The promises of the design, one class each, told as stories through the use cases.

Promise 11 (authentic clicks) is told where clicks come in, with Slack's signatures; of the others
`tests/unit/stateful` proves that no order of events breaks them.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagewarden.application.answers import Answer, exempt, snooze
from sagewarden.application.apply_plan import apply_plan
from sagewarden.application.at_once import MOST_AT_ONCE
from sagewarden.domain.actions import Action
from sagewarden.domain.money import NO_PRICES
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.plans import Incomplete, Limits
from sagewarden.domain.resources import Resource
from sagewarden.domain.scope import EXEMPT_TAG, Mode, Scope, TagMatch
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import (
    NOW,
    ZEROS,
    a_calendar,
    a_notebook,
    a_notebook_rule,
    a_policy,
    a_scope,
    a_serverless_variant,
    an_endpoint,
    an_endpoint_of_components,
    an_endpoint_rule,
    seoul,
)
from tests.support.scenario import Scenario

QUARTER = timedelta(minutes=15)
PROTECTED = a_scope(protections=(TagMatch("Stage", ("prod",)),))


def everything(*resources: Resource, scope: Scope | None = None) -> Scenario:
    """A scenario under both rules, in enforce mode, whose endpoint ``ep`` is idle."""
    policy = a_policy(
        a_notebook_rule(scope=replace(scope, rule="hours") if scope else None),
        an_endpoint_rule(scope=replace(scope, rule="idle") if scope else None),
    )
    scenario = Scenario(policy, *(resources or (a_notebook(), an_endpoint())))
    scenario.telemetry.calls("ep", ZEROS)
    scenario.telemetry.component_calls("llama", ZEROS)
    return scenario


def place_of(scenario: Scenario) -> tuple[str, str]:
    """The account and region of its resources."""
    ref = next(iter(scenario.inventory.resources.values())).ref
    return ref.account, ref.region


def let_days_pass(scenario: Scenario) -> None:
    """Sweep often enough for every notice and grace to run out."""
    for when in ("Mon 17:30", "Mon 18:00", "Mon 20:00", "Tue 20:00", "Tue 20:30", "Wed 20:30"):
        scenario.at(when).sweep()


class TestPromise1FailClosed:
    @pytest.mark.parametrize(
        "resource",
        [
            a_notebook(tags_readable=False),
            a_notebook(status="SomethingNew"),
            a_notebook(tags={"Schedule": "nine to five"}),
            a_notebook(tags={EXEMPT_TAG: "until further notice"}),
            an_endpoint(tags_readable=False),
            an_endpoint(status="SomethingNew"),
            an_endpoint(described=False),
            an_endpoint_of_components("ep"),
        ],
    )
    def test_what_cannot_be_read_is_reported_and_never_acted_on(self, resource: Resource) -> None:
        scenario = everything(resource)

        let_days_pass(scenario)
        report = scenario.sweep()

        assert scenario.executor.deeds == []
        assert scenario.notifier.warnings == []
        assert [verdict.kind for verdict in report.plan.left_alone] == [VerdictKind.UNKNOWN]

    @pytest.mark.parametrize("values", [None, (), ZEROS[:24]])
    def test_no_data_is_not_zero(self, values: tuple[float, ...] | None) -> None:
        scenario = everything(an_endpoint())
        scenario.telemetry.calls("ep", values)

        let_days_pass(scenario)

        assert scenario.executor.deeds == []
        assert scenario.notifier.warnings == []

    @settings(max_examples=60, deadline=None)
    @given(
        st.dictionaries(
            st.sampled_from(("Schedule", EXEMPT_TAG, "Stage", "Owner")),
            st.text(max_size=30).filter(lambda text: text.strip().lower() != "on"),
            min_size=1,
        )
    )
    def test_arbitrary_tags_never_crash_a_run_and_act_only_when_every_tag_was_understood(
        self, tags: dict[str, str]
    ) -> None:
        scenario = everything(a_notebook(tags=tags), an_endpoint(tags=tags))

        let_days_pass(scenario)

        if "Schedule" in tags or EXEMPT_TAG in tags:
            assert scenario.status("nb") == "InService"
        if EXEMPT_TAG in tags:
            assert scenario.status("ep") == "InService"


class TestPromise2WarnedFirst:
    def test_nothing_is_deleted_before_its_accepted_warning_is_older_than_the_grace(self) -> None:
        scenario = everything(an_endpoint())
        scenario.notifier.accepting = False

        scenario.at("Mon 20:00").sweep()
        scenario.at("Fri 20:00").sweep()
        after_days_of_refusals = scenario.status("ep")
        scenario.notifier.accepting = True
        scenario.at("Fri 20:15").sweep()
        scenario.at("Sat 20:00").sweep()
        within_its_grace = scenario.status("ep")
        scenario.at("Sat 20:15").sweep()

        assert after_days_of_refusals == within_its_grace == "InService"
        assert scenario.status("ep") == "gone"

    @settings(max_examples=40, deadline=None)
    @given(grace=st.integers(0, 96), refusals=st.integers(0, 6), every=st.integers(1, 30))
    def test_whatever_the_grace_and_the_rhythm_of_sweeps(
        self, grace: int, refusals: int, every: int
    ) -> None:
        rule = an_endpoint_rule(grace=timedelta(hours=grace))
        scenario = Scenario(a_policy(rule), an_endpoint())
        scenario.telemetry.calls("ep", ZEROS)

        for number in range(200 // every + refusals):
            scenario.notifier.accepting = number >= refusals
            scenario.sweep()
            if scenario.status("ep") == "gone":
                break
            scenario.after(timedelta(hours=every))

        [(case, _, due_at)] = scenario.notifier.warnings
        [told] = scenario.notifier.told
        assert due_at is not None
        warned_at = due_at - timedelta(hours=grace)
        assert told.at - warned_at >= timedelta(hours=grace)
        assert told.at - warned_at < timedelta(hours=grace + every)
        assert case.ref == told.action.ref


class TestPromise3ReCheckedAtTheDeadline:
    def test_a_call_between_the_last_look_and_the_deletion_saves_the_endpoint(self) -> None:
        scenario = everything(an_endpoint())
        plan = scenario.at("Mon 20:00").plan()
        scenario.telemetry.calls("ep", (*ZEROS[1:], 1.0))

        [outcome] = scenario.apply(plan)

        assert outcome.kind is OutcomeKind.STALE
        assert scenario.status("ep") == "InService"

    def test_so_does_a_tag(self) -> None:
        scenario = everything(a_notebook(), an_endpoint(), scope=PROTECTED)
        plan = scenario.at("Mon 20:00").plan()
        for name in ("nb", "ep"):
            scenario.human_tags(name, Stage="prod")

        outcomes = scenario.apply(plan)

        assert [outcome.kind for outcome in outcomes] == [OutcomeKind.STALE] * 2
        assert scenario.executor.deeds == []

    def test_an_endpoint_that_was_made_anew_under_its_name_is_another_one(self) -> None:
        scenario = everything(an_endpoint())
        plan = scenario.at("Mon 20:00").plan()
        scenario.inventory.put(an_endpoint(created=NOW - timedelta(days=3)))

        [outcome] = scenario.apply(plan)

        assert outcome.kind is OutcomeKind.STALE
        assert scenario.status("ep") == "InService"


class TestPromise4Undoable:
    @pytest.mark.parametrize(
        "endpoint",
        [
            an_endpoint(),
            an_endpoint("ep", a_serverless_variant()),
            an_endpoint_of_components("ep", "llama"),
        ],
    )
    def test_a_manifest_is_stored_before_an_endpoint_is_touched(self, endpoint: Resource) -> None:
        scenario = everything(endpoint)

        let_days_pass(scenario)

        [first, second] = scenario.executor.deeds
        [manifest] = scenario.ledger.manifests(endpoint.ref.arn)
        assert first == ("manifest", "ep")
        assert second[0] != "manifest"
        assert manifest.ref == endpoint.ref

    def test_without_one_nothing_is_deleted(self) -> None:
        scenario = everything(an_endpoint())
        scenario.executor.no_manifest = {"ep"}

        let_days_pass(scenario)

        assert scenario.executor.done == []
        assert scenario.status("ep") == "InService"


class TestPromise5ExactlyOnceInEffect:
    def test_sweeps_that_come_twice_warn_once_act_once_and_tell_once(self) -> None:
        scenario = everything()

        for when in ("Mon 17:30", "Mon 18:00", "Mon 20:00", "Tue 18:00", "Tue 20:00"):
            scenario.at(when).sweep()
            scenario.sweep()

        assert sorted(scenario.executor.done) == [("delete", "ep"), ("stop", "nb")]
        assert sorted(scenario.notifier.warned) == ["ep", "nb"]
        assert len(scenario.notifier.told) == 2

    def test_a_crash_between_claim_and_call_is_made_up_for(self) -> None:
        scenario = everything(an_endpoint())
        scenario.at("Mon 20:00").sweep()
        [case] = scenario.ledger.live_cases(*place_of(scenario))
        crashed_at = scenario.at("Tue 20:00").clock.now()
        scenario.ledger.claim(case.case_id, crashed_at)

        at_once = scenario.sweep()
        scenario.after(QUARTER)
        later = scenario.sweep()

        assert [outcome.kind for outcome in at_once.outcomes] == [OutcomeKind.SKIPPED]
        assert [outcome.kind for outcome in later.outcomes] == [OutcomeKind.APPLIED]

    def test_a_sweep_and_a_human_who_applies_a_plan_do_it_once(self) -> None:
        scenario = everything(a_notebook())
        scenario.at("Mon 17:30").sweep()
        plan = scenario.at("Mon 18:00").plan()

        scenario.sweep()
        [outcome] = scenario.apply(plan)

        assert outcome.kind is OutcomeKind.SKIPPED
        assert scenario.executor.done == [("stop", "nb")]


class TestPromise6Bounded:
    def test_beyond_the_limits_nothing_at_all_is_done(self) -> None:
        endpoints = [an_endpoint(f"ep-{number}") for number in range(21)]
        scenario = Scenario(a_policy(a_notebook_rule(), an_endpoint_rule()), *endpoints)
        scenario.inventory.put(a_notebook())
        for endpoint in endpoints:
            scenario.telemetry.calls(endpoint.ref.name, ZEROS)

        let_days_pass(scenario)
        report = scenario.sweep()

        assert scenario.executor.deeds == []
        assert scenario.notifier.warnings == []
        assert report.plan.exceeded == (
            "21 actions, more than the 20 of a run",
            "21 of 21 endpoint resources, more than 25 %",
        )

    def test_a_human_may_approve_of_the_same_plan(self) -> None:
        notebooks = [a_notebook(f"nb-{number}") for number in range(3)]
        limits = Limits(actions_per_run=1, every_action=True)
        scenario = Scenario(a_policy(a_notebook_rule(), limits=limits), *notebooks)

        plan = scenario.at("Mon 20:00").plan()
        outcomes = scenario.apply(plan)

        assert plan.exceeded
        assert [outcome.kind for outcome in outcomes] == [OutcomeKind.APPLIED] * 3


class TestPromise7OwnersAndHumansWin:
    @pytest.mark.parametrize(
        "tags",
        [
            {EXEMPT_TAG: "2026-12-31: migrating"},
            {"Stage": "prod"},
            {"aws:cloudformation:stack-id": "arn:aws:cloudformation:x"},
            {"ManagedBy": "terraform"},
        ],
    )
    def test_exemptions_protected_tags_and_code_always_hold(self, tags: dict[str, str]) -> None:
        scenario = everything(a_notebook(tags=tags), an_endpoint(tags=tags), scope=PROTECTED)

        let_days_pass(scenario)

        assert scenario.executor.deeds == []
        assert scenario.notifier.warnings == []

    def test_a_notebook_that_a_human_started_after_hours_runs_until_the_next_closing(self) -> None:
        scenario = everything(a_notebook())
        scenario.at("Mon 17:30").sweep()
        scenario.at("Mon 18:00").sweep()
        scenario.at("Mon 20:00").human_restarts("nb")

        for _ in range(4 * 21 + 3):
            scenario.after(QUARTER).sweep()
        until_the_next_closing = scenario.status("nb")
        scenario.after(QUARTER).sweep()

        assert scenario.clock.now() == seoul("2026-11-03 18:00")
        assert until_the_next_closing == "InService"
        assert scenario.status("nb") == "Stopped"
        assert scenario.notifier.warned == ["nb", "nb"]

    def test_time_that_an_owner_bought_and_an_exemption_hold(self) -> None:
        for answered in ("snoozed", "exempt"):
            scenario = everything(an_endpoint())
            scenario.at("Mon 10:00").sweep()
            [case] = scenario.ledger.live_cases(*place_of(scenario))
            mina = Answer("mina", scenario.clock.now())
            if answered == "snoozed":
                snooze(case.case_id, seoul("2026-11-09 10:00"), mina, scenario.ledger)
            else:
                exempt(case.case_id, date(2026, 11, 9), "a demo", mina, scenario.ledger)

            let_days_pass(scenario)

            assert scenario.status("ep") == "InService"
            assert scenario.notifier.warned == ["ep"]

    def test_also_on_the_night_on_which_the_clock_jumps(self) -> None:
        saturday_nights = a_calendar("20:00-01:00", days=[5], zone="America/New_York")
        rule = a_notebook_rule(schedule=saturday_nights)
        new_york = saturday_nights.zone
        scenario = Scenario(a_policy(rule), a_notebook(status="Stopped"), zone=new_york)
        scenario.at("Sat 12:00").after(timedelta(days=126)).at("Sun 01:30")
        scenario.human_restarts("nb")

        for _ in range(12):
            scenario.after(timedelta(hours=1)).sweep()

        assert scenario.clock.now().astimezone(new_york).date() == date(2027, 3, 14)
        assert scenario.status("nb") == "InService"
        assert scenario.notifier.warnings == []


class TestPromise8Halt:
    def test_a_halt_stops_all_acting_until_it_is_lifted(self) -> None:
        scenario = everything()
        scenario.at("Mon 17:30").sweep()
        scenario.at("Mon 17:45").sweep()
        scenario.ledger.halt("incident 42", "ops", scenario.clock.now())

        for when in ("Mon 18:00", "Tue 17:45", "Tue 20:00"):
            scenario.at(when).sweep()
        halted = list(scenario.executor.deeds)
        scenario.ledger.resume("ops", scenario.clock.now())
        scenario.at("Tue 20:59").sweep()
        right_after = list(scenario.executor.deeds)
        scenario.at("Tue 21:00").sweep()

        assert halted == right_after == []
        assert sorted(scenario.executor.done) == [("delete", "ep"), ("stop", "nb")]

    def test_a_sweep_is_stopped_before_its_next_action(self) -> None:
        scenario = everything(a_notebook("a"), a_notebook("b"))
        scenario.at("Mon 17:30").sweep()
        execute = scenario.executor.execute

        def then_halt(action: Action) -> str | None:
            scenario.ledger.halt("incident 42", "ops", scenario.clock.now())
            return execute(action)

        scenario.executor.execute = then_halt  # type: ignore[method-assign]  # halted meanwhile
        report = scenario.at("Mon 18:00").sweep()

        kinds = [outcome.kind for outcome in report.outcomes]
        assert kinds == [OutcomeKind.APPLIED, OutcomeKind.SKIPPED]
        assert scenario.executor.done == [("stop", "a")]

    def test_warnings_go_on_and_what_became_due_waits_an_hour_after_the_resume(self) -> None:
        scenario = everything(an_endpoint())
        scenario.ledger.halt("incident 42", "ops", scenario.clock.now())

        scenario.at("Mon 10:00").sweep()
        warned = list(scenario.notifier.warned)
        scenario.at("Tue 12:00").sweep()
        scenario.ledger.resume("ops", scenario.clock.now())
        scenario.at("Tue 12:59").sweep()
        within_the_hour = scenario.status("ep")
        scenario.at("Tue 13:00").sweep()

        assert (warned, within_the_hour) == (["ep"], "InService")
        assert scenario.status("ep") == "gone"

    def test_a_plan_that_a_human_applies_is_stopped_half_way(self) -> None:
        scenario = everything(
            *(a_notebook(f"nb-{number:02}") for number in range(2 * MOST_AT_ONCE))
        )
        plan = scenario.at("Mon 20:00").plan()
        outcomes = apply_plan(plan, scenario.policy, scenario.hands)

        first = next(outcomes)
        scenario.ledger.halt("incident 42", "ops", scenario.clock.now())
        others = [outcome.kind for outcome in outcomes]

        assert first.kind is OutcomeKind.APPLIED
        assert set(others[MOST_AT_ONCE - 1 :]) == {OutcomeKind.SKIPPED}, "none was begun after it"
        assert len(scenario.executor.done) <= MOST_AT_ONCE


class TestPromise9NothingSilent:
    def test_every_step_can_be_explained_after_the_fact(self) -> None:
        scenario = everything(an_endpoint())
        arn = scenario.inventory.named("ep").ref.arn
        scenario.notifier.accepting = False
        scenario.at("Mon 10:00").sweep()
        scenario.notifier.accepting = True
        scenario.at("Mon 12:00").sweep()
        scenario.at("Tue 10:30").sweep()
        scenario.at("Tue 12:00").sweep()

        trail = scenario.ledger.trail(arn)

        assert [entry.what.value for entry in trail] == [
            "case opened",
            "warning not accepted",
            "warned",
            "reminded",
            "acting",
            "outcome",
        ]
        assert "0 invocations" in trail[2].details["reason"]
        assert "monthly_savings_usd=73.00" in trail[2].details["evidence"]
        assert trail[5].details["undo"] == "aws sagemaker create-endpoint --endpoint-name ep"

    def test_a_part_of_the_fleet_that_could_not_be_read_is_in_the_report(self) -> None:
        scenario = everything(a_notebook())
        scenario.inventory.incomplete = (Incomplete("page 2 of notebooks", "throttled"),)

        report = scenario.at("Mon 20:00").sweep()

        assert [item.what for item in report.plan.incomplete] == ["page 2 of notebooks"]

    def test_an_exemption_that_ran_out_is_evidence_and_not_ignored(self) -> None:
        scenario = everything(an_endpoint(tags={EXEMPT_TAG: "2026-10-01: migrating"}))

        [planned] = scenario.at("Mon 20:00").plan().actions

        ran_out = planned.verdict.evidence["exemption_ran_out"]
        assert ran_out == "its exemption ran out on 2026-10-01"


class TestPromise10MoneyIsHonest:
    def test_a_saving_is_price_times_time_with_the_date_of_its_price(self) -> None:
        plan = everything(an_endpoint()).at("Mon 20:00").plan()

        saving = plan.actions[0].verdict.saving

        assert saving is not None
        assert saving.usd == Decimal("0.10") * 730
        assert saving.basis == "1 x ml.m5.large at $0.10/h x 730 h"
        assert saving.as_of == date(2026, 5, 20)

    def test_an_unknown_price_is_unknown_not_zero(self) -> None:
        policy = a_policy(a_notebook_rule(), an_endpoint_rule())
        scenario = Scenario(policy, a_notebook(), an_endpoint(), prices=NO_PRICES)
        scenario.telemetry.calls("ep", ZEROS)

        plan = scenario.at("Mon 20:00").plan()

        assert [planned.verdict.saving for planned in plan.actions] == [None, None]


class TestPromise12ObserveByDefault:
    def test_a_rule_that_says_nothing_of_its_mode_only_watches(self) -> None:
        scope = Scope("hours")
        scenario = Scenario(
            a_policy(a_notebook_rule(scope=scope), an_endpoint_rule(scope=Scope("idle"))),
            a_notebook(),
            an_endpoint(),
        )
        scenario.telemetry.calls("ep", ZEROS)

        let_days_pass(scenario)
        outcomes = scenario.apply(scenario.plan())

        assert scenario.executor.deeds == []
        assert scenario.notifier.warnings == []
        assert [outcome.kind for outcome in outcomes] == [OutcomeKind.SKIPPED] * 2

    def test_observe_then_warn_then_enforce(self) -> None:
        scenario = everything(an_endpoint())
        history: list[tuple[int, int]] = []

        for mode in Mode:
            scenario.policy = a_policy(an_endpoint_rule(mode=mode))
            for when in ("Mon 20:00", "Wed 20:00"):
                scenario.at(when).sweep()
            history.append((len(scenario.notifier.warnings), len(scenario.executor.done)))

        assert history == [(0, 0), (1, 0), (2, 1)]
