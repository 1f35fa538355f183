"""Tags, through SageMaker and through the Resource Groups Tagging API."""

from collections.abc import Callable
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]


def as_dict(answer: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def arns(client: Client, **filters: object) -> list[str]:
    pages = client.get_paginator("get_resources").paginate(ResourcesPerPage=100, **filters)
    return [found["ResourceARN"] for page in pages for found in page["ResourceTagMappingList"]]


def a_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@pytest.fixture
def everything(sandbox: Sandbox, sagemaker: Client) -> list[str]:
    """One resource of each kind."""
    fleet = sandbox.sagemaker()
    fleet.add_endpoint("e")
    return [
        fleet.add_notebook_instance("n"),
        fleet.add_model("m"),
        fleet.add_endpoint_config("c", variants=[]),
        fleet.add_endpoint("e2", config="c"),
        fleet.add_inference_component("i", endpoint="e2"),
        fleet.add_training_job("t"),
        fleet.add_processing_job("p"),
        fleet.add_transform_job("tr"),
        fleet.add_tuning_job("hp"),
        fleet.add_domain("d-one"),
        fleet.add_user_profile("Mina", domain="d-one"),
        fleet.add_space("Lab", domain="d-one"),
        fleet.add_app(domain="d-one", space="Lab"),
        sagemaker.create_studio_lifecycle_config(
            StudioLifecycleConfigName="Idle",
            StudioLifecycleConfigContent="IyEvYmluL2Jhc2g=",
            StudioLifecycleConfigAppType="JupyterLab",
        )["StudioLifecycleConfigArn"],
        sagemaker.create_notebook_instance_lifecycle_config(
            NotebookInstanceLifecycleConfigName="Idle"
        )["NotebookInstanceLifecycleConfigArn"],
    ]


def test_every_kind_of_resource_takes_and_loses_tags(
    sagemaker: Client, everything: list[str]
) -> None:
    for arn in everything:
        sagemaker.add_tags(ResourceArn=arn, Tags=a_list({"Owner": "mina", "Stage": "dev"}))
        sagemaker.add_tags(ResourceArn=arn, Tags=a_list({"Stage": "prod"}))
        sagemaker.delete_tags(ResourceArn=arn, TagKeys=["Owner", "NeverThere"])

    found = [as_dict(sagemaker.list_tags(ResourceArn=arn)) for arn in everything]

    assert found == [{"Stage": "prod"}] * len(everything)


@pytest.mark.parametrize("value", ["", "CC-1234", "mon-fri 09:00-18:00 Asia/Seoul", "김민아 ½"])
def test_letters_numbers_and_spaces_of_any_script_are_legal_in_tags(
    sandbox: Sandbox, sagemaker: Client, value: str
) -> None:
    arn = sandbox.sagemaker().add_endpoint("e")

    sagemaker.add_tags(ResourceArn=arn, Tags=a_list({"Schedule": value}))

    assert as_dict(sagemaker.list_tags(ResourceArn=arn)) == {"Schedule": value}


@pytest.mark.parametrize("value", ["off=(M-F,19)", "a;b", "tab\there", "[x]", "50%", "x" * 257])
def test_other_characters_are_refused_in_tags(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal, value: str
) -> None:
    arn = sandbox.sagemaker().add_endpoint("e")

    code, message = refusal(
        sagemaker.add_tags, ResourceArn=arn, Tags=a_list({"Owner": "mina", "Schedule": value})
    )

    assert code == "ValidationException"
    assert "at 'tags.2.member.value' failed to satisfy constraint" in message
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == []


@pytest.mark.parametrize(
    ("tags", "complaint"),
    [
        (a_list({"aws:cloudformation:stack-name": "x"}), "must not start with 'aws:'"),
        (a_list({"A": "1"}) * 2, "Duplicate"),
        (a_list({f"K{n}": "v" for n in range(50)}), "at most 50"),
    ],
)
def test_tags_against_the_rules_are_refused(
    sandbox: Sandbox,
    sagemaker: Client,
    refusal: Refusal,
    tags: list[dict[str, str]],
    complaint: str,
) -> None:
    arn = sandbox.sagemaker().add_endpoint("e", tags={"Owner": "mina"})

    code, message = refusal(sagemaker.add_tags, ResourceArn=arn, Tags=tags)

    assert code == "ValidationException"
    assert complaint in message


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("notebook-instance/x", "RecordNotFound"),
        (
            "endpoint/x",
            'Could not find endpoint "arn:aws:sagemaker:us-east-1:123456789012:endpoint/x".',
        ),
    ],
)
def test_the_tags_of_what_is_missing_cannot_be_listed(
    sagemaker: Client, refusal: Refusal, resource: str, expected: str
) -> None:
    arn = f"arn:aws:sagemaker:us-east-1:123456789012:{resource}"

    answer = refusal(sagemaker.list_tags, ResourceArn=arn)

    assert answer == ("ValidationException", expected)


def test_tags_of_what_moto_keeps_are_left_to_moto(sagemaker: Client) -> None:
    arn = sagemaker.create_experiment(ExperimentName="e")["ExperimentArn"]

    sagemaker.add_tags(ResourceArn=arn, Tags=a_list({"Owner": "mina"}))

    assert as_dict(sagemaker.list_tags(ResourceArn=arn)) == {"Owner": "mina"}


