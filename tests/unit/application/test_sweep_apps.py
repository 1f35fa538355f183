"""Studio apps through the hours and days: warned, stopped, started again by people, left alone."""

from dataclasses import replace
from datetime import datetime, timedelta

from sagewarden.application.answers import Answer, snooze
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.cases import CaseState, case_id_of
from sagewarden.domain.outcomes import Outcome, OutcomeKind, last_touched
from sagewarden.domain.resources import StudioApp
from sagewarden.domain.scope import EXEMPT_TAG, Mode
from tests.support.builders import (
    LONG_AGO,
    NOW,
    a_notebook,
    a_notebook_rule,
    a_policy,
    a_precondition,
    an_app,
    an_app_rule,
    an_idle_app_rule,
)
from tests.support.scenario import Scenario

LAB = "space/mina-lab/JupyterLab/default"


def offices(*apps: StudioApp, mode: Mode = Mode.ENFORCE) -> Scenario:
    """Apps that are to run during business hours."""
    return Scenario(a_policy(an_app_rule(mode=mode)), *apps)


def deeds(scenario: Scenario) -> list[tuple[str, str]]:
    return scenario.executor.deeds


class TestAtClosing:
    def test_its_owner_is_told_half_an_hour_before_and_it_is_stopped_at_closing(self) -> None:
        scenario = offices(an_app())

        scenario.at("Mon 17:30").sweep()
        warned = [(case.ref.name, due) for case, _, due in scenario.notifier.warnings]
        scenario.at("Mon 17:55").sweep()
        before = list(deeds(scenario))
        scenario.at("Mon 18:00").sweep()

        assert warned == [(LAB, scenario.clock.now())]
        assert before == []
        assert deeds(scenario) == [("manifest", LAB), ("stop", LAB)]
        assert scenario.status(LAB) == "gone"

    def test_a_manifest_is_stored_before_it_is_stopped(self) -> None:
        scenario = offices(an_app())

        scenario.at("Mon 17:30").sweep()
        scenario.at("Mon 18:00").sweep()

        (manifest,) = scenario.ledger.manifests(an_app().ref.arn)
        assert manifest.at == scenario.clock.now()

    def test_without_a_manifest_it_is_not_stopped(self) -> None:
        scenario = offices(an_app())
        scenario.executor.no_manifest.add(LAB)

        scenario.at("Mon 17:30").sweep()
        report = scenario.at("Mon 18:00").sweep()

        assert [item.kind for item in report.outcomes] == [OutcomeKind.FAILED]
        assert scenario.status(LAB) == "InService"

    def test_one_that_its_owner_keeps_runs_through_the_night(self) -> None:
        scenario = offices(an_app())
        scenario.at("Mon 17:30").sweep()
        (case, _, _) = scenario.notifier.warnings[0]
        until = scenario.clock.now() + timedelta(days=7)

        snooze(case.case_id, until, Answer("mina", scenario.clock.now()), scenario.ledger)
        scenario.at("Mon 18:00").sweep()
        scenario.at("Tue 18:00").sweep()

        assert deeds(scenario) == []

    def test_one_whose_space_is_exempt_is_left_alone(self) -> None:
        scenario = offices(an_app(tags={EXEMPT_TAG: "2027-01-31: training overnight"}))

        scenario.at("Mon 17:30").sweep()
        scenario.at("Mon 18:30").sweep()

        assert scenario.notifier.warnings == []
        assert deeds(scenario) == []

    def test_a_tag_set_between_the_warning_and_the_closing_holds(self) -> None:
        scenario = offices(an_app())
        scenario.at("Mon 17:30").sweep()

        scenario.human_tags(LAB, Schedule="off")
        scenario.at("Mon 18:00").sweep()

        assert deeds(scenario) == []

    def test_a_whole_fleet_may_close_at_once(self) -> None:
        apps = [an_app(f"space/lab-{number}/JupyterLab/default") for number in range(40)]
        scenario = offices(*apps)

        scenario.at("Mon 17:30").sweep()
        report = scenario.at("Mon 18:00").sweep()

        assert report.plan.exceeded == ()
        assert len(report.outcomes) == 40

    def test_a_rule_may_speak_of_notebooks_and_apps_alike(self) -> None:
        rule = a_notebook_rule(kinds=("notebook-instance", "studio-app"))
        scenario = Scenario(a_policy(rule), a_notebook("nb"), an_app())

        scenario.at("Mon 17:30").sweep()
        scenario.at("Mon 18:00").sweep()

        assert scenario.status("nb") == "Stopped"
        assert scenario.status(LAB) == "gone"

    def test_apps_are_not_listed_without_a_rule_for_them(self) -> None:
        scenario = Scenario(a_policy(a_notebook_rule()), an_app())

        plan = scenario.at("Mon 18:30").plan()

        assert scenario.inventory.listed == []
        assert (plan.actions, plan.left_alone) == ((), ())

    def test_what_could_not_be_listed_is_reported_and_nothing_else_is_held_up(self) -> None:
        scenario = offices(an_app(tags_readable=False), an_app("user/lee/Canvas/default"))

        scenario.at("Mon 17:30").sweep()
        report = scenario.at("Mon 18:00").sweep()

        assert scenario.status(LAB) == "InService"
        assert scenario.status("user/lee/Canvas/default") == "gone"
        assert [item.kind.value for item in report.plan.left_alone] == ["UNKNOWN"]


