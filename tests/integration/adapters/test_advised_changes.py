"""The changes that advice asks for: Python is run on the emulated AWS, commands are AWS's own."""

import shlex
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import get_session

from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import Sessions
from sagewarden.domain.advice import changes
from sagewarden.domain.advice.advice import Change, Language
from sagewarden.domain.advice.elastic_inference import Naming, Place
from sagewarden.domain.advice.elastic_replacement import in_place_of
from sagewarden.domain.resources import EndpointKind, ResourceRef
from sagewarden_cli.sandbox import Sandbox
from tests.support.advice import knowing

REGION = "us-east-1"
LONG_AGO = datetime(2026, 10, 1, tzinfo=UTC)
TARGET = {"ServiceNamespace": "sagemaker", "ResourceIds": ["endpoint/e/variant/AllTraffic"]}


def run(change: Change) -> None:
    """Run a change as whoever pastes it would."""
    assert change.language is Language.PYTHON
    exec(compile(change.text, "the change", "exec"), {})  # noqa: S102 - it is ours


@pytest.fixture
def aws(sandbox: Sandbox) -> Any:
    """A SageMaker client of an account with one endpoint ``e`` on config ``c``."""
    sandbox.transition_times.set_all(timedelta(0))
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_model("m")
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "m",
        "InstanceType": "ml.m4.xlarge",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1.0,
        "AcceleratorType": "ml.eia2.medium",
        "RoutingConfig": {"RoutingStrategy": "RANDOM"},
    }
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 9,
        "DestinationS3Uri": "s3://bucket/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    fleet.add_endpoint_config("c", [variant], created_at=LONG_AGO, DataCaptureConfig=capture)
    fleet.add_endpoint("e", config="c", created_at=LONG_AGO, tags={"Owner": "mina"})
    return sandbox.client("sagemaker", REGION)


def config_of(aws: Any, endpoint: str = "e") -> Any:
    name = aws.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    return aws.describe_endpoint_config(EndpointConfigName=name)


def test_a_switch_to_another_type_keeps_everything_else(aws: Any) -> None:
    edits = changes.with_type("ml.m5.xlarge", "AllTraffic")

    run(changes.switch(REGION, "e", "c", "newer", edits))

    config = config_of(aws)
    assert config["EndpointConfigName"] == "c-newer"
    assert config["DataCaptureConfig"]["InitialSamplingPercentage"] == 9
    (variant,) = config["ProductionVariants"]
    assert variant["InstanceType"] == "ml.m5.xlarge"
    assert "AcceleratorType" not in variant
    assert variant["RoutingConfig"] == {"RoutingStrategy": "RANDOM"}


def test_a_serverless_endpoint_is_made_beside_the_old_one(aws: Any, sessions: Sessions) -> None:
    run(changes.beside(REGION, "e", "c", "serverless", changes.serverless(2048, 5)))

    assert config_of(aws, "e-serverless")["EndpointConfigName"] == "c-serverless"
    inventory = SageMakerInventory(sessions)
    found = inventory.describe(REGION, inventory.endpoints(REGION).items).items
    kinds = {item.ref.name: item.details.kind for item in found if item.details}
    assert kinds == {"e": EndpointKind.REAL_TIME, "e-serverless": EndpointKind.SERVERLESS}
    new = next(item for item in found if item.ref.name == "e-serverless")
    assert new.tags == {"Owner": "mina"}


def test_an_asynchronous_endpoint_scales_to_zero_and_back(aws: Any, sandbox: Sandbox) -> None:
    also = changes.to_zero(REGION, "e-async", "AllTraffic", 2)

    run(changes.beside(REGION, "e", "c", "async", changes.asynchronous(), also))

    assert config_of(aws, "e-async")["AsyncInferenceConfig"]["OutputConfig"]
    scaling = sandbox.client("application-autoscaling", REGION)
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 2)
    policies = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert {item["PolicyType"] for item in policies} == {"StepScaling", "TargetTrackingScaling"}
    alarms = sandbox.client("cloudwatch", REGION).describe_alarms()["MetricAlarms"]
    (alarm,) = (item for item in alarms if item["MetricName"] == "HasBacklogWithoutCapacity")
    step = next(item for item in policies if item["PolicyType"] == "StepScaling")
    assert alarm["AlarmActions"] == [step["PolicyARN"]]


