"""What people answer to a warning, and what sweeps make of it."""

from datetime import date, timedelta

import pytest

from sagewarden.application.answers import Answer, ask_for_now, exempt, restored, snooze
from sagewarden.application.ports import ActionFailedError
from sagewarden.domain.audit import Happening
from sagewarden.domain.cases import Case, CaseRefusedError, CaseState
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import (
    ACCOUNT,
    REGION,
    ZEROS,
    a_notebook,
    a_notebook_rule,
    a_policy,
    an_endpoint,
    an_endpoint_rule,
)
from tests.support.scenario import Scenario

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def an_idle_endpoint() -> Scenario:
    scenario = Scenario(a_policy(an_endpoint_rule(grace=DAY)), an_endpoint("ep"))
    scenario.telemetry.calls("ep", ZEROS)
    return scenario


def only_case(scenario: Scenario) -> Case:
    [case] = scenario.ledger.live_cases(ACCOUNT, REGION)
    return case


def mina(scenario: Scenario) -> Answer:
    return Answer("mina", scenario.clock.now())


def trail(scenario: Scenario, name: str = "ep") -> list[str]:
    arn = scenario.inventory.named(name).ref.arn
    return [entry.what.value for entry in scenario.ledger.trail(arn)]


class TestSnoozing:
    def test_nothing_happens_for_a_week_and_then_its_owner_is_warned_anew(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 10:00").sweep()
        until = scenario.clock.now() + 7 * DAY
        snooze(only_case(scenario).case_id, until, mina(scenario), scenario.ledger)

        for _ in range(7 * 24 - 1):
            scenario.after(HOUR).sweep()
        within = list(scenario.notifier.warned), list(scenario.executor.deeds)
        scenario.after(HOUR).sweep()
        scenario.after(DAY - HOUR).sweep()
        before_the_end = scenario.status("ep")
        scenario.after(HOUR).sweep()

        assert within == (["ep"], [])
        assert scenario.notifier.warned == ["ep", "ep"]
        assert before_the_end == "InService"
        assert scenario.status("ep") == "gone"

    def test_a_violation_that_ends_meanwhile_is_called_off_and_stays_put_off(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 10:00").sweep()
        until = scenario.clock.now() + 7 * DAY
        snooze(only_case(scenario).case_id, until, mina(scenario), scenario.ledger)
        scenario.telemetry.calls("ep", (*ZEROS[1:], 1.0))

        over = scenario.at("Tue 10:00").sweep()
        scenario.telemetry.calls("ep", ZEROS)
        scenario.at("Fri 10:00").sweep()
        back = only_case(scenario)
        scenario.at("Mon 09:00").sweep()

        assert [case.state for case in over.resolved] == [CaseState.RESOLVED]
        assert [case.ref.name for case in scenario.notifier.called_off] == ["ep"]
        assert (back.state, back.snoozed_until) == (CaseState.SNOOZED, until)
        assert scenario.notifier.warned == ["ep"]

    def test_a_notebook_snoozed_before_closing_is_left_running_past_it(self) -> None:
        rule = a_notebook_rule(warn=timedelta(minutes=30))
        scenario = Scenario(a_policy(rule), a_notebook("nb"))
        scenario.at("Mon 17:30").sweep()
        until = scenario.clock.now() + 2 * HOUR
        snooze(only_case(scenario).case_id, until, mina(scenario), scenario.ledger)

        for when in ("Mon 17:45", "Mon 18:00", "Mon 19:15"):
            scenario.at(when).sweep()
        snoozed = scenario.status("nb"), list(scenario.notifier.warned)
        scenario.at("Mon 19:30").sweep()
        scenario.at("Mon 20:00").sweep()

        assert snoozed == ("InService", ["nb"])
        assert scenario.notifier.called_off == []
        assert scenario.notifier.warned == ["nb", "nb"]
        assert scenario.status("nb") == "Stopped"

    def test_a_click_while_a_sweep_is_at_it_is_refused(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 10:00").sweep()
        case = only_case(scenario)
        scenario.ledger.save(case.acting())

        with pytest.raises(CaseRefusedError, match="a run is carrying it out"):
            snooze(case.case_id, case.opened_at + DAY, mina(scenario), scenario.ledger)

    def test_a_click_between_a_sweeps_look_and_its_action_wins(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 10:00").sweep()
        case = only_case(scenario)
        scenario.at("Tue 10:00")

        def click() -> None:
            """Let the owner answer in the last moment before the case is claimed."""
            snooze(case.case_id, case.opened_at + 7 * DAY, mina(scenario), scenario.ledger)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(scenario.ledger, "resumed_at", click)
            scenario.sweep()

        assert scenario.status("ep") == "InService"
        assert only_case(scenario).state is CaseState.SNOOZED

    def test_nobody_answers_about_a_case_that_nobody_knows(self) -> None:
        scenario = an_idle_endpoint()

        with pytest.raises(CaseRefusedError, match="there is no case c-1"):
            ask_for_now("c-1", mina(scenario), scenario.ledger)

    def test_a_ledger_in_which_others_always_write_first_is_an_error(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 10:00").sweep()
        case = only_case(scenario)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(scenario.ledger, "save", lambda *_: False)
            with pytest.raises(ActionFailedError, match="try again"):
                ask_for_now(case.case_id, mina(scenario), scenario.ledger)


class TestAskingForNow:
    def test_the_next_sweep_does_it_without_waiting_for_the_grace_to_end(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 10:00").sweep()
        ask_for_now(only_case(scenario).case_id, mina(scenario), scenario.ledger)

        report = scenario.after(timedelta(minutes=5)).sweep()

        assert [outcome.kind for outcome in report.outcomes] == [OutcomeKind.APPLIED]

    def test_every_check_still_applies(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 10:00").sweep()
        ask_for_now(only_case(scenario).case_id, mina(scenario), scenario.ledger)
        scenario.human_tags("ep", SagewardenExempt="2026-12-31: no, keep it")

        scenario.after(timedelta(minutes=5)).sweep()

        assert scenario.status("ep") == "InService"


class TestExempting:
    def test_it_holds_until_its_last_day_and_is_reported_after_that(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 10:00").sweep()
        case_id, last_day = only_case(scenario).case_id, date(2026, 11, 30)
        exempt(case_id, last_day, "migrating", mina(scenario), scenario.ledger)

        scenario.at("Tue 10:00").sweep()
        held = scenario.sweep()
        scenario.after(29 * DAY)
        anew = scenario.sweep()
        scenario.after(DAY).sweep()

        [verdict] = held.plan.left_alone
        assert verdict.kind is VerdictKind.EXEMPT
        assert verdict.evidence == {
            "exempt_until": "2026-11-30",
            "exempt_by": "mina",
            "exempt_because": "migrating",
        }
        evidence = anew.plan.actions[0].verdict.evidence
        assert evidence["exemption_ran_out"] == "exempt until 2026-11-30 by mina: migrating"
        assert scenario.notifier.warned == ["ep", "ep"]
        assert scenario.status("ep") == "gone"

    def test_one_that_comes_after_the_survey_still_saves_the_endpoint(self) -> None:
        scenario = an_idle_endpoint()
        plan = scenario.at("Mon 10:00").plan()
        scenario.sweep()
        exempt(only_case(scenario).case_id, None, "prod", mina(scenario), scenario.ledger)

        [outcome] = scenario.apply(plan)

        assert outcome.kind is OutcomeKind.STALE
        assert outcome.reason == "EXEMPT now: exempt for good by mina: prod"

    def test_a_last_day_that_is_over_is_refused(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 10:00").sweep()
        case_id = only_case(scenario).case_id

        with pytest.raises(CaseRefusedError, match="has passed already"):
            exempt(case_id, date(2026, 10, 1), "late", mina(scenario), scenario.ledger)
        assert scenario.ledger.all_exemptions() == ()

    def test_a_run_that_begins_meanwhile_finds_the_exemption_all_the_same(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 10:00").sweep()
        case, store = only_case(scenario), scenario.ledger.exempt

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                scenario.ledger,
                "exempt",
                lambda given: (store(given), scenario.ledger.save(case.acting())),
            )
            seen = exempt(case.case_id, None, "prod", mina(scenario), scenario.ledger)
        scenario.at("Wed 10:00").sweep()

        assert seen.state is CaseState.ACTING
        assert scenario.status("ep") == "InService"
        ended = scenario.ledger.case(case.case_id)
        assert ended is not None
        assert ended.state is CaseState.EXEMPT

    def test_a_tag_that_exempts_ends_the_case_as_exempt(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 10:00").sweep()
        scenario.human_tags("ep", SagewardenExempt="2026-12-31: migrating")

        report = scenario.at("Mon 11:00").sweep()

        assert [case.state for case in report.resolved] == [CaseState.EXEMPT]


class TestReminding:
    def test_its_owner_is_reminded_once_before_the_deadline(self) -> None:
        scenario = an_idle_endpoint()

        for _ in range(25):
            scenario.at("Mon 10:00") if not scenario.notifier.warned else scenario.after(HOUR)
            scenario.sweep()

        [reminded] = scenario.notifier.reminders
        assert reminded.ref.name == "ep"
        assert scenario.status("ep") == "gone"

    def test_a_reminder_that_is_not_accepted_is_made_again(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 10:00").sweep()
        scenario.notifier.accepting = False
        scenario.at("Tue 08:00").sweep()
        scenario.notifier.accepting = True

        scenario.at("Tue 08:05").sweep()
        scenario.at("Tue 08:10").sweep()

        assert len(scenario.notifier.reminders) == 1

    def test_of_two_runs_at_once_one_reminds(self) -> None:
        scenario = an_idle_endpoint()
        scenario.at("Mon 10:00").sweep()
        case = only_case(scenario)
        scenario.at("Tue 08:00")
        scenario.ledger.claim(f"{case.case_id}:remind", scenario.clock.now())

        scenario.sweep()

        assert scenario.notifier.reminders == []


class TestGivingUp:
    def test_after_five_failures_it_rests_for_a_day_and_is_warned_of_anew(self) -> None:
        scenario = an_idle_endpoint()
        scenario.executor.failing = {"ep"}
        scenario.at("Mon 10:00").sweep()
        scenario.at("Tue 10:00")

        for _ in range(10):
            scenario.sweep()
            scenario.after(HOUR)
        tried = list(scenario.executor.done)
        scenario.executor.failing = set()
        scenario.at("Wed 15:00").sweep()
        scenario.at("Thu 15:00").sweep()

        assert tried == [("delete", "ep")] * 5
        assert [case.failures for case in scenario.notifier.given_up] == [5]
        assert scenario.notifier.warned == ["ep", "ep"]
        assert scenario.status("ep") == "gone"


def test_what_was_restored_is_in_the_case_and_in_the_trail() -> None:
    scenario = an_idle_endpoint()
    scenario.at("Mon 10:00").sweep()
    case = only_case(scenario)
    scenario.at("Tue 10:00").sweep()

    scenario.after(HOUR)
    back = restored(case.case_id, mina(scenario), scenario.ledger)

    assert back.state is CaseState.RESTORED
    assert [entry.what for entry in scenario.ledger.trail(case.ref.arn)] == [
        Happening.OPENED,
        Happening.WARNED,
        Happening.ACTING,
        Happening.OUTCOME,
        Happening.RESTORED,
    ]


def test_the_trail_tells_what_was_not_accepted_and_who_answered() -> None:
    scenario = an_idle_endpoint()
    scenario.notifier.accepting = False
    scenario.at("Mon 10:00").sweep()
    scenario.notifier.accepting = True
    scenario.at("Mon 11:00").sweep()
    case_id = only_case(scenario).case_id
    scenario.after(HOUR)
    snooze(case_id, scenario.clock.now() + DAY, mina(scenario), scenario.ledger)
    scenario.after(HOUR)
    exempt(case_id, date(2026, 12, 31), "migrating", mina(scenario), scenario.ledger)

    entries = scenario.ledger.trail(scenario.inventory.named("ep").ref.arn)

    assert trail(scenario) == [
        "case opened",
        "warning not accepted",
        "warned",
        "snoozed",
        "exempted",
        "resolved",
    ]
    assert [entry.by for entry in entries] == ["sagewarden"] * 3 + ["mina"] * 3
    assert {entry.details["rule"] for entry in entries} == {"idle-endpoints"}
