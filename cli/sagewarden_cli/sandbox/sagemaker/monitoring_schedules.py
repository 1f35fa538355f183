"""Monitoring schedules: hour by hour they run a processing job, as long as there is an endpoint."""

import re
from datetime import datetime, timedelta

from moto.sagemaker.models import sagemaker_backends

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import ResourceInUse, ResourceNotFound, ValidationException
from sagewarden_cli.sandbox.pagination import page_after
from sagewarden_cli.sandbox.sagemaker.job_runs import JobRuns
from sagewarden_cli.sandbox.sagemaker.jobs import ProcessingJob
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.services import MonitoringExecution, MonitoringSchedule
from sagewarden_cli.sandbox.sagemaker.studio import Studio
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in

ONCE = "NOW"
_HOUR = timedelta(hours=1)
_DEFAULT_PAGE = 10
_EXPRESSION = re.compile(r"cron\(0 (\*|\d{1,2}(?:/\d{1,2})?) \? \* \* \*\)")
"""The three forms that AWS takes (API reference, ScheduleConfig): hourly, daily, every N hours."""


def hours_of(expression: str) -> frozenset[int]:
    """Return the hours of the day (UTC) at which an expression is due.

    Raises:
        ValidationException: It is none that AWS takes.
    """
    found = _EXPRESSION.fullmatch(expression)
    if found is None:
        raise ValidationException(f"Invalid schedule expression: {expression}")
    first, _, step = found.group(1).partition("/")
    if first == "*":
        return frozenset(range(24))
    start, every = int(first), int(step or 24)
    if start >= 24 or not 1 <= every <= 24:  # noqa: PLR2004  # the hours of a day
        raise ValidationException(f"Invalid schedule expression: {expression}")
    return frozenset((start + more) % 24 for more in range(0, 24, every))


class MonitoringSchedules(Backend):
    """The operations on monitoring schedules and their executions."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._states = here.part(Studio)
        self._runs = JobRuns(here)

    @operation("CreateMonitoringSchedule")
    def create(self, params: Params) -> Json:
        """Create a schedule; it is Pending, then Scheduled, and runs."""
        name, now = params["MonitoringScheduleName"], self.here.now()
        if name in self._store.monitoring_schedules:
            raise ResourceInUse(f"Monitoring Schedule {name} already exists.")
        schedule = MonitoringSchedule(
            name=name,
            arn=self._store.arn(MonitoringSchedule.kind, name),
            created_at=now,
            modified_at=now,
            status="Pending",
            details={"MonitoringScheduleConfig": params["MonitoringScheduleConfig"]},
            named=self._named(params["MonitoringScheduleConfig"]),
        )
        if schedule.endpoint is not None:
            self._store.endpoint(schedule.endpoint)
        if schedule.expression not in {None, ONCE}:
            hours_of(str(schedule.expression))
        schedule.tag(tags_in(params))
        self._store.monitoring_schedules[name] = schedule
        self._states.go(schedule, "Pending", "Scheduled")
        self.await_next(schedule, now)
        return {"MonitoringScheduleArn": schedule.arn}

    @operation("DescribeMonitoringSchedule")
    def describe(self, params: Params) -> Json:
        """Describe a schedule."""
        schedule = self._one(params)
        last = schedule.executions[-1] if schedule.executions else None
        return {
            **schedule.details,
            **_summary(schedule),
            "FailureReason": schedule.failure_reason,
            "LastMonitoringExecutionSummary": _run(schedule, last) if last else None,
        }

    @operation("ListMonitoringSchedules")
    def list_page(self, params: Params) -> Json:
        """List schedules, the newest first unless asked otherwise."""
        endpoint = params.get("EndpointName")
        every = self._store.monitoring_schedules.values()
        wanted = [schedule for schedule in every if endpoint in {None, schedule.endpoint}]
        page, token = listed(wanted, params)
        return {"MonitoringScheduleSummaries": [_summary(s) for s in page], "NextToken": token}

    @operation("ListMonitoringExecutions")
    def list_executions(self, params: Params) -> Json:
        """List executions, the newest first unless asked otherwise."""
        found = [
            (schedule, run)
            for schedule in self._store.monitoring_schedules.values()
            for run in schedule.executions
            if _is_wanted(schedule, run, params)
        ]
        descending = params.get("SortOrder", "Descending") == "Descending"

        def key(item: tuple[MonitoringSchedule, MonitoringExecution]) -> tuple[object, ...]:
            return (item[1].scheduled_at.timestamp(), item[0].name)

        found.sort(key=key, reverse=descending)
        limit = params.get("MaxResults", _DEFAULT_PAGE)
        page, token = page_after(found, key, params.get("NextToken"), limit, descending=descending)
        shown = [_run(schedule, run) for schedule, run in page]
        return {"MonitoringExecutionSummaries": shown, "NextToken": token}

    @operation("StartMonitoringSchedule")
    def start(self, params: Params) -> Json:
        """Start a schedule that is stopped."""
        schedule = self._one(params)
        self._require(schedule, "Stopped")
        self._states.go(schedule, "Pending", "Scheduled")
        return {}

    @operation("StopMonitoringSchedule")
    def stop(self, params: Params) -> Json:
        """Stop a schedule; what runs is not stopped."""
        schedule = self._one(params)
        self._require(schedule, "Scheduled")
        self._states.go(schedule, "Pending", "Stopped")
        return {}

    @operation("DeleteMonitoringSchedule")
    def delete(self, params: Params) -> Json:
        """Delete a schedule of which nothing runs."""
        schedule = self._one(params)
        if any(run.status == "InProgress" for run in schedule.executions):
            raise ValidationException(
                f"Monitoring Schedule {schedule.name} cannot be deleted while it has executions "
                "in progress.",
            )
        self._states.forget(schedule)
        return {}

    def await_next(self, schedule: MonitoringSchedule, after: datetime) -> None:
        """Let a schedule run at its next time, and so on as long as it is there."""
        if schedule.expression in {None, ONCE}:
            return
        hours = hours_of(str(schedule.expression))
        due = after.replace(minute=0, second=0, microsecond=0) + _HOUR
        while due.hour not in hours:
            due += _HOUR

        def run(at: datetime) -> None:
            if self._store.monitoring_schedules.get(schedule.name) is schedule:
                if schedule.status == "Scheduled":
                    self._execute(schedule, at)
                self.await_next(schedule, at)

        self.here.later(due - self.here.now(), run)

    def _execute(self, schedule: MonitoringSchedule, at: datetime) -> None:
        run = MonitoringExecution(scheduled_at=at, created_at=at, modified_at=at, status="Failed")
        schedule.executions.append(run)
        if not self._can_watch(schedule):
            run.failure_reason = f"Endpoint {schedule.endpoint} is not in service."
            return
        name = f"model-monitoring-{at:%Y%m%d%H%M}-{schedule.name}"[:63].rstrip("-")
        job = ProcessingJob(
            name=name,
            arn=self._store.arn(ProcessingJob.kind, name),
            created_at=at,
            modified_at=at,
            status="InProgress",
            details=_job_details(schedule),
            work_time=self.here.duration("monitoring-execution", "InProgress"),
        )
        run.status, run.processing_job = "InProgress", job.arn

        def ended() -> None:
            run.status, run.modified_at = job.status, job.ended_at or run.modified_at

        job.when_ended = ended
        self._store.processing_jobs[name] = job
        self._runs.begin(job)

    def _named(self, config: Json) -> Json | None:
        """What a data quality job definition says that a schedule names: they are moto's."""
        name = config.get("MonitoringJobDefinitionName")
        if name is None:
            return None
        known = sagemaker_backends[self.here.account][self.here.region].data_quality_job_definitions
        for found in known.values():
            if found.job_definition_name == name:
                return {
                    "MonitoringInputs": [found.data_quality_job_input],
                    "MonitoringResources": found.job_resources,
                    "MonitoringAppSpecification": found.data_quality_app_specification,
                    "RoleArn": found.role_arn,
                }
        raise ValidationException(f"Could not find job definition with name: {name}")

    def _can_watch(self, schedule: MonitoringSchedule) -> bool:
        if schedule.endpoint is None:
            return True
        endpoint = self._store.endpoints.get(schedule.endpoint)
        return endpoint is not None and endpoint.status == "InService"

    def _one(self, params: Params) -> MonitoringSchedule:
        name = params["MonitoringScheduleName"]
        found = self._store.monitoring_schedules.get(name)
        if found is None:
            raise ResourceNotFound(f"Monitoring Schedule {name} does not exist.")
        return found

    def _require(self, schedule: MonitoringSchedule, status: str) -> None:
        if schedule.status != status:
            raise ValidationException(
                "The request was rejected because the monitoring schedule is in status "
                f"{schedule.status}.",
            )


