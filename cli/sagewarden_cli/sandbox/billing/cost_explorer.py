"""Cost Explorer: usage and cost by hour, day or month, and Savings Plans beside them."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.billing.filters import passes, value_of
from sagewarden_cli.sandbox.billing.records import Bill, BillStore, LineItem
from sagewarden_cli.sandbox.errors import AwsError, NotEmulatedError, ValidationException
from sagewarden_cli.sandbox.pagination import page_after

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_HOURS_KEPT = timedelta(days=14)
_DAYS_KEPT = timedelta(days=14 * 31)
_MOST_GROUPS = 2
_METRICS = {"UsageQuantity": "quantity", "UnblendedCost": "cost"}
_NO_HOURS = (
    "Hourly data granularity is an opt-in only feature. You can enable this feature from the "
    "PAYER account's Cost Explorer Settings page. Data will be available within 48 hours of "
    "enabling."
)
_TOKEN_LOST = AwsError("InvalidNextTokenException", "The pagination token is invalid.")
_NOTHING_ADVISED = {
    "HourlyCommitmentToPurchase": "0",
    "EstimatedMonthlySavingsAmount": "0",
    "TotalRecommendationCount": "0",
    "CurrencyCode": "USD",
}


class CostExplorer(Backend):
    """What Cost Explorer answers; cost categories, tags and forecasts are moto's, or nobody's."""

    service = "ce"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._bill: Bill = here.part(BillStore).bill

    @operation("GetCostAndUsage")
    def get_cost_and_usage(self, params: Params) -> Json:
        """Sum up line items by time and group; a period may go on on the next page."""
        periods = self._periods(params["TimePeriod"], params["Granularity"])
        _require(params)
        asked = {name: params.get(name) for name in _SAME_ON_EVERY_PAGE}
        rows = list(self._rows(params, periods))
        page, token = page_after(
            rows,
            lambda row: row[0],
            _inner_token(params.get("NextPageToken"), asked),
            self._bill.page,
            invalid=_TOKEN_LOST,
        )
        shown: dict[str, Json] = {}
        for (starts, ends, *_), group in page:
            period = shown.setdefault(
                starts,
                {
                    "TimePeriod": {"Start": starts, "End": ends},
                    "Total": {},
                    "Groups": [],
                    "Estimated": True,
                },
            )
            if group is None:
                continue
            if group["Keys"]:
                period["Groups"].append(group)
            else:
                period["Total"] = group["Metrics"]
        return {
            "ResultsByTime": list(shown.values()),
            "GroupDefinitions": params.get("GroupBy"),
            "DimensionValueAttributes": [],
            "NextPageToken": token and json.dumps({"token": token, "asked": asked}),
        }

    @operation("GetSavingsPlansUtilization")
    def get_utilization(self, params: Params) -> Json:
        """Compare what was committed in a time with what covered usage used of it."""
        if params.get("Granularity") is not None:
            raise NotEmulatedError("utilization by time")
        begin, end = (_day(params["TimePeriod"][name]) for name in ("Start", "End"))
        if begin >= end:
            raise ValidationException("Start date (and hour) should be before end date (and hour)")
        chosen = _arns(params.get("Filter"))
        plans = [p for p in self._bill.plans if chosen is None or p["savingsPlanArn"] in chosen]
        committed = sum((_committed(plan, begin, end) for plan in plans), Decimal(0))
        if not committed:
            raise AwsError("DataUnavailableException", "The requested data is unavailable.")
        arns = {plan["savingsPlanArn"] for plan in plans}
        items = [i for i in self._bill.items if i.plan in arns and begin <= i.starts < end]
        used = sum((item.used_commitment for item in items), Decimal(0))
        on_demand = sum((item.cost for item in items), Decimal(0))
        total = {
            "Utilization": {
                "TotalCommitment": str(committed),
                "UsedCommitment": str(used),
                "UnusedCommitment": str(committed - used),
                "UtilizationPercentage": str(used / committed * 100),
            },
            "Savings": {
                "NetSavings": str(on_demand - committed),
                "OnDemandCostEquivalent": str(on_demand),
            },
        }
        return {"Total": total}

    @operation("GetSavingsPlansPurchaseRecommendation")
    def get_recommendation(self, params: Params) -> Json:
        """Give the recommendation that was made; AWS's own arithmetic is not public."""
        asked = [params[name] for name in ("SavingsPlansType", "TermInYears", "PaymentOption")]
        kind, term, payment = asked
        if payment not in {"NO_UPFRONT", "PARTIAL_UPFRONT", "ALL_UPFRONT"}:
            raise ValidationException(f"{payment} is no payment option of Savings Plans")
        summary = self._bill.advice.get((kind, term, payment), _NOTHING_ADVISED)
        return {
            "Metadata": {"GenerationTimestamp": self.here.now().isoformat()},
            "SavingsPlansPurchaseRecommendation": {
                "AccountScope": params.get("AccountScope", "PAYER"),
                "SavingsPlansType": kind,
                "TermInYears": term,
                "PaymentOption": payment,
                "LookbackPeriodInDays": params["LookbackPeriodInDays"],
                "SavingsPlansPurchaseRecommendationDetails": [],
                "SavingsPlansPurchaseRecommendationSummary": summary,
            },
        }

    def _periods(self, asked: Json, granularity: str) -> list[tuple[datetime, datetime]]:
        if granularity == "MONTHLY":
            raise NotEmulatedError("monthly granularity")
        hourly = granularity == "HOURLY"
        if hourly and not self._bill.has_hours:
            raise AwsError("AccessDeniedException", _NO_HOURS)
        if any(("T" in asked[name]) != hourly for name in ("Start", "End")):
            form = "yyyy-MM-dd'T'HH:mm:ssZ" if hourly else "yyyy-MM-dd"
            raise ValidationException(f"Start and End of {granularity} data are given as {form}")
        begin, end = (_day(asked[name]) for name in ("Start", "End"))
        if begin >= end:
            raise ValidationException("Start date (and hour) should be before end date (and hour)")
        midnight = self.here.now().replace(hour=0, minute=0, second=0, microsecond=0)
        kept = _HOURS_KEPT if hourly else _DAYS_KEPT
        if begin < midnight - kept:
            raise ValidationException(
                f"{granularity} data goes back {kept.days} days: start later than {begin}"
            )
        step = _HOUR if hourly else _DAY
        count = (end - begin) // step
        return [(begin + step * n, begin + step * (n + 1)) for n in range(count)]

    def _rows(
        self, params: Params, periods: Sequence[tuple[datetime, datetime]]
    ) -> Iterator[tuple[tuple[str, ...], Json | None]]:
        """What is paged through: each period's groups, or the period itself if it has none."""
        keys = [group["Key"] for group in params.get("GroupBy", [])]
        wanted = params.get("Filter")
        chosen = [item for item in self._bill.items if wanted is None or passes(item, wanted)]
        hourly = params["Granularity"] == "HOURLY"
        grouped: defaultdict[datetime, defaultdict[tuple[str, ...], list[LineItem]]]
        grouped = defaultdict(lambda: defaultdict(list))
        for item in chosen:
            starts = item.starts if hourly else item.starts.replace(hour=0)
            grouped[starts][tuple(value_of(item, key) for key in keys)].append(item)
        for begin, end in periods:
            place = (_written(begin, hourly=hourly), _written(end, hourly=hourly))
            groups = grouped.get(begin)
            if not groups:
                yield place, None if keys else {"Keys": [], "Metrics": _metrics([], params)}
                continue
            for key, items in sorted(groups.items()):
                yield (*place, *key), {"Keys": list(key), "Metrics": _metrics(items, params)}


