"""The restorer's function: each message of its queue is a click on Restore."""

from datetime import timedelta

from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.adapters.click_records import ClickFormatError, read_click
from sagewarden.application.bring_back import bring_back
from sagewarden.application.ports import Clock
from sagewarden.domain.cards import Click
from sagewarden.domain.clicks import Asked
from sagewarden.entrypoints.batches import LaterError, ShowAgain
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.messages import MessageError
from sagewarden.entrypoints.settings import variable
from sagewarden.entrypoints.slack_hub import SlackDeployment
from sagewarden.entrypoints.slack_worker import Handler, SlackWorker, slacks_refusals

LOOKS_AGAIN_AFTER = timedelta(seconds=30)
"""How often is looked at what AWS brings back: an endpoint takes minutes."""


class Restorer(SlackWorker):
    """Brings back what people ask for, as far as it goes now.

    Args:
        clock: What tells the time; the machine's own when not given.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__("restorer", clock)

    def handle(
        self, body: str, attempt: int, deployment: SlackDeployment, context: LambdaContext
    ) -> None:
        """Bring something back, and say so.

        Raises:
            MessageError: It asks for no restore, or nobody can be told.
            LaterError: AWS is at it, or Slack does not answer for now.
        """
        del attempt
        asked = _wish(body)
        deployment = self.during(asked.run or context.aws_request_id, deployment)
        self.logger.append_keys(case=asked.case_id)
        self.logger.info("restoring", extra={"by": asked.name})
        with slacks_refusals(LOOKS_AGAIN_AFTER):
            under_way = bring_back(asked, deployment.slack.workshop())
        if under_way:
            raise LaterError("AWS is bringing it back", LOOKS_AGAIN_AFTER)

    def show_again(self, deployment: SlackDeployment) -> ShowAgain:
        """Look again sooner than the queue would."""
        queue = variable("RESTORES_QUEUE")

        def show_again(receipt_handle: str, after: timedelta) -> None:
            deployment.hub.show_again(queue, receipt_handle, after)

        return show_again


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
