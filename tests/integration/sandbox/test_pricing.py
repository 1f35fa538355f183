"""The price list, as AWS's Price List Query API answers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]

HOSTING = {"Type": "TERM_MATCH", "Field": "component", "Value": "Hosting"}


def is_(field: str, value: str, kind: str = "TERM_MATCH") -> dict[str, str]:
    return {"Type": kind, "Field": field, "Value": value}


@pytest.fixture
def pricing(sandbox: Sandbox) -> Client:
    return sandbox.client("pricing")


def usage_types(client: Client, *filters: dict[str, str], page: int = 100) -> list[str]:
    pages = client.get_paginator("get_products").paginate(
        ServiceCode="AmazonSageMaker", Filters=[*filters], PaginationConfig={"PageSize": page}
    )
    products = [json.loads(text) for page in pages for text in page["PriceList"]]
    return [product["product"]["attributes"]["usagetype"] for product in products]


def test_a_product_is_a_document_with_its_attributes_and_its_price_on_demand(
    pricing: Client,
) -> None:
    answer = pricing.get_products(
        ServiceCode="AmazonSageMaker",
        Filters=[
            is_("regionCode", "ap-northeast-2"),
            HOSTING,
            is_("instanceName", "ml.m5.xlarge"),
        ],
    )

    assert answer["FormatVersion"] == "aws_v1"
    [text] = answer["PriceList"]
    product = json.loads(text)
    attributes = product["product"]["attributes"]
    assert attributes["usagetype"] == "APN2-Host:ml.m5.xlarge"
    assert attributes["instanceType"] == "ml.m5.xlarge-Hosting"
    assert product["publicationDate"] == "2026-05-20T00:00:00Z"
    [offer] = product["terms"]["OnDemand"].values()
    [dimension] = offer["priceDimensions"].values()
    assert dimension["pricePerUnit"] == {"USD": "0.2830000000"}
    assert (dimension["unit"], offer["sku"]) == ("Hrs", product["product"]["sku"])


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        (is_("instanceName", "ml.m5.xlarge"), 1),
        (is_("instanceName", "ml.m5.xlarge", "EQUALS"), 1),
        (is_("instanceName", "ml.m5.x"), 0),
        (is_("usagetype", "Host:ml.m5.xl", "CONTAINS"), 1),
        (is_("instanceName", "ml.m5.xlarge,ml.m5.large,ml.none", "ANY_OF"), 2),
        (is_("noSuchAttribute", "x"), 0),
    ],
)
def test_filters_match_as_their_types_say(
    pricing: Client, condition: dict[str, str], count: int
) -> None:
    assert len(usage_types(pricing, is_("regionCode", "us-east-1"), HOSTING, condition)) == count


def test_none_of_leaves_out_what_it_names_only(pricing: Client) -> None:
    here = is_("regionCode", "us-east-1")
    every = usage_types(pricing, here)

    others = usage_types(pricing, here, is_("component", "Hosting,Notebook", "NONE_OF"))

    left_out = set(every) - set(others)
    assert {name.partition(":")[0] for name in left_out} == {"USE1-Host", "USE1-Notebk"}
    assert "USE1-Host:VolumeUsage.gp2" in others


def test_pages_hold_up_to_a_hundred_and_lose_nothing(sandbox: Sandbox, pricing: Client) -> None:
    whole = usage_types(pricing, HOSTING, page=100)
    calls = sandbox.calls.count("pricing", "GetProducts")

    assert calls == -(-len(whole) // 100) > 1
    assert usage_types(pricing, HOSTING, page=37) == whole
    assert len(set(whole)) == len(whole)


def test_every_memory_size_of_serverless_inference_has_its_three_prices(pricing: Client) -> None:
    found = usage_types(pricing, is_("productFamily", "ML Serverless"))

    assert len(found) == 18
    assert "USE1-ProvisionedConcurrency:Usage-2GB" in found
    assert "USE1-ProvisionedConcurrency:Mem-2GB" in found


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"ServiceCode": "AmazonNothing"}, "NotFoundException"),
        ({"ServiceCode": "AmazonSageMaker", "FormatVersion": "v2"}, "InvalidParameterException"),
        ({"ServiceCode": "AmazonSageMaker", "MaxResults": 101}, "InvalidParameterException"),
        ({"ServiceCode": "AmazonSageMaker", "NextToken": "x"}, "InvalidNextTokenException"),
        (
            {"ServiceCode": "AmazonSageMaker", "Filters": [is_("component", "Hosting", "LIKE")]},
            "InvalidParameterException",
        ),
    ],
)
def test_a_wrong_request_is_refused(
    pricing: Client, refusal: Refusal, arguments: dict[str, Any], code: str
) -> None:
    assert refusal(pricing.get_products, **arguments)[0] == code


def test_only_three_regions_answer(sandbox: Sandbox, refusal: Refusal) -> None:
    for region in ("us-east-1", "eu-central-1", "ap-south-1"):
        assert usage_types(sandbox.client("pricing", region=region), HOSTING)

    seoul = sandbox.client("pricing", region="ap-northeast-2")
    assert refusal(seoul.get_products, ServiceCode="AmazonSageMaker")[0] == "UnknownEndpoint"


def test_services_and_the_values_of_their_attributes_are_listed(
    pricing: Client, refusal: Refusal
) -> None:
    services = pricing.describe_services()["Services"]
    pages = pricing.get_paginator("get_attribute_values").paginate(
        ServiceCode="AmazonSageMaker",
        AttributeName="component",
        PaginationConfig={"PageSize": 2},
    )

    attributes = {service["ServiceCode"]: service["AttributeNames"] for service in services}
    assert [*attributes] == [
        "AmazonBedrock",
        "AmazonBedrockFoundationModels",
        "AmazonEC2",
        "AmazonEFS",
        "AmazonSageMaker",
    ]
    assert {"usagetype", "productFamily"} <= set(attributes["AmazonSageMaker"])
    assert [value["Value"] for page in pages for value in page["AttributeValues"]] == [
        "Hosting",
        "Notebook",
        "Studio-JupyterLab",
    ]
    assert refusal(pricing.describe_services, ServiceCode="x")[0] == "NotFoundException"
    assert (
        refusal(
            pricing.get_attribute_values, ServiceCode="AmazonSageMaker", AttributeName="nothing"
        )[0]
        == "InvalidParameterException"
    )


def test_a_price_may_be_added_and_a_reset_forgets_it(sandbox: Sandbox, pricing: Client) -> None:
    sandbox.prices.add("USE1-Train:ml.g5.xlarge", "1.408", component="Training")
    training = is_("component", "Training")
    assert usage_types(pricing, training) == ["USE1-Train:ml.g5.xlarge"]

    sandbox.reset(now=sandbox.clock.now())

    assert usage_types(pricing, training) == []
