"""What a function is wired to on its first invocation, and keeps for the next ones."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sagewarden.adapters.tally import Tally
from sagewarden.application.ports import Clock
from sagewarden.application.targets import Target, targets
from sagewarden.bootstrap import Hub, HubSettings, read_deployed_policy
from sagewarden.domain.rules import Policy
from sagewarden.entrypoints.settings import hub_settings, policy_file

if TYPE_CHECKING:
    from sagewarden.application.roster import RosterReader


@dataclass(frozen=True, slots=True)
class Deployment:
    """What lives as long as a function's execution environment.

    Attributes:
        settings: What the function was told of its stack.
        hub: Its adapters.
        policy: The deployed policy.
        found: What the dispatcher found, where the policy leaves it to AWS what it governs.
    """

    settings: HubSettings
    hub: Hub
    policy: Policy
    found: "RosterReader | None" = None

    def during(self, run: str) -> "Deployment":
        """The same in a run, which what is noted and told names."""
        return replace(self, hub=self.hub.during(run))

    @property
    def targets(self) -> tuple[Target, ...]:
        """The accounts and regions that are governed.

        Raises:
            UnreadableError: The policy does not name them, and what was found cannot be told.
        """
        if self.found is not None:
            return self.found.roster().targets
        return targets(self.policy, self.settings.home)

    def governs(self, target: Target) -> bool:
        """Whether an account's region is governed. Nobody but the ledger is asked.

        Raises:
            UnreadableError: The policy does not name it, and what was found cannot be told.
        """
        if self.found is not None:
            return self.policy.governs(target.account) and self.found.names(target)
        return target in targets(self.policy, self.settings.home)

    def is_gone(self, target: Target) -> bool:
        """Whether an account's region was governed once, and will not be any more.

        Raises:
            UnreadableError: What was found cannot be told.
        """
        return self.found is not None and self.found.is_gone(target)


def deployed(function_arn: str, clock: Clock | None, tally: Tally | None = None) -> Deployment:
    """Wire a function.

    Args:
        function_arn: The function, as its context names it.
        clock: What tells the time; the machine's own when not given.
        tally: What its clients count their calls with; one of their own when not given.

    Raises:
        SettingsError: Its environment is not what the template should have made it.
        StalePolicyError: The policy was changed since it was compiled.
    """
    settings, policy = hub_settings(function_arn), read_deployed_policy(policy_file())
    hub = Hub(settings, clock, tally)
    return Deployment(
        settings, hub, policy, hub.roster_reader(policy) if policy.is_discovered else None
    )
