"""What AWS Organizations tells of an organisation that was built here; any other is moto's.

Only the management account and delegated administrators may ask (API reference: "can be called only
from the organization's management account or by a member account that is a delegated
administrator"); pages hold 20.
"""

from collections.abc import Iterable
from typing import Any

from sagewarden_cli.sandbox.backend import Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError, NotEmulatedError
from sagewarden_cli.sandbox.membership import ORGANIZATION, ROOT, Member, OrganizationStore
from sagewarden_cli.sandbox.pagination import page_after

_PAGE = 20


class Organizations(Backend):
    """The operations that read an organisation."""

    service = "organizations"

    @operation("DescribeOrganization")
    def describe(self, params: Params) -> Json:
        """Describe the organisation; every member may ask."""
        del params
        store = self._store(for_all=True)
        return {
            "Organization": {
                "Id": ORGANIZATION,
                "Arn": self._arn("organization"),
                "FeatureSet": "ALL",
                "MasterAccountId": store.management,
                "MasterAccountArn": self._arn("account", str(store.management)),
                "MasterAccountEmail": "management@example.com",
            }
        }

    @operation("ListRoots")
    def list_roots(self, params: Params) -> Json:
        """List the only root."""
        del params
        self._store()
        return {"Roots": [{"Id": ROOT, "Arn": self._arn("root", ROOT), "Name": "Root"}]}

    @operation("ListAccounts")
    def list_accounts(self, params: Params) -> Json:
        """List every account of the organisation, whatever its state."""
        return self._accounts(self._store().members.values(), params)

    @operation("ListAccountsForParent")
    def list_accounts_of(self, params: Params) -> Json:
        """List the accounts of a root or a unit, not those of units below it."""
        store, parent = self._store(), params["ParentId"]
        self._demand_parent(store, parent)
        return self._accounts((m for m in store.members.values() if m.parent == parent), params)

    @operation("ListOrganizationalUnitsForParent")
    def list_units_of(self, params: Params) -> Json:
        """List the units that lie right below a root or a unit."""
        store, parent = self._store(), params["ParentId"]
        self._demand_parent(store, parent)
        units = [unit for unit in store.units.values() if unit.parent == parent]
        page, token = _page(units, params)
        shown = [{"Id": u.id, "Arn": self._arn("ou", u.id), "Name": u.name} for u in page]
        return {"OrganizationalUnits": shown, "NextToken": token}

    @operation("ListTagsForResource")
    def list_tags(self, params: Params) -> Json:
        """List the tags of an account."""
        member = self._store().members.get(params["ResourceId"])
        if member is None:
            message = (
                "We can't find a root, OU, account, or policy with the TargetId that you specified."
            )
            raise AwsError("TargetNotFoundException", message)
        return {"Tags": [{"Key": key, "Value": value} for key, value in member.tags.items()]}

    def _store(self, *, for_all: bool = False) -> OrganizationStore:
        """The organisation, as far as the caller may ask about it."""
        store = self.here.organization
        if store.management is None:
            raise NotEmulatedError
        if self.here.account not in {store.management, *store.members}:
            message = "Your account is not a member of an organization."
            raise AwsError("AWSOrganizationsNotInUseException", message)
        if not for_all and not store.administers(self.here.account):
            message = "You don't have permissions to access this resource."
            raise AwsError("AccessDeniedException", message)
        return store

    def _accounts(self, members: Iterable[Member], params: Params) -> Json:
        page, token = _page(list(members), params)
        return {"Accounts": [self._shown(member) for member in page], "NextToken": token}

    def _shown(self, member: Member) -> Json:
        return {
            "Id": member.id,
            "Arn": self._arn("account", member.id),
            "Email": f"aws-{member.id}@example.com",
            "Name": member.name,
            "Status": _STATUS.get(member.state, "SUSPENDED"),
            "State": member.state,
            "JoinedMethod": "CREATED",
            "JoinedTimestamp": member.joined,
        }

    def _arn(self, kind: str, name: str = "") -> str:
        management = self.here.organization.management
        tail = f"{kind}/{ORGANIZATION}" + (f"/{name}" if name else "")
        return f"arn:{self.here.partition}:organizations::{management}:{tail}"

    @staticmethod
    def _demand_parent(store: OrganizationStore, parent: str) -> None:
        if parent != ROOT and parent not in store.units:
            message = "You specified parent that doesn't exist."
            raise AwsError("ParentNotFoundException", message)


_STATUS = {
    "ACTIVE": "ACTIVE",
    "PENDING_ACTIVATION": "ACTIVE",
    "PENDING_CLOSURE": "PENDING_CLOSURE",
}
"""The deprecated ``Status`` of a ``State``, where it is not SUSPENDED."""


def _page[T: Any](items: list[T], params: Params) -> tuple[Iterable[T], str | None]:
    invalid = AwsError("InvalidInputException", "You specified an invalid value for NextToken.")
    return page_after(
        sorted(items, key=lambda item: item.id),
        lambda item: (item.id,),
        params.get("NextToken"),
        params.get("MaxResults", _PAGE),
        invalid=invalid,
    )
