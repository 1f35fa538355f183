"""The advisor's function: once a week each team, and ops, hear what would do the same for less."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.application.letters import was_sent
from sagewarden.application.ports import Clock
from sagewarden.domain.digest import this_monday
from sagewarden.domain.weekly_advice import WeeklyAdvice
from sagewarden.entrypoints.deployment import Deployment, deployed
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.messages import read_weekly
from sagewarden.entrypoints.metering import Meter
from sagewarden.entrypoints.sending import send_once, teams_told

type Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

ENOUGH_TIME = timedelta(minutes=5)
"""What has to remain of the invocation to begin with another account."""


class Advisor:
    """Looks at everything that the policy governs, and says what it found.

    Args:
        clock: What tells the time; the machine's own when not given.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self._deployment: Deployment | None = None
        self.logger = Logger(service="advisor")
        self.metrics = Metrics(service="advisor")
        self.meter = Meter(self.logger, self.metrics)

    def answer(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Send each reader this week's advice, unless they have it. Nothing is changed.

        Ops are told last, in any case: when they have this week's, everybody has, and nothing
        is looked at again. What is raised makes Lambda try again, then the DLQ. A second attempt
        may queue a letter twice; whoever delivers it does so once.
        """
        run = context.aws_request_id
        self.logger.append_keys(run=run)
        self.metrics.add_metric(name="Woken", unit=MetricUnit.Count, value=1)
        read_weekly(event)
        if self._deployment is None:
            arn = context.invoked_function_arn
            self._deployment = deployed(arn, self._clock, self.meter.tally)
        deployment = self._deployment.during(run)
        hub = deployment.hub
        now = hub.clock.now()
        monday = this_monday(now, deployment.settings.zone)
        sent = 0
        if not was_sent(WeeklyAdvice(None, monday, now), hub.ledger):
            sent = sum(
                send_once(letter, deployment, hub.published_advice, hub.queued_advice)
                for letter in self._letters(deployment, context, now, monday)
            )
        self.metrics.add_metric(name="AdviceSent", unit=MetricUnit.Count, value=sent)
        return {"letters": sent}

    def _letters(
        self, deployment: Deployment, context: LambdaContext, now: datetime, monday: date
    ) -> list[WeeklyAdvice]:
        """What there is to say to teams that have a channel, with Slack, and then to ops."""
        from sagewarden.application.advise_all import advise_all, letters  # noqa: PLC0415 - heavy

        policy, hub = deployment.policy, deployment.hub
        places = deployment.targets

        def has_time() -> bool:
            return timedelta(milliseconds=context.get_remaining_time_in_millis()) > ENOUGH_TIME

        report = advise_all(places, policy.owners, hub.advice_hands, now, has_time)
        for item in report.incomplete:
            self.logger.warning("not read", extra={"what": item.what, "reason": item.why})
        unread = len(report.incomplete)
        self.metrics.add_metric(name="Unread", unit=MetricUnit.Count, value=unread)
        found = list(letters(report, monday, len(places), teams_told(deployment)))
        for letter in found:
            told = {"letter": letter.subject, "usd": str(letter.saving.usd)}
            self.logger.info("advice", extra={**told, "pieces": letter.tips.count})
        return found


def advise_handler(clock: Clock | None = None) -> Handler:
    """The Lambda handler of the advisor.

    Args:
        clock: What tells the time; the machine's own when not given.
    """
    return handler_of(Advisor(clock))
