"""Training jobs: from Starting to Completed, unless they are stopped or run out of time."""

from collections.abc import Iterator

from sagewarden_cli.sandbox.backend import Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError, ResourceInUse, ValidationException
from sagewarden_cli.sandbox.sagemaker.job_backend import JobBackend
from sagewarden_cli.sandbox.sagemaker.jobs import TrainingJob, TuningJob
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


class TrainingJobs(JobBackend[TrainingJob]):
    """The operations on training jobs."""

    job = TrainingJob
    word = "Training"
    words = "training job"
    taken = "Training job names"

    @operation("CreateTrainingJob")
    def create(self, params: Params) -> Json:
        """Create a training job; it is InProgress at once."""
        for complaint in _complaints(params):
            raise ValidationException(complaint)
        job = self._new(params, training_details(params))
        self._runs.begin(job)
        return {"TrainingJobArn": job.arn}

    @operation("DescribeTrainingJob")
    def describe(self, params: Params) -> Json:
        """Describe a training job."""
        job = self._one(params)
        output = job.details.get("OutputDataConfig", {}).get("S3OutputPath", "").rstrip("/")
        return {
            **self._description(job),
            "SecondaryStatus": job.phase,
            "SecondaryStatusTransitions": list(_secondary_statuses(job)),
            "WarmPoolStatus": warm_pool(job, self.here.now()),
            "TuningJobArn": job.tuning_job and self._store.arn(TuningJob.kind, job.tuning_job),
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
        found = self._page(wanted, {k: v for k, v in params.items() if k not in dropped})
        summaries = found["TrainingJobSummaries"]
        on_page = [s for s in summaries if status in {None, s["TrainingJobStatus"]}]
        return {**found, "TrainingJobSummaries": on_page}

    @operation("StopTrainingJob")
    def stop(self, params: Params) -> Json:
        """Stop a training job that is InProgress."""
        return self._stop(params)

    @operation("UpdateTrainingJob")
    def update(self, params: Params) -> Json:
        """Change what watches a job that is InProgress, or how long its warm pool is kept."""
        job = self._one(params)
        pool = warm_pool(job, self.here.now()) or {}
        wanted = params.get("ResourceConfig")
        changes = {name: params[name] for name in _PROFILER_MEMBERS if name in params}
        if changes or pool.get("Status") != "Available":
            self._require(job, ("InProgress",))
        for name, value in changes.items():
            known = job.details.get(name)
            job.details[name] = {**known, **value} if isinstance(known, dict) else value
        if wanted is not None:
            keep_for(job, wanted["KeepAlivePeriodInSeconds"], self.here.now())
        return {"TrainingJobArn": job.arn}

    @operation("DeleteTrainingJob")
    def delete(self, params: Params) -> Json:
        """Delete a training job that has ended and keeps no warm pool."""
        job = self._one(params)
        pool = warm_pool(job, self.here.now()) or {}
        if pool.get("Status") == "Available":
            raise ResourceInUse(f"Training job {job.arn} retains an Available warm pool.")
        return self._delete(params)

    def _missing(self, name: str) -> AwsError:
        del name
        return ValidationException("Requested resource not found.")

    def _is_wanted(self, job: TrainingJob, params: Params) -> bool:
        pool = warm_pool(job, self.here.now()) or {}
        return params.get("WarmPoolStatusEquals") in {None, pool.get("Status")} and (
            params.get("TrainingPlanArnEquals") in {None, _training_plan(job)}
        )

    def _summary(self, job: TrainingJob) -> Json:
        return {
            **self._identity(job),
            "SecondaryStatus": job.phase,
            "WarmPoolStatus": warm_pool(job, self.here.now()),
            "TrainingPlanArn": _training_plan(job),
        }


def _training_plan(job: TrainingJob) -> str | None:
    plan: str | None = job.details.get("ResourceConfig", {}).get("TrainingPlanArn")
    return plan


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
