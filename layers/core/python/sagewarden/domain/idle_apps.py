"""The idle apps rule: which Studio apps are to be judged by their use; `studio_apps` judges."""

from dataclasses import dataclass
from datetime import timedelta

from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class IdleApps:
    """Stop Studio apps that nobody uses.

    Attributes:
        scope: Which apps.
        window: For how long nobody may have used one.
        warn: How long before a stop its owner is told.
    """

    scope: Scope
    window: timedelta = timedelta(hours=2)
    warn: timedelta = timedelta(minutes=30)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of resource that it speaks of."""
        return (ResourceKind.STUDIO_APP.value,)
