"""AutoML jobs of both versions: the second one's description tells of either."""

from sagewarden.adapters.jobs.described import auto_ml_run
from sagewarden.adapters.jobs.kind import JobKind
from sagewarden.adapters.sagemaker_paths import request_shapes
from sagewarden.domain.resources import ResourceKind

_KIND = JobKind(
    kind=ResourceKind.AUTO_ML_JOB,
    word="AutoML",
    noun="auto_ml_job",
    describe="describe_auto_ml_job_v2",
    shape=request_shapes().operations["CreateAutoMLJobV2"],
    run=auto_ml_run,
)
listed, read, act = _KIND.listed, _KIND.read, _KIND.act
manifest, present = _KIND.manifest, _KIND.present
