"""A ledger whose process ends before one of its next writes, as a Lambda function may."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sagewarden.adapters.ledger_memory import MemoryLedger

WRITES = frozenset(
    {"halt", "resume", "claim", "release", "record", "keep", "save", "exempt", "lift", "note"}
)


class PowerCut(BaseException):
    """The process is gone: nothing of ours catches this."""


class CuttableLedger(MemoryLedger):
    """The ledger in memory, with a switch.

    Attributes:
        writes_left: How many writes succeed before the power is cut; None for no cut.
        cuts: How often it was cut.
        meanwhile: Happens once, when a run asks for the last time before it acts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.writes_left: int | None = None
        self.cuts = 0
        self.meanwhile: Callable[[], None] | None = None

    def resumed_at(self) -> datetime | None:
        """When a halt was last lifted, if ever."""
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            meanwhile()
        return super().resumed_at()

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        return self._counted(found) if name in WRITES else found

    def _counted(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            if self.writes_left is not None:
                if self.writes_left == 0:
                    self.writes_left = None
                    self.cuts += 1
                    raise PowerCut
                self.writes_left -= 1
            return write(*arguments)

        return counted
