"""What Application Auto Scaling holds for an endpoint and its components, whole."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sagewarden.adapters.described import Json, plain
from sagewarden.adapters.endpoint_details import all_targets

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient

_OF_TARGETS = {
    "describe_scaling_policies": "ScalingPolicies",
    "describe_scheduled_actions": "ScheduledActions",
}
"""What only a registered target has, and what goes with it (DeregisterScalableTarget)."""


def autoscaling_of(
    endpoint: str,
    components: Collection[str],
    client: "ApplicationAutoScalingClient",
    known: Sequence[Mapping[str, Any]] | None = None,
) -> Json:
    """Describe the targets, policies and scheduled actions of an endpoint and its components.

    Calls: the pages of the targets unless they are known, and three for each target that it has.

    Args:
        endpoint: The endpoint's name: ``endpoint/NAME/variant/...``.
        components: Its components' names: ``inference-component/NAME``.
        client: Application Auto Scaling in its region.
        known: Its targets, where somebody asked a moment ago.

    Returns:
        The items of the three lists under AWS's own names, and under ``Tags`` the tags of each
        target by its ARN.

    Raises:
        botocore.exceptions.ClientError: A part could not be read.
    """
    prefix = f"endpoint/{endpoint}/variant/"
    ids = {f"inference-component/{name}" for name in components}

    listed = all_targets(client) if known is None else known
    targets = [
        plain(item)
        for item in listed
        if item["ResourceId"].startswith(prefix) or item["ResourceId"] in ids
    ]
    scaled = dict.fromkeys(target["ResourceId"] for target in targets)
    found: Json = {"ScalableTargets": targets}
    for operation, key in _OF_TARGETS.items():
        found[key] = [
            plain(item) for name in scaled for item in _items(client, operation, key, name)
        ]
    # Targets registered before 2023 may come without an ARN, and then have no tags.
    arns = [item["ScalableTargetARN"] for item in found["ScalableTargets"] if _arn(item)]
    found["Tags"] = {arn: client.list_tags_for_resource(ResourceARN=arn)["Tags"] for arn in arns}
    return found


def _arn(target: Mapping[str, Any]) -> str | None:
    return target.get("ScalableTargetARN")


def _items(
    client: "ApplicationAutoScalingClient", operation: str, key: str, name: str
) -> Iterator[Mapping[str, Any]]:
    pages = client.get_paginator(operation).paginate(  # type: ignore[call-overload]  # a name, not a literal
        ServiceNamespace="sagemaker", ResourceId=name
    )
    for page in pages:
        yield from page[key]
