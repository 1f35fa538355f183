"""The notifier's function: each message of its queue is for one reader in Slack."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.adapters.clock import SystemSleeper
from sagewarden.application.deliver import deliver
from sagewarden.application.messaging import NotNowError
from sagewarden.application.ports import Clock, Sleeper
from sagewarden.domain.notices import Parcel
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.messages import MessageError
from sagewarden.entrypoints.notices import read_notice
from sagewarden.entrypoints.slack_hub import SlackDeployment
from sagewarden.entrypoints.slack_worker import Handler, SlackWorker, slacks_refusals

if TYPE_CHECKING:
    from sagewarden.application.messaging import Told

LONGEST_WAIT = timedelta(seconds=10)
"""What Slack asks to wait is waited for in place; a longer wait is left to the queue."""

ENOUGH_TIME = timedelta(seconds=15)
"""What has to remain of the invocation for one more attempt."""


class Notifier(SlackWorker):
    """Delivers parcels, digests and advice.

    Args:
        clock: What tells the time; the machine's own when not given.
        sleeper: What lets it pass; the machine's own when not given.
    """

    def __init__(self, clock: Clock | None = None, sleeper: Sleeper | None = None) -> None:
        super().__init__("notifier", clock)
        self._sleeper = sleeper or SystemSleeper()

    def handle(
        self, body: str, attempt: int, deployment: SlackDeployment, context: LambdaContext
    ) -> None:
        """Deliver a parcel, a digest or a week's advice.

        Raises:
            MessageError: It is none of them, or can never be delivered.
            LaterError: It cannot be delivered for now.
        """
        notice = read_notice(_content(body))
        if isinstance(notice, Parcel):
            self._deliver(notice, deployment, context, again=attempt > 1)
        else:
            self._deliver_letter(notice, deployment, context, again=attempt > 1)

    def _deliver(
        self, parcel: Parcel, deployment: SlackDeployment, context: LambdaContext, *, again: bool
    ) -> None:
        """Deliver a parcel, as often as Slack asks for a short wait and time remains.

        Raises:
            MessageError: It can never be delivered.
            LaterError: It cannot be delivered for now.
        """
        if parcel.run is not None:
            deployment = self.during(parcel.run, deployment)

        def attempt(again: bool) -> int:  # noqa: FBT001 - whether it was tried before
            return deliver(parcel, deployment.slack.post(), again=again)

        left = self._patiently(attempt, context, again=again)
        count = len(parcel.notices) - left
        cases = " ".join(notice.card.case_id for notice in parcel.notices)
        told = {
            "owner": parcel.owner,
            "notices": count,
            "left_to_the_next_run": left,
            "cases": cases,
        }
        self.logger.info("delivered", extra=told)
        self.metrics.add_metric(name="Notices", unit=MetricUnit.Count, value=count)

    def _deliver_letter(
        self, letter: "Told", deployment: SlackDeployment, context: LambdaContext, *, again: bool
    ) -> None:
        """Deliver a digest or a week's advice, as patiently as a parcel.

        Raises:
            MessageError: It can never be delivered.
            LaterError: It cannot be delivered for now.
        """
        from sagewarden.application.deliver_letter import deliver_letter  # noqa: PLC0415 - once a week

        if letter.run is not None:
            deployment = self.during(letter.run, deployment)
        channel = deployment.policy.owners.channel_of(letter.team)

        def attempt(again: bool) -> bool:  # noqa: FBT001 - whether it was tried before
            return deliver_letter(letter, channel, deployment.slack.post(), again=again)

        posted = self._patiently(attempt, context, again=again)
        self.logger.info("letter", extra={"letter": letter.subject, "posted": posted})

    def _patiently[Result](
        self, attempt: Callable[[bool], Result], context: LambdaContext, *, again: bool
    ) -> Result:
        """Attempt something, as often as Slack asks for a short wait and time remains."""
        with slacks_refusals():
            while True:
                try:
                    return attempt(again)
                except NotNowError as error:
                    if error.after is None or not _is_short(error.after, context):
                        raise
                    self._sleeper.sleep(error.after)  # it was refused: nothing arrived meanwhile


def _is_short(wait: timedelta, context: LambdaContext) -> bool:
    remaining = timedelta(milliseconds=context.get_remaining_time_in_millis())
    return wait <= LONGEST_WAIT and wait + ENOUGH_TIME <= remaining


def _content(body: str) -> object:
    try:
        return json.loads(body)
    except ValueError as error:
        raise MessageError(f"body: it is no JSON ({error})") from error


def notify_handler(clock: Clock | None = None, sleeper: Sleeper | None = None) -> Handler:
    """The Lambda handler of the notifier.

    Args:
        clock: What tells the time; the machine's own when not given.
        sleeper: What lets it pass; the machine's own when not given.
    """
    return handler_of(Notifier(clock, sleeper))
