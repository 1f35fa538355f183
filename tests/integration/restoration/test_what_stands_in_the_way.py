"""What somebody made meanwhile is never overwritten, and what cannot come back is named."""

import json
import shlex
from datetime import timedelta
from typing import Any

import pytest

from sagewarden.application.restore import RestoreStatus
from sagewarden.domain.actions import ActionKind
from sagewarden_cli.sandbox import Sandbox
from tests.integration.restoration.conftest import Bench
from tests.support.endpoints_to_restore import IMAGE, INSTANCES, ROLE, components, single
from tests.support.faults import answer_with_error

TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/e/variant/v",
    "ScalableDimension": INSTANCES,
}


@pytest.fixture
def seeded(bench: Bench) -> Bench:
    single(bench.sandbox)
    return bench


def settle(sandbox: Sandbox) -> None:
    sandbox.clock.advance(timedelta(hours=1))


def make_config(bench: Bench, name: str, **changes: Any) -> None:
    variant = {
        "VariantName": "v",
        "ModelName": "m",
        "InstanceType": "ml.t2.medium",
        "InitialInstanceCount": 1,
    }
    bench.client("sagemaker").create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant | changes]
    )


def test_an_endpoint_that_somebody_created_under_its_name_is_left_as_it_is(
    seeded: Bench,
) -> None:
    undoing = seeded.do(ActionKind.DELETE, "e")
    make_config(seeded, "theirs")
    seeded.client("sagemaker").create_endpoint(EndpointName="e", EndpointConfigName="theirs")
    settle(seeded.sandbox)
    theirs = seeded.everything()

    report = seeded.restore_whole(undoing)

    assert report.status is RestoreStatus.REFUSED
    assert report.done == ()
    assert "somebody created it anew at " in str(report.obstacles[0])
    assert "with endpoint config theirs, not c; it is left as it is" in str(report.obstacles[0])
    assert seeded.everything() == theirs


def test_an_endpoint_of_the_same_config_and_another_owner_is_somebody_elses(
    seeded: Bench,
) -> None:
    undoing = seeded.do(ActionKind.DELETE, "e")
    tags = [{"Key": "Owner", "Value": "lee"}]
    seeded.client("sagemaker").create_endpoint(EndpointName="e", EndpointConfigName="c", Tags=tags)
    settle(seeded.sandbox)

    report = seeded.restore_whole(undoing)

    assert report.status is RestoreStatus.REFUSED
    assert "with other tags ({'Owner': 'lee'})" in str(report.obstacles[0])


def test_what_the_undo_command_began_is_brought_to_its_end(seeded: Bench) -> None:
    before = seeded.everything()
    undoing = seeded.do(ActionKind.DELETE, "e")
    assert undoing.outcome is not None
    words = shlex.split(str(undoing.outcome.undo))
    assert words[:3] == ["aws", "sagemaker", "create-endpoint"]
    seeded.client("sagemaker").create_endpoint(EndpointName="e", EndpointConfigName="c")
    settle(seeded.sandbox)

    report = seeded.restore_whole(undoing)

    assert report.status is RestoreStatus.RESTORED
    assert seeded.everything() == before


@pytest.mark.parametrize("what", ["endpoint config c", "model m"])
def test_a_config_or_model_that_was_made_anew_and_differs_is_not_used(
    seeded: Bench, what: str
) -> None:
    undoing = seeded.do(ActionKind.DELETE, "e")
    client = seeded.client("sagemaker")
    if what == "model m":
        client.delete_model(ModelName="m")
        client.create_model(ModelName="m", PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE)
    else:
        client.delete_endpoint_config(EndpointConfigName="c")
        make_config(seeded, "c")

    report = seeded.restore_whole(undoing)

    assert report.status is RestoreStatus.REFUSED
    assert [obstacle.what for obstacle in report.obstacles] == [what]
    assert client.list_endpoints()["Endpoints"] == []


def test_a_target_that_somebody_registered_keeps_its_bounds(seeded: Bench) -> None:
    undoing = seeded.do(ActionKind.DELETE, "e")
    seeded.restore(undoing)
    settle(seeded.sandbox)
    scaling = seeded.client("application-autoscaling")
    scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=9)

    report = seeded.restore_whole(undoing)

    assert report.status is RestoreStatus.PARTIAL
    assert any(item.where.endswith("MaxCapacity") for item in report.differences)
    [target] = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert target["MaxCapacity"] == 9


