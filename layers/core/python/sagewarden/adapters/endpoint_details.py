"""Read what DescribeEndpoint, DescribeEndpointConfig and their neighbours say of how one serves."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

from sagewarden.domain.resources import (
    EndpointDetails,
    EndpointKind,
    InferenceComponent,
    Serverless,
    Variant,
)

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_sagemaker import SageMakerClient

type Target = Mapping[str, Any]
"""A scalable target, as AWS describes it."""

IDS_A_CALL: Final = 50
"""The most resource ids that DescribeScalableTargets takes (its API reference)."""

INSTANCE_COUNT: Final = "sagemaker:variant:DesiredInstanceCount"


def read_details(endpoint: Mapping[str, Any], config: Mapping[str, Any]) -> EndpointDetails:
    """Join an endpoint's description (counts, states) with its config's (instance types).

    Args:
        endpoint: The answer of DescribeEndpoint, which has no instance types.
        config: The answer of DescribeEndpointConfig.

    Returns:
        The details; components and autoscaling minimums are not in either answer.
    """
    return EndpointDetails(
        config_name=endpoint["EndpointConfigName"],
        variants=(
            *_variants(endpoint, config, "ProductionVariants"),
            *_variants(endpoint, config, "ShadowProductionVariants"),
        ),
        asynchronous=bool(
            endpoint.get("AsyncInferenceConfig") or config.get("AsyncInferenceConfig")
        ),
    )


def all_targets(client: "ApplicationAutoScalingClient") -> Iterator[Target]:
    """What Application Auto Scaling has registered of SageMaker: 50 a page."""
    pages = client.get_paginator("describe_scalable_targets").paginate(ServiceNamespace="sagemaker")
    for page in pages:
        yield from page["ScalableTargets"]


def targets_of(
    names: Iterable[str], client: "ApplicationAutoScalingClient"
) -> dict[str, list[Target]]:
    """What is registered of variants, by their resource ids; calls: one for 50 of them."""
    found: defaultdict[str, list[Target]] = defaultdict(list)
    for some in batched(names, IDS_A_CALL):
        pages = client.get_paginator("describe_scalable_targets").paginate(
            ServiceNamespace="sagemaker", ResourceIds=list(some)
        )
        for page in pages:
            for target in page["ScalableTargets"]:
                found[target["ResourceId"]].append(target)
    return found


def has_instances(details: EndpointDetails) -> bool:
    """Whether it runs on instances, the number of which autoscaling may change."""
    return any(variant.serverless is None for variant in details.variants)


def with_minimums(
    details: Mapping[str, EndpointDetails], targets: Iterable[Target]
) -> dict[str, EndpointDetails]:
    """Add the least instance counts that autoscaling may go to."""
    minimums = {  # AWS takes a ScalableDimension only together with ResourceIds
        target["ResourceId"]: target["MinCapacity"]
        for target in targets
        if target["ScalableDimension"] == INSTANCE_COUNT
    }
    return {
        name: replace(
            item,
            variants=tuple(
                replace(variant, autoscaling_minimum=minimums.get(resource_id(name, variant.name)))
                for variant in item.variants
            ),
        )
        for name, item in details.items()
    }


def with_components(
    details: Mapping[str, EndpointDetails], client: "SageMakerClient"
) -> dict[str, EndpointDetails]:
    """Add the inference components of endpoints that host them.

    Calls: the pages of ListInferenceComponents (100 a page), once for all; none when no endpoint
    hosts components.
    """
    hosts = {name for name, item in details.items() if item.kind is EndpointKind.COMPONENTS}
    if not hosts:
        return dict(details)
    narrowed = {"EndpointNameEquals": next(iter(hosts))} if len(details) == 1 else {}
    pages = client.get_paginator("list_inference_components").paginate(
        PaginationConfig={"PageSize": 100},
        **narrowed,  # type: ignore[arg-type]  # the stubs want each key spelt out
    )
    found: defaultdict[str, list[InferenceComponent]] = defaultdict(list)
    for page in pages:
        for item in page["InferenceComponents"]:
            component = InferenceComponent(item["InferenceComponentName"], item["VariantName"])
            found[item["EndpointName"]].append(component)
    return {
        name: replace(item, components=tuple(found[name])) if name in hosts else item
        for name, item in details.items()
    }


def _variants(
    endpoint: Mapping[str, Any], config: Mapping[str, Any], key: str
) -> Iterator[Variant]:
    configured = {item["VariantName"]: item for item in config.get(key, [])}
    for now in endpoint.get(key, []):
        then = configured.get(now["VariantName"], {})
        yield Variant(
            name=now["VariantName"],
            shadow=key == "ShadowProductionVariants",
            instance_types=_instance_types(then),
            instance_count=now.get("CurrentInstanceCount"),
            serverless=_serverless(now),
            hosts_components=bool(then) and not then.get("ModelName"),
            managed_minimum=_managed_minimum(now, then),
            accelerator=then.get("AcceleratorType"),
        )


def _instance_types(then: Mapping[str, Any]) -> tuple[str, ...]:
    if kind := then.get("InstanceType"):
        return (kind,)
    return tuple(pool["InstanceType"] for pool in then.get("InstancePools", []))


def _serverless(now: Mapping[str, Any]) -> Serverless | None:
    """What runs now; provisioned concurrency that is only configured costs nothing yet."""
    settings = now.get("CurrentServerlessConfig")
    if not settings:
        return None
    return Serverless(
        memory_mb=settings["MemorySizeInMB"],
        max_concurrency=settings["MaxConcurrency"],
        provisioned_concurrency=settings.get("ProvisionedConcurrency", 0),
    )


def _managed_minimum(now: Mapping[str, Any], then: Mapping[str, Any]) -> int | None:
    scaling = now.get("ManagedInstanceScaling") or then.get("ManagedInstanceScaling") or {}
    if scaling.get("Status") != "ENABLED":
        return None
    minimum: int | None = scaling.get("MinInstanceCount")
    return minimum


def resource_id(endpoint: str, variant: str) -> str:
    """What Application Auto Scaling calls a variant."""
    return f"endpoint/{endpoint}/variant/{variant}"
