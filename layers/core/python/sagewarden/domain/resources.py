"""Billable AWS things as they were at one moment: immutable snapshots.

What could not be read is None or UNKNOWN, never empty: an empty value is a statement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from sagewarden.domain.studio_settings import StudioSettings

if TYPE_CHECKING:
    from sagewarden.domain.job_runs import Run

type Tags = Mapping[str, str]


class ResourceKind(StrEnum):
    """The kinds of resource that have a snapshot of their own, and so can be acted on."""

    NOTEBOOK_INSTANCE = "notebook-instance"
    ENDPOINT = "endpoint"
    TRAINING_JOB = "training-job"
    STUDIO_DOMAIN = "studio-domain"
    STUDIO_USER_PROFILE = "studio-user-profile"
    STUDIO_APP = "studio-app"
    PROCESSING_JOB = "processing-job"
    TRANSFORM_JOB = "transform-job"
    TUNING_JOB = "hyper-parameter-tuning-job"
    AUTO_ML_JOB = "auto-ml-job"
    WARM_POOL = "warm-pool"
    """The instances that a training job keeps after its end; it bears the job's name and ARN."""
    CLUSTER = "cluster"
    MLFLOW_TRACKING_SERVER = "mlflow-tracking-server"
    MONITORING_SCHEDULE = "monitoring-schedule"
    INFERENCE_RECOMMENDATIONS_JOB = "inference-recommendations-job"
    PROVISIONED_MODEL = "provisioned-model"
    """Provisioned throughput of Amazon Bedrock."""
    INFERENCE_COMPONENT = "inference-component"
    STUDIO_FILE_SYSTEM = "studio-file-system"
    """The file system (Amazon EFS) that a Studio domain keeps its users' homes in."""
    STUDIO_SPACE = "studio-space"
    """A place in a Studio domain in which apps run, with a volume of its own."""
    NODE_GROUP = "node-group"
    """A managed node group of Amazon EKS."""


RUN_ONCE = frozenset(
    {
        ResourceKind.TRAINING_JOB,
        ResourceKind.PROCESSING_JOB,
        ResourceKind.TRANSFORM_JOB,
        ResourceKind.TUNING_JOB,
        ResourceKind.AUTO_ML_JOB,
        ResourceKind.WARM_POOL,
        ResourceKind.INFERENCE_RECOMMENDATIONS_JOB,
    }
)
"""What cannot be started again once it was stopped: somebody runs it anew."""

ALWAYS_SWEPT = frozenset(
    {
        ResourceKind.NOTEBOOK_INSTANCE,
        ResourceKind.ENDPOINT,
        ResourceKind.TRAINING_JOB,
        ResourceKind.STUDIO_DOMAIN,
    }
)
"""The kinds that a guardrail on everything looks at in sweeps; any other it must name.

Of the others there may be thousands, or each costs calls of its own.
"""


@dataclass(frozen=True, slots=True, order=True)
class ResourceRef:
    """What identifies a resource: where it is, what it is, its name and its ARN.

    Its kind is one of `ResourceKind`, or what SageMaker's API calls it: ``endpoint-config``.
    """

    kind: str
    account: str
    region: str
    name: str
    arn: str


class Status(StrEnum):
    """The states of a kind of resource; what a later API calls otherwise is its UNKNOWN."""

    @classmethod
    def _missing_(cls, _value: object) -> Self:
        return cls["UNKNOWN"]


class NotebookStatus(Status):
    """The nine states of a notebook instance (botocore 1.44, NotebookInstanceStatus)."""

    PENDING = "Pending"
    IN_SERVICE = "InService"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    FAILED = "Failed"
    DELETING = "Deleting"
    UPDATING = "Updating"
    PENDING_MAINTENANCE = "PendingMaintenance"
    IN_MAINTENANCE = "InMaintenance"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


class EndpointStatus(Status):
    """The states of an endpoint (botocore 1.44, EndpointStatus)."""

    OUT_OF_SERVICE = "OutOfService"
    CREATING = "Creating"
    UPDATING = "Updating"
    SYSTEM_UPDATING = "SystemUpdating"
    ROLLING_BACK = "RollingBack"
    IN_SERVICE = "InService"
    DELETING = "Deleting"
    FAILED = "Failed"
    UPDATE_ROLLBACK_FAILED = "UpdateRollbackFailed"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


class TrainingJobStatus(Status):
    """The states of a training job (botocore 1.44, TrainingJobStatus)."""

    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    DELETING = "Deleting"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


