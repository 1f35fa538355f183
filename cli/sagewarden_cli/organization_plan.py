"""Find an organisation's accounts from a workstation, and plan them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sagewarden.adapters.organizations import AwsOrganization
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.adjust_concurrency import plan_concurrency
from sagewarden.application.discover import Discovery, discover
from sagewarden.application.plan_fleet import plan_fleet
from sagewarden.application.plan_organization import AccountPlan, plan_organization
from sagewarden.application.ports import Ledger, OutOfReachError
from sagewarden.application.targets import Target
from sagewarden.bootstrap import concurrency_hands, open_workbench
from sagewarden.domain.money import PriceBook
from sagewarden.domain.plans import Plan, joined
from sagewarden.domain.rules import Policy


@dataclass(frozen=True, slots=True)
class Spokes:
    """How other accounts are entered.

    Attributes:
        role: The name of the role in each.
        external_id: What its trust policy asks for.
        at_once: How many accounts are read at the same time.
    """

    role: str
    external_id: str
    at_once: int


@dataclass(frozen=True, slots=True)
class OrganizationPlan:
    """What a policy would do to an organisation.

    Attributes:
        at: For which moment.
        fingerprint: The policy's.
        found: The accounts, and who was left out.
        plans: Each account's plan.
        api_calls: The AWS calls it took, by ``Service.Operation``.
    """

    at: datetime
    fingerprint: str
    found: Discovery
    plans: tuple[AccountPlan, ...]
    api_calls: Mapping[str, int]

    @property
    def is_whole(self) -> bool:
        """Whether everything could be read."""
        return not self.found.incomplete and all(item.is_whole for item in self.plans)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do in what could be read."""
        return not any(item.plan and item.plan.actions for item in self.plans)


class OrganizationPlanner:
    """Plans the accounts of an organisation from the account of the credentials.

    Args:
        policy: The policy.
        sessions: The clients of the hub's account, or of whoever may ask about the organisation.
        ledger: What remembers.
        prices: List prices.
        spokes: How other accounts are entered.
    """

    def __init__(
        self,
        policy: Policy,
        sessions: Sessions,
        ledger: Ledger,
        prices: PriceBook,
        spokes: Spokes,
    ) -> None:
        self._policy, self._sessions, self._spokes = policy, sessions, spokes
        self._ledger, self._prices = ledger, prices

    def found(self, home: Target, regions: Sequence[str], now: datetime) -> Discovery:
        """Who is there.

        Args:
            home: The account of the credentials, and its region.
            regions: The only regions to look at; those of the policy when there are none.
            now: The present moment (aware).

        Raises:
            UnreadableError: AWS does not say.
        """
        chosen = replace(self._policy, regions=tuple(regions), enabled_regions=False)
        policy = chosen if regions else self._policy
        return discover(policy, home, AwsOrganization(self._sessions, home), now)

    def planned(
        self, home: Target, found: Discovery, now: datetime, done: Callable[[AccountPlan], None]
    ) -> OrganizationPlan:
        """Plan every account that was found.

        Args:
            home: The account of the credentials, and its region.
            found: Who is there.
            now: The moment to judge for (aware).
            done: Told of each account as it is done, from several threads.
        """

        def plan(account: str, regions: tuple[str, ...]) -> Plan:
            return self._account(home, account, regions, now)

        plans = plan_organization(found.roster.regions, plan, self._spokes.at_once, done)
        calls = self._sessions.calls  # those of assumed roles are among them
        return OrganizationPlan(now, self._policy.fingerprint, found, plans, calls)

    def _account(self, home: Target, account: str, regions: tuple[str, ...], now: datetime) -> Plan:
        sessions = self._sessions
        if account != home.account:
            role = f"arn:{sessions.partition(home.region)}:iam::{account}:role/{self._spokes.role}"
            sessions = sessions.assumed(role, self._spokes.external_id, home.region, now)
        bench = open_workbench(sessions=sessions, ledger=self._ledger, prices=self._prices)
        plan = plan_fleet(self._policy, regions, bench.hands.fleet, now)
        if any(self._policy.scaling_rules):
            ports = concurrency_hands(bench.hands, sessions)
            places = (plan_concurrency(self._policy, place, ports, now) for place in regions)
            plan = joined(plan, places)
        if not (plan.actions or plan.left_alone) and plan.incomplete:
            for region in regions:
                if why := sessions.barred(region):
                    raise OutOfReachError(f"{region} of account {account}", why)
        return replace(plan, account=account)
