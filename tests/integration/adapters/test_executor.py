import shlex
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ReadTimeoutError

from sagewarden.adapters.sagemaker_executor import SageMakerExecutor
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.resources import Resource
from sagewarden_cli.sandbox import Sandbox
from tests.support.faults import answer_with_error

REGION = "us-east-1"
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 10, "ProvisionedConcurrency": 2}


@pytest.fixture
def executor(sessions: Sessions) -> SageMakerExecutor:
    return SageMakerExecutor(sessions)


@pytest.fixture
def sagemaker(sandbox: Sandbox) -> Any:
    return sandbox.client("sagemaker", region=REGION)


def the_action(kind: ActionKind, sessions: Sessions, name: str) -> Action:
    inventory = SageMakerInventory(sessions)
    found: list[Resource] = [*inventory.notebooks(REGION).items]
    found += inventory.describe(REGION, inventory.endpoints(REGION).items).items
    resource = next(item for item in found if item.ref.name == name)
    return Action(kind, resource.ref, Precondition.of(resource))


def run_undo(command: str, sagemaker: Any) -> None:
    """Carry out an undo command as the AWS CLI would."""
    words = shlex.split(command)
    assert words[:2] == ["aws", "sagemaker"]
    operation = words[2].replace("-", "_")
    options = dict(zip(words[3::2], words[4::2], strict=True))
    assert options.pop("--region") == REGION
    pascal = {
        "".join(part.title() for part in key.strip("-").split("-")): value
        for key, value in options.items()
    }
    if "DesiredRuntimeConfig" in pascal:
        copies = int(pascal["DesiredRuntimeConfig"].partition("=")[2])
        getattr(sagemaker, operation)(**pascal | {"DesiredRuntimeConfig": {"CopyCount": copies}})
    else:
        getattr(sagemaker, operation)(**pascal)


def add_serverless(sandbox: Sandbox) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_model("m")
    variant = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": SERVERLESS}
    fleet.add_endpoint_config("c", variants=[variant])
    fleet.add_endpoint("e", config="c")


def test_a_notebook_is_stopped_and_the_undo_starts_it(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor, sagemaker: Any
) -> None:
    sandbox.sagemaker(region=REGION).add_notebook_instance("nb")

    undo = executor.execute(the_action(ActionKind.STOP, sessions, "nb"))

    sandbox.clock.advance(timedelta(hours=1))
    status = sagemaker.describe_notebook_instance(NotebookInstanceName="nb")
    assert status["NotebookInstanceStatus"] == "Stopped"
    run_undo(str(undo), sagemaker)
    sandbox.clock.advance(timedelta(hours=1))
    status = sagemaker.describe_notebook_instance(NotebookInstanceName="nb")
    assert status["NotebookInstanceStatus"] == "InService"


def test_a_stopped_notebook_is_started(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor, sagemaker: Any
) -> None:
    sandbox.sagemaker(region=REGION).add_notebook_instance("nb", status="Stopped")

    executor.execute(the_action(ActionKind.START, sessions, "nb"))

    sandbox.clock.advance(timedelta(hours=1))
    status = sagemaker.describe_notebook_instance(NotebookInstanceName="nb")
    assert status["NotebookInstanceStatus"] == "InService"


def test_a_deleted_endpoint_leaves_its_config_and_comes_back_by_the_undo(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor, sagemaker: Any
) -> None:
    sandbox.sagemaker(region=REGION).add_endpoint("e", instance_type="ml.m5.xlarge")
    before = sagemaker.describe_endpoint(EndpointName="e")

    undo = executor.execute(the_action(ActionKind.DELETE, sessions, "e"))

    sandbox.clock.advance(timedelta(hours=1))
    assert sagemaker.list_endpoints()["Endpoints"] == []
    run_undo(str(undo), sagemaker)
    sandbox.clock.advance(timedelta(hours=1))
    after = sagemaker.describe_endpoint(EndpointName="e")
    assert after["EndpointConfigName"] == before["EndpointConfigName"]
    assert after["EndpointStatus"] == "InService"


