"""The responder's function: each message of its queue is a click or a command of a person."""

from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.adapters.click_records import ClickFormatError, click_body, read_click
from sagewarden.adapters.sqs_queues import send_messages
from sagewarden.application.command import obey
from sagewarden.application.ports import Clock
from sagewarden.application.respond import Desk, respond
from sagewarden.application.targets import Target
from sagewarden.bots import bot_of
from sagewarden.domain.cases import Case
from sagewarden.domain.clicks import Asked, Command
from sagewarden.entrypoints.asked import told
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.messages import MessageError, SweepRequest
from sagewarden.entrypoints.settings import queue_url
from sagewarden.entrypoints.slack_hub import SlackDeployment
from sagewarden.entrypoints.slack_settings import restores_queue_url
from sagewarden.entrypoints.slack_worker import Handler, SlackWorker, slacks_refusals


class Responder(SlackWorker):
    """Does what people ask for, and tells them.

    Args:
        clock: What tells the time; the machine's own when not given.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__("responder", clock)

    def handle(
        self, body: str, attempt: int, deployment: SlackDeployment, context: LambdaContext
    ) -> None:
        """Do what somebody asked for with a click or a command, and tell them.

        Raises:
            MessageError: It is neither, or they can never be told.
            LaterError: Slack does not answer for now.
        """
        del attempt
        asked = _asked(body)
        run = (asked.run if isinstance(asked, Asked) else None) or context.aws_request_id
        deployment = self.during(run, deployment)
        self.logger.info("asked", extra=told(asked))
        with slacks_refusals():
            if isinstance(asked, Command):
                obey(asked, deployment.slack.office())
            else:
                self.logger.append_keys(case=asked.case_id)
                respond(asked, self._desk(deployment, run))

    def _desk(self, deployment: SlackDeployment, run: str) -> Desk:
        restores = restores_queue_url()

        def pass_on(asked: Asked) -> None:
            send_messages(deployment.region, str(restores), [click_body(asked)], self.meter.tally)

        return deployment.slack.desk(
            lambda case: self._wake(case, deployment, run), pass_on if restores else None
        )

    def _wake(self, case: Case, deployment: SlackDeployment, run: str) -> None:
        """Ask the bot that runs a case's rule for a sweep of its account and region now."""
        bot = bot_of(deployment.policy.rule(case.rule))
        if bot is None:
            self.logger.warning("the policy has no such rule", extra={"rule": case.rule})
            return
        request = SweepRequest(bot, Target(case.ref.account, case.ref.region), run)
        send_messages(deployment.region, queue_url(bot), [request.body()], self.meter.tally)


def _asked(body: str) -> Asked | Command:
    try:
        return read_click(body)
    except ClickFormatError as error:
        raise MessageError(f"body: {error}") from error


def respond_handler(clock: Clock | None = None) -> Handler:
    """The Lambda handler of the responder.

    Args:
        clock: What tells the time; the machine's own when not given.
    """
    return handler_of(Responder(clock))
