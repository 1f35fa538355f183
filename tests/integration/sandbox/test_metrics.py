"""CloudWatch metrics: what is published comes back aggregated, within AWS's limits."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox

HOUR = timedelta(hours=1)
NAMESPACE = "AWS/SageMaker"
VARIANT = {"EndpointName": "e", "VariantName": "v"}

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]


def as_list(dimensions: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def a_query(query_id: str = "a", **more: Any) -> dict[str, Any]:
    dimensions = as_list(more.pop("dimensions", VARIANT))
    metric = {"Namespace": NAMESPACE, "MetricName": "Invocations", "Dimensions": dimensions}
    stat = {"Metric": metric, "Period": 3600, "Stat": "Sum", **more}
    return {"Id": query_id, "MetricStat": stat}


def read(
    cloudwatch: Client, start: datetime, end: datetime, **stat: Any
) -> list[tuple[datetime, float]]:
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[a_query(**stat)],
        StartTime=start,
        EndTime=end,
        ScanBy="TimestampAscending",
    )
    (result,) = answer["MetricDataResults"]
    return list(zip(result["Timestamps"], result["Values"], strict=True))


def load(sandbox: Sandbox, *points: tuple[timedelta, float], **more: str) -> None:
    now = sandbox.clock.now()
    moments = [(now - ago, value) for ago, value in points]
    sandbox.metrics.load(None, None, NAMESPACE, "Invocations", VARIANT, moments, **more)


def test_only_the_exact_set_of_dimensions_is_the_series(
    sandbox: Sandbox, cloudwatch: Client
) -> None:
    load(sandbox, (HOUR, 5.0))
    now = sandbox.clock.now()

    found = [
        read(cloudwatch, now - 2 * HOUR, now, dimensions=dimensions)
        for dimensions in (VARIANT, {"EndpointName": "e"}, {**VARIANT, "Extra": "x"}, {})
    ]

    assert found == [[(now - HOUR, 5.0)], [], [], []]


def test_a_series_without_data_is_complete_and_empty(sandbox: Sandbox, cloudwatch: Client) -> None:
    now = sandbox.clock.now()

    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[a_query()], StartTime=now - HOUR, EndTime=now
    )

    (result,) = answer["MetricDataResults"]
    assert result["StatusCode"] == "Complete"
    assert result["Values"] == result["Timestamps"] == []


def test_the_start_is_inclusive_and_the_end_exclusive(sandbox: Sandbox, cloudwatch: Client) -> None:
    load(sandbox, (3 * HOUR, 1.0), (2 * HOUR, 10.0), (HOUR, 100.0))
    now = sandbox.clock.now()

    found = read(cloudwatch, now - 3 * HOUR, now - HOUR)

    assert found == [(now - 3 * HOUR, 1.0), (now - 2 * HOUR, 10.0)]


@pytest.mark.parametrize(
    ("ago", "period", "rounded_by"),
    [
        (timedelta(days=14), 3600, timedelta(minutes=0, seconds=34)),
        (timedelta(days=20), 3600, timedelta(minutes=2, seconds=34)),
        (timedelta(days=100), 3600, timedelta(minutes=32, seconds=34)),
        (timedelta(hours=2), 10, timedelta(seconds=4)),
    ],
)
def test_the_start_is_rounded_down_the_further_back_the_more(
    sandbox: Sandbox, cloudwatch: Client, ago: timedelta, period: int, rounded_by: timedelta
) -> None:
    start = sandbox.clock.now() - ago + timedelta(minutes=32, seconds=34)
    sandbox.metrics.load(None, None, NAMESPACE, "Invocations", VARIANT, [(start, 1.0)])

    found = read(cloudwatch, start, start + timedelta(minutes=5), Period=period)

    assert found == [(start - rounded_by, 1.0)]


@pytest.mark.parametrize(
    ("stat", "expected"),
    [
        ("Sum", 50.0),
        ("Average", 10.0),
        ("Minimum", 2.0),
        ("Maximum", 30.0),
        ("SampleCount", 5.0),
        ("p50", 6.0),
        ("p99.9", 30.0),
        ("p100", 30.0),
    ],
)
def test_statistics_over_a_period(
    sandbox: Sandbox, cloudwatch: Client, stat: str, expected: float
) -> None:
    values = (4.0, 8.0, 2.0, 6.0, 30.0)
    load(sandbox, *((timedelta(minutes=50 - n), value) for n, value in enumerate(values)))
    now = sandbox.clock.now()

    found = read(cloudwatch, now - HOUR, now, Stat=stat)

    assert found == [(now - HOUR, expected)]


def test_distributions_and_statistic_sets_count_as_what_they_stand_for(
    sandbox: Sandbox, cloudwatch: Client
) -> None:
    now = sandbox.clock.now()
    summary = {"SampleCount": 4.0, "Sum": 100.0, "Minimum": 10.0, "Maximum": 60.0}
    datum = {"MetricName": "Invocations", "Dimensions": as_list(VARIANT), "Timestamp": now - HOUR}
    cloudwatch.put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {**datum, "Value": 7.0},
            {**datum, "Values": [1.0, 2.0], "Counts": [3.0, 5.0]},
            {**datum, "StatisticValues": summary},
        ],
    )

    found = {
        stat: read(cloudwatch, now - HOUR, now, Stat=stat)[0][1]
        for stat in ("Sum", "SampleCount", "Minimum", "Maximum")
    }

    assert found == {"Sum": 120.0, "SampleCount": 13.0, "Minimum": 1.0, "Maximum": 60.0}
    assert read(cloudwatch, now - HOUR, now, Stat="p50") == []


def test_the_newest_comes_first_unless_asked_otherwise(
    sandbox: Sandbox, cloudwatch: Client
) -> None:
    load(sandbox, (HOUR, 1.0), (3 * HOUR, 3.0), (2 * HOUR, 2.0))
    now = sandbox.clock.now()

    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[a_query()], StartTime=now - 4 * HOUR, EndTime=now
    )

    assert answer["MetricDataResults"][0]["Values"] == [1.0, 2.0, 3.0]


def test_a_unit_selects_only_what_was_published_in_it(sandbox: Sandbox, cloudwatch: Client) -> None:
    load(sandbox, (HOUR, 1.0), unit="Count")
    load(sandbox, (HOUR, 2.0), unit="None")
    now = sandbox.clock.now()

    found = [
        read(cloudwatch, now - HOUR, now, **unit)
        for unit in ({}, {"Unit": "Count"}, {"Unit": "Seconds"})
    ]

    assert found == [[(now - HOUR, 3.0)], [(now - HOUR, 1.0)], []]


@pytest.mark.parametrize(
    ("age", "period", "is_kept"),
    [
        (timedelta(hours=2), 1, True),
        (timedelta(hours=4), 1, False),
        (timedelta(days=14), 60, True),
        (timedelta(days=16), 60, False),
        (timedelta(days=16), 300, True),
        (timedelta(days=64), 300, False),
        (timedelta(days=64), 3600, True),
        (timedelta(days=456), 3600, False),
    ],
)
def test_fine_periods_forget_sooner(
    sandbox: Sandbox, cloudwatch: Client, age: timedelta, period: int, *, is_kept: bool
) -> None:
    load(sandbox, (age, 1.0))
    moment = sandbox.clock.now() - age

    found = read(cloudwatch, moment, moment + HOUR, Period=period)

    assert bool(found) is is_kept


def test_points_are_paged_across_series(sandbox: Sandbox, cloudwatch: Client) -> None:
    now = sandbox.clock.now()
    points = [(now - n * HOUR, float(n)) for n in range(1, 11)]
    for name in ("x", "y", "z"):
        dimensions = {**VARIANT, "EndpointName": name}
        sandbox.metrics.load(None, None, NAMESPACE, "Invocations", dimensions, points)
    queries = [
        a_query(name, dimensions={**VARIANT, "EndpointName": name}) for name in ("x", "y", "z")
    ]

    pages = list(
        cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=now - 10 * HOUR, EndTime=now, MaxDatapoints=12
        )
    )

    seen: dict[str, list[float]] = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            seen.setdefault(result["Id"], []).extend(result["Values"])
    statuses = [[r["StatusCode"] for r in page["MetricDataResults"]] for page in pages]
    assert seen == {name: [float(n) for n in range(1, 11)] for name in ("x", "y", "z")}
    assert statuses == [["Complete", "PartialData"], ["Complete", "PartialData"], ["Complete"]]


@pytest.mark.parametrize(
    ("queries", "complaint"),
    [
        ([a_query(f"q{n}") for n in range(501)], "greater than 500"),
        ([a_query("a"), a_query("a")], "not unique"),
        ([a_query("Upper")], "expected pattern"),
        ([a_query(Period=90)], "multiple of 60"),
        ([a_query(Stat="tm90")], "not supported"),
        ([a_query(Stat="p101")], "not supported"),
        ([{"Id": "a", "Expression": "FILL(m1, 0)"}], "no metric math"),
        ([{"Id": "a"}], "MetricStat is required"),
    ],
)
def test_queries_out_of_bounds_are_refused(
    sandbox: Sandbox,
    cloudwatch: Client,
    refusal: Refusal,
    queries: list[dict[str, Any]],
    complaint: str,
) -> None:
    now = sandbox.clock.now()

    code, message = refusal(
        cloudwatch.get_metric_data, MetricDataQueries=queries, StartTime=now - HOUR, EndTime=now
    )

    assert code == "ValidationError"
    assert complaint in message


def test_a_time_range_must_run_forward(
    sandbox: Sandbox, cloudwatch: Client, refusal: Refusal
) -> None:
    now = sandbox.clock.now()

    code, _ = refusal(
        cloudwatch.get_metric_data, MetricDataQueries=[a_query()], StartTime=now, EndTime=now
    )

    assert code == "ValidationError"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Timestamp": timedelta(days=15)}, "InvalidParameterValue"),
        ({"Timestamp": timedelta(hours=-3)}, "InvalidParameterValue"),
        ({"Values": [1.0]}, "InvalidParameterCombination"),
        ({"Value": float("1e200")}, "InvalidParameterValue"),
    ],
)
def test_data_that_cloudwatch_refuses_is_refused_as_a_whole(
    sandbox: Sandbox,
    cloudwatch: Client,
    refusal: Refusal,
    change: dict[str, Any],
    code: str,
) -> None:
    datum = {"MetricName": "Invocations", "Dimensions": as_list(VARIANT), "Value": 1.0}
    wrong = {**datum, **change}
    if "Timestamp" in change:
        wrong["Timestamp"] = sandbox.clock.now() - change["Timestamp"]

    answer = refusal(cloudwatch.put_metric_data, Namespace="Own", MetricData=[datum, wrong])

    assert answer[0] == code
    assert cloudwatch.list_metrics()["Metrics"] == []


def test_metrics_are_listed_once_each_five_hundred_a_page(
    sandbox: Sandbox, cloudwatch: Client
) -> None:
    now = sandbox.clock.now()
    points = [(now - n * HOUR, 1.0) for n in range(48)]
    for number in range(620):
        dimensions = {"EndpointName": f"e-{number:03}", "VariantName": "v"}
        sandbox.metrics.load(None, None, NAMESPACE, "Invocations", dimensions, points)

    pages = list(cloudwatch.get_paginator("list_metrics").paginate(Namespace=NAMESPACE))

    names = [
        dimension["Value"]
        for page in pages
        for metric in page["Metrics"]
        for dimension in metric["Dimensions"]
        if dimension["Name"] == "EndpointName"
    ]
    assert [len(page["Metrics"]) for page in pages] == [500, 120]
    assert names == [f"e-{number:03}" for number in range(620)]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, {"fresh", "week"}),
        ({"RecentlyActive": "PT3H"}, {"fresh"}),
        ({"Namespace": "Other"}, set()),
        ({"MetricName": "Latency"}, set()),
        ({"Dimensions": [{"Name": "EndpointName"}]}, {"fresh", "week"}),
        ({"Dimensions": [{"Name": "EndpointName", "Value": "week"}]}, {"week"}),
        ({"Dimensions": [{"Name": "Nothing"}]}, set()),
    ],
)
def test_metrics_are_listed_while_they_have_recent_data(
    sandbox: Sandbox, cloudwatch: Client, filters: dict[str, Any], expected: set[str]
) -> None:
    now = sandbox.clock.now()
    ages = {"fresh": HOUR, "week": timedelta(days=7), "old": timedelta(days=15)}
    for name, age in ages.items():
        dimensions = {"EndpointName": name, "VariantName": "v"}
        point = (now - age, 1.0)
        sandbox.metrics.load(None, None, NAMESPACE, "Invocations", dimensions, [point])

    found = cloudwatch.list_metrics(**filters)["Metrics"]

    assert {metric["Dimensions"][0]["Value"] for metric in found} == expected


def test_the_statistics_of_one_series(sandbox: Sandbox, cloudwatch: Client) -> None:
    load(sandbox, (timedelta(minutes=30), 2.0), (timedelta(minutes=20), 4.0), unit="Count")
    now = sandbox.clock.now()
    params = {
        "Namespace": NAMESPACE,
        "MetricName": "Invocations",
        "Dimensions": as_list(VARIANT),
        "StartTime": now - HOUR,
        "EndTime": now,
        "Period": 3600,
    }

    plain = cloudwatch.get_metric_statistics(**params, Statistics=["Sum", "Average"])
    extended = cloudwatch.get_metric_statistics(**params, ExtendedStatistics=["p90"])

    expected = {"Timestamp": now - HOUR, "Unit": "Count"}
    assert plain["Datapoints"] == [{**expected, "Sum": 6.0, "Average": 3.0}]
    assert extended["Datapoints"] == [{**expected, "ExtendedStatistics": {"p90": 4.0}}]


def test_too_many_datapoints_of_one_series_are_refused(
    sandbox: Sandbox, cloudwatch: Client, refusal: Refusal
) -> None:
    now = sandbox.clock.now()

    code, message = refusal(
        cloudwatch.get_metric_statistics,
        Namespace=NAMESPACE,
        MetricName="Invocations",
        StartTime=now - timedelta(days=2),
        EndTime=now,
        Period=60,
        Statistics=["Sum"],
    )

    assert code == "InvalidParameterCombination"
    assert "1440" in message


def test_alarms_stay_with_moto(cloudwatch: Client) -> None:
    cloudwatch.put_metric_alarm(
        AlarmName="a",
        MetricName="Invocations",
        Namespace=NAMESPACE,
        ComparisonOperator="LessThanThreshold",
        EvaluationPeriods=1,
        Period=60,
        Statistic="Sum",
        Threshold=1.0,
    )

    found = cloudwatch.describe_alarms()["MetricAlarms"]

    assert [alarm["AlarmName"] for alarm in found] == ["a"]
