"""Elastic Inference is refused wherever a request or an endpoint names it."""

from typing import Any

import pytest

from sagewarden.adapters.sagemaker_paths import request_shapes
from sagewarden.domain.guardrails.call import read_event
from sagewarden.domain.guardrails.instance_type_names import first_match
from sagewarden.domain.guardrails.request_paths import instance_types
from sagewarden.domain.guardrails.subject import subject_of
from tests.support.builders import a_scope, a_variant, an_endpoint
from tests.support.events import a_record

RULES = (["ml.eia*"], ["retired"])
VARIANT = {"VariantName": "v", "InstanceType": "ml.m5.xlarge", "AcceleratorType": "ml.eia2.medium"}


def camel(value: Any) -> Any:
    """A request as CloudTrail writes it."""
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: camel(item) for key, item in value.items()}
    return [camel(item) for item in value] if isinstance(value, list) else value


REQUESTS = [
    ("CreateEndpointConfig", {"ProductionVariants": [VARIANT]}),
    ("CreateEndpointConfig", {"ShadowProductionVariants": [VARIANT]}),
    ("CreateNotebookInstance", {"AcceleratorTypes": ["ml.eia1.medium"]}),
    ("UpdateNotebookInstance", {"AcceleratorTypes": ["ml.eia2.large", "ml.eia1.medium"]}),
]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("operation", "request_"), REQUESTS)
def test_a_call_that_names_an_accelerator_is_caught(
    operation: str, request_: dict[str, Any], rule: list[str]
) -> None:
    call = read_event(a_record(operation, camel(request_)), request_shapes())

    assert [item for item in call.subject.instance_types or () if first_match(item, rule)]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("operation", "described"), REQUESTS)
def test_a_description_that_names_an_accelerator_is_caught(
    operation: str, described: dict[str, Any], rule: list[str]
) -> None:
    found = instance_types(described, request_shapes().operations[operation])

    assert [item for item in found.asked_for if first_match(item, rule)]


@pytest.mark.parametrize("rule", RULES)
def test_an_endpoint_that_still_runs_with_an_accelerator_is_caught(rule: list[str]) -> None:
    old = an_endpoint("faces", a_variant(accelerator="ml.eia2.medium"))

    types = subject_of(old, a_scope(), None).instance_types

    assert types == ("ml.m5.large", "ml.eia2.medium")
    assert [item for item in types if first_match(item, rule)] == ["ml.eia2.medium"]


def test_an_endpoint_without_one_is_not() -> None:
    types = subject_of(an_endpoint("faces"), a_scope(), None).instance_types

    assert types == ("ml.m5.large",)
