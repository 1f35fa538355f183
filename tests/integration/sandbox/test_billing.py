"""Cost Explorer, Savings Plans, Compute Optimizer and Cost Optimization Hub, as AWS answers."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.billing.desk import BillingDesk

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]

HOST = "USE1-Host:ml.m5.xlarge"
BEGINS = datetime(2026, 10, 30, 22, tzinfo=UTC)
DAYS = {"Start": "2026-10-30", "End": "2026-11-01"}
HOURS = {"Start": "2026-10-30T22:00:00Z", "End": "2026-10-31T02:00:00Z"}
SAGEMAKER = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon SageMaker"]}}
BY_TYPE = [{"Type": "DIMENSION", "Key": "USAGE_TYPE"}]
ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/churn"

_plain_client: Callable[..., Client] = boto3.client  # noqa: TID251  # moto without the sandbox


@pytest.fixture
def desk(sandbox: Sandbox) -> BillingDesk:
    return sandbox.billing()


@pytest.fixture
def explorer(sandbox: Sandbox) -> Client:
    return sandbox.client("ce")


def usage(client: Client, **changed: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "TimePeriod": DAYS,
        "Granularity": "DAILY",
        "Metrics": ["UsageQuantity", "UnblendedCost"],
    }
    answer: dict[str, Any] = client.get_cost_and_usage(**{**asked, **changed})
    return answer


def quantities(answer: dict[str, Any]) -> list[tuple[str, list[str], str]]:
    return [
        (period["TimePeriod"]["Start"], group["Keys"], group["Metrics"]["UsageQuantity"]["Amount"])
        for period in answer["ResultsByTime"]
        for group in period["Groups"]
    ]


class TestCostExplorer:
    def test_hours_add_up_to_days(self, desk: BillingDesk, explorer: Client) -> None:
        desk.add_usage(HOST, BEGINS, [1, 2, 3, 0], "0.23")

        answer = usage(explorer, GroupBy=BY_TYPE)

        assert quantities(answer) == [("2026-10-30", [HOST], "3"), ("2026-10-31", [HOST], "3")]
        cost = answer["ResultsByTime"][0]["Groups"][0]["Metrics"]["UnblendedCost"]
        assert cost == {"Amount": "0.69", "Unit": "USD"}

    def test_hours_have_to_be_switched_on_first(
        self, desk: BillingDesk, explorer: Client, refusal: Refusal
    ) -> None:
        desk.add_usage(HOST, BEGINS, [1, 2], "0.23")

        code, message = refusal(partial(usage, explorer), TimePeriod=HOURS, Granularity="HOURLY")

        assert code == "AccessDeniedException"
        assert "opt-in only feature" in message
        desk.enable_hours()
        answer = usage(explorer, TimePeriod=HOURS, Granularity="HOURLY", GroupBy=BY_TYPE)
        assert quantities(answer) == [
            ("2026-10-30T22:00:00Z", [HOST], "1"),
            ("2026-10-30T23:00:00Z", [HOST], "2"),
        ]
        assert len(answer["ResultsByTime"]) == 4

    def test_without_groups_there_is_a_total(self, desk: BillingDesk, explorer: Client) -> None:
        desk.add_usage(HOST, BEGINS, [1], "0.23")
        desk.add_usage("Mem-2GB", BEGINS, [5], "1", unit="GB-Second")

        totals = [period["Total"] for period in usage(explorer)["ResultsByTime"]]

        assert totals[0]["UnblendedCost"]["Amount"] == "5.23"
        assert totals[0]["UsageQuantity"]["Unit"] == "N/A"
        assert totals[1]["UnblendedCost"]["Amount"] == "0"

    def test_expressions_filter(self, desk: BillingDesk, explorer: Client) -> None:
        desk.add_usage(HOST, BEGINS, [1], "0.23")
        desk.add_usage(HOST, BEGINS, [8], "0.23", record_type="SavingsPlanCoveredUsage")
        desk.add_usage("BoxUsage:m5.large", BEGINS, [9], "0.1", service="Amazon EC2")
        used = {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Usage"]}}

        def found(expression: dict[str, Any]) -> list[str]:
            answer = usage(explorer, Filter=expression, GroupBy=BY_TYPE)
            return [amount for _, _, amount in quantities(answer)]

        assert found({"And": [SAGEMAKER, used]}) == ["1"]
        assert found({"Not": SAGEMAKER}) == ["9"]
        assert found({"Or": [SAGEMAKER, used]}) == ["9", "9"]

    def test_pages_go_on_where_they_ended(self, desk: BillingDesk, explorer: Client) -> None:
        for name in ("a", "b", "c"):
            desk.add_usage(f"USE1-Host:ml.{name}", BEGINS, [1, 1, 1], "1")
        desk.set_page(2)

        pages = [usage(explorer, GroupBy=BY_TYPE)]
        while token := pages[-1].get("NextPageToken"):
            pages.append(usage(explorer, GroupBy=BY_TYPE, NextPageToken=token))

        assert len(pages) == 3
        assert len([row for page in pages for row in quantities(page)]) == 6

    def test_a_token_is_good_for_the_same_question_only(
        self, desk: BillingDesk, explorer: Client, refusal: Refusal
    ) -> None:
        desk.add_usage(HOST, BEGINS, [1, 1, 1], "1")
        desk.set_page(1)
        token = usage(explorer, GroupBy=BY_TYPE)["NextPageToken"]

        changed = refusal(partial(usage, explorer), Metrics=["UnblendedCost"], NextPageToken=token)
        strange = refusal(partial(usage, explorer), NextPageToken="x")

        assert changed[0] == "RequestChangedException"
        assert strange[0] == "InvalidNextTokenException"

    @pytest.mark.parametrize(
        ("changed", "says"),
        [
            ({"TimePeriod": {"Start": "2026-11-01", "End": "2026-11-01"}}, "should be before"),
            ({"TimePeriod": {"Start": "2020-11-17", "End": "2026-11-01"}}, "goes back 434 days"),
            ({"TimePeriod": HOURS}, "given as yyyy-MM-dd"),
            ({"Metrics": []}, "At least one metric"),
            ({"GroupBy": BY_TYPE * 3}, "exceeds the limit: 2"),
            ({"Granularity": "YEARLY"}, "Member must satisfy enum value set"),
            ({"Filter": {"And": [], "Or": []}}, "exactly one root"),
        ],
    )
    def test_what_cannot_be_answered_is_refused(
        self,
        desk: BillingDesk,
        explorer: Client,
        refusal: Refusal,
        changed: dict[str, Any],
        says: str,
    ) -> None:
        desk.add_usage(HOST, BEGINS, [1], "1")

        code, message = refusal(partial(usage, explorer), **changed)

        assert code == "ValidationException"
        assert says in message

    def test_hours_go_back_fourteen_days(
        self, desk: BillingDesk, explorer: Client, refusal: Refusal
    ) -> None:
        desk.enable_hours()
        period = {"Start": "2026-10-18T00:00:00Z", "End": "2026-10-20T00:00:00Z"}

        code, message = refusal(partial(usage, explorer), TimePeriod=period, Granularity="HOURLY")

        assert (code, "14 days" in message) == ("ValidationException", True)

    def test_utilisation_is_what_covered_usage_used(
        self, desk: BillingDesk, explorer: Client, refusal: Refusal
    ) -> None:
        arn = desk.add_plan("2.00", BEGINS - timedelta(days=30))
        other = desk.add_plan("9.00", BEGINS, state="queued")
        covered = {"record_type": "SavingsPlanCoveredUsage", "plan": arn, "rate": "0.15"}
        desk.add_usage(HOST, BEGINS, [4] * 4, "0.23", **covered)

        def used(*arns: str) -> dict[str, str]:
            wanted = {"Dimensions": {"Key": "SAVINGS_PLAN_ARN", "Values": list(arns)}}
            answer = explorer.get_savings_plans_utilization(TimePeriod=DAYS, Filter=wanted)
            found: dict[str, str] = answer["Total"]["Utilization"]
            return found

        total = used(arn)
        assert (total["TotalCommitment"], total["UsedCommitment"]) == ("96.00", "2.40")
        assert Decimal(total["UtilizationPercentage"]) == Decimal("2.5")
        assert refusal(partial(used, other))[0] == "DataUnavailableException"
        everything = explorer.get_savings_plans_utilization(TimePeriod=DAYS)
        assert everything["Total"]["Utilization"]["TotalCommitment"] == "96.00"

    def test_a_utilisation_of_no_time_is_refused(self, explorer: Client, refusal: Refusal) -> None:
        nothing = {"Start": "2026-10-30", "End": "2026-10-30"}

        code, _ = refusal(explorer.get_savings_plans_utilization, TimePeriod=nothing)

        assert code == "ValidationException"

    @pytest.mark.parametrize(
        "changed",
        [
            {"Granularity": "DAILY"},
            {"Filter": {"Dimensions": {"Key": "REGION", "Values": ["us-east-1"]}}},
        ],
    )
    def test_a_utilisation_that_is_not_emulated_is_not_made_up(
        self, desk: BillingDesk, explorer: Client, changed: dict[str, Any]
    ) -> None:
        desk.add_plan("2.00", BEGINS)

        with pytest.raises(ClientError):
            explorer.get_savings_plans_utilization(TimePeriod=DAYS, **changed)

    def test_a_recommendation_is_what_was_advised_and_else_none(
        self, desk: BillingDesk, explorer: Client
    ) -> None:
        desk.advise("1.5", "300.10", years=3, payment="All Upfront")

        def advice(payment: str) -> str:
            answer = explorer.get_savings_plans_purchase_recommendation(
                SavingsPlansType="SAGEMAKER_SP",
                TermInYears="THREE_YEARS",
                PaymentOption=payment,
                LookbackPeriodInDays="THIRTY_DAYS",
            )["SavingsPlansPurchaseRecommendation"]
            found: str = answer["SavingsPlansPurchaseRecommendationSummary"][
                "HourlyCommitmentToPurchase"
            ]
            return found

        assert (advice("ALL_UPFRONT"), advice("NO_UPFRONT")) == ("1.5", "0")

    def test_the_payment_options_of_reservations_are_refused(
        self, explorer: Client, refusal: Refusal
    ) -> None:
        asked = {"SavingsPlansType": "SAGEMAKER_SP", "TermInYears": "ONE_YEAR"}

        code, _ = refusal(
            explorer.get_savings_plans_purchase_recommendation,
            **asked,
            PaymentOption="HEAVY_UTILIZATION",
            LookbackPeriodInDays="SEVEN_DAYS",
        )

        assert code == "ValidationException"

    @pytest.mark.parametrize(
        "changed",
        [
            {"Granularity": "MONTHLY"},
            {"Metrics": ["AmortizedCost"]},
            {"GroupBy": [{"Type": "TAG", "Key": "Team"}]},
            {"GroupBy": [{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}]},
            {"Filter": {"Tags": {"Key": "Team", "Values": ["a"]}}},
        ],
    )
    def test_what_is_not_emulated_is_left_to_moto(
        self, desk: BillingDesk, explorer: Client, changed: dict[str, Any]
    ) -> None:
        desk.add_usage(HOST, BEGINS, [1], "1")

        assert usage(explorer, **changed)["ResultsByTime"] == []


class TestSavingsPlans:
    def test_rates_are_found_by_usage_type_and_paged(
        self, sandbox: Sandbox, desk: BillingDesk
    ) -> None:
        for years in (1, 3):
            desk.add_rate(HOST, "0.15", years=years)
            desk.add_rate("USE1-Train:ml.m5.xlarge", "0.16", years=years)
        desk.add_rate(HOST, "0.1", kind="Compute")
        client = sandbox.client("savingsplans")

        def page(**token: str) -> dict[str, Any]:
            answer: dict[str, Any] = client.describe_savings_plans_offering_rates(
                savingsPlanTypes=["SageMaker"], usageTypes=[HOST], maxResults=1, **token
            )
            return answer

        first = page()
        second = page(nextToken=first["nextToken"])

        found = [*first["searchResults"], *second["searchResults"]]
        terms = {item["savingsPlanOffering"]["durationSeconds"] for item in found}
        assert terms == {31_536_000, 94_608_000}
        assert {item["rate"] for item in found} == {"0.15"}
        assert "nextToken" not in second

    def test_plans_are_found_by_state_type_and_arn(
        self, sandbox: Sandbox, desk: BillingDesk
    ) -> None:
        arn = desk.add_plan("2", BEGINS)
        desk.add_plan("3", BEGINS, state="retired")
        desk.add_plan("4", BEGINS, kind="Compute")
        client = sandbox.client("savingsplans")

        def commitments(**asked: Any) -> list[str]:
            answer = client.describe_savings_plans(**asked)
            return sorted(plan["commitment"] for plan in answer["savingsPlans"])

        assert commitments() == ["2", "3", "4"]
        assert commitments(states=["active"]) == ["2", "4"]
        assert commitments(savingsPlanArns=[arn]) == ["2"]
        kind = [{"name": "savings-plan-type", "values": ["Compute"]}]
        assert commitments(filters=kind) == ["4"]

    def test_a_strange_token_is_refused(self, sandbox: Sandbox, refusal: Refusal) -> None:
        client = sandbox.client("savingsplans")

        assert refusal(client.describe_savings_plans, nextToken="x")[0] == "ValidationException"
        assert refusal(client.describe_savings_plans, maxResults=1001)[0] == "ValidationException"

    @pytest.mark.parametrize(
        ("operation", "name"),
        [
            ("describe_savings_plans", "region"),
            ("describe_savings_plans_offering_rates", "tenancy"),
        ],
    )
    def test_filters_that_are_not_emulated_are_not_ignored(
        self, sandbox: Sandbox, desk: BillingDesk, operation: str, name: str
    ) -> None:
        desk.add_plan("2", BEGINS)
        client = sandbox.client("savingsplans")

        with pytest.raises(ClientError):
            getattr(client, operation)(filters=[{"name": name, "values": ["x"]}])


class TestComputeOptimizer:
    def test_an_account_that_did_not_opt_in_is_refused(
        self, sandbox: Sandbox, refusal: Refusal
    ) -> None:
        client = sandbox.client("compute-optimizer")

        code, message = refusal(client.get_idle_recommendations)

        assert code == "OptInRequiredException"
        assert "123456789012 is not registered" in message
        assert client.get_enrollment_status()["status"] == "Inactive"

    def test_idle_resources_are_found_by_kind_and_paged(
        self, sandbox: Sandbox, desk: BillingDesk
    ) -> None:
        desk.enroll_in_compute_optimizer("us-east-1")
        desk.find_idle(ARN, 167.9)
        desk.find_idle(f"{ARN}-2", 20)
        desk.find_idle("arn:aws:ec2:us-east-1:123456789012:volume/v", 1, kind="EBSVolume")
        client = sandbox.client("compute-optimizer")
        wanted = [{"name": "ResourceType", "values": ["SageMakerEndpoint"]}]

        first = client.get_idle_recommendations(filters=wanted, maxResults=1)
        second = client.get_idle_recommendations(
            filters=wanted, maxResults=1, nextToken=first["nextToken"]
        )

        found = [*first["idleRecommendations"], *second["idleRecommendations"]]
        assert [item["resourceArn"] for item in found] == [ARN, f"{ARN}-2"]
        assert "nextToken" not in second
        assert len(client.get_idle_recommendations()["idleRecommendations"]) == 3
        others = client.get_idle_recommendations(accountIds=["999999999999"])
        assert others["idleRecommendations"] == []
        one = client.get_idle_recommendations(resourceArns=[ARN])
        assert len(one["idleRecommendations"]) == 1

    def test_bad_parameters_are_refused_in_its_own_words(
        self, sandbox: Sandbox, desk: BillingDesk, refusal: Refusal
    ) -> None:
        desk.enroll_in_compute_optimizer("us-east-1")
        client = sandbox.client("compute-optimizer")

        for wrong in ({"nextToken": "x"}, {"maxResults": 101}):
            code, _ = refusal(client.get_idle_recommendations, **wrong)
            assert code == "InvalidParameterValueException"

    def test_the_sdk_speaks_json_to_it(self, sandbox: Sandbox) -> None:
        client = sandbox.client("compute-optimizer")

        assert client.meta.service_model.resolved_protocol == "json", (
            "the sandbox needs a codec for CBOR now"
        )


class TestOptimizationHub:
    def test_what_is_not_enrolled_recommends_nothing(
        self, sandbox: Sandbox, desk: BillingDesk
    ) -> None:
        desk.recommend(ARN, "Delete", 10)
        client = sandbox.client("cost-optimization-hub")

        assert client.list_enrollment_statuses()["items"] == []
        assert client.list_recommendations()["items"] == []
        desk.enroll_in_hub("Inactive")
        assert client.list_enrollment_statuses()["items"][0]["status"] == "Inactive"
        assert client.list_recommendations()["items"] == []

    def test_recommendations_are_filtered_and_paged(
        self, sandbox: Sandbox, desk: BillingDesk, refusal: Refusal
    ) -> None:
        desk.enroll_in_hub()
        desk.recommend(ARN, "Delete", 10)
        desk.recommend(ARN.replace("us-east-1", "eu-west-1"), "ScaleIn", 5)
        desk.recommend_plan("$1.50/hour", 300)
        client = sandbox.client("cost-optimization-hub")

        def actions(**wanted: list[str]) -> list[str]:
            pages = client.get_paginator("list_recommendations").paginate(
                filter=wanted, PaginationConfig={"PageSize": 1}
            )
            return [item["actionType"] for page in pages for item in page["items"]]

        assert actions() == ["Delete", "ScaleIn", "PurchaseSavingsPlans"]
        assert actions(regions=["eu-west-1"]) == ["ScaleIn"]
        assert actions(resourceTypes=["SageMakerSavingsPlans"]) == ["PurchaseSavingsPlans"]
        assert refusal(client.list_recommendations, nextToken="x")[0] == "ValidationException"

    def test_a_filter_that_is_not_emulated_is_not_ignored(
        self, sandbox: Sandbox, desk: BillingDesk
    ) -> None:
        desk.enroll_in_hub()
        client = sandbox.client("cost-optimization-hub")

        with pytest.raises(ClientError):
            client.list_recommendations(filter={"restartNeeded": True})


class TestDesk:
    def test_usage_begins_with_a_whole_hour(self, desk: BillingDesk) -> None:
        with pytest.raises(ValueError, match="no whole hour"):
            desk.add_usage(HOST, BEGINS + timedelta(minutes=1), [1], "1")

    def test_a_page_holds_something(self, desk: BillingDesk) -> None:
        with pytest.raises(ValueError, match="holds nothing"):
            desk.set_page(0)

    def test_accounts_and_regions_are_apart(self, sandbox: Sandbox, desk: BillingDesk) -> None:
        other = "210987654321"
        sandbox.billing(other).add_usage(HOST, BEGINS, [1], "1")
        desk.enroll_in_compute_optimizer("eu-west-1")

        here = usage(sandbox.client("ce"), GroupBy=BY_TYPE)
        there = usage(sandbox.client("ce", account=other), GroupBy=BY_TYPE)

        assert (len(quantities(here)), len(quantities(there))) == (0, 1)
        optimizer = sandbox.client("compute-optimizer", region="eu-west-1")
        assert optimizer.get_enrollment_status()["status"] == "Active"


class TestMoto:
    """What plain moto lacks: the day one of these fails, ours can go."""

    @pytest.fixture
    def plain(self) -> Iterator[Callable[..., Client]]:
        with mock_aws():
            yield lambda service: _plain_client(service, region_name="us-east-1")

    def test_moto_knows_no_opt_in_and_no_usage(self, plain: Callable[..., Client]) -> None:
        answer = usage(plain("ce"), TimePeriod=HOURS, Granularity="HOURLY")

        assert answer["ResultsByTime"] == [], "look whether our CostExplorer can go"

    @pytest.mark.parametrize(
        ("service", "operation"),
        [
            ("savingsplans", "describe_savings_plans"),
            ("compute-optimizer", "get_idle_recommendations"),
            ("cost-optimization-hub", "list_recommendations"),
        ],
    )
    def test_moto_has_no_such_service(
        self, plain: Callable[..., Client], service: str, operation: str
    ) -> None:
        with pytest.raises(ClientError, match="Not yet implemented"):
            getattr(plain(service), operation)()
