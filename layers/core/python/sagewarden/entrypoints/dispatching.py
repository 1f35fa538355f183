"""The dispatcher's function: a schedule wakes one bot; each of its targets gets a message."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.adapters.sessions import Sessions
from sagewarden.adapters.sqs_queues import SqsQueues
from sagewarden.application.ports import Clock
from sagewarden.application.targets import Target, targets
from sagewarden.bootstrap import read_deployed_policy
from sagewarden.domain.rules import Policy
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.messages import SweepRequest, execution_of, read_wake_up
from sagewarden.entrypoints.metering import Meter
from sagewarden.entrypoints.settings import home, policy_file, queue_url

if TYPE_CHECKING:
    from sagewarden.entrypoints.looking_out import Lookout

type Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


ENOUGH_TIME = timedelta(minutes=1)
"""What has to remain of the invocation to ask AWS about another account."""


class Dispatcher:
    """Puts one message per account and region on the queue of the bot that is woken.

    Args:
        clock: What tells the time; the machine's own when not given.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self._policy: Policy | None = None
        self._lookout: Lookout | None = None
        self._sessions: Sessions | None = None
        self.logger = Logger(service="dispatcher")
        self.metrics = Metrics(service="dispatcher")
        self.meter = Meter(self.logger, self.metrics)

    def answer(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Dispatch one wake-up; what is raised makes Lambda try again, then the DLQ.

        A second attempt may send messages twice: a sweep that is asked for twice does no more
        than one.
        """
        run = context.aws_request_id
        self.logger.append_keys(run=run)
        self.metrics.add_metric(name="Woken", unit=MetricUnit.Count, value=1)
        bot = read_wake_up(event)
        here = home(context.invoked_function_arn)
        if self._policy is None or self._sessions is None:
            self._policy = read_deployed_policy(policy_file())
            self._sessions = Sessions(tally=self.meter.tally)
        places = self._targets(self._policy, here, self._sessions, context)
        requests = [SweepRequest(bot, target, run) for target in places]
        queues = SqsQueues(self._sessions.client("sqs", here.region))
        queues.send(queue_url(bot), (request.body() for request in requests))
        sent = {"bot": bot.name, "messages": len(requests)}
        self.logger.info("dispatched", extra={**sent, "execution": execution_of(event)})
        self.metrics.add_metric(name="Dispatched", unit=MetricUnit.Count, value=len(requests))
        return {"bot": bot.name, "messages": len(requests)}

    def _targets(
        self, policy: Policy, here: Target, sessions: Sessions, context: LambdaContext
    ) -> tuple[Target, ...]:
        """The accounts and regions of the policy; only where it does not name them AWS is asked."""
        if not policy.is_discovered:
            return targets(policy, here)
        if self._lookout is None:
            from sagewarden.entrypoints.looking_out import Lookout  # noqa: PLC0415 - see above

            self._lookout = Lookout(policy, here, sessions, self._clock)

        def has_time() -> bool:
            return timedelta(milliseconds=context.get_remaining_time_in_millis()) > ENOUGH_TIME

        return self._lookout.targets(self.logger, self.metrics, has_time)


def dispatch_handler(clock: Clock | None = None) -> Handler:
    """The Lambda handler of the dispatcher.

    Args:
        clock: What tells the time; the machine's own when not given.
    """
    return handler_of(Dispatcher(clock))
