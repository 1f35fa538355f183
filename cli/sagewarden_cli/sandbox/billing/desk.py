"""Plays the part of AWS's metering and of its advisors, in process."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.billing.records import HOME, Bill, BillStore, LineItem, OptimizerStore
from sagewarden_cli.sandbox.world import World

SAGEMAKER = "Amazon SageMaker"
PAYMENTS = ("No Upfront", "Partial Upfront", "All Upfront")

_YEAR = timedelta(days=365)
_HOUR = timedelta(hours=1)


class BillingDesk:
    """The billing of one account.

    Args:
        world: The emulated AWS.
        account: The account, the default one if None.
    """

    def __init__(self, world: World, account: str | None) -> None:
        self._world = world
        self._account = account

    @property
    def _bill(self) -> Bill:
        return self._world.at(self._account, HOME).part(BillStore).bill

    def enable_hours(self) -> None:
        """Switch on hourly granularity, as the management account does in its preferences."""
        self._bill.has_hours = True

    def set_page(self, groups: int) -> None:
        """Let a page of Cost Explorer hold so many groups.

        Raises:
            ValueError: It would hold none.
        """
        if groups < 1:
            raise ValueError(f"a page of {groups} groups holds nothing")
        self._bill.page = groups

    def add_usage(  # noqa: PLR0913 - a line item has as many columns
        self,
        usage_type: str,
        starts: datetime,
        quantities: Iterable[float | str | Decimal],
        price: str | Decimal,
        *,
        unit: str = "Hrs",
        service: str = SAGEMAKER,
        record_type: str = "Usage",
        plan: str | None = None,
        rate: str | Decimal = "0",
    ) -> None:
        """Meter usage of consecutive hours; hours without any leave no record.

        Args:
            usage_type: Such as ``USE1-Host:ml.m5.xlarge``.
            starts: The first hour (aware).
            quantities: How much in each hour.
            price: USD per unit on demand.
            unit: What is counted.
            service: AWS's name of the service.
            record_type: AWS's kind of record; ``SavingsPlanCoveredUsage`` where a plan covers it.
            plan: The ARN of the plan that covers it.
            rate: The Savings Plan rate at which it uses up the plan's commitment.

        Raises:
            ValueError: The first hour is no whole hour, or has no zone.
        """
        if starts.tzinfo is None or (starts.minute, starts.second, starts.microsecond) != (0, 0, 0):
            raise ValueError(f"{starts} is no whole hour with a zone")
        for number, given in enumerate(quantities):
            quantity = Decimal(str(given))
            if quantity:
                self._bill.items.append(
                    LineItem(
                        starts=starts + number * _HOUR,
                        service=service,
                        usage_type=usage_type,
                        record_type=record_type,
                        quantity=quantity,
                        cost=quantity * Decimal(price),
                        unit=unit,
                        plan=plan,
                        used_commitment=quantity * Decimal(rate),
                    )
                )

    def add_rate(  # noqa: PLR0913 - an offering has as many properties
        self,
        usage_type: str,
        rate: str | Decimal,
        *,
        years: int = 1,
        payment: str = "No Upfront",
        operation: str = "RunInstance",
        unit: str = "Hrs",
        currency: str = "USD",
        kind: str = "SageMaker",
    ) -> None:
        """Put a Savings Plan rate on offer, in USD per unit."""
        name = f"{kind}/{years}/{payment}/{currency}"
        offering = {
            "offeringId": str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
            "paymentOption": payment,
            "planType": kind,
            "durationSeconds": int(years * _YEAR.total_seconds()),
            "currency": currency,
            "planDescription": f"{years} year {payment} {kind} Savings Plan",
        }
        self._bill.rates.append(
            {
                "savingsPlanOffering": offering,
                "rate": str(rate),
                "unit": unit,
                "productType": kind,
                "serviceCode": "AmazonSageMaker",
                "usageType": usage_type,
                "operation": operation,
                "properties": [],
            }
        )

    def add_plan(
        self,
        commitment: str | Decimal,
        starts: datetime,
        *,
        years: int = 1,
        payment: str = "No Upfront",
        state: str = "active",
        kind: str = "SageMaker",
    ) -> str:
        """Let the account own a Savings Plan, and return its ARN."""
        here = self._world.at(self._account, HOME)
        number = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{here.account}/{len(self._bill.plans)}"))
        arn = f"arn:{here.partition}:savingsplans::{here.account}:savingsplan/{number}"
        self._bill.plans.append(
            {
                "savingsPlanId": number,
                "savingsPlanArn": arn,
                "description": f"{years} year {payment} {kind} Savings Plan",
                "start": starts.isoformat(),
                "end": (starts + years * _YEAR).isoformat(),
                "state": state,
                "savingsPlanType": kind,
                "paymentOption": payment,
                "productTypes": ["SageMaker" if kind == "SageMaker" else "EC2"],
                "currency": "USD",
                "commitment": str(commitment),
                "termDurationInSeconds": int(years * _YEAR.total_seconds()),
                "tags": {},
            }
        )
        return arn

    def advise(
        self, hourly: str, monthly_saving: str, *, years: int = 1, payment: str = "No Upfront"
    ) -> None:
        """Let AWS recommend a commitment to SageMaker Savings Plans."""
        term = "ONE_YEAR" if years == 1 else "THREE_YEARS"
        self._bill.advice["SAGEMAKER_SP", term, payment.upper().replace(" ", "_")] = {
            "HourlyCommitmentToPurchase": hourly,
            "EstimatedMonthlySavingsAmount": monthly_saving,
            "TotalRecommendationCount": "1",
            "CurrencyCode": "USD",
        }

    def enroll_in_compute_optimizer(self, *regions: str) -> None:
        """Opt in, as the account does once; the opt-in shows in the regions that are named."""
        for region in regions:
            self._optimizer(region).is_enrolled = True

    def find_idle(
        self, arn: str, monthly_saving: float, *, kind: str = "SageMakerEndpoint", days: float = 14
    ) -> None:
        """Let Compute Optimizer find a resource idle."""
        region, account, name = _parts(arn)
        saving = {"currency": "USD", "value": monthly_saving}
        self._optimizer(region).idle.append(
            {
                "resourceArn": arn,
                "resourceId": name,
                "resourceType": kind,
                "accountId": account,
                "finding": "Idle",
                "findingDescription": "No invocations in the lookback period",
                "savingsOpportunity": {
                    "savingsOpportunityPercentage": 100.0,
                    "estimatedMonthlySavings": saving,
                },
                "utilizationMetrics": [{"name": "Invocations", "statistic": "Maximum", "value": 0}],
                "lookBackPeriodInDays": days,
            }
        )

    def enroll_in_hub(self, status: str = "Active") -> None:
        """Enrol in Cost Optimization Hub, or leave it (``Inactive``)."""
        self._bill.hub = status

    def recommend(self, arn: str, action: str, monthly_saving: float) -> None:
        """Let the hub recommend something about a SageMaker endpoint."""
        region, account, name = _parts(arn)
        self._recommend(
            accountId=account,
            region=region,
            resourceArn=arn,
            resourceId=name,
            currentResourceType="SageMakerEndpoint",
            recommendedResourceType="SageMakerEndpoint",
            actionType=action,
            estimatedMonthlySavings=monthly_saving,
            source="ComputeOptimizer",
            recommendationLookbackPeriodInDays=14,
        )

    def recommend_plan(self, summary: str, monthly_saving: float) -> None:
        """Let the hub recommend to buy a SageMaker Savings Plan."""
        self._recommend(
            accountId=self._world.at(self._account, HOME).account,
            currentResourceType="SageMakerSavingsPlans",
            recommendedResourceType="SageMakerSavingsPlans",
            actionType="PurchaseSavingsPlans",
            recommendedResourceSummary=summary,
            estimatedMonthlySavings=monthly_saving,
            source="CostExplorer",
            recommendationLookbackPeriodInDays=30,
        )

    def _recommend(self, **members: Any) -> None:  # noqa: ANN401 - members of AWS's answer
        known: list[Json] = self._bill.recommendations
        known.append({"recommendationId": f"{len(known):08}", "currencyCode": "USD", **members})

    def _optimizer(self, region: str) -> OptimizerStore:
        return self._world.at(self._account, region).part(OptimizerStore)


def _parts(arn: str) -> tuple[str, str, str]:
    parts: Sequence[str] = arn.split(":", 5)
    return parts[3], parts[4], parts[5].rpartition("/")[2]
