"""Training jobs: from Starting to Completed, unless they are stopped or run out of time."""

from collections.abc import Iterator

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import ResourceInUse, ValidationException
from sagewarden_cli.sandbox.sagemaker.job_runs import JobRuns
from sagewarden_cli.sandbox.sagemaker.jobs import ENDED, TrainingJob
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in
from sagewarden_cli.sandbox.sagemaker.warm_pools import keep_for, warm_pool

_DEFAULTS: Json = {
    "EnableNetworkIsolation": False,
    "EnableInterContainerTrafficEncryption": False,
    "EnableManagedSpotTraining": False,
}
_LIMITS: Json = {"MaxRuntimeInSeconds": 86_400}
_SPOT_SHARE = 0.3
_PROFILER_MEMBERS = ("ProfilerConfig", "ProfilerRuleConfigurations", "RemoteDebugConfig")


def training_details(params: Params) -> Json:
    """Return what describing a training job gives back of the call that made it."""
    given = {k: v for k, v in params.items() if k not in {"TrainingJobName", "Tags"}}
    limits = {**_LIMITS, **given.get("StoppingCondition", {})}
    return {**_DEFAULTS, **given, "StoppingCondition": limits}


class TrainingJobs(Backend):
    """The operations on training jobs."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._all = self._store.training_jobs
        self._runs = JobRuns(here)

    @operation("CreateTrainingJob")
    def create(self, params: Params) -> Json:
        """Create a training job; it is InProgress at once."""
        name = params["TrainingJobName"]
        arn = self._store.arn(TrainingJob.kind, name)
        if name in self._all:
            raise ResourceInUse(
                "Training job names must be unique within an AWS account and region, and a "
                f"training job with this name already exists ({arn})",
            )
        for complaint in _complaints(params):
            raise ValidationException(complaint)
        now = self.here.now()
        job = TrainingJob(
            name=name,
            arn=arn,
            created_at=now,
            modified_at=now,
            status="InProgress",
            details=training_details(params),
        )
        job.tag(tags_in(params))
        self._all[name] = job
        self._runs.begin(job)
        return {"TrainingJobArn": arn}

    @operation("DescribeTrainingJob")
    def describe(self, params: Params) -> Json:
        """Describe a training job."""
        job = self._store.training_job(params["TrainingJobName"])
        output = job.details.get("OutputDataConfig", {}).get("S3OutputPath", "").rstrip("/")
        return {
            **job.details,
            **self._identity(job),
            "SecondaryStatus": job.phase,
            "SecondaryStatusTransitions": list(_secondary_statuses(job)),
            "TrainingStartTime": job.started_at,
            "FailureReason": job.failure_reason,
            "ModelArtifacts": {"S3ModelArtifacts": f"{output}/{job.name}/output/model.tar.gz"},
            **_seconds(job),
        }

    @operation("ListTrainingJobs")
    def list_page(self, params: Params) -> Json:
        """List training jobs, the newest first unless asked otherwise.

        With ``MaxResults``, AWS documents that it looks for a status on the page only, so that a
        page may hold fewer jobs than there are, or none, and still have a successor.
        """
        wanted = [job for job in self._all.values() if self._is_wanted(job, params)]
        status = params.get("StatusEquals") if "MaxResults" in params else None
        dropped = {"StatusEquals"} if status else set()
        page, token = listed(wanted, {k: v for k, v in params.items() if k not in dropped})
        found = [job for job in page if status in {None, job.status}]
        return {"TrainingJobSummaries": [self._summary(j) for j in found], "NextToken": token}

    @operation("StopTrainingJob")
    def stop(self, params: Params) -> Json:
        """Stop a training job that is InProgress."""
        job = self._store.training_job(params["TrainingJobName"])
        _require(job, ("InProgress",))
        self._runs.stop(job)
        return {}

    @operation("UpdateTrainingJob")
    def update(self, params: Params) -> Json:
        """Change what watches a job that is InProgress, or how long its warm pool is kept."""
        job = self._store.training_job(params["TrainingJobName"])
        pool = warm_pool(job, self.here.now()) or {}
        wanted = params.get("ResourceConfig")
        changes = {name: params[name] for name in _PROFILER_MEMBERS if name in params}
        if changes or pool.get("Status") != "Available":
            _require(job, ("InProgress",))
        for name, value in changes.items():
            known = job.details.get(name)
            job.details[name] = {**known, **value} if isinstance(known, dict) else value
        if wanted is not None:
            keep_for(job, wanted["KeepAlivePeriodInSeconds"], self.here.now())
        return {"TrainingJobArn": job.arn}

    @operation("DeleteTrainingJob")
    def delete(self, params: Params) -> Json:
        """Delete a training job that has ended and keeps no warm pool."""
        job = self._store.training_job(params["TrainingJobName"])
        _require(job, tuple(ENDED))
        pool = warm_pool(job, self.here.now()) or {}
        if pool.get("Status") == "Available":
            raise ResourceInUse(f"Training job {job.arn} retains an Available warm pool.")
        del self._all[job.name]
        return {}

    def _is_wanted(self, job: TrainingJob, params: Params) -> bool:
        pool = warm_pool(job, self.here.now()) or {}
        plan = job.details.get("ResourceConfig", {}).get("TrainingPlanArn")
        return params.get("WarmPoolStatusEquals") in {None, pool.get("Status")} and (
            params.get("TrainingPlanArnEquals") in {None, plan}
        )

    def _identity(self, job: TrainingJob) -> Json:
        return {
            "TrainingJobName": job.name,
            "TrainingJobArn": job.arn,
            "CreationTime": job.created_at,
            "TrainingEndTime": job.ended_at,
            "LastModifiedTime": job.modified_at,
            "TrainingJobStatus": job.status,
            "WarmPoolStatus": warm_pool(job, self.here.now()),
        }

    def _summary(self, job: TrainingJob) -> Json:
        plan = job.details.get("ResourceConfig", {}).get("TrainingPlanArn")
        return {
            **self._identity(job),
            "SecondaryStatus": job.phase,
            "TrainingPlanArn": plan,
        }


def _complaints(params: Params) -> Iterator[str]:
    resources, limits = params.get("ResourceConfig", {}), params.get("StoppingCondition", {})
    if "AlgorithmSpecification" not in params and "ServerlessJobConfig" not in params:
        yield "AlgorithmSpecification is required unless ServerlessJobConfig is given."
    if "ResourceConfig" not in params and "ServerlessJobConfig" not in params:
        yield "ResourceConfig is required unless ServerlessJobConfig is given."
    if "InstanceGroups" in resources and "InstanceType" in resources:
        yield "InstanceType and InstanceCount must not be given with InstanceGroups."
    is_spot, longest = params.get("EnableManagedSpotTraining"), limits.get("MaxWaitTimeInSeconds")
    if is_spot and (longest or 0) < limits.get("MaxRuntimeInSeconds", 0):
        yield (
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
            "MaxRuntimeInSeconds"
        )
    if longest and not is_spot:
        yield (
            "Invalid MaxWaitTimeInSeconds. It is supported only when EnableManagedSpotTraining "
            "is set to true"
        )


def _require(job: TrainingJob, allowed: tuple[str, ...]) -> None:
    if job.status not in allowed:
        raise ValidationException(
            f"The request was rejected because the training job is in status {job.status}.",
        )


def _secondary_statuses(job: TrainingJob) -> Iterator[Json]:
    ends: list[object] = [began for _, began in job.history[1:]]
    ends.append(job.ended_at)
    for (phase, began), ended in zip(job.history, ends, strict=True):
        yield {"Status": phase, "StartTime": began, "EndTime": ended}


def _seconds(job: TrainingJob) -> Json:
    if job.run_time is None:
        return {}
    seconds = max(1, int(job.run_time.total_seconds()))
    share = _SPOT_SHARE if job.details["EnableManagedSpotTraining"] else 1
    return {
        "TrainingTimeInSeconds": seconds,
        "BillableTimeInSeconds": max(1, int(seconds * share)),
    }
