"""What SageMaker's resources have in common: a name, tags, and perhaps a status that changes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.transitions import Transition


@dataclass(slots=True, kw_only=True)
class Resource:
    """What every SageMaker resource has.

    Attributes:
        details: The members of the create call that its describe call gives back.
        was_tagged: Whether it ever had a tag: the tagging API knows only such resources.
    """

    kind: ClassVar[str]

    name: str
    arn: str
    created_at: datetime
    modified_at: datetime
    details: Json = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    was_tagged: bool = False

    @property
    def key(self) -> str:
        """What it is kept under among those of its kind."""
        return self.name

    @property
    def is_gone(self) -> bool:
        """Whether it is only to be seen still: nothing can be done to it, nor to its tags."""
        return False

    def tag(self, tags: dict[str, str]) -> None:
        """Add tags, over those of the same key."""
        self.tags.update(tags)
        self.was_tagged = self.was_tagged or bool(tags)


@dataclass(slots=True, kw_only=True)
class StatefulResource(Resource):
    """A resource with a status and at most one change of it under way."""

    status: str
    failure_reason: str | None = None
    transition: Transition | None = None

    def enter(self, status: str, at: datetime) -> None:
        """Take on a status at a moment; a change that was under way is off."""
        self.await_change(None)
        self.status = status
        self.modified_at = at
        self.failure_reason = None
        self.entered(at)

    def entered(self, at: datetime) -> None:
        """Do what else goes with the status just taken on: nothing, unless a kind says so."""

    def await_change(self, transition: Transition | None) -> None:
        """Have this change under way, and no other."""
        if self.transition is not None:
            self.transition.is_cancelled = True
        self.transition = transition
