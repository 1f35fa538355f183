"""An organisation and rosters in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sagewarden.application.ports import UnreadableError
from sagewarden.application.roster import Roster
from sagewarden.domain.organization import Account

COMMON = ("eu-west-1", "us-east-1", "us-west-2")


@dataclass
class FakeOrganization:
    """An organisation as a test describes it.

    Attributes:
        members: The accounts of each unit, by its id; no unit lies in another.
        account_tags: Tags by account.
        opted_in: Regions that an account has enabled beside the common ones.
        mute: What is not answered: account ids, ``accounts``, ``common regions``.
        asked: Which accounts were asked about, in order.
    """

    members: dict[str, list[Account]] = field(default_factory=dict[str, list[Account]])
    account_tags: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    opted_in: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    mute: set[str] = field(default_factory=set[str])
    asked: list[str] = field(default_factory=list[str])

    def accounts(self, units: Sequence[str], except_units: Sequence[str]) -> Iterable[Account]:
        """The accounts of some units."""
        self._demand("accounts")
        for unit in units or self.members:
            if unit not in except_units:
                yield from self.members[unit]

    def tags(self, account: str) -> Mapping[str, str]:
        """The tags of an account."""
        self._demand(account)
        return self.account_tags.get(account, {})

    def enabled_regions(self, account: str) -> tuple[str, ...]:
        """The regions that an account has enabled."""
        self._demand(account)
        return tuple(sorted((*COMMON, *self.opted_in.get(account, ()))))

    def common_regions(self) -> frozenset[str]:
        """The regions that no account can disable."""
        self._demand("common regions")
        return frozenset(COMMON)

    def service_regions(self) -> frozenset[str]:
        """Everywhere but in one of the common regions."""
        return frozenset({*COMMON, "ap-east-1"} - {"us-west-2"})

    def _demand(self, what: str) -> None:
        self.asked.append(what)
        if what in self.mute:
            raise UnreadableError(what, "TooManyRequestsException")


class MemoryRosters:
    """Rosters in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, Roster] = {}
        self._claims: dict[str, datetime] = {}

    def read(self, key: str) -> Roster | None:
        """The roster last kept under a key, if any."""
        return self._kept.get(key)

    def keep(self, key: str, roster: Roster) -> None:
        """Keep a roster."""
        self._kept[key] = roster

    def claim(self, key: str, now: datetime, until: datetime) -> bool:
        """Claim the right to look; False while somebody else holds it."""
        if key in self._claims and self._claims[key] > now:
            return False
        self._claims[key] = until
        return True

    def release(self, key: str) -> None:
        """Give the claim back."""
        self._claims.pop(key, None)