class TestPeopleStartItAgain:
    """Whether AWS keeps its time of creation or not."""

    def test_it_runs_until_the_next_closing_though_it_keeps_its_time_of_creation(self) -> None:
        scenario = offices(an_app(created=LONG_AGO))
        scenario.at("Mon 17:30").sweep()
        scenario.at("Mon 18:00").sweep()

        scenario.at("Mon 20:00").inventory.put(an_app(created=LONG_AGO))
        for when in ("Mon 20:05", "Mon 23:00", "Tue 03:00", "Tue 12:00"):
            scenario.at(when).sweep()
        in_the_morning = scenario.status(LAB)
        scenario.at("Tue 17:30").sweep()
        scenario.at("Tue 18:00").sweep()

        assert in_the_morning == "InService"
        assert scenario.status(LAB) == "gone"
        assert [name for kind, name in scenario.executor.done if kind == "stop"] == [LAB, LAB]
        assert len(scenario.notifier.warnings) == 2

    def test_and_with_a_new_one(self) -> None:
        scenario = offices(an_app())
        scenario.at("Mon 17:30").sweep()
        scenario.at("Mon 18:00").sweep()

        scenario.at("Mon 20:00")
        scenario.inventory.put(an_app(created=scenario.clock.now()))
        scenario.at("Mon 20:05").sweep()

        assert scenario.status(LAB) == "InService"

    def test_what_somebody_restored_after_hours_is_left_running(self) -> None:
        scenario = offices(an_app())
        scenario.at("Mon 17:30").sweep()
        (stop,) = scenario.at("Mon 18:00").sweep().outcomes

        scenario.at("Mon 20:00").inventory.put(an_app())
        restore = replace(stop.action, kind=ActionKind.RESTORE)
        scenario.ledger.record(
            Outcome("r", restore, OutcomeKind.APPLIED, "back", scenario.clock.now())
        )
        for when in ("Mon 20:05", "Mon 21:00", "Tue 05:00"):
            scenario.at(when).sweep()

        assert scenario.status(LAB) == "InService"
        assert len(scenario.notifier.warnings) == 1

    def test_nothing_is_started_in_the_morning(self) -> None:
        scenario = offices(an_app())
        scenario.at("Mon 17:30").sweep()
        scenario.at("Mon 18:00").sweep()

        scenario.at("Tue 09:00").sweep()

        assert scenario.status(LAB) == "gone"


class TestIdle:
    @staticmethod
    def used(scenario: Scenario, at: datetime) -> None:
        scenario.inventory.put(an_app(active=at, checked=scenario.clock.now()))

    def test_it_is_stopped_after_a_warning_and_still_unused(self) -> None:
        scenario = Scenario(a_policy(an_idle_app_rule()))
        morning = scenario.at("Mon 10:00").clock.now()
        self.used(scenario.at("Mon 12:00"), morning)

        scenario.sweep()
        self.used(scenario.at("Mon 12:25"), morning)
        scenario.sweep()
        before = list(deeds(scenario))
        self.used(scenario.at("Mon 12:30"), morning)
        scenario.sweep()

        assert before == []
        assert deeds(scenario) == [("manifest", LAB), ("stop", LAB)]

    def test_one_that_is_used_after_the_warning_is_left_alone_and_its_owner_is_told(self) -> None:
        scenario = Scenario(a_policy(an_idle_app_rule()))
        morning = scenario.at("Mon 10:00").clock.now()
        self.used(scenario.at("Mon 12:00"), morning)
        scenario.sweep()

        again = scenario.at("Mon 12:20").clock.now()
        self.used(scenario.at("Mon 12:30"), again)
        (over,) = scenario.sweep().resolved

        assert deeds(scenario) == []
        assert over.state is CaseState.RESOLVED

    def test_one_that_is_used_between_the_look_and_the_stop_is_left_alone(self) -> None:
        scenario = Scenario(a_policy(an_idle_app_rule()))
        morning = scenario.at("Mon 10:00").clock.now()
        self.used(scenario.at("Mon 12:00"), morning)
        plan = scenario.plan()

        again = scenario.clock.now()
        self.used(scenario.at("Mon 12:01"), again)
        (outcome,) = scenario.apply(plan)

        assert outcome.kind is OutcomeKind.STALE
        assert deeds(scenario) == []

    def test_where_aws_tells_only_its_health_checks_nothing_happens(self) -> None:
        scenario = Scenario(a_policy(an_idle_app_rule()))
        scenario.at("Mon 12:00")
        scenario.inventory.put(an_app(active=LONG_AGO, checked=LONG_AGO))

        plan = scenario.plan()

        assert plan.actions == ()
        assert [item.kind.value for item in plan.left_alone] == ["UNKNOWN"]


def test_what_was_only_tried_touched_nothing() -> None:
    def done(kind: ActionKind, became: OutcomeKind, hour: int) -> Outcome:
        action = Action(kind, an_app().ref, a_precondition())
        return Outcome("r", action, became, "", NOW.replace(hour=hour))

    history = [
        done(ActionKind.STOP, OutcomeKind.APPLIED, 1),
        done(ActionKind.RESTORE, OutcomeKind.UNDER_WAY, 2),
        done(ActionKind.STOP, OutcomeKind.FAILED, 3),
        done(ActionKind.TAG_OWNER, OutcomeKind.APPLIED, 4),
    ]

    assert last_touched(history) == NOW.replace(hour=2)
    assert last_touched(history[2:]) is None


def test_an_app_that_keeps_its_time_of_creation_is_the_same_case_and_one_anew_another() -> None:
    def case_of(app: StudioApp) -> str:
        return case_id_of("r", Action(ActionKind.STOP, app.ref, Precondition.of(app)))

    assert case_of(an_app()) == case_of(an_app(active=NOW, checked=NOW))
    assert case_of(an_app()) != case_of(an_app(created=NOW))
