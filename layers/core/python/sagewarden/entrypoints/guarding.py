"""The guardrails bot's function: its queue brings sweeps, and SageMaker's events as they happen."""

import json
from typing import Any

from sagewarden.adapters.sagemaker_paths import request_shapes
from sagewarden.application.follow_event import follow_event
from sagewarden.application.ports import Clock, RunNotices
from sagewarden.application.sweep import SweepReport
from sagewarden.application.targets import Target
from sagewarden.bots import find_bot
from sagewarden.domain.guardrails.call import Call, read_event
from sagewarden.domain.guardrails.event_fields import EventError
from sagewarden.entrypoints.deployment import Deployment
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.messages import MessageError
from sagewarden.entrypoints.sweeping import Handler, SweepingBot, Work


class GuardingBot(SweepingBot):
    """Follows events beside sweeping; an event's id correlates its log lines."""

    def follow(self, body: str, deployment: Deployment) -> None:
        """Follow an event up, or sweep as a message asks.

        What happened where the policy does not reach is logged, and nothing is read or done.
        """
        event = _event(body)
        if event is None:
            super().follow(body, deployment)
            return
        self.logger.remove_keys(["account", "region", "run"])  # the message's before
        try:
            call = read_event(event, request_shapes())
        except EventError as error:
            raise MessageError(f"body: {error}") from error
        where = Target(call.account, call.subject.region)
        if not deployment.governs(where):
            self.not_governed(where)
            return
        run, what = str(event.get("id", "")), str(event["detail-type"])
        self.logger.info("event", extra={"run": run, "what": what, **_of_the_trail(event)})
        self.work(where, run, deployment, _following(call), "EventsFollowed")


def _of_the_trail(event: dict[str, Any]) -> dict[str, str]:
    """By which CloudTrail has the call that an event tells of; a change of state is no call."""
    detail = event.get("detail", {})
    return {
        name: str(detail[key])
        for name, key in (("call", "eventName"), ("trail_event", "eventID"))
        if key in detail
    }


def _following(call: Call) -> Work:
    def work(deployment: Deployment, target: Target, notices: RunNotices) -> SweepReport:
        hands = deployment.hub.hands(target.account)
        return follow_event(call, deployment.policy, hands, notices)

    return work


def _event(body: str) -> dict[str, Any] | None:
    """A message as an EventBridge event, if it is one."""
    try:
        content = json.loads(body)
    except ValueError:
        return None
    return content if isinstance(content, dict) and "detail-type" in content else None


def guard_handler(name: str, clock: Clock | None = None) -> Handler:
    """The Lambda handler of a bot that follows events and sweeps.

    Args:
        name: The bot's name in the registry.
        clock: What tells the time; the machine's own when not given.
    """
    return handler_of(GuardingBot(find_bot(name), clock))
