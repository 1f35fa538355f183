"""EventBridge Scheduler's side of a schedule: when it is due, and what it sends."""

import json
from datetime import datetime
from typing import Any

from sagewarden_cli.stack.registration import Deployed
from sagewarden_cli.stack.resources.messaging import NotWiredError
from sagewarden_cli.stack.schedules import timetable

_SERVICES = frozenset({"sqs", "lambda"})


class Scheduled:
    """One enabled schedule.

    Attributes:
        logical_id: The schedule's logical id.
        name: The schedule's name.
        target: The ARN of a queue or a function.
        role: The ARN of the role under which it sends or invokes.
        dead_letters: The ARN of the queue for what could not be delivered, or None.

    Raises:
        NotWiredError: Its target is neither a queue nor a function.
        ScheduleError: Its expression cannot be read.
    """

    def __init__(self, schedule: Deployed, since: datetime) -> None:
        properties = schedule.properties
        target = properties["Target"]
        self.logical_id = schedule.logical_id
        self.name = schedule.ref
        self.target = str(target["Arn"])
        self.role = str(target["RoleArn"])
        self.dead_letters: str | None = target.get("DeadLetterConfig", {}).get("Arn")
        if self.target.split(":")[2] not in _SERVICES:
            raise NotWiredError(f"{schedule.logical_id}: the target {self.target} is not wired")
        self._arn = schedule.attributes["Arn"]
        self._input = str(target.get("Input", "{}"))
        zone = properties.get("ScheduleExpressionTimezone", "UTC")
        self._timetable = timetable(properties["ScheduleExpression"], zone, since)
        self._due = self._timetable.after(since)

    def due(self) -> datetime | None:
        """Return when it fires next; None if never."""
        return self._due

    def fired(self, moment: datetime) -> str:
        """Note a firing and return what is sent, context attributes filled in."""
        self._due = self._timetable.after(moment)
        text = self._input
        for name, value in self._context(moment).items():
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return text

    def _context(self, moment: datetime) -> dict[str, str]:
        at = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "scheduled-time": at,
            "schedule-arn": self._arn,
            "execution-id": f"{self.name}-{at}",
            "attempt-number": "1",
        }


def as_event(text: str) -> Any:  # noqa: ANN401 - whatever the schedule sends
    """Return what a function gets of a schedule's input."""
    return json.loads(text)
