"""The exact changes that advice asks for, as code that a person can read, paste and run.

A new endpoint config is made of the old one, so that whatever it says beside the change stays.
The names of what is changed are letters, digits and hyphens (botocore 1.44): they need no escaping.
"""

from collections.abc import Sequence
from textwrap import dedent, indent

from sagewarden.domain.advice.advice import Change, Language

_NAME = 63
"""The longest name of an endpoint or endpoint config (botocore 1.44)."""

_KEPT = (
    "ProductionVariants",
    "ShadowProductionVariants",
    "DataCaptureConfig",
    "KmsKeyId",
    "AsyncInferenceConfig",
    "ExplainerConfig",
    "ExecutionRoleArn",
    "VpcConfig",
    "EnableNetworkIsolation",
    "MetricsConfig",
)


def renamed(name: str, word: str) -> str:
    """A name beside another one, no longer than AWS takes it."""
    return f"{name[: _NAME - len(word) - 1]}-{word}"


def switch(region: str, endpoint: str, config: str, word: str, edits: str) -> Change:
    """Put an endpoint onto a config that differs from its own by some edits.

    Args:
        region: The region.
        endpoint: The endpoint's name.
        config: Its endpoint config's name.
        word: What the new config is called by, beside the old name.
        edits: Python that changes ``variant``, for each variant.
    """
    text = f"""\
{_derived(region, config, word, edits)}
# The instances are replaced before the old ones go; the old config stays, to go back to.
sm.update_endpoint(
    EndpointName="{endpoint}",
    EndpointConfigName="{renamed(config, word)}",
    RetainAllVariantProperties=True,
)
"""
    return Change(Language.PYTHON, text)


def beside(
    region: str, endpoint: str, config: str, word: str, edits: str, also: str = ""
) -> Change:
    """Make an endpoint beside another one, by a config that differs by some edits.

    Args:
        region: The region.
        endpoint: The endpoint's name.
        config: Its endpoint config's name.
        word: What the new ones are called by, beside the old names.
        edits: Python that changes ``variant``, for each variant, or ``new``, the config.
        also: Python that comes after it.
    """
    text = f"""\
{_derived(region, config, word, edits)}
sm.create_endpoint(
    EndpointName="{renamed(endpoint, word)}",
    EndpointConfigName="{renamed(config, word)}",
    Tags=sm.list_tags(ResourceArn=sm.describe_endpoint(EndpointName="{endpoint}")["EndpointArn"])["Tags"],
)
{also}# Send callers to the new endpoint, watch it for a week, and only then:
# sm.delete_endpoint(EndpointName="{endpoint}")
"""
    return Change(Language.PYTHON, text)


def with_type(instance_type: str, variant: str) -> str:
    """Edits that let a variant run on another type, without an accelerator."""
    return f"""\
if variant["VariantName"] == "{variant}":
    variant["InstanceType"] = "{instance_type}"
    variant.pop("AcceleratorType", None)
"""


def serverless(memory_mb: int, concurrency: int) -> str:
    """Edits that make a variant serverless."""
    return f"""\
for member in variant.keys() - {{"VariantName", "ModelName", "InitialVariantWeight"}}:
    del variant[member]
variant["ServerlessConfig"] = {{"MemorySizeInMB": {memory_mb}, "MaxConcurrency": {concurrency}}}
"""


def unreserved(variant: str) -> str:
    """Edits that take a serverless variant's provisioned concurrency away."""
    return f"""\
if variant["VariantName"] == "{variant}":
    variant["ServerlessConfig"].pop("ProvisionedConcurrency", None)
"""


def asynchronous() -> str:
    """Edits that make a config asynchronous."""
    return """\
new["AsyncInferenceConfig"] = {
    "OutputConfig": {"S3OutputPath": "s3://YOUR-BUCKET/async-output/"}
}
"""