def _job_details(schedule: MonitoringSchedule) -> Json:
    definition = schedule.definition
    return {
        "ProcessingResources": definition["MonitoringResources"],
        "AppSpecification": {"ImageUri": definition["MonitoringAppSpecification"]["ImageUri"]},
        "RoleArn": definition["RoleArn"],
        "StoppingCondition": definition.get("StoppingCondition", {"MaxRuntimeInSeconds": 3600}),
        "MonitoringScheduleArn": schedule.arn,
    }


def _is_wanted(schedule: MonitoringSchedule, run: MonitoringExecution, params: Params) -> bool:
    asked = {
        "MonitoringScheduleName": schedule.name,
        "EndpointName": schedule.endpoint,
        "StatusEquals": run.status,
    }
    if any(params.get(name, value) != value for name, value in asked.items()):
        return False
    moments = {
        "ScheduledTime": run.scheduled_at,
        "CreationTime": run.created_at,
        "LastModifiedTime": run.modified_at,
    }
    return all(
        params.get(f"{name}After", moment) <= moment <= params.get(f"{name}Before", moment)
        for name, moment in moments.items()
    )


def _summary(schedule: MonitoringSchedule) -> Json:
    shown = {
        "MonitoringScheduleName": schedule.name,
        "MonitoringScheduleArn": schedule.arn,
        "CreationTime": schedule.created_at,
        "LastModifiedTime": schedule.modified_at,
        "MonitoringScheduleStatus": schedule.status,
        "EndpointName": schedule.endpoint,
        "MonitoringJobDefinitionName": schedule.config.get("MonitoringJobDefinitionName"),
        "MonitoringType": schedule.config.get("MonitoringType", "DataQuality"),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _run(schedule: MonitoringSchedule, run: MonitoringExecution) -> Json:
    shown = {
        "MonitoringScheduleName": schedule.name,
        "ScheduledTime": run.scheduled_at,
        "CreationTime": run.created_at,
        "LastModifiedTime": run.modified_at,
        "MonitoringExecutionStatus": run.status,
        "ProcessingJobArn": run.processing_job,
        "EndpointName": schedule.endpoint,
        "FailureReason": run.failure_reason,
    }
    return {name: value for name, value in shown.items() if value is not None}
