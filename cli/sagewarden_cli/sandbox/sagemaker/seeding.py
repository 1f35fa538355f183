"""An in-process builder of SageMaker resources: no HTTP, any age, any status."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.sagemaker.endpoint_configs import config_details
from sagewarden_cli.sandbox.sagemaker.inference_components import component_details
from sagewarden_cli.sandbox.sagemaker.job_seeding import JobSeeder
from sagewarden_cli.sandbox.sagemaker.notebook_instances import notebook_details
from sagewarden_cli.sandbox.sagemaker.resources import (
    Endpoint,
    EndpointConfig,
    InferenceComponent,
    Model,
    NotebookInstance,
)
from sagewarden_cli.sandbox.sagemaker.seeder import IMAGE, known_status
from sagewarden_cli.sandbox.sagemaker.service_seeding import ServiceSeeder
from sagewarden_cli.sandbox.sagemaker.studio_seeding import StudioSeeder
from sagewarden_cli.sandbox.sagemaker.variants import deployment_of

_SINGLE = "AllTraffic"


class SageMakerFleet(JobSeeder, StudioSeeder, ServiceSeeder):
    """Puts resources straight into one account and region, unchecked and without any wait.

    All ``created_at`` and ``modified_at`` are aware and default to the sandbox's time and to
    ``created_at``. Tags may be of any kind, ``aws:`` keys and illegal characters included: what
    AWS itself writes is not bound by the rules for callers. A transient status stays until it is
    forced to another; only a job that is InProgress runs on.
    """

    def add_notebook_instance(  # one argument per field of a notebook instance
        self,
        name: str,
        *,
        instance_type: str = "ml.t3.medium",
        status: str = "InService",
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        **details: object,
    ) -> str:
        """Add a notebook instance and return its ARN.

        Args:
            name: Its name.
            instance_type: Such as ``ml.t3.medium``.
            status: Any of its nine statuses.
            created_at: When it was created.
            modified_at: When it last changed, which is when it was last started or stopped.
            tags: Its tags.
            details: More members of CreateNotebookInstance, such as ``VolumeSizeInGB=100``.
        """
        created = self._created(created_at)
        given = {"InstanceType": instance_type, "RoleArn": self._role, **details}
        notebook = NotebookInstance(
            name=name,
            arn=self._store.arn(NotebookInstance.kind, name),
            created_at=created,
            modified_at=modified_at or created,
            status=known_status(NotebookInstance.kind, status),
            details=notebook_details(given),
        )
        return self._put(notebook, tags)

    def add_model(
        self,
        name: str,
        *,
        image: str = IMAGE,
        created_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        **details: object,
    ) -> str:
        """Add a model of one container and return its ARN."""
        created = self._created(created_at)
        container = {"Image": image, "Mode": "SingleModel"}
        given: Json = {"PrimaryContainer": container, "ExecutionRoleArn": self._role}
        model = Model(
            name=name,
            arn=self._store.arn(Model.kind, name),
            created_at=created,
            modified_at=created,
            details={"EnableNetworkIsolation": False, **given, **details},
        )
        return self._put(model, tags)

    def add_endpoint_config(
        self,
        name: str,
        variants: Iterable[Json],
        *,
        created_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        **details: object,
    ) -> str:
        """Add an endpoint configuration and return its ARN.

        Args:
            name: Its name.
            variants: Its ``ProductionVariants``, as CreateEndpointConfig takes them.
            created_at: When it was created.
            tags: Its tags.
            details: More members of CreateEndpointConfig, such as ``AsyncInferenceConfig=...``.
        """
        created = self._created(created_at)
        given = {"ProductionVariants": list(variants), **details}
        config = EndpointConfig(
            name=name,
            arn=self._store.arn(EndpointConfig.kind, name),
            created_at=created,
            modified_at=created,
            details=config_details(given),
        )
        return self._put(config, tags)

    def add_endpoint(  # noqa: PLR0913  # one argument per field of an endpoint
        self,
        name: str,
        *,
        config: str | None = None,
        instance_type: str = "ml.m5.large",
        instance_count: int = 1,
        status: str = "InService",
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Add an endpoint and return its ARN.

        Args:
            name: Its name.
            config: The name of its configuration, already added. Without one, a model and a
                configuration of the endpoint's own name are made, with one variant AllTraffic.
            instance_type: What the variant made without ``config`` runs on.
            instance_count: On how many of them.
            status: Any of its nine statuses; one that is Creating or Failed has no variants.
            created_at: When it was created.
            modified_at: When it last changed.
            tags: Its tags.

        Raises:
            KeyError: There is no such configuration.
        """
        created = self._created(created_at)
        if config is None:
            config = self._add_config_of_one(name, instance_type, instance_count, created)
        endpoint = Endpoint(
            name=name,
            arn=self._store.arn(Endpoint.kind, name),
            created_at=created,
            modified_at=modified_at or created,
            status=known_status(Endpoint.kind, status),
            config=self._store.endpoint_configs[config],
        )
        deployment = deployment_of(self._store, endpoint.config)
        if status == "Creating":
            endpoint.pending = deployment
        elif status != "Failed":
            endpoint.deploy(deployment)
        return self._put(endpoint, tags)

    def add_inference_component(  # noqa: PLR0913  # one argument per field of a component
        self,
        name: str,
        *,
        endpoint: str,
        variant: str = _SINGLE,
        copies: int = 1,
        status: str = "InService",
        created_at: datetime | None = None,
        modified_at: datetime | None = None,
        tags: Mapping[str, str] | None = None,
        **details: object,
    ) -> str:
        """Add an inference component and return its ARN; the variant's instances stay as they are.

        Args:
            name: Its name.
            endpoint: The endpoint's name.
            variant: The variant's name.
            copies: How many copies run and are desired.
            status: Any of its five statuses.
            created_at: When it was created.
            modified_at: When it last changed.
            tags: Its tags.
            details: ``Specification`` or ``Specifications``, as CreateInferenceComponent takes it.
        """
        created = self._created(created_at)
        requirements = {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 1024}
        specification = {
            "Container": {"Image": IMAGE},
            "ComputeResourceRequirements": requirements,
        }
        component = InferenceComponent(
            name=name,
            arn=self._store.arn(InferenceComponent.kind, name),
            created_at=created,
            modified_at=modified_at or created,
            status=known_status(InferenceComponent.kind, status),
            details=component_details(details or {"Specification": specification}),
            endpoint_name=endpoint,
            variant_name=variant,
            copies=copies,
            desired_copies=copies,
        )
        return self._put(component, tags)

    def _add_config_of_one(
        self,
        name: str,
        instance_type: str,
        instance_count: int,
        created: datetime,
    ) -> str:
        self.add_model(name, created_at=created)
        variant = {
            "VariantName": _SINGLE,
            "ModelName": name,
            "InstanceType": instance_type,
            "InitialInstanceCount": instance_count,
            "InitialVariantWeight": 1.0,
        }
        self.add_endpoint_config(name, [variant], created_at=created)
        return name
