"""The two CloudWatch alarms of a target tracking policy: kept by moto, evaluated here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from moto.cloudwatch.models import cloudwatch_backends

from sagewarden_cli.sandbox.autoscaling.metrics import TrackedMetric
from sagewarden_cli.sandbox.backend import AccountRegion

ALARM, OK, NO_DATA = "ALARM", "OK", "INSUFFICIENT_DATA"
PERIOD = 60


@dataclass(slots=True)
class ManagedAlarm:
    """An alarm that Application Auto Scaling made and deletes again.

    Attributes:
        name: Its name.
        metric: What it watches.
        comparison: ``GreaterThanThreshold`` or ``LessThanThreshold``.
        threshold: What it compares each minute's value with.
        datapoints: How many of the last minutes must breach, all of them.
        policy_arn: What it triggers.
        state: Its state.
    """

    here: AccountRegion
    name: str
    metric: TrackedMetric
    comparison: str
    threshold: float
    datapoints: int
    policy_arn: str
    state: str = NO_DATA

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self.here.arn("cloudwatch", f"alarm:{self.name}")

    def create(self) -> None:
        """Put it where DescribeAlarms finds it."""
        namespace, metric, dimensions = self.metric.key
        cloudwatch_backends[self.here.account][self.here.region].put_metric_alarm(
            name=self.name,
            namespace=namespace,
            metric_name=metric,
            comparison_operator=self.comparison,
            evaluation_periods=self.datapoints,
            period=PERIOD,
            threshold=self.threshold,
            statistic=self.metric.statistic,
            description=(
                f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {self.policy_arn}."
            ),
            dimensions=[{"Name": name, "Value": value} for name, value in dimensions],
            alarm_actions=[self.policy_arn],
        )
        self._show(self.here.now(), "Unchecked: Initial alarm creation")

    def delete(self) -> None:
        """Take it away."""
        cloudwatch_backends[self.here.account][self.here.region].delete_alarms([self.name])

    def evaluate(self, values: Sequence[float | None], at: datetime) -> None:
        """Take on the state that the values of the last minutes make.

        Args:
            values: One per minute, None where there was no data, the newest last.
            at: When they are looked at.
        """
        window = values[-self.datapoints :]
        state = state_of(window, self._breaches, self.state)
        if state != self.state:
            self.state = state
            shown = [value for value in window if value is not None]
            self._show(at, f"{state}: {len(shown)} of {len(window)} datapoints: {shown}")

    def _breaches(self, value: float) -> bool:
        if self.comparison == "GreaterThanThreshold":
            return value > self.threshold
        return value < self.threshold

    def _show(self, at: datetime, reason: str) -> None:
        alarm = cloudwatch_backends[self.here.account][self.here.region].alarms.get(self.name)
        if alarm is not None:  # a person may have deleted it
            alarm.update_state(reason, "{}", self.state)
            alarm.state_updated_timestamp = at.replace(tzinfo=None)


def state_of(values: Sequence[float | None], breaches: Callable[[float], bool], before: str) -> str:
    """Return an alarm's state after values, with missing data treated as missing.

    One value that does not breach is OK; breaching values with gaps leave the state as it was.
    CloudWatch looks a little further back than the window to fill gaps, which is not emulated.

    Args:
        values: One per period of the window, None where there was no data.
        breaches: Whether a value is on the wrong side of the threshold.
        before: The state until now.
    """
    present = [value for value in values if value is not None]
    if not present:
        return NO_DATA
    if not all(breaches(value) for value in present):
        return OK
    return ALARM if len(present) == len(values) else before
