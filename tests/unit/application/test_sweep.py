import threading
from datetime import datetime, timedelta

import pytest

from sagewarden.application.ports import UnreadableError
from sagewarden.domain.actions import Action
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.plans import Incomplete, Limits
from sagewarden.domain.scope import EXEMPT_TAG, Mode
from sagewarden.domain.verdicts import Verdict
from tests.support.builders import (
    ACCOUNT,
    REGION,
    ZEROS,
    a_notebook,
    a_notebook_rule,
    a_policy,
    a_scope,
    an_endpoint,
    an_endpoint_of_components,
    an_endpoint_rule,
    seoul,
)
from tests.support.scenario import Scenario

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HOURS = a_notebook_rule()
IDLE = an_endpoint_rule()


def office(**settings: object) -> Scenario:
    rule = a_notebook_rule(**settings)  # type: ignore[arg-type]  # the settings of a rule, by name
    return Scenario(a_policy(rule), a_notebook())


def an_idle_endpoint(**settings: object) -> Scenario:
    rule = an_endpoint_rule(**settings)  # type: ignore[arg-type]  # the settings of a rule, by name
    scenario = Scenario(a_policy(rule), an_endpoint("idle"), an_endpoint("busy"))
    scenario.telemetry.calls("idle", ZEROS)
    scenario.telemetry.calls("busy", (1.0,))
    return scenario


def live(scenario: Scenario) -> list[Case]:
    return list(scenario.ledger.live_cases(ACCOUNT, REGION))


class TestNotebookClosing:
    def test_its_owner_is_told_before_and_it_is_stopped_at_closing(self) -> None:
        scenario = office()

        scenario.at("Mon 17:00").sweep()
        told_early = list(scenario.notifier.warned)
        ahead = scenario.at("Mon 17:30").sweep()
        told = list(scenario.notifier.warned)
        scenario.at("Mon 17:45").sweep()
        before = scenario.status("nb")
        closing = scenario.at("Mon 18:00").sweep()

        assert told_early == []
        assert told == ["nb"]
        assert [case.due_at for case in ahead.warned] == [seoul("2026-11-02 18:00")]
        assert before == "InService"
        assert [outcome.kind for outcome in closing.outcomes] == [OutcomeKind.APPLIED]
        assert scenario.status("nb") == "Stopped"
        assert scenario.notifier.warned == ["nb"]
        assert [outcome.action.ref.name for outcome in scenario.notifier.told] == ["nb"]
        assert scenario.notifier.called_off == []
        assert live(scenario) == []

    def test_one_that_was_not_told_in_time_gets_its_notice_first(self) -> None:
        scenario = office(warn=timedelta(minutes=30))

        late = scenario.at("Mon 20:00").sweep()
        in_notice = scenario.at("Mon 20:29").sweep()
        over = scenario.at("Mon 20:30").sweep()

        assert late.outcomes == in_notice.outcomes == ()
        assert [case.due_at for case in late.warned] == [seoul("2026-11-02 20:30")]
        assert [outcome.kind for outcome in over.outcomes] == [OutcomeKind.APPLIED]

    def test_one_that_its_owner_stopped_meanwhile_is_called_off(self) -> None:
        scenario = office()
        scenario.at("Mon 20:00").sweep()
        scenario.human_stops("nb")

        report = scenario.at("Mon 20:30").sweep()

        assert [case.state for case in report.resolved] == [CaseState.RESOLVED]
        assert [case.ref.name for case in scenario.notifier.called_off] == ["nb"]
        assert report.outcomes == ()

    def test_no_notice_at_all_still_tells_before_it_stops(self) -> None:
        scenario = office(warn=timedelta(0))

        report = scenario.at("Mon 18:00").sweep()

        assert scenario.notifier.warned == ["nb"]
        assert [outcome.kind for outcome in report.outcomes] == [OutcomeKind.APPLIED]

    def test_one_that_a_human_started_after_closing_is_neither_stopped_nor_warned(self) -> None:
        scenario = office()
        scenario.at("Mon 18:00")
        scenario.human_stops("nb")
        scenario.at("Mon 20:00")
        scenario.human_restarts("nb")

        for when in ("Mon 20:15", "Mon 23:30", "Tue 08:45", "Tue 12:00"):
            scenario.at(when).sweep()
        warned_before_the_next_closing = list(scenario.notifier.warned)
        scenario.at("Tue 17:30").sweep()
        scenario.at("Tue 18:00").sweep()

        assert warned_before_the_next_closing == []
        assert scenario.notifier.warned == ["nb"]
        assert scenario.status("nb") == "Stopped"

    def test_a_restart_between_the_warning_and_the_closing_is_warned_of_anew(self) -> None:
        scenario = office()
        scenario.at("Mon 17:30").sweep()
        scenario.at("Mon 17:40")
        scenario.human_restarts("nb")

        scenario.at("Mon 17:45").sweep()
        scenario.at("Mon 18:00").sweep()

        assert scenario.notifier.warned == ["nb", "nb"]
        assert scenario.status("nb") == "Stopped"

    def test_one_that_is_exempted_after_the_warning_is_left_alone(self) -> None:
        scenario = office()
        scenario.at("Mon 17:30").sweep()
        scenario.human_tags("nb", **{EXEMPT_TAG: "2026-11-30: training runs"})

        report = scenario.at("Mon 18:00").sweep()

        assert report.outcomes == ()
        assert scenario.status("nb") == "InService"
        assert [case.ref.name for case in scenario.notifier.called_off] == ["nb"]

    def test_an_exemption_that_runs_out_at_night_still_gives_notice(self) -> None:
        scenario = office()
        scenario.human_tags("nb", **{EXEMPT_TAG: "2026-11-02"})

        scenario.at("Tue 20:45").sweep()
        scenario.at("Tue 21:00").sweep()
        just_over = scenario.status("nb")
        scenario.at("Tue 21:15").sweep()

        assert scenario.notifier.warned == ["nb"]
        assert [due for _, _, due in scenario.notifier.warnings] == [seoul("2026-11-03 21:15")]
        assert just_over == "InService"
        assert scenario.status("nb") == "Stopped"

    def test_two_rules_of_one_notebook_tell_its_owner_once(self) -> None:
        policy = a_policy(a_notebook_rule("one"), a_notebook_rule("two"))
        scenario = Scenario(policy, a_notebook())

        scenario.at("Mon 17:30").sweep()
        scenario.at("Mon 18:00").sweep()
        scenario.at("Mon 18:15").sweep()

        assert scenario.notifier.warned == ["nb"]
        assert scenario.notifier.called_off == []
        assert scenario.executor.done == [("stop", "nb")]

    def test_a_refused_announcement_is_made_again_at_the_next_sweep(self) -> None:
        scenario = office()
        scenario.notifier.accepting = False

        refused = scenario.at("Mon 17:30").sweep()
        scenario.notifier.accepting = True
        accepted = scenario.at("Mon 17:45").sweep()
        scenario.at("Mon 18:00").sweep()

        assert refused.warned == ()
        assert [case.due_at for case in accepted.warned] == [seoul("2026-11-02 18:00")]
        assert scenario.notifier.called_off == []
        assert scenario.status("nb") == "Stopped"


