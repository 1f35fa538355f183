"""What AWS's billing knows of one account: metered usage, plans, rates, and its own advice."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sagewarden_cli.sandbox.backend import AccountRegion, Json

HOME = "us-east-1"
"""Where the global services keep what they know."""


@dataclass(frozen=True, slots=True)
class LineItem:
    """One usage type in one hour.

    Attributes:
        starts: The hour (aware).
        service: AWS's name of the service, such as ``Amazon SageMaker``.
        usage_type: Such as ``USE1-Host:ml.m5.xlarge``.
        record_type: ``Usage``, ``SavingsPlanCoveredUsage``, ``Credit``, ...
        quantity: How much, in the unit.
        cost: Unblended, in USD; of covered usage the on-demand cost, as Cost Explorer shows it.
        unit: ``Hrs``, ``GB-Second``, ...
        plan: The ARN of the Savings Plan that covers it.
        used_commitment: What it used of that plan's commitment, in USD.
    """

    starts: datetime
    service: str
    usage_type: str
    record_type: str
    quantity: Decimal
    cost: Decimal
    unit: str
    plan: str | None = None
    used_commitment: Decimal = Decimal(0)


@dataclass(slots=True)
class Bill:
    """What one account's billing holds.

    Attributes:
        items: Metered usage.
        has_hours: Whether hourly granularity is switched on.
        page: How many groups a page of Cost Explorer holds.
        plans: Savings Plans, as DescribeSavingsPlans gives them.
        rates: Rates on offer, as DescribeSavingsPlansOfferingRates gives them.
        advice: AWS's purchase recommendation by (type, term, payment option).
        hub: ``Active`` or ``Inactive``; None where nobody ever enrolled.
        recommendations: What the hub recommends.
    """

    items: list[LineItem] = field(default_factory=list)
    has_hours: bool = False
    page: int = 5000
    plans: list[Json] = field(default_factory=list)
    rates: list[Json] = field(default_factory=list)
    advice: dict[tuple[str, str, str], Json] = field(default_factory=dict)
    hub: str | None = None
    recommendations: list[Json] = field(default_factory=list)


class BillStore:
    """The bill of an account."""

    def __init__(self, here: AccountRegion) -> None:
        self.here = here
        self.bill = Bill()


class OptimizerStore:
    """What Compute Optimizer knows of an account in a region.

    Attributes:
        is_enrolled: Whether the account opted in.
        idle: Its idle recommendations.
    """

    def __init__(self, here: AccountRegion) -> None:
        self.here = here
        self.is_enrolled = False
        self.idle: list[Json] = []
