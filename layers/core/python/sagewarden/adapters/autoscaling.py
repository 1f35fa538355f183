"""Read and change how Application Auto Scaling scales along one of SageMaker's dimensions.

The policy that wakes what has no instance or copy steps, and is triggered by an alarm of our own:
Application Auto Scaling neither makes nor deletes that one.
Sources: SageMaker guide, "Autoscale an asynchronous endpoint" and "Scale an endpoint to zero
instances"; API references of PutScalingPolicy and PutMetricAlarm (read 2026-11).
"""

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from sagewarden.adapters.errors import acting, reading
from sagewarden.adapters.sessions import Sessions
from sagewarden.domain.autoscaling.scaling import (
    UNREGISTERED,
    WAKING,
    Alarm,
    Capacity,
    Dimension,
    Metric,
    ScalableTarget,
    ScalingPolicy,
    ScalingState,
    ScheduledAction,
)
from sagewarden.domain.autoscaling.steps import (
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
_OWN_METRICS: Final = "AWS/SageMaker"
_CONCURRENCY: Final = Dimension.CONCURRENCY
_WAKERS: Final = {
    Dimension.INSTANCES: ("HasBacklogWithoutCapacity", 2),
    Dimension.COPIES: ("NoCapacityInvocationFailures", 1),
}
"""What tells that something is wanted of which there is none, and after how many minutes."""

_WAKING_STEP: Final = {
    "AdjustmentType": "ChangeInCapacity",
    "MetricAggregationType": "Maximum",
    "Cooldown": 60,
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
}
_COOLDOWNS: Final = {"ScaleInCooldown": 300, "ScaleOutCooldown": 300}
"""AWS's defaults, which a customized metric needs said."""

_LISTS = {
    "describe_scalable_targets": "ScalableTargets",
    "describe_scaling_policies": "ScalingPolicies",
    "describe_scheduled_actions": "ScheduledActions",
}
_GONE = "ObjectNotFoundException"


class AutoScaling:
    """The scaling port on boto3, for one dimension.

    Alarms are read along with it, except those of provisioned concurrency.
    """

    def __init__(self, sessions: Sessions, dimension: Dimension = _CONCURRENCY) -> None:
        self._sessions = sessions
        self._dimension = dimension

    def states(self, region: str) -> Mapping[str, ScalingState]:
        """What is registered in a region, by resource id.

        Calls: the pages of three lists, which cannot be narrowed to a dimension without naming a
        resource; one for each hundred alarms.
        """
        with reading(f"autoscaling in {region}"):
            return self._read(region, {})

    def state(self, region: str, target: str) -> ScalingState:
        """What is registered for one of them now. Calls: three, and one for its alarms."""
        with reading(f"autoscaling of {target}"):
            return self._read(region, {"ResourceId": target}).get(target, UNREGISTERED)

    def apply(self, region: str, target: str, step: Step) -> None:
        """Take one step.

        Raises:
            ActionFailedError: AWS refused it; the message says what was tried.
        """
        client = self._sessions.client("application-autoscaling", region)
        if step == DeletePolicy(WAKING):
            with acting(f"delete_alarms of {target}"):
                names = [_alarm_name(target)]
                self._sessions.client("cloudwatch", region).delete_alarms(AlarmNames=names)
        operation, request = _request(self._dimension, target, step)
        with acting(f"{operation} of {target}"):
            try:
                answer = getattr(client, operation)(**request)
            except ClientError as error:
                removes = not operation.startswith(("put", "register"))
                if removes and error.response.get("Error", {}).get("Code") == _GONE:
                    return
                raise
        if isinstance(step, PutPolicy) and step.policy.wakes:
            alarm = _alarm(self._dimension, target, answer["PolicyARN"])
            with acting(f"put_metric_alarm of {target}"):
                self._sessions.client("cloudwatch", region).put_metric_alarm(**alarm)

    def command(self, region: str, target: str, step: Step) -> str:
        """The AWS CLI command that takes a step."""
        operation, request = _request(self._dimension, target, step)
        command = _command("application-autoscaling", operation, request, region)
        if step == DeletePolicy(WAKING):
            names = {"AlarmNames": [_alarm_name(target)]}
            return f"{_command('cloudwatch', 'delete_alarms', names, region)} && {command}"
        if isinstance(step, PutPolicy) and step.policy.wakes:
            alarm = _alarm(self._dimension, target, "PUT-POLICY-ARN-HERE")
            put = _command("cloudwatch", "put_metric_alarm", alarm, region)
            arn = f'"$({command} --query PolicyARN --output text)"'
            return put.replace("PUT-POLICY-ARN-HERE", f"'{arn}'")
        return command

    def _read(self, region: str, narrowed: Mapping[str, str]) -> dict[str, ScalingState]:
        client = self._sessions.client("application-autoscaling", region)

        def items(operation: str, narrowed: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
            found = _items(client, operation, narrowed)
            return (item for item in found if item["ScalableDimension"] == self._dimension)

        targets = {item["ResourceId"]: item for item in items(*_targets(narrowed))}
        policies = list(items("describe_scaling_policies", narrowed))
        actions = list(items("describe_scheduled_actions", narrowed))
        alarms = self._alarms(region, policies)
        return {
            name: ScalingState(
                _target(item),
                tuple(
                    self._policy(found, alarms) for found in policies if found["ResourceId"] == name
                ),
                tuple(_action(found) for found in actions if found["ResourceId"] == name),
            )
            for name, item in targets.items()
        }

    def _alarms(
        self, region: str, policies: Iterable[Mapping[str, Any]]
    ) -> Mapping[str, Mapping[str, Any]] | None:
        """The alarms of policies that exist, by name; None where they are not asked for."""
        if self._dimension is _CONCURRENCY:
            return None
        names = sorted({name for policy in policies for name in _alarm_names(policy)})
        from sagewarden.adapters.alarm_descriptions import alarms_named  # noqa: PLC0415 - see above

        client = self._sessions.client("cloudwatch", region)
        return {alarm["AlarmName"]: alarm for alarm in alarms_named(names, client)}

    def _policy(
        self, item: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]] | None
    ) -> ScalingPolicy:
        policy = _policy(self._dimension, item)
        if known is None:
            return policy
        alarms = tuple(_state(name, known.get(name)) for name in _alarm_names(item))
        wakes = item["PolicyName"] == WAKING and _wakes(self._dimension, item, known)
        return replace(policy, wakes=wakes, alarms=alarms)


