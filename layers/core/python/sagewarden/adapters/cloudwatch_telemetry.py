"""Read CloudWatch metrics: which series exist, and their datapoints 500 series at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING

from sagewarden.adapters.errors import AWS_ERRORS, why
from sagewarden.adapters.sessions import CONNECTIONS, Sessions
from sagewarden.application.ports import Listing
from sagewarden.domain.endpoint_metrics import NAMESPACE, series_of
from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.plans import Incomplete

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataResultTypeDef

QUERIES = 500
"""The most queries of one GetMetricData call (its API reference)."""

FEW = 20
"""As many series are read together with those that others want."""

type _Wish = tuple[Sequence[Series], Window]
"""Series, and the window that they are wanted for."""


class CloudWatchTelemetry:
    """The telemetry port on boto3."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def published(self, region: str, metrics: Sequence[str]) -> Listing[Series]:
        """The series that got a datapoint within the past two weeks.

        Calls: the pages of ListMetrics (500 a page) for each metric.
        """
        client = self._sessions.client("cloudwatch", region)

        def try_listed(metric: str) -> tuple[Series, ...] | Incomplete:
            try:
                return tuple(_listed(client, metric))
            except AWS_ERRORS as error:
                return Incomplete(f"{metric} series in {region}", why(error))

        with ThreadPoolExecutor(max(1, len(metrics))) as pool:
            results = list(pool.map(try_listed, metrics))
        incomplete = tuple(part for part in results if isinstance(part, Incomplete))
        found = (item for part in results if not isinstance(part, Incomplete) for item in part)
        return Listing(tuple(found), incomplete)

    def read(self, region: str, series: Iterable[Series], window: Window) -> Readings:
        """The datapoints of series, in batches of 500 read concurrently.

        Returns:
            The readings; None for a series whose batch failed or was answered in part.
        """
        wanted = sorted(set(series))
        if not wanted:
            return Readings(window, {})
        client = self._sessions.client("cloudwatch", region)
        if len(wanted) <= FEW:
            return self._read_with_others(region, wanted, window)
        batches = list(batched(wanted, QUERIES))
        with ThreadPoolExecutor(min(len(batches), CONNECTIONS)) as pool:
            answers = list(pool.map(lambda batch: _read(client, batch, window), batches))
        values = {item: answer for part in answers for item, answer in part.values.items()}
        used = {item: at for part in answers for item, at in part.used.items()}
        return Readings(window, values, used=used)

    def _read_with_others(self, region: str, wanted: Sequence[Series], window: Window) -> Readings:
        """A few series, read together with those that other threads want at the same moment."""
        client = self._sessions.client("cloudwatch", region)

        def ask(wishes: Sequence[_Wish]) -> Mapping[datetime, Readings]:
            return _read_together(client, wishes)

        key = ("metrics", region, window.period)
        question = self._sessions.questions.about(key, ask, QUERIES // FEW)
        read = question.answer((wanted, window))[window.start]
        values = {item: read.values[item] for item in wanted}
        if None in values.values():  # perhaps only because of what others wanted
            return _read(client, wanted, window)
        used = {item: read.used[item] for item in wanted if item in read.used}
        return Readings(window, values, used=used)


def _read_together(
    client: "CloudWatchClient", wishes: Sequence[_Wish]
) -> Mapping[datetime, Readings]:
    """What several want, by where their windows start; read up to the latest of their ends."""
    answers = {}
    for start in {window.start for _, window in wishes}:
        some = [(series, window) for series, window in wishes if window.start == start]
        wanted = sorted({item for series, _ in some for item in series})
        longest = max((window for _, window in some), key=lambda window: window.end)
        answers[start] = _read(client, wanted, longest)
    return answers


def _listed(client: "CloudWatchClient", metric: str) -> Iterator[Series]:
    pages = client.get_paginator("list_metrics").paginate(Namespace=NAMESPACE, MetricName=metric)
    for page in pages:
        for item in page["Metrics"]:
            pairs = ((pair["Name"], pair["Value"]) for pair in item.get("Dimensions", []))
            yield series_of(metric, tuple(pairs))


def _read(client: "CloudWatchClient", batch: Sequence[Series], window: Window) -> Readings:
    """One batch; all of its series are None when the call failed."""
    ids = {f"m{number}": item for number, item in enumerate(batch)}
    values: dict[Series, tuple[float, ...] | None] = dict.fromkeys(batch, ())
    used: dict[Series, datetime] = {}
    try:
        pages = client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=[
                {
                    "Id": query,
                    "MetricStat": {
                        "Metric": {
                            "Namespace": item.namespace,
                            "MetricName": item.metric,
                            "Dimensions": [
                                {"Name": name, "Value": value} for name, value in item.dimensions
                            ],
                        },
                        "Period": int(window.period / timedelta(seconds=1)),
                        "Stat": item.statistic,
                    },
                }
                for query, item in ids.items()
            ],
            StartTime=window.start,
            EndTime=window.end,
            ScanBy="TimestampDescending",
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                item = ids[result["Id"]]
                before = values[item]
                if result.get("StatusCode", "Complete") in {"Forbidden", "InternalError"}:
                    values[item] = None
                elif before is not None:
                    values[item] = (*before, *result["Values"])
                    if item not in used and (newest := _newest_use(result)):
                        used[item] = newest
    except AWS_ERRORS:
        return Readings(window, dict.fromkeys(batch))
    return Readings(window, values, used=used)


def _newest_use(result: "MetricDataResultTypeDef") -> datetime | None:
    """When the newest period with a value above zero began, in an answer that begins with it."""
    for at, value in zip(result["Timestamps"], result["Values"], strict=True):
        if value > 0:
            return at.astimezone(UTC)
    return None
