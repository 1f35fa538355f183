"""What CloudWatch knows of a stack: errors, ages of messages, sweeps and their cost, in bulk."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from sagewarden.bots import BOTS
from sagewarden_cli.deployed.stack import FUNCTION, QUEUE, DeployedStack

A_DAY = timedelta(days=1)
_PERIOD = 300
_QUERIES = 500
"""The most of one GetMetricData call (its API reference)."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured in the last 24 hours.

    Attributes:
        errors: Failed invocations, by logical id of the function.
        ages: How many seconds the oldest message waited when last seen, by logical id of the queue.
        swept: When a sweep was last completed, by bot.
        costs: What runs said that they cost in US dollars, by logical id of the function.
    """

    errors: Mapping[str, float] = field(default_factory=dict[str, float])
    ages: Mapping[str, float] = field(default_factory=dict[str, float])
    swept: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    costs: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class _Series:
    """One metric of one thing."""

    namespace: str
    metric: str
    dimension: str
    value: str
    stat: str
    about: str


def measure(stack: DeployedStack, now: datetime) -> Measured:
    """Read the metrics of a stack.

    Raises:
        ClientError: CloudWatch refuses.
    """
    functions, queues = stack.of_type(FUNCTION), stack.of_type(QUEUE)
    errors = [
        _Series("AWS/Lambda", "Errors", "FunctionName", name, "Sum", about)
        for about, name in functions.items()
    ]
    ages = [
        _Series(
            "AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", _name(url), "Maximum", about
        )
        for about, url in queues.items()
    ]
    sweeps = [
        _Series(f"Sagewarden/{stack.name}", "SweepsCompleted", "service", bot.name, "Sum", bot.name)
        for bot in BOTS
    ]
    costs = [
        _Series(f"Sagewarden/{stack.name}", "RunCost", "service", service_of(about), "Sum", about)
        for about in functions
    ]
    read = _read(stack, [*errors, *ages, *sweeps, *costs], now)
    return Measured(
        errors={one.about: sum(value for _, value in read.get(one, ())) for one in errors},
        ages={one.about: max(read[one])[1] for one in ages if read.get(one)},
        swept={
            one.about: max(at for at, value in read[one] if value)
            for one in sweeps
            if any(value for _, value in read.get(one, ()))
        },
        costs={one.about: sum(value for _, value in read[one]) for one in costs if read.get(one)},
    )


def service_of(logical_id: str) -> str:
    """What a function calls itself in its log and of its metrics."""
    words = re.findall("[A-Z][a-z]*", logical_id.removesuffix("Function"))
    return "_".join(words).lower()


def _read(
    stack: DeployedStack, series: Iterable[_Series], now: datetime
) -> dict[_Series, list[tuple[datetime, float]]]:
    client, found = stack.client("cloudwatch"), dict[_Series, list[tuple[datetime, float]]]()
    for batch in batched(series, _QUERIES):
        by_id = {f"m{number}": one for number, one in enumerate(batch)}
        pages = client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=[_query(name, one) for name, one in by_id.items()],
            StartTime=now - A_DAY,
            EndTime=now,
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                points = zip(result["Timestamps"], result["Values"], strict=True)
                found.setdefault(by_id[result["Id"]], []).extend(points)
    return found


def _query(name: str, one: _Series) -> dict[str, Any]:
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": one.namespace,
                "MetricName": one.metric,
                "Dimensions": [{"Name": one.dimension, "Value": one.value}],
            },
            "Period": _PERIOD,
            "Stat": one.stat,
        },
    }


def _name(url: str) -> str:
    return url.rpartition("/")[2]
