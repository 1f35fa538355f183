"""Target tracking: a policy's metric followed minute by minute, and what is done about it.

A tracker sleeps while its metric has no data and is woken by data that arrives; so time may be
moved by weeks at no cost, and each minute of data costs one evaluation.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sagewarden_cli.sandbox.autoscaling.alarms import ALARM, NO_DATA, PERIOD, ManagedAlarm
from sagewarden_cli.sandbox.autoscaling.capacity import capacity_of, scale
from sagewarden_cli.sandbox.autoscaling.evaluations import Evaluations
from sagewarden_cli.sandbox.autoscaling.metrics import TrackedMetric
from sagewarden_cli.sandbox.autoscaling.resources import (
    AutoScalingStore,
    ScalableTarget,
    ScalingActivity,
    identifier,
)
from sagewarden_cli.sandbox.backend import Params
from sagewarden_cli.sandbox.cloudwatch.aggregation import by_period
from sagewarden_cli.sandbox.cloudwatch.series import MetricStore
from sagewarden_cli.sandbox.cloudwatch.windows import oldest_visible

_HIGH_DATAPOINTS, _LOW_DATAPOINTS = 3, 15
_LOW_SHARE = 0.9
_WINDOW = _LOW_DATAPOINTS * PERIOD
_DEFAULT_COOLDOWN = 300


@dataclass(frozen=True, slots=True)
class _Move:
    """A change of capacity that a policy made.

    Attributes:
        activity: Its record.
        base: The capacity before it.
    """

    activity: ScalingActivity
    base: int

    def is_cooling(self, seconds: int, now: datetime) -> bool:
        """Return whether its effect is still awaited: from its end on, so many seconds."""
        ended = self.activity.ended_at
        return ended is None or now < ended + timedelta(seconds=seconds)


class TargetTracker:
    """Follows the metric of one target tracking policy.

    Args:
        store: Where the target and the activities are.
        target: What it scales.
        policy: The name and the ARN of the policy.
        configuration: Its target tracking configuration.
        metric: What it follows.
    """

    def __init__(
        self,
        store: AutoScalingStore,
        target: ScalableTarget,
        policy: tuple[str, str],
        configuration: Params,
        metric: TrackedMetric,
    ) -> None:
        self._store = store
        self._here = store.here
        self._target = target
        self._policy, arn = policy
        self._configuration = configuration
        self._metric = metric
        self._wanted = float(configuration["TargetValue"])
        self._high = self._alarm(arn, "High", "GreaterThanThreshold", 1, _HIGH_DATAPOINTS)
        self._low = self._alarm(arn, "Low", "LessThanThreshold", _LOW_SHARE, _LOW_DATAPOINTS)
        self._metrics = self._here.part(MetricStore)
        self._evaluations = Evaluations(self._here, target, self._evaluate)
        self._last_out: _Move | None = None
        self._last_in: _Move | None = None
        self._seen: list[float | None] = []
        self._seen_until = 0.0

    @property
    def is_low(self) -> bool:
        """Whether its low alarm is on, or it never scales in anyhow."""
        return self._low.state == ALARM or bool(self._configuration.get("DisableScaleIn"))

    @property
    def alarms(self) -> list[dict[str, str]]:
        """Its two alarms, the high one first."""
        both = (self._high, self._low)
        return [{"AlarmName": alarm.name, "AlarmARN": alarm.arn} for alarm in both]

    def start(self) -> None:
        """Create the alarms and follow the metric, what it was before now included."""
        self._high.create()
        self._low.create()
        self._metrics.watch(self._metric.key, self._wake)
        series = self._metrics.get(self._metric.key)
        oldest = self._here.now().timestamp() - _WINDOW
        first = None if series is None else series.earliest(oldest)
        if first is not None:
            self._wake(first)

    def stop(self) -> None:
        """Follow the metric no more, and delete the alarms."""
        self._evaluations.stop()
        self._metrics.unwatch(self._metric.key, self._wake)
        self._high.delete()
        self._low.delete()

    def _alarm(
        self, arn: str, side: str, comparison: str, share: float, datapoints: int
    ) -> ManagedAlarm:
        unique = identifier(arn, side, self._here.now())
        return ManagedAlarm(
            self._here,
            name=f"TargetTracking-{self._target.resource_id}-Alarm{side}-{unique}",
            metric=self._metric,
            comparison=comparison,
            threshold=share * self._wanted,
            datapoints=datapoints,
            policy_arn=arn,
        )

    def _wake(self, first: float) -> None:
        self._seen_until = 0.0  # what came may belong into a minute that was seen already
        self._evaluations.wake(first)

    def _evaluate(self, at: datetime) -> None:
        end = at.timestamp()
        values = self._values(end)
        self._high.evaluate(values, at)
        self._low.evaluate(values, at)
        latest = next((value for value in reversed(values) if value is not None), None)
        if latest is not None:
            self._act(latest)
        self._evaluate_next(end)

    def _values(self, end: float) -> list[float | None]:
        """Return one value per minute of the window, None where there is no data."""
        known = self._seen[1:] if self._seen_until == end - PERIOD else []
        missing = _LOW_DATAPOINTS - len(known)
        fresh: list[float | None] = [None] * missing
        series = self._metrics.get(self._metric.key)
        if series is not None:
            start = end - missing * PERIOD
            for minute, group in by_period(series.between(start, end), start, PERIOD):
                fresh[int(minute - start) // PERIOD] = self._metric.of_minute(group)
        self._seen, self._seen_until = known + fresh, end
        return self._seen

    def _evaluate_next(self, end: float) -> None:
        """Go on in a minute while there is data to see, else when the next data comes.

        Minutes whose datapoints CloudWatch no longer keeps, 15 days, are skipped: that bounds
        what one move of the clock can cost.
        """
        end = max(end, oldest_visible(PERIOD, self._here.settling_until) // PERIOD * PERIOD)
        series = self._metrics.get(self._metric.key)
        upcoming = None if series is None else series.earliest(end + PERIOD - _WINDOW)
        if upcoming is None and self._high.state == self._low.state == NO_DATA:
            return
        self._evaluations.after(end if upcoming is None else max(end, upcoming))

    def _act(self, latest: float) -> None:
        if self._target.of.status != "InService":
            return
        if self._high.state == ALARM:
            self._scale_out(latest)
        elif self._low.state == ALARM:
            self._scale_in(latest)

    def _scale_out(self, latest: float) -> None:
        if self._target.suspended["DynamicScalingOutSuspended"]:
            return
        base = current = capacity_of(self._target)
        last, cooldown = self._last_out, self._cooldown("ScaleOutCooldown")
        if last is not None and last.is_cooling(cooldown, self._here.now()):
            base = last.base
        needed = self._needed(base, latest)
        if needed > current:
            self._last_in = None
            self._last_out = _Move(self._scale(needed, self._high), base)

    def _scale_in(self, latest: float) -> None:
        if self._target.suspended["DynamicScalingInSuspended"]:
            return
        if self._configuration.get("DisableScaleIn") or not self._others_are_low():
            return
        last, cooldown = self._last_in, self._cooldown("ScaleInCooldown")
        if last is not None and last.is_cooling(cooldown, self._here.now()):
            return
        current = capacity_of(self._target)
        needed = self._needed(current, latest)
        if needed < current:
            self._last_in = _Move(self._scale(needed, self._low), current)

    def _needed(self, base: int, latest: float) -> int:
        return self._target.bounded(math.ceil(base * latest / self._wanted))

    def _scale(self, capacity: int, alarm: ManagedAlarm) -> ScalingActivity:
        cause = f"monitor alarm {alarm.name} in state ALARM triggered policy {self._policy}"
        return scale(self._store, self._target, capacity, cause)

    def _cooldown(self, name: str) -> int:
        return int(self._configuration.get(name, _DEFAULT_COOLDOWN))

    def _others_are_low(self) -> bool:
        trackers = (policy.tracker for policy in self._target.policies.values())
        return all(tracker.is_low for tracker in trackers if tracker is not None)
