"""A bot's function: each message of its queue is one sweep of one account and region."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.application.ports import Clock, OutOfReachError, RunNotices, UnreadableError
from sagewarden.application.sweep import SweepReport, sweep
from sagewarden.application.targets import Target
from sagewarden.bots import Bot, find_bot
from sagewarden.entrypoints.batches import BatchAnswer, each_message
from sagewarden.entrypoints.deployment import Deployment, deployed
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.messages import MessageError, SweepRequest, read_sweep_request
from sagewarden.entrypoints.metering import Meter
from sagewarden.entrypoints.reporting import count_calls, count_sweep, log_sweep, shortcomings

type Handler = Callable[[dict[str, Any], LambdaContext], BatchAnswer]


class SweepFailedError(Exception):
    """A sweep was done, and a part of it failed, could not be read or could not be told."""


type Work = Callable[[Deployment, Target, RunNotices], SweepReport]
"""What a message leads to in one account and region."""


def _sweep(deployment: Deployment, target: Target, notices: RunNotices) -> SweepReport:
    hands = deployment.hub.hands(target.account)
    return sweep(deployment.policy, target.region, hands, notices, target.account)


def _reached(
    deployment: Deployment, target: Target, notices: RunNotices, work: Work
) -> SweepReport:
    """Do some work; where nothing at all could be read, find out whether that can ever change.

    Raises:
        OutOfReachError: The account, or its region, lets nobody in.
        UnreadableError: It could not be read for another reason.
    """
    try:
        report = work(deployment, target, notices)
    except OutOfReachError:
        raise
    except UnreadableError as error:
        _demand_entry(deployment, target, error)
        raise
    if not report.saw_anything:
        gaps = report.plan.incomplete
        if all(_FORBIDDEN in gap.why for gap in gaps):
            raise OutOfReachError(_place(target), f"it is forbidden there: {gaps[0].why}")
        _demand_entry(deployment, target, None)
    return report


_FORBIDDEN = "explicit deny in a service control policy"
"""What AWS says where an organisation forbids a call (IAM User Guide, "Access denied error message
examples"), such as all of them in a region."""


def _demand_entry(deployment: Deployment, target: Target, cause: Exception | None) -> None:
    if why := deployment.hub.barred(target):
        reason = f"the region is not enabled there: {why}"
        raise OutOfReachError(_place(target), reason) from cause


def _place(target: Target) -> str:
    return f"{target.region} of account {target.account}"


def _looking_again(bot: Bot, logger: Logger) -> Work:
    """The same, by what was seen before."""

    def troubled(why: str) -> None:
        logger.warning("memory failed: everything is read", extra={"why": why})

    def work(deployment: Deployment, target: Target, notices: RunNotices) -> SweepReport:
        hands = deployment.hub.hands(target.account)
        eyes = deployment.hub.eyes(target.account, bot.name, troubled)
        region, account = target.region, target.account
        return sweep(deployment.policy, region, hands, notices, account, eyes=eyes)

    return work


class SweepingBot:
    """One bot at work; wired on its first invocation, and kept for the next ones.

    Args:
        bot: The bot.
        clock: What tells the time; the machine's own when not given.
        sweep: How it sweeps; as the registry says when not given.
    """

    def __init__(self, bot: Bot, clock: Clock | None = None, sweep: Work | None = None) -> None:
        self._bot = bot
        self._clock = clock
        self._deployment: Deployment | None = None
        self.logger = Logger(service=bot.name)
        usual = _looking_again(bot, self.logger) if bot.looks_again else _sweep
        self._sweep = sweep or usual
        self.metrics = Metrics(service=bot.name)
        self.meter = Meter(self.logger, self.metrics)

    def answer(self, event: dict[str, Any], context: LambdaContext) -> BatchAnswer:
        """Follow each message of an SQS event."""
        received = len(event.get("Records", ()))
        self.metrics.add_metric(name="MessagesReceived", unit=MetricUnit.Count, value=received)
        deployment = self._deployed(context.invoked_function_arn)
        return each_message(
            event,
            lambda body, _: self.follow(body, deployment),
            deployment.hub.set_aside,
            self,
        )

    def _deployed(self, function_arn: str) -> Deployment:
        if self._deployment is None:
            found = deployed(function_arn, self._clock, self.meter.tally)
            self._deployment = replace(found, policy=self._bot.part_of(found.policy))
        return self._deployment

    def follow(self, body: str, deployment: Deployment) -> None:
        """Sweep as a message asks.

        Raises:
            MessageError: It asks for nothing that this bot does.
            SweepFailedError: A part of the sweep failed, was not read or could not be told.
        """
        self.logger.remove_keys(["account", "region", "run"])  # the message's before
        request = self._accepted(read_sweep_request(body), deployment)
        if request is not None:
            self.work(request.target, request.run, deployment, self._sweep, "SweepsCompleted")

    def work(
        self, target: Target, run: str, deployment: Deployment, work: Work, counted: str
    ) -> None:
        """Do what a message leads to, log and count it.

        An account or a region that lets nobody in is logged and counted, and that is all: the next
        wake-up asks again, and until somebody mends it another attempt would find the same.

        Args:
            target: Where.
            run: What correlates the log lines with what led to them.
            deployment: The stack.
            work: What to do.
            counted: The metric that counts that it was done.

        Raises:
            SweepFailedError: A part of it failed, was not read or could not be told.
            ActionFailedError: The queue of notices did not take them.
        """
        self.logger.append_keys(account=target.account, region=target.region, run=run)
        deployment = deployment.during(run)
        tally, notices = deployment.hub.sessions.tally, deployment.hub.notices()
        before = tally.now()
        try:
            report = _reached(deployment, target, notices, work)
            log_sweep(self.logger, report)
            count_sweep(self.metrics, report, len(notices.undelivered))
        except OutOfReachError as barred:
            self._out_of_reach(barred)
            return
        finally:
            count_calls(self.logger, self.metrics, tally.now().since(before))
            notices.flush()  # what was said before something broke is told, too
        self.metrics.add_metric(name=counted, unit=MetricUnit.Count, value=1)
        if wrong := shortcomings(report, notices.undelivered):
            raise SweepFailedError("; ".join(wrong))

    def _out_of_reach(self, barred: OutOfReachError) -> None:
        self.logger.error("out of reach", extra={"what": barred.what, "why": barred.why})
        self.metrics.add_metric(name="OutOfReach", unit=MetricUnit.Count, value=1)

    def _accepted(self, request: SweepRequest, deployment: Deployment) -> SweepRequest | None:
        """A request, if it asks for something that is governed.

        An account that was governed when the dispatcher sent the message, and has left since, is no
        mistake of anybody's. Where the policy itself names what it governs, another is one.
        """
        if request.bot is not self._bot:
            raise MessageError(
                f"body.bot: {request.bot.name} came to {self._bot.name}; send it to its own queue"
            )
        if deployment.governs(request.target):
            return request
        if deployment.found is None:
            raise MessageError(
                f"body.account, body.region: {request.target.account} in {request.target.region} "
                "is none of the policy's targets; name it there and deploy"
            )
        self.not_governed(request.target)
        if deployment.is_gone(request.target):
            self._end_what_is_left(request, deployment)
        return None

    def _end_what_is_left(self, request: SweepRequest, deployment: Deployment) -> None:
        """End the cases of an account that left, of all rules: no bot will sweep there again."""
        from sagewarden.application.left_behind import WHY, end_what_is_left  # noqa: PLC0415 - rare

        hub = deployment.hub.during(request.run)
        for case in end_what_is_left(request.target, hub.ledger, hub.clock.now()):
            told = {"case": case.case_id, "rule": case.rule, "resource": case.ref.arn}
            self.logger.info("case ended", extra={**told, "reason": WHY, "run": request.run})

    def not_governed(self, where: Target) -> None:
        """Log that nothing is read or done where the policy does not reach."""
        self.logger.info("not governed", extra={"of": where.account, "in": where.region})


def sweep_handler(name: str, clock: Clock | None = None) -> Handler:
    """The Lambda handler of a bot that sweeps.

    Args:
        name: The bot's name in the registry.
        clock: What tells the time; the machine's own when not given.
    """
    return handler_of(SweepingBot(find_bot(name), clock))
