"""Read and change how Application Auto Scaling scales provisioned concurrency."""

import json
import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from sagewarden.adapters.errors import acting, reading
from sagewarden.adapters.sessions import Sessions
from sagewarden.domain.provisioned_concurrency.scaling import (
    UNREGISTERED,
    Capacity,
    ScalableTarget,
    ScalingPolicy,
    ScalingState,
    ScheduledAction,
)
from sagewarden.domain.provisioned_concurrency.steps import (
    DeletePolicy,
    DeleteScheduledAction,
    DeregisterTarget,
    PutPolicy,
    PutScheduledAction,
    RegisterTarget,
    Step,
)

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient

NAMESPACE: Final = "sagemaker"
DIMENSION: Final = "sagemaker:variant:DesiredProvisionedConcurrency"
METRIC: Final = "SageMakerVariantProvisionedConcurrencyUtilization"
"""The only predefined metric that this dimension takes."""

_LISTS = {
    "describe_scalable_targets": "ScalableTargets",
    "describe_scaling_policies": "ScalingPolicies",
    "describe_scheduled_actions": "ScheduledActions",
}
_GONE = "ObjectNotFoundException"


class AutoScaling:
    """The scaling port on boto3."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def states(self, region: str) -> Mapping[str, ScalingState]:
        """What is registered in a region, by resource id.

        Calls: the pages of three lists. They cannot be narrowed to a dimension without naming a
        resource.
        """
        with reading(f"autoscaling in {region}"):
            return self._read(self._sessions.client("application-autoscaling", region), {})

    def state(self, region: str, target: str) -> ScalingState:
        """What is registered for one variant now. Calls: three."""
        with reading(f"autoscaling of {target}"):
            client = self._sessions.client("application-autoscaling", region)
            return self._read(client, {"ResourceId": target}).get(target, UNREGISTERED)

    def apply(self, region: str, target: str, step: Step) -> None:
        """Take one step.

        Raises:
            ActionFailedError: AWS refused it; the message says what was tried.
        """
        operation, request = _request(target, step)
        client = self._sessions.client("application-autoscaling", region)
        with acting(f"{operation} of {target}"):
            try:
                getattr(client, operation)(**request)
            except ClientError as error:
                removes = not operation.startswith(("put", "register"))
                if not (removes and error.response.get("Error", {}).get("Code") == _GONE):
                    raise

    def command(self, region: str, target: str, step: Step) -> str:
        """The AWS CLI command that takes a step."""
        operation, request = _request(target, step)
        words = ["aws", "application-autoscaling", operation.replace("_", "-")]
        words += ["--cli-input-json", json.dumps(request, default=lambda time: time.isoformat())]
        return shlex.join([*words, "--region", region])

    def _read(
        self, client: "ApplicationAutoScalingClient", narrowed: Mapping[str, str]
    ) -> dict[str, ScalingState]:
        targets = {item["ResourceId"]: item for item in _items(client, *_targets(narrowed))}
        policies = list(_items(client, "describe_scaling_policies", narrowed))
        actions = list(_items(client, "describe_scheduled_actions", narrowed))
        return {
            name: ScalingState(
                _target(item),
                tuple(_policy(found) for found in policies if found["ResourceId"] == name),
                tuple(_action(found) for found in actions if found["ResourceId"] == name),
            )
            for name, item in targets.items()
        }


def _targets(narrowed: Mapping[str, str]) -> tuple[str, Mapping[str, object]]:
    """DescribeScalableTargets, which alone of the three takes a list of resources."""
    wanted = {"ResourceIds": [narrowed["ResourceId"]]} if narrowed else {}
    return "describe_scalable_targets", wanted


def _items(
    client: "ApplicationAutoScalingClient", operation: str, narrowed: Mapping[str, object]
) -> Iterator[Mapping[str, Any]]:
    pages = client.get_paginator(operation).paginate(  # type: ignore[call-overload]  # a name, not a literal
        ServiceNamespace=NAMESPACE, **narrowed
    )
    for page in pages:
        for item in page[_LISTS[operation]]:
            if item["ScalableDimension"] == DIMENSION:
                yield item


def _target(item: Mapping[str, Any]) -> ScalableTarget:
    return ScalableTarget(
        Capacity(item["MinCapacity"], item["MaxCapacity"]),
        suspended=any(item.get("SuspendedState", {}).values()),
    )


def _policy(item: Mapping[str, Any]) -> ScalingPolicy:
    tracking = item.get("TargetTrackingScalingPolicyConfiguration", {})
    predefined = tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    plain = predefined == METRIC and not tracking.get("DisableScaleIn", False)
    return ScalingPolicy(item["PolicyName"], tracking["TargetValue"] if plain else None)


def _action(item: Mapping[str, Any]) -> ScheduledAction:
    bounds = item.get("ScalableTargetAction", {})
    start, end = item.get("StartTime"), item.get("EndTime")
    return ScheduledAction(
        name=item["ScheduledActionName"],
        schedule=item["Schedule"],
        timezone=item.get("Timezone", "UTC"),
        least=bounds.get("MinCapacity"),
        most=bounds.get("MaxCapacity"),
        start=start.astimezone(UTC) if start else None,
        end=end.astimezone(UTC) if end else None,
    )


def _request(target: str, step: Step) -> tuple[str, dict[str, Any]]:
    """The operation of a step, as boto3 calls it, and its parameters."""
    which: dict[str, Any] = {
        "ServiceNamespace": NAMESPACE,
        "ResourceId": target,
        "ScalableDimension": DIMENSION,
    }
    match step:
        case RegisterTarget(capacity):
            bounds = {"MinCapacity": capacity.least, "MaxCapacity": capacity.most}
            return "register_scalable_target", which | bounds
        case DeregisterTarget():
            return "deregister_scalable_target", which
        case PutPolicy(name, utilization):
            tracking = {
                "TargetValue": utilization,
                "PredefinedMetricSpecification": {"PredefinedMetricType": METRIC},
            }
            return "put_scaling_policy", which | {
                "PolicyName": name,
                "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": tracking,
            }
        case DeletePolicy(name):
            return "delete_scaling_policy", which | {"PolicyName": name}
        case PutScheduledAction(action):
            return "put_scheduled_action", which | _scheduled(action)
        case DeleteScheduledAction(name):
            return "delete_scheduled_action", which | {"ScheduledActionName": name}


def _scheduled(action: ScheduledAction) -> dict[str, Any]:
    bounds = {"MinCapacity": action.least, "MaxCapacity": action.most}
    times = {"StartTime": action.start, "EndTime": action.end}
    return {
        "ScheduledActionName": action.name,
        "Schedule": action.schedule,
        "Timezone": action.timezone,
        "ScalableTargetAction": {key: value for key, value in bounds.items() if value is not None},
        **{key: value for key, value in times.items() if value is not None},
    }