class TestStartingAgain:
    def test_what_we_stopped_is_started_at_opening_without_a_warning(self) -> None:
        scenario = office(start_again=True)
        scenario.at("Mon 17:30").sweep()
        scenario.at("Mon 18:00").sweep()
        scenario.notifier.warnings.clear()

        early = scenario.at("Tue 08:45").sweep()
        morning = scenario.at("Tue 09:00").sweep()

        assert early.outcomes == ()
        assert early.warned == morning.warned == ()
        assert scenario.notifier.warned == []
        assert [outcome.kind for outcome in morning.outcomes] == [OutcomeKind.APPLIED]
        assert scenario.status("nb") == "InService"

    def test_what_its_owner_stopped_after_that_stays_stopped(self) -> None:
        scenario = office(start_again=True)
        scenario.at("Mon 17:30").sweep()
        scenario.at("Mon 18:00").sweep()
        scenario.at("Mon 20:00")
        scenario.human_restarts("nb")
        scenario.at("Mon 22:00")
        scenario.human_stops("nb")

        scenario.at("Tue 09:00").sweep()

        assert scenario.status("nb") == "Stopped"

    def test_what_its_owner_stops_during_the_day_is_not_started_again(self) -> None:
        scenario = office(start_again=True)
        scenario.at("Mon 17:30").sweep()
        scenario.at("Mon 18:00").sweep()
        scenario.at("Tue 09:00").sweep()
        scenario.at("Tue 10:00")
        scenario.human_stops("nb")

        scenario.at("Tue 10:15").sweep()
        scenario.at("Wed 09:00").sweep()

        assert scenario.status("nb") == "Stopped"
        assert scenario.executor.done == [("stop", "nb"), ("start", "nb")]

    def test_every_closing_is_one_stop_and_every_opening_one_start(self) -> None:
        scenario = office(start_again=True)
        scenario.at("Mon 12:00")

        for _ in range(7 * 24 * 4):
            scenario.sweep()
            scenario.after(timedelta(minutes=15))

        assert scenario.executor.done == [("stop", "nb"), ("start", "nb")] * 5
        assert scenario.notifier.warned == ["nb"] * 5


