"""Inference components: models on the shared instances of an endpoint, each in copies."""

from dataclasses import dataclass

from sagewarden.domain.resources import Snapshot, Status, Variant


class ComponentStatus(Status):
    """The states of an inference component (botocore 1.44, InferenceComponentStatus)."""

    IN_SERVICE = "InService"
    CREATING = "Creating"
    UPDATING = "Updating"
    FAILED = "Failed"
    DELETING = "Deleting"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component(Snapshot):
    """An inference component as it was at one moment.

    Its tags are its own, over those of its endpoint: what protects the one protects the other.

    Attributes:
        endpoint: The name of its endpoint.
        endpoint_status: The state of that.
        copies: How many copies of it are wanted now; None when not known.
        variant: The variant whose instances it runs on; None when not known.
        alone: Whether no other component runs on that variant.
    """

    endpoint: str
    endpoint_status: str
    copies: int | None
    variant: Variant | None
    alone: bool

    @property
    def runs_on(self) -> tuple[str, ...] | None:
        """The instance types that it may run on; None when they are not known."""
        return self.variant.instance_types or None if self.variant else None