def to_zero(region: str, endpoint: str, variant: str, most: int) -> str:
    """Python that lets an asynchronous endpoint scale between nothing and some instances.

    Target tracking cannot leave zero; a step policy on HasBacklogWithoutCapacity does (SageMaker
    guide, "Autoscale an asynchronous endpoint").
    """
    return f"""\
aas = boto3.client("application-autoscaling", region_name="{region}")
cw = boto3.client("cloudwatch", region_name="{region}")
target = dict(
    ServiceNamespace="sagemaker",
    ResourceId="endpoint/{endpoint}/variant/{variant}",
    ScalableDimension="sagemaker:variant:DesiredInstanceCount",
)
sm.get_waiter("endpoint_in_service").wait(EndpointName="{endpoint}")
aas.register_scalable_target(**target, MinCapacity=0, MaxCapacity={most})
aas.put_scaling_policy(
    **target,
    PolicyName="backlog-per-instance",
    PolicyType="TargetTrackingScaling",
    TargetTrackingScalingPolicyConfiguration={{
        "TargetValue": 5.0,
        "CustomizedMetricSpecification": {{
            "MetricName": "ApproximateBacklogSizePerInstance",
            "Namespace": "AWS/SageMaker",
            "Dimensions": [{{"Name": "EndpointName", "Value": "{endpoint}"}}],
            "Statistic": "Average",
        }},
    }},
)
policy = aas.put_scaling_policy(
    **target,
    PolicyName="from-zero",
    PolicyType="StepScaling",
    StepScalingPolicyConfiguration={{
        "AdjustmentType": "ChangeInCapacity",
        "MetricAggregationType": "Average",
        "Cooldown": 300,
        "StepAdjustments": [{{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}}],
    }},
)
cw.put_metric_alarm(
    AlarmName="{endpoint}-from-zero",
    Namespace="AWS/SageMaker",
    MetricName="HasBacklogWithoutCapacity",
    Dimensions=[{{"Name": "EndpointName", "Value": "{endpoint}"}}],
    Statistic="Average",
    Period=60,
    EvaluationPeriods=2,
    DatapointsToAlarm=2,
    Threshold=1,
    ComparisonOperator="GreaterThanOrEqualToThreshold",
    TreatMissingData="missing",
    AlarmActions=[policy["PolicyARN"]],
)
"""


def scaling(
    region: str, endpoint: str, variant: str, least: int, most: int, calls_per_minute: float
) -> Change:
    """Let a variant scale by the calls that each of its instances gets."""
    text = f"""\
import boto3

aas = boto3.client("application-autoscaling", region_name="{region}")
target = dict(
    ServiceNamespace="sagemaker",
    ResourceId="endpoint/{endpoint}/variant/{variant}",
    ScalableDimension="sagemaker:variant:DesiredInstanceCount",
)
aas.register_scalable_target(
    **target,
    MinCapacity={least},
    MaxCapacity={most},
    SuspendedState={{
        "DynamicScalingInSuspended": False,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": False,
    }},
)
aas.put_scaling_policy(
    **target,
    PolicyName="invocations-per-instance",
    PolicyType="TargetTrackingScaling",
    TargetTrackingScalingPolicyConfiguration={{
        "TargetValue": {calls_per_minute:.1f},  # calls per instance and minute
        "PredefinedMetricSpecification": {{
            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
        }},
    }},
)
"""
    return Change(Language.PYTHON, text)


def transform_job(
    region: str, endpoint: str, model: str | None, instance_type: str, count: int
) -> Change:
    """Run a model as a batch transform job."""
    name = "YOUR-MODEL" if model is None else model
    text = f"""\
aws sagemaker create-transform-job --region {region} \\
  --transform-job-name {renamed(endpoint, "batch")} \\
  --model-name {name} \\
  --transform-input '{{"DataSource": {{"S3DataSource":
    {{"S3DataType": "S3Prefix", "S3Uri": "s3://YOUR-BUCKET/in/"}}}}}}' \\
  --transform-output S3OutputPath=s3://YOUR-BUCKET/out/ \\
  --transform-resources InstanceType={instance_type},InstanceCount={count}
# Once its callers are gone:
# aws sagemaker delete-endpoint --region {region} --endpoint-name {endpoint}
"""
    return Change(Language.CLI, text)