def _command(service: str, operation: str, request: Mapping[str, Any], region: str) -> str:
    words = ["aws", service, operation.replace("_", "-")]
    words += ["--cli-input-json", json.dumps(request, default=lambda time: time.isoformat())]
    return shlex.join([*words, "--region", region])


def _alarm_name(target: str) -> str:
    """The name of the alarm that wakes something: there is one of it in its region."""
    return f"{WAKING}-{target}"


def _alarm_names(policy: Mapping[str, Any]) -> tuple[str, ...]:
    """The alarms that belong to a policy: those that AWS lists, and the one that we make."""
    listed = [alarm["AlarmName"] for alarm in policy.get("Alarms", ())]
    ours = [_alarm_name(policy["ResourceId"])] if policy["PolicyName"] == WAKING else []
    return tuple(dict.fromkeys((*listed, *ours)))


def _alarm(dimension: Dimension, target: str, policy_arn: str) -> dict[str, Any]:
    """PutMetricAlarm for what wakes something."""
    metric, minutes = _WAKERS[dimension]
    kind = "InferenceComponentName" if dimension is Dimension.COPIES else "EndpointName"
    return {
        "AlarmName": _alarm_name(target),
        "AlarmDescription": f"Sagewarden: {target} is wanted and has no capacity",
        "Namespace": _OWN_METRICS,
        "MetricName": metric,
        "Dimensions": [{"Name": kind, "Value": target.split("/")[1]}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": minutes,
        "DatapointsToAlarm": minutes,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "missing",
        "ActionsEnabled": True,
        "AlarmActions": [policy_arn],
    }


def _wakes(
    dimension: Dimension, item: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]
) -> bool:
    """Whether a policy and its alarm are as we write them."""
    present = known.get(_alarm_name(item["ResourceId"]))
    if present is None or dimension not in _WAKERS:
        return False
    wanted = _alarm(dimension, item["ResourceId"], item["PolicyARN"])
    step = item.get("StepScalingPolicyConfiguration", {})
    return all(present.get(key) == value for key, value in wanted.items()) and all(
        step.get(key) == value for key, value in _WAKING_STEP.items()
    )


