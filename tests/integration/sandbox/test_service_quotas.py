"""Service Quotas of SageMaker's serverless endpoints."""

from collections.abc import Callable
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]

ENDPOINTS = "Maximum number of serverless endpoints"
CONCURRENCY = "Maximum total concurrency that can be allocated across all serverless endpoints"
PROVISIONED = (
    "Maximum total provisioned concurrency that can be allocated across all serverless endpoints"
)


def values(client: Client, operation: str = "list_service_quotas") -> dict[str, float]:
    pages = client.get_paginator(operation).paginate(
        ServiceCode="sagemaker", PaginationConfig={"PageSize": 2}
    )
    return {quota["QuotaName"]: quota["Value"] for page in pages for quota in page["Quotas"]}


@pytest.mark.parametrize(("region", "concurrency"), [("us-east-1", 1000), ("ap-northeast-2", 500)])
def test_the_defaults_are_those_of_the_region(
    sandbox: Sandbox, region: str, concurrency: int
) -> None:
    client = sandbox.client("service-quotas", region=region)

    found = values(client)

    assert found == {ENDPOINTS: 50, CONCURRENCY: concurrency, PROVISIONED: concurrency}
    assert values(client, "list_aws_default_service_quotas") == found


def test_a_quota_is_set_for_one_account_and_region_and_keeps_its_default(sandbox: Sandbox) -> None:
    here, there = (sandbox.client("service-quotas", region=r) for r in ("us-east-1", "us-west-2"))

    sandbox.quotas.set(CONCURRENCY, 10)

    code = {"ServiceCode": "sagemaker", "QuotaCode": "L-96300102"}
    quota = here.get_service_quota(**code)["Quota"]
    assert (quota["Value"], quota["QuotaName"]) == (10, CONCURRENCY)
    assert quota["QuotaArn"] == (
        "arn:aws:servicequotas:us-east-1:123456789012:sagemaker/L-96300102"
    )
    assert here.get_aws_default_service_quota(**code)["Quota"]["Value"] == 1000
    assert there.get_service_quota(**code)["Quota"]["Value"] == 1000


def test_a_reset_forgets_what_was_set(sandbox: Sandbox) -> None:
    sandbox.quotas.set("L-96300102", 10)

    sandbox.reset(now=sandbox.clock.now())

    assert values(sandbox.client("service-quotas"))[CONCURRENCY] == 1000


def test_an_unknown_quota_is_refused(sandbox: Sandbox, refusal: Refusal) -> None:
    client = sandbox.client("service-quotas")

    code, _ = refusal(client.get_service_quota, ServiceCode="sagemaker", QuotaCode="L-0")

    assert code == "NoSuchResourceException"
    with pytest.raises(ValueError, match="no quota 'x': there are L-SANDBOX-ENDPOINTS"):
        sandbox.quotas.set("x", 1)
    with pytest.raises(ValueError, match="give 0 or more"):
        sandbox.quotas.set(ENDPOINTS, -1)


def test_the_quotas_of_other_services_are_left_to_moto(sandbox: Sandbox) -> None:
    client = sandbox.client("service-quotas")

    found = client.list_aws_default_service_quotas(ServiceCode="vpc")["Quotas"]

    assert {quota["ServiceCode"] for quota in found} == {"vpc"}
