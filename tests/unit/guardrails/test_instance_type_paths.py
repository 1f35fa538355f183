"""The shipped table against botocore, and every path of it by a generated request."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.model import ShapeResolver
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.adapters.sagemaker_paths import TABLE, gpu_book, request_shapes
from sagewarden.domain.guardrails.call import read_event
from sagewarden.domain.guardrails.request_paths import (
    EACH,
    OperationShape,
    instance_types,
    leaves,
    volume_sizes,
)
from sagewarden_cli import instance_type_paths
from tests.support.events import a_record

DATA = Path(__file__).parents[2] / "data"
FACTS: dict[str, list[str]] = json.loads((DATA / "aws_api_facts.json").read_text())["sagemaker"][
    "ops_with_instance_type_input"
]
PATHS = [(operation, path) for operation, paths in FACTS.items() for path in paths]
CASES = json.loads((DATA / "cloudtrail_shapes.json").read_text())["cases"]
PRICES = json.loads((DATA / "sagemaker_hosting_prices.json").read_text())


def a_request(path: str, value: object, *, capital: bool = False) -> Any:
    """A request with a value at a path, spelled as CloudTrail does or as the API does."""
    request = value
    for step in reversed(path.split(".")):
        member = step if capital else step[:1].lower() + step[1:]
        request = [request] if step == EACH else {member: request}
    return request


def test_the_table_is_what_the_installed_botocore_says() -> None:
    written = TABLE.read_text(encoding="utf-8")

    assert written == instance_type_paths.table_text(*instance_type_paths.service_models()), (
        "run: python -m sagewarden_cli.instance_type_paths"
    )


def test_writing_the_table_again_changes_nothing(tmp_path: Path) -> None:
    instance_type_paths.write(tmp_path / "table.json")

    assert (tmp_path / "table.json").read_bytes() == TABLE.read_bytes()


def test_the_table_has_the_known_paths_and_two_operations_that_are_not_called_create() -> None:
    shapes = request_shapes().operations
    found = {name: shape.instance_types for name, shape in shapes.items() if shape.instance_types}

    others = found.keys() - FACTS.keys()
    spelled = {(name, ".".join(path).lower()) for name in FACTS for path in found.get(name, ())}

    assert others == {"BatchAddClusterNodes", "StopInferenceExperiment"}
    assert spelled == {(name, path.lower()) for name, path in PATHS}
    assert len(PATHS) == 120
    assert len(FACTS) == 35
    assert sum(name.startswith("Create") for name, _ in PATHS) == 82


@pytest.mark.parametrize(("operation", "path"), PATHS, ids=[f"{o}:{p}" for o, p in PATHS])
def test_the_instance_type_at_every_path_is_found(operation: str, path: str) -> None:
    value = "ml.p4d.24xlarge"

    camel = read_event(a_record(operation, a_request(path, value)), request_shapes())
    capital = read_event(
        a_record(operation, a_request(path, value, capital=True)), request_shapes()
    )

    assert camel.named_types == capital.named_types == (value,)
    only_mentioned = "Supported" in path or "Hidden" in path
    assert camel.subject.instance_types == (() if only_mentioned else (value,))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_the_known_events_give_who_and_what(case: dict[str, Any]) -> None:
    call = read_event(case["event"], request_shapes())

    assert call.identity.who == case["who"]
    assert call.identity.kind == case["who_kind"]
    assert list(call.named_types) == case["instance_types"]


def test_types_are_told_once_in_the_order_in_which_they_are_written() -> None:
    request = {
        "productionVariants": [
            {"instancePools": [{"instanceType": "ml.g5.xlarge"}, {"instanceType": "ml.g6.xlarge"}]},
            {"instanceType": "ml.c5.large"},
            {"serverlessConfig": {"memorySizeInMB": 2048}},
        ],
        "shadowProductionVariants": [{"instanceType": "ml.g5.xlarge"}],
    }

    found = instance_types(request, request_shapes().operations["CreateEndpointConfig"])

    assert found.named == ("ml.g5.xlarge", "ml.g6.xlarge", "ml.c5.large")
    assert found.asked_for == found.named


def test_what_stands_elsewhere_or_is_no_text_is_no_instance_type() -> None:
    shape = request_shapes().operations["CreateNotebookInstance"]

    found = instance_types(
        {"instanceType": None, "acceleratorTypes": ["", 7], "other": {"instanceType": "ml.x.y"}},
        shape,
    )

    assert found.named == ()


def test_maps_are_walked_by_the_step_that_a_model_gives_them() -> None:
    found = list(leaves({"a": {"b": 1}}, [("a", "b"), ("a", "c")]))

    assert found == [(("a", "b"), 1)]


def test_sizes_of_volumes_are_found_where_the_model_has_them() -> None:
    shape = request_shapes().operations["CreateTrainingJob"]

    sizes = volume_sizes(
        {
            "resourceConfig": {"volumeSizeInGB": 500},
            "profilerRuleConfigurations": [
                {"volumeSizeInGB": 20},
                {"volumeSizeInGB": True},
                {"volumeSizeInGB": "9"},
            ],
        },
        shape,
    )

    assert sizes == (500, 20)


def test_limits_of_sizes_are_no_sizes() -> None:
    paths = [path for shape in request_shapes().operations.values() for path in shape.volumes]

    assert paths
    assert not any("maximum" in step.lower() for path in paths for step in path)


@pytest.mark.parametrize(
    ("operation", "kind", "name", "arn"),
    [
        (
            "CreateNotebookInstance",
            "notebook-instance",
            "notebookInstanceName",
            "notebookInstanceArn",
        ),
        ("UpdateEndpointWeightsAndCapacities", "endpoint", "endpointName", "endpointArn"),
        ("CreateAutoMLJobV2", "auto-ml-job", "autoMLJobName", "autoMLJobArn"),
        ("UpdateDomain", "studio-domain", "domainId", "domainArn"),
        ("CreateInferenceRecommendationsJob", "inference-recommendations-job", "jobName", "jobArn"),
        ("StartNotebookInstance", "notebook-instance", "notebookInstanceName", None),
        ("BatchAddClusterNodes", "cluster", "clusterName", None),
        (
            "CreateProvisionedModelThroughput",
            *("provisioned-model", "provisionedModelName", "provisionedModelArn"),
        ),
    ],
)
def test_the_table_knows_what_an_operation_is_about(
    operation: str, kind: str, name: str, arn: str | None
) -> None:
    shape = request_shapes().operations[operation]

    assert (shape.kind, shape.name, shape.arn) == (kind, name, arn)


def test_operations_that_create_take_tags_but_for_the_known_nine() -> None:
    facts = json.loads((DATA / "aws_api_facts.json").read_text())["sagemaker"]
    shapes = request_shapes().operations

    untagged = {
        name for name, shape in shapes.items() if name.startswith("Create") and not shape.tags
    }

    assert untagged == set(facts["create_ops_without_Tags"])


def test_gpus_are_those_of_the_source_and_none_for_families_without() -> None:
    types = PRICES["types"]

    different = {
        name: gpu_book().gpus(name)
        for name, facts in types.items()
        if gpu_book().gpus(name) != facts.get("gpu", {}).get("count", 0)
    }

    assert different == {}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["instanceType", "instancePools", "productionVariants", "x"]),
                inner,
                max_size=3,
            )
        ),
    )
)
def test_a_request_of_any_form_is_walked(request: object) -> None:
    shape = request_shapes().operations["CreateEndpointConfig"]

    found = instance_types(request, shape)

    assert all(found.named)
    assert {type(name) for name in found.named} <= {str}


def test_a_model_with_maps_and_shapes_within_themselves_is_walked_to_its_end() -> None:
    shapes: Any = {
        "Text": {"type": "string"},
        "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Tree"}},
        "Tree": {
            "type": "structure",
            "members": {"Leaf": {"shape": "Text"}, "Below": {"shape": "Tree"}},
        },
        "Input": {"type": "structure", "members": {"Trees": {"shape": "Map"}}},
    }
    shape = ShapeResolver(shapes).get_shape_by_name("Input")

    found = [path for path, _ in instance_type_paths.leaves(shape)]

    assert found == [("Trees", "{}", "Leaf")]


def test_an_operation_without_paths_names_nothing() -> None:
    assert instance_types({"instanceType": "ml.x.y"}, OperationShape("endpoint")).named == ()
