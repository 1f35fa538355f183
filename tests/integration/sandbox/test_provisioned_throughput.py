"""Provisioned throughput of Amazon Bedrock, over REST JSON, as AWS plays it."""

from datetime import timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox
from tests.integration.sandbox.conftest import MONDAY_NINE as NOW
from tests.integration.sandbox.conftest import refusal_code

MODEL = "amazon.titan-text-express-v1"
DAY = timedelta(days=1)

type Client = Any  # boto3 makes its clients at run time


@pytest.fixture
def bedrock(sandbox: Sandbox) -> Client:
    return sandbox.client("bedrock")


def buy(bedrock: Client, name: str = "chat", **more: object) -> str:
    answer = bedrock.create_provisioned_model_throughput(
        provisionedModelName=name, modelId=MODEL, modelUnits=2, **more
    )
    return str(answer["provisionedModelArn"])


def test_throughput_is_bought_described_renamed_and_deleted(
    sandbox: Sandbox, bedrock: Client
) -> None:
    arn = buy(bedrock, tags=[{"key": "Owner", "value": "mina"}])
    creating = bedrock.get_provisioned_model_throughput(provisionedModelId=arn)
    sandbox.clock.advance(timedelta(minutes=10))
    update = bedrock.update_provisioned_model_throughput
    update(
        provisionedModelId="chat",
        desiredProvisionedModelName="talk",
        desiredModelId="acme.model-v1",
    )
    sandbox.clock.advance(timedelta(minutes=5))
    found = bedrock.get_provisioned_model_throughput(provisionedModelId="talk")
    bedrock.delete_provisioned_model_throughput(provisionedModelId=arn)

    assert (creating["status"], creating["creationTime"]) == ("Creating", NOW)
    assert (found["status"], found["modelUnits"]) == ("InService", 2)
    assert found["modelArn"] == "arn:aws:bedrock:us-east-1::foundation-model/acme.model-v1"
    assert "commitmentExpirationTime" not in found
    gone = bedrock.get_provisioned_model_throughput
    assert refusal_code(gone, provisionedModelId=arn) == "ResourceNotFoundException"


def test_what_is_committed_to_is_not_deleted_and_renews_itself(
    sandbox: Sandbox, bedrock: Client
) -> None:
    arn = buy(bedrock, commitmentDuration="OneMonth")

    sandbox.clock.advance(40 * DAY)
    found = bedrock.get_provisioned_model_throughput(provisionedModelId=arn)
    delete = bedrock.delete_provisioned_model_throughput

    assert found["commitmentExpirationTime"] == NOW + 60 * DAY
    assert refusal_code(delete, provisionedModelId=arn) == "ConflictException"


def test_throughput_is_listed_by_page_status_name_model_and_age(
    sandbox: Sandbox, bedrock: Client
) -> None:
    fleet = sandbox.bedrock()
    for number in range(11):
        fleet.add_provisioned_model(f"m-{number:02}", created_at=NOW - number * DAY)
    fleet.add_provisioned_model(
        "broken", status="Failed", model="other.model-v1", created_at=NOW - 11 * DAY
    )
    listing = bedrock.list_provisioned_model_throughputs

    def names(**asked: object) -> list[str]:
        found = listing(**asked)["provisionedModelSummaries"]
        return [item["provisionedModelName"] for item in found]

    first = listing()
    rest = names(nextToken=first["nextToken"])

    assert len(first["provisionedModelSummaries"]) == 10
    assert rest == ["m-10", "broken"]
    assert names(statusEquals="Failed") == ["broken"]
    assert names(nameContains="m-1") == ["m-10"]
    other = "arn:aws:bedrock:us-east-1::foundation-model/other.model-v1"
    assert names(modelArnEquals=other) == ["broken"]
    assert names(creationTimeBefore=NOW - 11 * DAY) == ["broken"]
    assert names(sortOrder="Ascending")[0] == "broken"


def test_tags_and_mistakes_are_answered_as_bedrock_does(sandbox: Sandbox, bedrock: Client) -> None:
    arn = sandbox.bedrock().add_provisioned_model("chat", tags={"Owner": "mina"})

    bedrock.tag_resource(resourceARN=arn, tags=[{"key": "Team", "value": "risk"}])
    bedrock.untag_resource(resourceARN=arn, tagKeys=["Owner", "none"])

    assert bedrock.list_tags_for_resource(resourceARN=arn)["tags"] == [
        {"key": "Team", "value": "risk"}
    ]
    assert refusal_code(buy, bedrock=bedrock) == "ValidationException"
    assert refusal_code(buy, bedrock=bedrock, name="a", commitmentDuration="Ever") == (
        "ValidationException"
    )


def test_the_rest_of_bedrock_is_motos(bedrock: Client) -> None:
    assert bedrock.list_custom_models()["modelSummaries"] == []
    job = "arn:aws:bedrock:us-east-1:123456789012:model-customization-job/a.b/abcdefghijkl"
    assert refusal_code(bedrock.list_tags_for_resource, resourceARN=job) != "NotImplemented"
