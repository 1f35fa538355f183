"""A run's last line says what it cost; what several share is divided among them."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aws_lambda_powertools import Logger, Metrics

from sagewarden.entrypoints.metering import Meter

type Told = Callable[[], list[dict[str, Any]]]
type Measuring = Callable[..., Meter]


@pytest.fixture
def metrics() -> Iterator[Metrics]:
    found = Metrics(namespace="x", service="y")
    yield found
    found.clear_metrics()


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def at(*moments: float) -> Callable[[], float]:
    return iter(moments).__next__


@pytest.fixture
def metered(request: pytest.FixtureRequest, metrics: Metrics) -> Measuring:
    """A meter that is read at some moments; its log is made in the test: it keeps its stdout."""
    return lambda *moments: Meter(Logger(service=request.node.name), metrics, at(*moments))


def test_an_invocation_is_one_run_and_pays_for_all_of_it(metered: Measuring, told: Told) -> None:
    meter = metered(10.0, 12.0)

    with meter.invocation(512):
        pass

    [line] = told()
    assert (line["message"], line["level"]) == ("run cost", "INFO")
    assert (line["seconds"], line["memory_mb"], line["gb_seconds"]) == (2.0, 512, 1.0)
    assert line["usd"] == "0.000013533"
    assert line["usd_of"]["lambda"] == "0.000013533"
    assert line["sqs_requests"] == 0
    assert line["prices"] == "us-east-1, 2026-06"


def test_one_that_fails_is_told_too(metered: Measuring, told: Told) -> None:
    meter = metered(0.0, 1.5)

    with pytest.raises(ZeroDivisionError), meter.invocation(1024):
        raise ZeroDivisionError

    assert [line["gb_seconds"] for line in told()] == [1.5]


def test_each_message_has_the_time_since_the_one_before_and_its_share_of_the_invocation(
    metered: Measuring, told: Told
) -> None:
    meter = metered(0.0, 3.0, 4.0)

    with meter.invocation(1024):
        meter.receives(2)
        meter.tell()
        meter.tell()

    lines = told()
    assert [line["seconds"] for line in lines] == [3.0, 1.0]
    assert [line["sqs_requests"] for line in lines] == [1.0, 1.0]  # one received, one deleted
    assert [line["usd_of"]["lambda"] for line in lines] == ["0.000040100", "0.000013433"]
    assert [line["usd"] for line in lines] == ["0.000040500", "0.000013833"]


def test_the_metric_has_the_dollars_of_every_run(metered: Measuring, metrics: Metrics) -> None:
    meter = metered(0.0, 2.0, 5.0, 7.0)

    for _ in range(2):
        with meter.invocation(512):
            pass

    content: dict[str, Any] = {**metrics.serialize_metric_set()}
    [name] = content["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    assert name["Name"] == "RunCost"
    assert content["RunCost"] == [pytest.approx(0.0000135334)] * 2
