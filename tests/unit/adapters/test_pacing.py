"""How calls are paced, tried by simulated threads against a simulated service; nobody waits."""

import heapq
from dataclasses import dataclass, field
from itertools import count

import pytest

from benchmarks.token_bucket import TokenBucket
from sagewarden.adapters.pacing import LEAST, Pace

THREADS = 16
ROUND_TRIP = 0.05


@dataclass
class Trial:
    """What became of a number of calls, made by several threads one after the other.

    Attributes:
        bucket: What throttles them.
        pace: What paces them.
        ended: When the last one succeeded.
        throttled: How many attempts were throttled.
        most_attempts: The most that one call needed.
    """

    bucket: TokenBucket
    pace: Pace = field(default_factory=Pace)
    ended: float = 0.0
    throttled: int = 0
    most_attempts: int = 0

    def run(self, calls: int, begins: float = 0.0) -> None:
        order, events = count(), list[tuple[float, int, str, int, float]]()

        def later(at: float, what: str, attempts: int, sent: float = 0.0) -> None:
            heapq.heappush(events, (at, next(order), what, attempts, sent))

        for _ in range(min(THREADS, calls)):
            later(begins, "wants", 1)
        left = calls - min(THREADS, calls)
        while events:
            now, _, what, attempts, sent = heapq.heappop(events)
            if what == "wants":
                later(now + self.pace.reserve(now), "sends", attempts)
            elif what == "sends":
                later(now + ROUND_TRIP / 2, "arrives", attempts, now)
            elif what == "arrives":
                answer = "succeeds" if self.bucket.take(now) else "fails"
                later(now + ROUND_TRIP / 2, answer, attempts, sent)
            elif what == "fails":
                self.throttled += 1
                self.pace.throttled(sent, now)
                later(now, "wants", attempts + 1)
            else:
                self.pace.succeeded(now)
                self.ended = now
                self.most_attempts = max(self.most_attempts, attempts)
                if left:
                    left -= 1
                    later(now, "wants", 1)


@pytest.mark.parametrize("rate", [2.0, 5.0, 10.0, 50.0, 100.0])
@pytest.mark.parametrize("calls", [100, 1000])
def test_what_aws_allows_is_used_to_nine_tenths_and_more(calls: int, rate: float) -> None:
    trial = Trial(TokenBucket(rate, rate, 0.0))

    trial.run(calls)

    permitted = max((calls - rate) / rate, 1.0)
    assert trial.ended <= 1.1 * permitted
    assert trial.most_attempts < 20


def test_few_calls_are_in_vain() -> None:
    trial = Trial(TokenBucket(10, 10, 0.0))

    trial.run(1000)

    assert trial.throttled < 300


def test_calls_that_nobody_throttles_are_not_spaced() -> None:
    trial = Trial(TokenBucket(1000, 1000, 0.0))

    trial.run(1000)

    assert trial.pace.rate is None
    assert trial.ended == pytest.approx(1000 / THREADS * ROUND_TRIP, rel=0.02)


def test_when_aws_allows_less_or_more_the_pace_follows() -> None:
    trial = Trial(TokenBucket(50, 50, 0.0))
    trial.run(500)

    trial.bucket = TokenBucket(5, 5, trial.ended)
    slow_from = trial.ended
    trial.run(200, begins=slow_from)
    slow = trial.ended - slow_from
    trial.bucket = TokenBucket(50, 50, trial.ended)
    fast_from = trial.ended
    trial.run(1000, begins=fast_from)

    assert slow <= 1.1 * (200 - 5) / 5
    assert trial.ended - fast_from <= 1.4 * (1000 - 50) / 50


def test_a_call_is_made_at_least_every_second_however_often_it_is_throttled() -> None:
    pace = Pace()

    for second in range(100):
        sent = second + pace.reserve(second)
        pace.throttled(sent, sent + ROUND_TRIP)

    assert pace.rate == LEAST
    assert pace.reserve(1000) == 0


def test_what_was_sent_before_the_pace_slowed_down_says_nothing_about_it() -> None:
    pace = Pace()
    for number in range(20):
        pace.reserve(number / 10)
        pace.succeeded(number / 10 + ROUND_TRIP)
    pace.throttled(1.9, 2.0)
    once = pace.rate

    for _ in range(15):
        pace.throttled(1.95, 2.01)

    assert pace.rate == once
