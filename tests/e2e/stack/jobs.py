"""A Monday morning of jobs: some get nowhere, some are too large, and one is protected."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from sagewarden_cli.sandbox.sagemaker.seeding import SageMakerFleet
from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.scenarios import Chronicle, at

GPU = "ml.g5.xlarge"
MINA = {"Owner": "mina"}
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def morning_of_jobs(playing: AbstractContextManager[Wiring]) -> Chronicle:
    """The training bot warns at 9:07 and acts at 9:52, guardrails at 9:03 and 10:18."""
    chronicle = Chronicle()
    with playing as wiring:
        fleet = wiring.sandbox.sagemaker()
        _add_stuck_jobs(fleet)
        _add_large_jobs(fleet)
        wiring.sleep_until(at(16, 9, 2))
        wiring.run_until(at(16, 9, 8))
        chronicle.states["09:08"] = what_runs(wiring)
        wiring.sleep_until(at(16, 9, 51))
        wiring.run_until(at(16, 9, 53))
        wiring.sleep_until(at(16, 9, 58))
        chronicle.states["09:58"] = what_runs(wiring)
        wiring.sleep_until(at(16, 10, 17))
        wiring.run_until(at(16, 10, 19))
        wiring.sleep_until(at(16, 10, 25))
        chronicle.states["10:25"] = what_runs(wiring)
        return chronicle.close(wiring)


def _add_stuck_jobs(fleet: SageMakerFleet) -> None:
    """One of each kind, and a warm pool, since six o'clock; their GPUs do nothing all morning."""
    six = at(16, 6)
    zeros = [(six + number * MINUTE, 0.0) for number in range(360)]
    adders: dict[str, Callable[..., str]] = {
        "training-job": fleet.add_training_job,
        "processing-job": fleet.add_processing_job,
        "transform-job": fleet.add_transform_job,
    }
    for kind, add in adders.items():
        add(f"stuck-{kind}", instance_type=GPU, created_at=six, tags=MINA)
        fleet.publish_job_metric(kind, f"stuck-{kind}", zeros)
    fleet.add_training_job(
        "prod", instance_type=GPU, created_at=six, tags={**MINA, "Stage": "prod"}
    )
    fleet.publish_job_metric("training-job", "prod", zeros)
    fleet.add_training_job("dark", instance_type=GPU, created_at=six, tags=MINA)
    fleet.add_tuning_job("search", created_at=six, tags=MINA)
    for number in range(3):
        fleet.add_training_job(
            f"failed-{number}", tuning_job="search", status="Failed", created_at=six
        )
    fleet.add_training_job("child", tuning_job="search", created_at=six, tags=MINA)
    tabular = {
        "TargetAttributeName": "left",
        "CompletionCriteria": {"MaxAutoMLJobRuntimeInSeconds": 3600},
    }
    fleet.add_auto_ml_job(
        "late",
        created_at=six,
        tags=MINA,
        AutoMLProblemTypeConfig={"TabularJobConfig": tabular},
    )
    fleet.force_status("automl-job", "late", "InProgress")
    pool = {
        "InstanceType": GPU,
        "InstanceCount": 1,
        "VolumeSizeInGB": 30,
        "KeepAlivePeriodInSeconds": 21_600,
    }
    fleet.add_training_job(
        "warm",
        status="Completed",
        created_at=six,
        duration=2 * HOUR,
        tags=MINA,
        ResourceConfig=pool,
    )


def _add_large_jobs(fleet: SageMakerFleet) -> None:
    """One of each kind beyond what the policy allows, on instances without GPUs."""
    eight = at(16, 8)
    fleet.add_processing_job("large", instance_count=9, created_at=eight, tags=MINA)
    fleet.add_transform_job("large", instance_count=9, created_at=eight, tags=MINA)
    definition: dict[str, Any] = {
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 9}
    }
    limits = {"MaxParallelTrainingJobs": 1, "MaxRuntimeInSeconds": 36_000}
    fleet.add_tuning_job(
        "large",
        created_at=eight,
        tags=MINA,
        HyperParameterTuningJobConfig={"Strategy": "Random", "ResourceLimits": limits},
        TrainingJobDefinition=definition,
    )
    fleet.add_auto_ml_job("endless", created_at=eight, tags=MINA)


def what_runs(wiring: Wiring) -> dict[str, str]:
    """The states of all of them, by their kinds and names."""
    client = wiring.sandbox.client("sagemaker")
    found: dict[str, str] = {}
    for kind, word in (
        ("training", "Training"),
        ("processing", "Processing"),
        ("transform", "Transform"),
        ("hyper_parameter_tuning", "HyperParameterTuning"),
        ("auto_ml", "AutoML"),
    ):
        listed = getattr(client, f"list_{kind}_jobs")(MaxResults=100)[f"{word}JobSummaries"]
        found |= {
            f"{kind} {item[f'{word}JobName']}": item[f"{word}JobStatus"]
            for item in listed
            if not item[f"{word}JobName"].startswith("failed")
        }
    pool = client.describe_training_job(TrainingJobName="warm")["WarmPoolStatus"]
    return {**found, "pool warm": pool["Status"]}
