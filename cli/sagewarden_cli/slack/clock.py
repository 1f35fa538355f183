"""The time that the local Slack lives by: whatever clock it was given."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; the sandbox's clock is one, and so is the machine's."""

    def now(self) -> datetime:
        """Return the present moment, aware."""
        ...


class Timestamps:
    """Gives each message its ``ts``: the clock's seconds, and a count that makes it unique."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """Return a timestamp later than every one before, also while the clock stands still."""
        micros = int(self._clock.now().timestamp()) * 1_000_000
        self._last = max(micros, self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06}"
