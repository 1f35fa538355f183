"""A job that was stopped cannot be resumed; what runs it again is kept, and said."""

from datetime import timedelta
from typing import Any

import pytest

from sagewarden.adapters.sagemaker_executor import SageMakerExecutor
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.application.restore import RestoreStatus
from sagewarden.application.undoing import Undoing
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.resources import ResourceKind
from sagewarden_cli.restoring_names import arn_of
from tests.integration.restoration.conftest import REGION, Bench

HOUR = timedelta(hours=1)


def stop(bench: Bench, kind: ResourceKind, *, keep: bool = True) -> Undoing:
    """Stop the only one of its kind as a bot does."""
    (found,) = SageMakerInventory(bench.sessions).found(kind, REGION).items
    action = Action(ActionKind.STOP, found.ref, Precondition.of(found))
    executor, now = SageMakerExecutor(bench.sessions), bench.sandbox.clock.now()
    assert action.destructive
    if keep:
        bench.ledger.keep(executor.manifest(action.ref, now))
    undo = executor.execute(action)
    bench.ledger.record(Outcome("stuck", action, OutcomeKind.APPLIED, "done", now, undo))
    return bench.undoing(action.ref.arn)


def add(bench: Bench, kind: ResourceKind) -> None:
    fleet = bench.sandbox.sagemaker(region=REGION)
    adders: dict[ResourceKind, Any] = {
        ResourceKind.PROCESSING_JOB: fleet.add_processing_job,
        ResourceKind.TRANSFORM_JOB: fleet.add_transform_job,
        ResourceKind.TUNING_JOB: fleet.add_tuning_job,
        ResourceKind.AUTO_ML_JOB: fleet.add_auto_ml_job,
    }
    adders[kind]("stuck")


@pytest.mark.parametrize(
    ("kind", "words", "operation"),
    [
        (ResourceKind.PROCESSING_JOB, "processing job", "create-processing-job"),
        (ResourceKind.TRANSFORM_JOB, "transform job", "create-transform-job"),
        (
            ResourceKind.TUNING_JOB,
            "hyper parameter tuning job",
            "create-hyper-parameter-tuning-job",
        ),
        (ResourceKind.AUTO_ML_JOB, "auto ml job", "create-auto-ml-job-v2"),
    ],
)
def test_the_command_that_runs_a_stopped_job_again_is_said(
    bench: Bench, kind: ResourceKind, words: str, operation: str
) -> None:
    add(bench, kind)

    report = bench.restore(stop(bench, kind))

    assert report.status is RestoreStatus.REFUSED
    assert f"a stopped {words} cannot be resumed; the command runs it" in str(report.obstacles[0])
    [command] = report.commands
    assert command.startswith(f"aws sagemaker {operation} ")
    assert "stuck-again" in command


def test_a_job_of_which_no_manifest_was_kept_has_no_command(bench: Bench) -> None:
    add(bench, ResourceKind.PROCESSING_JOB)

    report = bench.restore(stop(bench, ResourceKind.PROCESSING_JOB, keep=False))

    assert (report.status, report.commands) == (RestoreStatus.REFUSED, ())
    assert "no manifest of it was kept" in str(report.obstacles[0])


def test_a_warm_pool_that_ended_does_not_come_back(bench: Bench) -> None:
    pool = {
        "InstanceType": "ml.g5.xlarge",
        "InstanceCount": 1,
        "VolumeSizeInGB": 30,
        "KeepAlivePeriodInSeconds": 3600,
    }
    bench.sandbox.sagemaker(region=REGION).add_training_job(
        "bert",
        status="Completed",
        created_at=bench.sandbox.clock.now() - 2 * HOUR,
        duration=1.5 * HOUR,
        ResourceConfig=pool,
    )

    report = bench.restore(stop(bench, ResourceKind.WARM_POOL))

    assert (report.status, report.commands) == (RestoreStatus.REFUSED, ())
    assert "does not come back" in str(report.obstacles[0])


@pytest.mark.parametrize("kind", [ResourceKind.PROCESSING_JOB, ResourceKind.AUTO_ML_JOB])
def test_a_stopped_job_is_found_by_its_name(bench: Bench, kind: ResourceKind) -> None:
    add(bench, kind)
    arn = stop(bench, kind).ref.arn

    assert arn_of("stuck", bench.ledger, bench.sessions, "123456789012", REGION) == arn
