"""Where a policy holds: accounts times regions."""

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # every rule comes with it, and who asks where a function runs needs none
    from sagewarden.domain.rules import Policy


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """One account in one region: what a single sweep looks at."""

    account: str
    region: str


def targets(policy: "Policy", home: Target) -> tuple[Target, ...]:
    """The accounts and regions that a policy governs.

    Args:
        policy: The policy.
        home: Where it is deployed: what it governs where it names no accounts or no regions.
    """
    accounts = policy.accounts or (home.account,)
    regions = policy.regions or (home.region,)
    return tuple(Target(account, region) for account, region in product(accounts, regions))
