"""A function whose queue brings what is to be said or done in Slack."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.application.messaging import NotNowError, UndeliverableError
from sagewarden.application.ports import Clock
from sagewarden.entrypoints.batches import BatchAnswer, LaterError, ShowAgain, each_message
from sagewarden.entrypoints.messages import MessageError
from sagewarden.entrypoints.metering import Meter
from sagewarden.entrypoints.slack_hub import SlackDeployment, deployed_with_slack

type Handler = Callable[[dict[str, Any], LambdaContext], BatchAnswer]


class SlackWorker:
    """Works through its queue; wired on its first invocation, and kept for the next ones.

    Args:
        service: The function's name, in its log and of its metrics.
        clock: What tells the time; the machine's own when not given.
    """

    def __init__(self, service: str, clock: Clock | None = None) -> None:
        self._clock = clock
        self._deployment: SlackDeployment | None = None
        self.logger = Logger(service=service)
        self.metrics = Metrics(service=service)
        self.meter = Meter(self.logger, self.metrics)

    def answer(self, event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
        """Do what each message of an SQS event asks for."""
        received = len(event.get("Records", ()))
        self.metrics.add_metric(name="MessagesReceived", unit=MetricUnit.Count, value=received)
        if self._deployment is None:
            arn = context.invoked_function_arn
            self._deployment = deployed_with_slack(arn, self._clock, self.meter.tally)
        deployment = self._deployment

        def handle(body: str, attempt: int) -> None:
            self.logger.remove_keys(["run", "case"])  # the message's before
            self.handle(body, attempt, deployment, context)

        return each_message(
            event,
            handle,
            deployment.hub.set_aside,
            self,
            self.show_again(deployment),
        )

    def handle(
        self, body: str, attempt: int, deployment: SlackDeployment, context: LambdaContext
    ) -> None:
        """Do what one message asks for, at its first, second, ... attempt.

        Raises:
            MessageError: It can never succeed.
            LaterError: It has to wait.
        """
        raise NotImplementedError

    def during(self, run: str, deployment: SlackDeployment) -> SlackDeployment:
        """The deployment in a run, which every log line of this message names from now on."""
        self.logger.append_keys(run=run)
        hub, slack = deployment.hub.during(run), deployment.slack.during(run)
        return replace(deployment, hub=hub, slack=slack)

    def show_again(self, deployment: SlackDeployment) -> ShowAgain | None:
        """What puts messages off that say when they are to come again; None leaves it to SQS."""
        del deployment
        return None


@contextmanager
def slacks_refusals(after: timedelta | None = None) -> Iterator[None]:
    """Turn what Slack refuses into what a queue understands.

    Args:
        after: When a message comes again, where Slack does not say so; None leaves it to SQS.

    Raises:
        MessageError: Slack will never take it.
        LaterError: Slack does not take it for now.
    """
    try:
        yield
    except NotNowError as error:
        raise LaterError(str(error), (error.after or after) if after else None) from error
    except UndeliverableError as error:
        raise MessageError(str(error)) from error
