"""Scaling policies, and what target tracking does to an endpoint as time goes by."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox
from tests.support.scalable_endpoint import (
    CONCURRENCY,
    COPIES,
    INSTANCES,
    activities,
    load_utilization,
    provisioned_now,
    scale_serverless,
    serve_instances,
    status_of,
    variant_of,
)

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]

MINUTE = timedelta(minutes=1)
UTILIZATION = "SageMakerVariantProvisionedConcurrencyUtilization"


def a_configuration(target: float = 0.5, metric: str = UTILIZATION, **more: Any) -> dict[str, Any]:
    specification = {"PredefinedMetricType": metric}
    return {"TargetValue": target, "PredefinedMetricSpecification": specification, **more}


def track(autoscaling: Client, where: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    answer = autoscaling.put_scaling_policy(
        **(where or CONCURRENCY),
        PolicyName="p",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=a_configuration(**more),
    )
    return dict(answer)


def test_a_tracking_policy_makes_two_alarms_of_cloudwatch(
    sandbox: Sandbox, autoscaling: Client, cloudwatch: Client
) -> None:
    scale_serverless(sandbox, autoscaling)

    answer = track(autoscaling, target=0.7)
    (shown,) = autoscaling.describe_scaling_policies(ServiceNamespace="sagemaker")[
        "ScalingPolicies"
    ]
    alarms = {a["AlarmArn"]: a for a in cloudwatch.describe_alarms()["MetricAlarms"]}
    high, low = (alarms[found["AlarmARN"]] for found in answer["Alarms"])

    assert shown["PolicyARN"] == answer["PolicyARN"]
    assert shown["Alarms"] == answer["Alarms"]
    assert shown["TargetTrackingScalingPolicyConfiguration"] == a_configuration(target=0.7)
    assert high["AlarmName"].startswith("TargetTracking-endpoint/e/variant/v-AlarmHigh-")
    assert (high["ComparisonOperator"], high["Threshold"]) == ("GreaterThanThreshold", 0.7)
    assert (high["EvaluationPeriods"], high["Period"]) == (3, 60)
    assert (low["ComparisonOperator"], low["EvaluationPeriods"]) == ("LessThanThreshold", 15)
    assert low["Threshold"] == pytest.approx(0.63)
    assert high["MetricName"] == "ServerlessProvisionedConcurrencyUtilization"
    assert high["AlarmActions"] == [answer["PolicyARN"]]
    assert high["StateValue"] == "INSUFFICIENT_DATA"


def test_three_minutes_above_the_target_scale_out(
    sandbox: Sandbox, autoscaling: Client, sagemaker: Client, cloudwatch: Client
) -> None:
    scale_serverless(sandbox, autoscaling, provisioned=4)
    track(autoscaling)
    start = sandbox.clock.now()
    load_utilization(sandbox, start, [1.0] * 3)

    sandbox.clock.set(start + timedelta(seconds=179))
    too_early = activities(autoscaling)
    sandbox.clock.set(start + 3 * MINUTE)
    (activity,) = activities(autoscaling)
    states = {a["AlarmName"]: a["StateValue"] for a in cloudwatch.describe_alarms()["MetricAlarms"]}
    sandbox.clock.advance(5 * MINUTE)

    assert too_early == []
    assert activity["StartTime"] == start + 3 * MINUTE
    assert activity["Description"] == "Setting desired provisioned concurrency to 8."
    assert "-AlarmHigh-" in activity["Cause"]
    assert activity["Cause"].endswith("in state ALARM triggered policy p")
    assert sorted(states.values()) == ["ALARM", "OK"]
    assert (status_of(sagemaker), provisioned_now(sagemaker)) == ("InService", 8)


def test_fifteen_minutes_below_ninety_per_cent_of_the_target_scale_in(
    sandbox: Sandbox, autoscaling: Client, sagemaker: Client
) -> None:
    scale_serverless(sandbox, autoscaling, provisioned=8)
    track(autoscaling)
    start = sandbox.clock.now()
    load_utilization(sandbox, start, [0.1] * 15)

    sandbox.clock.set(start + timedelta(minutes=14, seconds=59))
    too_early = activities(autoscaling)
    sandbox.clock.set(start + timedelta(minutes=20))

    assert too_early == []
    assert activities(autoscaling)[0]["StartTime"] == start + 15 * MINUTE
    assert provisioned_now(sagemaker) == 2


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 1.0, 0.4] * 10,
        [0.46] * 40,
        [0.1] * 14 + [0.46],
        [],
    ],
    ids=["never three in a row", "between the thresholds", "one short of fifteen", "no data"],
)
def test_what_does_not_last_changes_nothing(
    sandbox: Sandbox, autoscaling: Client, values: list[float]
) -> None:
    scale_serverless(sandbox, autoscaling, provisioned=4)
    track(autoscaling)
    load_utilization(sandbox, sandbox.clock.now(), values)

    sandbox.clock.advance(timedelta(hours=2))

    assert activities(autoscaling) == []


def test_a_minute_without_data_is_not_a_minute_below(sandbox: Sandbox, autoscaling: Client) -> None:
    scale_serverless(sandbox, autoscaling, provisioned=4)
    track(autoscaling)
    start = sandbox.clock.now()
    load_utilization(sandbox, start, [0.1] * 14)
    load_utilization(sandbox, start + 15 * MINUTE, [0.1] * 14)

    sandbox.clock.advance(timedelta(hours=2))

    assert activities(autoscaling) == []


def test_capacity_stays_within_its_bounds(
    sandbox: Sandbox, autoscaling: Client, sagemaker: Client
) -> None:
    scale_serverless(sandbox, autoscaling, provisioned=4, bounds=(3, 6))
    track(autoscaling)
    start = sandbox.clock.now()
    load_utilization(sandbox, start, [1.0] * 30)
    load_utilization(sandbox, start + 30 * MINUTE, [0.0] * 60)

    sandbox.clock.advance(30 * MINUTE)
    most = provisioned_now(sagemaker)
    sandbox.clock.advance(60 * MINUTE)

    assert (most, provisioned_now(sagemaker)) == (6, 3)


def test_a_cooldown_passes_between_two_equal_scale_outs(
    sandbox: Sandbox, autoscaling: Client
) -> None:
    scale_serverless(sandbox, autoscaling, provisioned=2)
    track(autoscaling, ScaleOutCooldown=120)
    start = sandbox.clock.now()
    load_utilization(sandbox, start, [1.0] * 12)

    sandbox.clock.advance(timedelta(hours=1))

    begun = [(a["StartTime"] - start, a["Description"][-3:]) for a in activities(autoscaling)]
    assert begun == [(10 * MINUTE, " 8."), (3 * MINUTE, " 4.")]


def test_a_larger_scale_out_does_not_wait_for_the_cooldown(
    sandbox: Sandbox, autoscaling: Client
) -> None:
    scale_serverless(sandbox, autoscaling, provisioned=4)
    track(autoscaling, ScaleOutCooldown=3600)
    start = sandbox.clock.now()
    load_utilization(sandbox, start, [0.75] * 5 + [1.0] * 5)

    sandbox.clock.advance(timedelta(minutes=12))

    begun = [(a["StartTime"] - start, a["Description"][-3:]) for a in activities(autoscaling)]
    assert begun == [(8 * MINUTE, " 8."), (3 * MINUTE, " 6.")]


@pytest.mark.parametrize(
    ("values", "configured", "suspended"),
    [
        ([0.1] * 60, {"DisableScaleIn": True}, {}),
        ([0.1] * 60, {}, {"DynamicScalingInSuspended": True}),
        ([1.0] * 60, {}, {"DynamicScalingOutSuspended": True}),
    ],
)
def test_scaling_that_is_switched_off_does_not_happen(
    sandbox: Sandbox,
    autoscaling: Client,
    values: list[float],
    configured: dict[str, Any],
    suspended: dict[str, bool],
) -> None:
    scale_serverless(sandbox, autoscaling, provisioned=5)
    autoscaling.register_scalable_target(**CONCURRENCY, SuspendedState=suspended)
    track(autoscaling, **configured)
    load_utilization(sandbox, sandbox.clock.now(), values)

    sandbox.clock.advance(timedelta(hours=1))

    assert activities(autoscaling) == []


def test_data_published_late_counts_from_when_it_comes(
    sandbox: Sandbox, autoscaling: Client, cloudwatch: Client
) -> None:
    scale_serverless(sandbox, autoscaling, provisioned=4)
    track(autoscaling)
    start = sandbox.clock.now()
    sandbox.clock.advance(30 * MINUTE)

    dimensions = [{"Name": "EndpointName", "Value": "e"}, {"Name": "VariantName", "Value": "v"}]
    for minutes in (27, 28, 29):
        datum = {
            "MetricName": "ServerlessProvisionedConcurrencyUtilization",
            "Dimensions": dimensions,
            "Timestamp": start + minutes * MINUTE,
            "Value": 1.0,
        }
        cloudwatch.put_metric_data(Namespace="AWS/SageMaker", MetricData=[datum])
    load_utilization(sandbox, start + 30 * MINUTE, [1.0])
    sandbox.clock.advance(timedelta(hours=1))

    (activity,) = activities(autoscaling)
    assert activity["StartTime"] == start + 31 * MINUTE


def test_minutes_that_cloudwatch_no_longer_keeps_are_passed_over(
    sandbox: Sandbox, autoscaling: Client
) -> None:
    scale_serverless(sandbox, autoscaling, provisioned=2)
    track(autoscaling)
    start = sandbox.clock.now()
    load_utilization(sandbox, start, [1.0] * 10)
    load_utilization(sandbox, start + timedelta(days=20), [1.0] * 10)

    sandbox.clock.advance(timedelta(days=30))

    (activity,) = activities(autoscaling)
    assert activity["StartTime"] == start + timedelta(days=20, minutes=3)


def test_invocations_per_instance_scale_instances(
    sandbox: Sandbox, autoscaling: Client, sagemaker: Client
) -> None:
    serve_instances(sandbox, count=1)
    autoscaling.register_scalable_target(**INSTANCES, MinCapacity=1, MaxCapacity=4)
    track(autoscaling, INSTANCES, target=100.0, metric="SageMakerVariantInvocationsPerInstance")
    start = sandbox.clock.now()
    dimensions = {"EndpointName": "e", "VariantName": "v"}
    points = [(start + timedelta(seconds=20 * n), 100.0) for n in range(9)]
    sandbox.metrics.load(None, None, "AWS/SageMaker", "InvocationsPerInstance", dimensions, points)

    sandbox.clock.advance(8 * MINUTE)

    assert variant_of(sagemaker)["CurrentInstanceCount"] == 3


def test_two_policies_scale_in_only_together(sandbox: Sandbox, autoscaling: Client) -> None:
    scale_serverless(sandbox, autoscaling, provisioned=8)
    track(autoscaling)
    own = {"MetricName": "M", "Namespace": "Own", "Dimensions": [], "Statistic": "Average"}
    autoscaling.put_scaling_policy(
        **CONCURRENCY,
        PolicyName="own",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 10.0,
            "CustomizedMetricSpecification": own,
        },
    )
    start = sandbox.clock.now()
    load_utilization(sandbox, start, [0.1] * 120)
    calm = [(start + n * MINUTE, 1.0) for n in range(60, 120)]
    sandbox.metrics.load(None, None, "Own", "M", {}, calm)

    sandbox.clock.advance(timedelta(hours=2))

    assert activities(autoscaling)[-1]["StartTime"] == start + 75 * MINUTE


def test_a_policy_is_replaced_and_deleted_with_its_alarms(
    sandbox: Sandbox, autoscaling: Client, cloudwatch: Client, refusal: Refusal
) -> None:
    scale_serverless(sandbox, autoscaling)
    first = track(autoscaling, target=0.5)
    sandbox.clock.advance(MINUTE)

    second = track(autoscaling, target=0.6)
    thresholds = sorted(a["Threshold"] for a in cloudwatch.describe_alarms()["MetricAlarms"])
    autoscaling.delete_scaling_policy(**CONCURRENCY, PolicyName="p")

    assert first["PolicyARN"] == second["PolicyARN"]
    assert thresholds == [pytest.approx(0.54), 0.6]
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    code, message = refusal(autoscaling.delete_scaling_policy, **CONCURRENCY, PolicyName="p")
    assert (code, message.endswith("policy name: p")) == ("ObjectNotFoundException", True)


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        (
            {
                "TargetTrackingScalingPolicyConfiguration": a_configuration(
                    metric="LambdaProvisionedConcurrencyUtilization"
                )
            },
            "ValidationException",
            f"only supports the following predefined metric types: {UTILIZATION}",
        ),
        (
            {"TargetTrackingScalingPolicyConfiguration": a_configuration(target=0.0)},
            "ValidationException",
            "greater than 0",
        ),
        (
            {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": 1.0}},
            "ValidationException",
            "Exactly one of",
        ),
        (
            {
                "PolicyType": "StepScaling",
                "StepScalingPolicyConfiguration": {"AdjustmentType": "ExactCapacity"},
            },
            "ValidationException",
            "StepAdjustments",
        ),
        ({"PolicyType": "PredictiveScaling"}, "NotImplemented", "not PredictiveScaling"),
        ({"ResourceId": "endpoint/x/variant/v"}, "ObjectNotFoundException", "No scalable target"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused(
    sandbox: Sandbox,
    autoscaling: Client,
    refusal: Refusal,
    changes: dict[str, Any],
    code: str,
    words: str,
) -> None:
    scale_serverless(sandbox, autoscaling)
    right = {
        **CONCURRENCY,
        "PolicyName": "p",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": a_configuration(),
    }

    found, message = refusal(autoscaling.put_scaling_policy, **{**right, **changes})

    assert found == code
    assert words in message


def test_one_metric_is_tracked_by_one_policy(
    sandbox: Sandbox, autoscaling: Client, refusal: Refusal
) -> None:
    scale_serverless(sandbox, autoscaling)
    track(autoscaling)

    code, message = refusal(
        autoscaling.put_scaling_policy,
        **CONCURRENCY,
        PolicyName="another",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=a_configuration(),
    )

    assert code == "ValidationException"
    assert message.startswith("Only one TargetTrackingScaling policy for a given metric")


def test_copies_take_only_metrics_of_copies(
    sandbox: Sandbox, autoscaling: Client, refusal: Refusal
) -> None:
    fleet = sandbox.sagemaker()
    variant = {"VariantName": "v", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
    fleet.add_endpoint_config("c", [variant])
    fleet.add_endpoint("e", config="c")
    fleet.add_inference_component("ic", endpoint="e", variant="v")
    autoscaling.register_scalable_target(**COPIES, MinCapacity=0, MaxCapacity=4)

    answer = track(autoscaling, COPIES, metric="SageMakerInferenceComponentInvocationsPerCopy")
    code, _ = refusal(track, autoscaling=autoscaling, where=COPIES)

    assert len(answer["Alarms"]) == 2
    assert code == "ValidationException"
