"""Services that were stopped or deleted come back; what cannot come back as it was says so."""

import json
import shlex
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
from tests.integration.restoration.conftest import REGION, Bench

HOUR = timedelta(hours=1)
OWNED = {"Owner": "mina"}


def taken_away(bench: Bench, kind: ResourceKind, how: ActionKind) -> Undoing:
    """Do something to the only service of a kind, and let AWS come to an end."""
    (resource,) = SageMakerInventory(bench.sessions).found(kind, REGION).items
    action = Action(how, resource.ref, Precondition.of(resource))
    executor, now = SageMakerExecutor(bench.sessions), bench.sandbox.clock.now()
    bench.ledger.keep(executor.manifest(action.ref, now))
    undo = executor.execute(action)
    bench.ledger.record(Outcome("rule", action, OutcomeKind.APPLIED, "done", now, undo))
    bench.sandbox.clock.advance(HOUR)
    return bench.undoing(action.ref.arn)


@pytest.fixture
def fleet(bench: Bench) -> Any:
    return bench.sandbox.sagemaker(region=REGION)


def test_a_tracking_server_is_started_and_waited_for(bench: Bench, fleet: Any) -> None:
    fleet.add_tracking_server("flow", tags=OWNED)
    undoing = taken_away(bench, ResourceKind.MLFLOW_TRACKING_SERVER, ActionKind.STOP)

    first = bench.restore(undoing)
    whole = bench.restore_whole(undoing)

    assert (first.status, first.waiting) == (
        RestoreStatus.UNDER_WAY,
        "tracking server flow is Starting",
    )
    assert (whole.status, whole.differences) == (RestoreStatus.RESTORED, ())
    found = bench.client("sagemaker").describe_mlflow_tracking_server(TrackingServerName="flow")
    assert found["TrackingServerStatus"] == "Started"


def test_a_schedule_is_started_and_a_changed_one_says_what_changed(
    bench: Bench, fleet: Any
) -> None:
    fleet.add_endpoint("churn")
    fleet.add_monitoring_schedule("watch", endpoint="churn", tags=OWNED)
    undoing = taken_away(bench, ResourceKind.MONITORING_SCHEDULE, ActionKind.STOP)
    arn = undoing.ref.arn

    whole = bench.restore_whole(undoing)
    bench.client("sagemaker").delete_tags(ResourceArn=arn, TagKeys=["Owner"])
    changed = bench.restore(undoing)

    assert whole.status is RestoreStatus.RESTORED
    assert changed.status is RestoreStatus.PARTIAL
    assert [str(item) for item in changed.differences] == [
        "monitoring schedule watch: tag Owner was 'mina' and is absent"
    ]


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("CreateFailed", "it is CreateFailed, and cannot be started"),
        (None, "it was deleted, which Sagewarden never does"),
    ],
)
def test_a_server_that_cannot_be_started_is_left_as_it_is(
    bench: Bench, fleet: Any, status: str | None, why: str
) -> None:
    fleet.add_tracking_server("flow")
    undoing = taken_away(bench, ResourceKind.MLFLOW_TRACKING_SERVER, ActionKind.STOP)
    if status:
        fleet.force_status("mlflow-tracking-server", "flow", status)
    else:
        bench.client("sagemaker").delete_mlflow_tracking_server(TrackingServerName="flow")
        bench.sandbox.clock.advance(HOUR)

    report = bench.restore(undoing)

    assert report.status is RestoreStatus.REFUSED
    assert why in report.obstacles[0].why


def test_throughput_is_bought_anew_with_its_tags_and_another_arn_is_told(bench: Bench) -> None:
    bench.sandbox.bedrock(region=REGION).add_provisioned_model("chat", units=2, tags=OWNED)
    undoing = taken_away(bench, ResourceKind.PROVISIONED_MODEL, ActionKind.DELETE)

    first = bench.restore(undoing)
    whole = bench.restore_whole(undoing)

    bedrock = bench.client("bedrock")
    found = bedrock.get_provisioned_model_throughput(provisionedModelId="chat")
    tags = bedrock.list_tags_for_resource(resourceARN=found["provisionedModelArn"])["tags"]
    assert first.waiting == "provisioned throughput chat is Creating"
    assert (found["status"], found["modelUnits"]) == ("InService", 2)
    assert tags == [{"key": "Owner", "value": "mina"}]
    assert whole.status is RestoreStatus.PARTIAL
    assert [item.where for item in whole.differences] == [
        "provisioned throughput chat: provisionedModelArn"
    ]


def test_another_throughput_of_its_name_is_left_as_it_is(bench: Bench) -> None:
    fleet = bench.sandbox.bedrock(region=REGION)
    fleet.add_provisioned_model("chat", units=2)
    undoing = taken_away(bench, ResourceKind.PROVISIONED_MODEL, ActionKind.DELETE)
    fleet.add_provisioned_model("chat", units=1)

    report = bench.restore(undoing)

    assert report.status is RestoreStatus.REFUSED
    assert "another has its name (provisioned throughput: modelUnits was 2 and is 1)" in (
        report.obstacles[0].why
    )


def test_throughput_that_failed_is_not_taken_for_what_it_was(bench: Bench) -> None:
    fleet = bench.sandbox.bedrock(region=REGION)
    fleet.add_provisioned_model("chat")
    undoing = taken_away(bench, ResourceKind.PROVISIONED_MODEL, ActionKind.DELETE)
    fleet.add_provisioned_model("chat", status="Failed")

    report = bench.restore(undoing)

    assert report.status is RestoreStatus.REFUSED
    assert "it is Failed (AWS gives no reason)" in report.obstacles[0].why


def test_a_recommender_job_is_run_anew_by_a_command(bench: Bench, fleet: Any) -> None:
    fleet.add_recommendations_job("tests", duration=2 * HOUR, tags=OWNED)
    kind = ResourceKind.INFERENCE_RECOMMENDATIONS_JOB
    undoing = taken_away(bench, kind, ActionKind.STOP)

    report = bench.restore(undoing)

    assert report.status is RestoreStatus.REFUSED
    assert "a stopped inference recommendations job cannot be resumed" in report.obstacles[0].why
    (command,) = report.commands
    words = shlex.split(command)
    assert words[:3] == ["aws", "sagemaker", "create-inference-recommendations-job"]
    asked = json.loads(words[words.index("--cli-input-json") + 1])
    bench.client("sagemaker").create_inference_recommendations_job(**asked)
    assert asked["JobName"] == "tests-again"
    assert asked["Tags"] == [{"Key": "Owner", "Value": "mina"}]