def commands(*lines: str) -> Change:
    """A few commands, one a line."""
    return Change(Language.CLI, "\n".join(lines) + "\n")


def multi_model(
    region: str, first: str, endpoints: Sequence[str], instance_type: str, count: int, name: str
) -> Change:
    """Let the models of several endpoints be loaded by one.

    Args:
        region: The region.
        first: The model whose image, role and network the new one takes.
        endpoints: The endpoints whose models it takes over.
        instance_type: What it runs on.
        count: How many of them.
        name: What the new endpoint is called.
    """
    listed = ", ".join(f'"{item}"' for item in endpoints)
    text = f"""\
import boto3

sm = boto3.client("sagemaker", region_name="{region}")
prefix = "s3://YOUR-BUCKET/{name}/"  # copy each model's model.tar.gz here, under its own name
old = sm.describe_model(ModelName="{first}")
container = {{
    "Image": old["PrimaryContainer"]["Image"],
    "Environment": old["PrimaryContainer"].get("Environment", {{}}),
    "Mode": "MultiModel",
    "ModelDataUrl": prefix,
}}
network = {{key: old[key] for key in ("VpcConfig", "EnableNetworkIsolation") if key in old}}
sm.create_model(
    ModelName="{name}",
    PrimaryContainer=container,
    ExecutionRoleArn=old["ExecutionRoleArn"],
    **network,
)
sm.create_endpoint_config(
    EndpointConfigName="{name}",
    ProductionVariants=[
        {{
            "VariantName": "AllTraffic",
            "ModelName": "{name}",
            "InstanceType": "{instance_type}",
            "InitialInstanceCount": {count},
        }}
    ],
)
sm.create_endpoint(EndpointName="{name}", EndpointConfigName="{name}")
# Callers add TargetModel="<name>.tar.gz" to InvokeEndpoint. Once they all do:
# for name in [{listed}]:
#     sm.delete_endpoint(EndpointName=name)
"""
    return Change(Language.PYTHON, text)


def _derived(region: str, config: str, word: str, edits: str) -> str:
    loop = indent(dedent(edits), "    ")
    kept = "\n".join(f'    "{member}",' for member in _KEPT)
    return f"""\
import boto3

KEPT = (
{kept}
)
sm = boto3.client("sagemaker", region_name="{region}")
old = sm.describe_endpoint_config(EndpointConfigName="{config}")
new = {{member: old[member] for member in KEPT if old.get(member)}}
for variant in [*new["ProductionVariants"], *new.get("ShadowProductionVariants", [])]:
{loop.rstrip()}
sm.create_endpoint_config(EndpointConfigName="{renamed(config, word)}", **new)"""


def component(region: str, endpoint: str, variant: str, gpus: int) -> Change:
    """Put another model beside the one that runs, as an inference component.

    The endpoint's own model has to become a component first: a variant with a model of its own
    takes none (SageMaker guide, "Deploy models with the AWS SDK").
    """
    text = f"""\
# 1. Make an endpoint config whose variant has no ModelName but an ExecutionRoleArn, and update
#    {endpoint} to it.
# 2. Put each model onto it, as many GPUs as it needs:
aws sagemaker create-inference-component --region {region} \\
  --inference-component-name YOUR-MODEL \\
  --endpoint-name {endpoint} --variant-name {variant} \\
  --specification '{{"ModelName": "YOUR-MODEL", "ComputeResourceRequirements":
    {{"NumberOfAcceleratorDevicesRequired": {gpus}, "MinMemoryRequiredInMb": 1024}}}}' \\
  --runtime-config CopyCount=1
"""
    return Change(Language.CLI, text)
