"""The ways an endpoint can serve, in the words of CreateEndpointConfig, and what each publishes."""

from collections.abc import Mapping

from sagewarden_cli.demo.organisation import MetricFeed, Serving, Traffic

_ASYNC = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://example-async-results/"}}}


def instances(instance_type: str, count: int = 1, name: str = "AllTraffic") -> Serving:
    """One variant on instances."""
    return Serving((_variant(name, instance_type, count),))


def two_variants(instance_type: str, second_type: str) -> Serving:
    """A champion and a challenger."""
    return Serving(
        (_variant("champion", instance_type, 1), _variant("challenger", second_type, 1, 0.1))
    )


def with_shadow(instance_type: str) -> Serving:
    """A production variant, and a shadow that gets a copy of its traffic."""
    return Serving(
        (_variant("production", instance_type, 1),),
        {"ShadowProductionVariants": [_variant("shadow", instance_type, 1)]},
    )


def multi_model(instance_type: str) -> Serving:
    """Many models behind one variant; CloudWatch sees the variant only."""
    return Serving((_variant("mme", instance_type, 1),))


def asynchronous(instance_type: str, *, scales_to_zero: bool = False) -> Serving:
    """A queue before one variant."""
    return Serving(
        (_variant("AllTraffic", instance_type, 1),), _ASYNC, scales_to_zero=scales_to_zero
    )


def components(instance_type: str, minimum: int, names: tuple[str, ...]) -> Serving:
    """Inference components on instances that SageMaker scales itself."""
    variant = {
        "VariantName": "AllTraffic",
        "InstanceType": instance_type,
        "InitialInstanceCount": 1,
        "ManagedInstanceScaling": {
            "Status": "ENABLED",
            "MinInstanceCount": minimum,
            "MaxInstanceCount": 4,
        },
    }
    role = "arn:aws:iam::123456789012:role/sagemaker-execution"
    return Serving((variant,), {"ExecutionRoleArn": role}, names)


def serverless(memory_mb: int, concurrency: int, provisioned: int = 0) -> Serving:
    """A serverless variant, with or without provisioned concurrency."""
    config = {"MemorySizeInMB": memory_mb, "MaxConcurrency": concurrency}
    if provisioned:
        config["ProvisionedConcurrency"] = provisioned
    model = {"VariantName": "AllTraffic", "ModelName": "model-serverless"}
    return Serving(({**model, "ServerlessConfig": config},))


def feeds_of(endpoint: str, serving: Serving, traffic: Traffic) -> tuple[MetricFeed, ...]:
    """What SageMaker publishes of an endpoint that gets this traffic, all of it on each part."""
    if serving.components:
        return tuple(
            MetricFeed("Invocations", {"InferenceComponentName": name}, traffic)
            for name in serving.components
        )
    if "AsyncInferenceConfig" in serving.extras:
        variant = str(serving.variants[0]["VariantName"])
        return (
            of_variant(endpoint, variant, traffic, "InvocationsProcessed"),
            backlog(endpoint, traffic),
        )
    names = (str(variant["VariantName"]) for variant in all_variants(serving))
    return tuple(of_variant(endpoint, name, traffic) for name in names)


def of_variant(
    endpoint: str, variant: str, traffic: Traffic, metric: str = "Invocations"
) -> MetricFeed:
    """What is published of one variant."""
    return MetricFeed(metric, {"EndpointName": endpoint, "VariantName": variant}, traffic)


def backlog(endpoint: str, traffic: Traffic) -> MetricFeed:
    """The length of an asynchronous endpoint's queue."""
    return MetricFeed("ApproximateBacklogSize", {"EndpointName": endpoint}, traffic)


def all_variants(serving: Serving) -> tuple[Mapping[str, object], ...]:
    """The production and the shadow variants."""
    shadows = serving.extras.get("ShadowProductionVariants", [])
    return (*serving.variants, *(shadows if isinstance(shadows, list) else []))


def _variant(
    name: str, instance_type: str, count: int, weight: float = 1.0
) -> Mapping[str, object]:
    return {
        "VariantName": name,
        "ModelName": f"model-{name.lower()}",
        "InstanceType": instance_type,
        "InitialInstanceCount": count,
        "InitialVariantWeight": weight,
    }
