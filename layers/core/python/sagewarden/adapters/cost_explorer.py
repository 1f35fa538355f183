"""Read what was billed for SageMaker, and what AWS recommends to commit to, from Cost Explorer.

Each request costs $0.01 (Cost Explorer pricing). It is a global service: the management account
sees all accounts of its organisation, a member account itself only.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sagewarden.adapters.billing_answers import Json, all_items, moment_of
from sagewarden.adapters.errors import reading
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import UnreadableError
from sagewarden.domain.savings_plans.billed import AwsAdvice, Billed, OwnedPlan, PlanUse
from sagewarden.domain.savings_plans.offerings import Offering, PaymentOption
from sagewarden.domain.savings_plans.usage import Hour, Usage
from sagewarden.domain.standstill import Span

HOME = "us-east-1"
"""Where Cost Explorer is served from."""

HOW_TO_HAVE_HOURS = (
    "switch on hourly granularity in the Cost Management preferences of the management account "
    "($0.01 a month per 1,000 usage records); it takes up to 48 hours"
)

LOOKBACK_DAYS = 30
"""What AWS's own recommendation looks back on; it offers 7, 30 and 60 days."""

_SERVICE = "Amazon SageMaker"
_ON_DEMAND, _COVERED = "Usage", "SavingsPlanCoveredUsage"
# Without spending that Savings Plans neither cover nor change: tax, credits, refunds, their fees.
_FILTER = {
    "And": [
        {"Dimensions": {"Key": "SERVICE", "Values": [_SERVICE]}},
        {"Dimensions": {"Key": "RECORD_TYPE", "Values": [_ON_DEMAND, _COVERED]}},
    ]
}
_GROUPS = [
    {"Type": "DIMENSION", "Key": "USAGE_TYPE"},
    {"Type": "DIMENSION", "Key": "RECORD_TYPE"},
]
_HOURS = "Hrs"
_PRICE_DIGITS = Decimal("0.0000000001")  # as many as AWS's price list has
_TERM = {1: "ONE_YEAR", 3: "THREE_YEARS"}
_PAYMENT = {
    PaymentOption.NO_UPFRONT: "NO_UPFRONT",
    PaymentOption.PARTIAL_UPFRONT: "PARTIAL_UPFRONT",
    PaymentOption.ALL_UPFRONT: "ALL_UPFRONT",
}


