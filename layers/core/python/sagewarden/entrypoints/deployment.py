"""What a function is wired to on its first invocation, and keeps for the next ones."""

from dataclasses import dataclass

from sagewarden.application.ports import Clock
from sagewarden.bootstrap import Hub, HubSettings, read_deployed_policy
from sagewarden.domain.rules import Policy
from sagewarden.entrypoints.settings import hub_settings, policy_file


@dataclass(frozen=True, slots=True)
class Deployment:
    """What lives as long as a function's execution environment."""

    settings: HubSettings
    hub: Hub
    policy: Policy


def deployed(function_arn: str, clock: Clock | None) -> Deployment:
    """Wire a function.

    Raises:
        SettingsError: Its environment is not what the template should have made it.
        StalePolicyError: The policy was changed since it was compiled.
    """
    settings, policy = hub_settings(function_arn), read_deployed_policy(policy_file())
    return Deployment(settings, Hub(settings, clock), policy)
