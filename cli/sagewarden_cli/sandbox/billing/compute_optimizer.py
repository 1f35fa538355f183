"""Compute Optimizer: whether the account opted in, and what it finds idle in a region."""

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.billing.records import OptimizerStore
from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.pagination import page_after

_DEFAULT_PAGE = 100
_MEMBERS = {"Finding": "finding", "ResourceType": "resourceType"}


class ComputeOptimizer(Backend):
    """Enrolment and idle recommendations; what it says of sizes is not emulated."""

    service = "compute-optimizer"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(OptimizerStore)

    @operation("GetEnrollmentStatus")
    def get_status(self, params: Params) -> Json:
        """Say whether the account opted in."""
        del params
        return {"status": "Active" if self._store.is_enrolled else "Inactive"}

    @operation("GetIdleRecommendations")
    def get_idle(self, params: Params) -> Json:
        """List what is idle."""
        if not self._store.is_enrolled:
            raise AwsError(
                "OptInRequiredException",
                f"Account {self.here.account} is not registered for recommendation.",
            )
        accounts = params.get("accountIds", [self.here.account])
        arns = params.get("resourceArns")
        found = [
            item
            for item in self._store.idle
            if item["accountId"] in accounts
            and (not arns or item["resourceArn"] in arns)
            and all(
                item[_MEMBERS[wanted["name"]]] in wanted["values"]
                for wanted in params.get("filters", [])
            )
        ]
        page, token = page_after(
            sorted(found, key=lambda item: str(item["resourceArn"])),
            lambda item: (item["resourceArn"],),
            params.get("nextToken"),
            params.get("maxResults") or _DEFAULT_PAGE,
            invalid=AwsError("InvalidParameterValueException", "The nextToken is invalid."),
        )
        return {"idleRecommendations": list(page), "errors": [], "nextToken": token}
