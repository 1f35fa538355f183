"""What SageMaker holds: notebook instances, models, endpoints and their like, jobs, Studio."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sagewarden_cli.sandbox.backend import AccountRegion, Json
from sagewarden_cli.sandbox.errors import ValidationException
from sagewarden_cli.sandbox.sagemaker.bases import Resource, StatefulResource
from sagewarden_cli.sandbox.sagemaker.jobs import (
    AutoMLJob,
    ProcessingJob,
    TrainingJob,
    TransformJob,
    TuningJob,
)
from sagewarden_cli.sandbox.sagemaker.services import (
    Cluster,
    MonitoringSchedule,
    RecommendationsJob,
    TrackingServer,
)
from sagewarden_cli.sandbox.sagemaker.studio_resources import (
    App,
    Domain,
    NotebookLifecycleConfig,
    Space,
    StudioLifecycleConfig,
    UserProfile,
)
from sagewarden_cli.sandbox.transitions import Transition


@dataclass(slots=True, kw_only=True)
class NotebookInstance(StatefulResource):
    """A notebook instance."""

    kind = "notebook-instance"


@dataclass(slots=True, kw_only=True)
class Model(Resource):
    """A model: containers and where their artifacts lie."""

    kind = "model"


@dataclass(slots=True, kw_only=True)
class EndpointConfig(Resource):
    """An endpoint configuration; it never changes."""

    kind = "endpoint-config"


@dataclass(slots=True)
class Variant:
    """One production or shadow variant of an endpoint, as it runs.

    Attributes:
        settings: Its entry in the endpoint configuration.
        images: The containers it was deployed with.
    """

    settings: Json
    images: list[Json]
    weight: float
    desired_weight: float
    instances: int | None
    desired_instances: int | None
    serverless: Json | None
    desired_serverless: Json | None
    scaling: Transition | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.settings["VariantName"])

    def reach_desired(self) -> None:
        """Become what was asked for."""
        self.weight = self.desired_weight
        self.instances = self.desired_instances
        self.serverless = self.desired_serverless


@dataclass(slots=True)
class Deployment:
    """A configuration on its way onto an endpoint.

    Attributes:
        since: When it began.
    """

    config: EndpointConfig
    variants: list[Variant]
    shadow_variants: list[Variant]
    since: datetime


@dataclass(slots=True, kw_only=True)
class Endpoint(StatefulResource):
    """An endpoint and the variants it runs; none until its first deployment is done.

    Attributes:
        config: Its configuration, kept here because the original may be deleted meanwhile.
        pending: The deployment under way, if any.
    """

    kind = "endpoint"

    config: EndpointConfig
    variants: list[Variant] = field(default_factory=list)
    shadow_variants: list[Variant] = field(default_factory=list)
    pending: Deployment | None = None

    def deploy(self, deployment: Deployment) -> None:
        """Run what was deployed."""
        self.config = deployment.config
        self.variants = deployment.variants
        self.shadow_variants = deployment.shadow_variants
        self.pending = None

    def reach_desired(self) -> None:
        """Run its production variants as they were asked to."""
        for variant in self.variants:
            variant.reach_desired()


@dataclass(slots=True, kw_only=True)
class InferenceComponent(StatefulResource):
    """A model deployed in copies onto the instances of an endpoint's variant."""

    kind = "inference-component"

    endpoint_name: str
    variant_name: str
    copies: int
    desired_copies: int


