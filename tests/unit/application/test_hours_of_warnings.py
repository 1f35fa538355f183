"""`owners.warn_during`: Monday to Friday 09:00-18:00 in Seoul."""

from dataclasses import replace
from datetime import timedelta

from sagewarden.domain.cases import CaseState
from sagewarden.domain.scope import Mode
from tests.support.builders import (
    ACCOUNT,
    REGION,
    ZEROS,
    a_calendar,
    a_notebook,
    a_notebook_rule,
    a_policy,
    an_endpoint,
    an_endpoint_rule,
    seoul,
)
from tests.support.scenario import Scenario

HOUR = timedelta(hours=1)


def an_idle_endpoint(grace: timedelta = 24 * HOUR, mode: Mode = Mode.ENFORCE) -> Scenario:
    scenario = Scenario(a_policy(an_endpoint_rule(grace=grace, mode=mode)), an_endpoint("idle"))
    scenario.telemetry.calls("idle", ZEROS)
    return scenario


def in_peace(scenario: Scenario) -> Scenario:
    owners = replace(scenario.policy.owners, warned_during=a_calendar())
    scenario.policy = replace(scenario.policy, owners=owners)
    return scenario


def test_what_can_wait_is_told_in_the_morning_and_its_grace_begins_then() -> None:
    scenario = in_peace(an_idle_endpoint())

    scenario.at("Fri 20:00").sweep()
    at_night = [case.state for case in scenario.ledger.live_cases(ACCOUNT, REGION)]
    scenario.at("Sun 12:00").sweep()
    told_early = list(scenario.notifier.warned)
    morning = scenario.at("Mon 09:00").sweep()

    assert (at_night, told_early) == ([CaseState.OPEN], [])
    assert [case.due_at for case in morning.warned] == [seoul("2026-11-10 09:00")]
    assert scenario.notifier.warned == ["idle"]


def test_what_cannot_wait_is_told_at_any_time() -> None:
    scenario = in_peace(an_idle_endpoint(grace=3 * HOUR))

    scenario.at("Fri 20:00").sweep()

    assert scenario.notifier.warned == ["idle"]


def test_a_reminder_of_a_deadline_is_given_at_any_time() -> None:
    scenario = in_peace(an_idle_endpoint(grace=24 * HOUR))
    scenario.at("Mon 12:00").sweep()

    scenario.at("Tue 10:30").sweep()
    scenario.at("Tue 12:00").sweep()

    assert [case.ref.name for case in scenario.notifier.reminders] == ["idle"]
    assert scenario.inventory.names == set()


def test_who_keeps_the_hours_of_each_reader_is_given_what_can_wait_at_any_time() -> None:
    scenario = in_peace(an_idle_endpoint())
    scenario.notifier.keeps_hours = True

    scenario.at("Fri 20:00").sweep()

    assert (scenario.notifier.warned, scenario.notifier.can_wait) == (["idle"], [True])


def test_who_keeps_the_hours_of_each_reader_is_told_what_cannot_wait() -> None:
    short = in_peace(an_idle_endpoint(grace=3 * HOUR))
    closing = in_peace(Scenario(a_policy(a_notebook_rule(warn=6 * HOUR)), a_notebook()))

    for scenario, when in ((short, "Fri 20:00"), (closing, "Mon 13:00")):
        scenario.notifier.keeps_hours = True
        scenario.at(when).sweep()

    assert (short.notifier.can_wait, closing.notifier.can_wait) == ([False], [False])


def test_a_warning_that_nothing_follows_can_wait() -> None:
    scenario = in_peace(an_idle_endpoint(mode=Mode.WARN))

    scenario.at("Fri 20:00").sweep()
    told_early = list(scenario.notifier.warned)
    scenario.at("Mon 09:00").sweep()

    assert (told_early, scenario.notifier.warned) == ([], ["idle"])


def test_a_notebook_is_told_of_its_closing_at_any_time() -> None:
    scenario = in_peace(Scenario(a_policy(a_notebook_rule()), a_notebook()))

    scenario.at("Mon 20:00").sweep()

    assert scenario.notifier.warned == ["nb"]
