"""Transform jobs, whose instances are named by ids that only their metrics tell."""

from dataclasses import replace

from sagewarden.adapters.errors import AWS_ERRORS
from sagewarden.adapters.jobs.described import transform_run
from sagewarden.adapters.jobs.kind import Described, JobKind
from sagewarden.adapters.sagemaker_paths import request_shapes
from sagewarden.adapters.sessions import Sessions
from sagewarden.domain.job_runs import Run
from sagewarden.domain.jobs.hosts import GPU_METRIC, NAMESPACES, has_gpus
from sagewarden.domain.resources import ResourceKind


def _with_hosts(sessions: Sessions, region: str, described: Described, run: Run) -> Run:
    """Add the names of its instances where GPUs may idle; none of them where they are not told.

    Calls: the pages of ListMetrics over what was measured in the last three hours.
    """
    if not any(has_gpus(name) for name, _ in run.machines or ()):
        return run
    prefix = f"{described['TransformJobName']}/"
    try:
        pages = (
            sessions.client("cloudwatch", region)
            .get_paginator("list_metrics")
            .paginate(
                Namespace=NAMESPACES[ResourceKind.TRANSFORM_JOB],
                MetricName=GPU_METRIC,
                RecentlyActive="PT3H",
            )
        )
        hosts = {
            pair["Value"]
            for page in pages
            for item in page["Metrics"]
            for pair in item.get("Dimensions", ())
            if pair["Name"] == "Host" and pair["Value"].startswith(prefix)
        }
    except AWS_ERRORS:
        return run
    return replace(run, hosts=tuple(sorted(hosts)))


_KIND = JobKind(
    kind=ResourceKind.TRANSFORM_JOB,
    word="Transform",
    noun="transform_job",
    describe="describe_transform_job",
    shape=request_shapes().operations["CreateTransformJob"],
    run=transform_run,
    completed=_with_hosts,
)
listed, read, act = _KIND.listed, _KIND.read, _KIND.act
manifest, present = _KIND.manifest, _KIND.present
