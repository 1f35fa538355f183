"""The Savings Plans API: what is owned, and the rates that are on offer. Nothing is sold here."""

from collections.abc import Callable, Mapping, Sequence

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.billing.records import Bill, BillStore
from sagewarden_cli.sandbox.errors import NotEmulatedError, ValidationException
from sagewarden_cli.sandbox.pagination import Key, page_after

_DEFAULT_PAGE = 1000
_PLAN_FILTERS = {
    "savings-plan-type": "savingsPlanType",
    "payment-option": "paymentOption",
    "commitment": "commitment",
}


class SavingsPlans(Backend):
    """Descriptions; buying, returning and tagging are not emulated."""

    service = "savingsplans"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._bill: Bill = here.part(BillStore).bill

    @operation("DescribeSavingsPlans")
    def describe_plans(self, params: Params) -> Json:
        """List the plans of the account."""
        found = [plan for plan in self._bill.plans if _is_meant(plan, params)]
        return _page(found, "savingsPlans", lambda plan: (plan["savingsPlanId"],), params)

    @operation("DescribeSavingsPlansOfferingRates")
    def describe_rates(self, params: Params) -> Json:
        """List the rates on offer."""
        if params.get("filters"):
            raise NotEmulatedError("filters of rates")
        found = [rate for rate in self._bill.rates if _is_asked_for(rate, params)]
        return _page(found, "searchResults", _rate_key, params)


def _is_meant(plan: Json, params: Params) -> bool:
    if plan["state"] not in params.get("states", [plan["state"]]):
        return False
    if plan["savingsPlanArn"] not in params.get("savingsPlanArns", [plan["savingsPlanArn"]]):
        return False
    for wanted in params.get("filters", []):
        member = _PLAN_FILTERS.get(wanted["name"])
        if member is None:
            raise NotEmulatedError(f"filter {wanted['name']}")
        if plan[member] not in wanted["values"]:
            return False
    return True


def _is_asked_for(rate: Json, params: Params) -> bool:
    offering = rate["savingsPlanOffering"]
    asked: Mapping[str, str] = {
        "savingsPlanOfferingIds": offering["offeringId"],
        "savingsPlanPaymentOptions": offering["paymentOption"],
        "savingsPlanTypes": offering["planType"],
        "products": rate["productType"],
        "serviceCodes": rate["serviceCode"],
        "usageTypes": rate["usageType"],
        "operations": rate["operation"],
    }
    return all(not params.get(name) or value in params[name] for name, value in asked.items())


def _rate_key(rate: Json) -> Key:
    offering = rate["savingsPlanOffering"]
    return (offering["offeringId"], rate["usageType"], rate["operation"])


def _page(found: Sequence[Json], name: str, key: Callable[[Json], Key], params: Params) -> Json:
    page, token = page_after(
        sorted(found, key=key),
        key,
        params.get("nextToken"),
        params.get("maxResults") or _DEFAULT_PAGE,
        invalid=ValidationException("The nextToken is invalid."),
    )
    return {name: list(page), "nextToken": token}
