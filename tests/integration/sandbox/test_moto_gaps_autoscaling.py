"""What plain moto lacks of autoscaling and quotas: the day one of these fails, ours can go."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.support.scalable_endpoint import CONCURRENCY, COPIES, INSTANCES

type Client = Any  # boto3 makes its clients at run time

_plain_client: Callable[..., Client] = boto3.client  # noqa: TID251  # moto without the sandbox


@pytest.fixture
def autoscaling() -> Iterator[Client]:
    with mock_aws():
        yield _plain_client("application-autoscaling", region_name="us-east-1")


@pytest.fixture
def quotas() -> Iterator[Client]:
    with mock_aws():
        yield _plain_client("service-quotas", region_name="us-east-1")


@pytest.mark.parametrize("target", [CONCURRENCY, COPIES])
def test_moto_refuses_two_of_sagemakers_dimensions(
    autoscaling: Client, target: dict[str, str]
) -> None:
    with pytest.raises(ClientError) as caught:
        autoscaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)

    assert caught.value.response["Error"]["Code"] == "ValidationException", (
        "moto now registers this dimension: look whether our ScalableTargets can go"
    )


def test_moto_registers_endpoints_that_do_not_exist(autoscaling: Client) -> None:
    autoscaling.register_scalable_target(**INSTANCES, MinCapacity=1, MaxCapacity=2)

    found = autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")

    assert len(found["ScalableTargets"]) == 1, (
        "moto now looks for the endpoint: look whether our ScalableTargets can go"
    )


def test_moto_makes_no_alarms_for_sagemakers_policies(autoscaling: Client) -> None:
    autoscaling.register_scalable_target(**INSTANCES, MinCapacity=1, MaxCapacity=2)
    metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}

    answer = autoscaling.put_scaling_policy(
        **INSTANCES,
        PolicyName="p",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 1.0,
            "PredefinedMetricSpecification": metric,
        },
    )

    assert answer["Alarms"] == [], "moto now makes alarms: look whether our ScalingPolicies can go"


def test_moto_takes_any_schedule_for_any_target(autoscaling: Client) -> None:
    autoscaling.put_scheduled_action(
        **INSTANCES, ScheduledActionName="a", Schedule="now and then", ScalableTargetAction={}
    )

    found = autoscaling.describe_scheduled_actions(ServiceNamespace="sagemaker")

    assert len(found["ScheduledActions"]) == 1, (
        "moto now checks schedules: look whether our ScheduledActions can go"
    )


@pytest.mark.parametrize(
    ("call", "params"),
    [
        ("describe_scaling_activities", {"ServiceNamespace": "sagemaker"}),
        (
            "list_tags_for_resource",
            {"ResourceARN": "arn:aws:application-autoscaling:us-east-1:1:scalable-target/1"},
        ),
    ],
)
def test_moto_has_neither_activities_nor_tags(
    autoscaling: Client, call: str, params: dict[str, str]
) -> None:
    with pytest.raises(NotImplementedError) as caught:
        getattr(autoscaling, call)(**params)

    assert caught.type is NotImplementedError, f"moto now has {call}: remove ours"


def test_moto_knows_no_quotas_of_sagemaker(quotas: Client) -> None:
    with pytest.raises(ClientError) as caught:
        quotas.list_aws_default_service_quotas(ServiceCode="sagemaker")

    assert caught.value.response["Error"]["Code"] == "NoSuchResourceException", (
        "moto now has quotas of SageMaker: look whether our ServiceQuotas can go"
    )


def test_moto_lists_no_applied_quotas(quotas: Client) -> None:
    with pytest.raises(NotImplementedError) as caught:
        quotas.list_service_quotas(ServiceCode="sagemaker")

    assert caught.type is NotImplementedError, "moto now lists quotas: remove our list_page"


def test_moto_never_acts_on_the_alarm_of_a_step_policy(autoscaling: Client) -> None:
    autoscaling.register_scalable_target(**INSTANCES, MinCapacity=1, MaxCapacity=2)
    policy = autoscaling.put_scaling_policy(
        **INSTANCES,
        PolicyName="step",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
        },
    )
    cloudwatch = _plain_client("cloudwatch", region_name="us-east-1")
    cloudwatch.put_metric_alarm(
        AlarmName="busy",
        Namespace="Team",
        MetricName="Waiting",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=5,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[policy["PolicyARN"]],
    )

    cloudwatch.put_metric_data(
        Namespace="Team", MetricData=[{"MetricName": "Waiting", "Value": 20}]
    )

    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    (shown,) = autoscaling.describe_scaling_policies(ServiceNamespace="sagemaker")[
        "ScalingPolicies"
    ]
    assert (alarm["StateValue"], shown.get("Alarms", [])) == ("OK", []), (
        "moto now evaluates alarms, or shows them with their policy: look whether our StepScaler "
        "can go"
    )
