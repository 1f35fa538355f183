"""The restorer's function: each message of its queue is a click on Restore."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.adapters.click_records import ClickFormatError, read_click
from sagewarden.application.bring_back import bring_back
from sagewarden.application.messaging import NotNowError, UndeliverableError
from sagewarden.application.ports import Clock
from sagewarden.domain.cards import Click
from sagewarden.domain.clicks import Asked
from sagewarden.entrypoints.batches import BatchAnswer, LaterError, each_message
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.messages import MessageError
from sagewarden.entrypoints.settings import variable
from sagewarden.entrypoints.slack_hub import SlackDeployment, deployed

type Handler = Callable[[dict[str, Any], LambdaContext], BatchAnswer]

LOOKS_AGAIN_AFTER = timedelta(seconds=30)
"""How often is looked at what AWS brings back: an endpoint takes minutes."""


class Restorer:
    """Brings back what people ask for; wired on its first invocation, and kept for the next ones.

    Args:
        clock: What tells the time; the machine's own when not given.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self._deployment: SlackDeployment | None = None
        self.logger = Logger(service="restorer")
        self.metrics = Metrics(service="restorer")

    def answer(self, event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
        """Bring back what each message of an SQS event asks for, as far as it goes now."""
        received = len(event.get("Records", ()))
        self.metrics.add_metric(name="MessagesReceived", unit=MetricUnit.Count, value=received)
        if self._deployment is None:
            self._deployment = deployed(context.invoked_function_arn, self._clock)
        deployment = self._deployment

        def handle(body: str, _attempt: int) -> None:
            self._bring_back(_wish(body), deployment)

        def show_again(receipt_handle: str, after: timedelta) -> None:
            deployment.hub.show_again(variable("RESTORES_QUEUE"), receipt_handle, after)

        set_aside = deployment.hub.set_aside
        return each_message(event, handle, set_aside, self.logger, self.metrics, show_again)

    def _bring_back(self, asked: Asked, deployment: SlackDeployment) -> None:
        """Bring something back, and say so.

        Raises:
            MessageError: Nobody can be told.
            LaterError: AWS is at it, or Slack does not answer for now.
        """
        self.logger.info("restoring", extra={"by": asked.name, "case": asked.case_id})
        try:
            under_way = bring_back(asked, deployment.slack.workshop())
        except NotNowError as error:
            raise LaterError(str(error), error.after or LOOKS_AGAIN_AFTER) from error
        except UndeliverableError as error:
            raise MessageError(str(error)) from error
        if under_way:
            raise LaterError("AWS is bringing it back", LOOKS_AGAIN_AFTER)


def _wish(body: str) -> Asked:
    try:
        asked = read_click(body)
    except ClickFormatError as error:
        raise MessageError(f"body: {error}") from error
    if not isinstance(asked, Asked) or asked.click is not Click.RESTORE:
        raise MessageError("body: it asks for no restore")
    return asked


def restore_handler(clock: Clock | None = None) -> Handler:
    """The Lambda handler of the restorer.

    Args:
        clock: What tells the time; the machine's own when not given.
    """
    return handler_of(Restorer(clock))
