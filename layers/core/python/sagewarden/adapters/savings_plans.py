"""Read the rates of SageMaker Savings Plans and the plans that are owned."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sagewarden.adapters.billing_answers import Json, all_items, moment_of
from sagewarden.adapters.errors import reading
from sagewarden.adapters.sessions import Sessions
from sagewarden.domain.savings_plans.billed import OwnedPlan
from sagewarden.domain.savings_plans.offerings import (
    HOURS_PER_YEAR,
    OFFERINGS,
    Offering,
    PaymentOption,
    Rates,
)

HOME = "us-east-1"
"""Savings Plans are a global service, signed for this region."""

_KIND = "SageMaker"
_USAGE_TYPES_A_CALL = 50
_PAGE = 1000
_SECONDS = {years * HOURS_PER_YEAR * 3600: years for years in {o.years for o in OFFERINGS}}
_STATES = ["active", "queued", "payment-pending"]


class AwsSavingsPlans:
    """The Savings Plans API on boto3."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def rates(self, usage_types: Sequence[str]) -> Mapping[Offering, Rates]:
        """The rates in USD per instance-hour of each offering for some usage types.

        Where a usage type has several rates, by operation, the dearest is taken: a commitment
        that saves at it saves at the others too.

        Calls: the pages of DescribeSavingsPlansOfferingRates (1,000 a page) per 50 usage types.

        Raises:
            UnreadableError: They could not be read.
        """
        found: defaultdict[Offering, dict[str, Decimal]] = defaultdict(dict)
        with reading("the rates of SageMaker Savings Plans"):
            for begin in range(0, len(usage_types), _USAGE_TYPES_A_CALL):
                some = list(usage_types[begin : begin + _USAGE_TYPES_A_CALL])
                for item in self._rates_of(some):
                    offering = _offering(item["savingsPlanOffering"])
                    if offering is not None and item["unit"] == "Hrs":
                        known, name = found[offering], item["usageType"]
                        known[name] = max(Decimal(item["rate"]), known.get(name, Decimal(0)))
        return found

    def owned(self) -> tuple[OwnedPlan, ...]:
        """The SageMaker Savings Plans that are active or will be, the first to end first.

        Calls: the pages of DescribeSavingsPlans (1,000 a page).

        Raises:
            UnreadableError: They could not be read.
        """

        def page(**token: str) -> Json:
            found: Json = self._client.describe_savings_plans(
                states=_STATES, maxResults=_PAGE, **token
            )
            return found

        with reading("the Savings Plans that are owned"):
            plans = [
                _plan(item)
                for item in all_items(page, "nextToken", "savingsPlans")
                if item["savingsPlanType"] == _KIND
            ]
        return tuple(sorted(plans, key=lambda plan: (plan.ends, plan.arn)))

    @property
    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        return self._sessions.client("savingsplans", HOME)

    def _rates_of(self, usage_types: list[str]) -> Iterator[Json]:
        def page(**token: str) -> Json:
            found: Json = self._client.describe_savings_plans_offering_rates(
                products=[_KIND],
                savingsPlanTypes=[_KIND],
                usageTypes=usage_types,
                maxResults=_PAGE,
                **token,
            )
            return found

        yield from all_items(page, "nextToken", "searchResults")


def _offering(described: Json) -> Offering | None:
    """What we know of it; None for terms, payment options and currencies that are not ours."""
    years = _SECONDS.get(described["durationSeconds"])
    known = described["currency"] == "USD" and described["paymentOption"] in list(PaymentOption)
    return Offering(years, PaymentOption(described["paymentOption"])) if years and known else None


def _plan(item: Json) -> OwnedPlan:
    return OwnedPlan(
        arn=item["savingsPlanArn"],
        state=item["state"],
        commitment=Decimal(item["commitment"]),
        payment=item["paymentOption"],
        starts=moment_of(item["start"]),
        ends=moment_of(item["end"]),
    )