class SageMakerStore:
    """All SageMaker resources of one account and region, by their keys: mostly their names."""

    def __init__(self, here: AccountRegion) -> None:
        self.here = here
        self.notebook_instances: dict[str, NotebookInstance] = {}
        self.models: dict[str, Model] = {}
        self.endpoint_configs: dict[str, EndpointConfig] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.inference_components: dict[str, InferenceComponent] = {}
        self.training_jobs: dict[str, TrainingJob] = {}
        self.processing_jobs: dict[str, ProcessingJob] = {}
        self.transform_jobs: dict[str, TransformJob] = {}
        self.tuning_jobs: dict[str, TuningJob] = {}
        self.auto_ml_jobs: dict[str, AutoMLJob] = {}
        self.tracking_servers: dict[str, TrackingServer] = {}
        self.monitoring_schedules: dict[str, MonitoringSchedule] = {}
        self.recommendations_jobs: dict[str, RecommendationsJob] = {}
        self.clusters: dict[str, Cluster] = {}
        self.domains: dict[str, Domain] = {}
        self.user_profiles: dict[str, UserProfile] = {}
        self.spaces: dict[str, Space] = {}
        self.apps: dict[str, App] = {}
        self.studio_lifecycle_configs: dict[str, StudioLifecycleConfig] = {}
        self.notebook_lifecycle_configs: dict[str, NotebookLifecycleConfig] = {}
        self._kinds: dict[str, dict[str, Any]] = {
            NotebookInstance.kind: self.notebook_instances,
            Model.kind: self.models,
            EndpointConfig.kind: self.endpoint_configs,
            Endpoint.kind: self.endpoints,
            InferenceComponent.kind: self.inference_components,
            TrainingJob.kind: self.training_jobs,
            ProcessingJob.kind: self.processing_jobs,
            TransformJob.kind: self.transform_jobs,
            TuningJob.kind: self.tuning_jobs,
            AutoMLJob.kind: self.auto_ml_jobs,
            TrackingServer.kind: self.tracking_servers,
            MonitoringSchedule.kind: self.monitoring_schedules,
            RecommendationsJob.kind: self.recommendations_jobs,
            Cluster.kind: self.clusters,
            Domain.kind: self.domains,
            UserProfile.kind: self.user_profiles,
            Space.kind: self.spaces,
            App.kind: self.apps,
            StudioLifecycleConfig.kind: self.studio_lifecycle_configs,
            NotebookLifecycleConfig.kind: self.notebook_lifecycle_configs,
        }

    def of_kind(self, kind: str) -> dict[str, Any]:
        """Return the resources of a kind as named in ARNs, such as ``notebook-instance``.

        Raises:
            KeyError: The kind is not one of those emulated here.
        """
        return self._kinds[kind]

    def everything(self) -> Iterator[Resource]:
        """Yield all resources, kind by kind, but for those that are only to be seen still."""
        for resources in self._kinds.values():
            yield from (resource for resource in resources.values() if not resource.is_gone)

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a resource here; SageMaker writes its names in lower case."""
        return self.here.arn("sagemaker", f"{kind}/{name.lower()}")

    def model(self, name: str) -> Model:
        """Return a model, or refuse as AWS does."""
        found = self.models.get(name)
        if found is None:
            raise ValidationException(f'Could not find model "{self.arn(Model.kind, name)}".')
        return found

    def endpoint_config(self, name: str) -> EndpointConfig:
        """Return an endpoint configuration, or refuse as AWS does."""
        found = self.endpoint_configs.get(name)
        if found is None:
            arn = self.arn(EndpointConfig.kind, name)
            raise ValidationException(f'Could not find endpoint configuration "{arn}".')
        return found

    def endpoint(self, name: str) -> Endpoint:
        """Return an endpoint, or refuse as AWS does."""
        found = self.endpoints.get(name)
        if found is None:
            raise ValidationException(f'Could not find endpoint "{self.arn(Endpoint.kind, name)}".')
        return found

    def inference_component(self, name: str) -> InferenceComponent:
        """Return an inference component, or refuse as AWS does."""
        found = self.inference_components.get(name)
        if found is None:
            arn = self.arn(InferenceComponent.kind, name)
            raise ValidationException(f'Could not find inference component "{arn}".')
        return found

    def by_arn(self, arn: str) -> Resource | None:
        """Return the resource that has an ARN, or None.

        Raises:
            KeyError: The ARN is of a kind that is not emulated here.
        """
        kind, _, name = arn.split(":", 5)[5].partition("/")
        candidates = self.of_kind(kind)
        found: Resource | None = candidates.get(name)
        if found is None:
            found = next((r for r in candidates.values() if r.arn == arn), None)
        if found is None or found.is_gone or found.arn.lower() != arn.lower():
            return None
        return found
