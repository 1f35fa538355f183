"""Failures on demand: a share of the calls, all of them, or one method."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong with a call."""

    INTERNAL = "internal"
    """HTTP 500; nothing was done."""
    UNAVAILABLE = "unavailable"
    """HTTP 503; nothing was done."""
    DROPPED = "dropped"
    """The connection ends without an answer; nothing was done."""
    LOST = "lost"
    """The connection ends without an answer, but what was asked for has been done."""


USUAL = (Fault.INTERNAL, Fault.UNAVAILABLE, Fault.DROPPED)
"""What happens unless told otherwise: failures after which a repeat makes no second message."""


@dataclass(slots=True)
class _Refusals:
    error: str
    left: int


@dataclass(slots=True)
class Faults:
    """Decides which call fails; the same seed decides the same."""

    share: float = 0.0
    kinds: Sequence[Fault] = USUAL
    is_down: bool = False
    _random: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - a choice of faults
    _refusals: dict[str, _Refusals] = field(default_factory=dict)

    def fail(self, share: float, seed: int, kinds: Sequence[Fault]) -> None:
        """Let a share of the calls fail from now on.

        Raises:
            ValueError: The share is no share, or no kind is given.
        """
        if not 0 <= share <= 1 or not kinds:
            raise ValueError(f"a share from 0 to 1 and a kind of fault are needed, not {share}")
        self.share, self.kinds = share, tuple(kinds)
        self._random = random.Random(seed)  # noqa: S311 - as above

    def refuse(self, method: str, error: str, times: int) -> None:
        """Answer the next calls of a method with an error of Slack's."""
        self._refusals[method] = _Refusals(error, times)

    def of_call(self) -> Fault | None:
        """Say whether and how the present call fails."""
        if self.is_down:
            return Fault.UNAVAILABLE
        if self.share and self._random.random() < self.share:
            return self._random.choice(list(self.kinds))
        return None

    def refusal_of(self, method: str) -> str | None:
        """Say with which error the present call of a method is refused."""
        refusals = self._refusals.get(method)
        if refusals is None or refusals.left == 0:
            return None
        refusals.left -= 1
        return refusals.error
