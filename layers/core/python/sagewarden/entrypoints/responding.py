"""The responder's function: each message of its queue is a click or a command of a person."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.adapters.click_records import ClickFormatError, click_body, read_click
from sagewarden.adapters.sqs_queues import send_messages
from sagewarden.application.command import obey
from sagewarden.application.messaging import NotNowError, UndeliverableError
from sagewarden.application.ports import Clock
from sagewarden.application.respond import Desk, respond
from sagewarden.application.targets import Target
from sagewarden.bots import bot_of
from sagewarden.domain.cases import Case
from sagewarden.domain.clicks import Asked, Command
from sagewarden.entrypoints.batches import BatchAnswer, LaterError, each_message
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.messages import MessageError, SweepRequest
from sagewarden.entrypoints.settings import queue_url
from sagewarden.entrypoints.slack_hub import SlackDeployment, deployed
from sagewarden.entrypoints.slack_settings import restores_queue_url

type Handler = Callable[[dict[str, Any], LambdaContext], BatchAnswer]


class Responder:
    """Answers people; wired on its first invocation, and kept for the next ones.

    Args:
        clock: What tells the time; the machine's own when not given.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self._deployment: SlackDeployment | None = None
        self.logger = Logger(service="responder")
        self.metrics = Metrics(service="responder")

    def answer(self, event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
        """Answer each click and command of an SQS event."""
        received = len(event.get("Records", ()))
        self.metrics.add_metric(name="MessagesReceived", unit=MetricUnit.Count, value=received)
        if self._deployment is None:
            self._deployment = deployed(context.invoked_function_arn, self._clock)
        deployment, run = self._deployment, context.aws_request_id

        def handle(body: str, _attempt: int) -> None:
            self._answer(_asked(body), deployment, run)

        set_aside = deployment.hub.set_aside
        return each_message(event, handle, set_aside, self.logger, self.metrics)

    def _answer(self, asked: Asked | Command, deployment: SlackDeployment, run: str) -> None:
        """Do what somebody asked for, and tell them.

        Raises:
            MessageError: They can never be told.
            LaterError: Slack does not answer for now.
        """
        self.logger.info("asked", extra=_told(asked))
        try:
            if isinstance(asked, Command):
                obey(asked, deployment.slack.office())
            else:
                respond(asked, self._desk(deployment, run))
        except NotNowError as error:
            raise LaterError(str(error)) from error
        except UndeliverableError as error:
            raise MessageError(str(error)) from error

    def _desk(self, deployment: SlackDeployment, run: str) -> Desk:
        restores = restores_queue_url()

        def pass_on(asked: Asked) -> None:
            send_messages(deployment.region, str(restores), [click_body(asked)])

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
        send_messages(deployment.region, queue_url(bot), [request.body()])


def _asked(body: str) -> Asked | Command:
    try:
        return read_click(body)
    except ClickFormatError as error:
        raise MessageError(f"body: {error}") from error


def _told(asked: Asked | Command) -> dict[str, str]:
    if isinstance(asked, Command):
        return {"by": asked.name, "command": asked.words}
    return {"by": asked.name, "click": asked.click.value, "case": asked.case_id}


def respond_handler(clock: Clock | None = None) -> Handler:
    """The Lambda handler of the responder.

    Args:
        clock: What tells the time; the machine's own when not given.
    """
    return handler_of(Responder(clock))