def test_the_tagging_api_gives_what_was_ever_tagged_and_nothing_else(
    sandbox: Sandbox, sagemaker: Client, tagging: Client
) -> None:
    fleet = sandbox.sagemaker()
    tagged = fleet.add_endpoint("tagged", tags={"Owner": "mina"})
    fleet.add_endpoint("never-tagged")
    cleared = fleet.add_endpoint("cleared", tags={"Owner": "mina"})
    sagemaker.delete_tags(ResourceArn=cleared, TagKeys=["Owner"])

    found = tagging.get_resources(ResourceTypeFilters=["sagemaker:endpoint"])

    mappings = {f["ResourceARN"]: as_dict(f) for f in found["ResourceTagMappingList"]}
    assert mappings == {tagged: {"Owner": "mina"}, cleared: {}}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"ResourceTypeFilters": ["sagemaker"]}, {"e1", "e2", "n1"}),
        ({"ResourceTypeFilters": ["sagemaker:notebook-instance"]}, {"n1"}),
        ({"ResourceTypeFilters": ["dynamodb"]}, set()),
        ({"TagFilters": [{"Key": "Stage"}]}, {"e1", "e2", "n1"}),
        ({"TagFilters": [{"Key": "Stage", "Values": ["dev", "test"]}]}, {"e1", "n1"}),
        (
            {"TagFilters": [{"Key": "Stage", "Values": ["dev"]}, {"Key": "Owner"}]},
            {"n1"},
        ),
    ],
)
def test_the_tagging_api_filters_by_type_and_tag(
    sandbox: Sandbox, tagging: Client, filters: dict[str, Any], expected: set[str]
) -> None:
    fleet = sandbox.sagemaker()
    fleet.add_endpoint("e1", tags={"Stage": "dev"})
    fleet.add_endpoint("e2", tags={"Stage": "prod", "Owner": "mina"})
    fleet.add_notebook_instance("n1", tags={"Stage": "dev", "Owner": "jun"})

    found = arns(tagging, **filters)

    assert {arn.rpartition("/")[2] for arn in found} == expected


def test_the_tagging_api_pages_over_a_fleet(sandbox: Sandbox, tagging: Client) -> None:
    fleet = sandbox.sagemaker()
    expected = [fleet.add_endpoint(f"e-{n:03}", tags={"Owner": "mina"}) for n in range(250)]

    found = arns(tagging, ResourceTypeFilters=["sagemaker:endpoint"])

    assert found == expected
    assert sandbox.calls.count("resourcegroupstaggingapi", "GetResources") == 3


def test_the_tagging_api_sees_other_services_too(
    sandbox: Sandbox, client: Callable[[str], Client], tagging: Client
) -> None:
    sandbox.sagemaker().add_endpoint("e", tags={"Owner": "mina"})
    client("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=a_list({"Owner": "jun"}),
    )

    found = arns(tagging, TagFilters=[{"Key": "Owner"}])
    values = tagging.get_tag_values(Key="Owner")["TagValues"]

    assert [arn.rpartition(":")[2] for arn in found] == ["table/t", "endpoint/e"]
    assert values == ["jun", "mina"]
    assert tagging.get_tag_keys()["TagKeys"] == ["Owner"]


def test_the_tagging_api_tags_our_resources(
    sandbox: Sandbox, sagemaker: Client, tagging: Client
) -> None:
    arn = sandbox.sagemaker().add_endpoint("e")

    tagging.tag_resources(ResourceARNList=[arn], Tags={"Owner": "mina", "Stage": "dev"})
    tagging.untag_resources(ResourceARNList=[arn], TagKeys=["Stage"])

    assert as_dict(sagemaker.list_tags(ResourceArn=arn)) == {"Owner": "mina"}


def test_whoever_names_arns_is_answered_in_one_page_of_what_exists(
    sandbox: Sandbox, tagging: Client
) -> None:
    fleet = sandbox.sagemaker()
    arns = [fleet.add_endpoint(f"e{number}", tags={"Owner": "mina"}) for number in range(60)]

    answer = tagging.get_resources(ResourceARNList=[*arns[:55], f"{arns[0]}-gone"])

    assert {item["ResourceARN"] for item in answer["ResourceTagMappingList"]} == set(arns[:55])
    assert answer["PaginationToken"] == ""


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"ResourcesPerPage": 101}, "InvalidParameterException"),
        ({"TagsPerPage": 150}, "InvalidParameterException"),
        (
            {"ResourceARNList": ["arn:aws:s3:::b"], "TagFilters": [{"Key": "A"}]},
            "InvalidParameterException",
        ),
        ({"ResourceARNList": ["arn:aws:s3:::b"], "TagsPerPage": 100}, "InvalidParameterException"),
        ({"ResourceARNList": ["arn:aws:s3:::b"] * 101}, "InvalidParameterException"),
        ({"PaginationToken": "made up"}, "PaginationTokenExpiredException"),
    ],
)
def test_the_tagging_api_refuses_what_is_out_of_bounds(
    tagging: Client, refusal: Refusal, params: dict[str, Any], code: str
) -> None:
    answer = refusal(tagging.get_resources, **params)

    assert answer[0] == code
