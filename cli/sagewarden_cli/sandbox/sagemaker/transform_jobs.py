"""Batch transform jobs: InProgress until they are done or stopped; AWS sets them no time limit."""

from sagewarden_cli.sandbox.backend import Json, Params, operation
from sagewarden_cli.sandbox.sagemaker.job_backend import JobBackend
from sagewarden_cli.sandbox.sagemaker.jobs import TransformJob


def transform_details(params: Params) -> Json:
    """Return what describing a transform job gives back of the call that made it."""
    return {k: v for k, v in params.items() if k not in {"TransformJobName", "Tags"}}


class TransformJobs(JobBackend[TransformJob]):
    """The operations on transform jobs."""

    job = TransformJob
    word = "Transform"
    words = "transform job"
    taken = "Transform job names"

    @operation("CreateTransformJob")
    def create(self, params: Params) -> Json:
        """Create a transform job of a model that exists; it is InProgress at once."""
        self._store.model(params["ModelName"])
        job = self._new(params, transform_details(params))
        self._runs.begin(job)
        return {"TransformJobArn": job.arn}

    @operation("DescribeTransformJob")
    def describe(self, params: Params) -> Json:
        """Describe a transform job."""
        return self._description(self._one(params))

    @operation("ListTransformJobs")
    def list_page(self, params: Params) -> Json:
        """List transform jobs, the newest first unless asked otherwise."""
        return self._page(self._all.values(), params)

    @operation("StopTransformJob")
    def stop(self, params: Params) -> Json:
        """Stop a transform job that is InProgress."""
        return self._stop(params)
