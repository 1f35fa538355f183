"""What a judge of services needs of the rule that asks it."""

from datetime import timedelta
from typing import Protocol

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.scope import Scope


class Terms(Protocol):
    """A rule, as its judges see it."""

    @property
    def scope(self) -> Scope:
        """Which services it speaks of, and which it spares."""
        ...

    @property
    def idle_for(self) -> timedelta:
        """For how long nobody may have used one."""
        ...

    @property
    def action(self) -> ActionKind:
        """How far it goes: ``stop``, ``delete`` or ``notify``."""
        ...
