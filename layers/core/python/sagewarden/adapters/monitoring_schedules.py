"""Read, stop and describe monitoring schedules, with the endpoints that they watch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sagewarden.adapters.errors import is_gone, unless_gone
from sagewarden.adapters.one_by_one import listed_one_by_one
from sagewarden.adapters.resource_identity import own_tags, ref_of
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.service_actions import as_kept, aws, described_with_tags, require
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import Listing, UnreadableError
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import Endpoint, Resource, ResourceKind, ResourceRef
from sagewarden.domain.services.monitoring_schedules import (
    MonitoringSchedule,
    Runs,
    ScheduleStatus,
)

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import MonitoringExecutionSummaryTypeDef

_KIND = ResourceKind.MONITORING_SCHEDULE
_PAGE = 100
_FEWEST_RUNS = 2
_ENDED = frozenset({"Completed", "CompletedWithViolations", "Failed", "Stopped"})

type _Watched = Callable[[str], tuple[Endpoint | None, bool]]
"""An endpoint by its name, None when it is gone, and whether it could be read."""


def listed(sessions: Sessions, region: str) -> Listing[Resource]:
    """Every monitoring schedule of a region.

    Calls: a list page per 100 of them; for each its description, its tags, its latest executions
    and, where only a processing job tells what they run on, that job; for each endpoint that any of
    them watches what describes an endpoint.
    """
    unread: list[Incomplete] = []
    client, watched = sessions.client("sagemaker", region), _watched(sessions, region, unread)

    def one(name: str) -> Resource:
        return _read(client, name, watched)

    found = listed_one_by_one(_KIND, region, _names(client), one)
    return Listing(found.items, (*found.incomplete, *unread))


def read(sessions: Sessions, ref: ResourceRef) -> Resource | None:
    """A monitoring schedule as it is now, with its tags and endpoint; None when it is gone.

    Raises:
        UnreadableError: It, or the endpoint that it watches, could not be read.
    """
    unread: list[Incomplete] = []
    client, watched = (
        sessions.client("sagemaker", ref.region),
        _watched(sessions, ref.region, unread),
    )
    found = unless_gone(f"{_KIND} {ref.name}", lambda: _read(client, ref.name, watched))
    for gap in unread:
        raise UnreadableError(gap.what, gap.why)
    return found


def act(sessions: Sessions, action: Action) -> str:
    """Stop it; its definition stays.

    Raises:
        ActionFailedError: The action is no stop.
        botocore.exceptions.ClientError: AWS refused it.
    """
    require(action, ActionKind.STOP)
    ref = action.ref
    client = sessions.client("sagemaker", ref.region)
    client.stop_monitoring_schedule(MonitoringScheduleName=ref.name)
    return aws("start-monitoring-schedule", ref.region, monitoring_schedule_name=ref.name)


def manifest(sessions: Sessions, ref: ResourceRef) -> dict[str, object]:
    """Describe it and its tags.

    Raises:
        botocore.exceptions.ClientError: A part of it could not be read.
    """
    client = sessions.client("sagemaker", ref.region)
    describe = client.describe_monitoring_schedule
    return described_with_tags(client, ref, describe, MonitoringScheduleName=ref.name)


present = as_kept(manifest)


def _names(client: "SageMakerClient") -> Iterator[str]:
    pages = client.get_paginator("list_monitoring_schedules").paginate(
        PaginationConfig={"PageSize": _PAGE}
    )
    for page in pages:
        yield from (item["MonitoringScheduleName"] for item in page["MonitoringScheduleSummaries"])


def _watched(sessions: Sessions, region: str, unread: list[Incomplete]) -> _Watched:
    """Reads each endpoint once, however many schedules watch it.

    Args:
        sessions: The account's clients.
        region: The region.
        unread: Where those are noted that could not be read.
    """
    inventory = SageMakerInventory(sessions)

    @cache
    def found(name: str) -> tuple[Endpoint | None, bool]:
        try:
            endpoint = inventory.look_up(ResourceKind.ENDPOINT, region, name)
        except UnreadableError as error:
            unread.append(Incomplete(error.what, error.why))
            return None, False
        return (endpoint if isinstance(endpoint, Endpoint) else None), True

    return found


def _read(client: "SageMakerClient", name: str, watched: _Watched) -> MonitoringSchedule:
    answer = client.describe_monitoring_schedule(MonitoringScheduleName=name)
    ref = ref_of(_KIND, answer["MonitoringScheduleName"], answer["MonitoringScheduleArn"])
    watches = _endpoint_name(answer)
    endpoint, endpoint_read = (None, True) if watches is None else watched(watches)
    config = answer["MonitoringScheduleConfig"]
    ended = _ended(client, name)
    worked = [item for item in ended if item.get("ProcessingJobArn")]
    resources = _resources(client, config, worked)
    return MonitoringSchedule(
        ref=ref,
        status=ScheduleStatus(answer.get("MonitoringScheduleStatus", "")),
        created=answer["CreationTime"].astimezone(UTC),
        modified=answer["LastModifiedTime"].astimezone(UTC),
        tags=own_tags(client, ref.arn),
        expression=config.get("ScheduleConfig", {}).get("ScheduleExpression"),
        watches=watches,
        endpoint=endpoint,
        endpoint_read=endpoint_read,
        runs=_runs(ended, worked, resources),
        instance_types=_told(resources, "InstanceType"),
        volumes_gb=_told(resources, "VolumeSizeInGB"),
    )


def _endpoint_name(answer: Mapping[str, Any]) -> str | None:
    """Its endpoint's name; None where it watches batch transforms."""
    if name := answer.get("EndpointName"):
        return str(name)
    definition = answer["MonitoringScheduleConfig"].get("MonitoringJobDefinition", {})
    inputs = definition.get("MonitoringInputs", ())
    named = (item.get("EndpointInput", {}).get("EndpointName") for item in inputs)
    return next((name for name in named if name), None)


