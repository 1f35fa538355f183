"""The dispatcher's function: a schedule wakes one bot; each of its targets gets a message."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.adapters.sqs_queues import send_messages
from sagewarden.application.targets import targets
from sagewarden.bootstrap import read_deployed_policy
from sagewarden.domain.rules import Policy
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.messages import SweepRequest, execution_of, read_wake_up
from sagewarden.entrypoints.settings import home, policy_file, queue_url

type Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


class Dispatcher:
    """Puts one message per account and region on the queue of the bot that is woken."""

    def __init__(self) -> None:
        self._policy: Policy | None = None
        self.logger = Logger(service="dispatcher")
        self.metrics = Metrics(service="dispatcher")

    def answer(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Dispatch one wake-up; what is raised makes Lambda try again, then the DLQ.

        A second attempt may send messages twice: a sweep that is asked for twice does no more
        than one.
        """
        self.metrics.add_metric(name="Woken", unit=MetricUnit.Count, value=1)
        bot = read_wake_up(event)
        here = home(context.invoked_function_arn)
        if self._policy is None:
            self._policy = read_deployed_policy(policy_file())
        run = context.aws_request_id
        requests = [SweepRequest(bot, target, run) for target in targets(self._policy, here)]
        send_messages(here.region, queue_url(bot), (request.body() for request in requests))
        sent = {"bot": bot.name, "messages": len(requests), "run": run}
        self.logger.info("dispatched", extra={**sent, "execution": execution_of(event)})
        self.metrics.add_metric(name="Dispatched", unit=MetricUnit.Count, value=len(requests))
        return {"bot": bot.name, "messages": len(requests)}


def dispatch_handler() -> Handler:
    """The Lambda handler of the dispatcher."""
    return handler_of(Dispatcher())
