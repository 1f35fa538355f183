import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sagewarden.adapters.cloudwatch_telemetry import CloudWatchTelemetry, _read_together
from sagewarden.adapters.sessions import Sessions
from sagewarden.adapters.together import Together
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


def test_what_threads_ask_for_at_once_is_read_together_and_each_gets_its_own(
    sandbox: Sandbox, sessions: Sessions, telemetry: CloudWatchTelemetry
) -> None:
    names = ("first", *(f"e{number}" for number in range(8)))
    for number, name in enumerate(names):
        load(sandbox, name, number, number + 1)
    reached, through = threading.Event(), threading.Event()

    def wait(**_: object) -> None:
        if not reached.is_set():
            reached.set()
            assert through.wait(20)

    sessions.client("cloudwatch", REGION).meta.events.register(
        "before-call.cloudwatch.GetMetricData", wait
    )

    def read(name: str) -> tuple[float, ...] | None:
        series = variant_series(INVOCATIONS, name, "v")
        later = replace(WINDOW, end=NOW + timedelta(seconds=names.index(name)))
        readings = telemetry.read(REGION, [series], later)
        assert set(readings.values) == {series}
        assert readings.window == later
        return readings.of(series)

    with ThreadPoolExecutor(len(names)) as pool:
        begun = [pool.submit(read, names[0])]
        assert reached.wait(20)
        begun += [pool.submit(read, name) for name in names[1:]]
        key = ("metrics", REGION, WINDOW.period)
        question: Together[object, None] = sessions.questions.about(key, lambda _: None, 25)
        while len(question._waiting) < len(names) - 1:
            pass
        through.set()
        found = [one.result() for one in begun]

    assert found == [(number + 1, number) for number in range(len(names))]
    assert sessions.calls["CloudWatch.GetMetricData"] == 2


def test_windows_that_start_at_other_hours_are_read_apart(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    load(sandbox, "e", 1, 2, 3)
    series = [variant_series(INVOCATIONS, "e", "v")]
    short = Window.before(NOW, timedelta(hours=2))

    read = _read_together(
        sessions.client("cloudwatch", REGION), [(series, WINDOW), (series, short)]
    )

    assert read[WINDOW.start].of(series[0]) == (3, 2, 1)
    assert read[short.start].of(series[0]) == (3, 2)


def test_what_fails_together_is_tried_alone(
    sandbox: Sandbox, sessions: Sessions, telemetry: CloudWatchTelemetry
) -> None:
    load(sandbox, "e", 1)
    series = variant_series(INVOCATIONS, "e", "v")
    calls = iter([True, False])
    first = refusing(lambda _: next(calls), "AccessDenied")

    with sandbox.observers.watching(first):
        readings = telemetry.read(REGION, [series], WINDOW)

    assert readings.of(series) == (1,)
    assert sessions.calls["CloudWatch.GetMetricData"] == 2
