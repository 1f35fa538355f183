"""Processing jobs."""

from sagewarden.adapters.jobs.described import processing_run
from sagewarden.adapters.jobs.kind import JobKind
from sagewarden.adapters.sagemaker_paths import request_shapes
from sagewarden.domain.resources import ResourceKind

_KIND = JobKind(
    kind=ResourceKind.PROCESSING_JOB,
    word="Processing",
    noun="processing_job",
    describe="describe_processing_job",
    shape=request_shapes().operations["CreateProcessingJob"],
    run=processing_run,
)
listed, read, act = _KIND.listed, _KIND.read, _KIND.act
manifest, present = _KIND.manifest, _KIND.present
