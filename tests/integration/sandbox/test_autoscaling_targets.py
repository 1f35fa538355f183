"""Scalable targets as Application Auto Scaling registers, clamps, shows and forgets them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox
from tests.support.scalable_endpoint import (
    CONCURRENCY,
    COPIES,
    INSTANCES,
    activities,
    provisioned_now,
    serve_instances,
    serve_serverless,
    status_of,
    variant_of,
)

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]

MINUTE = timedelta(minutes=1)


def test_a_registered_target_is_shown_with_its_service_linked_role(
    sandbox: Sandbox, autoscaling: Client
) -> None:
    serve_serverless(sandbox)

    arn = autoscaling.register_scalable_target(
        **CONCURRENCY, MinCapacity=1, MaxCapacity=9, RoleARN="arn:aws:iam::1:role/mine"
    )["ScalableTargetARN"]
    (shown,) = autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]

    assert shown["ScalableTargetARN"] == arn
    assert arn.startswith("arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/")
    assert {name: shown[name] for name in CONCURRENCY} == CONCURRENCY
    assert (shown["MinCapacity"], shown["MaxCapacity"]) == (1, 9)
    assert shown["CreationTime"] == sandbox.clock.now()
    assert shown["RoleARN"] == (
        "arn:aws:iam::123456789012:role/aws-service-role/sagemaker.application-autoscaling."
        "amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    )
    assert shown["SuspendedState"] == {
        "DynamicScalingInSuspended": False,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": False,
    }


def test_registering_clamps_provisioned_concurrency_at_once(
    sandbox: Sandbox, autoscaling: Client, sagemaker: Client
) -> None:
    serve_serverless(sandbox, provisioned=2)

    autoscaling.register_scalable_target(**CONCURRENCY, MinCapacity=5, MaxCapacity=9)
    (during,) = activities(autoscaling)
    meanwhile = status_of(sagemaker), provisioned_now(sagemaker)
    sandbox.clock.advance(5 * MINUTE)
    (after,) = activities(autoscaling)

    assert meanwhile == ("Updating", 2)
    assert during["StatusCode"] == "InProgress"
    assert "EndTime" not in during
    assert (status_of(sagemaker), provisioned_now(sagemaker)) == ("InService", 5)
    assert after["StatusCode"] == "Successful"
    assert after["Description"] == "Setting desired provisioned concurrency to 5."
    assert after["Cause"] == "minimum capacity was set to 5"
    assert after["EndTime"] - after["StartTime"] == 5 * MINUTE


def test_an_update_keeps_what_is_not_given_and_clamps_downwards(
    sandbox: Sandbox, autoscaling: Client, sagemaker: Client
) -> None:
    serve_serverless(sandbox, provisioned=8)
    tags = {"Owner": "mina"}
    autoscaling.register_scalable_target(**CONCURRENCY, MinCapacity=2, MaxCapacity=9, Tags=tags)

    arn = autoscaling.register_scalable_target(
        **CONCURRENCY, MaxCapacity=4, SuspendedState={"ScheduledScalingSuspended": True}
    )["ScalableTargetARN"]
    sandbox.clock.advance(5 * MINUTE)
    (shown,) = autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]

    assert (shown["MinCapacity"], shown["MaxCapacity"]) == (2, 4)
    assert shown["SuspendedState"]["ScheduledScalingSuspended"] is True
    assert shown["SuspendedState"]["DynamicScalingInSuspended"] is False
    assert autoscaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == tags
    assert provisioned_now(sagemaker) == 4
    assert activities(autoscaling)[0]["Cause"] == "maximum capacity was set to 4"


def test_registering_the_same_again_changes_nothing(
    sandbox: Sandbox, autoscaling: Client, sagemaker: Client
) -> None:
    serve_serverless(sandbox, provisioned=5)
    first = autoscaling.register_scalable_target(**CONCURRENCY, MinCapacity=1, MaxCapacity=9)

    second = autoscaling.register_scalable_target(**CONCURRENCY, MinCapacity=1, MaxCapacity=9)

    assert first["ScalableTargetARN"] == second["ScalableTargetARN"]
    assert status_of(sagemaker) == "InService"
    assert activities(autoscaling) == []


def test_instance_counts_are_clamped_too(
    sandbox: Sandbox, autoscaling: Client, sagemaker: Client
) -> None:
    serve_instances(sandbox, count=1)

    autoscaling.register_scalable_target(**INSTANCES, MinCapacity=3, MaxCapacity=4)
    asked = variant_of(sagemaker)
    sandbox.clock.advance(5 * MINUTE)

    assert (asked["CurrentInstanceCount"], asked["DesiredInstanceCount"]) == (1, 3)
    assert variant_of(sagemaker)["CurrentInstanceCount"] == 3
    assert activities(autoscaling)[0]["StatusMessage"] == (
        "Successfully set desired instance count to 3. Change successfully fulfilled by sagemaker."
    )


def test_copies_of_an_inference_component_are_clamped_down_to_none(
    sandbox: Sandbox, autoscaling: Client, sagemaker: Client
) -> None:
    fleet = sandbox.sagemaker()
    scaling = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2}
    variant = {"VariantName": "v", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
    fleet.add_endpoint_config("c", [{**variant, "ManagedInstanceScaling": scaling}])
    fleet.add_endpoint("e", config="c")
    fleet.add_inference_component("ic", endpoint="e", variant="v", copies=2)

    autoscaling.register_scalable_target(**COPIES, MinCapacity=0, MaxCapacity=0)
    sandbox.clock.advance(timedelta(hours=1))
    found = sagemaker.describe_inference_component(InferenceComponentName="ic")

    assert found["RuntimeConfig"] == {"DesiredCopyCount": 0, "CurrentCopyCount": 0}
    assert variant_of(sagemaker)["CurrentInstanceCount"] == 0


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        ((0, 0), "greater than or equal to 1"),
        ((30, 40), "must not exceed its MaxConcurrency"),
    ],
)
def test_a_capacity_that_sagemaker_refuses_makes_a_failed_activity(
    sandbox: Sandbox,
    autoscaling: Client,
    sagemaker: Client,
    bounds: tuple[int, int],
    reason: str,
) -> None:
    serve_serverless(sandbox, provisioned=5, most=20)

    autoscaling.register_scalable_target(
        **CONCURRENCY, MinCapacity=bounds[0], MaxCapacity=bounds[1]
    )
    (activity,) = activities(autoscaling)

    assert activity["StatusCode"] == "Failed"
    assert reason in activity["StatusMessage"]
    assert (status_of(sagemaker), provisioned_now(sagemaker)) == ("InService", 5)


def test_an_endpoint_under_way_fails_the_clamp_and_keeps_the_bounds(
    sandbox: Sandbox, autoscaling: Client, sagemaker: Client
) -> None:
    serve_serverless(sandbox, provisioned=2)
    sandbox.sagemaker().force_status("endpoint", "e", "SystemUpdating")

    autoscaling.register_scalable_target(**CONCURRENCY, MinCapacity=5, MaxCapacity=9)
    (activity,) = activities(autoscaling)
    (shown,) = autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]

    assert activity["StatusCode"] == "Failed"
    assert "Cannot update in-progress endpoint" in activity["StatusMessage"]
    assert shown["MinCapacity"] == 5
    assert provisioned_now(sagemaker) == 2


@pytest.mark.parametrize(
    ("status", "then", "expected"),
    [("UpdateRollbackFailed", None, "Failed"), ("InService", 7, "Overridden")],
)
def test_a_change_that_did_not_arrive_is_told(
    sandbox: Sandbox,
    autoscaling: Client,
    sagemaker: Client,
    status: str,
    then: int | None,
    expected: str,
) -> None:
    serve_serverless(sandbox, provisioned=2)
    autoscaling.register_scalable_target(**CONCURRENCY, MinCapacity=5, MaxCapacity=9)

    sandbox.sagemaker().force_status("endpoint", "e", status)
    if then is not None:
        change = {"VariantName": "v", "ServerlessUpdateConfig": {"ProvisionedConcurrency": then}}
        sagemaker.update_endpoint_weights_and_capacities(
            EndpointName="e", DesiredWeightsAndCapacities=[change]
        )
    sandbox.clock.advance(5 * MINUTE)
    (activity,) = activities(autoscaling)

    assert activity["StatusCode"] == expected


def test_what_does_not_exist_or_fit_is_refused(
    sandbox: Sandbox, autoscaling: Client, refusal: Refusal
) -> None:
    serve_serverless(sandbox)
    bounds = {"MinCapacity": 1, "MaxCapacity": 2}
    register = autoscaling.register_scalable_target
    wrong = {
        "Could not find endpoint": {**CONCURRENCY, "ResourceId": "endpoint/x/variant/v", **bounds},
        "variant does not exist": {**CONCURRENCY, "ResourceId": "endpoint/e/variant/x", **bounds},
        "Could not find inference component": {**COPIES, **bounds},
        "not supported for serverless": {**INSTANCES, **bounds},
        "Unsupported service namespace": {**CONCURRENCY, "ResourceId": "endpoint/e", **bounds},
        "less than minimum": {**CONCURRENCY, "MinCapacity": 3, "MaxCapacity": 2},
        "cannot be negative": {**CONCURRENCY, "MinCapacity": -1, "MaxCapacity": 2},
        "MaxCapacity is required": {**CONCURRENCY, "MinCapacity": 1},
        "enum value set": {**CONCURRENCY, "ScalableDimension": "sagemaker:x", **bounds},
    }

    answers = {words: refusal(register, **params) for words, params in wrong.items()}

    assert {code for code, _ in answers.values()} == {"ValidationException"}
    assert [words for words, (_, message) in answers.items() if words not in message] == []


def test_instances_cannot_take_provisioned_concurrency(
    sandbox: Sandbox, autoscaling: Client, refusal: Refusal
) -> None:
    serve_instances(sandbox)

    code, message = refusal(
        autoscaling.register_scalable_target, **CONCURRENCY, MinCapacity=1, MaxCapacity=2
    )

    assert (code, "instance-based" in message) == ("ValidationException", True)


def test_a_serverless_variant_must_have_provisioned_concurrency_first(
    sandbox: Sandbox, autoscaling: Client, refusal: Refusal
) -> None:
    serve_serverless(sandbox, provisioned=None)

    code, message = refusal(
        autoscaling.register_scalable_target, **CONCURRENCY, MinCapacity=1, MaxCapacity=2
    )

    assert (code, "no provisioned concurrency" in message) == ("ValidationException", True)


def test_a_deregistered_target_takes_all_that_belongs_to_it_and_leaves_the_capacity(
    sandbox: Sandbox, autoscaling: Client, sagemaker: Client, cloudwatch: Client
) -> None:
    serve_serverless(sandbox, provisioned=5)
    autoscaling.register_scalable_target(**CONCURRENCY, MinCapacity=1, MaxCapacity=9)
    autoscaling.put_scheduled_action(
        **CONCURRENCY,
        ScheduledActionName="up",
        Schedule="rate(1 minute)",
        ScalableTargetAction={"MinCapacity": 7},
    )
    predefined = {"PredefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"}
    autoscaling.put_scaling_policy(
        **CONCURRENCY,
        PolicyName="p",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 0.7,
            "PredefinedMetricSpecification": predefined,
        },
    )

    autoscaling.deregister_scalable_target(**CONCURRENCY)
    sandbox.clock.advance(timedelta(hours=1))

    namespace = {"ServiceNamespace": "sagemaker"}
    assert autoscaling.describe_scalable_targets(**namespace)["ScalableTargets"] == []
    assert autoscaling.describe_scaling_policies(**namespace)["ScalingPolicies"] == []
    assert autoscaling.describe_scheduled_actions(**namespace)["ScheduledActions"] == []
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    assert provisioned_now(sagemaker) == 5


def test_what_is_not_registered_cannot_be_deregistered(
    autoscaling: Client, refusal: Refusal
) -> None:
    code, message = refusal(autoscaling.deregister_scalable_target, **CONCURRENCY)

    assert code == "ObjectNotFoundException"
    assert message == (
        "No scalable target registered for service namespace: sagemaker, resource ID: "
        "endpoint/e/variant/v, scalable dimension: sagemaker:variant:DesiredProvisionedConcurrency"
    )


def test_deleting_an_endpoint_deregisters_it_and_one_of_the_same_name_starts_afresh(
    sandbox: Sandbox, autoscaling: Client, sagemaker: Client
) -> None:
    serve_serverless(sandbox)
    autoscaling.register_scalable_target(**CONCURRENCY, MinCapacity=1, MaxCapacity=9)

    sagemaker.delete_endpoint(EndpointName="e")
    sandbox.clock.advance(MINUTE)
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    sandbox.clock.advance(5 * MINUTE)

    found = autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")
    assert found["ScalableTargets"] == []


def test_targets_come_in_pages_and_can_be_chosen(
    sandbox: Sandbox, autoscaling: Client, refusal: Refusal
) -> None:
    for number in range(3):
        sandbox.sagemaker().add_endpoint(f"e{number}")
        target = {**INSTANCES, "ResourceId": f"endpoint/e{number}/variant/AllTraffic"}
        autoscaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    describe = autoscaling.describe_scalable_targets

    pages = autoscaling.get_paginator("describe_scalable_targets").paginate(
        ServiceNamespace="sagemaker", PaginationConfig={"PageSize": 2}
    )
    sizes = [len(page["ScalableTargets"]) for page in pages]
    chosen = describe(
        ServiceNamespace="sagemaker",
        ResourceIds=["endpoint/e1/variant/AllTraffic"],
        ScalableDimension=INSTANCES["ScalableDimension"],
    )["ScalableTargets"]
    without_resource = {k: v for k, v in INSTANCES.items() if k != "ResourceId"}

    assert sizes == [2, 1]
    assert [target["ResourceId"] for target in chosen] == ["endpoint/e1/variant/AllTraffic"]
    assert refusal(describe, **without_resource)[0] == "ValidationException"
    assert refusal(describe, ServiceNamespace="sagemaker", MaxResults=51)[0] == (
        "ValidationException"
    )
    assert refusal(describe, ServiceNamespace="sagemaker", NextToken="x")[0] == (
        "InvalidNextTokenException"
    )


def test_targets_are_tagged_by_their_arn(
    sandbox: Sandbox, autoscaling: Client, refusal: Refusal
) -> None:
    serve_serverless(sandbox)
    arn = autoscaling.register_scalable_target(**CONCURRENCY, MinCapacity=1, MaxCapacity=9)[
        "ScalableTargetARN"
    ]

    autoscaling.tag_resource(ResourceARN=arn, Tags={"Owner": "mina", "Stage": "dev"})
    autoscaling.untag_resource(ResourceARN=arn, TagKeys=["Stage", "Absent"])
    tags = autoscaling.list_tags_for_resource(ResourceARN=arn)["Tags"]
    many = {f"k{n}": "v" for n in range(50)}

    assert tags == {"Owner": "mina"}
    assert refusal(autoscaling.tag_resource, ResourceARN=arn, Tags=many)[0] == (
        "TooManyTagsException"
    )
    assert refusal(autoscaling.list_tags_for_resource, ResourceARN=arn + "0")[0] == (
        "ResourceNotFoundException"
    )


def test_other_services_are_left_to_moto(autoscaling: Client) -> None:
    target = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": "table/t",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    }

    autoscaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=9)
    theirs = autoscaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
    ours = autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]

    assert [t["ResourceId"] for t in theirs] == ["table/t"]
    assert ours == []
