"""ListMetrics: which series had data lately, each once."""

from datetime import timedelta

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.cloudwatch.errors import invalid_next_token
from sagewarden_cli.sandbox.cloudwatch.series import MetricStore, Series
from sagewarden_cli.sandbox.pagination import page_after

_PAGE = 500
_VISIBLE = timedelta(weeks=2)
_RECENT = timedelta(hours=3)


class MetricListing(Backend):
    """The operation that lists metrics."""

    service = "cloudwatch"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(MetricStore)

    @operation("ListMetrics")
    def list_page(self, params: Params) -> Json:
        """List the series with data in the past two weeks, or three hours if so asked."""
        age = _RECENT if "RecentlyActive" in params else _VISIBLE
        since = (self.here.now() - age).timestamp()
        wanted = sorted(
            (s for s in self._store.all() if _matches(s, params) and s.latest() >= since),
            key=_order,
        )
        page, token = page_after(
            wanted,
            _order,
            params.get("NextToken"),
            _PAGE,
            invalid=invalid_next_token(),
        )
        return {"Metrics": [_metric(series) for series in page], "NextToken": token}


def _matches(series: Series, params: Params) -> bool:
    namespace, metric, dimensions = series.key
    if params.get("Namespace", namespace) != namespace:
        return False
    if params.get("MetricName", metric) != metric:
        return False
    has = dict(dimensions)
    return all(
        wanted["Name"] in has and wanted.get("Value", has[wanted["Name"]]) == has[wanted["Name"]]
        for wanted in params.get("Dimensions", ())
    )


def _order(series: Series) -> tuple[str, ...]:
    namespace, metric, dimensions = series.key
    return (namespace, metric, *(part for pair in dimensions for part in pair))


def _metric(series: Series) -> Json:
    namespace, metric, dimensions = series.key
    shown = [{"Name": name, "Value": value} for name, value in dimensions]
    return {"Namespace": namespace, "MetricName": metric, "Dimensions": shown}