def _state(name: str, alarm: Mapping[str, Any] | None) -> Alarm:
    if alarm is None:
        return Alarm(name, None)
    since: datetime | None = alarm.get("StateUpdatedTimestamp")
    return Alarm(name, alarm["StateValue"], since.astimezone(UTC) if since else None)


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
        yield from page[_LISTS[operation]]


def _target(item: Mapping[str, Any]) -> ScalableTarget:
    return ScalableTarget(
        Capacity(item["MinCapacity"], item["MaxCapacity"]),
        suspended=any(item.get("SuspendedState", {}).values()),
    )


def _policy(dimension: Dimension, item: Mapping[str, Any]) -> ScalingPolicy:
    tracking = item.get("TargetTrackingScalingPolicyConfiguration", {})
    custom = tracking.get("CustomizedMetricSpecification", {})
    predefined = tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    metric = predefined or custom.get("MetricName")
    plain = False
    if metric in _TRACKED[dimension]:
        ours = _tracking(Metric(metric), item["ResourceId"])
        plain = all(tracking.get(key, value) == value for key, value in ours.items())
        plain = plain and not tracking.get("DisableScaleIn", False)
    return ScalingPolicy(
        item["PolicyName"], tracking["TargetValue"] if plain else None, metric=metric
    )


_TRACKED: Final[Mapping[Dimension, tuple[Metric, ...]]] = {
    Dimension.CONCURRENCY: (Metric.UTILIZATION,),
    Dimension.INSTANCES: (Metric.CALLS_PER_INSTANCE, Metric.BACKLOG_PER_INSTANCE),
    Dimension.COPIES: (Metric.CALLS_PER_COPY,),
}


def _tracking(metric: Metric, target: str) -> dict[str, Any]:
    """How we let a policy follow a metric, without the value that it aims at."""
    if metric is not Metric.BACKLOG_PER_INSTANCE:
        return {"PredefinedMetricSpecification": {"PredefinedMetricType": metric.value}}
    specification = {
        "MetricName": metric.value,
        "Namespace": _OWN_METRICS,
        "Dimensions": [{"Name": "EndpointName", "Value": target.split("/")[1]}],
        "Statistic": "Average",
    }
    return {"CustomizedMetricSpecification": specification, **_COOLDOWNS}


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


def _request(dimension: Dimension, target: str, step: Step) -> tuple[str, dict[str, Any]]:
    """The operation of a step, as boto3 calls it, and its parameters."""
    which: dict[str, Any] = {
        "ServiceNamespace": NAMESPACE,
        "ResourceId": target,
        "ScalableDimension": dimension.value,
    }
    match step:
        case RegisterTarget(capacity):
            bounds = {"MinCapacity": capacity.least, "MaxCapacity": capacity.most}
            return "register_scalable_target", which | bounds
        case DeregisterTarget():
            return "deregister_scalable_target", which
        case PutPolicy(policy):
            return "put_scaling_policy", which | _put_policy(target, policy)
        case DeletePolicy(name):
            return "delete_scaling_policy", which | {"PolicyName": name}
        case PutScheduledAction(action):
            return "put_scheduled_action", which | _scheduled(action)
        case DeleteScheduledAction(name):
            return "delete_scheduled_action", which | {"ScheduledActionName": name}


def _put_policy(target: str, policy: ScalingPolicy) -> dict[str, Any]:
    if policy.wakes:
        return {
            "PolicyName": policy.name,
            "PolicyType": "StepScaling",
            "StepScalingPolicyConfiguration": _WAKING_STEP,
        }
    tracking = {
        "TargetValue": policy.target_value,
        **_tracking(Metric(policy.metric or ""), target),
    }
    return {
        "PolicyName": policy.name,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": tracking,
    }


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
