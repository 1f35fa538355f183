"""Jobs on the command line: planned with what it would save, applied, and told how to run again."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.jobs import GPU

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Desk

pytestmark = pytest.mark.aws

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
RULE = """
  - name: stuck-jobs
    resources: [training-job, processing-job, transform-job, hyper-parameter-tuning-job]
    idle: {gpu_below: 5, for: 30m}
    past_max_runtime: 30m
    failing_children: 3
    unused_warm_pools: 30m
"""


def add_jobs(desk: "Desk") -> None:
    fleet = desk.sandbox.sagemaker()
    before = desk.now - 4 * HOUR
    zeros = [(desk.now - number * MINUTE, 0.0) for number in range(45)]
    for adder, kind in (
        (fleet.add_training_job, "training-job"),
        (fleet.add_processing_job, "processing-job"),
        (fleet.add_transform_job, "transform-job"),
    ):
        adder(f"idle-{kind}", instance_type=GPU, created_at=before)
        fleet.publish_job_metric(kind, f"idle-{kind}", zeros)
    fleet.add_training_job("dark", instance_type=GPU, created_at=before)
    fleet.add_tuning_job("failing", created_at=before)
    for number in range(3):
        fleet.add_training_job(f"bad-{number}", tuning_job="failing", status="Failed")
    pool = {
        "InstanceType": GPU,
        "InstanceCount": 1,
        "VolumeSizeInGB": 30,
        "KeepAlivePeriodInSeconds": 7200,
    }
    fleet.add_training_job(
        "warm", status="Completed", created_at=before, duration=3 * HOUR, ResourceConfig=pool
    )


def test_a_plan_names_every_kind_of_job_that_gets_nowhere(desk: "Desk") -> None:
    desk.write_policy(extra=RULE)
    add_jobs(desk)
    desk.sandbox.calls.clear()

    result = desk.run("plan", "--output", "json")

    document = json.loads(result.stdout)
    assert {(item["action"], item["resource"]["name"]) for item in document["actions"]} == {
        ("stop", "idle-training-job"),
        ("stop", "idle-processing-job"),
        ("stop", "idle-transform-job"),
        ("stop", "failing"),
        ("stop", "warm"),
    }
    assert [
        item["verdict"] for item in document["left_alone"] if item["resource"]["name"] == "dark"
    ] == ["UNKNOWN"]
    assert desk.writing_calls() == []


def test_a_plan_is_applied_and_the_undo_is_a_command(desk: "Desk") -> None:
    desk.write_policy(extra=RULE)
    add_jobs(desk)
    path = desk.folder / "plan.json"
    desk.run("plan", "--rule", "stuck-jobs", "--save", path)

    applied = desk.run("apply", path)
    restored = desk.call("restore", "idle-processing-job")

    client = desk.sandbox.client("sagemaker")
    found = client.describe_processing_job(ProcessingJobName="idle-processing-job")
    pool = client.describe_training_job(TrainingJobName="warm")["WarmPoolStatus"]
    assert applied.exit_code == 0, applied.output
    assert found["ProcessingJobStatus"] in {"Stopping", "Stopped"}
    assert pool["Status"] == "Terminated"
    assert "create-processing-job" in restored.output
    assert "cannot be resumed" in restored.output
