"""Step scaling: what a policy does when an alarm that somebody put on it goes off."""

from datetime import timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox
from tests.support.scalable_endpoint import (
    CONCURRENCY,
    activities,
    provisioned_now,
    scale_serverless,
)

type Client = Any  # boto3 makes its clients at run time

MINUTE = timedelta(minutes=1)


def a_step_policy(
    autoscaling: Client, adjustment: str = "ChangeInCapacity", change: int = 1, cooldown: int = 0
) -> str:
    steps = [
        {"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 10.0, "ScalingAdjustment": 0},
        {"MetricIntervalLowerBound": 10.0, "ScalingAdjustment": change},
    ]
    answer = autoscaling.put_scaling_policy(
        **CONCURRENCY,
        PolicyName="step",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": adjustment,
            "StepAdjustments": steps,
            "Cooldown": cooldown,
        },
    )
    return str(answer["PolicyARN"])


def put_alarm(cloudwatch: Client, policy: str, periods: int = 1, **more: Any) -> None:
    cloudwatch.put_metric_alarm(
        AlarmName="busy",
        Namespace="Team",
        MetricName="Waiting",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=periods,
        Threshold=5,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[policy],
        **more,
    )


def publish(sandbox: Sandbox, *values: float, metric: str = "Waiting") -> None:
    now = sandbox.clock.now()
    points = [(now + number * MINUTE, value) for number, value in enumerate(values)]
    sandbox.metrics.load(None, None, "Team", metric, {}, points)


def test_a_step_policy_is_kept_and_has_no_alarms_of_its_own(
    sandbox: Sandbox, autoscaling: Client
) -> None:
    scale_serverless(sandbox, autoscaling)
    steps = [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 2}]
    configuration = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps}

    answer = autoscaling.put_scaling_policy(
        **CONCURRENCY,
        PolicyName="step",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration=configuration,
    )
    (shown,) = autoscaling.describe_scaling_policies(**CONCURRENCY, PolicyNames=["step"])[
        "ScalingPolicies"
    ]

    assert answer["Alarms"] == shown["Alarms"] == []
    assert shown["StepScalingPolicyConfiguration"] == configuration


def test_an_alarm_that_is_put_on_a_step_policy_is_shown_with_it_and_triggers_it(
    sandbox: Sandbox, autoscaling: Client, cloudwatch: Client, sagemaker: Client
) -> None:
    scale_serverless(sandbox, autoscaling)
    put_alarm(cloudwatch, a_step_policy(autoscaling))

    publish(sandbox, 20)
    sandbox.clock.advance(10 * MINUTE)

    (shown,) = autoscaling.describe_scaling_policies(**CONCURRENCY)["ScalingPolicies"]
    assert [alarm["AlarmName"] for alarm in shown["Alarms"]] == ["busy"]
    assert provisioned_now(sagemaker) == 5
    [activity] = activities(autoscaling)
    assert activity["Cause"] == "monitor alarm busy in state ALARM triggered policy step"
    [alarm] = cloudwatch.describe_alarms()["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"


@pytest.mark.parametrize(
    ("adjusts", "reached"),
    [
        (("ChangeInCapacity", 3), 7),
        (("ExactCapacity", 9), 9),
        (("PercentChangeInCapacity", 50), 6),
        (("ChangeInCapacity", 99), 10),
        (("ChangeInCapacity", -2), 2),
    ],
)
def test_a_step_policy_adjusts_as_it_says_and_within_the_bounds(
    sandbox: Sandbox,
    autoscaling: Client,
    cloudwatch: Client,
    sagemaker: Client,
    adjusts: tuple[str, int],
    reached: int,
) -> None:
    scale_serverless(sandbox, autoscaling)
    put_alarm(cloudwatch, a_step_policy(autoscaling, *adjusts))

    publish(sandbox, 20)
    sandbox.clock.advance(10 * MINUTE)

    assert provisioned_now(sagemaker) == reached


@pytest.mark.parametrize("values", [(4.0, 4.0), (20.0, 4.0), (8.0, 8.0)])
def test_a_step_policy_does_nothing_without_a_breach_of_every_period_that_has_a_step(
    sandbox: Sandbox,
    autoscaling: Client,
    cloudwatch: Client,
    sagemaker: Client,
    values: tuple[float, ...],
) -> None:
    scale_serverless(sandbox, autoscaling)
    put_alarm(cloudwatch, a_step_policy(autoscaling), periods=2)

    publish(sandbox, *values)
    publish(sandbox, 99, 99, metric="Other")
    sandbox.clock.advance(10 * MINUTE)

    assert provisioned_now(sagemaker) == 4


def test_a_step_policy_acts_each_minute_but_not_while_it_cools_down(
    sandbox: Sandbox, autoscaling: Client, cloudwatch: Client, sagemaker: Client
) -> None:
    scale_serverless(sandbox, autoscaling)
    put_alarm(cloudwatch, a_step_policy(autoscaling, cooldown=3600))

    publish(sandbox, *(20.0,) * 30)
    sandbox.clock.advance(60 * MINUTE)

    assert provisioned_now(sagemaker) == 5


def test_a_step_policy_that_is_suspended_or_gone_or_whose_alarm_is_off_does_nothing(
    sandbox: Sandbox, autoscaling: Client, cloudwatch: Client, sagemaker: Client
) -> None:
    scale_serverless(sandbox, autoscaling)
    policy = a_step_policy(autoscaling)
    put_alarm(cloudwatch, policy, ActionsEnabled=False)
    publish(sandbox, 20, 20)
    sandbox.clock.advance(10 * MINUTE)

    put_alarm(cloudwatch, policy)
    suspended = {"DynamicScalingOutSuspended": True}
    autoscaling.register_scalable_target(**CONCURRENCY, SuspendedState=suspended)
    publish(sandbox, 20, 20)
    sandbox.clock.advance(10 * MINUTE)

    autoscaling.register_scalable_target(
        **CONCURRENCY, SuspendedState={"DynamicScalingOutSuspended": False}
    )
    publish(sandbox, 20)
    autoscaling.delete_scaling_policy(**CONCURRENCY, PolicyName="step")
    sandbox.clock.advance(10 * MINUTE)

    assert provisioned_now(sagemaker) == 4
    assert len(cloudwatch.describe_alarms()["MetricAlarms"]) == 1
