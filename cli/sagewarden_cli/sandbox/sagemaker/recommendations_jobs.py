"""Jobs of the Inference Recommender: they test endpoints until they are done or stopped."""

from datetime import datetime, timedelta

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import ResourceInUse, ResourceNotFound, ValidationException
from sagewarden_cli.sandbox.pagination import page_after
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.services import RecommendationsJob
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in

_DEFAULT_PAGE = 10
_RUNNING = frozenset({"PENDING", "IN_PROGRESS"})


def recommendations_details(params: Params) -> Json:
    """Return what describing such a job gives back of the call that made it."""
    return {k: v for k, v in params.items() if k not in {"JobName", "Tags", "OutputConfig"}}


class RecommendationsJobs(Backend):
    """The operations on inference recommendations jobs."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)

    @operation("CreateInferenceRecommendationsJob")
    def create(self, params: Params) -> Json:
        """Create a job; it is PENDING, then IN_PROGRESS, then COMPLETED."""
        name, now = params["JobName"], self.here.now()
        if name in self._store.recommendations_jobs:
            raise ResourceInUse(f"Inference Recommendations Job {name} already exists.")
        job = RecommendationsJob(
            name=name,
            arn=self._store.arn(RecommendationsJob.kind, name),
            created_at=now,
            modified_at=now,
            status="PENDING",
            details=recommendations_details(params),
        )
        job.tag(tags_in(params))
        self._store.recommendations_jobs[name] = job
        job.await_change(self.here.after(job.kind, "PENDING", lambda at: self._begin(job, at)))
        return {"JobArn": job.arn}

    @operation("DescribeInferenceRecommendationsJob")
    def describe(self, params: Params) -> Json:
        """Describe a job."""
        job = self._one(params)
        shown = {**job.details, **_identity(job)}
        return {name: value for name, value in shown.items() if value is not None}

    @operation("ListInferenceRecommendationsJobs")
    def list_page(self, params: Params) -> Json:
        """List jobs, the newest first unless asked otherwise."""
        page, token = listed(self._store.recommendations_jobs.values(), params)
        return {"InferenceRecommendationsJobs": [_summary(job) for job in page], "NextToken": token}

    @operation("ListInferenceRecommendationsJobSteps")
    def list_steps(self, params: Params) -> Json:
        """List a job's benchmarks: one for each endpoint configuration that it asked for."""
        job = self._one(params)
        steps = [
            {"StepType": "BENCHMARK", "JobName": job.name, "Status": job.status}
            for _ in job.details["InputConfig"].get("EndpointConfigurations", ())
        ]
        numbered = list(enumerate(steps))
        if params.get("Status", job.status) != job.status:
            numbered = []
        limit = params.get("MaxResults", _DEFAULT_PAGE)
        page, token = page_after(numbered, lambda item: (item[0],), params.get("NextToken"), limit)
        return {"Steps": [step for _, step in page], "NextToken": token}

    @operation("StopInferenceRecommendationsJob")
    def stop(self, params: Params) -> Json:
        """Stop a job that has not ended."""
        job = self._one(params)
        if job.status not in _RUNNING:
            raise ValidationException(
                "The request was rejected because the inference recommendations job is in status "
                f"{job.status}.",
            )
        job.enter("STOPPING", self.here.now())
        ended = self.here.after(job.kind, "STOPPING", lambda at: job.enter("STOPPED", at))
        job.await_change(ended)
        return {}

    def _begin(self, job: RecommendationsJob, at: datetime) -> None:
        job.enter("IN_PROGRESS", at)
        seconds = job.details["InputConfig"].get("JobDurationInSeconds")
        lasts = self.here.duration(job.kind, "IN_PROGRESS")
        if seconds is not None:
            lasts = min(lasts, timedelta(seconds=seconds))
        job.await_change(self.here.later(lasts, lambda then: job.enter("COMPLETED", then), at))

    def _one(self, params: Params) -> RecommendationsJob:
        name = params["JobName"]
        found = self._store.recommendations_jobs.get(name)
        if found is None:
            raise ResourceNotFound(f"Inference Recommendations Job {name} does not exist.")
        return found


def _identity(job: RecommendationsJob) -> Json:
    return {
        "JobName": job.name,
        "JobArn": job.arn,
        "JobType": job.details["JobType"],
        "RoleArn": job.details["RoleArn"],
        "Status": job.status,
        "CreationTime": job.created_at,
        "CompletionTime": job.ended_at,
        "LastModifiedTime": job.modified_at,
        "FailureReason": job.failure_reason,
    }


def _summary(job: RecommendationsJob) -> Json:
    shown = {"JobDescription": job.details.get("JobDescription", ""), **_identity(job)}
    return {name: value for name, value in shown.items() if value is not None}
