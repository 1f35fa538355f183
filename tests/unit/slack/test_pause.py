from datetime import timedelta

import pytest

from sagewarden.adapters.slack.asking import Pause
from sagewarden.application.messaging import NotNowError
from tests.support.builders import NOW
from tests.support.fakes import HandClock

MINUTE = timedelta(minutes=1)


def refused(pause: Pause, after: timedelta | None) -> timedelta | None:
    """Be refused by Slack; how long it asks to wait."""
    with pytest.raises(NotNowError) as refusal, pause.kept("it"):
        raise NotNowError("it: rate limited", after)
    return refusal.value.after


def asked(pause: Pause) -> bool:
    """Whether Slack would be asked."""
    try:
        with pause.kept("it"):
            return True
    except NotNowError:
        return False


def test_nobody_asks_before_slack_answers_again() -> None:
    clock = HandClock(NOW)
    pause = Pause(clock)

    assert refused(pause, MINUTE) == MINUTE
    clock.advance(MINUTE / 2)
    with pytest.raises(NotNowError) as early, pause.kept("it"):
        pytest.fail("it was asked")
    clock.advance(MINUTE / 2)

    assert early.value.after == MINUTE / 2
    assert asked(pause)


def test_what_failed_for_another_reason_keeps_nobody_from_asking() -> None:
    pause = Pause(HandClock(NOW))

    refused(pause, None)

    assert asked(pause)


def test_two_pauses_know_nothing_of_each_other() -> None:
    clock = HandClock(NOW)
    limited, free = Pause(clock), Pause(clock)

    refused(limited, MINUTE)

    assert not asked(limited)
    assert asked(free)
