"""What is said in the thread of a message, since its change notifies nobody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from sagewarden.adapters.board_memory import MemoryBoard
from sagewarden_cli.slack import LocalSlack
from sagewarden_cli.slack.faults import Fault
from tests.integration.messages.conftest import Told
from tests.integration.messages.test_delivery import MINA, TOM, idle, sentences
from tests.support.builders import an_endpoint

type MakeTold = Callable[..., Told]


@pytest.fixture
def warned(told: MakeTold) -> Told:
    """Tom was warned on Monday at ten that two endpoints of his will be deleted."""
    scenario = idle(told, an_endpoint("a", tags=TOM), an_endpoint("b", tags=TOM))
    scenario.run()
    scenario.arrive()
    return scenario


def test_a_reminder_is_said_in_the_thread_to_whom_it_is_for(
    warned: Told, slack: LocalSlack
) -> None:
    warned.at("Tue 08:30")
    warned.run()
    warned.arrive()

    [reply] = warned.replies("tom")
    first, second = reply.split("\n")
    assert first.startswith(f"<@{slack.user('tom').id}> Reminder: `a` will be *deleted* <!date^")
    assert second.startswith("Reminder: `b` will be *deleted* <!date^")


def test_what_was_done_is_said_once_for_all_of_a_message(warned: Told) -> None:
    warned.at("Tue 10:30")
    warned.run()
    warned.arrive()

    [reply] = warned.replies("tom")
    assert [line.partition("<!date")[0] for line in reply.split("\n")] == [
        f"<@{warned.slack.user('tom').id}> `a` was *deleted* ",
        "`b` was *deleted* ",
    ]
    assert len(warned.messages("tom")[0].history) == 1


def test_what_was_called_off_is_said_of_nothing_else(warned: Told) -> None:
    warned.telemetry.calls("a", (1.0,) * 48)
    warned.after(timedelta(hours=1))
    warned.run()
    warned.arrive()

    [reply] = warned.replies("tom")
    assert reply.endswith("`a`: nothing will happen, the reason is gone")


def test_that_it_was_given_up_is_said(warned: Told) -> None:
    warned.at("Tue 10:30")
    warned.executor.failing = {"a", "b"}
    for _ in range(5):
        warned.run()
        warned.after(timedelta(hours=1))
    warned.arrive()

    said = warned.replies("tom")[-1].partition("> ")[2]
    assert said == "`a`: it could not be done\n`b`: it could not be done"


def test_a_korean_owner_is_told_in_korean(told: MakeTold) -> None:
    scenario = idle(told, an_endpoint("chat", tags=MINA))
    scenario.run()
    scenario.arrive()

    scenario.at("Tue 08:30")
    scenario.run()
    scenario.arrive()

    [reply] = scenario.replies("mina")
    assert "다시 알림: *삭제 예정* `chat` · <!date^" in reply


def test_in_a_channel_nobody_is_mentioned(told: MakeTold) -> None:
    scenario = idle(told, an_endpoint("lost"))
    scenario.run()
    scenario.arrive()

    scenario.at("Tue 10:30")
    scenario.run()
    scenario.arrive()

    [reply] = scenario.replies("#ml-costs")
    assert reply.startswith("`lost` was *deleted*")


def test_what_a_message_came_with_is_not_said_again_in_its_thread(warned: Told) -> None:
    warned.at("Tue 10:30")
    warned.run()
    warned.post = replace(warned.post, board=MemoryBoard())  # nobody knows of the warning
    line = warned.room.lines["tom@example.com"]
    line.append(line[0])

    warned.arrive()

    assert [len(sentences(one)) for one in warned.messages("tom")] == [2, 2]
    assert warned.replies("tom") == []


def test_a_parcel_that_comes_twice_says_it_once(warned: Told) -> None:
    warned.at("Tue 10:30")
    warned.run()
    line = warned.room.lines["tom@example.com"]
    line.append(line[0])

    warned.arrive()

    assert len(warned.replies("tom")) == 1
    assert len(warned.messages("tom")[0].history) == 1


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_lost_it_is_said_once(warned: Told, slack: LocalSlack, seed: int) -> None:
    warned.at("Tue 10:30")
    warned.run()
    slack.fail(0.6, seed=seed, kinds=[Fault.LOST, Fault.INTERNAL])

    warned.arrive()

    assert len(warned.replies("tom")) == 1
    assert "was *deleted*" in sentences(warned.messages("tom")[0])[0]


def test_where_threads_cannot_be_read_it_is_better_told_twice_than_never(
    warned: Told, slack: LocalSlack
) -> None:
    warned.at("Tue 10:30")
    warned.run()
    slack.refuse("chat.postMessage", "internal_error")
    warned.deliver()
    slack.refuse("conversations.replies", "not_allowed_token_type")

    warned.arrive()

    assert len(warned.replies("tom")) == 1