def test_instances_scale_by_their_calls(aws: Any, sandbox: Sandbox) -> None:
    assert aws.describe_endpoint(EndpointName="e")["EndpointStatus"] == "InService"

    run(changes.scaling(REGION, "e", "AllTraffic", 1, 4, 200))

    scaling = sandbox.client("application-autoscaling", REGION)
    (target,) = scaling.describe_scalable_targets(**TARGET)["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 200


def test_provisioned_concurrency_is_given_up(sandbox: Sandbox, aws: Any) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    settings = {"MemorySizeInMB": 2048, "MaxConcurrency": 5, "ProvisionedConcurrency": 2}
    variant = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": settings}
    fleet.add_endpoint_config("warm", [variant])
    fleet.add_endpoint("warm", config="warm")

    run(changes.switch(REGION, "warm", "warm", "on-demand", changes.unreserved("v")))

    (variant,) = config_of(aws, "warm")["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}


def test_models_are_loaded_by_one_endpoint(aws: Any) -> None:
    run(changes.multi_model(REGION, "m", ["e", "f"], "ml.m5.large", 1, "e-shared"))

    model = aws.describe_model(ModelName="e-shared")["PrimaryContainer"]
    assert model["Mode"] == "MultiModel"
    assert model["ModelDataUrl"] == "s3://YOUR-BUCKET/e-shared/"
    (variant,) = config_of(aws, "e-shared")["ProductionVariants"]
    assert variant["InstanceType"] == "ml.m5.large"


def a_naming(place: Place, endpoints: tuple[str, ...] | None = ()) -> Change:
    """The change that is advised for something that names Elastic Inference."""
    ref = ResourceRef(place, "1", REGION, "old", "arn:old")
    naming = Naming(
        ref=ref, where="w", variant="v", instance_type="ml.m5.large", endpoints=endpoints
    )
    return in_place_of(naming, knowing(), date(2026, 11, 2), None, None).change


COMMANDS: list[Callable[[], Change]] = [
    lambda: changes.transform_job(REGION, "e", "m", "ml.m5.large", 1),
    lambda: changes.component(REGION, "e", "AllTraffic", 1),
    lambda: a_naming(Place.ENDPOINT_CONFIG),
    lambda: a_naming(Place.MODEL),
    lambda: a_naming(Place.MODEL, ("e",)),
    lambda: a_naming(Place.NOTEBOOK_INSTANCE, None),
    lambda: a_naming(Place.TASK_DEFINITION),
]


@pytest.mark.parametrize("make", COMMANDS)
def test_commands_are_those_of_the_aws_cli(make: Callable[[], Change]) -> None:
    change = make()

    assert change.language is Language.CLI
    commands = list(_commands(change.text))
    assert commands
    for words in commands:
        _, service, operation, *options = words
        model = get_session().get_service_model(service)
        names = {xform_name(name, "-"): name for name in model.operation_names}
        if operation == "wait":
            operation = "describe-notebook-instance"
        shape = model.operation_model(names[operation]).input_shape
        assert shape is not None
        known = {f"--{xform_name(member, '-')}" for member in shape.members}
        given = {word for word in options if word.startswith("--")}
        assert given - known <= {"--region", "--query", "--cli-input-json"}, words


def _commands(text: str) -> list[list[str]]:
    """The commands in a text: comments taken away, lines that go on joined."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    lexer = shlex.shlex("\n".join(lines), posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    words = list(lexer)
    starts = [at for at, word in enumerate(words) if word == "aws"]
    ends = [*starts[1:], len(words)]
    return [words[start:end] for start, end in zip(starts, ends, strict=True)]
