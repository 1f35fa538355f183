from datetime import UTC, datetime, timedelta

import pytest

from sagewarden.adapters.cloudwatch_telemetry import CloudWatchTelemetry
from sagewarden.adapters.sessions import Sessions
from sagewarden.domain.endpoint_metrics import (
    INVOCATIONS,
    USE_METRICS,
    backlog_series,
    series_of,
    variant_series,
)
from sagewarden.domain.metrics import Window
from sagewarden_cli.sandbox import Sandbox
from tests.support.faults import answer_with_error, refusing

REGION = "us-east-1"
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
WINDOW = Window.before(NOW, timedelta(hours=48))


@pytest.fixture
def telemetry(sessions: Sessions) -> CloudWatchTelemetry:
    return CloudWatchTelemetry(sessions)


def load(sandbox: Sandbox, endpoint: str, *values: float) -> None:
    """One datapoint an hour, the last an hour ago."""
    points = [
        (NOW - timedelta(hours=len(values) - number), value) for number, value in enumerate(values)
    ]
    dimensions = {"EndpointName": endpoint, "VariantName": "v"}
    sandbox.metrics.load(None, REGION, "AWS/SageMaker", "Invocations", dimensions, points)


def test_published_series_carry_their_exact_dimensions(
    sandbox: Sandbox, telemetry: CloudWatchTelemetry
) -> None:
    load(sandbox, "e", 1, 2)
    dimensions = {"EndpointName": "a"}
    sandbox.metrics.load(
        None, REGION, "AWS/SageMaker", "ApproximateBacklogSize", dimensions, [(NOW, 0.0)]
    )

    listing = telemetry.published(REGION, USE_METRICS)

    assert listing.incomplete == ()
    assert set(listing.items) == {variant_series(INVOCATIONS, "e", "v"), backlog_series("a")}


def test_a_series_that_cannot_be_listed_is_reported(
    sandbox: Sandbox, telemetry: CloudWatchTelemetry
) -> None:
    load(sandbox, "e", 1)
    others = refusing(lambda call: call.params.get("MetricName") != INVOCATIONS, "AccessDenied")

    with sandbox.observers.watching(others):
        listing = telemetry.published(REGION, USE_METRICS)

    assert len(listing.items) == 1
    assert len(listing.incomplete) == 2


def test_datapoints_are_read_per_series_the_newest_first(
    sandbox: Sandbox, telemetry: CloudWatchTelemetry
) -> None:
    load(sandbox, "busy", 0, 5, 7)
    load(sandbox, "quiet", 0, 0, 0)
    busy, quiet = (variant_series(INVOCATIONS, name, "v") for name in ("busy", "quiet"))

    readings = telemetry.read(REGION, [busy, quiet], WINDOW)

    assert readings.of(busy) == (7, 5, 0)
    assert readings.of(quiet) == (0, 0, 0)


def test_the_endpoint_name_alone_is_another_and_empty_series(
    sandbox: Sandbox, telemetry: CloudWatchTelemetry
) -> None:
    load(sandbox, "busy", 5)
    wrong = series_of(INVOCATIONS, (("EndpointName", "busy"),))

    readings = telemetry.read(REGION, [wrong], WINDOW)

    assert readings.of(wrong) == ()


def test_five_hundred_series_are_read_per_call(
    sandbox: Sandbox, sessions: Sessions, telemetry: CloudWatchTelemetry
) -> None:
    series = [variant_series(INVOCATIONS, f"e{number}", "v") for number in range(1001)]
    load(sandbox, "e1000", 9)

    readings = telemetry.read(REGION, series, WINDOW)

    assert sessions.calls["CloudWatch.GetMetricData"] == 3
    assert len(readings.values) == 1001
    assert readings.of(series[1000]) == (9,)


def test_a_batch_that_fails_is_unknown_and_the_others_are_read(
    sandbox: Sandbox, sessions: Sessions, telemetry: CloudWatchTelemetry
) -> None:
    series = [variant_series(INVOCATIONS, f"e{number}", "v") for number in range(501)]
    answer_with_error(sessions, "cloudwatch", "GetMetricData", "AccessDenied", after=1)
    load(sandbox, "e0", 1)

    readings = telemetry.read(REGION, series, WINDOW)

    unread = [item for item in series if readings.of(item) is None]
    assert len(unread) in {1, 500}


def test_nothing_is_asked_for_nothing(sessions: Sessions, telemetry: CloudWatchTelemetry) -> None:
    assert telemetry.read(REGION, [], WINDOW).values == {}
    assert sessions.calls == {}


def test_the_newest_hour_of_use_is_told_of_each_series(
    sandbox: Sandbox, telemetry: CloudWatchTelemetry
) -> None:
    load(sandbox, "e", 1, 2, 0, 0)
    load(sandbox, "quiet", 0, 0)
    used, quiet, unheard = (variant_series(INVOCATIONS, name, "v") for name in ("e", "quiet", "u"))

    readings = telemetry.read(REGION, [used, quiet, unheard], WINDOW)

    assert readings.used == {used: datetime(2026, 11, 18, 6, 0, tzinfo=UTC)}
