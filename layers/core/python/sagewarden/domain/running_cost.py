"""What a run of ours costs itself: what it used of what is paid by use, at list price."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

REGION = "us-east-1"
"""Whose prices they are; those of other regions differ."""

AS_OF = "2026-06"
"""When they were put together."""


@dataclass(frozen=True, slots=True)
class Price:
    """One list price.

    Attributes:
        usd: US dollars.
        per: For how many units.
        unit: What is counted.
        page: AWS's own price page.
        seen: Where the figure was read; None when it could not be checked anywhere.
    """

    usd: Decimal
    per: int
    unit: str
    page: str
    seen: str | None

    def of(self, amount: Decimal) -> Decimal:
        """What an amount costs."""
        return amount * self.usd / self.per

    @property
    def text(self) -> str:
        """As a bill shows it: ``$0.20 per 1,000,000 requests``."""
        per = "" if self.per == 1 else f"{self.per:,} "
        return f"${self.usd} per {per}{self.unit}"


_AWS = "https://aws.amazon.com"

PAID_BY_USE: Mapping[str, Price] = {
    "lambda.duration": Price(
        Decimal("0.0000133334"),
        1,
        "GB-second of arm64",
        f"{_AWS}/lambda/pricing/",
        "infracost's price tests, filled from AWS's price list; cloudchipr.com 2024",
    ),
    "lambda.requests": Price(
        Decimal("0.20"),
        1_000_000,
        "requests",
        f"{_AWS}/lambda/pricing/",
        "infracost's price tests, filled from AWS's price list; cloudchipr.com 2024",
    ),
    "sqs.requests": Price(
        Decimal("0.40"),
        1_000_000,
        "requests to standard queues",
        f"{_AWS}/sqs/pricing/",
        "cloudburn.io 2026-03; infracost's price tests, filled from AWS's price list",
    ),
    "cloudwatch.get_metric_data": Price(
        Decimal("0.01"),
        1_000,
        "metrics requested",
        f"{_AWS}/cloudwatch/pricing/",
        "site24x7.com; nishinoshake/aws-rough issue 37",
    ),
    "cloudwatch.list_metrics": Price(
        Decimal("0.01"),
        1_000,
        "requests",
        f"{_AWS}/cloudwatch/pricing/",
        "nishinoshake/aws-rough issue 37",
    ),
    "dynamodb.reads": Price(
        Decimal("0.125"),
        1_000_000,
        "read request units",
        f"{_AWS}/dynamodb/pricing/",
        "airbyte.com 2025-07, after the cut of 2024-11",
    ),
    "dynamodb.writes": Price(
        Decimal("0.625"),
        1_000_000,
        "write request units",
        f"{_AWS}/dynamodb/pricing/",
        "airbyte.com 2025-07, after the cut of 2024-11",
    ),
    "sns.requests": Price(
        Decimal("0.50"),
        1_000_000,
        "requests",
        f"{_AWS}/sns/pricing/",
        "infracost's price tests, filled from AWS's price list; factualminds.com 2026-06",
    ),
}
"""The prices by name: before the dot stands who charges it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a run used.

    Attributes:
        seconds: How long its function worked for it.
        memory_mb: The function's memory.
        invocations: Its part of one.
        metrics_requested: Metrics that GetMetricData was asked for.
        metric_pages: Calls of ListMetrics.
        reads: Read requests to DynamoDB, each taken for a unit of up to 4 KB.
        writes: Units of up to 1 KB written to DynamoDB, those of transactions twice.
        sqs_requests: Requests to SQS, Lambda's own for the function among them.
        sns_requests: Requests to SNS.
    """

    seconds: Decimal
    memory_mb: int
    invocations: Decimal = Decimal(1)
    metrics_requested: int = 0
    metric_pages: int = 0
    reads: int = 0
    writes: int = 0
    sqs_requests: Decimal = Decimal(0)
    sns_requests: int = 0

    @property
    def gb_seconds(self) -> Decimal:
        """Memory for how long, as Lambda counts it."""
        return self.seconds * self.memory_mb / 1024

    def amounts(self) -> dict[str, Decimal]:
        """How much of what has a price, by the price's name."""
        return {
            "lambda.duration": self.gb_seconds,
            "lambda.requests": self.invocations,
            "sqs.requests": self.sqs_requests,
            "cloudwatch.get_metric_data": Decimal(self.metrics_requested),
            "cloudwatch.list_metrics": Decimal(self.metric_pages),
            "dynamodb.reads": Decimal(self.reads),
            "dynamodb.writes": Decimal(self.writes),
            "sns.requests": Decimal(self.sns_requests),
        }


def cost_of(
    amounts: Mapping[str, Decimal], prices: Mapping[str, Price] = PAID_BY_USE
) -> dict[str, Decimal]:
    """What amounts cost in US dollars, by who charges it: ``lambda``, ``sqs``, ..."""
    costs: dict[str, Decimal] = {}
    for name, amount in amounts.items():
        service = name.partition(".")[0]
        costs[service] = costs.get(service, Decimal(0)) + prices[name].of(amount)
    return costs
