"""Usage, rates, plans and AWS's own advice, read from the emulated AWS."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sagewarden.adapters.aws_advisors import AwsAdvisors
from sagewarden.adapters.cost_explorer import AwsCostExplorer
from sagewarden.adapters.savings_plans import AwsSavingsPlans
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.commitments import advise_commitment
from sagewarden.application.ports import UnreadableError
from sagewarden.domain.aws_findings import Advisor
from sagewarden.domain.savings_plans.offerings import OFFERINGS, Offering, PaymentOption
from sagewarden.domain.standstill import Span
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.billing.desk import BillingDesk
from tests.integration.conftest import NOW
from tests.support.faults import answer_with_error

pytestmark = pytest.mark.aws

HOST, TRAIN = "USE1-Host:ml.m5.xlarge", "USE1-Train:ml.g5.xlarge"
DAY = datetime(2026, 11, 17, tzinfo=UTC)
WINDOW = Span(DAY, DAY + timedelta(days=1))
ONE_YEAR = Offering(1, PaymentOption.NO_UPFRONT)
ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/churn"


@pytest.fixture
def desk(sandbox: Sandbox) -> BillingDesk:
    return sandbox.billing()


@pytest.fixture
def costs(sessions: Sessions) -> AwsCostExplorer:
    return AwsCostExplorer(sessions)


@pytest.fixture
def market(sessions: Sessions) -> AwsSavingsPlans:
    return AwsSavingsPlans(sessions)


class TestUsage:
    def test_it_is_read_hour_by_hour_with_its_list_price(
        self, desk: BillingDesk, costs: AwsCostExplorer
    ) -> None:
        desk.enable_hours()
        desk.add_usage(HOST, DAY + timedelta(hours=1), [2, 0, "0.5"], "0.23")
        desk.add_usage(TRAIN, DAY + timedelta(hours=3), [1], "1.41")

        found = costs.billed(WINDOW, hourly=True).on_demand

        assert len(found.hours) == 24
        used = {hour.starts.hour: hour.quantities for hour in found.hours if hour.quantities}
        assert used == {1: {HOST: 2}, 3: {HOST: Decimal("0.5"), TRAIN: 1}}
        assert found.on_demand == {HOST: Decimal("0.23"), TRAIN: Decimal("1.41")}

    def test_it_is_read_across_pages(self, desk: BillingDesk, costs: AwsCostExplorer) -> None:
        desk.enable_hours()
        desk.set_page(5)
        desk.add_usage(HOST, DAY, [1] * 24, "0.23")
        desk.add_usage(TRAIN, DAY, [2] * 24, "1.41")

        found = costs.billed(WINDOW, hourly=True).on_demand

        assert {tuple(sorted(hour.quantities.items())) for hour in found.hours} == {
            ((HOST, Decimal(1)), (TRAIN, Decimal(2)))
        }

    def test_what_a_plan_covers_is_not_counted_again(
        self, desk: BillingDesk, costs: AwsCostExplorer
    ) -> None:
        desk.add_usage(HOST, DAY, [1], "0.23")
        desk.add_usage(HOST, DAY, [3], "0.23", record_type="SavingsPlanCoveredUsage")
        desk.add_usage("Negation", DAY, [1], "-0.69", record_type="SavingsPlanNegation")
        desk.add_usage("Fee", DAY, [1], "0.45", record_type="SavingsPlanRecurringFee")

        found = costs.billed(WINDOW, hourly=False)

        assert found.on_demand.hours[0].quantities == {HOST: 1}
        assert found.covered == Decimal("0.69")
        assert found.recorded_until == DAY + timedelta(days=1)
        assert found.elsewise == 0

    def test_what_is_not_metered_in_hours_is_summed_up_apart(
        self, desk: BillingDesk, costs: AwsCostExplorer
    ) -> None:
        desk.add_usage("USE1-ServerlessInf:Mem-2GB", DAY, [100], "0.00002", unit="GB-Second")

        found = costs.billed(WINDOW, hourly=False)

        assert found.elsewise == Decimal("0.002")
        assert found.on_demand.usage_types == ()

    def test_a_free_tier_needs_no_commitment(
        self, desk: BillingDesk, costs: AwsCostExplorer
    ) -> None:
        desk.add_usage(HOST, DAY, [1], "0")

        assert costs.billed(WINDOW, hourly=False).on_demand.usage_types == ()

    def test_hours_that_are_not_switched_on_are_explained(self, costs: AwsCostExplorer) -> None:
        with pytest.raises(UnreadableError, match="opt-in only") as caught:
            costs.billed(WINDOW, hourly=True)

        assert "Cost Management preferences of the management account" in caught.value.why

    def test_a_missing_permission_is_named_as_such(
        self, sessions: Sessions, costs: AwsCostExplorer
    ) -> None:
        answer_with_error(sessions, "ce", "GetCostAndUsage", "AccessDeniedException")

        with pytest.raises(UnreadableError, match="daily usage") as caught:
            costs.billed(WINDOW, hourly=False)

        assert "preferences" not in caught.value.why

    def test_a_page_that_fails_is_no_short_answer(
        self, desk: BillingDesk, sessions: Sessions, costs: AwsCostExplorer
    ) -> None:
        desk.set_page(1)
        desk.add_usage(HOST, DAY, [1], "1")
        desk.add_usage(TRAIN, DAY, [1], "1")
        answer_with_error(sessions, "ce", "GetCostAndUsage", "BillExpirationException", after=1)

        with pytest.raises(UnreadableError, match="BillExpirationException"):
            costs.billed(WINDOW, hourly=False)


class TestMarket:
    def test_rates_are_read_by_offering(self, desk: BillingDesk, market: AwsSavingsPlans) -> None:
        for offering in OFFERINGS:
            desk.add_rate(HOST, "0.15", years=offering.years, payment=offering.payment)
        desk.add_rate(TRAIN, "0.9")
        desk.add_rate("USE1-Notebk:ml.t3.medium", "0.04")

        found = market.rates([HOST, TRAIN])

        assert set(found) == set(OFFERINGS)
        assert found[ONE_YEAR] == {HOST: Decimal("0.15"), TRAIN: Decimal("0.9")}

    def test_of_several_rates_the_dearest_is_taken(
        self, desk: BillingDesk, market: AwsSavingsPlans
    ) -> None:
        for rate, operation in (("0.16", "RunInstance"), ("0.15", "Invoke"), ("0.10", "Other")):
            desk.add_rate(HOST, rate, operation=operation)

        assert market.rates([HOST])[ONE_YEAR] == {HOST: Decimal("0.16")}

    def test_other_currencies_units_and_terms_are_left_out(
        self, desk: BillingDesk, market: AwsSavingsPlans
    ) -> None:
        desk.add_rate(HOST, "1.05", currency="CNY")
        desk.add_rate(HOST, "1.05", unit="Request")
        desk.add_rate(HOST, "0.10", years=5)

        assert market.rates([HOST]) == {}

    def test_many_usage_types_are_asked_for_in_parts(
        self, sandbox: Sandbox, desk: BillingDesk, market: AwsSavingsPlans
    ) -> None:
        names = [f"USE1-Host:ml.t{number}.large" for number in range(120)]
        for name in names:
            desk.add_rate(name, "0.1")
        sandbox.calls.clear()

        found = market.rates(names)

        assert len(found[ONE_YEAR]) == 120
        assert sandbox.calls.count("savingsplans", "DescribeSavingsPlansOfferingRates") == 3

    def test_owned_plans_of_sagemaker_are_read_the_first_to_end_first(
        self, desk: BillingDesk, market: AwsSavingsPlans
    ) -> None:
        late = desk.add_plan("2", NOW, years=3)
        soon = desk.add_plan("3.5", NOW)
        desk.add_plan("4", NOW, kind="Compute")
        desk.add_plan("5", NOW, state="retired")

        found = market.owned()

        assert [plan.arn for plan in found] == [soon, late]
        assert found[0].commitment == Decimal("3.5")
        assert found[0].ends == NOW + timedelta(days=365)

    @pytest.mark.parametrize(
        ("operation", "read"),
        [
            ("DescribeSavingsPlans", lambda market: market.owned()),
            ("DescribeSavingsPlansOfferingRates", lambda market: market.rates([HOST])),
        ],
    )
    def test_a_refusal_is_named(
        self, sessions: Sessions, market: AwsSavingsPlans, operation: str, read: object
    ) -> None:
        answer_with_error(sessions, "savingsplans", operation, "AccessDeniedException")

        with pytest.raises(UnreadableError, match="AccessDeniedException"):
            read(market)  # type: ignore[operator]


class TestAdvice:
    def test_a_steady_base_load_is_committed_to(
        self, desk: BillingDesk, costs: AwsCostExplorer, market: AwsSavingsPlans
    ) -> None:
        midnight = NOW.replace(hour=0, minute=0)
        desk.enable_hours()
        days = [2] * 24 * 7 + [3] * 24 * 7
        desk.add_usage(HOST, midnight - timedelta(days=14), days, "0.23")
        desk.add_rate(HOST, "0.15")
        desk.advise("0.31", "110.5")

        found = advise_commitment(costs, market, NOW)

        [commitment] = found.commitments
        # A third instance that runs half of the time saves (0.23 - 0.15) / 2 - 0.15 / 2 < 0.
        assert commitment.hourly == Decimal("0.30")
        assert found.by_hour
        assert found.incomplete == ()
        assert found.aws[ONE_YEAR].hourly == Decimal("0.31")

    def test_without_hours_days_are_spread_and_the_gap_is_named(
        self, desk: BillingDesk, costs: AwsCostExplorer, market: AwsSavingsPlans
    ) -> None:
        midnight = NOW.replace(hour=0, minute=0)
        desk.add_usage(HOST, midnight - timedelta(days=28), [4, *[0] * 23] * 28, "0.24")
        desk.add_rate(HOST, "0.12")

        found = advise_commitment(costs, market, NOW)

        assert not found.by_hour
        assert found.commitments[0].on_demand == Decimal("0.04")
        assert ["opt-in" in gap.why for gap in found.incomplete] == [True]

    def test_plans_are_looked_at_with_their_use(
        self, desk: BillingDesk, costs: AwsCostExplorer, market: AwsSavingsPlans
    ) -> None:
        midnight = NOW.replace(hour=0, minute=0)
        desk.enable_hours()
        plan = desk.add_plan("0.30", midnight - timedelta(days=14))
        desk.add_usage(
            HOST,
            midnight - timedelta(days=14),
            [1] * 336,
            "0.23",
            record_type="SavingsPlanCoveredUsage",
            plan=plan,
            rate="0.15",
        )

        found = advise_commitment(costs, market, NOW)

        assert found.use is not None
        assert found.use.utilisation == Decimal("0.5")
        assert found.covered == Decimal("0.23")
        assert (found.lines, found.commitments) == ((), ())


class TestAdvisors:
    def test_where_nobody_opted_in_nothing_is_enabled(self, sessions: Sessions) -> None:
        advisors = AwsAdvisors(sessions)

        assert not advisors.idle_endpoints("us-east-1").is_enabled
        assert not advisors.unneeded_endpoints(["us-east-1"]).is_enabled

    def test_findings_of_both_are_read(self, desk: BillingDesk, sessions: Sessions) -> None:
        desk.enroll_in_compute_optimizer("us-east-1")
        desk.enroll_in_hub()
        desk.find_idle(ARN, 167.9)
        desk.find_idle("arn:aws:ec2:us-east-1:123456789012:volume/v", 1, kind="EBSVolume")
        desk.recommend(ARN, "Delete", 150)
        desk.recommend(ARN.replace("us-east-1", "eu-west-1"), "Delete", 150)
        desk.recommend_plan("$1.50/hour", 300)
        advisors = AwsAdvisors(sessions)

        [idle] = advisors.idle_endpoints("us-east-1").items
        [unneeded] = advisors.unneeded_endpoints(["us-east-1"]).items
        [purchase] = advisors.purchases().items

        assert (idle.advisor, idle.arn, idle.says) == (Advisor.COMPUTE_OPTIMIZER, ARN, "Idle")
        assert (idle.monthly_saving, idle.lookback_days) == (Decimal("167.9"), 14)
        assert (unneeded.says, unneeded.monthly_saving) == ("Delete", Decimal(150))
        assert (purchase.account, purchase.monthly_saving) == ("123456789012", Decimal(300))

    def test_many_findings_are_read_page_by_page(
        self, desk: BillingDesk, sessions: Sessions
    ) -> None:
        desk.enroll_in_compute_optimizer("us-east-1")
        for number in range(205):
            desk.find_idle(f"{ARN}-{number}", 1)

        assert len(AwsAdvisors(sessions).idle_endpoints("us-east-1").items) == 205

    @pytest.mark.parametrize(
        ("service", "operation"),
        [
            ("compute-optimizer", "GetIdleRecommendations"),
            ("cost-optimization-hub", "ListEnrollmentStatuses"),
            ("cost-optimization-hub", "ListRecommendations"),
        ],
    )
    def test_a_refusal_is_no_missing_opt_in(
        self, desk: BillingDesk, sessions: Sessions, service: str, operation: str
    ) -> None:
        desk.enroll_in_hub()
        advisors = AwsAdvisors(sessions)
        answer_with_error(sessions, service, operation, "AccessDeniedException")

        def read() -> object:
            if service == "compute-optimizer":
                return advisors.idle_endpoints("us-east-1")
            return advisors.unneeded_endpoints(["us-east-1"])

        with pytest.raises(UnreadableError, match="AccessDeniedException"):
            read()

    def test_a_refused_list_of_purchases_is_named(self, sessions: Sessions) -> None:
        answer_with_error(
            sessions, "cost-optimization-hub", "ListRecommendations", "AccessDeniedException"
        )
        advisors = AwsAdvisors(sessions)

        with pytest.raises(UnreadableError, match="AccessDeniedException"):
            advisors.purchases()
