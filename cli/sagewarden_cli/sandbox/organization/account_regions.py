"""The regions that accounts have enabled, as AWS Account Management tells them."""

from http import HTTPStatus

from sagewarden_cli.sandbox.backend import Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.membership import COMMON_REGIONS, OPT_IN_REGIONS
from sagewarden_cli.sandbox.pagination import page_after

_PAGE = 50
_SERVICE = "account.amazonaws.com"


class AccountRegions(Backend):
    """ListRegions; everything else of Account Management is moto's."""

    service = "account"

    @operation("ListRegions")
    def list_page(self, params: Params) -> Json:
        """List regions and whether an account has enabled them."""
        account = self._asked_for(params)
        wanted = params.get("RegionOptStatusContains")
        known = {
            region: self._status(account, region) for region in COMMON_REGIONS | OPT_IN_REGIONS
        }
        names = sorted(r for r, status in known.items() if not wanted or status in wanted)
        limit = params.get("MaxResults", _PAGE)
        page, token = page_after(names, lambda name: (name,), params.get("NextToken"), limit)
        regions = [{"RegionName": name, "RegionOptStatus": known[name]} for name in page]
        return {"Regions": regions, "NextToken": token}

    def _asked_for(self, params: Params) -> str:
        """The account that is asked about: the caller's own unless an administrator names another.

        "The management account can't specify its own AccountId" (API reference, ListRegions); so
        says this of everybody's own.
        """
        own, store = self.here.account, self.here.organization
        named: str | None = params.get("AccountId")
        if named is None:
            return own
        if named == own or not store.administers(own, _SERVICE) or named not in store.members:
            message = "User is not authorized to perform: account:ListRegions"
            raise AwsError("AccessDeniedException", message, HTTPStatus.FORBIDDEN)
        return named

    def _status(self, account: str, region: str) -> str:
        if region in COMMON_REGIONS:
            return "ENABLED_BY_DEFAULT"
        return "ENABLED" if self.here.organization.enabled(account, region) else "DISABLED"