def test_provisioned_concurrency_is_released_and_comes_back_by_the_undo(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor, sagemaker: Any
) -> None:
    add_serverless(sandbox)

    action = the_action(ActionKind.RELEASE_PROVISIONED_CONCURRENCY, sessions, "e")
    undo = executor.execute(action)

    sandbox.clock.advance(timedelta(hours=1))
    (variant,) = sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"]
    assert variant["CurrentServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 10}
    run_undo(str(undo), sagemaker)
    sandbox.clock.advance(timedelta(hours=1))
    (variant,) = sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"]
    assert variant["CurrentServerlessConfig"] == SERVERLESS


def test_releasing_again_reuses_the_config_that_was_made_before(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor, sagemaker: Any
) -> None:
    add_serverless(sandbox)
    first = the_action(ActionKind.RELEASE_PROVISIONED_CONCURRENCY, sessions, "e")
    undo = executor.execute(first)
    sandbox.clock.advance(timedelta(hours=1))
    run_undo(str(undo), sagemaker)
    sandbox.clock.advance(timedelta(hours=1))

    executor.execute(the_action(ActionKind.RELEASE_PROVISIONED_CONCURRENCY, sessions, "e"))

    sandbox.clock.advance(timedelta(hours=1))
    (variant,) = sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"]
    assert "ProvisionedConcurrency" not in variant["CurrentServerlessConfig"]
    assert len(sagemaker.list_endpoint_configs()["EndpointConfigs"]) == 2


def test_inference_components_go_to_zero_copies_and_back(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor, sagemaker: Any
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    scaling = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2}
    variant = {"VariantName": "v", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
    fleet.add_endpoint_config("c", variants=[variant | {"ManagedInstanceScaling": scaling}])
    fleet.add_endpoint("e", config="c")
    fleet.add_inference_component("ic", endpoint="e", variant="v", copies=2)

    undo = executor.execute(the_action(ActionKind.SCALE_TO_ZERO, sessions, "e"))

    sandbox.clock.advance(timedelta(hours=2))
    (shown,) = sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"]
    assert shown["CurrentInstanceCount"] == 0
    run_undo(str(undo), sagemaker)
    sandbox.clock.advance(timedelta(hours=2))
    component = sagemaker.describe_inference_component(InferenceComponentName="ic")
    assert component["RuntimeConfig"]["DesiredCopyCount"] == 2


def test_what_aws_refuses_at_once_is_in_no_doubt_and_what_it_refuses_again_is(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor
) -> None:
    sandbox.sagemaker(region=REGION).add_notebook_instance("nb")
    action = the_action(ActionKind.STOP, sessions, "nb")
    client = sessions.client("sagemaker", REGION)

    def lose(request: AWSPreparedRequest, **_: object) -> None:
        if b"attempt=1" in request.headers["amz-sdk-request"]:
            sandbox.client("sagemaker", REGION).stop_notebook_instance(NotebookInstanceName="nb")
            raise ReadTimeoutError(endpoint_url=request.url)

    client.meta.events.register("before-send.sagemaker.StopNotebookInstance", lose)
    with pytest.raises(ActionFailedError, match="Unable to transition") as repeated:
        executor.execute(action)
    client.meta.events.unregister("before-send.sagemaker.StopNotebookInstance", lose)
    with pytest.raises(ActionFailedError, match="Unable to transition") as refused:
        executor.execute(action)

    assert (repeated.value.in_doubt, refused.value.in_doubt) == (True, False)


def test_a_call_that_aws_refuses_says_what_was_tried_and_why(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor
) -> None:
    sandbox.sagemaker(region=REGION).add_notebook_instance("nb", status="Stopped")

    with pytest.raises(ActionFailedError, match="stop of nb failed: ValidationException"):
        executor.execute(the_action(ActionKind.STOP, sessions, "nb"))


def test_a_manifest_holds_all_that_brings_an_endpoint_back(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor
) -> None:
    sandbox.sagemaker(region=REGION).add_endpoint(
        "e", instance_type="ml.m5.xlarge", tags={"Owner": "mina"}
    )
    sessions.client("application-autoscaling", REGION).register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="endpoint/e/variant/AllTraffic",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=2,
    )
    action = the_action(ActionKind.DELETE, sessions, "e")

    manifest = executor.manifest(action.ref, NOW)

    content: Any = manifest.content
    assert content["endpoint"]["EndpointName"] == "e"
    assert content["endpoint_config"]["ProductionVariants"][0]["InstanceType"] == "ml.m5.xlarge"
    assert content["tags"] == {"Owner": "mina"}
    assert len(content["models"]) == 1
    (target,) = content["autoscaling"]["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 2)


def test_a_manifest_is_of_what_the_fresh_look_saw_and_asks_for_it_no_more(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor
) -> None:
    sandbox.sagemaker(region=REGION).add_endpoint("e", tags={"Owner": "mina"})
    action = the_action(ActionKind.DELETE, sessions, "e")
    unseen = executor.manifest(action.ref, NOW)
    sandbox.calls.clear()

    SageMakerInventory(sessions).reread(action.ref)
    seen = executor.manifest(action.ref, NOW)

    assert seen == unseen
    assert sandbox.calls.count("sagemaker", "DescribeEndpoint") == 1
    assert sandbox.calls.count("sagemaker", "DescribeEndpointConfig") == 1
    assert sandbox.calls.count("application-autoscaling") == 1, "no target, so nothing of its own"


def test_what_autoscaling_holds_is_asked_for_by_name_and_kept_whole(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    scaling = sessions.client("application-autoscaling", REGION)
    for name in ("e", "other"):
        fleet.add_endpoint(name)
        which: Any = {
            "ServiceNamespace": "sagemaker",
            "ResourceId": f"endpoint/{name}/variant/AllTraffic",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        }
        scaling.register_scalable_target(**which, MinCapacity=1, MaxCapacity=2)
        scaling.put_scaling_policy(
            **which,
            PolicyName=f"follow-{name}",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": 70.0,
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                },
            },
        )
        scaling.put_scheduled_action(
            **which,
            ScheduledActionName=f"morning-{name}",
            Schedule="cron(0 8 * * ? *)",
            ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 2},
        )
    action = the_action(ActionKind.DELETE, sessions, "e")
    unseen = executor.manifest(action.ref, NOW)
    sandbox.calls.clear()

    SageMakerInventory(sessions).reread(action.ref)
    content: Any = executor.manifest(action.ref, NOW).content

    assert content == unseen.content
    assert [item["PolicyName"] for item in content["autoscaling"]["ScalingPolicies"]] == [
        "follow-e"
    ]
    actions = content["autoscaling"]["ScheduledActions"]
    assert [item["ScheduledActionName"] for item in actions] == ["morning-e"]
    assert sandbox.calls.count("application-autoscaling", "DescribeScalableTargets") == 1
    assert sandbox.calls.count("application-autoscaling", "DescribeScalingPolicies") == 1


