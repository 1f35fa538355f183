"""The CloudWatch alarms that watch an endpoint or its inference components."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import batched
from typing import TYPE_CHECKING, Any

from sagewarden.adapters.described import Json, plain

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricAlarmTypeDef

TRACKING = "TargetTracking-"
"""How the alarms begin that Application Auto Scaling makes for its own policies, and unmakes."""

NAMES_A_CALL = 100
"""The most names that DescribeAlarms takes (API reference)."""


def alarms_on(
    endpoint: str, components: Collection[str], alarms: Iterable[Mapping[str, Any]]
) -> list[Json]:
    """Describe those alarms of which a dimension names an endpoint or a component of its.

    Args:
        endpoint: The endpoint's name.
        components: Its components' names.
        alarms: Every metric alarm of its region: CloudWatch itself finds alarms by one exact
            metric only. Those that Application Auto Scaling makes are left out.
    """
    return [
        plain(alarm)
        for alarm in alarms
        if not alarm["AlarmName"].startswith(TRACKING) and _watches(alarm, endpoint, components)
    ]


def alarms_named(
    names: Iterable[str], client: "CloudWatchClient"
) -> Iterator["MetricAlarmTypeDef"]:
    """The metric alarms of these names that exist, as boto3 tells them.

    Fifty come at once unless more are asked for, and whatever was asked for, there may be more.
    """
    for some in batched(names, NAMES_A_CALL):
        pages = client.get_paginator("describe_alarms").paginate(
            AlarmNames=list(some),
            AlarmTypes=["MetricAlarm"],
            PaginationConfig={"PageSize": NAMES_A_CALL},
        )
        for page in pages:
            yield from page["MetricAlarms"]


def alarm_tags(alarms: Iterable[Json], client: "CloudWatchClient") -> dict[str, dict[str, str]]:
    """The tags of alarms, by their names."""
    return {
        alarm["AlarmName"]: {
            tag["Key"]: tag["Value"]
            for tag in client.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        }
        for alarm in alarms
    }


def _watches(alarm: Mapping[str, Any], endpoint: str, components: Collection[str]) -> bool:
    return any(
        dimension["Value"] == endpoint
        if dimension["Name"] == "EndpointName"
        else dimension["Name"] == "InferenceComponentName" and dimension["Value"] in components
        for dimension in _dimensions(alarm)
    )


def _dimensions(alarm: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Of its one metric, or of each metric that its expression is made of."""
    yield from alarm.get("Dimensions", ())
    for query in alarm.get("Metrics", ()):
        yield from query.get("MetricStat", {}).get("Metric", {}).get("Dimensions", ())
