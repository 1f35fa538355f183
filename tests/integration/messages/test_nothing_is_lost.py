"""What a stateful test found: warnings that were swallowed, news that were lost, cards mixed up."""

from collections.abc import Callable
from datetime import date, timedelta

from sagewarden.adapters.queued_notices import QueuedNotices
from sagewarden.application.answers import Answer, exempt
from sagewarden.application.sweep import sweep
from sagewarden.domain.audit import Happening
from sagewarden.domain.cases import CaseState
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.scope import Mode
from sagewarden_cli.slack import LocalSlack
from tests.integration.messages.conftest import Told
from tests.integration.messages.test_delivery import DAY, TOM, MakeTold, buttons, idle, sentences
from tests.support.builders import (
    ACCOUNT,
    REGION,
    ZEROS,
    a_policy,
    an_endpoint,
    an_endpoint_rule,
)

HOUR = timedelta(hours=1)
IN_USE = (*ZEROS[1:], 1.0)


def dies_before_the_flush(scenario: Told) -> None:
    """Let a run end, as one that runs out of time, before its notices are queued."""
    notices = QueuedNotices(scenario.room.put, scenario.ledger, scenario.clock)
    sweep(scenario.policy, REGION, scenario.hands, notices, ACCOUNT)


def swept(scenario: Told, wait: timedelta, *, run: Callable[[Told], None] | None = None) -> None:
    """Wait, let a run happen, and what it says arrive."""
    scenario.after(wait)
    if run is None:
        scenario.run()
    else:
        run(scenario)
    scenario.arrive()


def test_a_violation_that_comes_back_is_warned_of_again(told: MakeTold) -> None:
    scenario = idle(told, an_endpoint("chat", tags=TOM))
    swept(scenario, timedelta(0))
    scenario.telemetry.calls("chat", IN_USE)
    swept(scenario, HOUR)
    called_off = sentences(scenario.messages("tom")[-1])

    scenario.telemetry.calls("chat", ZEROS)
    swept(scenario, HOUR)
    swept(scenario, DAY + HOUR)

    assert called_off == ["`chat`: nothing will happen, the reason is gone"]
    assert len(scenario.messages("tom")) == 2
    assert "was *deleted*" in sentences(scenario.messages("tom")[-1])[0]


def test_a_run_that_dies_before_its_news_are_queued_leaves_them_to_the_next_one(
    told: MakeTold,
) -> None:
    scenario = idle(told, an_endpoint("chat", tags=TOM))
    swept(scenario, timedelta(0))

    swept(scenario, DAY + HOUR, run=dies_before_the_flush)
    silent = sentences(scenario.messages("tom")[-1])
    swept(scenario, HOUR)

    assert scenario.inventory.names == set()
    assert "will be *deleted*" in silent[0]
    assert "was *deleted*" in sentences(scenario.messages("tom")[-1])[0]
    assert buttons(scenario.messages("tom")[-1]) == [["restore", "explain"]]
    assert len(scenario.replies("tom")) == 1


def test_the_same_holds_where_the_reason_is_gone(told: MakeTold) -> None:
    scenario = idle(told, an_endpoint("chat", tags=TOM))
    swept(scenario, timedelta(0))
    scenario.telemetry.calls("chat", IN_USE)

    swept(scenario, HOUR, run=dies_before_the_flush)
    swept(scenario, HOUR)

    [case] = scenario.ledger.ended_cases(ACCOUNT, REGION, scenario.clock.now() - DAY)
    assert case.state is CaseState.RESOLVED
    assert "nothing will happen" in sentences(scenario.messages("tom")[-1])[0]
    assert len(scenario.replies("tom")) == 1


def test_a_lost_answer_is_found_though_one_of_its_cards_is_no_news_any_more(
    told: MakeTold,
) -> None:
    scenario = idle(told, an_endpoint("chat", tags=TOM), an_endpoint("rank", tags=TOM))
    scenario.run()
    scenario.lose_answers("tom@example.com")
    chat, rank = sorted(scenario.ledger.live_cases(ACCOUNT, REGION), key=lambda case: case.ref.name)
    now = scenario.clock.now()
    exempt(chat.case_id, date(2027, 1, 1), "a launch", Answer("ops", now), scenario.ledger)

    scenario.arrive()

    [message] = scenario.messages("tom")
    hanging = scenario.board.shown(rank.case_id)
    warned = scenario.ledger.case(rank.case_id)
    assert warned is not None
    assert warned.state is CaseState.WARNED
    assert hanging is not None
    assert f"`{rank.ref.name}`" in sentences(message)[hanging.place]


