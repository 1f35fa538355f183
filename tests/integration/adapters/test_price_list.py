"""Reading AWS's price list, on the emulated one."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from sagewarden.adapters.price_list import ENDPOINTS, Listed, PriceList
from sagewarden.adapters.price_offers import LISTED
from sagewarden.adapters.price_products import RefusedProductError, read_product
from sagewarden.adapters.price_snapshot import shipped_tables
from sagewarden.adapters.price_tables import book
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import UnreadableError
from sagewarden.domain.money import FileStorage, PriceComponent
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.observation import ObservedCall
from tests.support.faults import refusing

TODAY = date(2026, 11, 18)
HOSTING, EC2 = PriceComponent.HOSTING, PriceComponent.EC2
FILE_SYSTEM, MODEL_UNIT = PriceComponent.FILE_SYSTEM, PriceComponent.MODEL_UNIT
NAMELESS = "names no model and commitment that are known"
SERVICES = {EC2: "AmazonEC2", FILE_SYSTEM: "AmazonEFS", MODEL_UNIT: "AmazonBedrock"}


def read(
    sessions: Sessions, component: PriceComponent = HOSTING, region: str = "us-east-1"
) -> Listed:
    return PriceList(sessions).read(component, region, TODAY)


def prices(listed: Listed) -> dict[str, str]:
    return {name: f"{usd:f}" for name, usd in listed.table.prices.items()} if listed.table else {}


@pytest.mark.parametrize("table", shipped_tables(), ids=lambda t: f"{t.component}-{t.region}")
def test_every_known_price_is_read_as_it_is_over_all_pages(sessions: Sessions, table: Any) -> None:
    listed = read(sessions, table.component, table.region)

    assert listed.refused == ()
    assert listed.table is not None
    assert listed.table.prices == table.prices
    assert (listed.table.component, listed.table.region) == (table.component, table.region)
    assert listed.table.as_of == TODAY
    service = SERVICES.get(table.component, "AmazonSageMaker")
    assert listed.table.source == (f"AWS Price List Query API, {service}, published {table.as_of}")


def test_reserved_concurrency_is_priced_by_usage_and_not_by_mem(sessions: Sessions) -> None:
    price_list = PriceList(sessions)
    tables = [
        listed.table
        for component in (
            PriceComponent.PROVISIONED_CONCURRENCY,
            PriceComponent.PROVISIONED_INFERENCE,
        )
        if (listed := price_list.read(component, "us-east-1", TODAY)).table
    ]

    cost = book(tables).provisioned_concurrency("us-east-1", memory_mb=2048, concurrency=2)

    assert cost is not None
    assert cost.usd == Decimal("52.56")
    assert cost.as_of == TODAY


def test_one_question_answers_for_all_prices_of_serverless_memory(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    price_list = PriceList(sessions)

    for component in (
        PriceComponent.SERVERLESS,
        PriceComponent.PROVISIONED_CONCURRENCY,
        PriceComponent.PROVISIONED_INFERENCE,
    ):
        price_list.read(component, "us-east-1", TODAY)

    assert sandbox.calls.count("pricing", "GetProducts") == 1


def test_memory_sizes_that_disagree_about_a_gigabyte_leave_its_price_unknown(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    for size, usd in ((1, "0.0000200000"), (2, "0.0000500000")):
        sandbox.prices.add(
            f"APN2-ServerlessInf:Mem-{size}GB",
            usd,
            region="ap-northeast-2",
            unit="Second",
            family="ML Serverless",
        )

    listed = read(sessions, PriceComponent.SERVERLESS, "ap-northeast-2")

    assert listed.table is None
    [why] = listed.refused
    assert why.startswith(
        "the memory sizes disagree about the price of a GB-second (1 GB: $0.00002"
    )
    assert ", 2 GB: $0.000025" in why


def test_a_price_that_aws_rounded_does_not_count_as_disagreement(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    for size, usd in ((1, "0.0000116000"), (6, "0.0000699000")):
        sandbox.prices.add(
            f"EU-ProvisionedConcurrency:Mem-{size}GB",
            usd,
            region="eu-west-1",
            unit="seconds",
            family="ML Serverless",
        )

    listed = read(sessions, PriceComponent.PROVISIONED_INFERENCE, "eu-west-1")

    assert prices(listed) == {"GB": "0.00001165"}


@pytest.mark.parametrize("prefix", ["", "USE1-"])
def test_the_name_is_clean_where_the_instance_type_is_not(
    sandbox: Sandbox, sessions: Sessions, prefix: str
) -> None:
    sandbox.prices.clear()
    sandbox.prices.add(
        f"{prefix}Host:ml.m5.xlarge",
        "0.23",
        component="Hosting",
        instanceName="ml.m5.xlarge",
        instanceType="ml.m5.xlarge-Hosting",
    )
    sandbox.prices.add(
        f"{prefix}Host:ml.g6.xlarge", "1.1267", component="Hosting", instanceType="NA"
    )

    assert prices(read(sessions)) == {"ml.m5.xlarge": "0.23", "ml.g6.xlarge": "1.1267"}


def test_of_several_prices_of_a_name_the_components_own_count_and_of_these_the_lowest(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    sandbox.prices.clear()
    for usage_type, usd in (
        ("USE1-WarmPool:ml.g5.xlarge", "0.5"),
        ("USE1-Train:ml.g5.xlarge", "1.408"),
        ("USE1-Train:ml.g5.xlarge", "1.5"),
        ("USE1-Train:ml.m5.large", "0.115"),
        ("USE1-Train:ml.m5.large", "0.1150000000"),
        ("USE1-WarmPool:ml.c5.large", "0.1"),
    ):
        sandbox.prices.add(
            usage_type, usd, component="Training", instanceName=usage_type.partition(":")[2]
        )

    listed = read(sessions, PriceComponent.TRAINING)

    assert prices(listed) == {
        "ml.g5.xlarge": "1.408",
        "ml.m5.large": "0.115",
        "ml.c5.large": "0.1",
    }
    assert listed.refused == ("ml.g5.xlarge: listed at $1.408, $1.5: the lowest is taken",)


def test_what_is_reserved_spot_or_free_is_no_price_of_an_hour_on_demand(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    for usage_type in (
        "USE1-ReservedCluster:ml.p5.48xlarge",
        "USE1-FreeTier:ml.p5.48xlarge",
        "USE1-SpotTraining:ml.p5.48xlarge",
    ):
        sandbox.prices.add(usage_type, "1", component="Cluster", instanceName="ml.p5.48xlarge")

    assert read(sessions, PriceComponent.CLUSTER) == Listed(None)


@pytest.mark.parametrize(
    ("usd", "unit", "why"),
    [
        ("0.0000000000", "Hrs", "USE1-Host:ml.x9.large: 0.0000000000 is no price"),
        ("-1", "Hrs", "USE1-Host:ml.x9.large: -1 is no price"),
        ("NaN", "Hrs", "USE1-Host:ml.x9.large: NaN is no price"),
        ("call us", "Hrs", "USE1-Host:ml.x9.large: call us is no price"),
        ("0.2", "Quantity", "USE1-Host:ml.x9.large: a price per Quantity"),
    ],
)
def test_what_is_no_price_per_hour_is_refused_by_name_and_stays_unknown(
    sandbox: Sandbox, sessions: Sessions, usd: str, unit: str, why: str
) -> None:
    sandbox.prices.add(
        "USE1-Host:ml.x9.large", usd, unit=unit, component="Hosting", instanceName="ml.x9.large"
    )

    listed = read(sessions)

    assert listed.refused == (why,)
    assert "ml.x9.large" not in prices(listed)
    assert "ml.m5.xlarge" in prices(listed)


def test_a_product_that_names_no_instance_type_is_told_of(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    sandbox.prices.add("USE1-Host:mystery", "1", component="Hosting")

    assert read(sessions).refused == ("USE1-Host:mystery: names no instance type",)


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        "{}",
        '{"product": {"attributes": []}}',
        '{"product": {"attributes": {"usagetype": "USE1-Host:ml.m5.large"}}, "terms": []}',
        json.dumps(
            {
                "product": {"attributes": {"usagetype": "u"}},
                "terms": {
                    "OnDemand": {
                        "a": {
                            "priceDimensions": {
                                "b": {
                                    "pricePerUnit": {"USD": "1"},
                                    "unit": "Hrs",
                                    "beginRange": "x",
                                }
                            }
                        }
                    }
                },
                "publicationDate": "2026-11-01T00:00:00Z",
            }
        ),
    ],
)
def test_a_malformed_product_is_refused_and_the_others_are_read(
    sandbox: Sandbox, sessions: Sessions, document: str
) -> None:
    sandbox.prices.add_document(document, regionCode="us-east-1", component="Hosting")

    listed = read(sessions)

    [why] = listed.refused
    assert why.startswith("malformed: ")
    assert len(prices(listed)) > 200


def test_a_price_in_another_currency_only_is_refused() -> None:
    offer = {"d": {"unit": "Hrs", "pricePerUnit": {"CNY": "1"}}}
    document = {
        "product": {"attributes": {"usagetype": "CNN1-Host:ml.m5.large"}},
        "terms": {"OnDemand": {"o": {"priceDimensions": offer}}},
        "publicationDate": "2026-11-01T00:00:00Z",
    }

    with pytest.raises(RefusedProductError, match="no price on demand in US dollars"):
        read_product(json.dumps(document))


def test_of_a_price_in_tiers_the_first_counts() -> None:
    tiers = {
        "b": {"unit": "Hrs", "beginRange": "1000", "pricePerUnit": {"USD": "0.5"}},
        "a": {"unit": "Hrs", "beginRange": "0", "pricePerUnit": {"USD": "1"}},
    }
    document = {
        "product": {"attributes": {"usagetype": "USE1-Host:ml.m5.large"}},
        "terms": {"OnDemand": {"o": {"priceDimensions": tiers}}},
        "publicationDate": "2026-11-01T00:00:00Z",
    }

    product = read_product(json.dumps(document))

    assert product is not None
    assert (product.usd, product.unit, product.published) == (Decimal(1), "Hrs", "2026-11-01")


def test_volumes_are_priced_by_what_they_hang_on(sandbox: Sandbox, sessions: Sessions) -> None:
    for usage_type, usd in (
        ("EU-Host:VolumeUsage.gp2", "0.154"),
        ("EU-Notebk:VolumeUsage.gp2", "0.154"),
        ("EU-Studio:VolumeUsage.gp3", "0.12"),
        ("EU-FeatureStore:TimedStorage-ByteHrs", "0.45"),
    ):
        sandbox.prices.add(usage_type, usd, region="eu-west-1", unit="GB-Mo", family="Storage")

    listed = read(sessions, PriceComponent.STORAGE, "eu-west-1")

    assert prices(listed) == {
        "Hosting": "0.154",
        "Notebook": "0.154",
        "Studio-JupyterLab": "0.12",
        "studio-codeeditor": "0.12",
    }
    assert listed.refused == ()


def test_what_has_its_component_in_an_older_attribute_only_is_found_by_that(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    sandbox.prices.add(
        "USE1-Studio:CodeEditor-ml.t3.medium",
        "0.05",
        platoinstancetype="studio-codeeditor",
        instanceName="ml.t3.medium",
    )

    assert prices(read(sessions, PriceComponent.STUDIO_CODE_EDITOR)) == {"ml.t3.medium": "0.05"}


def test_a_canvas_session_has_one_price(sandbox: Sandbox, sessions: Sessions) -> None:
    sandbox.prices.add("USE1-Canvas:Session-Hrs", "1.9", family="ML Canvas")
    sandbox.prices.add("USE1-Canvas:CreateModelRequest-Tier0", "30", family="ML Canvas")

    assert prices(read(sessions, PriceComponent.STUDIO_CANVAS)) == {"Session": "1.9"}


def test_nodes_are_priced_as_linux_on_shared_hardware_without_licensed_software(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    plain = {
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "capacitystatus": "Used",
        "preInstalledSw": "NA",
    }
    for usage_type, usd, differing in (
        ("BoxUsage:g5.xlarge", "1.006", {}),
        ("BoxUsage:p5.48xlarge", "55.04", {}),
        ("BoxUsage:trn1.2xlarge", "1.3438", {}),
        ("BoxUsage:m5.large", "0.096", {}),
        ("BoxUsage:g6.xlarge", "2", {"operatingSystem": "Windows"}),
        ("BoxUsage:g6.xlarge", "3", {"preInstalledSw": "SQL Std"}),
        ("DedicatedUsage:g6.xlarge", "4", {"tenancy": "Dedicated"}),
        ("Reservation:g6.xlarge", "5", {"capacitystatus": "AllocatedCapacityReservation"}),
        ("UnusedBox:g6.xlarge", "6", {}),
    ):
        sandbox.prices.add(
            usage_type,
            usd,
            region="eu-west-3",
            service="AmazonEC2",
            family="Compute Instance",
            instanceType=usage_type.partition(":")[2],
            **{**plain, **differing},
        )

    listed = read(sessions, EC2, "eu-west-3")

    assert prices(listed) == {
        "g5.xlarge": "1.006",
        "p5.48xlarge": "55.04",
        "trn1.2xlarge": "1.3438",
    }
    assert listed.refused == ()


def test_tracking_servers_are_priced_by_their_size_as_the_api_spells_it(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    for size, usd in (("Small", "0.642"), ("medium", "1.4"), ("Huge", "9")):
        usage_type = f"APS3-MLflow:TrackingServerCompute-{size}"
        sandbox.prices.add(usage_type, usd, region="ap-south-1", instanceName="ml.none.small")
    sandbox.prices.add("APS3-MLflow:TrackingServerStorage", "0.1", region="ap-south-1")

    listed = read(sessions, PriceComponent.MLFLOW, "ap-south-1")

    assert prices(listed) == {"Small": "0.642", "Medium": "1.4"}
    assert listed.refused == (
        "APS3-MLflow:TrackingServerCompute-Huge: names no size of a tracking server",
    )


def test_files_are_priced_by_how_they_are_stored_and_nothing_else_of_efs_is_a_price_of_them(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    for usage_type, usd, unit, stored in (
        ("EU-TimedStorage-ByteHrs", "0.3300000000", "GB-Mo", "General Purpose"),
        ("EU-IATimedStorage-ByteHrs", "0.0250000000", "GB-Mo", "Infrequent Access"),
        ("EU-IATimedStorage-ET-ByteHrs", "0.0165000000", "GB-Mo", "Infrequent Access-ET"),
        ("EU-ArchiveTimedStorage-ByteHrs", "0.0085000000", "GB-Mo", "Archive"),
        ("EU-TimedStorage-Z-ByteHrs", "0.1760000000", "GB-Mo", "One Zone-General Purpose"),
        ("EU-IATimedStorage-Z-ByteHrs", "0.0145", "GB-Mo", "One Zone-Infrequent Access"),
        ("EU-IATimedStorage-SmallFiles", "0.0250000000", "GB-Mo", "Infrequent Access"),
        ("EU-ArchiveEarlyDelete-ByteHrs", "0.0085000000", "GB-Mo", "Archive"),
        ("EU-IADataAccess-Bytes", "0.0100000000", "GB", "Infrequent Access"),
    ):
        sandbox.prices.add(
            usage_type,
            usd,
            region="eu-west-1",
            unit=unit,
            service="AmazonEFS",
            family="Storage",
            storageClass=stored,
        )

    listed = read(sessions, FILE_SYSTEM, "eu-west-1")

    assert prices(listed) == {
        "General Purpose": "0.33",
        "Infrequent Access": "0.025",
        "Infrequent Access-ET": "0.0165",
        "Archive": "0.0085",
    }
    assert listed.refused == ()
    assert listed.table is not None
    assert book([listed.table]).files("eu-west-1", {FileStorage.ARCHIVE: 2**31}) is not None


def add_units(
    sandbox: Sandbox, usage_type: str, usd: str, service: str = "AmazonBedrock", **said: str
) -> None:
    """One more product of provisioned throughput in us-west-2."""
    where = {"region": "us-west-2", "unit": said.pop("unit", "hour"), "family": "Amazon Bedrock"}
    sandbox.prices.add(usage_type, usd, service=service, **where, **said)


def test_model_units_are_priced_by_model_and_commitment_wherever_aws_lists_them(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    for usage_type, usd in (
        ("USW2-Nova2.0Lite-ProvisionedThroughput-NoCommit-ModelUnits", "60.5"),
        ("USW2-Nova2.0Lite-ProvisionedThroughput-1month-ModelUnits", "55.0000000000"),
        ("USW2-Llama3-1-70B-ProvisionedThroughput-6months-ModelUnits", "13"),
        ("Llama3-1-70B-ProvisionedThroughput-NoCommit-ModelUnits", "24"),
        ("USW2-TitanText-Premier-ProvisionedThroughput-Custom-NoCommit-ModelUnits", "9"),
        ("USW2-Nova2.0Lite-input-tokens", "0.00033"),
    ):
        add_units(sandbox, usage_type, usd)
    for term, usd in (("1MonthCommit", "80"), ("6MonthsCommit", "40"), ("NoCommit", "90")):
        add_units(
            sandbox,
            f"USW2-MP:USW2_ProvisionedThroughput_{term}_ModelUnits_Usage-Units",
            usd,
            service="AmazonBedrockFoundationModels",
            servicename="Claude 3.5 Sonnet v2 (Amazon Bedrock Edition)",
        )

    listed = read(sessions, MODEL_UNIT, "us-west-2")

    assert prices(listed) == {
        "nova2lite (no commitment)": "60.5",
        "nova2lite (1 month)": "55",
        "llama3-1-70b (6 months)": "13",
        "llama3-1-70b (no commitment)": "24",
        "titantextpremier custom (no commitment)": "9",
        "claude3-5sonnetv2 (1 month)": "80",
        "claude3-5sonnetv2 (6 months)": "40",
        "claude3-5sonnetv2 (no commitment)": "90",
    }
    assert listed.refused == ()
    assert listed.table is not None
    assert listed.table.source.startswith(
        "AWS Price List Query API, AmazonBedrock and AmazonBedrockFoundationModels, published "
    )


def test_a_model_unit_that_is_not_recognised_is_left_out_and_named(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    sold = "USW2-MP:USW2_ProvisionedThroughput_NoCommit_ModelUnits_Usage-Units"
    add_units(sandbox, "USW2-Nova2.0Pro-ProvisionedThroughput-3months-ModelUnits", "70")
    add_units(sandbox, "USW2-Nova2.0Pro-ProvisionedThroughput-NoCommit-Tokens", "1")
    add_units(sandbox, sold, "80", service="AmazonBedrockFoundationModels", servicename="Claude")
    add_units(sandbox, "USW2-NovaPro-ProvisionedThroughput-NoCommit-ModelUnits", "2", unit="month")

    listed = read(sessions, MODEL_UNIT, "us-west-2")

    assert listed.table is None
    assert sorted(listed.refused) == [
        f"{sold}: {NAMELESS}",
        f"USW2-Nova2.0Pro-ProvisionedThroughput-3months-ModelUnits: {NAMELESS}",
        f"USW2-Nova2.0Pro-ProvisionedThroughput-NoCommit-Tokens: {NAMELESS}",
        "USW2-NovaPro-ProvisionedThroughput-NoCommit-ModelUnits: a price per month",
    ]


def test_models_that_the_price_list_spells_alike_cost_the_lowest_and_that_is_told(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    for model, usd in (("Llama3-1-70B", "24"), ("Llama3.1-70B-Instruct", "21")):
        add_units(sandbox, f"USW2-{model}-ProvisionedThroughput-NoCommit-ModelUnits", usd)

    listed = read(sessions, MODEL_UNIT, "us-west-2")

    assert prices(listed) == {"llama3-1-70b (no commitment)": "21"}
    assert listed.refused == (
        "llama3-1-70b (no commitment): listed at $21, $24: the lowest is taken",
    )


def test_what_a_region_does_not_sell_has_no_table(sessions: Sessions) -> None:
    assert read(sessions, PriceComponent.NOTEBOOK, "eu-west-3") == Listed(None)


def test_every_component_can_be_asked_for(sessions: Sessions) -> None:
    assert set(PriceComponent) == set(LISTED)
    assert all(read(sessions, component, "eu-west-3") == Listed(None) for component in LISTED)


@pytest.mark.parametrize(
    ("home", "asked"),
    [
        ("us-west-2", "us-east-1"),
        ("eu-west-1", "eu-central-1"),
        ("ap-northeast-2", "ap-south-1"),
        ("me-central-1", "ap-south-1"),
        ("sa-east-1", "us-east-1"),
    ],
)
def test_the_endpoint_near_home_is_asked(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, home: str, asked: str
) -> None:
    regions: list[str] = []
    monkeypatch.setenv("AWS_DEFAULT_REGION", home)
    monkeypatch.setenv("AWS_REGION", home)

    with sandbox.observers.watching(lambda call: regions.append(call.region)):
        read(Sessions())

    assert set(regions) == {asked}
    assert asked in ENDPOINTS


def refusing_in(*regions: str, code: str) -> Callable[[ObservedCall], None]:
    return refusing(lambda call: call.region in regions, code)


def test_an_endpoint_that_is_denied_is_left_for_the_next_which_is_kept(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    price_list = PriceList(sessions)

    with sandbox.observers.watching(refusing_in("us-east-1", code="AccessDeniedException")):
        listed = price_list.read(PriceComponent.NOTEBOOK, "us-east-1", TODAY)
        again = price_list.read(PriceComponent.STUDIO_JUPYTER_LAB, "us-east-1", TODAY)

    assert listed.table is not None
    assert again.table is not None
    assert sessions.calls == {"Pricing.GetProducts": 3}


def test_without_the_permission_the_first_refusal_is_told_and_no_endpoint_is_tried_again(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    price_list = PriceList(sessions)

    with sandbox.observers.watching(refusing_in(*ENDPOINTS, code="AccessDeniedException")):
        for calls in (3, 4):
            with pytest.raises(UnreadableError, match="list prices of Hosting: AccessDenied"):
                price_list.read(HOSTING, "us-east-1", TODAY)
            assert sessions.calls == {"Pricing.GetProducts": calls}


def test_what_another_endpoint_would_refuse_too_is_not_asked_there(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    with (
        sandbox.observers.watching(refusing_in(*ENDPOINTS, code="ExpiredTokenException")),
        pytest.raises(UnreadableError, match="ExpiredTokenException"),
    ):
        read(sessions)

    assert sessions.calls == {"Pricing.GetProducts": 1}


def test_throttling_is_waited_out(sandbox: Sandbox, sessions: Sessions) -> None:
    left = ["once", "twice"]

    def throttle(_: ObservedCall) -> None:
        if left:
            left.pop()
            raise AwsError("ThrottlingException", "Rate exceeded")

    with sandbox.observers.watching(throttle):
        listed = read(sessions, PriceComponent.NOTEBOOK)

    assert listed.table is not None
    assert sessions.calls == {"Pricing.GetProducts": 3}


def test_missing_credentials_are_said_as_such(
    sandbox: Sandbox,  # noqa: ARG001 - where a call would go
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(NoCredentialsError):
        read(Sessions())


def test_an_endpoint_that_cannot_be_reached_is_left_for_the_next(
    sandbox: Sandbox,  # noqa: ARG001 - where a call would go
    sessions: Sessions,
) -> None:
    def unreachable(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://api.pricing.us-east-1.amazonaws.com")

    client = sessions.client("pricing", "us-east-1")
    client.meta.events.register("before-call.pricing.GetProducts", unreachable)

    assert read(sessions).table is not None
