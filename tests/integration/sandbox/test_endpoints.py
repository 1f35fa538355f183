"""Endpoints, their configurations and models, as AWS deploys, re-scales and refuses."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.shapes import service_model

ROLE = "arn:aws:iam::123456789012:role/hosting"
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
STATUSES = service_model("sagemaker").shape_for("EndpointStatus").metadata["enum"]
HOSTING_TYPES = (
    service_model("sagemaker").shape_for("ProductionVariantInstanceType").metadata["enum"]
)

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]


def a_variant(name: str = "v", **more: object) -> dict[str, Any]:
    base = {"ModelName": "m", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 2}
    return {"VariantName": name, **base, **more}


def a_serverless_variant(concurrency: int = 20, **more: int) -> dict[str, Any]:
    config = {"MemorySizeInMB": 2048, "MaxConcurrency": concurrency, **more}
    return {"VariantName": "v", "ModelName": "m", "ServerlessConfig": config}


def deploy(sandbox: Sandbox, sagemaker: Client, *variants: dict[str, Any], **more: object) -> None:
    sagemaker.create_model(ModelName="m", PrimaryContainer={"Image": "img:1"})
    sagemaker.create_endpoint_config(
        EndpointConfigName="c1", ProductionVariants=list(variants) or [a_variant()], **more
    )
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c1")
    sandbox.clock.advance(timedelta(minutes=5))


def describe(sagemaker: Client, name: str = "e") -> dict[str, Any]:
    found: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=name)
    return found


def test_an_endpoint_is_created_and_deleted_over_time(sandbox: Sandbox, sagemaker: Client) -> None:
    created = sandbox.clock.now()
    sagemaker.create_model(ModelName="m", PrimaryContainer={"Image": "img:1"})
    sagemaker.create_endpoint_config(EndpointConfigName="c1", ProductionVariants=[a_variant()])

    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c1")
    creating = describe(sagemaker)
    sandbox.clock.advance(timedelta(minutes=5))
    in_service = describe(sagemaker)
    sagemaker.delete_endpoint(EndpointName="e")
    deleting = describe(sagemaker)
    sandbox.clock.advance(timedelta(minutes=1))
    left = sagemaker.list_endpoints()["Endpoints"]

    assert creating["EndpointStatus"] == "Creating"
    assert "ProductionVariants" not in creating
    assert creating["PendingDeploymentSummary"]["EndpointConfigName"] == "c1"
    assert in_service["EndpointStatus"] == "InService"
    assert in_service["CreationTime"] == created
    assert in_service["LastModifiedTime"] == created + timedelta(minutes=5)
    assert "PendingDeploymentSummary" not in in_service
    assert deleting["EndpointStatus"] == "Deleting"
    assert left == []


def test_describing_an_endpoint_shows_no_instance_type(sandbox: Sandbox, sagemaker: Client) -> None:
    deploy(sandbox, sagemaker)

    (variant,) = describe(sagemaker)["ProductionVariants"]

    assert variant["CurrentInstanceCount"] == variant["DesiredInstanceCount"] == 2
    assert variant["CurrentWeight"] == variant["DesiredWeight"] == 1.0
    assert variant["DeployedImages"][0]["SpecifiedImage"] == "img:1"
    assert "InstanceType" not in variant


@pytest.mark.parametrize("instance_type", ["ml.g6e.48xlarge", "ml.p5.48xlarge", "ml.inf2.xlarge"])
def test_current_instance_types_are_accepted(sagemaker: Client, instance_type: str) -> None:
    sagemaker.create_model(ModelName="m", PrimaryContainer={"Image": "img:1"})

    sagemaker.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=[a_variant(InstanceType=instance_type)]
    )
    found = sagemaker.describe_endpoint_config(EndpointConfigName="c")

    assert instance_type in HOSTING_TYPES
    assert found["ProductionVariants"][0]["InstanceType"] == instance_type


def test_what_a_configuration_was_made_of_comes_back(sagemaker: Client) -> None:
    sagemaker.create_model(ModelName="m", PrimaryContainer={"Image": "img:1"})
    pools = [
        {"InstanceType": "ml.g5.xlarge", "Priority": 1},
        {"InstanceType": "ml.g6.xlarge", "Priority": 2},
    ]
    pooled = {
        "VariantName": "pooled",
        "ModelName": "m",
        "InstancePools": pools,
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1.0,
    }
    given: dict[str, Any] = {
        "ProductionVariants": [pooled],
        "ShadowProductionVariants": [a_variant("shadow", InitialVariantWeight=0.5)],
        "AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://b/out"}},
    }

    sagemaker.create_endpoint_config(EndpointConfigName="c", **given)
    found = sagemaker.describe_endpoint_config(EndpointConfigName="c")

    assert {name: found[name] for name in given} == given
    assert found["EndpointConfigArn"] == f"{ARN}:endpoint-config/c"


def test_instance_pools_and_shadow_variants_are_shown(sandbox: Sandbox, sagemaker: Client) -> None:
    pools = [
        {"InstanceType": "ml.g6.xlarge", "Priority": 2},
        {"InstanceType": "ml.g5.xlarge", "Priority": 1},
    ]
    pooled = {
        "VariantName": "v",
        "ModelName": "m",
        "InstancePools": pools,
        "InitialInstanceCount": 3,
    }
    deploy(sandbox, sagemaker, pooled, ShadowProductionVariants=[a_variant("shadow")])

    found = describe(sagemaker)

    assert found["ProductionVariants"][0]["InstancePools"] == [
        {"InstanceType": "ml.g5.xlarge", "CurrentInstanceCount": 3},
        {"InstanceType": "ml.g6.xlarge", "CurrentInstanceCount": 0},
    ]
    assert [v["VariantName"] for v in found["ShadowProductionVariants"]] == ["shadow"]


@pytest.mark.parametrize(
    ("variants", "more", "complaint"),
    [
        ([a_variant("a"), a_variant("a")], {}, "unique"),
        ([a_serverless_variant(), a_variant("b")], {}, "exactly one production variant"),
        ([{"VariantName": "v", "ModelName": "m", "InitialInstanceCount": 1}], {}, "InstanceType"),
        ([{"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large"}], {}, "Count"),
        ([a_serverless_variant(5, ProvisionedConcurrency=6)], {}, "MaxConcurrency"),
        ([a_serverless_variant(201)], {}, "less than or equal to 200"),
        ([a_variant(InstanceType="ml.abacus")], {}, "enum value set"),
        ([a_variant(ModelName="nobody")], {}, f'Could not find model "{ARN}:model/nobody".'),
        (
            [
                {
                    "VariantName": "v",
                    "InstanceType": "ml.g5.xlarge",
                    "InitialInstanceCount": 1,
                },
            ],
            {},
            "ExecutionRoleArn",
        ),
    ],
)
def test_a_configuration_that_aws_refuses_is_refused(
    sagemaker: Client,
    refusal: Refusal,
    variants: list[dict[str, Any]],
    more: dict[str, Any],
    complaint: str,
) -> None:
    sagemaker.create_model(ModelName="m", PrimaryContainer={"Image": "img:1"})

    code, message = refusal(
        sagemaker.create_endpoint_config,
        EndpointConfigName="c",
        ProductionVariants=variants,
        **more,
    )

    assert code == "ValidationException"
    assert complaint in message


def test_the_memory_of_a_serverless_variant_goes_in_steps_of_one_gigabyte(
    sagemaker: Client, refusal: Refusal
) -> None:
    variant = a_serverless_variant()
    variant["ServerlessConfig"]["MemorySizeInMB"] = 1500

    _, message = refusal(
        sagemaker.create_endpoint_config, EndpointConfigName="c", ProductionVariants=[variant]
    )

    assert "multiple of 1024" in message


@pytest.mark.parametrize(
    ("call", "params", "what"),
    [
        ("describe_endpoint", {"EndpointName": "x"}, "endpoint"),
        ("delete_endpoint", {"EndpointName": "x"}, "endpoint"),
        ("describe_endpoint_config", {"EndpointConfigName": "x"}, "endpoint configuration"),
        ("delete_endpoint_config", {"EndpointConfigName": "x"}, "endpoint configuration"),
        ("describe_model", {"ModelName": "x"}, "model"),
        ("delete_model", {"ModelName": "x"}, "model"),
        (
            "describe_inference_component",
            {"InferenceComponentName": "x"},
            "inference component",
        ),
        (
            "create_endpoint",
            {"EndpointName": "e", "EndpointConfigName": "x"},
            "endpoint configuration",
        ),
    ],
)
def test_what_is_missing_could_not_be_found(
    sagemaker: Client, refusal: Refusal, call: str, params: dict[str, str], what: str
) -> None:
    kind = {"endpoint configuration": "endpoint-config"}.get(what, what.replace(" ", "-"))

    answer = refusal(getattr(sagemaker, call), **params)

    assert answer == ("ValidationException", f'Could not find {what} "{ARN}:{kind}/x".')


@pytest.mark.parametrize("state", STATUSES)
def test_an_endpoint_in_the_middle_of_something_is_left_alone(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal, state: str
) -> None:
    fleet = sandbox.sagemaker()
    arn = fleet.add_endpoint("e")
    fleet.force_status("endpoint", "e", state)
    is_busy = state in {"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}

    if not is_busy:
        sagemaker.delete_endpoint(EndpointName="e")
        after = describe(sagemaker)["EndpointStatus"]
    else:
        after = refusal(sagemaker.delete_endpoint, EndpointName="e")[1]

    assert after == (f'Cannot update in-progress endpoint "{arn}".' if is_busy else "Deleting")


@pytest.mark.parametrize("state", ["Creating", "Updating", "SystemUpdating", "Failed"])
def test_an_endpoint_that_is_not_at_rest_takes_no_update(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal, state: str
) -> None:
    fleet = sandbox.sagemaker()
    fleet.add_endpoint("e")
    fleet.force_status("endpoint", "e", state)

    code, message = refusal(sagemaker.update_endpoint, EndpointName="e", EndpointConfigName="e")

    assert code == "ValidationException"
    assert message.startswith("Cannot update")


def test_an_update_applies_the_new_configuration_once_it_is_done(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    deploy(sandbox, sagemaker)
    bigger = a_variant(InitialInstanceCount=5, InitialVariantWeight=3.0)
    sagemaker.create_endpoint_config(EndpointConfigName="c2", ProductionVariants=[bigger])

    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="c2")
    updating = describe(sagemaker)
    sandbox.clock.advance(timedelta(minutes=5))
    updated = describe(sagemaker)

    assert updating["EndpointStatus"] == "Updating"
    assert updating["EndpointConfigName"] == "c1"
    assert updating["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    assert updating["PendingDeploymentSummary"]["EndpointConfigName"] == "c2"
    assert updated["EndpointStatus"] == "InService"
    assert updated["EndpointConfigName"] == "c2"
    assert updated["ProductionVariants"][0]["CurrentInstanceCount"] == 5
    assert updated["ProductionVariants"][0]["CurrentWeight"] == 3.0


@pytest.mark.parametrize(
    ("excluded", "count", "weight"),
    [([], 7, 4.0), (["DesiredInstanceCount"], 5, 4.0), (["DesiredWeight"], 7, 1.0)],
)
def test_an_update_may_retain_what_was_set_at_run_time(
    sandbox: Sandbox, sagemaker: Client, excluded: list[str], count: int, weight: float
) -> None:
    deploy(sandbox, sagemaker)
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="e",
        DesiredWeightsAndCapacities=[
            {"VariantName": "v", "DesiredInstanceCount": 7, "DesiredWeight": 4.0}
        ],
    )
    sandbox.clock.advance(timedelta(minutes=5))
    sagemaker.create_endpoint_config(
        EndpointConfigName="c2", ProductionVariants=[a_variant(InitialInstanceCount=5)]
    )

    sagemaker.update_endpoint(
        EndpointName="e",
        EndpointConfigName="c2",
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": name} for name in excluded],
    )
    sandbox.clock.advance(timedelta(minutes=5))
    (variant,) = describe(sagemaker)["ProductionVariants"]

    assert variant["CurrentInstanceCount"] == count
    assert variant["CurrentWeight"] == weight


def test_provisioned_concurrency_changes_without_a_new_configuration(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    deploy(sandbox, sagemaker, a_serverless_variant(20, ProvisionedConcurrency=5))

    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="e",
        DesiredWeightsAndCapacities=[
            {"VariantName": "v", "ServerlessUpdateConfig": {"ProvisionedConcurrency": 9}}
        ],
    )
    (during,) = describe(sagemaker)["ProductionVariants"]
    status = describe(sagemaker)["EndpointStatus"]
    sandbox.clock.advance(timedelta(minutes=5))
    (after,) = describe(sagemaker)["ProductionVariants"]

    assert status == "Updating"
    assert during["CurrentServerlessConfig"]["ProvisionedConcurrency"] == 5
    assert during["DesiredServerlessConfig"]["ProvisionedConcurrency"] == 9
    assert after["CurrentServerlessConfig"] == {
        "MemorySizeInMB": 2048,
        "MaxConcurrency": 20,
        "ProvisionedConcurrency": 9,
    }
    assert "CurrentInstanceCount" not in after


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"VariantName": "nobody", "DesiredWeight": 1.0}, 'name(s) "nobody" do not exist'),
        ({"VariantName": "v", "ServerlessUpdateConfig": {"MaxConcurrency": 3}}, "not supported"),
        ({"VariantName": "v", "DesiredInstanceCount": 0}, "at least 1"),
    ],
)
def test_a_change_of_capacity_that_does_not_fit_changes_nothing(
    sandbox: Sandbox,
    sagemaker: Client,
    refusal: Refusal,
    change: dict[str, Any],
    complaint: str,
) -> None:
    deploy(sandbox, sagemaker, a_variant("v"), a_variant("w"))
    right = {"VariantName": "w", "DesiredInstanceCount": 9}

    _, message = refusal(
        sagemaker.update_endpoint_weights_and_capacities,
        EndpointName="e",
        DesiredWeightsAndCapacities=[right, change],
    )
    found = describe(sagemaker)

    assert complaint in message
    assert found["EndpointStatus"] == "InService"
    assert [v["DesiredInstanceCount"] for v in found["ProductionVariants"]] == [2, 2]


def test_an_asynchronous_endpoint_may_go_without_any_instance(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    asynchronous = {"OutputConfig": {"S3OutputPath": "s3://b/out"}}
    deploy(sandbox, sagemaker, AsyncInferenceConfig=asynchronous)

    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="e",
        DesiredWeightsAndCapacities=[{"VariantName": "v", "DesiredInstanceCount": 0}],
    )
    sandbox.clock.advance(timedelta(minutes=5))
    found = describe(sagemaker)

    assert found["ProductionVariants"][0]["CurrentInstanceCount"] == 0
    assert found["AsyncInferenceConfig"] == asynchronous


def test_instances_do_not_become_serverless_by_an_update(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal
) -> None:
    deploy(sandbox, sagemaker)
    sagemaker.create_endpoint_config(
        EndpointConfigName="c2", ProductionVariants=[a_serverless_variant()]
    )

    code, message = refusal(sagemaker.update_endpoint, EndpointName="e", EndpointConfigName="c2")

    assert code == "ValidationException"
    assert "serverless" in message


def test_a_configuration_and_a_model_in_use_can_be_deleted(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    deploy(sandbox, sagemaker)

    sagemaker.delete_endpoint_config(EndpointConfigName="c1")
    sagemaker.delete_model(ModelName="m")
    found = describe(sagemaker)

    assert found["EndpointConfigName"] == "c1"
    assert found["ProductionVariants"][0]["CurrentInstanceCount"] == 2
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert sagemaker.list_models()["Models"] == []


def test_endpoints_are_listed_newest_first_and_page_by_page(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    now = sandbox.clock.now()
    fleet = sandbox.sagemaker()
    for age in range(230):
        fleet.add_endpoint(f"e-{age:03}", created_at=now - timedelta(hours=age))

    pages = list(
        sagemaker.get_paginator("list_endpoints").paginate(
            CreationTimeBefore=now - timedelta(hours=9),
            StatusEquals="InService",
            PaginationConfig={"PageSize": 100},
        )
    )

    found = [endpoint["EndpointName"] for page in pages for endpoint in page["Endpoints"]]
    assert [len(page["Endpoints"]) for page in pages] == [100, 100, 20]
    assert found == [f"e-{age:03}" for age in range(10, 230)]


def test_names_are_lower_case_in_arns_as_sagemaker_writes_them(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    arn = sandbox.sagemaker().add_endpoint("Churn-Prod", tags={"Owner": "mina"})

    tags = sagemaker.list_tags(ResourceArn=arn)["Tags"]

    assert arn == f"{ARN}:endpoint/churn-prod"
    assert tags == [{"Key": "Owner", "Value": "mina"}]


def test_a_model_gives_back_what_it_was_made_of(sagemaker: Client) -> None:
    containers = [{"Image": "img:1"}, {"Image": "img:2", "Environment": {"A": "b"}}]

    sagemaker.create_model(ModelName="m", Containers=containers, ExecutionRoleArn=ROLE)
    found = sagemaker.describe_model(ModelName="m")

    assert found["Containers"] == containers
    assert found["ExecutionRoleArn"] == ROLE
    assert found["ModelArn"] == f"{ARN}:model/m"


@pytest.mark.parametrize(
    "resource", ["Endpoint", "HyperParameterTuningJob", "Model", "TrainingJob"]
)
def test_a_search_that_would_wrongly_find_nothing_is_refused(
    sagemaker: Client, refusal: Refusal, resource: str
) -> None:
    code, message = refusal(sagemaker.search, Resource=resource)

    assert code == "NotImplemented"
    assert "list and describe instead" in message
    assert sagemaker.search(Resource="Experiment")["Results"] == []