class TestIdleEndpoints:
    def test_one_is_warned_of_and_deleted_after_its_grace(self) -> None:
        scenario = an_idle_endpoint(grace=24 * HOUR)

        first = scenario.at("Mon 20:00").sweep()
        early = scenario.at("Tue 19:59").sweep()
        due = scenario.at("Tue 20:00").sweep()

        assert [case.due_at for case in first.warned] == [seoul("2026-11-03 20:00")]
        assert (first.outcomes, early.outcomes, early.warned) == ((), (), ())
        assert [outcome.kind for outcome in due.outcomes] == [OutcomeKind.APPLIED]
        assert scenario.inventory.names == {"busy"}
        assert scenario.notifier.warned == ["idle"]

    def test_without_any_grace_it_is_warned_of_all_the_same(self) -> None:
        scenario = an_idle_endpoint(grace=timedelta(0))

        scenario.at("Mon 20:00").sweep()

        assert scenario.notifier.warned == ["idle"]
        assert scenario.inventory.names == {"busy"}

    def test_a_warning_that_is_not_accepted_holds_the_clock(self) -> None:
        scenario = an_idle_endpoint(grace=24 * HOUR)
        scenario.notifier.accepting = False

        refused = scenario.at("Mon 20:00").sweep()
        scenario.at("Wed 20:00").sweep()
        scenario.notifier.accepting = True
        scenario.at("Wed 21:00").sweep()
        early = scenario.at("Thu 20:59").sweep()
        due = scenario.at("Thu 21:00").sweep()

        assert refused.warned == ()
        assert early.outcomes == ()
        assert [outcome.kind for outcome in due.outcomes] == [OutcomeKind.APPLIED]

    def test_one_call_during_the_grace_calls_it_off(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 20:00").sweep()
        scenario.telemetry.calls("idle", (*ZEROS[1:], 1.0))

        report = scenario.at("Tue 20:00").sweep()

        assert report.outcomes == ()
        assert [case.ref.name for case in scenario.notifier.called_off] == ["idle"]

    def test_when_it_is_idle_again_its_grace_begins_anew(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 20:00").sweep()
        scenario.telemetry.calls("idle", (1.0,))
        scenario.at("Tue 08:00").sweep()
        scenario.telemetry.calls("idle", ZEROS)

        again = scenario.at("Thu 20:00").sweep()
        due = scenario.at("Fri 20:00").sweep()

        assert again.outcomes == ()
        assert [case.opened_at for case in again.warned] == [seoul("2026-11-05 20:00")]
        assert scenario.notifier.warned == ["idle", "idle"]
        assert [outcome.kind for outcome in due.outcomes] == [OutcomeKind.APPLIED]

    def test_a_failed_deletion_is_tried_again_at_the_next_sweep(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 20:00").sweep()
        scenario.executor.failing = {"idle"}
        failed = scenario.at("Tue 20:00").sweep()
        scenario.executor.failing = set()

        again = scenario.at("Tue 20:30").sweep()

        assert [outcome.kind for outcome in failed.outcomes] == [OutcomeKind.FAILED]
        assert [outcome.kind for outcome in again.outcomes] == [OutcomeKind.APPLIED]
        assert scenario.notifier.warned == ["idle"]
        assert len(scenario.notifier.told) == 1

    def test_components_are_scaled_to_zero_once(self) -> None:
        scenario = Scenario(a_policy(IDLE), an_endpoint_of_components("ep", "llama"))
        scenario.telemetry.component_calls("llama", ZEROS)

        scenario.at("Mon 20:00").sweep()
        for when in ("Tue 20:00", "Tue 20:30", "Wed 20:00"):
            scenario.at(when).sweep()

        assert scenario.executor.done == [("scale-to-zero", "ep")]


class TestModes:
    def test_observe_neither_warns_nor_acts(self) -> None:
        scenario = office(mode=Mode.OBSERVE)

        for when in ("Mon 17:30", "Mon 18:00", "Mon 20:00"):
            scenario.at(when).sweep()

        assert scenario.notifier.warnings == []
        assert scenario.executor.deeds == []
        assert live(scenario) == []

    def test_observe_still_says_what_it_sees(self) -> None:
        report = office(mode=Mode.OBSERVE).at("Mon 20:00").sweep()

        assert [planned.mode for planned in report.plan.actions] == [Mode.OBSERVE]

    def test_warn_warns_once_and_never_acts(self) -> None:
        scenario = office(mode=Mode.WARN)

        for when in ("Mon 17:30", "Mon 18:00", "Mon 20:00", "Tue 07:00"):
            scenario.at(when).sweep()

        assert scenario.notifier.warned == ["nb"]
        assert scenario.executor.deeds == []
        assert scenario.status("nb") == "InService"

    def test_warn_never_deletes_either(self) -> None:
        scenario = an_idle_endpoint(mode=Mode.WARN)

        for when in ("Mon 20:00", "Tue 20:00", "Fri 20:00"):
            scenario.at(when).sweep()

        assert scenario.notifier.warned == ["idle"]
        assert scenario.inventory.names == {"idle", "busy"}


class TestLimits:
    def test_beyond_them_nothing_is_done_and_nobody_is_warned(self) -> None:
        policy = a_policy(HOURS, limits=Limits(actions_per_run=2, every_action=True))
        scenario = Scenario(policy, *(a_notebook(f"nb-{number}") for number in range(3)))

        ahead = scenario.at("Mon 17:30").sweep()
        closing = scenario.at("Mon 18:00").sweep()

        assert ahead.plan.exceeded == ()
        assert closing.plan.exceeded == ("3 actions, more than the 2 of a run",)
        assert scenario.notifier.warnings == []
        assert scenario.executor.deeds == []

    def test_what_is_over_is_called_off_all_the_same(self) -> None:
        policy = a_policy(HOURS, limits=Limits(actions_per_run=2, every_action=True))
        scenario = Scenario(policy, a_notebook("nb-0"))
        scenario.at("Mon 20:00").sweep()
        scenario.human_stops("nb-0")
        for number in range(1, 4):
            scenario.inventory.put(a_notebook(f"nb-{number}"))

        report = scenario.at("Mon 20:30").sweep()

        assert report.plan.exceeded
        assert [case.ref.name for case in report.resolved] == ["nb-0"]


class TestWhatIsNotResolved:
    def test_nothing_is_while_a_part_of_the_region_could_not_be_read(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 20:00").sweep()
        scenario.inventory.remove("idle")
        scenario.telemetry.unlisted = (Incomplete("Invocations series", "throttled"),)

        in_part = scenario.at("Mon 21:00").sweep()
        scenario.telemetry.unlisted = ()
        in_whole = scenario.at("Mon 22:00").sweep()

        assert in_part.resolved == ()
        assert [case.ref.name for case in in_whole.resolved] == ["idle"]

    def test_a_case_is_not_while_its_resource_is_unknown(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 20:00").sweep()
        scenario.telemetry.calls("idle", ())

        blind = scenario.at("Tue 20:00").sweep()
        scenario.telemetry.calls("idle", ZEROS)
        seeing = scenario.at("Tue 21:00").sweep()

        assert (blind.resolved, blind.outcomes) == ((), ())
        assert scenario.notifier.called_off == []
        assert [outcome.kind for outcome in seeing.outcomes] == [OutcomeKind.APPLIED]

    def test_another_rules_cases_are_not_when_a_sweep_leaves_that_rule_out(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 20:00").sweep()
        scenario.policy = a_policy(HOURS)

        report = scenario.at("Mon 21:00").sweep()

        assert report.resolved == ()
        assert len(live(scenario)) == 1

    def test_a_region_in_which_nothing_is_left_has_no_account_to_resolve_for(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 20:00").sweep()
        scenario.inventory.resources.clear()

        report = scenario.at("Mon 21:00").sweep()

        assert report.resolved == ()


class TestCallingOff:
    def test_nobody_is_told_that_a_warning_they_never_got_is_off(self) -> None:
        scenario = an_idle_endpoint()
        scenario.notifier.accepting = False
        scenario.at("Mon 20:00").sweep()
        scenario.telemetry.calls("idle", (1.0,))

        report = scenario.at("Mon 21:00").sweep()

        assert [case.ref.name for case in report.resolved] == ["idle"]
        assert scenario.notifier.called_off == []

    def test_a_rule_that_no_longer_covers_a_resource_calls_it_off(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 20:00").sweep()
        scenario.policy = a_policy(an_endpoint_rule(scope=a_scope(IDLE.scope.rule, names=("x",))))

        scenario.at("Mon 21:00").sweep()

        assert [case.ref.name for case in scenario.notifier.called_off] == ["idle"]


class TestTwoAtOnce:
    def test_a_case_that_another_run_wrote_meanwhile_is_theirs(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 20:00")
        theirs: list[Case] = []

        def rival(case: Case, verdict: Verdict, due_at: datetime | None, *, can_wait: bool) -> bool:
            """Write the case between this run's look at it and its own write."""
            assert due_at is not None
            assert can_wait
            theirs.append(case.warned(due_at - 24 * HOUR, due_at - HOUR))
            return scenario.ledger.save(theirs[0]) and verdict.action is not None

        scenario.notifier.warn = rival  # type: ignore[method-assign, assignment]  # one that dawdles
        scenario.sweep()

        [stored] = live(scenario)
        assert stored.due_at == theirs[0].due_at
        assert stored.version == 1

    def test_a_case_that_another_run_resolved_first_is_told_of_once(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 20:00").sweep()
        scenario.telemetry.calls("idle", (1.0,))
        stale = live(scenario)
        scenario.sweep()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(scenario.ledger, "live_cases", lambda *_: stale)
            report = scenario.sweep()

        assert report.resolved == ()
        assert [case.ref.name for case in scenario.notifier.called_off] == ["idle"]

    def test_a_clock_that_ticks_does_not_hide_who_was_warned(self) -> None:
        scenario = Scenario(a_policy(IDLE), an_endpoint(), tick=timedelta(milliseconds=1))
        scenario.telemetry.calls("ep", ZEROS)

        report = scenario.at("Mon 20:00").sweep()

        assert [case.ref.name for case in report.warned] == ["ep"]


class TestManyActionsAtOnce:
    def test_they_are_under_way_together_and_told_of_in_the_plans_order(self) -> None:
        scenario = office_of(8)
        together = threading.Barrier(8)
        stop = scenario.executor.execute

        def execute(action: Action) -> str | None:
            together.wait(20)
            return stop(action)

        scenario.at("Mon 17:30").sweep()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(scenario.executor, "execute", execute)
            report = scenario.at("Mon 18:00").sweep()

        names = [planned.verdict.ref.name for planned in report.plan.actions]
        assert [outcome.action.ref.name for outcome in report.outcomes] == names
        assert [outcome.action.ref.name for outcome in scenario.notifier.told] == names
        assert {outcome.kind for outcome in report.outcomes} == {OutcomeKind.APPLIED}

    def test_what_fails_stops_no_other_and_stays_the_case_that_it_was(self) -> None:
        scenario = office_of(4)
        scenario.executor.failing = {"nb-2"}

        scenario.at("Mon 17:30").sweep()
        report = scenario.at("Mon 18:00").sweep()

        failed = [
            item.action.ref.name for item in report.outcomes if item.kind is OutcomeKind.FAILED
        ]
        assert failed == ["nb-2"]
        assert [(case.ref.name, case.failures) for case in live(scenario)] == [("nb-2", 1)]

    def test_a_ledger_that_breaks_half_way_leaves_what_was_done_told_and_settled(self) -> None:
        scenario = office_of(6)
        scenario.at("Mon 17:30").sweep()
        claim = scenario.ledger.claim

        def breaks(key: str, now: datetime) -> bool:
            if key == nth_case(scenario, "nb-3"):
                raise UnreadableError("the ledger", "it is throttled")
            return claim(key, now)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(scenario.ledger, "claim", breaks)
            with pytest.raises(UnreadableError, match="throttled"):
                scenario.at("Mon 18:00").sweep()

        told = {outcome.action.ref.name for outcome in scenario.notifier.told}
        stopped = {name for kind, name in scenario.executor.done if kind == "stop"}
        assert told == stopped
        assert "nb-3" not in stopped


def office_of(number: int) -> Scenario:
    """Notebooks of an office that closes at six."""
    notebooks = (a_notebook(f"nb-{one}") for one in range(number))
    return Scenario(a_policy(HOURS), *notebooks)


def nth_case(scenario: Scenario, name: str) -> str:
    """The id of a resource's case."""
    [found] = [case.case_id for case in live(scenario) if case.ref.name == name]
    return found


def test_a_region_that_cannot_be_read_at_all_fails_loudly() -> None:
    scenario = office()
    scenario.inventory.unreadable = {REGION}

    with pytest.raises(UnreadableError, match="notebook instances in ap-northeast-2"):
        scenario.at("Mon 20:00").sweep()
