"""Plan every account of an organisation at once; none that cannot be read stops another."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sagewarden.application.ports import UnreadableError
from sagewarden.domain.plans import Plan


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """What there is to do in one account.

    Attributes:
        account: Its id.
        regions: The regions that were looked at.
        plan: The plan; None where nothing could be read at all.
        unread: Why nothing could be read.
    """

    account: str
    regions: tuple[str, ...]
    plan: Plan | None
    unread: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether everything could be read."""
        return self.plan is not None and not self.plan.incomplete


type Planner = Callable[[str, tuple[str, ...]], Plan]
"""Plans an account in some regions; raises UnreadableError when it lets nobody in."""


def plan_organization(
    places: Mapping[str, tuple[str, ...]],
    planner: Planner,
    at_once: int,
    done: Callable[[AccountPlan], None],
) -> tuple[AccountPlan, ...]:
    """Plan accounts concurrently.

    Args:
        places: The regions of each account, by its id.
        planner: Plans one account.
        at_once: How many accounts at the same time, at least one.
        done: Told of each account as it is done, from several threads.

    Returns:
        The plans in the order of the accounts' ids.
    """

    def planned(account: str) -> AccountPlan:
        regions = places[account]
        try:
            found = AccountPlan(account, regions, planner(account, regions))
        except UnreadableError as error:
            found = AccountPlan(account, regions, None, str(error))
        done(found)
        return found

    with ThreadPoolExecutor(at_once) as pool:
        return tuple(pool.map(planned, sorted(places)))
