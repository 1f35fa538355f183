"""Build an organisation in a sandbox, without HTTP."""

from collections.abc import Mapping

from sagewarden_cli.sandbox.membership import ROOT, Member, OrganizationStore, Unit
from sagewarden_cli.sandbox.world import World


class OrganizationBuilder:
    """Builds the organisation of a sandbox, and lets accounts come, change and go.

    Args:
        world: The sandbox's.
        management: The management account.
    """

    root = ROOT

    def __init__(self, world: World, management: str) -> None:
        self._world = world
        if self._store.management is None:
            self._store.management = management
            self.add_account(management, name="management")

    @property
    def _store(self) -> OrganizationStore:
        return self._world.organization

    def add_unit(self, name: str, parent: str = ROOT) -> str:
        """Add an organisational unit, and return its id."""
        unit = Unit(f"ou-ab12-{len(self._store.units):08d}", name, parent)
        self._store.units[unit.id] = unit
        return unit.id

    def add_account(
        self,
        account: str,
        *,
        name: str | None = None,
        unit: str = ROOT,
        tags: Mapping[str, str] | None = None,
        state: str = "ACTIVE",
        role: bool = True,
    ) -> None:
        """Add an account.

        Args:
            account: Its 12 digits.
            name: Its name; made of its id when not given.
            unit: The root or unit that it lies in.
            tags: Its own tags.
            state: Its state; see AWS Organizations' API reference, Account.
            role: Whether its roles can be assumed.
        """
        joined = self._world.clock.now()
        named = name or f"account-{account}"
        self._store.members[account] = Member(account, named, unit, joined, state, dict(tags or {}))
        if not role:
            self._store.shut.add(account)

    def set_state(self, account: str, state: str) -> None:
        """Change an account's state, such as to ``SUSPENDED``."""
        self._store.members[account].state = state

    def move(self, account: str, unit: str) -> None:
        """Move an account into another unit."""
        self._store.members[account].parent = unit

    def remove(self, account: str) -> None:
        """Let an account leave the organisation, and with it the roles of its StackSets."""
        del self._store.members[account]
        self._store.shut.add(account)

    def shut_out(self, account: str) -> None:
        """Take away an account's roles."""
        self._store.shut.add(account)

    def let_in(self, account: str) -> None:
        """Give an account roles again."""
        self._store.shut.discard(account)

    def delegate(self, account: str, service: str = "account.amazonaws.com") -> None:
        """Make an account a delegated administrator of a service."""
        self._store.delegated.add((account, service))

    def enable_region(self, account: str, region: str) -> None:
        """Enable a region that accounts have to opt into."""
        self._store.opted_in.setdefault(account, set()).add(region)
