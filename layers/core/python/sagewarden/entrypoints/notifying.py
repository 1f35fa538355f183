"""The notifier's function: each message of its queue is a parcel for one reader in Slack."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.adapters.clock import SystemSleeper
from sagewarden.adapters.notice_records import NoticeFormatError, read_parcel
from sagewarden.application.deliver import deliver
from sagewarden.application.messaging import NotNowError, UndeliverableError
from sagewarden.application.ports import Clock, Sleeper
from sagewarden.domain.notices import Parcel
from sagewarden.entrypoints.batches import BatchAnswer, LaterError, each_message
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.messages import MessageError
from sagewarden.entrypoints.slack_hub import SlackDeployment, deployed

type Handler = Callable[[dict[str, Any], LambdaContext], BatchAnswer]

LONGEST_WAIT = timedelta(seconds=10)
"""What Slack asks to wait is waited for in place; a longer wait is left to the queue."""

ENOUGH_TIME = timedelta(seconds=15)
"""What has to remain of the invocation for one more attempt."""


class Notifier:
    """Delivers parcels; wired on its first invocation, and kept for the next ones.

    Args:
        clock: What tells the time; the machine's own when not given.
        sleeper: What lets it pass; the machine's own when not given.
    """

    def __init__(self, clock: Clock | None = None, sleeper: Sleeper | None = None) -> None:
        self._clock = clock
        self._sleeper = sleeper or SystemSleeper()
        self._deployment: SlackDeployment | None = None
        self.logger = Logger(service="notifier")
        self.metrics = Metrics(service="notifier")

    def answer(self, event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
        """Deliver each parcel of an SQS event."""
        received = len(event.get("Records", ()))
        self.metrics.add_metric(name="MessagesReceived", unit=MetricUnit.Count, value=received)
        if self._deployment is None:
            self._deployment = deployed(context.invoked_function_arn, self._clock)
        deployment = self._deployment

        def handle(body: str, attempt: int) -> None:
            self._deliver(_parcel(body), deployment, context, again=attempt > 1)

        set_aside = deployment.hub.set_aside
        return each_message(event, handle, set_aside, self.logger, self.metrics)

    def _deliver(
        self, parcel: Parcel, deployment: SlackDeployment, context: LambdaContext, *, again: bool
    ) -> None:
        """Deliver a parcel, as often as Slack asks for a short wait and time remains.

        Raises:
            MessageError: It can never be delivered.
            LaterError: It cannot be delivered for now.
        """
        while True:
            try:
                left = deliver(parcel, deployment.slack.post(), again=again)
            except UndeliverableError as error:
                raise MessageError(str(error)) from error
            except NotNowError as error:
                if error.after is None or not _is_short(error.after, context):
                    raise LaterError(str(error)) from error
                self._sleeper.sleep(error.after)  # it was refused: nothing arrived meanwhile
            else:
                break
        count = len(parcel.notices) - left
        told = {"owner": parcel.owner, "notices": count, "left_to_the_next_run": left}
        self.logger.info("delivered", extra=told)
        self.metrics.add_metric(name="Notices", unit=MetricUnit.Count, value=count)


def _is_short(wait: timedelta, context: LambdaContext) -> bool:
    remaining = timedelta(milliseconds=context.get_remaining_time_in_millis())
    return wait <= LONGEST_WAIT and wait + ENOUGH_TIME <= remaining


def _parcel(body: str) -> Parcel:
    try:
        return read_parcel(json.loads(body))
    except NoticeFormatError as error:
        raise MessageError(f"body: {error}") from error
    except ValueError as error:
        raise MessageError(f"body: it is no JSON ({error})") from error


def notify_handler(clock: Clock | None = None, sleeper: Sleeper | None = None) -> Handler:
    """The Lambda handler of the notifier.

    Args:
        clock: What tells the time; the machine's own when not given.
        sleeper: What lets it pass; the machine's own when not given.
    """
    return handler_of(Notifier(clock, sleeper))
