"""What lives as long as the environment of a function that speaks with people in Slack."""

from dataclasses import dataclass

from sagewarden.adapters.tally import Tally
from sagewarden.application.ports import Clock
from sagewarden.bootstrap import Hub
from sagewarden.domain.rules import Policy
from sagewarden.entrypoints.deployment import deployed
from sagewarden.entrypoints.slack_settings import slack_settings
from sagewarden.slack_bootstrap.hub import SlackHub


@dataclass(frozen=True, slots=True)
class SlackDeployment:
    """What a function is wired to on its first invocation.

    Attributes:
        hub: The adapters of any function.
        slack: Those for Slack.
        policy: The deployed policy.
        region: Where the stack is.
    """

    hub: Hub
    slack: SlackHub
    policy: Policy
    region: str


def deployed_with_slack(function_arn: str, clock: Clock | None, tally: Tally) -> SlackDeployment:
    """Wire a function.

    Raises:
        SettingsError: Its environment is not what the template should have made it.
        StalePolicyError: The policy was changed since it was compiled.
    """
    found = deployed(function_arn, clock, tally)
    slack = SlackHub(found.hub, found.settings, slack_settings(), found.policy.owners)
    return SlackDeployment(found.hub, slack, found.policy, found.settings.home.region)
