"""What was not deleted comes back, too: copies, concurrency, a notebook; a training job cannot."""

import json
import shlex
from datetime import timedelta

from sagewarden.application.restore import RestoreStatus
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.resources import ResourceKind
from tests.integration.restoration.conftest import Bench
from tests.support.endpoints_to_restore import components, serverless

NOTEBOOK = ResourceKind.NOTEBOOK_INSTANCE


def test_components_that_were_scaled_to_zero_get_their_copies_back(bench: Bench) -> None:
    components(bench.sandbox)
    before = bench.everything()
    undoing = bench.do(ActionKind.SCALE_TO_ZERO, "e")

    report = bench.restore_whole(undoing)

    assert sorted(str(step) for step in report.done) == [
        "give its copies back to inference component chat",
        "give its copies back to inference component rank",
    ]
    assert report.status is RestoreStatus.RESTORED
    bench.sandbox.clock.advance(timedelta(hours=1))
    assert bench.everything() == before


def test_a_released_endpoint_gets_its_config_target_policies_and_schedule_back(
    bench: Bench,
) -> None:
    serverless(bench.sandbox)
    before = bench.everything()
    undoing = bench.do(ActionKind.RELEASE_PROVISIONED_CONCURRENCY, "e")
    released = bench.everything()

    report = bench.restore_whole(undoing)

    assert released["endpoint"]["EndpointConfigName"].startswith("c-no-pc-")
    assert released["autoscaling"]["ScalableTargets"] == []
    assert report.status is RestoreStatus.RESTORED
    assert bench.everything() == before


def test_a_released_endpoint_that_somebody_gave_another_config_is_left_alone(
    bench: Bench,
) -> None:
    serverless(bench.sandbox)
    undoing = bench.do(ActionKind.RELEASE_PROVISIONED_CONCURRENCY, "e")
    client = bench.client("sagemaker")
    smaller = {"MemorySizeInMB": 1024, "MaxConcurrency": 5}
    variant = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": smaller}
    client.create_endpoint_config(EndpointConfigName="theirs", ProductionVariants=[variant])
    client.update_endpoint(EndpointName="e", EndpointConfigName="theirs")
    bench.sandbox.clock.advance(timedelta(hours=1))

    report = bench.restore(undoing)

    assert report.status is RestoreStatus.REFUSED
    assert "runs endpoint config theirs now, which somebody gave it" in str(report.obstacles[0])
    assert bench.everything()["endpoint"]["EndpointConfigName"] == "theirs"


def test_a_stopped_notebook_is_started_again_and_the_ledger_forgets_its_stop(
    bench: Bench,
) -> None:
    bench.sandbox.sagemaker().add_notebook_instance("nb")
    undoing = bench.do(ActionKind.STOP, "nb", NOTEBOOK)
    account = undoing.ref.account

    report = bench.restore_whole(undoing)

    assert [str(step) for step in report.done] == ["start notebook instance nb"]
    assert report.status is RestoreStatus.RESTORED
    assert dict(bench.ledger.stopped_by_us(account, "us-east-1", "rule")) == {}
    assert bench.ledger.undoable(account, "us-east-1") == ()


def test_a_notebook_that_is_still_stopping_is_waited_for(bench: Bench) -> None:
    bench.sandbox.sagemaker().add_notebook_instance("nb")
    undoing = bench.do(ActionKind.STOP, "nb", NOTEBOOK)
    bench.restore_whole(undoing)
    bench.client("sagemaker").stop_notebook_instance(NotebookInstanceName="nb")

    report = bench.restore(undoing)

    assert report.waiting == "notebook instance nb is Stopping"
    assert report.status is RestoreStatus.UNDER_WAY
    assert bench.restore_whole(undoing).status is RestoreStatus.RESTORED


def test_a_notebook_that_was_deleted_cannot_come_back(bench: Bench) -> None:
    bench.sandbox.sagemaker().add_notebook_instance("nb")
    undoing = bench.do(ActionKind.STOP, "nb", NOTEBOOK)
    bench.client("sagemaker").delete_notebook_instance(NotebookInstanceName="nb")
    bench.sandbox.clock.advance(timedelta(hours=1))

    report = bench.restore(undoing)

    assert report.status is RestoreStatus.REFUSED
    assert "it was deleted, which Sagewarden never does" in str(report.obstacles[0])


def test_a_stopped_training_job_cannot_be_resumed_and_the_command_runs_it_again(
    bench: Bench,
) -> None:
    client = bench.client("sagemaker")
    client.create_training_job(
        TrainingJobName="train",
        AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
        RoleArn="arn:aws:iam::123456789012:role/train",
        OutputDataConfig={"S3OutputPath": "s3://bucket/out"},
        ResourceConfig={
            "InstanceType": "ml.m5.xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 50,
        },
        StoppingCondition={"MaxRuntimeInSeconds": 86_400},
        Tags=[{"Key": "Owner", "Value": "mina"}],
    )
    undoing = bench.do(ActionKind.STOP, "train", ResourceKind.TRAINING_JOB)

    report = bench.restore(undoing)

    assert report.status is RestoreStatus.REFUSED
    assert "a stopped training job cannot be resumed" in str(report.obstacles[0])
    words = shlex.split(report.commands[0])
    assert words[:4] == ["aws", "sagemaker", "create-training-job", "--cli-input-json"]
    client.create_training_job(**json.loads(words[4]))
    again = client.describe_training_job(TrainingJobName="train-again")
    assert again["ResourceConfig"]["VolumeSizeInGB"] == 50


def test_what_a_restore_did_is_in_the_audit_trail(bench: Bench) -> None:
    serverless(bench.sandbox)
    undoing = bench.do(ActionKind.DELETE, "e")

    bench.restore_whole(undoing)

    trail = [
        (item.action.kind, item.kind, item.rule) for item in bench.ledger.history(undoing.ref.arn)
    ]
    assert trail[0] == (ActionKind.DELETE, OutcomeKind.APPLIED, "rule")
    assert trail[1] == (ActionKind.RESTORE, OutcomeKind.UNDER_WAY, "rule")
    assert trail[-1] == (ActionKind.RESTORE, OutcomeKind.APPLIED, "rule")
    assert bench.ledger.undoable(undoing.ref.account, "us-east-1") == ()
