"""The reporter's function: once a week each team, and ops, hear what happened and what waits."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.application.digests import Known, digests, gather
from sagewarden.application.ports import Clock
from sagewarden.domain.digest import Digest, last_week
from sagewarden.entrypoints.deployment import Deployment, deployed
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.messages import read_weekly
from sagewarden.entrypoints.metering import Meter
from sagewarden.entrypoints.sending import send_once, teams_told

type Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


class Reporter:
    """Makes the digests of the last whole week; wired on its first invocation.

    Args:
        clock: What tells the time; the machine's own when not given.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self._deployment: Deployment | None = None
        self.logger = Logger(service="reporter")
        self.metrics = Metrics(service="reporter")
        self.meter = Meter(self.logger, self.metrics)

    def answer(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Send each reader the digest of the last week, unless they have it.

        What is raised makes Lambda try again, then the DLQ. A second attempt may queue a digest
        twice; whoever delivers it does so once.
        """
        run = context.aws_request_id
        self.logger.append_keys(run=run)
        self.metrics.add_metric(name="Woken", unit=MetricUnit.Count, value=1)
        read_weekly(event)
        if self._deployment is None:
            arn = context.invoked_function_arn
            self._deployment = deployed(arn, self._clock, self.meter.tally)
        deployment = self._deployment.during(run)
        sent = sum(self._send(digest, deployment) for digest in _digests(deployment))
        self.metrics.add_metric(name="DigestsSent", unit=MetricUnit.Count, value=sent)
        return {"digests": sent}

    def _send(self, digest: Digest, deployment: Deployment) -> bool:
        """Send a digest, unless its reader has it: what ops cannot read in Slack is published."""
        hub = deployment.hub
        sent = send_once(digest, deployment, hub.published_digests, hub.queued_digests)
        self.logger.info("digest", extra={"key": digest.key, "sent": sent})
        return sent


def _digests(deployment: Deployment) -> list[Digest]:
    """The organisation's digest; with Slack those of the teams that have a channel, too."""
    settings, policy, hub = deployment.settings, deployment.policy, deployment.hub
    now = hub.clock.now()
    span = last_week(now, settings.zone)
    given = {item: None for rule in policy.rules for item in rule.scope.exemptions}
    known = Known(tuple(given), len(deployment.targets))
    records = gather(hub.ledger, span, now, known)
    return list(digests(records, span, now, settings.zone, teams_told(deployment)))


def report_handler(clock: Clock | None = None) -> Handler:
    """The Lambda handler of the reporter.

    Args:
        clock: What tells the time; the machine's own when not given.
    """
    return handler_of(Reporter(clock))
