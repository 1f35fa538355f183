"""How long AWS takes to answer, in real time: nothing, until somebody asks for more."""

import time
from collections.abc import Callable
from datetime import timedelta


class Latency:
    """Lets each API call wait for as long as a network and a busy service would.

    It is no part of the sandbox's own time: the clock does not move for it.

    Args:
        sleep: What waits for a number of seconds.
    """

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._length = timedelta(0)

    @property
    def length(self) -> timedelta:
        """How long each call waits."""
        return self._length

    def set(self, length: timedelta) -> None:
        """Let each call wait from now on.

        Raises:
            ValueError: ``length`` is negative.
        """
        if length < timedelta(0):
            raise ValueError(f"an answer cannot take {length}: give a duration of 0 or more")
        self._length = length

    def wait(self) -> None:
        """Wait for as long as one call takes, in the caller's thread only."""
        if self._length:
            self._sleep(self._length / timedelta(seconds=1))
