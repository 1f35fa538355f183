"""Endpoint configurations: which variants an endpoint is to run, on what."""

from collections.abc import Iterator

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import ValidationException
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import EndpointConfig, SageMakerStore
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in

_MEMORY_STEP_MB = 1024
_INSTANCE_MEMBERS = ("InstanceType", "InitialInstanceCount", "InstancePools", "AcceleratorType")


class EndpointConfigs(Backend):
    """The operations on endpoint configurations."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._all = self._store.endpoint_configs

    @operation("CreateEndpointConfig")
    def create(self, params: Params) -> Json:
        """Create a configuration; the models that it names must exist."""
        name = params["EndpointConfigName"]
        arn = self._store.arn(EndpointConfig.kind, name)
        if name in self._all:
            raise ValidationException(
                f'Cannot create already existing endpoint configuration "{arn}".',
            )
        for complaint in _complaints(params):
            raise ValidationException(complaint)
        for variant in _variants(params):
            if "ModelName" in variant:
                self._store.model(variant["ModelName"])
        now = self.here.now()
        config = EndpointConfig(
            name=name,
            arn=arn,
            created_at=now,
            modified_at=now,
            details=config_details(params),
        )
        config.tag(tags_in(params))
        self._all[name] = config
        return {"EndpointConfigArn": arn}

    @operation("DescribeEndpointConfig")
    def describe(self, params: Params) -> Json:
        """Describe a configuration."""
        config = self._store.endpoint_config(params["EndpointConfigName"])
        return {**config.details, **_identity(config)}

    @operation("ListEndpointConfigs")
    def list_page(self, params: Params) -> Json:
        """List configurations, the newest first unless asked otherwise."""
        page, token = listed(self._all.values(), params)
        return {"EndpointConfigs": [_identity(config) for config in page], "NextToken": token}

    @operation("DeleteEndpointConfig")
    def delete(self, params: Params) -> Json:
        """Delete a configuration; AWS does so even while an endpoint uses it."""
        del self._all[self._store.endpoint_config(params["EndpointConfigName"]).name]
        return {}


def config_details(params: Params) -> Json:
    """Return what describing a configuration gives back of the call that made it."""
    return {k: v for k, v in params.items() if k not in {"EndpointConfigName", "Tags"}}


def _identity(config: EndpointConfig) -> Json:
    return {
        "EndpointConfigName": config.name,
        "EndpointConfigArn": config.arn,
        "CreationTime": config.created_at,
    }


def _variants(params: Params) -> list[Json]:
    return [*params["ProductionVariants"], *params.get("ShadowProductionVariants", ())]


def _complaints(params: Params) -> Iterator[str]:
    variants = _variants(params)
    names = [variant["VariantName"] for variant in variants]
    if len(set(names)) < len(names):
        yield f"Variant names must be unique within an endpoint configuration: {names}"
    serverless = [variant for variant in variants if "ServerlessConfig" in variant]
    if serverless and len(variants) > 1:
        yield "Serverless endpoints support exactly one production variant."
    if serverless and "AsyncInferenceConfig" in params:
        yield "AsyncInferenceConfig is not supported for serverless endpoints."
    if "ExecutionRoleArn" not in params and any("ModelName" not in v for v in variants):
        yield "ExecutionRoleArn is required when a production variant has no ModelName."
    for variant in variants:
        yield from _variant_complaints(variant)


def _variant_complaints(variant: Json) -> Iterator[str]:
    name = variant["VariantName"]
    if "ServerlessConfig" in variant:
        yield from _serverless_complaints(variant)
        return
    if "InstanceType" in variant and "InstancePools" in variant:
        yield f"Variant {name}: specify either InstanceType or InstancePools, not both."
    if "InstanceType" not in variant and "InstancePools" not in variant:
        yield f"Variant {name}: one of InstanceType, InstancePools, ServerlessConfig is required."
    if "InitialInstanceCount" not in variant:
        yield f"Variant {name}: InitialInstanceCount is required for an instance-based variant."
    priorities = [pool["Priority"] for pool in variant.get("InstancePools", ())]
    if len(set(priorities)) < len(priorities):
        yield f"Variant {name}: each of InstancePools needs a Priority of its own."
    scaling = variant.get("ManagedInstanceScaling", {})
    if scaling.get("MinInstanceCount", 0) > scaling.get("MaxInstanceCount", float("inf")):
        yield f"Variant {name}: MinInstanceCount must not exceed MaxInstanceCount."


def _serverless_complaints(variant: Json) -> Iterator[str]:
    name, config = variant["VariantName"], variant["ServerlessConfig"]
    mixed = [member for member in _INSTANCE_MEMBERS if member in variant]
    if mixed:
        yield f"Variant {name}: {', '.join(mixed)} must not be given with ServerlessConfig."
    if config["MemorySizeInMB"] % _MEMORY_STEP_MB:
        yield f"Variant {name}: MemorySizeInMB must be a multiple of {_MEMORY_STEP_MB}."
    if config.get("ProvisionedConcurrency", 0) > config["MaxConcurrency"]:
        yield f"Variant {name}: ProvisionedConcurrency must not exceed MaxConcurrency."