_SAME_ON_EVERY_PAGE = ("TimePeriod", "Granularity", "Filter", "GroupBy", "Metrics")


def _require(params: Params) -> None:
    groups = params.get("GroupBy", [])
    if len(groups) > _MOST_GROUPS:
        raise ValidationException(f"Group definition count exceeds the limit: {_MOST_GROUPS}")
    if any(group.get("Type") != "DIMENSION" for group in groups):
        raise NotEmulatedError("groups by what is no dimension")
    if not params["Metrics"]:
        raise ValidationException("At least one metric should be specified")
    strange = [name for name in params["Metrics"] if name not in _METRICS]
    if strange:
        raise NotEmulatedError(f"metrics {strange}")


def _metrics(items: Sequence[LineItem], params: Params) -> Json:
    """Sums; quantities in different units have none in common, which Cost Explorer calls N/A."""
    units = {item.unit for item in items}
    unit = next(iter(units)) if len(units) == 1 else "N/A"
    return {
        name: {
            "Amount": str(sum((getattr(item, _METRICS[name]) for item in items), Decimal(0))),
            "Unit": unit if name == "UsageQuantity" else "USD",
        }
        for name in params["Metrics"]
    }


def _inner_token(token: str | None, asked: Json) -> str | None:
    if not token:
        return None
    try:
        known = json.loads(token)
        inner, before = str(known["token"]), known["asked"]
    except (KeyError, TypeError, ValueError):
        raise _TOKEN_LOST from None
    if before != asked:
        raise AwsError(
            "RequestChangedException",
            "Your request parameters changed between pages. Try again with the old parameters or "
            "without a pagination token.",
        )
    return inner


def _arns(expression: Json | None) -> set[str] | None:
    if expression is None:
        return None
    dimensions = expression.get("Dimensions", {})
    if dimensions.get("Key") != "SAVINGS_PLAN_ARN":
        raise NotEmulatedError(f"filter {expression}")
    return set(dimensions["Values"])


def _committed(plan: Json, begin: datetime, end: datetime) -> Decimal:
    """What a plan's hours in a time add up to."""
    since = max(begin, datetime.fromisoformat(plan["start"]))
    until = min(end, datetime.fromisoformat(plan["end"]))
    hours = max(0, (until - since) // _HOUR)
    return Decimal(plan["commitment"]) * hours if plan["state"] != "queued" else Decimal(0)


def _day(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _written(moment: datetime, *, hourly: bool) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ" if hourly else "%Y-%m-%d")
