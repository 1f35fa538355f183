"""Processing jobs: InProgress until they are done, stopped or out of time."""

from sagewarden_cli.sandbox.backend import Json, Params, operation
from sagewarden_cli.sandbox.sagemaker.job_backend import JobBackend
from sagewarden_cli.sandbox.sagemaker.jobs import ProcessingJob

_DEFAULTS: Json = {"StoppingCondition": {"MaxRuntimeInSeconds": 86_400}}


def processing_details(params: Params) -> Json:
    """Return what describing a processing job gives back of the call that made it."""
    given = {k: v for k, v in params.items() if k not in {"ProcessingJobName", "Tags"}}
    return {**_DEFAULTS, **given}


class ProcessingJobs(JobBackend[ProcessingJob]):
    """The operations on processing jobs."""

    job = ProcessingJob
    word = "Processing"
    words = "processing job"
    taken = "Processing job names"

    @operation("CreateProcessingJob")
    def create(self, params: Params) -> Json:
        """Create a processing job; it is InProgress at once."""
        job = self._new(params, processing_details(params))
        self._runs.begin(job)
        return {"ProcessingJobArn": job.arn}

    @operation("DescribeProcessingJob")
    def describe(self, params: Params) -> Json:
        """Describe a processing job."""
        return self._description(self._one(params))

    @operation("ListProcessingJobs")
    def list_page(self, params: Params) -> Json:
        """List processing jobs, the newest first unless asked otherwise."""
        return self._page(self._all.values(), params)

    @operation("StopProcessingJob")
    def stop(self, params: Params) -> Json:
        """Stop a processing job that is InProgress."""
        return self._stop(params)

    @operation("DeleteProcessingJob")
    def delete(self, params: Params) -> Json:
        """Delete a processing job that has ended."""
        return self._delete(params)