def test_a_lost_answer_is_found_though_hundreds_were_told_in_its_channel_since(
    told: MakeTold,
) -> None:
    scenario = idle(told, an_endpoint("lost"))  # nobody's: the fallback channel hears of it
    scenario.run()
    with scenario.slack_loses_answers():
        scenario.deliver()
    for number in range(250):
        scenario.after(timedelta(seconds=2))
        scenario.say("#ml-costs", f"something else, {number}")

    scenario.arrive()

    posted = [message for message in scenario.messages("#ml-costs") if message.blocks]
    [case] = scenario.ledger.live_cases(ACCOUNT, REGION)
    assert [sentences(message)[0].split("`")[1] for message in posted] == ["lost"]
    assert case.state is CaseState.WARNED


def test_who_heard_that_nothing_follows_hears_what_does_in_a_message_of_its_own(
    told: MakeTold, slack: LocalSlack
) -> None:
    scenario = idle(told, an_endpoint("chat", tags=TOM))
    scenario.policy = a_policy(an_endpoint_rule(mode=Mode.WARN, grace=DAY))
    slack.down()
    scenario.run()
    scenario.policy = a_policy(an_endpoint_rule(grace=DAY))
    scenario.after(HOUR)
    scenario.run()
    slack.up()
    scenario.lose_answers("tom@example.com")

    scenario.arrive()

    first, second = scenario.messages("tom")
    [case] = scenario.ledger.live_cases(ACCOUNT, REGION)
    trail = [entry.what for entry in scenario.ledger.trail(case.ref.arn)]
    assert "the rule only warns" in sentences(first)[0]
    assert "will be *deleted*" in sentences(second)[0]
    assert trail.count(Happening.WARNED) == 2
    assert case.due_at is not None


def test_a_reminder_that_comes_late_does_not_say_that_what_is_exempt_will_be_deleted(
    told: MakeTold, slack: LocalSlack
) -> None:
    scenario = idle(told, an_endpoint("chat", tags=TOM))
    swept(scenario, timedelta(0))
    slack.down()
    scenario.after(DAY - 2 * HOUR)
    scenario.run()  # the reminder is queued
    [case] = scenario.ledger.live_cases(ACCOUNT, REGION)
    now = scenario.clock.now()
    exempt(case.case_id, date(2027, 1, 1), "a launch", Answer("ops", now), scenario.ledger)
    slack.up()

    scenario.arrive()

    assert scenario.room.waiting == 0
    assert scenario.replies("tom") == []


def test_who_is_told_that_a_case_is_exempt_is_warned_anew_before_anything_happens(
    told: MakeTold,
) -> None:
    """The run that said so died before it ended the case, and the exemption was lifted since."""
    scenario = idle(told, an_endpoint("chat", tags=TOM))
    swept(scenario, timedelta(0))
    arn = scenario.inventory.named("chat").ref.arn
    launch = Exemption(arn, date(2099, 1, 31), "a launch", "ops", scenario.clock.now())
    scenario.ledger.exempt(launch)
    scenario.after(DAY + HOUR)
    notices = QueuedNotices(scenario.room.put, scenario.ledger, scenario.clock)
    sweep(scenario.policy, REGION, scenario.hands, notices, ACCOUNT)
    notices._settles.clear()
    notices.flush()
    scenario.ledger.lift(launch, "ops", scenario.clock.now())
    scenario.arrive()
    last_heard = sentences(scenario.messages("tom")[-1])

    swept(scenario, HOUR)
    warned_anew = sentences(scenario.messages("tom")[-1])

    assert "will be left alone" in last_heard[0] or "exempt" in last_heard[0]
    assert scenario.inventory.names == {"chat"}, "nothing was done without a new warning"
    assert "will be *deleted*" in warned_anew[0]


def test_what_is_told_to_be_over_is_over_where_the_run_that_found_so_died(told: MakeTold) -> None:
    scenario = idle(told, an_endpoint("chat", tags=TOM))
    swept(scenario, timedelta(0))
    scenario.telemetry.calls("chat", IN_USE)
    scenario.after(HOUR)
    notices = QueuedNotices(scenario.room.put, scenario.ledger, scenario.clock)
    sweep(scenario.policy, REGION, scenario.hands, notices, ACCOUNT)
    notices._settles.clear()
    notices.flush()

    scenario.arrive()

    arn = scenario.inventory.named("chat").ref.arn
    assert scenario.ledger.live_cases(ACCOUNT, REGION) == ()
    assert [entry.what for entry in scenario.ledger.trail(arn)][-1] is Happening.RESOLVED
