"""Step scaling: what a policy does when one of the alarms that somebody put on it goes off.

CloudWatch asks Application Auto Scaling again every minute while such an alarm is in ALARM. An
alarm is found by its action, the policy's ARN; it is evaluated for each minute that has data.
"""

import operator
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from moto.cloudwatch.models import Alarm as MotoAlarm
from moto.cloudwatch.models import cloudwatch_backends

from sagewarden_cli.sandbox.autoscaling.alarms import ALARM, state_of
from sagewarden_cli.sandbox.autoscaling.capacity import capacity_of, scale
from sagewarden_cli.sandbox.autoscaling.evaluations import Evaluations
from sagewarden_cli.sandbox.autoscaling.resources import AutoScalingStore, ScalableTarget
from sagewarden_cli.sandbox.backend import Params
from sagewarden_cli.sandbox.cloudwatch.aggregation import STATISTICS, by_period
from sagewarden_cli.sandbox.cloudwatch.series import MetricStore, SeriesKey

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}


class StepScaler:
    """Acts on the alarms of one step scaling policy.

    Args:
        store: Where the target and the activities are.
        target: What it scales.
        policy: The name and the ARN of the policy.
        configuration: Its step scaling configuration.
    """

    is_low = True
    """It never holds back what tracks a target."""

    def __init__(
        self,
        store: AutoScalingStore,
        target: ScalableTarget,
        policy: tuple[str, str],
        configuration: Params,
    ) -> None:
        self._store = store
        self._here = store.here
        self._target = target
        self._policy, self._arn = policy
        self._configuration = configuration
        self._metrics = self._here.part(MetricStore)
        self._evaluations = Evaluations(self._here, target, self._evaluate)
        self._cooling_until: datetime | None = None

    @property
    def alarms(self) -> list[dict[str, str]]:
        """The alarms that have it as an action."""
        return [
            {"AlarmName": alarm.name, "AlarmARN": alarm.alarm_arn} for alarm in self._triggers()
        ]

    def start(self) -> None:
        """Look at whatever is published from now on."""
        self._metrics.watch_all(self._wake)

    def stop(self) -> None:
        """Act no more; the alarms belong to whoever put them."""
        self._evaluations.stop()
        self._metrics.unwatch_all(self._wake)

    def _triggers(self) -> list[MotoAlarm]:
        known = cloudwatch_backends[self._here.account][self._here.region].alarms.values()
        return [alarm for alarm in known if self._arn in (alarm.alarm_actions or ())]

    def _wake(self, key: SeriesKey, first: float) -> None:
        if any(_key_of(alarm) == key for alarm in self._triggers()):
            self._evaluations.wake(first)

    def _evaluate(self, at: datetime) -> None:
        upcoming = []
        for alarm in self._triggers():
            self._judge(alarm, at)
            series = self._metrics.get(_key_of(alarm))
            window = (alarm.evaluation_periods - 1) * alarm.period
            after = series.earliest(at.timestamp() - window) if series else None
            if after is not None:
                upcoming.append(max(after, at.timestamp()))
        if upcoming:
            self._evaluations.after(min(upcoming))

    def _judge(self, alarm: MotoAlarm, at: datetime) -> None:
        periods, length = alarm.evaluation_periods, alarm.period
        end = at.timestamp()
        start = end - periods * length
        values: list[float | None] = [None] * periods
        series = self._metrics.get(_key_of(alarm))
        if series is not None:
            for begin, group in by_period(series.between(start, end), start, length):
                values[int(begin - start) // length] = STATISTICS[alarm.statistic](group)
        compare, threshold = _COMPARISONS[alarm.comparison_operator], alarm.threshold
        before = alarm.state_value
        state = state_of(values, lambda value: compare(value, threshold), before)
        if state != before:
            alarm.update_state(f"{state}: {values}", "{}", state)
            alarm.state_updated_timestamp = at.replace(tzinfo=None)
        latest = next((value for value in reversed(values) if value is not None), None)
        if state == ALARM and latest is not None and alarm.actions_enabled:
            self._act(alarm.name, latest - threshold, at)

    def _act(self, alarm: str, breach: float, at: datetime) -> None:
        if self._target.of.status != "InService":
            return
        if self._cooling_until is not None and at < self._cooling_until:
            return
        current = capacity_of(self._target)
        wanted = self._target.bounded(self._adjusted(current, breach))
        side = "Out" if wanted > current else "In"
        if wanted == current or self._target.suspended[f"DynamicScaling{side}Suspended"]:
            return
        cause = f"monitor alarm {alarm} in state ALARM triggered policy {self._policy}"
        scale(self._store, self._target, wanted, cause)
        self._cooling_until = at + timedelta(seconds=self._configuration.get("Cooldown", 0))

    def _adjusted(self, current: int, breach: float) -> int:
        for step in self._configuration["StepAdjustments"]:
            low = step.get("MetricIntervalLowerBound", float("-inf"))
            high = step.get("MetricIntervalUpperBound", float("inf"))
            if low <= breach < high:
                change = int(step["ScalingAdjustment"])
                match self._configuration["AdjustmentType"]:
                    case "ExactCapacity":
                        return change
                    case "PercentChangeInCapacity":
                        return current + int(current * change / 100)
                    case _:
                        return current + change
        return current


def _key_of(alarm: MotoAlarm) -> SeriesKey:
    dimensions = tuple(sorted((found.name, found.value) for found in alarm.dimensions or ()))
    return alarm.namespace, alarm.metric_name, dimensions
