"""AutoML jobs of both versions: InProgress until they are done, stopped or out of time."""

from sagewarden_cli.sandbox.backend import Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError, ResourceNotFound, ValidationException
from sagewarden_cli.sandbox.sagemaker.job_backend import JobBackend
from sagewarden_cli.sandbox.sagemaker.jobs import AutoMLJob

_PROBLEM, _INPUT = "AutoMLProblemTypeConfig", "AutoMLJobInputDataConfig"
_FIRST_INPUT = "InputDataConfig"


def auto_ml_details(params: Params) -> Json:
    """Return what describing an AutoML job gives back of the call that made it."""
    return {k: v for k, v in params.items() if k not in {"AutoMLJobName", "Tags"}}


class AutoMLJobs(JobBackend[AutoMLJob]):
    """The operations on AutoML jobs; both versions share their names and their listing."""

    job = AutoMLJob
    word = "AutoML"
    words = "AutoML job"
    taken = "AutoML job names"

    @operation("CreateAutoMLJob")
    def create(self, params: Params) -> Json:
        """Create a job of the first version; it is InProgress at once."""
        return self._create(params)

    @operation("CreateAutoMLJobV2")
    def create_second(self, params: Params) -> Json:
        """Create a job of the second version, for one of the five types of problems."""
        return self._create(params)

    @operation("DescribeAutoMLJob")
    def describe(self, params: Params) -> Json:
        """Describe a job of the first version; AWS does not describe the second one's so."""
        job = self._one(params)
        if _PROBLEM in job.details:
            raise ValidationException(
                f"AutoML job {job.arn} was created by CreateAutoMLJobV2: use DescribeAutoMLJobV2."
            )
        return self._description(job)

    @operation("DescribeAutoMLJobV2")
    def describe_second(self, params: Params) -> Json:
        """Describe a job of either version, in the second one's words."""
        job = self._one(params)
        found = self._description(job)
        told = found if _PROBLEM in found else _in_second_words(found)
        problem = next(iter(told[_PROBLEM]))
        return {**told, "AutoMLProblemTypeConfigName": problem.removesuffix("JobConfig")}

    @operation("ListAutoMLJobs")
    def list_page(self, params: Params) -> Json:
        """List jobs of both versions, by name and backwards unless asked otherwise."""
        return self._page(self._all.values(), {"SortBy": "Name", **params})

    @operation("StopAutoMLJob")
    def stop(self, params: Params) -> Json:
        """Stop a job that is InProgress."""
        return self._stop(params)

    def _create(self, params: Params) -> Json:
        job = self._new(params, auto_ml_details(params))
        self._runs.begin(job)
        return {"AutoMLJobArn": job.arn}

    def _missing(self, name: str) -> AwsError:
        return ResourceNotFound(f"Amazon SageMaker can't find an AutoML job with the name {name}.")

    def _identity(self, job: AutoMLJob) -> Json:
        known = super()._identity(job)
        ended = known.pop("AutoMLEndTime")
        return {**known, "EndTime": ended, "AutoMLJobSecondaryStatus": job.phase}

    def _description(self, job: AutoMLJob) -> Json:
        return {**job.details, **self._identity(job)}


def _in_second_words(job: Json) -> Json:
    """A job of the first version as the second one describes it: it is always tabular."""
    channels = job[_FIRST_INPUT]
    config = job.get("AutoMLJobConfig", {})
    kept = {"CompletionCriteria", "CandidateGenerationConfig", "Mode"}
    named = {"ProblemType", "GenerateCandidateDefinitionsOnly"}
    tabular = {
        "TargetAttributeName": channels[0].get("TargetAttributeName"),
        **_only(kept, config),
        **_only(named, job),
    }
    known = {"ChannelType", "ContentType", "CompressionType", "DataSource"}
    return {
        **job,
        _INPUT: [_only(known, channel) for channel in channels],
        _PROBLEM: {"TabularJobConfig": tabular},
    }


def _only(names: set[str], members: Json) -> Json:
    return {name: value for name, value in members.items() if name in names}
