"""What a guardrail judges: something that was asked for, or that exists, as far as it is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagewarden.domain.resources import (
    AppStatus,
    Endpoint,
    EndpointStatus,
    NotebookInstance,
    NotebookStatus,
    Resource,
    ResourceKind,
    Snapshot,
    StudioApp,
    StudioResource,
    StudioStatus,
    Tags,
    TrainingJob,
    TrainingJobStatus,
    run_of,
)
from sagewarden.domain.scope import Scope
from sagewarden.domain.studio_settings import IdleShutdown

if TYPE_CHECKING:
    from sagewarden.domain.job_runs import Asked

UNTYPED = frozenset({ResourceKind.MLFLOW_TRACKING_SERVER, ResourceKind.PROVISIONED_MODEL})
"""The kinds of which nobody says on which instances they run, nor how large their volumes are."""

_IDLE_NOTEBOOKS = {NotebookStatus.STOPPED, NotebookStatus.FAILED, NotebookStatus.DELETING}
_IDLE_ENDPOINTS = {EndpointStatus.OUT_OF_SERVICE, EndpointStatus.FAILED, EndpointStatus.DELETING}
_IDLE_STUDIO = {StudioStatus.FAILED, StudioStatus.DELETING}
_IDLE_APPS = {AppStatus.FAILED, AppStatus.DELETED, AppStatus.DELETING}
_RUNNING_JOBS = {TrainingJobStatus.IN_PROGRESS, TrainingJobStatus.STOPPING}


@dataclass(frozen=True, slots=True)
class Subject:
    """One resource, as a call asks for it or as a snapshot shows it.

    None stands for what is not told, an empty value for what is known to be none.

    Attributes:
        kind: For example ``notebook-instance`` or ``endpoint-config``.
        name: Its name.
        arn: Its ARN.
        region: The AWS region.
        tags: Its tags.
        instance_types: The types that it may run on.
        volumes_gb: The sizes of its volumes.
        typed: Whether this kind of resource has instance types at all.
        taggable: Whether this kind of resource takes tags.
        rank: How many older ones of its kind run beside it.
        lifecycle_configs: The names of its lifecycle configurations.
        idle_shutdown: The idle shutdown of each type of Studio app.
        jobs: What a job asks for, itself first, and what those do that it launches.
    """

    kind: str
    name: str | None
    arn: str | None
    region: str
    tags: Tags | None = None
    instance_types: tuple[str, ...] | None = None
    volumes_gb: tuple[int, ...] | None = None
    typed: bool = True
    taggable: bool = True
    rank: int | None = None
    lifecycle_configs: tuple[str, ...] | None = None
    idle_shutdown: tuple[IdleShutdown, ...] | None = None
    jobs: "tuple[Asked, ...] | None" = None


def subject_of(resource: Resource, scope: Scope, peers: Sequence[Resource] | None) -> Subject:
    """What a snapshot shows of a resource.

    Args:
        resource: The snapshot.
        scope: The rule's reach: only what it surely covers is counted.
        peers: Everything of the same kind in the same account and region; None when not known.
    """
    return Subject(
        kind=resource.ref.kind,
        name=resource.ref.name,
        arn=resource.ref.arn,
        region=resource.ref.region,
        tags=resource.tags,
        instance_types=_instance_types(resource),
        volumes_gb=_volumes_gb(resource),
        typed=resource.ref.kind not in UNTYPED,
        rank=None if peers is None else _rank(resource, scope, peers),
        lifecycle_configs=_lifecycle_configs(resource),
        idle_shutdown=_idle_shutdown(resource),
        jobs=_jobs(resource),
    )


def runs(resource: Resource) -> bool:
    """Whether a resource runs, or is on its way to or from running."""
    if isinstance(resource, NotebookInstance):
        return resource.status not in _IDLE_NOTEBOOKS
    if isinstance(resource, TrainingJob):
        return resource.status in _RUNNING_JOBS
    if isinstance(resource, StudioResource):
        return resource.status not in _IDLE_STUDIO
    if isinstance(resource, StudioApp):
        return resource.status not in _IDLE_APPS
    if isinstance(resource, Snapshot):
        return True
    return resource.status not in _IDLE_ENDPOINTS


def _instance_types(resource: Resource) -> tuple[str, ...] | None:
    if isinstance(resource, NotebookInstance | StudioApp):
        return None if resource.instance_type is None else (resource.instance_type,)
    if isinstance(resource, TrainingJob | StudioResource):
        return resource.instance_types
    if isinstance(resource, Snapshot):
        return resource.runs_on
    return _endpoint_types(resource)


def _volumes_gb(resource: Resource) -> tuple[int, ...] | None:
    if isinstance(resource, Snapshot):
        return resource.stores_gb
    return resource.volumes_gb if isinstance(resource, TrainingJob | StudioResource) else None


def _jobs(resource: Resource) -> "tuple[Asked, ...] | None":
    run = run_of(resource)
    return None if run is None else run.asked


def _lifecycle_configs(resource: Resource) -> tuple[str, ...] | None:
    if isinstance(resource, NotebookInstance):
        name = resource.lifecycle_config
        return None if name is None else tuple(filter(None, [name]))
    if isinstance(resource, StudioResource) and resource.settings is not None:
        return resource.settings.lifecycle_configs
    return None


def _idle_shutdown(resource: Resource) -> tuple[IdleShutdown, ...] | None:
    if isinstance(resource, StudioResource) and resource.settings is not None:
        return resource.settings.idle_shutdown
    return None


def _endpoint_types(endpoint: Endpoint) -> tuple[str, ...] | None:
    """The types of all variants; one variant whose types are not known makes them unknown."""
    if endpoint.details is None:
        return None
    variants = [item for item in endpoint.details.variants if item.serverless is None]
    if not all(item.instance_types for item in variants):
        return None
    names = [name for item in variants for name in (*item.instance_types, item.accelerator) if name]
    return tuple(dict.fromkeys(names))


def _rank(resource: Resource, scope: Scope, peers: Sequence[Resource]) -> int:
    place = (resource.created, resource.ref.name)
    return sum(
        runs(peer) and peer.tags is not None and scope.covers(peer)
        for peer in peers
        if (peer.created, peer.ref.name) < place
    )
