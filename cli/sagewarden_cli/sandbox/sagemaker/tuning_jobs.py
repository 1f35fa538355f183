"""Hyperparameter tuning jobs, and the listing of the training jobs that they launch."""

from collections import Counter

from sagewarden_cli.sandbox.backend import AccountRegion, Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError, ResourceNotFound, ValidationException
from sagewarden_cli.sandbox.sagemaker.job_backend import JobBackend
from sagewarden_cli.sandbox.sagemaker.jobs import TrainingJob, TuningJob
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.tuning_runs import TuningRuns

_METRIC = "FinalObjectiveMetricValue"


def tuning_details(params: Params) -> Json:
    """Return what describing a tuning job gives back of the call that made it."""
    return {k: v for k, v in params.items() if k not in {"HyperParameterTuningJobName", "Tags"}}


class TuningJobs(JobBackend[TuningJob]):
    """The operations on hyperparameter tuning jobs."""

    job = TuningJob
    word = "HyperParameterTuning"
    words = "hyperparameter tuning job"
    taken = "Hyperparameter tuning job names"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._tunings = TuningRuns(here)

    @operation("CreateHyperParameterTuningJob")
    def create(self, params: Params) -> Json:
        """Create a tuning job; it launches its first training jobs at once."""
        if ("TrainingJobDefinition" in params) == ("TrainingJobDefinitions" in params):
            raise ValidationException(
                "Exactly one of TrainingJobDefinition and TrainingJobDefinitions must be given.",
            )
        job = self._new(params, tuning_details(params))
        self._tunings.begin(job)
        return {"HyperParameterTuningJobArn": job.arn}

    @operation("DescribeHyperParameterTuningJob")
    def describe(self, params: Params) -> Json:
        """Describe a tuning job; none of its training jobs is the best."""
        job = self._one(params)
        return {**job.details, **self._identity(job), **self._counters(job)}

    @operation("ListHyperParameterTuningJobs")
    def list_page(self, params: Params) -> Json:
        """List tuning jobs, the newest first unless asked otherwise."""
        return self._page(self._all.values(), params)

    @operation("StopHyperParameterTuningJob")
    def stop(self, params: Params) -> Json:
        """Stop a tuning job that is InProgress, with its training jobs."""
        job = self._one(params)
        self._require(job, ("InProgress",))
        self._tunings.stop(job)
        return {}

    @operation("DeleteHyperParameterTuningJob")
    def delete(self, params: Params) -> Json:
        """Delete a tuning job that has ended; its training jobs stay."""
        return self._delete(params)

    @operation("ListTrainingJobsForHyperParameterTuningJob")
    def list_children(self, params: Params) -> Json:
        """List the training jobs of a tuning job, by name unless asked otherwise."""
        by_metric = params.get("SortBy") == _METRIC  # nobody measures: AWS lists none then
        children = [] if by_metric else self._tunings.children(self._one(params))
        query = {k: v for k, v in params.items() if (k, v) != ("SortBy", _METRIC)}
        page, token = listed(children, query, sort_by="Name", sort_order="Ascending")
        return {"TrainingJobSummaries": [_child(child) for child in page], "NextToken": token}

    def _missing(self, name: str) -> AwsError:
        return ResourceNotFound(f"Amazon SageMaker can't find a tuning job with the name {name}.")

    def _summary(self, job: TuningJob) -> Json:
        return {
            **self._identity(job),
            **self._counters(job),
            "Strategy": job.details["HyperParameterTuningJobConfig"]["Strategy"],
            "ResourceLimits": job.limits,
        }

    def _counters(self, job: TuningJob) -> Json:
        counts = Counter(child.status for child in self._tunings.children(job))
        running = counts["InProgress"] + counts["Stopping"]
        return {
            "TrainingJobStatusCounters": {
                "Completed": counts["Completed"],
                "InProgress": running,
                "RetryableError": 0,
                "NonRetryableError": counts["Failed"],
                "Stopped": counts["Stopped"],
            },
            "ObjectiveStatusCounters": {
                "Succeeded": counts["Completed"],
                "Pending": running,
                "Failed": counts["Failed"] + counts["Stopped"],
            },
        }


def _child(job: TrainingJob) -> Json:
    return {
        "TrainingJobName": job.name,
        "TrainingJobArn": job.arn,
        "TuningJobName": job.tuning_job,
        "CreationTime": job.created_at,
        "TrainingStartTime": job.started_at,
        "TrainingEndTime": job.ended_at,
        "TrainingJobStatus": job.status,
        "TunedHyperParameters": {},
        "FailureReason": job.failure_reason,
    }
