"""Which module reads and changes a kind of resource; each is imported when it is first needed."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol, cast

from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import Listing
from sagewarden.domain.actions import Action
from sagewarden.domain.resources import Resource, ResourceKind, ResourceRef

MODULES: Mapping[str, str] = {
    ResourceKind.INFERENCE_COMPONENT: "inference_components",
    ResourceKind.NODE_GROUP: "eks_node_groups",
    ResourceKind.PROCESSING_JOB: "jobs.processing",
    ResourceKind.TRANSFORM_JOB: "jobs.transform",
    ResourceKind.TUNING_JOB: "jobs.tuning",
    ResourceKind.AUTO_ML_JOB: "jobs.auto_ml",
    ResourceKind.WARM_POOL: "jobs.warm_pools",
    ResourceKind.MLFLOW_TRACKING_SERVER: "tracking_servers",
    ResourceKind.MONITORING_SCHEDULE: "monitoring_schedules",
    ResourceKind.INFERENCE_RECOMMENDATIONS_JOB: "recommendations_jobs",
    ResourceKind.PROVISIONED_MODEL: "provisioned_models",
    ResourceKind.CLUSTER: "clusters",
    ResourceKind.STUDIO_FILE_SYSTEM: "file_systems",
    ResourceKind.STUDIO_SPACE: "spaces",
}
"""The name of a kind's module in this room."""


class KindAdapter(Protocol):
    """What such a module offers. Every function may be called from several threads."""

    def listed(self, sessions: Sessions, region: str, /) -> Listing[Resource]:
        """Everything of its kind in a region, and what could not be read."""
        ...

    def read(self, sessions: Sessions, ref: ResourceRef, /) -> Resource | None:
        """One resource as it is now, with its own tags; None when it is gone.

        Raises:
            UnreadableError: It could not be read.
        """
        ...

    def act(self, sessions: Sessions, action: Action, /) -> str | None:
        """Carry out an action whose precondition was just checked.

        Returns:
            The command that undoes it, where one can.

        Raises:
            ActionFailedError: It is none that this kind knows.
            botocore.exceptions.ClientError: AWS refused it.
        """
        ...

    def manifest(self, sessions: Sessions, ref: ResourceRef, /) -> dict[str, object]:
        """Describe everything needed to bring a resource back, or to run it anew.

        Raises:
            botocore.exceptions.ClientError: A part of it could not be read.
        """
        ...

    def present(
        self, sessions: Sessions, ref: ResourceRef, content: Mapping[str, Any], /
    ) -> Mapping[str, object]:
        """What exists now of all that a manifest speaks of, in the manifest's form.

        Raises:
            botocore.exceptions.ClientError: A part of it could not be read.
        """
        ...


def is_known(kind: str) -> bool:
    """Whether a kind has a module of its own here."""
    return kind in MODULES


def adapter_of(kind: str) -> KindAdapter:
    """The module of a kind.

    Raises:
        KeyError: It has none.
    """
    return cast("KindAdapter", import_module(f"sagewarden.adapters.{MODULES[kind]}"))
