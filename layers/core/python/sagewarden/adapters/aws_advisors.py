"""Read what Compute Optimizer and Cost Optimization Hub found of SageMaker, where enabled."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from botocore.exceptions import ClientError

from sagewarden.adapters.billing_answers import Json, all_items
from sagewarden.adapters.errors import reading
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.cross_check import Found
from sagewarden.domain.aws_findings import Advisor, AwsFinding, PurchaseAdvice

HUB_HOME = "us-east-1"
"""The only region that serves Cost Optimization Hub; it knows of every region."""

_ENDPOINT = "SageMakerEndpoint"
_PLANS = "SageMakerSavingsPlans"
_PAGE = 100
_ACTIVE = "Active"
_NOT_OPTED_IN = "OptInRequiredException"


class AwsAdvisors:
    """Both advisors on boto3."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def idle_endpoints(self, region: str) -> Found[AwsFinding]:
        """What Compute Optimizer finds idle in a region; not enabled where AWS says so.

        Calls: the pages of GetIdleRecommendations (100 a page).

        Raises:
            UnreadableError: It could not be read.
        """
        client = self._sessions.client("compute-optimizer", region)

        def page(**token: str) -> Json:
            found: Json = client.get_idle_recommendations(
                filters=[{"name": "ResourceType", "values": [_ENDPOINT]}], maxResults=_PAGE, **token
            )
            return found

        with reading(f"Compute Optimizer in {region}"):
            try:
                items = tuple(all_items(page, "nextToken", "idleRecommendations"))
            except ClientError as error:
                if error.response["Error"]["Code"] == _NOT_OPTED_IN:
                    return Found((), is_enabled=False)
                raise
        return Found(tuple(_idle(item) for item in items))

    def unneeded_endpoints(self, regions: Sequence[str]) -> Found[AwsFinding]:
        """Which endpoints of some regions the hub has any advice for.

        An account that is not enrolled gets empty lists: so enrolment is asked for first.

        Calls: ListEnrollmentStatuses, and the pages of ListRecommendations.

        Raises:
            UnreadableError: It could not be read.
        """
        with reading("Cost Optimization Hub"):
            if not self._is_enrolled():
                return Found((), is_enabled=False)
            items = self._recommended({"resourceTypes": [_ENDPOINT], "regions": list(regions)})
            return Found(tuple(_unneeded(item) for item in items))

    def purchases(self) -> Found[PurchaseAdvice]:
        """Which SageMaker Savings Plans the hub would buy.

        Calls: the pages of ListRecommendations.

        Raises:
            UnreadableError: It could not be read.
        """
        with reading("Cost Optimization Hub"):
            items = self._recommended({"resourceTypes": [_PLANS]})
            return Found(
                tuple(
                    PurchaseAdvice(
                        item["accountId"],
                        item["recommendedResourceSummary"],
                        Decimal(str(item["estimatedMonthlySavings"])),
                    )
                    for item in items
                )
            )

    @property
    def _hub(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        return self._sessions.client("cost-optimization-hub", HUB_HOME)

    def _is_enrolled(self) -> bool:
        pages = self._hub.get_paginator("list_enrollment_statuses").paginate()
        return any(item["status"] == _ACTIVE for page in pages for item in page["items"])

    def _recommended(self, wanted: Json) -> Iterator[Json]:
        pages = self._hub.get_paginator("list_recommendations").paginate(filter=wanted)
        for page in pages:
            yield from page["items"]


def _idle(item: Json) -> AwsFinding:
    saving = item.get("savingsOpportunity", {}).get("estimatedMonthlySavings", {})
    days = item.get("lookBackPeriodInDays")
    return AwsFinding(
        Advisor.COMPUTE_OPTIMIZER,
        item["resourceArn"],
        item["finding"],
        _usd(saving.get("value"), saving.get("currency")),
        None if days is None else int(days),
    )


def _unneeded(item: Json) -> AwsFinding:
    return AwsFinding(
        Advisor.COST_OPTIMIZATION_HUB,
        item["resourceArn"],
        item["actionType"],
        _usd(item.get("estimatedMonthlySavings"), item.get("currencyCode")),
        item.get("recommendationLookbackPeriodInDays"),
    )


def _usd(value: float | None, currency: str | None) -> Decimal | None:
    """An amount in another currency is not known in USD."""
    return Decimal(str(value)) if value is not None and currency == "USD" else None
