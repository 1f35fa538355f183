"""What of a template somebody pays for, or that decides how much is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from sagewarden.bots import BOTS, Bot
from sagewarden_cli.pages.cloudformation import Json
from sagewarden_cli.pages.running_cost.assumptions import MONTH_DAYS
from sagewarden_cli.stack.schedules import timetable

_SAMPLE_DAYS = 28
_BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StackFacts:
    """What a template says.

    Attributes:
        memory_mb: Of each function, by its logical id.
        polled_queues: Queues that Lambda polls.
        alarm_metrics: Metrics that alarms watch.
        dashboards: Dashboards.
        keys: KMS keys.
        retention_days: How long logs are kept.
        concurrency: How many sweeps of a bot run at once.
    """

    memory_mb: Mapping[str, int]
    polled_queues: int
    alarm_metrics: int
    dashboards: int
    keys: int
    retention_days: int
    concurrency: int

    @property
    def bots(self) -> frozenset[str]:
        """The functions that sweep."""
        return frozenset(function_of(bot) for bot in BOTS)

    @property
    def uncounted(self) -> tuple[str, ...]:
        """The functions that no measurement covers."""
        return tuple(sorted(self.memory_mb.keys() - self.bots - {DISPATCHER}))


DISPATCHER = "DispatcherFunction"


def function_of(bot: Bot) -> str:
    """The logical id of a bot's function."""
    return f"{bot.logical_id}Function"


def stack_facts(template: Json) -> StackFacts:
    """Read them from a template, as it is deployed without an answer to any question.

    Functions that a condition adds are among them, as ones that no measurement covers.
    """
    common = template["Globals"]["Function"]["MemorySize"]
    functions = _of_type(template, "AWS::Serverless::Function", conditional=True)
    working = _of_type(template, "AWS::Serverless::Function")
    events = [event for item in working.values() for event in item.get("Events", {}).values()]
    alarms = _of_type(template, "AWS::CloudWatch::Alarm").values()
    parameters = template["Parameters"]
    return StackFacts(
        memory_mb={name: item.get("MemorySize", common) for name, item in functions.items()},
        polled_queues=sum(event["Type"] == "SQS" for event in events),
        alarm_metrics=sum(_metrics_of(alarm) for alarm in alarms),
        dashboards=len(_of_type(template, "AWS::CloudWatch::Dashboard")),
        keys=len(_of_type(template, "AWS::KMS::Key")),
        retention_days=parameters["LogRetentionDays"]["Default"],
        concurrency=parameters["MaximumConcurrency"]["Default"],
    )


def runs_a_month(bot: Bot) -> int:
    """How often a bot is woken in a month, by what its schedule does in four weeks."""
    return _firings_a_month(bot.schedule)


@cache
def _firings_a_month(schedule: str) -> int:
    fires = timetable(schedule, "UTC", _BEGIN)
    moment: datetime | None = _BEGIN - timedelta(seconds=1)
    end, count = _BEGIN + timedelta(days=_SAMPLE_DAYS), 0
    while moment is not None and (moment := fires.after(moment)) is not None and moment < end:
        count += 1
    return round(count * MONTH_DAYS / _SAMPLE_DAYS)


def _of_type(template: Json, kind: str, *, conditional: bool = False) -> dict[str, Json]:
    return {
        name: item["Properties"]
        for name, item in template["Resources"].items()
        if item["Type"] == kind and (conditional or "Condition" not in item)
    }


def _metrics_of(alarm: Json) -> int:
    return sum("MetricStat" in metric for metric in alarm.get("Metrics", ())) or 1
