"""The provisioned concurrency bot's function: each message converges one account and region."""

from sagewarden.application.adjust_concurrency import adjust_concurrency
from sagewarden.application.ports import Clock, RunNotices
from sagewarden.application.sweep import SweepReport
from sagewarden.application.targets import Target
from sagewarden.bots import find_bot
from sagewarden.entrypoints.deployment import Deployment
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.sweeping import Handler, SweepingBot


def _converge(deployment: Deployment, target: Target, notices: RunNotices) -> SweepReport:
    hands = deployment.hub.concurrency_hands(target.account)
    return adjust_concurrency(deployment.policy, target.region, hands, notices, target.account)


def scale_handler(name: str, clock: Clock | None = None) -> Handler:
    """The Lambda handler of a bot that sets how endpoints scale.

    Args:
        name: The bot's name in the registry.
        clock: What tells the time; the machine's own when not given.
    """
    return handler_of(SweepingBot(find_bot(name), clock, _converge))
