"""`owners.warn_during`, Monday to Friday 09:00-18:00: by the clock of whoever reads."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from sagewarden.domain.cases import CaseState
from sagewarden.domain.plans import Limits
from sagewarden.domain.resources import Resource
from sagewarden.domain.rules import Rule
from sagewarden.domain.scope import Mode
from sagewarden_cli.slack import LocalSlack
from sagewarden_cli.slack.faults import Fault
from tests.integration.messages.conftest import Told
from tests.integration.messages.test_delivery import DAY, MINA, TOM, sentences
from tests.support.builders import (
    ACCOUNT,
    REGION,
    ZEROS,
    a_calendar,
    a_notebook,
    a_notebook_rule,
    a_policy,
    a_scope,
    an_endpoint,
    an_endpoint_rule,
    seoul,
)

type MakeTold = Callable[..., Told]

HOUR = timedelta(hours=1)


@pytest.fixture
def polite(told: MakeTold) -> Callable[..., Told]:
    """Endpoints that nobody calls; the policy's zone is Seoul, Tom's is New York's."""

    def make(*resources: Resource, rule: Rule | None = None, zone: str = "Asia/Seoul") -> Told:
        policy = a_policy(rule or an_endpoint_rule(grace=DAY), limits=Limits(100, 100))
        owners = replace(policy.owners, warned_during=a_calendar(zone=zone))
        scenario = told(replace(policy, owners=owners), *resources)
        for resource in resources:
            scenario.telemetry.calls(resource.ref.name, ZEROS)
        return scenario

    return make


def states(scenario: Told) -> list[CaseState]:
    return [case.state for case in scenario.ledger.live_cases(ACCOUNT, REGION)]


def sweep_at(scenario: Told, when: str) -> None:
    scenario.at(when)
    scenario.run()
    scenario.arrive()


def test_what_can_wait_comes_in_its_readers_morning_and_the_grace_begins_then(
    polite: MakeTold,
) -> None:
    scenario = polite(an_endpoint("chat", tags=TOM))

    sweep_at(scenario, "Mon 10:00")  # Sunday evening in New York
    sweep_at(scenario, "Mon 20:00")
    before = (states(scenario), scenario.messages("tom"))
    sweep_at(scenario, "Mon 23:30")  # 09:30 in New York
    [case] = scenario.ledger.live_cases(ACCOUNT, REGION)

    assert before == ([CaseState.OPEN], [])
    assert len(scenario.messages("tom")) == 1
    assert (case.state, case.due_at) == (CaseState.WARNED, seoul("2026-11-03 23:30"))


def test_two_owners_of_one_run_hear_of_it_each_in_their_own_hours(polite: MakeTold) -> None:
    scenario = polite(an_endpoint("hers", tags=MINA), an_endpoint("his", tags=TOM))

    sweep_at(scenario, "Mon 10:00")

    assert len(scenario.messages("mina")) == 1
    assert scenario.messages("tom") == []


def test_in_a_channel_the_hours_are_those_of_the_policy(polite: MakeTold) -> None:
    scenario = polite(an_endpoint("lost"), zone="America/New_York")

    sweep_at(scenario, "Mon 10:00")
    at_night = scenario.messages("#ml-costs")
    sweep_at(scenario, "Mon 23:30")

    assert at_night == []
    assert len(scenario.messages("#ml-costs")) == 1


def test_whose_zone_nobody_knows_has_the_policys_hours(polite: MakeTold, slack: LocalSlack) -> None:
    scenario = polite(an_endpoint("chat", tags=TOM))
    slack.user("tom").tz = ""

    sweep_at(scenario, "Mon 10:00")

    assert len(scenario.messages("tom")) == 1


def test_what_cannot_wait_comes_at_any_time(polite: MakeTold) -> None:
    scenario = polite(an_endpoint("chat", tags=TOM), rule=an_endpoint_rule(grace=3 * HOUR))

    sweep_at(scenario, "Mon 10:00")

    assert len(scenario.messages("tom")) == 1


def test_an_imminent_closing_is_told_at_any_time(polite: MakeTold) -> None:
    rule = a_notebook_rule(warn=6 * HOUR)
    scenario = polite(a_notebook("nb", tags=TOM), rule=rule)

    sweep_at(scenario, "Mon 17:30")  # 03:30 in New York; it closes at 18:00

    assert len(scenario.messages("tom")) == 1


def test_a_warning_that_nothing_follows_can_wait(polite: MakeTold) -> None:
    scenario = polite(an_endpoint("chat", tags=TOM), rule=an_endpoint_rule(mode=Mode.WARN))

    sweep_at(scenario, "Mon 10:00")

    assert scenario.messages("tom") == []


def test_what_waits_holds_up_nothing_of_the_same_reader_that_cannot(polite: MakeTold) -> None:
    soon = an_endpoint_rule("soon", scope=a_scope("soon", names=("a",)), grace=HOUR)
    later = an_endpoint_rule("later", scope=a_scope("later", names=("b",)), grace=DAY)
    scenario = polite(an_endpoint("a", tags=TOM), an_endpoint("b", tags=TOM), rule=soon)
    scenario.policy = replace(scenario.policy, rules=(soon, later))

    sweep_at(scenario, "Mon 10:00")
    sweep_at(scenario, "Mon 23:30")

    told_of = [sentences(one)[0].split("`")[1] for one in scenario.messages("tom")]
    assert told_of == ["a", "b"]


@pytest.mark.parametrize("lost_at", ["Mon 22:59", "Mon 23:01"])
def test_a_message_whose_answer_was_lost_counts_though_quiet_hours_began_or_ended_since(
    polite: MakeTold, slack: LocalSlack, lost_at: str
) -> None:
    soon = an_endpoint_rule("soon", scope=a_scope("soon", names=("a",)), grace=HOUR)
    later = an_endpoint_rule("later", scope=a_scope("later", names=("b",)), grace=DAY)
    scenario = polite(an_endpoint("a", tags=TOM), an_endpoint("b", tags=TOM), rule=soon)
    scenario.policy = replace(scenario.policy, rules=(soon, later))
    scenario.at(lost_at)
    scenario.run()
    scenario.messenger.reader("tom@example.com")
    slack.fail(1.0, kinds=[Fault.LOST])
    scenario.deliver()
    slack.fail(0.0)

    scenario.at("Mon 23:05" if lost_at == "Mon 22:59" else "Tue 09:00")
    scenario.arrive()

    told_of = sorted(
        text.split("`")[1] for one in scenario.messages("tom") for text in sentences(one)
    )
    assert told_of == ["a", "b"]
    assert states(scenario) == [CaseState.WARNED] * 2


def test_one_that_was_snoozed_and_wakes_at_night_waits_for_the_morning(polite: MakeTold) -> None:
    scenario = polite(an_endpoint("chat", tags=TOM))
    sweep_at(scenario, "Mon 23:30")
    [case] = scenario.ledger.live_cases(ACCOUNT, REGION)
    now = scenario.clock.now()
    scenario.ledger.save(case.snoozed(now + HOUR * 10, "tom", now))

    sweep_at(scenario, "Tue 10:00")  # 20:00 in New York
    at_night = (states(scenario), len(scenario.messages("tom")))
    sweep_at(scenario, "Tue 23:30")

    assert at_night == ([CaseState.SNOOZED], 1)
    assert (states(scenario), len(scenario.messages("tom"))) == ([CaseState.WARNED], 2)