class StudioStatus(Status):
    """The states of a Studio domain or user profile (botocore 1.44, DomainStatus)."""

    PENDING = "Pending"
    IN_SERVICE = "InService"
    UPDATING = "Updating"
    DELETING = "Deleting"
    FAILED = "Failed"
    UPDATE_FAILED = "Update_Failed"
    DELETE_FAILED = "Delete_Failed"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


class AppStatus(Status):
    """The states of a Studio app (botocore 1.44, AppStatus)."""

    PENDING = "Pending"
    IN_SERVICE = "InService"
    DELETING = "Deleting"
    DELETED = "Deleted"
    FAILED = "Failed"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


@dataclass(frozen=True, slots=True)
class NotebookInstance:
    """A SageMaker notebook instance.

    Attributes:
        ref: What identifies it.
        status: Its state.
        created: When it was created (aware).
        modified: When its state or settings last changed (aware): a start, a stop, maintenance.
        instance_type: For example ``ml.t3.medium``; None when it could not be read.
        tags: Its tags; None when they could not be read.
        lifecycle_config: The name of its lifecycle configuration, empty when it has none; None
            when it could not be read.
    """

    ref: ResourceRef
    status: NotebookStatus
    created: datetime
    modified: datetime
    instance_type: str | None
    tags: Tags | None
    lifecycle_config: str | None = None


@dataclass(frozen=True, slots=True)
class Serverless:
    """The serverless settings of a variant, as they are now.

    Attributes:
        memory_mb: 1024 to 6144.
        max_concurrency: 1 to 200.
        provisioned_concurrency: 0 when none is provisioned: then an idle variant costs nothing.
    """

    memory_mb: int
    max_concurrency: int
    provisioned_concurrency: int


@dataclass(frozen=True, slots=True)
class Variant:
    """A production or shadow variant of an endpoint.

    Attributes:
        name: The variant's name, a dimension of its metrics.
        shadow: Whether it only mirrors traffic. It is billed all the same.
        instance_types: The instance types it may run on, one unless it has instance pools;
            empty when they are not known.
        instance_count: Instances running now; None when unknown or serverless.
        serverless: Its serverless settings, if it is serverless.
        hosts_components: Whether models come to it as inference components
            (a variant without a model of its own).
        managed_minimum: ManagedInstanceScaling.MinInstanceCount, when that is enabled.
        autoscaling_minimum: MinCapacity of its Application Auto Scaling target, if registered.
        accelerator: The Elastic Inference accelerator that it still names.
    """

    name: str
    shadow: bool = False
    instance_types: tuple[str, ...] = ()
    instance_count: int | None = None
    serverless: Serverless | None = None
    hosts_components: bool = False
    managed_minimum: int | None = None
    autoscaling_minimum: int | None = None
    accelerator: str | None = None


@dataclass(frozen=True, slots=True)
class InferenceComponent:
    """A model hosted on an endpoint's shared instances."""

    name: str
    variant: str


class EndpointKind(StrEnum):
    """How an endpoint serves, which decides the metrics it publishes."""

    REAL_TIME = "real-time"
    ASYNC = "async"
    SERVERLESS = "serverless"
    COMPONENTS = "inference-components"


