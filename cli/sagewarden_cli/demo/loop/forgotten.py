"""An endpoint that somebody has cared for, and then forgot: made by AWS's own calls."""

from datetime import datetime, timedelta
from typing import Any

from sagewarden_cli.demo.organisation import VIRGINIA
from sagewarden_cli.sandbox import Sandbox

NAME = "churn-scoring"
OWNER = "mina@example.com"
_HOUR = timedelta(hours=1)
_ROLE = "arn:aws:iam::123456789012:role/serving"
_IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312"
_TAGS = [{"Key": "Owner", "Value": OWNER}, {"Key": "Team", "Value": "growth"}]
_TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": f"endpoint/{NAME}/variant/blue",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


def add_forgotten_endpoint(sandbox: Sandbox, until: datetime) -> None:
    """Make two variants with shifted weights, autoscaling and an alarm; nobody calls them.

    Args:
        sandbox: The emulated AWS, whose clock goes on for two hours meanwhile.
        until: Until when no invocation is counted.
    """
    begins = sandbox.clock.now()
    _make(sandbox.client("sagemaker", VIRGINIA), sandbox)
    _scale(sandbox.client("application-autoscaling", VIRGINIA))
    _watch(sandbox.client("cloudwatch", VIRGINIA))
    points = [(begins + number * _HOUR, 0.0) for number in range(int((until - begins) / _HOUR))]
    for variant in ("blue", "green"):
        which = {"EndpointName": NAME, "VariantName": variant}
        sandbox.metrics.load(None, VIRGINIA, "AWS/SageMaker", "Invocations", which, points)


def _make(client: Any, sandbox: Sandbox) -> None:  # noqa: ANN401 - a boto3 client
    for variant in ("blue", "green"):
        client.create_model(
            ModelName=f"{NAME}-{variant}",
            PrimaryContainer={"Image": _IMAGE, "ModelDataUrl": f"s3://models/{variant}.tar.gz"},
            ExecutionRoleArn=_ROLE,
            Tags=_TAGS,
        )
    client.create_endpoint_config(
        EndpointConfigName=f"{NAME}-7",
        ProductionVariants=[
            {
                "VariantName": variant,
                "ModelName": f"{NAME}-{variant}",
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
                "InitialVariantWeight": 1.0,
            }
            for variant in ("blue", "green")
        ],
        DataCaptureConfig={
            "EnableCapture": True,
            "InitialSamplingPercentage": 5,
            "DestinationS3Uri": "s3://captured/churn",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        },
        Tags=_TAGS,
    )
    client.create_endpoint(EndpointName=NAME, EndpointConfigName=f"{NAME}-7", Tags=_TAGS)
    sandbox.clock.advance(_HOUR)
    client.update_endpoint_weights_and_capacities(
        EndpointName=NAME,
        DesiredWeightsAndCapacities=[
            {"VariantName": "blue", "DesiredWeight": 0.9},
            {"VariantName": "green", "DesiredWeight": 0.1},
        ],
    )
    sandbox.clock.advance(_HOUR)


def _scale(client: Any) -> None:  # noqa: ANN401 - a boto3 client
    client.register_scalable_target(
        **_TARGET, MinCapacity=1, MaxCapacity=4, Tags={"Team": "growth"}
    )
    client.put_scaling_policy(
        **_TARGET,
        PolicyName="per-instance",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 200.0,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            },
        },
    )
    client.put_scheduled_action(
        **_TARGET,
        ScheduledActionName="morning",
        Schedule="cron(0 9 ? * MON-FRI *)",
        Timezone="Asia/Seoul",
        ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 6},
    )


def _watch(client: Any) -> None:  # noqa: ANN401 - a boto3 client
    client.put_metric_alarm(
        AlarmName=f"{NAME}-is-slow",
        Namespace="AWS/SageMaker",
        MetricName="ModelLatency",
        Dimensions=[
            {"Name": "EndpointName", "Value": NAME},
            {"Name": "VariantName", "Value": "blue"},
        ],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=3,
        Threshold=500_000.0,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=["arn:aws:sns:us-east-1:123456789012:pages"],
        Tags=_TAGS,
    )
