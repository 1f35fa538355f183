"""Cost Optimization Hub: whether the account is enrolled, and what the hub recommends."""

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.billing.records import Bill, BillStore
from sagewarden_cli.sandbox.errors import NotEmulatedError, ValidationException
from sagewarden_cli.sandbox.pagination import page_after

_DEFAULT_PAGE = 100
_INVALID = ValidationException("The nextToken is invalid.")
_MEMBERS = {
    "accountIds": "accountId",
    "actionTypes": "actionType",
    "regions": "region",
    "recommendationIds": "recommendationId",
    "resourceArns": "resourceArn",
    "resourceIds": "resourceId",
    "resourceTypes": "currentResourceType",
}


class OptimizationHub(Backend):
    """Enrolment and the list of recommendations; an account not enrolled has none."""

    service = "cost-optimization-hub"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._bill: Bill = here.part(BillStore).bill

    @operation("ListEnrollmentStatuses")
    def list_statuses(self, params: Params) -> Json:
        """Say whether the account is enrolled; nothing of one that never was."""
        del params
        if self._bill.hub is None:
            return {"items": []}
        return {"items": [{"accountId": self.here.account, "status": self._bill.hub}]}

    @operation("ListRecommendations")
    def list_recommendations(self, params: Params) -> Json:
        """List what the hub recommends."""
        wanted = params.get("filter", {})
        strange = [name for name in wanted if name not in _MEMBERS]
        if strange:
            raise NotEmulatedError(f"filters {strange}")
        known = self._bill.recommendations if self._bill.hub == "Active" else []
        found = [
            item
            for item in known
            if all(item.get(_MEMBERS[name]) in values for name, values in wanted.items())
        ]
        page, token = page_after(
            sorted(found, key=lambda item: str(item["recommendationId"])),
            lambda item: (item["recommendationId"],),
            params.get("nextToken"),
            params.get("maxResults") or _DEFAULT_PAGE,
            invalid=_INVALID,
        )
        return {"items": list(page), "nextToken": token}
