"""GetMetricStatistics: one series, several statistics at once."""

from datetime import UTC, datetime

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.cloudwatch.aggregation import STATISTICS, by_period, statistic_named
from sagewarden_cli.sandbox.cloudwatch.errors import invalid_combination, invalid_value
from sagewarden_cli.sandbox.cloudwatch.series import MetricStore, Sample, dimensions_of
from sagewarden_cli.sandbox.cloudwatch.windows import is_period, oldest_visible, rounded_start

_MOST_DATAPOINTS = 1440


class MetricStatistics(Backend):
    """The older operation that reads one series."""

    service = "cloudwatch"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(MetricStore)

    @operation("GetMetricStatistics")
    def get(self, params: Params) -> Json:
        """Give the statistics of one series; an unknown series has no datapoints."""
        period = params["Period"]
        _check(params)
        now = self.here.now()
        start = rounded_start(params["StartTime"], period, now)
        end = params["EndTime"].timestamp()
        if (end - start) / period > _MOST_DATAPOINTS:
            raise invalid_combination(
                f"You have requested up to {int((end - start) // period)} datapoints, which "
                f"exceeds the limit of {_MOST_DATAPOINTS}.",
            )
        dimensions = dimensions_of(params.get("Dimensions", ()))
        series = self._store.get((params["Namespace"], params["MetricName"], dimensions))
        points: list[Json] = []
        if series is not None:
            first = max(start, oldest_visible(period, now))
            samples = series.between(first, end, params.get("Unit"))
            points = [
                _datapoint(at, group, series.unit(), params)
                for at, group in by_period(samples, start, period)
            ]
        return {"Label": params["MetricName"], "Datapoints": points}


def _check(params: Params) -> None:
    if ("Statistics" in params) == ("ExtendedStatistics" in params):
        raise invalid_combination("Must specify either Statistics or ExtendedStatistics")
    if not is_period(params["Period"]):
        raise invalid_value(
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60; "
            f"it is {params['Period']}.",
        )
    if params["StartTime"] >= params["EndTime"]:
        raise invalid_value("The parameter StartTime must be less than the parameter EndTime.")
    for name in params.get("ExtendedStatistics", ()):
        if name in STATISTICS or statistic_named(name) is None:
            raise invalid_value(
                f"The value {name} for parameter ExtendedStatistics is not supported.",
            )


def _datapoint(at: float, group: list[Sample], unit: str, params: Params) -> Json:
    point: Json = {"Timestamp": datetime.fromtimestamp(at, UTC), "Unit": unit}
    for name in params.get("Statistics", ()):
        point[name] = STATISTICS[name](group)
    extended = {}
    for name in params.get("ExtendedStatistics", ()):
        statistic = statistic_named(name)
        value = statistic(group) if statistic else None
        if value is not None:
            extended[name] = value
    if extended:
        point["ExtendedStatistics"] = extended
    return point