def test_an_alarm_that_somebody_changed_is_left_as_it_is(seeded: Bench) -> None:
    undoing = seeded.do(ActionKind.DELETE, "e")
    cloudwatch = seeded.client("cloudwatch")
    [alarm] = cloudwatch.describe_alarms(AlarmNames=["slow"])["MetricAlarms"]
    kept = (
        *("AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "Period"),
        *("EvaluationPeriods", "ComparisonOperator"),
    )
    cloudwatch.put_metric_alarm(**{key: alarm[key] for key in kept}, Threshold=1.0)

    report = seeded.restore_whole(undoing)

    assert report.status is RestoreStatus.PARTIAL
    [obstacle] = report.obstacles
    assert obstacle.what == "alarm slow"
    assert "somebody changed it meanwhile" in obstacle.why
    [alarm] = cloudwatch.describe_alarms(AlarmNames=["slow"])["MetricAlarms"]
    assert alarm["Threshold"] == 1.0


def test_a_component_of_the_same_name_on_another_endpoint_is_left_as_it_is(
    bench: Bench,
) -> None:
    components(bench.sandbox)
    undoing = bench.do(ActionKind.SCALE_TO_ZERO, "e")
    client = bench.client("sagemaker")
    client.delete_inference_component(InferenceComponentName="rank")
    client.create_endpoint(EndpointName="other", EndpointConfigName="c")
    settle(bench.sandbox)
    needs = {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 1024}
    client.create_inference_component(
        InferenceComponentName="rank",
        EndpointName="other",
        VariantName="v",
        Specification={"ModelName": "m", "ComputeResourceRequirements": needs},
        RuntimeConfig={"CopyCount": 1},
    )
    settle(bench.sandbox)

    report = bench.restore_whole(undoing)

    assert report.status is RestoreStatus.PARTIAL
    assert [str(item).partition(";")[0] for item in report.obstacles] == [
        "inference component rank: one of this name runs on endpoint other"
    ]
    assert [str(step) for step in report.done] == [
        "give its copies back to inference component chat"
    ]


def test_weights_that_somebody_set_on_the_restored_endpoint_are_not_reset(
    seeded: Bench,
) -> None:
    undoing = seeded.do(ActionKind.DELETE, "e")
    seeded.restore(undoing)
    settle(seeded.sandbox)
    seeded.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName="e",
        DesiredWeightsAndCapacities=[{"VariantName": "v", "DesiredWeight": 0.2}],
    )
    settle(seeded.sandbox)

    report = seeded.restore_whole(undoing)

    assert report.status is RestoreStatus.PARTIAL
    [difference] = [item for item in report.differences if item.where.endswith("DesiredWeight")]
    assert (difference.was, difference.now) == (1.0, 0.2)


def test_a_scheduled_action_that_was_due_once_meanwhile_is_named(bench: Bench) -> None:
    single(bench.sandbox)
    bench.client("application-autoscaling").put_scheduled_action(
        **TARGET,
        ScheduledActionName="launch",
        Schedule="at(2026-11-18T23:00:00)",
        Timezone="Asia/Seoul",
        ScalableTargetAction={"MinCapacity": 3},
    )
    undoing = bench.do(ActionKind.DELETE, "e")
    bench.sandbox.clock.advance(timedelta(days=1))

    report = bench.restore_whole(undoing)

    assert report.status is RestoreStatus.PARTIAL
    assert [str(item) for item in report.obstacles] == [
        "scheduled action launch: it was due once, at 2026-11-18T23:00:00+09:00"
    ]


def test_a_restore_that_aws_refuses_says_what_is_missing_and_which_commands_finish_it(
    seeded: Bench,
) -> None:
    before = seeded.everything()
    undoing = seeded.do(ActionKind.DELETE, "e")
    client = seeded.client("sagemaker")
    client.delete_endpoint_config(EndpointConfigName="c")
    answer_with_error(seeded.sessions, "sagemaker", "CreateEndpoint", "ResourceLimitExceeded")

    report = seeded.restore(undoing)

    assert report.status is RestoreStatus.PARTIAL
    assert [str(step) for step in report.done] == ["create endpoint config c"]
    assert "ResourceLimitExceeded" in str(report.obstacles[0])
    assert [shlex.split(line)[2] for line in report.commands] == [
        *("create-endpoint", "register-scalable-target", "put-scaling-policy"),
        *("put-scheduled-action", "put-metric-alarm"),
    ]
    # As a person would, with the commands, in their order.
    for line in report.commands:
        words = shlex.split(line)
        operation = words[2].replace("-", "_")
        getattr(seeded.client(words[1]), operation)(**json.loads(words[4]))
        settle(seeded.sandbox)
    # A command cannot know the ARN that a policy is made anew with: the restore itself does.
    again = seeded.restore(undoing)
    after = seeded.everything()
    assert again.status is RestoreStatus.RESTORED
    assert after["tags"] == before["tags"]
    assert after["autoscaling"] == before["autoscaling"]


def test_a_restore_while_the_deletion_is_under_way_waits_for_it(seeded: Bench) -> None:
    before = seeded.everything()
    seeded.sandbox.transition_times.set("endpoint", "Deleting", timedelta(minutes=65))
    undoing = seeded.do(ActionKind.DELETE, "e")

    report = seeded.restore(undoing)

    assert report.status is RestoreStatus.UNDER_WAY
    assert report.waiting == "endpoint e is Deleting"
    assert seeded.restore_whole(undoing).status is RestoreStatus.RESTORED
    assert seeded.everything() == before


def test_an_endpoint_whose_creation_failed_is_not_deleted_by_us(seeded: Bench) -> None:
    undoing = seeded.do(ActionKind.DELETE, "e")
    seeded.sandbox.sagemaker().add_endpoint("e", config="c", status="Failed")

    report = seeded.restore(undoing)

    assert report.status is RestoreStatus.REFUSED
    assert str(report.obstacles[0]) == (
        "endpoint e: it is Failed (AWS gives no reason): delete it, then restore once more"
    )


def test_an_endpoint_that_was_not_deleted_after_all_needs_nothing(seeded: Bench) -> None:
    state = seeded.everything()
    undoing = seeded.do(ActionKind.DELETE, "e")
    seeded.restore_whole(undoing)
    manifest = undoing.manifest
    assert manifest is not None

    report = seeded.restore(undoing)

    assert (report.status, report.done) == (RestoreStatus.RESTORED, ())
    assert seeded.everything() == state