def test_tags_of_a_config_and_its_models_are_one_call(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_model("m", tags={"Team": "fraud"})
    fleet.add_model("untagged")
    variants = [
        {
            "VariantName": name,
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
        for name in ("m", "untagged")
    ]
    fleet.add_endpoint_config("c", variants=variants, tags={"Stage": "dev"})
    fleet.add_endpoint("e", config="c")
    action = the_action(ActionKind.DELETE, sessions, "e")
    sandbox.calls.clear()

    content: Any = executor.manifest(action.ref, NOW).content

    assert content["endpoint_config_tags"] == {"Stage": "dev"}
    assert content["model_tags"] == {"m": {"Team": "fraud"}, "untagged": {}}
    assert sandbox.calls.count("resourcegroupstaggingapi", "GetResources") == 1


def test_a_manifest_holds_components_with_their_models_tags_and_scaling(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor
) -> None:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_model("m", tags={"Team": "fraud"})
    variant = {"VariantName": "v", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
    fleet.add_endpoint_config("c", variants=[variant], tags={"Stage": "dev"})
    fleet.add_endpoint("e", config="c")
    needs = {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 1024}
    runs = {"ModelName": "m", "ComputeResourceRequirements": needs}
    fleet.add_inference_component(
        "ic", endpoint="e", variant="v", copies=2, tags={"Team": "fraud"}, Specification=runs
    )
    sessions.client("application-autoscaling", REGION).register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="inference-component/ic",
        ScalableDimension="sagemaker:inference-component:DesiredCopyCount",
        MinCapacity=1,
        MaxCapacity=3,
        Tags={"Owner": "mina"},
    )
    ref = the_action(ActionKind.SCALE_TO_ZERO, sessions, "e").ref

    content: Any = executor.manifest(ref, NOW).content

    assert [item["ModelName"] for item in content["models"]] == ["m"]
    assert content["model_tags"] == {"m": {"Team": "fraud"}}
    assert content["endpoint_config_tags"] == {"Stage": "dev"}
    assert content["inference_component_tags"] == {"ic": {"Team": "fraud"}}
    assert content["inference_components"][0]["RuntimeConfig"]["DesiredCopyCount"] == 2
    (target,) = content["autoscaling"]["ScalableTargets"]
    assert target["ResourceId"] == "inference-component/ic"
    assert list(content["autoscaling"]["Tags"].values()) == [{"Owner": "mina"}]


def test_a_manifest_holds_the_alarms_that_watch_the_endpoint_and_no_others(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor
) -> None:
    sandbox.sagemaker(region=REGION).add_endpoint("e", instance_type="ml.m5.xlarge")
    cloudwatch = sandbox.client("cloudwatch", region=REGION)
    watching_e = {"Namespace": "AWS/SageMaker", "MetricName": "ModelLatency"}
    dimensions = [{"Name": "EndpointName", "Value": "e"}]
    rest = {
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    plain = {**watching_e, **rest, "Statistic": "Sum", "Period": 60}
    for name in ("slow", "TargetTracking-endpoint/e/variant/AllTraffic-AlarmLow-1"):
        cloudwatch.put_metric_alarm(AlarmName=name, Dimensions=dimensions, **plain)
    other = [{"Name": "EndpointName", "Value": "other"}]
    cloudwatch.put_metric_alarm(AlarmName="of another", Dimensions=other, **plain)
    metric = {"Metric": {**watching_e, "Dimensions": dimensions}, "Period": 60, "Stat": "Sum"}
    query = {"Id": "m1", "MetricStat": metric, "ReturnData": True}
    tags = [{"Key": "Team", "Value": "fraud"}]
    cloudwatch.put_metric_alarm(AlarmName="computed", Metrics=[query], Tags=tags, **rest)

    content: Any = executor.manifest(the_action(ActionKind.DELETE, sessions, "e").ref, NOW).content

    assert sorted(item["AlarmName"] for item in content["alarms"]) == ["computed", "slow"]
    assert content["alarm_tags"] == {"computed": {"Team": "fraud"}, "slow": {}}


def test_a_manifest_with_a_part_missing_is_none(
    sandbox: Sandbox, sessions: Sessions, executor: SageMakerExecutor
) -> None:
    sandbox.sagemaker(region=REGION).add_endpoint("e", instance_type="ml.m5.xlarge")
    action = the_action(ActionKind.DELETE, sessions, "e")
    answer_with_error(sessions, "sagemaker", "DescribeModel", "AccessDeniedException")

    with pytest.raises(UnreadableError, match="AccessDeniedException"):
        executor.manifest(action.ref, NOW)
