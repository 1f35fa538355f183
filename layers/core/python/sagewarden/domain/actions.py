"""Actions are values: what to do to which resource, and under which condition it is still right."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sagewarden.domain.resources import Endpoint, Resource, ResourceRef


class ActionKind(StrEnum):
    """What can be done, in the policy's words."""

    STOP = "stop"
    START = "start"
    DELETE = "delete"
    SCALE_TO_ZERO = "scale-to-zero"
    RELEASE_PROVISIONED_CONCURRENCY = "release-provisioned-concurrency"
    SET_PROVISIONED_CONCURRENCY = "set-provisioned-concurrency"

    @property
    def destructive(self) -> bool:
        """Whether a start, a stop or other bounds cannot simply take it back."""
        return self not in {
            ActionKind.STOP,
            ActionKind.START,
            ActionKind.SET_PROVISIONED_CONCURRENCY,
        }


@dataclass(frozen=True, slots=True)
class Precondition:
    """The state in which an action was judged right; in any other state it is stale.

    Attributes:
        status: The resource's status.
        created: Its creation time: a resource made anew under the same name is another one.
        modified: Its last modification: a human restart or an update changes it.
        config_name: An endpoint's config, where it was read.
    """

    status: str
    created: datetime
    modified: datetime
    config_name: str | None = None

    @classmethod
    def of(cls, resource: Resource) -> "Precondition":
        """The state a resource is in now."""
        details = resource.details if isinstance(resource, Endpoint) else None
        return cls(
            status=resource.status.value,
            created=resource.created,
            modified=resource.modified,
            config_name=details.config_name if details else None,
        )

    def broken_by(self, now: "Precondition") -> str | None:
        """Say what differs in the resource's present state, or None when it still holds."""
        if now.created != self.created:
            return f"it was created anew at {now.created.isoformat()}"
        if now.status != self.status:
            return f"it is {now.status} now, no longer {self.status}"
        if now.config_name != self.config_name:
            return f"it runs endpoint config {now.config_name} now, not {self.config_name}"
        if now.modified != self.modified:
            return f"it was modified at {now.modified.isoformat()}, after the plan was made"
        return None


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do to one resource, while its precondition holds."""

    kind: ActionKind
    ref: ResourceRef
    precondition: Precondition