def _ended(client: "SageMakerClient", name: str) -> "Sequence[MonitoringExecutionSummaryTypeDef]":
    """Its latest executions that are over, the newest first."""
    latest = client.list_monitoring_executions(
        MonitoringScheduleName=name,
        SortBy="ScheduledTime",
        SortOrder="Descending",
        MaxResults=_PAGE,
    )["MonitoringExecutionSummaries"]
    return [item for item in latest if item["MonitoringExecutionStatus"] in _ENDED]


def _runs(
    ended: "Sequence[MonitoringExecutionSummaryTypeDef]",
    worked: "Sequence[MonitoringExecutionSummaryTypeDef]",
    resources: Mapping[str, Any] | None,
) -> Runs | None:
    """What its executions came to; those without a processing job cost nothing."""
    if len(ended) < _FEWEST_RUNS or resources is None:
        return None
    busy = (item["LastModifiedTime"] - item["CreationTime"] for item in worked)
    span = ended[0]["ScheduledTime"] - ended[-1]["ScheduledTime"]
    return Runs(
        instance_type=resources["InstanceType"],
        instance_count=resources["InstanceCount"],
        busy=sum(busy, timedelta(0)),
        over=span * len(ended) / (len(ended) - 1),
    )


def _told(resources: Mapping[str, Any] | None, member: str) -> tuple[Any, ...] | None:
    return None if resources is None or member not in resources else (resources[member],)


def _resources(
    client: "SageMakerClient",
    config: Mapping[str, Any],
    worked: "Sequence[MonitoringExecutionSummaryTypeDef]",
) -> Mapping[str, Any] | None:
    """What its jobs run on: by its own definition, or by what the latest of them ran on."""
    inline = config.get("MonitoringJobDefinition", {}).get("MonitoringResources", {})
    found: Mapping[str, Any] | None = inline.get("ClusterConfig")
    if found is not None or not worked:
        return found
    job = worked[0].get("ProcessingJobArn", "").rpartition("/")[2]
    try:
        answer = client.describe_processing_job(ProcessingJobName=job)
    except ClientError as error:
        if is_gone(error):
            return None
        raise
    return answer["ProcessingResources"]["ClusterConfig"]
