"""Who is in an organisation: AWS Organizations, and AWS Account Management for regions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sagewarden.adapters.errors import reading
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.targets import Target
from sagewarden.domain.organization import Account

PAGE = 20
"""The most that a list page of AWS Organizations holds (its API reference)."""

_REGIONS_PAGE = 50
"""The most that a page of ListRegions holds."""

_ENABLED = ("ENABLED", "ENABLED_BY_DEFAULT")
_COMMON = ("ENABLED_BY_DEFAULT",)


class AwsOrganization:
    """The organization port on AWS.

    AWS answers the management account and delegated administrators only; ListRegions of other
    accounts only a delegated administrator of Account Management, where the organisation trusts it.

    Args:
        sessions: The clients of the hub's account.
        home: Where the hub is.
    """

    def __init__(self, sessions: Sessions, home: Target) -> None:
        self._sessions, self._home = sessions, home

    def accounts(self, units: Sequence[str], except_units: Sequence[str]) -> Iterator[Account]:
        """The accounts below some units, or of the whole organisation, whatever their state.

        Calls: a list page per 20 accounts; where units are named or excepted, a page each per unit,
        and more where it holds more than 20 accounts or units.
        """
        if not units and not except_units:
            yield from self._listed("list_accounts", "Accounts", _account)
            return
        roots = units or tuple(self._listed("list_roots", "Roots", _id))
        for unit in roots:
            yield from self._below(unit, except_units)

    def tags(self, account: str) -> Mapping[str, str]:
        """The tags of an account itself: one call each."""
        tags: Iterator[tuple[str, str]] = self._listed(
            "list_tags_for_resource",
            "Tags",
            lambda tag: (str(tag["Key"]), str(tag["Value"])),
            ResourceId=account,
        )
        return dict(tags)

    def enabled_regions(self, account: str) -> tuple[str, ...]:
        """The regions that an account has enabled, in order: one call each."""
        return tuple(sorted(self._regions(account, _ENABLED)))

    def common_regions(self) -> frozenset[str]:
        """The regions that no account can disable: one call."""
        return frozenset(self._regions(self._home.account, _COMMON))

    def service_regions(self) -> frozenset[str]:
        """The regions in which there is SageMaker, as botocore knows them."""
        return self._sessions.regions_of("sagemaker", self._home.region)

    def _below(self, unit: str, except_units: Sequence[str]) -> Iterator[Account]:
        if unit in except_units:
            return
        yield from self._listed("list_accounts_for_parent", "Accounts", _account, ParentId=unit)
        below: Iterator[str] = self._listed(
            "list_organizational_units_for_parent", "OrganizationalUnits", _id, ParentId=unit
        )
        for child in below:
            yield from self._below(child, except_units)

    def _listed[T](
        self, operation: str, key: str, read: Callable[[Mapping[str, Any]], T], **arguments: str
    ) -> Iterator[T]:
        paginator = self._sessions.client("organizations", self._home.region).get_paginator(
            operation
        )
        sized = {} if operation == "list_tags_for_resource" else {"PageSize": PAGE}
        with reading(f"the organisation ({operation})"):
            for page in paginator.paginate(**arguments, PaginationConfig=sized):
                for item in page[key]:
                    yield read(item)

    def _regions(self, account: str, statuses: Sequence[str]) -> list[str]:
        """The regions of an account that are in some state; its own account must not be named."""
        named = {} if account == self._home.account else {"AccountId": account}
        pages = (
            self._sessions.client("account", self._home.region)
            .get_paginator("list_regions")
            .paginate(
                RegionOptStatusContains=list(statuses),
                PaginationConfig={"PageSize": _REGIONS_PAGE},
                **named,
            )
        )
        with reading(f"the regions of account {account}"):
            return [item["RegionName"] for page in pages for item in page["Regions"]]


def _account(item: Mapping[str, Any]) -> Account:
    """``Status`` is what ``State`` was called before; either may be there alone."""
    return Account(item["Id"], item.get("Name", ""), item.get("State") or item.get("Status", ""))


def _id(item: Mapping[str, Any]) -> str:
    return str(item["Id"])
