"""Asynchronous endpoints and an inference component through a day: they sleep, and they wake."""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.people import REGION
from tests.e2e.stack.scenarios import Chronicle, at

DOCS, AWAKE = "endpoint/hours-docs/variant/v", "endpoint/hours-awake/variant/v"
LLM = "inference-component/hours-llm"
_DIMENSIONS = {
    DOCS: "sagemaker:variant:DesiredInstanceCount",
    AWAKE: "sagemaker:variant:DesiredInstanceCount",
    LLM: "sagemaker:inference-component:DesiredCopyCount",
}
_QUIET = (
    ("ApproximateBacklogSizePerInstance", {"EndpointName": "hours-docs"}),
    ("InvocationsPerCopy", {"InferenceComponentName": "hours-llm"}),
)
_WANTED = (
    ("HasBacklogWithoutCapacity", {"EndpointName": "hours-docs"}),
    ("NoCapacityInvocationFailures", {"InferenceComponentName": "hours-llm"}),
)


def day_of_endpoints_by_hours(playing: AbstractContextManager[Wiring]) -> Chronicle:
    """Tuesday morning to Tuesday evening; earlier rules left policies behind."""
    chronicle = Chronicle()
    with playing as wiring:
        _add(wiring)
        _leftovers(wiring)
        wiring.run_until(at(17, 7, 16))
        chronicle.states["registered"] = _registered(wiring)
        chronicle.states["alarms"] = _alarms(wiring)
        _publish(wiring, _QUIET, at(17, 8), 0, 20)
        for hour, minute in ((8, 40), (9, 20), (18, 20)):
            wiring.sleep_until(at(17, hour, minute))
            chronicle.states[f"17 {hour:02}:{minute}"] = _counts(wiring)
        _publish(wiring, _QUIET, at(17, 18, 30), 0, 20)
        wiring.sleep_until(at(17, 19, 30))
        chronicle.states["17 19:30"] = _counts(wiring)
        _publish(wiring, _WANTED, at(17, 20), 1, 5)
        wiring.sleep_until(at(17, 20, 30))
        chronicle.states["17 20:30"] = _counts(wiring)
        wiring.run_until(at(17, 20, 31))
        return chronicle.close(wiring)


def _add(wiring: Wiring) -> None:
    fleet, created = wiring.sandbox.sagemaker(), at(10, 9)
    fleet.add_model("served", created_at=created)
    variant = {"VariantName": "v", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    queue: dict[str, Any] = {"OutputConfig": {"S3OutputPath": "s3://bucket/out"}}
    tags = {"Owner": "mina"}
    for name in ("hours-docs", "hours-awake"):
        own = [{**variant, "ModelName": "served"}]
        fleet.add_endpoint_config(name, variants=own, tags=tags, AsyncInferenceConfig=queue)
        fleet.add_endpoint(name, config=name, created_at=created, tags=tags)
    managed = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2}
    shared = [{**variant, "ManagedInstanceScaling": managed}]
    fleet.add_endpoint_config("hours-host", variants=shared, tags=tags)
    fleet.add_endpoint("hours-host", config="hours-host", created_at=created, tags=tags)
    client: Any = wiring.sandbox.client("sagemaker", REGION)
    client.create_inference_component(
        InferenceComponentName="hours-llm",
        EndpointName="hours-host",
        VariantName="v",
        Specification={
            "ModelName": "served",
            "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 128},
        },
        RuntimeConfig={"CopyCount": 1},
    )


def _leftovers(wiring: Wiring) -> None:
    """A policy that tracks a component, and one that would wake what never sleeps."""
    wiring.sleep_until(at(17, 7, 0))
    client: Any = wiring.sandbox.client("application-autoscaling", REGION)
    cloudwatch: Any = wiring.sandbox.client("cloudwatch", REGION)
    for target in (AWAKE, LLM):
        client.register_scalable_target(**_which(target), MinCapacity=1, MaxCapacity=3)
    metric = "SageMakerInferenceComponentInvocationsPerCopy"
    client.put_scaling_policy(
        **_which(LLM),
        PolicyName="sagewarden-before",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 50,
            "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
        },
    )
    woken = client.put_scaling_policy(
        **_which(AWAKE),
        PolicyName="sagewarden-wake",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        },
    )
    cloudwatch.put_metric_alarm(
        AlarmName=f"sagewarden-wake-{AWAKE}",
        Namespace="AWS/SageMaker",
        MetricName="HasBacklogWithoutCapacity",
        Dimensions=[{"Name": "EndpointName", "Value": "hours-awake"}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=2,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[woken["PolicyARN"]],
    )


def _which(target: str) -> dict[str, str]:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": target,
        "ScalableDimension": _DIMENSIONS[target],
    }


def _publish(
    wiring: Wiring,
    metrics: tuple[tuple[str, dict[str, str]], ...],
    begin: datetime,
    value: float,
    minutes: int,
) -> None:
    points = [(begin + timedelta(minutes=number), value) for number in range(minutes)]
    for metric, dimensions in metrics:
        wiring.sandbox.metrics.load(None, None, "AWS/SageMaker", metric, dimensions, points)


def _counts(wiring: Wiring) -> tuple[int, int, int]:
    """The instances of docs and awake, and the copies of llm."""
    client: Any = wiring.sandbox.client("sagemaker", REGION)
    variants = [
        client.describe_endpoint(EndpointName=name)["ProductionVariants"][0]
        for name in ("hours-docs", "hours-awake")
    ]
    found = client.describe_inference_component(InferenceComponentName="hours-llm")
    docs, awake = (int(variant["CurrentInstanceCount"]) for variant in variants)
    return docs, awake, int(found["RuntimeConfig"]["CurrentCopyCount"])


def _registered(wiring: Wiring) -> dict[str, list[str]]:
    """The names of what Application Auto Scaling holds, by resource."""
    client: Any = wiring.sandbox.client("application-autoscaling", REGION)
    held: dict[str, list[str]] = {}
    for target in sorted(_DIMENSIONS):
        policies = client.describe_scaling_policies(**_which(target))["ScalingPolicies"]
        actions = client.describe_scheduled_actions(**_which(target))["ScheduledActions"]
        names = [item["PolicyName"] for item in policies]
        held[target] = sorted(names + [item["ScheduledActionName"] for item in actions])
    return held


def _alarms(wiring: Wiring) -> list[str]:
    client: Any = wiring.sandbox.client("cloudwatch", REGION)
    alarms = client.describe_alarms(AlarmNamePrefix="sagewarden-wake-")["MetricAlarms"]
    return sorted(alarm["AlarmName"] for alarm in alarms)
