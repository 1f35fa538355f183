"""PutMetricData: values, distributions and statistic sets."""

import math
from collections.abc import Iterator
from datetime import timedelta

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.cloudwatch.errors import invalid_combination, invalid_value
from sagewarden_cli.sandbox.cloudwatch.series import MetricStore, Sample, dimensions_of

_OLDEST = timedelta(weeks=2)
_NEWEST = timedelta(hours=2)
_MOST_METRICS = 1000
_MOST_VALUES = 150
_GREATEST = 2.0**360


class MetricPublishing(Backend):
    """The operation that publishes metrics."""

    service = "cloudwatch"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(MetricStore)

    @operation("PutMetricData")
    def put(self, params: Params) -> Json:
        """Take in data points; one that is wrong refuses the whole call.

        A namespace that begins with ``AWS/`` is accepted, which AWS keeps to its own services:
        somebody has to play SageMaker's part.
        """
        data = [*params.get("MetricData", ())]
        for entity in params.get("EntityMetricData", ()):
            data.extend(entity.get("MetricData", ()))
        if len(data) > _MOST_METRICS:
            raise invalid_value(
                f"The collection MetricData must not have a size greater than {_MOST_METRICS}.",
            )
        series = [
            (datum, list(self._samples(datum, f"MetricData.member.{i}")))
            for i, datum in enumerate(data, start=1)
        ]
        for datum, samples in series:
            dimensions = dimensions_of(datum.get("Dimensions", ()))
            key = (params["Namespace"], datum["MetricName"], dimensions)
            self._store.add(key, datum.get("Unit", "None"), samples)
        return {}

    def _samples(self, datum: Params, where: str) -> Iterator[Sample]:
        now = self.here.now()
        moment = datum.get("Timestamp", now)
        if not now - _OLDEST <= moment <= now + _NEWEST:
            raise invalid_value(
                f"The parameter {where}.Timestamp must specify a time within the past two weeks "
                "and no more than two hours in the future.",
            )
        given = [name for name in ("Value", "Values", "StatisticValues") if name in datum]
        if len(given) != 1:
            raise invalid_combination(
                f"{where} must have exactly one of Value, Values and StatisticValues; "
                f"it has {', '.join(given) or 'none'}.",
            )
        at = moment.timestamp()
        if "StatisticValues" in datum:
            found = datum["StatisticValues"]
            summary = (found["SampleCount"], found["Sum"], found["Minimum"], found["Maximum"])
            yield Sample(at, *(_checked(number, where) for number in summary))
            return
        values = datum["Values"] if "Values" in datum else [datum["Value"]]
        counts = datum.get("Counts", [1.0] * len(values))
        if len(values) != len(counts) or len(values) > _MOST_VALUES:
            raise invalid_value(
                f"{where}.Values and Counts must be of the same length, at most {_MOST_VALUES}.",
            )
        for value, count in zip(values, counts, strict=True):
            number = _checked(value, where)
            yield Sample(at, _checked(count, where), number * count, number, number)


def _checked(number: float, where: str) -> float:
    if not math.isfinite(number) or abs(number) > _GREATEST:
        raise invalid_value(f"The value {number} for parameter {where}.Value is invalid.")
    return float(number)
