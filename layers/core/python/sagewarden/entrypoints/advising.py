"""The advisor's function: once a week each team, and ops, hear what would do the same for less.

A wake-up puts one message per account on the function's own queue, and one that closes the week.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.application.letters import was_sent
from sagewarden.application.ports import Clock
from sagewarden.domain.digest import this_monday
from sagewarden.domain.weekly_advice import WeeklyAdvice
from sagewarden.entrypoints.batches import BatchAnswer, LaterError, each_message
from sagewarden.entrypoints.deployment import Deployment, deployed
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.messages import (
    AdviceClosing,
    AdviceRequest,
    MessageError,
    read_advice_message,
    read_weekly,
)
from sagewarden.entrypoints.metering import Meter
from sagewarden.entrypoints.sending import send_once, teams_told
from sagewarden.entrypoints.settings import variable

if TYPE_CHECKING:
    from sagewarden.application.advise_all import Asked, Parts
    from sagewarden.domain.plans import Incomplete

type Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


class Advisor:
    """Looks at everything that the policy governs, and says what it found.

    Args:
        clock: What tells the time; the machine's own when not given.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self._deployment: Deployment | None = None
        self.logger = Logger(service="advisor")
        self.metrics = Metrics(service="advisor")
        self.meter = Meter(self.logger, self.metrics)

    def answer(self, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Follow a weekly wake-up, or the messages that one led to. Nothing is changed."""
        asked_by_queue = "Records" in event
        if not asked_by_queue:
            self.logger.append_keys(run=context.aws_request_id)
            self.metrics.add_metric(name="Woken", unit=MetricUnit.Count, value=1)
            read_weekly(event)
        if self._deployment is None:
            arn = context.invoked_function_arn
            self._deployment = deployed(arn, self._clock, self.meter.tally)
        if asked_by_queue:
            return {**self._work_off(event, self._deployment)}
        return {"messages": self._ask(self._deployment, context.aws_request_id)}

    def _ask(self, deployment: Deployment, run: str) -> int:
        """Ask about each account that has not answered this week, unless all is said.

        What is raised makes Lambda try again, then the DLQ. A second attempt may send messages
        twice: an account that has answered is not looked at again.
        """
        from sagewarden.application.advise_all import CLOSES_AFTER, ask, missing  # noqa: PLC0415 - heavy

        hub = deployment.hub
        now = hub.clock.now()
        monday = this_monday(now, deployment.settings.zone)
        if was_sent(WeeklyAdvice(None, monday, now), hub.ledger):
            return 0
        parts = hub.advice_parts()
        asked = ask(monday, lambda: deployment.targets, parts, now)
        absent = missing(asked, parts)
        requests = (AdviceRequest(monday, account, run).body() for account in absent)
        bodies = [*requests, AdviceClosing(monday, now + CLOSES_AFTER, run).body()]
        hub.send(variable("ADVISOR_QUEUE"), bodies)
        self.logger.info("asked", extra={"accounts": len(absent)})
        self.metrics.add_metric(name="Asked", unit=MetricUnit.Count, value=len(absent))
        return len(bodies)

    def _work_off(self, event: dict[str, Any], deployment: Deployment) -> BatchAnswer:
        queue = variable("ADVISOR_QUEUE")

        def show_again(receipt_handle: str, after: timedelta) -> None:
            deployment.hub.show_again(queue, receipt_handle, after)

        return each_message(
            event,
            lambda body, _: self._follow(body, deployment),
            deployment.hub.set_aside,
            self,
            show_again,
        )

    def _follow(self, body: str, deployment: Deployment) -> None:
        """Advise about an account, or close a week; whoever finds all there tells it.

        Raises:
            MessageError: Nobody is asked for what it says.
            LaterError: A week is not to be closed yet.
        """
        self.logger.remove_keys(["account", "run"])  # the message's before
        request = read_advice_message(body)
        self.logger.append_keys(run=request.run)
        deployment = deployment.during(request.run)
        hub = deployment.hub
        parts = hub.advice_parts()
        if (asked := parts.asked(request.monday)) is None:
            raise MessageError(
                f"body.monday: nothing is asked in the week of {request.monday}; "
                "invoke the advisor with a wake-up"
            )
        if was_sent(WeeklyAdvice(None, asked.monday, asked.at), hub.ledger):
            self.logger.info("told already", extra={"week": asked.monday.isoformat()})
            return
        if isinstance(request, AdviceRequest):
            self._advise(request.account, asked, parts, deployment)
        absent = self._absent(request, asked, parts, deployment)
        if not absent or isinstance(request, AdviceClosing):
            self._tell(asked, parts, absent, deployment)

    def _advise(self, account: str, asked: "Asked", parts: "Parts", deployment: Deployment) -> None:
        """Advise about an account, unless that is done; what could not be read is logged."""
        from sagewarden.application.advise_all import advise_about  # noqa: PLC0415 - heavy

        if account not in asked.regions:
            raise MessageError(
                f"body.account: {account} is none of those of the week of {asked.monday}"
            )
        self.logger.append_keys(account=account)
        hub = deployment.hub
        report = advise_about(account, asked, deployment.policy.owners, hub.advice_hands, parts)
        if report is not None:
            self._log_unread(report.incomplete)
            self.logger.info("advised", extra={"pieces": len(report.advice)})

    def _absent(
        self,
        request: AdviceRequest | AdviceClosing,
        asked: "Asked",
        parts: "Parts",
        deployment: Deployment,
    ) -> tuple[str, ...]:
        """The accounts that have not answered.

        Raises:
            LaterError: There are some, and a week is not to be closed yet.
        """
        from sagewarden.application.advise_all import missing  # noqa: PLC0415 - heavy

        absent = missing(asked, parts)
        if absent and isinstance(request, AdviceClosing):
            left = request.closes - deployment.hub.clock.now()
            if left > timedelta(0):
                raise LaterError(f"{len(absent)} accounts have not answered yet", left)
        return absent

    def _tell(
        self, asked: "Asked", parts: "Parts", absent: tuple[str, ...], deployment: Deployment
    ) -> None:
        """Send each reader the week's advice, unless they have it.

        Ops are told last, in any case: when they have this week's, everybody has, and nothing
        is looked at again. Two that find all there at once may queue a letter twice; whoever
        delivers it does so once.
        """
        from sagewarden.application.advise_all import (  # noqa: PLC0415 - heavy
            letters,
            together,
            unanswered,
        )

        hub = deployment.hub
        self._log_unread(tuple(unanswered(absent)))
        report = together(asked, parts, absent)
        found = list(letters(report, asked.monday, asked.places, teams_told(deployment)))
        for letter in found:
            told = {"letter": letter.subject, "usd": str(letter.saving.usd)}
            self.logger.info("advice", extra={**told, "pieces": letter.tips.count})
        sent = sum(
            send_once(letter, deployment, hub.published_advice, hub.queued_advice)
            for letter in found
        )
        self.metrics.add_metric(name="AdviceSent", unit=MetricUnit.Count, value=sent)

    def _log_unread(self, gaps: "tuple[Incomplete, ...]") -> None:
        for item in gaps:
            self.logger.warning("not read", extra={"what": item.what, "reason": item.why})
        self.metrics.add_metric(name="Unread", unit=MetricUnit.Count, value=len(gaps))


def advise_handler(clock: Clock | None = None) -> Handler:
    """The Lambda handler of the advisor.

    Args:
        clock: What tells the time; the machine's own when not given.
    """
    return handler_of(Advisor(clock))