@dataclass(frozen=True, slots=True)
class EndpointDetails:
    """What only DescribeEndpoint and DescribeEndpointConfig tell.

    Attributes:
        config_name: The endpoint config in use.
        variants: Production and shadow variants.
        asynchronous: Whether it has an AsyncInferenceConfig.
        components: Its inference components; None when they could not be read.
    """

    config_name: str
    variants: tuple[Variant, ...]
    asynchronous: bool = False
    components: tuple[InferenceComponent, ...] | None = ()

    @property
    def kind(self) -> EndpointKind:
        """How it serves."""
        if self.asynchronous:
            return EndpointKind.ASYNC
        if any(variant.hosts_components for variant in self.variants):
            return EndpointKind.COMPONENTS
        if self.variants and all(variant.serverless for variant in self.variants):
            return EndpointKind.SERVERLESS
        return EndpointKind.REAL_TIME


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A SageMaker endpoint.

    Attributes:
        ref: What identifies it.
        status: Its state.
        created: When it was created (aware).
        modified: When it was last updated (aware).
        tags: Its tags; None when they could not be read.
        details: None when they were not, or could not be, read.
    """

    ref: ResourceRef
    status: EndpointStatus
    created: datetime
    modified: datetime
    tags: Tags | None
    details: EndpointDetails | None = None


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """A SageMaker training job.

    Attributes:
        ref: What identifies it.
        status: Its state.
        created: When it was created (aware).
        modified: When its state last changed (aware).
        tags: Its tags; None when they could not be read.
        instance_types: The types that it may run on; None when it was not described.
        volumes_gb: The sizes of its volumes, in GB; None when it was not described.
        run: How it runs; None when it was not described.
    """

    ref: ResourceRef
    status: TrainingJobStatus
    created: datetime
    modified: datetime
    tags: Tags | None
    instance_types: tuple[str, ...] | None = None
    volumes_gb: tuple[int, ...] | None = None
    run: "Run | None" = None


@dataclass(frozen=True, slots=True)
class StudioResource:
    """A Studio domain, or a user profile in one: its ref's kind says which.

    A domain is found by its id and a user profile in its domain; the ARNs tell these ids, the
    refs' names are those that people gave.

    Attributes:
        ref: What identifies it.
        status: Its state.
        created: When it was created (aware).
        modified: When its settings last changed (aware).
        tags: Its tags; None when they could not be read.
        settings: What it says of its users' apps; None when it could not be read.
        instance_types: The types that its apps run on unless told otherwise; None when not known.
        volumes_gb: The sizes of its spaces' volumes unless told otherwise; None when not known.
    """

    ref: ResourceRef
    status: StudioStatus
    created: datetime
    modified: datetime
    tags: Tags | None
    settings: StudioSettings | None = None
    instance_types: tuple[str, ...] | None = None
    volumes_gb: tuple[int, ...] | None = None


SHARED_TYPES = frozenset({"RStudioServerPro"})
"""The types of Studio app that serve a whole domain."""


@dataclass(frozen=True, slots=True)
class StudioApp:
    """A Studio app: an instance that runs for a user profile or in a space, and is billed.

    Its ref's name says where it runs, its type and its own name, as
    ``space/mina-lab/JupyterLab/default`` or ``user/mina/KernelGateway/datascience``; its ARN tells
    its domain.

    Attributes:
        ref: What identifies it.
        status: Its state.
        created: When it was created (aware). One that is created again within a day of its end may
            keep the time of its first creation (API reference, DescribeApp).
        app_type: Such as ``JupyterLab``.
        instance_type: What it runs on; None when it could not be read.
        tags: Its own, over those of its space and its user profile; None when they were not, or
            could not be, read.
        active: When its user last did something (aware); None when not known.
        checked: When AWS last checked its health (aware); None when not known. Without a user's
            activity AWS gives the same moment for both.
    """

    ref: ResourceRef
    status: AppStatus
    created: datetime
    app_type: str
    instance_type: str | None
    tags: Tags | None
    active: datetime | None = None
    checked: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What every other kind of resource has; its own module in this room adds what is its own.

    Attributes:
        ref: What identifies it.
        status: Its state.
        created: When it was created (aware).
        modified: When its state or settings last changed (aware); when it was created, where AWS
            tells no such moment or where the moment tells nothing.
        tags: Its tags; None when they could not be read.
    """

    ref: ResourceRef
    status: Status
    created: datetime
    modified: datetime
    tags: Tags | None

    @property
    def runs_on(self) -> tuple[str, ...] | None:
        """The instance types that it may run on; None when they are not known."""
        return None

    @property
    def setup(self) -> str | None:
        """What else must be as it was when something was judged right, in words; None for nothing.

        For what changes without a trace in `modified`.
        """
        return None

    @property
    def stores_gb(self) -> tuple[int, ...] | None:
        """The sizes of its volumes, in GB; None when they are not known."""
        return None

    @property
    def running(self) -> bool:
        """Whether it runs as it is meant to, so that it can be stopped or deleted.

        For what is no job; a job's state says so itself.
        """
        return False

    @property
    def bound(self) -> str | None:
        """Why nothing that is done to it ends its cost yet, in words; None where something does."""
        return None

    @property
    def told(self) -> "Run | None":
        """How it runs, where it is a job; None where it is none, or was not described."""
        return None


type Resource = NotebookInstance | Endpoint | TrainingJob | StudioResource | StudioApp | Snapshot


def run_of(resource: Resource) -> "Run | None":
    """How a job runs; None for what is no job, or was not described."""
    if isinstance(resource, TrainingJob):
        return resource.run
    return resource.told if isinstance(resource, Snapshot) else None
