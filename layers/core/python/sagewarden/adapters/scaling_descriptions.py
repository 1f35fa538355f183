"""What Application Auto Scaling holds for an endpoint and its components, whole."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sagewarden.adapters.described import Json, plain

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient

_OF_TARGETS = {
    "describe_scaling_policies": "ScalingPolicies",
    "describe_scheduled_actions": "ScheduledActions",
}
"""What only a registered target has, and what goes with it (DeregisterScalableTarget)."""


def autoscaling_of(
    endpoint: str, components: Collection[str], client: "ApplicationAutoScalingClient"
) -> Json:
    """Describe the targets, policies and scheduled actions of an endpoint and its components.

    Calls: the pages of the targets, and of the other two lists where it has any.

    Args:
        endpoint: The endpoint's name: ``endpoint/NAME/variant/...``.
        components: Its components' names: ``inference-component/NAME``.
        client: Application Auto Scaling in its region.

    Returns:
        The items of the three lists under AWS's own names, and under ``Tags`` the tags of each
        target by its ARN.

    Raises:
        botocore.exceptions.ClientError: A part could not be read.
    """
    prefix = f"endpoint/{endpoint}/variant/"
    ids = {f"inference-component/{name}" for name in components}

    def own(operation: str, key: str) -> list[Json]:
        return [
            plain(item)
            for item in _items(client, operation, key)
            if item["ResourceId"].startswith(prefix) or item["ResourceId"] in ids
        ]

    targets = own("describe_scalable_targets", "ScalableTargets")
    found: Json = {"ScalableTargets": targets}
    for operation, key in _OF_TARGETS.items():
        found[key] = own(operation, key) if targets else []
    # Targets registered before 2023 may come without an ARN, and then have no tags.
    arns = [item["ScalableTargetARN"] for item in found["ScalableTargets"] if _arn(item)]
    found["Tags"] = {arn: client.list_tags_for_resource(ResourceARN=arn)["Tags"] for arn in arns}
    return found


def _arn(target: Mapping[str, Any]) -> str | None:
    return target.get("ScalableTargetARN")


def _items(
    client: "ApplicationAutoScalingClient", operation: str, key: str
) -> Iterator[Mapping[str, Any]]:
    pages = client.get_paginator(operation).paginate(  # type: ignore[call-overload]  # a name, not a literal
        ServiceNamespace="sagemaker"
    )
    for page in pages:
        yield from page[key]
