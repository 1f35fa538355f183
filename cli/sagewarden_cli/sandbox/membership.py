"""Who is in the organisation, and where its accounts let anybody in: one for a whole sandbox."""

from dataclasses import dataclass, field
from datetime import datetime

ORGANIZATION = "o-sagewarden"
ROOT = "r-ab12"

COMMON_REGIONS = frozenset(
    {
        *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1"),
        *("ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1"),
        *("eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1"),
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    }
)
"""The regions that are enabled by default, and that no account can disable (Account Management
Reference Guide, "Enable or disable AWS Regions in your account")."""

OPT_IN_REGIONS = frozenset(
    {
        *("af-south-1", "ap-east-1", "ap-south-2", "ap-southeast-3", "ap-southeast-4"),
        *("ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1"),
        *("me-central-1", "me-south-1"),
    }
)
"""Regions that an account has to enable first (the same page)."""


@dataclass
class Unit:
    """An organisational unit."""

    id: str
    name: str
    parent: str


@dataclass
class Member:
    """An account of the organisation; the units of its kind are its ``parent``."""

    id: str
    name: str
    parent: str
    joined: datetime
    state: str = "ACTIVE"
    tags: dict[str, str] = field(default_factory=dict[str, str])


class OrganizationStore:
    """The organisation, if there is one, and the regions that accounts have enabled."""

    def __init__(self) -> None:
        self.management: str | None = None
        self.units: dict[str, Unit] = {}
        self.members: dict[str, Member] = {}
        self.delegated: set[tuple[str, str]] = set()
        self.opted_in: dict[str, set[str]] = {}
        self.shut: set[str] = set()

    def clear(self) -> None:
        """Forget everything."""
        self.__init__()  # type: ignore[misc]  # nothing is to be left of what was

    def administers(self, account: str, service: str | None = None) -> bool:
        """Whether an account is the management account, or a delegated administrator.

        Args:
            account: The account.
            service: Of which service's principal; of any when not given.
        """
        return account == self.management or any(
            account == who and service in {None, whose} for who, whose in self.delegated
        )

    def enabled(self, account: str, region: str) -> bool:
        """Whether an account can use a region; of one that is not listed here, everybody can."""
        return region not in OPT_IN_REGIONS or region in self.opted_in.get(account, set())

    def bars(self, account: str, region: str) -> bool:
        """Whether a region does not know an account's credentials; nobody is, without members."""
        return bool(self.members) and not self.enabled(account, region)

    def lets_in(self, account: str) -> bool:
        """Whether the roles of an account can be assumed: not once it is closed or shut out."""
        member = self.members.get(account)
        return account not in self.shut and (member is None or member.state == "ACTIVE")
