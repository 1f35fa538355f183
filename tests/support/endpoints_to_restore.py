"""Endpoints of every kind, with all that people hang onto them, made by AWS's own calls."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sagewarden_cli.sandbox import Sandbox

ROLE = "arn:aws:iam::123456789012:role/serving"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/serving:1"
TAGS = [{"Key": "Owner", "Value": "mina"}, {"Key": "Team", "Value": "fraud"}]
TOPIC = "arn:aws:sns:us-east-1:123456789012:pages"
INSTANCES = "sagemaker:variant:DesiredInstanceCount"
CONCURRENCY = "sagemaker:variant:DesiredProvisionedConcurrency"
COPIES = "sagemaker:inference-component:DesiredCopyCount"
VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 20,
    "DestinationS3Uri": "s3://captured/e",
    "KmsKeyId": "alias/capture",
    "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
    "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
}

type Seeder = Callable[[Sandbox], None]


def single(sandbox: Sandbox) -> None:
    """One variant, grown from one instance to three, scaled by steps that an alarm drives."""
    _endpoint(sandbox, [_variant()], DataCaptureConfig=CAPTURE, KmsKeyId="alias/disks")
    _capacity(sandbox, {"VariantName": "v", "DesiredInstanceCount": 3})
    which = _register(sandbox, "endpoint/e/variant/v", INSTANCES, 1, 4)
    scaling = sandbox.client("application-autoscaling")
    arn = scaling.put_scaling_policy(
        **which,
        PolicyName="grow",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
            "Cooldown": 60,
        },
    )["PolicyARN"]
    _schedule(sandbox, which)
    _alarm(sandbox, "busy", actions=[arn])
    _alarm(sandbox, "slow")


def several_variants(sandbox: Sandbox) -> None:
    """Two variants whose weights were shifted, rolled out blue and green."""
    rollout = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {
                "Type": "ALL_AT_ONCE",
                "WaitIntervalInSeconds": 60,
            }
        }
    }
    variants = [_variant("blue", InitialVariantWeight=0.9), _variant("green", "m2")]
    _endpoint(sandbox, variants, create={"DeploymentConfig": rollout})
    _capacity(sandbox, {"VariantName": "green", "DesiredWeight": 0.4, "DesiredInstanceCount": 2})


def shadow(sandbox: Sandbox) -> None:
    """A variant that gets a copy of all requests."""
    _endpoint(sandbox, [_variant()], ShadowProductionVariants=[_variant("dark", "m2")])


def serverless(sandbox: Sandbox) -> None:
    """Provisioned concurrency that follows a target, within hours, in Seoul's time."""
    concurrency = {"MemorySizeInMB": 2048, "MaxConcurrency": 20, "ProvisionedConcurrency": 5}
    variant = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": concurrency}
    _endpoint(sandbox, [variant])
    _capacity(
        sandbox,
        {"VariantName": "v", "ServerlessUpdateConfig": {"ProvisionedConcurrency": 8}},
    )
    which = _register(sandbox, "endpoint/e/variant/v", CONCURRENCY, 2, 10)
    sandbox.client("application-autoscaling").put_scaling_policy(
        **which,
        PolicyName="track",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 0.7,
            "ScaleInCooldown": 300,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"
            },
        },
    )
    _schedule(sandbox, which)


def asynchronous(sandbox: Sandbox) -> None:
    """A queue in front of instances that scale down to none."""
    output = {"S3OutputPath": "s3://answers/", "NotificationConfig": {"SuccessTopic": TOPIC}}
    _endpoint(sandbox, [_variant()], AsyncInferenceConfig={"OutputConfig": output})
    _register(sandbox, "endpoint/e/variant/v", INSTANCES, 0, 3)
    _capacity(sandbox, {"VariantName": "v", "DesiredInstanceCount": 0})


