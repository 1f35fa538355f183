"""Actions are values: what to do to which resource, and under which condition it is still right."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sagewarden.domain.resources import (
    RUN_ONCE,
    Endpoint,
    Resource,
    ResourceKind,
    ResourceRef,
    Snapshot,
    StudioApp,
    TrainingJob,
)


class ActionKind(StrEnum):
    """What can be done, in the policy's words."""

    STOP = "stop"
    START = "start"
    DELETE = "delete"
    SCALE_TO_ZERO = "scale-to-zero"
    RELEASE_PROVISIONED_CONCURRENCY = "release-provisioned-concurrency"
    SET_PROVISIONED_CONCURRENCY = "set-provisioned-concurrency"
    SET_CAPACITY = "set-capacity"
    """How many instances or copies an endpoint may have is set, and what changes that."""
    TAG_OWNER = "tag-owner"
    NOTIFY = "notify"
    """Its owner is told, and nothing else happens."""
    RESTORE = "restore"
    """What was done to it is undone: by a person, never by a rule."""

    @property
    def undoable(self) -> bool:
        """Whether what it did can be undone by a restore."""
        return self in _UNDOABLE

    @property
    def stops(self) -> bool:
        """Whether what it was done to does not run any more, and may be started again."""
        return self in {ActionKind.STOP, ActionKind.SCALE_TO_ZERO}

    @property
    def undoes(self) -> bool:
        """Whether it takes back what was done before."""
        return self in {ActionKind.START, ActionKind.RESTORE}

    @property
    def changes_what_runs(self) -> bool:
        """Whether what it is done to runs otherwise afterwards; a tag or a word changes nothing."""
        return self not in {ActionKind.TAG_OWNER, ActionKind.NOTIFY}


_UNDOABLE = {
    ActionKind.STOP,
    ActionKind.DELETE,
    ActionKind.SCALE_TO_ZERO,
    ActionKind.RELEASE_PROVISIONED_CONCURRENCY,
}

_TAKEN_BACK = {
    ActionKind.STOP,
    ActionKind.START,
    ActionKind.SET_PROVISIONED_CONCURRENCY,
    ActionKind.SET_CAPACITY,
    ActionKind.TAG_OWNER,
    ActionKind.NOTIFY,
    ActionKind.RESTORE,
}


@dataclass(frozen=True, slots=True)
class Precondition:
    """The state in which an action was judged right; in any other state it is stale.

    Attributes:
        status: The resource's status.
        created: Its creation time: a resource made anew under the same name is another one.
        modified: Its last modification: a human restart or an update changes it.
        config_name: An endpoint's config, where it was read.
        setup: What else it was set to, where that matters, in words.
    """

    status: str
    created: datetime
    modified: datetime
    config_name: str | None = None
    setup: str | None = None

    @classmethod
    def of(cls, resource: Resource) -> "Precondition":
        """The state a resource is in now.

        A training job is never started again; its time of modification only tells its phases. A
        Studio app has none.
        """
        details = resource.details if isinstance(resource, Endpoint) else None
        return cls(
            status=resource.status.value,
            created=resource.created,
            modified=resource.created
            if isinstance(resource, TrainingJob | StudioApp)
            else resource.modified,
            config_name=details.config_name if details else None,
            setup=resource.setup if isinstance(resource, Snapshot) else None,
        )

    def broken_by(self, now: "Precondition") -> str | None:
        """Say what differs in the resource's present state, or None when it still holds."""
        if now.created != self.created:
            return f"it was created anew at {now.created.isoformat()}"
        if now.status != self.status:
            return f"it is {now.status} now, no longer {self.status}"
        if now.config_name != self.config_name:
            return f"it runs endpoint config {now.config_name} now, not {self.config_name}"
        if now.setup != self.setup:
            return f"it has {now.setup} now, no longer {self.setup}"
        if now.modified != self.modified:
            return f"it was modified at {now.modified.isoformat()}, after the plan was made"
        return None


_ENDS = {ActionKind.STOP, ActionKind.DELETE}

_ENDED = {"stopping", "stopped", "deleting", "deleted"}
"""How AWS calls what is stopped or deleted, whatever the case of its letters."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do to one resource, while its precondition holds.

    Attributes:
        kind: What to do.
        ref: To which resource.
        precondition: While what holds.
        tag: The key and the value to write, where it writes a tag.
        sizes: The minimum and the number of nodes to set, where it sets any; None for a number
            that somebody else sets.
    """

    kind: ActionKind
    ref: ResourceRef
    precondition: Precondition
    tag: tuple[str, str] | None = None
    sizes: tuple[int, int | None] | None = None

    def stale_because(self, resource: Resource) -> str | None:
        """Say why a resource's present state makes it stale, or None.

        What changes nothing that runs is right in any state of the same resource.
        """
        now = Precondition.of(resource)
        if not self.kind.changes_what_runs:
            now = replace(self.precondition, created=now.created)
        return self.precondition.broken_by(now)

    def seems_done(self, resource: Resource | None) -> bool:
        """Whether a resource, None when it is gone, is as this action leaves it.

        For an action that was under way a moment ago, of which nobody heard how it ended.
        """
        if resource is None:
            return self.kind in _ENDS
        if self.kind in _ENDS:
            return Precondition.of(resource).status.casefold() in _ENDED
        return self.kind.changes_what_runs and self.stale_because(resource) is not None

    @property
    def destructive(self) -> bool:
        """Whether a start, a stop, other bounds or another tag cannot simply take it back.

        A job cannot be started again: what it had not saved is lost with a stop.
        """
        return self.kind not in _TAKEN_BACK or (
            self.kind is ActionKind.STOP and self.ref.kind in RUN_ONCE
        )

    @property
    def needs_manifest(self) -> bool:
        """Whether what is needed to bring the resource back is stored before.

        A notebook instance is started as it was; a Studio app is stopped by deleting it.
        """
        return self.destructive or (
            self.kind is ActionKind.STOP and self.ref.kind != ResourceKind.NOTEBOOK_INSTANCE
        )
