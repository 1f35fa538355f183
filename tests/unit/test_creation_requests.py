"""From a description to the call that makes the same again, checked against botocore's model."""

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.validate import validate_parameters

from sagewarden.adapters.creation_requests import accepted, call_of
from sagewarden.domain.restoration.steps import Step, StepKind


def shape_of(service: str, operation: str) -> Any:
    model = botocore.session.get_session().get_service_model(service)
    return model.operation_model(operation).input_shape


def members(service: str, operation: str, *, of_answer: bool) -> Any:
    model: Any = botocore.session.get_session().get_service_model(service)
    found = model.operation_model(operation)
    return (found.output_shape if of_answer else found.input_shape).members


def lost(answer: Any, request: Any, path: str = "") -> Iterator[str]:
    """What a creation takes and its description never tells."""
    for name, shape in request.items():
        if name not in answer:
            yield f"{path}{name}"
        elif shape.type_name == "structure" and answer[name].type_name == "structure":
            yield from lost(answer[name].members, shape.members, f"{path}{name}.")


@pytest.mark.parametrize(
    ("service", "describe", "create", "expected"),
    [
        ("sagemaker", "DescribeModel", "CreateModel", ["Tags"]),
        ("sagemaker", "DescribeEndpointConfig", "CreateEndpointConfig", ["Tags"]),
        ("sagemaker", "DescribeEndpoint", "CreateEndpoint", ["DeploymentConfig", "Tags"]),
    ],
)
def test_a_description_tells_all_that_creation_takes_but_what_is_carried_over_by_name(
    service: str, describe: str, create: str, expected: list[str]
) -> None:
    """The day AWS adds a field that no description tells, this names it."""
    answer = members(service, describe, of_answer=True)
    request = members(service, create, of_answer=False)

    assert sorted(lost(answer, request)) == expected


def test_an_endpoint_gets_its_rollout_and_its_tags() -> None:
    rollout: dict[str, Any] = {"BlueGreenUpdatePolicy": {}}
    described = {
        "EndpointName": "e",
        "EndpointConfigName": "c",
        "LastDeploymentConfig": rollout,
        "EndpointStatus": "InService",
    }

    call = call_of(Step(StepKind.CREATE_ENDPOINT, "e", described, {"Owner": "mina"}))

    assert call.request == {
        "EndpointName": "e",
        "EndpointConfigName": "c",
        "DeploymentConfig": rollout,
        "Tags": [{"Key": "Owner", "Value": "mina"}],
    }


def test_a_component_asks_for_the_image_that_was_deployed_and_its_copies() -> None:
    image = {"SpecifiedImage": "image:1", "ResolvedImage": "image@sha256:1"}
    described = {
        "InferenceComponentName": "ic",
        "EndpointName": "e",
        "VariantName": "v",
        "Specifications": [{"InstanceType": "ml.g5.xlarge", "Container": {"DeployedImage": image}}],
        "RuntimeConfig": {"DesiredCopyCount": 2, "CurrentCopyCount": 1},
    }

    call = call_of(Step(StepKind.CREATE_COMPONENT, "ic", described))
    request = accepted(shape_of("sagemaker", "CreateInferenceComponent"), call.request)

    assert request["RuntimeConfig"] == {"CopyCount": 2}
    assert request["Specifications"] == [
        {"InstanceType": "ml.g5.xlarge", "Container": {"Image": "image:1"}}
    ]
    validate_parameters(request, shape_of("sagemaker", "CreateInferenceComponent"))


def test_a_target_is_registered_without_the_service_linked_role_and_with_any_other() -> None:
    linked = "arn:aws:iam::123456789012:role/aws-service-role/x/y"
    own = "arn:aws:iam::123456789012:role/scaler"

    requests = [
        call_of(Step(StepKind.REGISTER_TARGET, "t", {"RoleARN": role}, {"Team": "a"})).request
        for role in (linked, own)
    ]

    assert requests == [{"Tags": {"Team": "a"}}, {"RoleARN": own, "Tags": {"Team": "a"}}]
