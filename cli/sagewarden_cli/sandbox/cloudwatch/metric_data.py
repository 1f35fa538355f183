"""GetMetricData: many series at once, within AWS's limits."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.cloudwatch.aggregation import by_period, statistic_named
from sagewarden_cli.sandbox.cloudwatch.errors import (
    invalid_combination,
    invalid_next_token,
    validation_error,
)
from sagewarden_cli.sandbox.cloudwatch.series import MetricStore, dimensions_of
from sagewarden_cli.sandbox.cloudwatch.windows import is_period, oldest_visible, rounded_start

_MOST_QUERIES = 500
_MOST_DATAPOINTS = 100_800
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")


@dataclass(slots=True)
class _Result:
    query_id: str
    label: str
    times: list[float]
    values: list[float]


class MetricData(Backend):
    """The operation that reads many series in one call."""

    service = "cloudwatch"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(MetricStore)

    @operation("GetMetricData")
    def get(self, params: Params) -> Json:
        """Give each queried series, aggregated; an unknown series is complete and empty."""
        queries = params["MetricDataQueries"]
        _check(queries)
        if params["StartTime"] >= params["EndTime"]:
            raise validation_error("The parameter EndTime must be greater than StartTime.")
        limit = params.get("MaxDatapoints", _MOST_DATAPOINTS)
        if not 1 <= limit <= _MOST_DATAPOINTS:
            raise validation_error(f"MaxDatapoints must be between 1 and {_MOST_DATAPOINTS}.")
        is_descending = params.get("ScanBy") != "TimestampAscending"
        results = []
        for query in queries:
            if query.get("ReturnData", True):
                result = self._result(query, params)
                if is_descending:
                    result.times.reverse()
                    result.values.reverse()
                results.append(result)
        return _page(results, limit, params.get("NextToken"))

    def _result(self, query: Params, params: Params) -> _Result:
        stat = query["MetricStat"]
        metric, period = stat["Metric"], stat["Period"]
        now = self.here.now()
        label = query.get("Label", metric.get("MetricName", ""))
        result = _Result(query["Id"], label, [], [])
        dimensions = dimensions_of(metric.get("Dimensions", ()))
        series = self._store.get((metric["Namespace"], metric["MetricName"], dimensions))
        statistic = statistic_named(stat["Stat"])
        if series is None or statistic is None:
            return result
        start = rounded_start(params["StartTime"], period, now)
        first = max(start, oldest_visible(period, now))
        samples = series.between(first, params["EndTime"].timestamp(), stat.get("Unit"))
        for at, group in by_period(samples, start, period):
            value = statistic(group)
            if value is not None:
                result.times.append(at)
                result.values.append(value)
        return result


def _check(queries: list[Json]) -> None:
    if len(queries) > _MOST_QUERIES:
        raise validation_error(
            f"The collection MetricDataQueries must not have a size greater than {_MOST_QUERIES}.",
        )
    repeated = [i for i, n in Counter(query["Id"] for query in queries).items() if n > 1]
    if repeated:
        raise validation_error(
            f"The values for parameter id in MetricDataQueries are not unique: {repeated[0]}.",
        )
    for number, query in enumerate(queries, start=1):
        _check_query(query, f"MetricDataQueries.member.{number}")


def _check_query(query: Json, where: str) -> None:
    if not _ID.fullmatch(query["Id"]):
        raise validation_error(
            f"The value {query['Id']} for parameter {where}.Id is not matching the expected "
            "pattern ^[a-z][a-zA-Z0-9_]*$.",
        )
    if "Expression" in query and "MetricStat" in query:
        raise invalid_combination(f"{where} has both MetricStat and Expression: give one.")
    if "Expression" in query:
        raise validation_error(
            f"{where}.Expression: the sandbox evaluates no metric math and no Metrics Insights "
            "queries; ask for the series themselves.",
        )
    if "MetricStat" not in query:
        raise validation_error(f"The parameter {where}.MetricStat is required.\n")
    stat = query["MetricStat"]
    for member in ("Namespace", "MetricName"):
        if member not in stat["Metric"]:
            raise validation_error(
                f"The parameter {where}.MetricStat.Metric.{member} is required.",
            )
    if not is_period(stat["Period"]):
        raise validation_error(
            f"The parameter {where}.MetricStat.Period must be 1, 5, 10, 20, 30 or a multiple of "
            f"60; it is {stat['Period']}.",
        )
    if statistic_named(stat["Stat"]) is None:
        raise validation_error(
            f"The value {stat['Stat']} for parameter {where}.MetricStat.Stat is not supported.",
        )


def _page(results: list[_Result], limit: int, token: str | None) -> Json:
    """Give at most ``limit`` points, series by series, from where the last page ended.

    A series that the page ends within is ``PartialData``; one wholly given before, or not
    reached yet, is left out of the page.
    """
    skipped = _offset(token)
    room = limit
    page: list[Json] = []
    seen = 0
    for result in results:
        size = len(result.times)
        first = max(0, skipped - seen)
        seen += size
        if (first >= size and (size or token)) or (not room and size):
            continue
        part = slice(first, first + room)
        times, values = result.times[part], result.values[part]
        room -= len(times)
        is_whole = first + len(times) == size
        page.append(_shown(result, times, values, is_whole=is_whole))
    answer: Json = {"MetricDataResults": page, "Messages": []}
    if seen > skipped + limit:
        answer["NextToken"] = f"points-{skipped + limit}"
    return answer


def _shown(result: _Result, times: list[float], values: list[float], *, is_whole: bool) -> Json:
    shown: dict[str, Any] = {
        "Id": result.query_id,
        "Label": result.label,
        "Timestamps": times,
        "Values": values,
        "StatusCode": "Complete" if is_whole else "PartialData",
    }
    return shown


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    prefix, _, number = token.partition("-")
    if prefix != "points" or not number.isdecimal():
        raise invalid_next_token()
    return int(number)
