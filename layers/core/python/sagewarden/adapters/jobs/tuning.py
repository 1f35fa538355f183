"""Tuning jobs, with those of their training jobs that are in progress."""

from dataclasses import replace

from sagewarden.adapters.errors import AWS_ERRORS
from sagewarden.adapters.jobs.described import training_run, tuning_run
from sagewarden.adapters.jobs.kind import Described, JobKind
from sagewarden.adapters.sagemaker_paths import request_shapes
from sagewarden.adapters.sessions import Sessions
from sagewarden.domain.job_runs import Run
from sagewarden.domain.resources import ResourceKind


def _with_training_jobs(sessions: Sessions, region: str, described: Described, run: Run) -> Run:
    """Add how its training jobs in progress run; what cannot be read leaves all of them unknown.

    Calls: the list pages of those in progress, and one for each of them.
    """
    client = sessions.client("sagemaker", region)
    try:
        pages = client.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job").paginate(
            HyperParameterTuningJobName=described["HyperParameterTuningJobName"],
            StatusEquals="InProgress",
        )
        names = [item["TrainingJobName"] for page in pages for item in page["TrainingJobSummaries"]]
        runs = {
            name: training_run(client.describe_training_job(TrainingJobName=name)) for name in names
        }
    except AWS_ERRORS:
        return run
    return replace(run, at_work=runs)


_KIND = JobKind(
    kind=ResourceKind.TUNING_JOB,
    word="HyperParameterTuning",
    noun="hyper_parameter_tuning_job",
    describe="describe_hyper_parameter_tuning_job",
    shape=request_shapes().operations["CreateHyperParameterTuningJob"],
    run=tuning_run,
    completed=_with_training_jobs,
)
listed, read, act = _KIND.listed, _KIND.read, _KIND.act
manifest, present = _KIND.manifest, _KIND.present
