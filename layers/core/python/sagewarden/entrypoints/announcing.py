"""The announcer's function: what is new in the audit trail goes onto the bus for integrations."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sagewarden.adapters.clock import SystemClock, SystemSleeper
from sagewarden.adapters.event_bus import open_bus
from sagewarden.adapters.ledger_stream import StreamRecordError, read_announcement
from sagewarden.adapters.sessions import Sessions
from sagewarden.adapters.sqs_queues import SqsQueues
from sagewarden.application.announce import Bus, announce
from sagewarden.application.ports import ActionFailedError, Clock, Sleeper
from sagewarden.domain.announcements import Announcement
from sagewarden.entrypoints.handlers import handler_of
from sagewarden.entrypoints.metering import Meter
from sagewarden.entrypoints.settings import home, variable

type Answer = dict[str, list[dict[str, str]]]
type Handler = Callable[[dict[str, Any], LambdaContext], Answer]
type _Readable = tuple[str, Announcement]
"""An announcement, and the sequence number of its record."""


class NoStreamError(Exception):
    """An event is none of a DynamoDB stream."""


class Announcer:
    """Announces; wired on its first invocation, and kept for the next ones.

    Args:
        clock: What tells the time; the machine's own when not given.
        sleeper: What lets it pass; the machine's own when not given.
    """

    def __init__(self, clock: Clock | None = None, sleeper: Sleeper | None = None) -> None:
        self._clock = clock or SystemClock()
        self._sleeper = sleeper or SystemSleeper()
        self._bus: Bus | None = None
        self.logger = Logger(service="announcer")
        self.metrics = Metrics(service="announcer")
        self.meter = Meter(self.logger, self.metrics)

    def answer(self, event: dict[str, Any], context: LambdaContext) -> Answer:
        """Announce the entries of a stream's batch; the stream goes on at the first that was not.

        An entry that cannot be read is set aside at once, with its reason: the others would wait
        for it in vain.

        Raises:
            NoStreamError: It is no event of a stream.
        """
        records = event.get("Records", ())
        self._count("MessagesReceived", len(records))
        if not isinstance(records, list):
            raise NoStreamError("event.Records: missing; invoke this function from its stream")
        region = home(context.invoked_function_arn).region
        stuck: set[str] = set()
        readable = [one for record in records if (one := self._read(record, region, stuck))]
        if self._bus is None:
            self._bus = open_bus(region, variable("ANNOUNCEMENTS_BUS"), self.meter.tally)
        left = announce((one for _, one in readable), self._bus, self._sleeper)
        stuck |= {readable[one.place][0] for one in left}
        self._tell(readable, stuck, [one.why for one in left if one.why])
        return {"batchItemFailures": _first(records, stuck)}

    def _read(self, record: Mapping[str, Any], region: str, stuck: set[str]) -> _Readable | None:
        """The announcement of a record; what cannot be read is set aside, or else stuck."""
        number = str(record["dynamodb"]["SequenceNumber"])
        try:
            return number, read_announcement(record)
        except StreamRecordError as poison:
            told = {"sequence_number": number, "reason": str(poison)}
        try:
            queues = SqsQueues(Sessions(tally=self.meter.tally).client("sqs", region))
            body, reason = json.dumps({"Records": [record]}, default=str), told["reason"]
            queues.set_aside(variable("DEAD_LETTERS_QUEUE"), body, reason, self._clock.now())
        except ActionFailedError:
            self.logger.exception("message failed", extra=told)
            stuck.add(number)
        else:
            self.logger.error("message set aside", extra=told)
            self._count("MessagesSetAside", 1)
        return None

    def _tell(self, readable: list[_Readable], stuck: set[str], reasons: list[str]) -> None:
        for number, one in readable:
            if number not in stuck:
                told = {"id": one.id, "detail_type": one.detail_type, "resource": one.line}
                self.logger.info("announced", extra=told)
        for reason in dict.fromkeys(reasons):
            self.logger.error("message failed", extra={"reason": reason})
        self._count("Announced", sum(number not in stuck for number, _ in readable))
        self._count("MessagesFailed", len(stuck))

    def _count(self, name: str, value: int) -> None:
        self.metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def _first(records: list[Any], stuck: set[str]) -> list[dict[str, str]]:
    """Where the stream goes on: Lambda hands over everything from there again."""
    numbers = (str(record["dynamodb"]["SequenceNumber"]) for record in records)
    return [{"itemIdentifier": number} for number in numbers if number in stuck][:1]


def announce_handler(clock: Clock | None = None, sleeper: Sleeper | None = None) -> Handler:
    """The Lambda handler of the announcer.

    Args:
        clock: What tells the time; the machine's own when not given.
        sleeper: What lets it pass; the machine's own when not given.
    """
    return handler_of(Announcer(clock, sleeper))