def components(sandbox: Sandbox) -> None:
    """Two components on one fleet of instances, one of them scaled."""
    managed = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 4}
    variant = _variant(ManagedInstanceScaling=managed, RoutingConfig={"RoutingStrategy": "RANDOM"})
    del variant["ModelName"]
    _endpoint(sandbox, [variant], ExecutionRoleArn=ROLE, VpcConfig=VPC)
    client = sandbox.client("sagemaker")
    needs = {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 1024}
    for name, runs, copies in (
        ("chat", {"ModelName": "m"}, 2),
        ("rank", {"Container": {"Image": IMAGE, "Environment": {"MODE": "rank"}}}, 1),
    ):
        client.create_inference_component(
            InferenceComponentName=name,
            EndpointName="e",
            VariantName="v",
            Specification={**runs, "ComputeResourceRequirements": needs},
            RuntimeConfig={"CopyCount": copies},
            Tags=TAGS,
        )
    sandbox.clock.advance(timedelta(hours=1))
    which = _register(sandbox, "inference-component/chat", COPIES, 1, 5)
    sandbox.client("application-autoscaling").put_scheduled_action(
        **which,
        ScheduledActionName="night",
        Schedule="cron(0 22 * * ? *)",
        Timezone="Asia/Seoul",
        StartTime=datetime(2026, 12, 1, tzinfo=UTC),
        ScalableTargetAction={"MaxCapacity": 2},
    )


KINDS: Mapping[str, Seeder] = {
    "real-time, scaled by steps, with data capture": single,
    "several variants": several_variants,
    "shadow variant": shadow,
    "serverless with provisioned concurrency": serverless,
    "asynchronous": asynchronous,
    "inference components": components,
}


def _variant(name: str = "v", model: str = "m", **more: Any) -> dict[str, Any]:
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.xlarge",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1.0,
        "ContainerStartupHealthCheckTimeoutInSeconds": 120,
        **more,
    }


def _endpoint(
    sandbox: Sandbox,
    variants: list[dict[str, Any]],
    create: Mapping[str, Any] | None = None,
    **config: Any,
) -> None:
    client = sandbox.client("sagemaker")
    for model in ("m", "m2"):
        container = {"Image": IMAGE, "ModelDataUrl": f"s3://models/{model}.tar.gz"}
        client.create_model(
            ModelName=model,
            PrimaryContainer={**container, "Environment": {"WORKERS": "2"}},
            ExecutionRoleArn=ROLE,
            VpcConfig=VPC,
            EnableNetworkIsolation=True,
            Tags=TAGS,
        )
    client.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=variants, Tags=TAGS[:1], **config
    )
    client.create_endpoint(EndpointName="e", EndpointConfigName="c", Tags=TAGS, **(create or {}))
    sandbox.clock.advance(timedelta(hours=1))


def _capacity(sandbox: Sandbox, change: Mapping[str, Any]) -> None:
    sandbox.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName="e", DesiredWeightsAndCapacities=[change]
    )
    sandbox.clock.advance(timedelta(hours=1))


def _register(
    sandbox: Sandbox, resource: str, dimension: str, least: int, most: int
) -> dict[str, Any]:
    which = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": resource,
        "ScalableDimension": dimension,
    }
    sandbox.client("application-autoscaling").register_scalable_target(
        **which,
        MinCapacity=least,
        MaxCapacity=most,
        SuspendedState={"DynamicScalingInSuspended": True},
        Tags={"Team": "fraud"},
    )
    return which


def _schedule(sandbox: Sandbox, which: Mapping[str, Any]) -> None:
    sandbox.client("application-autoscaling").put_scheduled_action(
        **which,
        ScheduledActionName="morning",
        Schedule="cron(0 9 ? * MON-FRI *)",
        Timezone="Asia/Seoul",
        StartTime=datetime(2026, 12, 1, tzinfo=UTC),
        EndTime=datetime(2027, 12, 1, tzinfo=UTC),
        ScalableTargetAction={"MinCapacity": 2, "MaxCapacity": 6},
    )


def _alarm(sandbox: Sandbox, name: str, actions: list[str] | None = None) -> None:
    sandbox.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        AlarmDescription=f"e is {name}",
        Namespace="AWS/SageMaker",
        MetricName="ModelLatency",
        Dimensions=[
            {"Name": "EndpointName", "Value": "e"},
            {"Name": "VariantName", "Value": "v"},
        ],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=3,
        Threshold=500_000.0,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=actions or [TOPIC],
        Tags=TAGS,
    )
