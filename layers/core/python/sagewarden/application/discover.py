"""Find the accounts that a policy governs, and the regions they have enabled."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sagewarden.application.ports import UnreadableError
from sagewarden.application.roster import Roster
from sagewarden.application.targets import Target
from sagewarden.domain.organization import Account, OrganizationTargets
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.rules import Policy

MOST_ACCOUNTS_AT_ONCE = 4
"""AWS answers five ListRegions a second, and no more (Account Management quotas)."""


class Organization(Protocol):
    """Who is in an organisation. Every method may be called from several threads.

    Every method raises UnreadableError when it is not answered.
    """

    def accounts(self, units: Sequence[str], except_units: Sequence[str]) -> Iterable[Account]:
        """The accounts below some units, or of the whole organisation, whatever their state.

        Args:
            units: The ids of roots and units; none of them means every root.
            except_units: The ids of units that are passed over, with all below them.
        """
        ...

    def tags(self, account: str) -> Mapping[str, str]:
        """The tags of an account itself."""
        ...

    def enabled_regions(self, account: str) -> tuple[str, ...]:
        """The regions that an account has enabled, in order."""
        ...

    def common_regions(self) -> frozenset[str]:
        """The regions that no account can disable."""
        ...

    def service_regions(self) -> frozenset[str]:
        """The regions in which there is SageMaker, as far as is known."""
        ...


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a look found.

    Attributes:
        roster: The accounts that are governed, and their regions.
        left_out: Who is there and not governed, or not in some region; what is an account's id.
        gone: Whom the roster before named, and who is no longer there.
        incomplete: What could not be asked; of what was known before, that counts on.
        unsure: The accounts about which something could not be told.
        names: What people call the accounts of the organisation, by id.
    """

    roster: Roster
    left_out: tuple[Incomplete, ...] = ()
    gone: tuple[str, ...] = ()
    incomplete: tuple[Incomplete, ...] = ()
    unsure: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict[str, str])


def discover(
    policy: Policy,
    home: Target,
    organization: Organization,
    now: datetime,
    before: Roster | None = None,
    has_time: Callable[[], bool] = lambda: True,
) -> Discovery:
    """Ask AWS which accounts a policy governs, and in which regions.

    What cannot be told of one account stops no other: what the roster before said of it counts on,
    and one that was not known then is left out. An account that is named in the policy's own
    `accounts` is governed whether it is in the organisation or not.

    Args:
        policy: The policy; one that names no organisation means all of it.
        home: Where it is deployed.
        organization: Who is there.
        now: The present moment (aware).
        before: The last roster that may still be trusted.
        has_time: Whether there is time to ask about another account.

    Raises:
        UnreadableError: Who is there cannot be told at all.
    """
    meant = policy.organization or OrganizationTargets()
    named = [account for account in policy.accounts if policy.governs(account)]
    found = list(_members(organization, meant))
    look = _Look(policy, meant, home, organization, before, has_time)
    with ThreadPoolExecutor(MOST_ACCOUNTS_AT_ONCE) as pool:
        answers = dict(
            zip((item.id for item in found), pool.map(look.at_member, found), strict=True)
        )
        own = [account for account in named if account not in answers or answers[account].spared]
        answers |= dict(zip(own, pool.map(look.at, own), strict=True))
    regions = {account: item.regions for account, item in answers.items() if item.regions}
    known = before.regions if before else {}
    return Discovery(
        Roster(now, regions),
        left_out=tuple(Incomplete(a, why) for a, item in answers.items() for why in item.why),
        gone=tuple(sorted(known.keys() - answers.keys())),
        incomplete=(*look.unknown, *(gap for item in answers.values() for gap in item.incomplete)),
        unsure=frozenset(account for account, item in answers.items() if item.incomplete),
        names={account.id: account.name for account in found},
    )


def _members(organization: Organization, meant: OrganizationTargets) -> Iterable[Account]:
    """Each account once: a unit may be named beside the one above it."""
    found = organization.accounts(meant.units, meant.except_units)
    return {account.id: account for account in found}.values()


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was found of one account: where it is governed, why not, and what was not answered."""

    regions: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    incomplete: tuple[Incomplete, ...] = ()

    @property
    def spared(self) -> bool:
        return not self.regions


class _Look:
    """Asks about one account after another."""

    def __init__(
        self,
        policy: Policy,
        meant: OrganizationTargets,
        home: Target,
        organization: Organization,
        before: Roster | None,
        has_time: Callable[[], bool],
    ) -> None:
        self._meant = meant
        self._wanted = None if policy.enabled_regions else policy.regions or (home.region,)
        self._organization, self._before, self._has_time = organization, before, has_time
        self.unknown: list[Incomplete] = []
        self._common = self._common_regions()

    def at_member(self, account: Account) -> _Answer:
        """What there is to know of an account of the organisation."""
        if why := self._meant.spares(account):
            return _Answer(why=(f"{account.name}: {why}",))
        try:
            if self._meant.tags:
                self._demand_time(account.id)
                if why := self._meant.lacks(self._organization.tags(account.id)):
                    return _Answer(why=(f"{account.name}: {why}",))
        except UnreadableError as error:
            return self._as_before(account.id, error)
        return self.at(account.id)

    def at(self, account: str) -> _Answer:
        """In which regions an account is governed."""
        if self._wanted is not None and self._common.issuperset(self._wanted):
            return _Answer(self._wanted)
        try:
            self._demand_time(account)
            enabled = self._organization.enabled_regions(account)
        except UnreadableError as error:
            return self._as_before(account, error)
        if self._wanted is None:
            there = self._organization.service_regions()
            return _Answer(tuple(region for region in enabled if region in there))
        disabled = [region for region in self._wanted if region not in enabled]
        return _Answer(
            tuple(region for region in self._wanted if region in enabled),
            tuple(f"{region} is not enabled there" for region in disabled),
        )

    def _as_before(self, account: str, error: UnreadableError) -> _Answer:
        """Fail closed: of an account that nothing is known of, nothing is governed."""
        gap = Incomplete(error.what, error.why)
        if self._before and account in self._before.regions:
            return _Answer(self._before.regions[account], incomplete=(gap,))
        return _Answer(why=("it is not known whether it is meant",), incomplete=(gap,))

    def _demand_time(self, account: str) -> None:
        if not self._has_time():
            raise UnreadableError(f"account {account}", "there was no time left to ask about it")

    def _common_regions(self) -> frozenset[str]:
        """What need not be asked of each account.

        Where that is not answered, the regions that the policy names count: a sweep of one that is
        not enabled says so.
        """
        if self._wanted is None:
            return frozenset()
        try:
            return self._organization.common_regions()
        except UnreadableError as error:
            self.unknown.append(Incomplete(error.what, error.why))
            return frozenset(self._wanted)
