"""What AWS's billing says: the usage of a window, plans that are owned, and what AWS advises."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sagewarden.domain.savings_plans.usage import Usage


@dataclass(frozen=True, slots=True)
class Billed:
    """The usage of SageMaker in a window.

    Attributes:
        on_demand: What no Savings Plan covers, by the hour; its "hours" are days when read by day.
        covered: What existing Savings Plans cover already, in USD at list price.
        elsewise: What is not metered in hours (GB-seconds, requests, storage), in USD.
        recorded_until: The end of the last hour or day that has any record (aware), covered usage
            included; None where there is none. What is later may only not be metered yet.
    """

    on_demand: Usage
    covered: Decimal = Decimal(0)
    elsewise: Decimal = Decimal(0)
    recorded_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnedPlan:
    """A SageMaker Savings Plan that exists.

    Attributes:
        arn: Its ARN.
        state: AWS's word: ``active``, ``queued``, ``payment-pending``, ...
        commitment: USD per hour.
        payment: AWS's word for its payment option.
        starts: When its term begins (aware).
        ends: When its term ends (aware): what it covers then costs its on-demand price.
    """

    arn: str
    state: str
    commitment: Decimal
    payment: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class PlanUse:
    """How far the owned plans were used in a window.

    Attributes:
        commitment: What was committed in it, in USD.
        used: What was used of that, in USD.
    """

    commitment: Decimal
    used: Decimal

    @property
    def utilisation(self) -> Decimal | None:
        """The used part, 0 to 1; None without a commitment in the window."""
        return self.used / self.commitment if self.commitment else None


@dataclass(frozen=True, slots=True)
class AwsAdvice:
    """What AWS recommends to buy of one offering.

    Attributes:
        hourly: The commitment in USD per hour; 0 where it recommends none.
        monthly_saving: What AWS says it saves per month, in USD.
        lookback_days: How many days of usage it looked at.
    """

    hourly: Decimal
    monthly_saving: Decimal
    lookback_days: int