class AwsCostExplorer:
    """Cost Explorer on boto3."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def billed(self, window: Span, *, hourly: bool) -> Billed:
        """The usage of SageMaker in a window of whole days in UTC, by hour or by day.

        What Savings Plans cover is a kind of record of its own, so nothing is counted twice: the
        records ``Usage`` are what no plan covers; of those of covered usage only the sum is kept.
        The unblended cost of both is the list price times the usage, before credits and the
        discounts of an agreement with AWS.

        Calls: the pages of GetCostAndUsage.

        Raises:
            UnreadableError: It could not be read; hours have to be switched on first.
        """
        what = f"SageMaker's {'hourly' if hourly else 'daily'} usage in Cost Explorer"
        try:
            with reading(what):
                return _billed(self._results(window, hourly=hourly), window, hourly=hourly)
        except UnreadableError as error:
            if hourly and "opt-in" in error.why:
                raise UnreadableError(what, f"{error.why} ({HOW_TO_HAVE_HOURS})") from error
            raise

    def use_of(self, plans: Sequence[OwnedPlan], window: Span) -> PlanUse:
        """How far plans were used in the whole days of a window.

        Calls: one GetSavingsPlansUtilization.

        Raises:
            UnreadableError: It could not be read.
        """
        with reading("the utilisation of Savings Plans in Cost Explorer"):
            answer = self._client.get_savings_plans_utilization(
                TimePeriod=_period(window, hourly=False),
                Filter={
                    "Dimensions": {
                        "Key": "SAVINGS_PLAN_ARN",
                        "Values": [plan.arn for plan in plans],
                    }
                },
            )
        found = answer["Total"]["Utilization"]
        return PlanUse(Decimal(found["TotalCommitment"]), Decimal(found["UsedCommitment"]))

    def advice(self, offering: Offering) -> AwsAdvice:
        """What AWS recommends to buy of an offering, from the past 30 days.

        Calls: one GetSavingsPlansPurchaseRecommendation.

        Raises:
            UnreadableError: It could not be read.
        """
        with reading("AWS's own Savings Plans recommendation in Cost Explorer"):
            answer = self._client.get_savings_plans_purchase_recommendation(
                SavingsPlansType="SAGEMAKER_SP",
                TermInYears=_TERM[offering.years],
                PaymentOption=_PAYMENT[offering.payment],
                LookbackPeriodInDays="THIRTY_DAYS",
            )
        found = answer.get("SavingsPlansPurchaseRecommendation", {})
        summary = found.get("SavingsPlansPurchaseRecommendationSummary", {})
        return AwsAdvice(
            hourly=Decimal(summary.get("HourlyCommitmentToPurchase") or 0),
            monthly_saving=Decimal(summary.get("EstimatedMonthlySavingsAmount") or 0),
            lookback_days=LOOKBACK_DAYS,
        )

    @property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        return self._sessions.client("ce", HOME)

    def _results(self, window: Span, *, hourly: bool) -> Iterator[Json]:
        def page(**token: str) -> Json:
            found: Json = self._client.get_cost_and_usage(
                TimePeriod=_period(window, hourly=hourly),
                Granularity="HOURLY" if hourly else "DAILY",
                Metrics=["UsageQuantity", "UnblendedCost"],
                Filter=_FILTER,
                GroupBy=_GROUPS,
                **token,
            )
            return found

        yield from all_items(page, "NextPageToken", "ResultsByTime")


def _period(window: Span, *, hourly: bool) -> dict[str, str]:
    form = "%Y-%m-%dT%H:%M:%SZ" if hourly else "%Y-%m-%d"
    return {
        "Start": window.begin.astimezone(UTC).strftime(form),
        "End": window.end.astimezone(UTC).strftime(form),
    }


def _billed(results: Iterator[Json], window: Span, *, hourly: bool) -> Billed:
    quantities: defaultdict[datetime, dict[str, Decimal]] = defaultdict(dict)
    costs: defaultdict[str, Decimal] = defaultdict(Decimal)
    amounts: defaultdict[str, Decimal] = defaultdict(Decimal)
    covered = elsewise = Decimal(0)
    recorded: datetime | None = None
    for result in results:
        starts = moment_of(result["TimePeriod"]["Start"])
        if result["Groups"]:
            recorded = moment_of(result["TimePeriod"]["End"])
        for group in result["Groups"]:
            usage_type, record = group["Keys"]
            used, billed = (group["Metrics"][key] for key in ("UsageQuantity", "UnblendedCost"))
            cost, quantity = Decimal(billed["Amount"]), Decimal(used["Amount"])
            if record == _COVERED:
                covered += cost
            elif used["Unit"] != _HOURS:
                elsewise += cost
            elif quantity > 0:
                here = quantities[starts]
                here[usage_type] = here.get(usage_type, Decimal(0)) + quantity
                costs[usage_type] += cost
                amounts[usage_type] += quantity
    prices = {name: (cost / amounts[name]).quantize(_PRICE_DIGITS) for name, cost in costs.items()}
    usage = Usage(tuple(_hours(quantities, prices, window, hourly=hourly)), prices)
    return Billed(usage, covered, elsewise, recorded)


def _hours(
    quantities: Mapping[datetime, Mapping[str, Decimal]],
    prices: Mapping[str, Decimal],
    window: Span,
    *,
    hourly: bool,
) -> Iterator[Hour]:
    """Every hour or day of the window; what cost nothing (a free tier) needs no commitment."""
    step = timedelta(hours=1) if hourly else timedelta(days=1)
    at = window.begin
    while at < window.end:
        here = quantities.get(at, {})
        yield Hour(at, {name: count for name, count in here.items() if prices[name] > 0})
        at += step
