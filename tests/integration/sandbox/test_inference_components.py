"""Inference components, and the instances under them going to zero and back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox

ROLE = "arn:aws:iam::123456789012:role/hosting"
SPECIFICATION = {
    "Container": {"Image": "img:1", "ArtifactUrl": "s3://b/model"},
    "ComputeResourceRequirements": {
        "NumberOfAcceleratorDevicesRequired": 1.0,
        "MinMemoryRequiredInMb": 4096,
    },
}

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]


@pytest.fixture
def endpoint(sandbox: Sandbox, sagemaker: Client) -> str:
    """An endpoint for inference components, with 2 instances that may go to zero."""
    variant = {
        "VariantName": "v",
        "InstanceType": "ml.g5.12xlarge",
        "InitialInstanceCount": 2,
        "ManagedInstanceScaling": {
            "Status": "ENABLED",
            "MinInstanceCount": 0,
            "MaxInstanceCount": 4,
        },
    }
    sagemaker.create_endpoint_config(
        EndpointConfigName="c", ExecutionRoleArn=ROLE, ProductionVariants=[variant]
    )
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    sandbox.clock.advance(timedelta(minutes=5))
    return "e"


def create(sagemaker: Client, name: str = "ic", copies: int = 1) -> str:
    answer = sagemaker.create_inference_component(
        InferenceComponentName=name,
        EndpointName="e",
        VariantName="v",
        Specification=SPECIFICATION,
        RuntimeConfig={"CopyCount": copies},
        Tags=[{"Key": "Owner", "Value": "mina"}],
    )
    return str(answer["InferenceComponentArn"])


def describe(sagemaker: Client, name: str = "ic") -> dict[str, Any]:
    found: dict[str, Any] = sagemaker.describe_inference_component(InferenceComponentName=name)
    return found


def set_copies(sagemaker: Client, copies: int, name: str = "ic") -> None:
    sagemaker.update_inference_component_runtime_config(
        InferenceComponentName=name, DesiredRuntimeConfig={"CopyCount": copies}
    )


def instances(sagemaker: Client) -> int:
    (variant,) = sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"]
    return int(variant["CurrentInstanceCount"])


def test_a_component_goes_through_its_whole_life(
    sandbox: Sandbox, sagemaker: Client, endpoint: str
) -> None:
    create(sagemaker, copies=2)
    creating = describe(sagemaker)
    sandbox.clock.advance(timedelta(minutes=4))
    in_service = describe(sagemaker)
    set_copies(sagemaker, 3)
    updating = describe(sagemaker)
    sandbox.clock.advance(timedelta(minutes=2))
    updated = describe(sagemaker)
    sagemaker.delete_inference_component(InferenceComponentName="ic")
    deleting = describe(sagemaker)
    sandbox.clock.advance(timedelta(minutes=1))
    left = sagemaker.list_inference_components(EndpointNameEquals=endpoint)

    steps = [creating, in_service, updating, updated, deleting]
    assert [step["InferenceComponentStatus"] for step in steps] == [
        *("Creating", "InService", "Updating", "InService", "Deleting"),
    ]
    assert [step["RuntimeConfig"]["CurrentCopyCount"] for step in steps] == [0, 2, 2, 3, 3]
    assert [step["RuntimeConfig"]["DesiredCopyCount"] for step in steps] == [2, 2, 3, 3, 3]
    assert in_service["Specification"]["Container"]["DeployedImage"]["SpecifiedImage"] == "img:1"
    assert left["InferenceComponents"] == []


@pytest.mark.usefixtures("endpoint")
def test_instances_go_to_zero_with_the_last_copy_and_come_back_with_the_first(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    create(sagemaker, "one")
    create(sagemaker, "two")
    sandbox.clock.advance(timedelta(minutes=4))

    set_copies(sagemaker, 0, "one")
    sandbox.clock.advance(timedelta(hours=1))
    with_one_copy_left = instances(sagemaker)
    set_copies(sagemaker, 0, "two")
    sandbox.clock.advance(timedelta(minutes=2 + 9))
    just_before = instances(sagemaker)
    sandbox.clock.advance(timedelta(minutes=1))
    without_copies = instances(sagemaker)
    set_copies(sagemaker, 1, "two")
    sandbox.clock.advance(timedelta(minutes=2 + 5))
    back_again = instances(sagemaker)

    assert (with_one_copy_left, just_before, without_copies, back_again) == (2, 2, 0, 1)


@pytest.mark.usefixtures("endpoint")
def test_a_copy_that_comes_back_in_time_keeps_the_instances(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    create(sagemaker)
    sandbox.clock.advance(timedelta(minutes=4))
    set_copies(sagemaker, 0)
    sandbox.clock.advance(timedelta(minutes=5))

    set_copies(sagemaker, 1)
    sandbox.clock.advance(timedelta(hours=1))

    assert describe(sagemaker)["RuntimeConfig"]["CurrentCopyCount"] == 1
    assert instances(sagemaker) > 0


def test_an_endpoint_with_components_is_not_deleted(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal, endpoint: str
) -> None:
    create(sagemaker)
    sandbox.clock.advance(timedelta(minutes=4))

    code, message = refusal(sagemaker.delete_endpoint, EndpointName=endpoint)
    sagemaker.delete_inference_component(InferenceComponentName="ic")
    sandbox.clock.advance(timedelta(minutes=1))
    sagemaker.delete_endpoint(EndpointName=endpoint)

    assert code == "ValidationException"
    assert "inference components: ic" in message


@pytest.mark.usefixtures("endpoint")
def test_a_component_in_the_middle_of_something_takes_no_change(
    sagemaker: Client, refusal: Refusal
) -> None:
    arn = create(sagemaker)

    answers = [
        refusal(
            sagemaker.update_inference_component_runtime_config,
            InferenceComponentName="ic",
            DesiredRuntimeConfig={"CopyCount": 0},
        ),
        refusal(sagemaker.delete_inference_component, InferenceComponentName="ic"),
    ]

    expected = f'Cannot update in-progress inference component "{arn}".'
    assert answers == [("ValidationException", expected)] * 2


def test_a_variant_with_a_model_of_its_own_takes_no_components(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal
) -> None:
    sandbox.sagemaker().add_endpoint("e")

    code, message = refusal(
        sagemaker.create_inference_component,
        InferenceComponentName="ic",
        EndpointName="e",
        VariantName="AllTraffic",
        Specification=SPECIFICATION,
        RuntimeConfig={"CopyCount": 1},
    )

    assert code == "ValidationException"
    assert "takes no inference components" in message


def test_components_are_listed_by_endpoint_variant_and_status(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    fleet = sandbox.sagemaker()
    for name, on, variant, state in (
        ("a", "e1", "v1", "InService"),
        ("b", "e1", "v2", "InService"),
        ("c", "e1", "v1", "Failed"),
        ("d", "e2", "v1", "InService"),
    ):
        fleet.add_inference_component(name, endpoint=on, variant=variant, status=state)

    def listed(**filters: str) -> list[str]:
        found = sagemaker.list_inference_components(SortBy="Name", SortOrder="Ascending", **filters)
        return [component["InferenceComponentName"] for component in found["InferenceComponents"]]

    assert listed(EndpointNameEquals="e1") == ["a", "b", "c"]
    assert listed(EndpointNameEquals="e1", VariantNameEquals="v1") == ["a", "c"]
    assert listed(VariantNameEquals="v1", StatusEquals="InService") == ["a", "d"]


def test_one_specification_per_instance_type_is_kept(
    sandbox: Sandbox, sagemaker: Client, endpoint: str
) -> None:
    specifications = [
        {**SPECIFICATION, "InstanceType": "ml.g5.12xlarge"},
        {**SPECIFICATION, "InstanceType": "ml.g6.12xlarge"},
    ]

    sagemaker.create_inference_component(
        InferenceComponentName="ic",
        EndpointName=endpoint,
        Specifications=specifications,
    )
    sandbox.clock.advance(timedelta(minutes=4))
    found = describe(sagemaker)

    assert [s["InstanceType"] for s in found["Specifications"]] == [
        "ml.g5.12xlarge",
        "ml.g6.12xlarge",
    ]
    assert found["VariantName"] == "v"
    assert found["RuntimeConfig"] == {"DesiredCopyCount": 1, "CurrentCopyCount": 1}


@pytest.mark.usefixtures("endpoint")
def test_an_update_changes_what_a_component_runs_and_in_how_many_copies(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    create(sagemaker)
    sandbox.clock.advance(timedelta(minutes=4))
    sagemaker.create_model(ModelName="m2", PrimaryContainer={"Image": "img:2"})

    sagemaker.update_inference_component(
        InferenceComponentName="ic",
        Specification={**SPECIFICATION, "ModelName": "m2"},
        RuntimeConfig={"CopyCount": 3},
    )
    updating = describe(sagemaker)["InferenceComponentStatus"]
    sandbox.clock.advance(timedelta(minutes=2))
    found = describe(sagemaker)

    assert updating == "Updating"
    assert found["Specification"]["ModelName"] == "m2"
    assert found["RuntimeConfig"] == {"DesiredCopyCount": 3, "CurrentCopyCount": 3}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"VariantName": "nobody"}, 'Variant "nobody" does not exist'),
        ({"EndpointName": "nobody"}, "Could not find endpoint"),
        ({"Specifications": [SPECIFICATION]}, "exactly one of Specification"),
        ({"Specification": {**SPECIFICATION, "ModelName": "nobody"}}, "Could not find model"),
    ],
)
@pytest.mark.usefixtures("endpoint")
def test_a_component_that_aws_refuses_is_refused(
    sagemaker: Client, refusal: Refusal, change: dict[str, Any], complaint: str
) -> None:
    params = {
        "InferenceComponentName": "ic",
        "EndpointName": "e",
        "VariantName": "v",
        "Specification": SPECIFICATION,
        "RuntimeConfig": {"CopyCount": 1},
    }

    code, message = refusal(sagemaker.create_inference_component, **{**params, **change})

    assert code == "ValidationException"
    assert complaint in message
    assert sagemaker.list_inference_components()["InferenceComponents"] == []
