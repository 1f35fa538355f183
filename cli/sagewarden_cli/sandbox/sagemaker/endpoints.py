"""Endpoints: deployed, updated, re-scaled and deleted, never while something else goes on."""

from collections.abc import Callable
from datetime import datetime

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import ValidationException
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import Deployment, Endpoint, SageMakerStore
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in
from sagewarden_cli.sandbox.sagemaker.variants import (
    ask_for_capacity,
    check_capacity,
    deployment_of,
    pending_summary,
    retain_properties,
    variant_summary,
)

_IN_PROGRESS = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})


class Endpoints(Backend):
    """The operations on endpoints."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._all = self._store.endpoints

    @operation("CreateEndpoint")
    def create(self, params: Params) -> Json:
        """Create an endpoint; it is Creating, then InService."""
        name = params["EndpointName"]
        arn = self._store.arn(Endpoint.kind, name)
        if name in self._all:
            raise ValidationException(f'Cannot create already existing endpoint "{arn}".')
        config = self._store.endpoint_config(params["EndpointConfigName"])
        for variant in config.details["ProductionVariants"]:
            if "ModelName" in variant:
                self._store.model(variant["ModelName"])
        now = self.here.now()
        endpoint = Endpoint(
            name=name,
            arn=arn,
            created_at=now,
            modified_at=now,
            status="Creating",
            config=config,
        )
        endpoint.tag(tags_in(params))
        self._all[name] = endpoint
        self._deploy(endpoint, "Creating", deployment_of(self._store, config), params)
        return {"EndpointArn": arn}

    @operation("DescribeEndpoint")
    def describe(self, params: Params) -> Json:
        """Describe an endpoint: its variants, but not what they run on."""
        endpoint = self._store.endpoint(params["EndpointName"])
        config = endpoint.config.details
        return {
            **_identity(endpoint),
            "EndpointConfigName": endpoint.config.name,
            "FailureReason": endpoint.failure_reason,
            "ProductionVariants": [variant_summary(v) for v in endpoint.variants] or None,
            "ShadowProductionVariants": (
                [variant_summary(v) for v in endpoint.shadow_variants] or None
            ),
            "PendingDeploymentSummary": endpoint.pending and pending_summary(endpoint.pending),
            "LastDeploymentConfig": endpoint.details.get("DeploymentConfig"),
            "AsyncInferenceConfig": config.get("AsyncInferenceConfig"),
            "ExplainerConfig": config.get("ExplainerConfig"),
            "MetricsConfig": config.get("MetricsConfig"),
            "CrossRegionTrafficConfig": config.get("CrossRegionTrafficConfig"),
            "DataCaptureConfig": _data_capture(endpoint),
        }

    @operation("ListEndpoints")
    def list_page(self, params: Params) -> Json:
        """List endpoints, the newest first unless asked otherwise."""
        page, token = listed(self._all.values(), params)
        return {"Endpoints": [_identity(endpoint) for endpoint in page], "NextToken": token}

    @operation("UpdateEndpoint")
    def update(self, params: Params) -> Json:
        """Deploy another configuration onto an endpoint that is at rest."""
        endpoint = self._store.endpoint(params["EndpointName"])
        _require_updatable(endpoint)
        config = self._store.endpoint_config(params["EndpointConfigName"])
        deployment = deployment_of(self._store, config)
        was_serverless = any(v.serverless for v in endpoint.variants)
        if any(v.serverless for v in deployment.variants) and not was_serverless:
            raise ValidationException(
                f'Cannot update instance-based endpoint "{endpoint.arn}" to serverless.',
            )
        if params.get("RetainAllVariantProperties"):
            excluded = params.get("ExcludeRetainedVariantProperties", ())
            names = frozenset(entry["VariantPropertyType"] for entry in excluded)
            retain_properties(endpoint.variants, deployment.variants, names)
        self._deploy(endpoint, "Updating", deployment, params)
        return {"EndpointArn": endpoint.arn}

    @operation("UpdateEndpointWeightsAndCapacities")
    def rescale(self, params: Params) -> Json:
        """Change weights, instance counts or concurrency of variants, under the same config."""
        endpoint = self._store.endpoint(params["EndpointName"])
        _require_updatable(endpoint)
        changes = {c["VariantName"]: c for c in params["DesiredWeightsAndCapacities"]}
        variants = {variant.name: variant for variant in endpoint.variants}
        unknown = sorted(set(changes) - set(variants))
        if unknown:
            names = ", ".join(unknown)
            raise ValidationException(
                f'The variant name(s) "{names}" do not exist in endpoint "{endpoint.arn}".',
            )
        may_be_empty = "AsyncInferenceConfig" in endpoint.config.details
        for name, change in changes.items():
            check_capacity(variants[name], change, may_be_empty=may_be_empty)
        for name, change in changes.items():
            ask_for_capacity(variants[name], change)
        self._enter(endpoint, "Updating", endpoint.reach_desired)
        return {"EndpointArn": endpoint.arn}

    @operation("DeleteEndpoint")
    def delete(self, params: Params) -> Json:
        """Delete an endpoint that is at rest and holds no inference component."""
        endpoint = self._store.endpoint(params["EndpointName"])
        _require_rest(endpoint)
        components = [
            component.name
            for component in self._store.inference_components.values()
            if component.endpoint_name == endpoint.name
        ]
        if components:
            raise ValidationException(
                f'Cannot delete endpoint "{endpoint.arn}" while it has inference components: '
                f"{', '.join(sorted(components))}.",
            )
        endpoint.enter("Deleting", self.here.now())
        endpoint.transition = self.here.after(
            endpoint.kind,
            "Deleting",
            lambda _at: self._gone(endpoint),
        )
        return {}

    def _deploy(
        self,
        endpoint: Endpoint,
        status: str,
        deployment: Deployment,
        params: Params,
    ) -> None:
        if "DeploymentConfig" in params:
            endpoint.details["DeploymentConfig"] = params["DeploymentConfig"]
        endpoint.pending = deployment
        self._enter(endpoint, status, lambda: endpoint.deploy(deployment))

    def _enter(
        self,
        endpoint: Endpoint,
        status: str,
        effect: Callable[[], None],
    ) -> None:
        def arrive(at: datetime) -> None:
            effect()
            endpoint.enter("InService", at)

        endpoint.enter(status, self.here.now())
        endpoint.transition = self.here.after(endpoint.kind, status, arrive)

    def _gone(self, endpoint: Endpoint) -> None:
        if self._all.get(endpoint.name) is endpoint:
            del self._all[endpoint.name]


def _require_rest(endpoint: Endpoint) -> None:
    if endpoint.status in _IN_PROGRESS:
        raise ValidationException(f'Cannot update in-progress endpoint "{endpoint.arn}".')


def _require_updatable(endpoint: Endpoint) -> None:
    _require_rest(endpoint)
    if endpoint.status == "Failed":
        raise ValidationException(f'Cannot update failed endpoint "{endpoint.arn}".')


def _identity(endpoint: Endpoint) -> Json:
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "CreationTime": endpoint.created_at,
        "LastModifiedTime": endpoint.modified_at,
        "EndpointStatus": endpoint.status,
    }


def _data_capture(endpoint: Endpoint) -> Json | None:
    asked = endpoint.config.details.get("DataCaptureConfig")
    if asked is None:
        return None
    is_enabled = asked.get("EnableCapture", False)
    return {
        "EnableCapture": is_enabled,
        "CaptureStatus": "Started" if is_enabled else "Stopped",
        "CurrentSamplingPercentage": asked["InitialSamplingPercentage"],
        "DestinationS3Uri": asked["DestinationS3Uri"],
        "KmsKeyId": asked.get("KmsKeyId", ""),
    }
