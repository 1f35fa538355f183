"""How fast calls of one kind may be made, learned from what AWS throttles.

AWS publishes no rates for SageMaker's APIs, and they differ by account. So calls are unbounded
until one is throttled. From then on they are spaced: as fast as calls lately succeeded, a little
faster as long as they do, a little slower whenever one more is throttled. So nearly all that AWS
allows is used, whatever it is: tests/unit/adapters/test_pacing.py simulates it.
"""

from collections import deque
from typing import Final

SLOWER: Final = 0.95
"""By how much calls slow down when one is throttled."""

HALF: Final = 0.5
"""By how much at most, when far fewer succeed than are sent."""

FASTER: Final = 1.012
"""By how much they speed up with each that succeeds: one in five that is throttled undoes it."""

RECOVERY: Final = 1.3
"""By how much they speed up per second once none was throttled for QUIET seconds."""

QUIET: Final = 1.0
LOOK_BACK: Final = 2.0
"""Over how many seconds successes are counted."""

LEAST: Final = 1.0
MOST: Final = 1000.0
"""Calls per second between which the pace stays."""


class Pace:
    """The pace of calls. Moments are seconds of any clock that only moves forward.

    Attributes:
        rate: Calls per second; None as long as nothing was throttled.
    """

    def __init__(self) -> None:
        self.rate: float | None = None
        self._begun: float | None = None
        self._next = 0.0
        self._succeeded: deque[float] = deque()
        self._slowed_at = 0.0
        self._changed_at = 0.0

    def reserve(self, now: float) -> float:
        """Take the next turn.

        Returns:
            How many seconds to wait before the call is sent.
        """
        if self._begun is None:
            self._begun = now
        if self.rate is None:
            return 0.0
        turn = max(self._next, now)
        self._next = turn + 1 / self.rate
        return turn - now

    def succeeded(self, now: float) -> None:
        """A call was let through, whatever became of it."""
        self._succeeded.append(now)
        self._forget(now)
        if self.rate is None:
            return
        if now - self._slowed_at > QUIET:
            faster = RECOVERY ** min(1.0, now - self._changed_at)
        else:
            faster = FASTER
        self.rate = min(MOST, self.rate * faster)
        self._changed_at = now

    def throttled(self, sent: float, now: float) -> None:
        """A call was throttled.

        Args:
            sent: When it was sent. What was sent before the pace last slowed down tells nothing
                about the new pace.
            now: When the answer came.
        """
        if self.rate is not None and sent < self._slowed_at:
            return
        self._slowed_at = self._changed_at = now
        measured = self._measured(now)
        if self.rate is None:
            self.rate = max(LEAST, measured)
            return
        slower = self.rate * SLOWER
        if measured < slower * 2 / 3:
            slower = max(self.rate * HALF, measured)
        self.rate = max(LEAST, slower)

    def _measured(self, now: float) -> float:
        """How many calls a second succeeded lately."""
        self._forget(now)
        since = now if self._begun is None else self._begun
        return len(self._succeeded) / min(LOOK_BACK, max(now - since, LOOK_BACK / 10))

    def _forget(self, now: float) -> None:
        while self._succeeded and self._succeeded[0] < now - LOOK_BACK:
            self._succeeded.popleft()
