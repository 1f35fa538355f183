"""Which steps bring an endpoint back: from what was and what is, without any call."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sagewarden.domain.restoration.endpoints import plan_endpoint
from sagewarden.domain.restoration.notebooks import plan_notebook
from sagewarden.domain.restoration.scaling import over
from sagewarden.domain.restoration.steps import Restoration, Step
from sagewarden.domain.restoration.surroundings import read_surroundings

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
THEN, LATER = "2026-11-01T00:00:00+00:00", "2026-11-18T09:00:00+00:00"
VARIANT = {"VariantName": "v", "ModelName": "m", "InitialInstanceCount": 1}
POLICY_ARN = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:"


def an_endpoint(created: str = THEN, status: str = "InService", **more: Any) -> dict[str, Any]:
    variant = {"VariantName": "v", "DesiredWeight": 1.0, "DesiredInstanceCount": 1}
    return {
        "EndpointName": "e",
        "EndpointArn": "arn:e",
        "EndpointConfigName": "c",
        "CreationTime": created,
        "EndpointStatus": status,
        "ProductionVariants": [variant],
        **more,
    }


def a_component(name: str, base: str | None = None, **more: Any) -> dict[str, Any]:
    specification = {"BaseInferenceComponentName": base} if base else {"ModelName": "m"}
    return {
        "InferenceComponentName": name,
        "EndpointName": "e",
        "InferenceComponentStatus": "InService",
        "Specification": specification,
        **more,
    }


def a_policy(unique: str) -> dict[str, Any]:
    return {
        "ResourceId": "endpoint/e/variant/v",
        "ScalableDimension": "d",
        "PolicyName": "grow",
        "PolicyARN": POLICY_ARN + unique,
    }


def a_target() -> dict[str, Any]:
    return {"ResourceId": "endpoint/e/variant/v", "ScalableDimension": "d", "MinCapacity": 1}


def content(**more: Any) -> dict[str, Any]:
    """A manifest, or a look that shows everything as it was."""
    return {
        "endpoint": an_endpoint(),
        "tags": {"Owner": "mina", "aws:cloudformation:stack-name": "s"},
        "endpoint_config": {"EndpointConfigName": "c", "ProductionVariants": [VARIANT]},
        "models": [{"ModelName": "m"}],
        **more,
    }


def nothing(**more: Any) -> dict[str, Any]:
    return {"endpoint": None, "endpoint_config": None, "models": [], **more}


def planned(was: dict[str, Any], now: dict[str, Any]) -> Restoration:
    return plan_endpoint(read_surroundings(was), read_surroundings(now), NOW)


def spelt(steps: tuple[Step, ...]) -> list[str]:
    return [str(step) for step in steps]


def test_everything_is_missing_where_nothing_is_left() -> None:
    was = content(
        inference_components=[a_component("ic")],
        autoscaling={"ScalableTargets": [a_target()], "ScalingPolicies": [a_policy("1")]},
    )

    plan = planned(was, nothing())

    assert spelt(plan.ready) == ["create model m", "create endpoint config c", "create endpoint e"]
    assert [(str(step), step.awaits) for step in plan.steps[3:]] == [
        ("create inference component ic", "endpoint e is in service again"),
        ("register scalable target endpoint/e/variant/v", "endpoint e is in service again"),
        ("put scaling policy grow", "endpoint e is in service again"),
    ]


def test_tags_of_awss_own_are_not_set() -> None:
    [create] = [
        step for step in planned(content(), nothing()).steps if str(step) == "create endpoint e"
    ]

    assert create.tags == {"Owner": "mina"}


def test_what_is_as_it_was_needs_nothing() -> None:
    assert planned(content(), content()) == Restoration()


def test_a_manifest_of_an_earlier_version_without_alarms_and_tags_of_models_is_enough() -> None:
    was = content()

    plan = planned(was, content(model_tags={"m": {"Team": "fraud"}}, alarms=[]))

    assert plan == Restoration()


def test_an_endpoint_made_anew_of_a_config_that_was_made_anew_is_somebody_elses() -> None:
    config = {"EndpointConfigName": "c", "ProductionVariants": [{**VARIANT, "ModelName": "x"}]}

    plan = planned(content(), content(endpoint=an_endpoint(LATER), endpoint_config=config))

    assert [item.what for item in plan.refused] == ["endpoint config c"]
    assert plan.steps == ()


@pytest.mark.parametrize("status", ["Creating", "Updating", "SystemUpdating", "RollingBack"])
def test_an_endpoint_that_is_on_its_way_is_waited_for(status: str) -> None:
    was = content(autoscaling={"ScalableTargets": [a_target()]})

    plan = planned(was, content(endpoint=an_endpoint(LATER, status)))

    assert plan.waiting == f"endpoint e is {status}"
    assert plan.ready == ()


def test_an_adapter_comes_after_the_component_that_it_adapts() -> None:
    parts = [a_component("adapter", base="base"), a_component("base")]

    plan = planned(content(inference_components=parts), content(endpoint=an_endpoint(LATER)))

    assert [(str(step), step.awaits) for step in plan.steps] == [
        ("create inference component base", None),
        ("create inference component adapter", "inference component base is in service"),
    ]


def test_a_component_that_is_on_its_way_holds_its_target_back() -> None:
    target = {"ResourceId": "inference-component/ic", "ScalableDimension": "d"}
    was = content(
        inference_components=[a_component("ic")], autoscaling={"ScalableTargets": [target]}
    )
    coming = a_component("ic", InferenceComponentStatus="Creating")

    plan = planned(was, content(inference_components=[coming]))

    assert plan.waiting == "inference component ic is Creating"
    assert [step.awaits for step in plan.steps] == ["inference component ic is in service"]


def test_a_component_that_failed_or_runs_something_else_is_left_alone() -> None:
    parts = [a_component("a"), a_component("b")]
    now = [
        a_component("a", InferenceComponentStatus="Failed", FailureReason="no memory"),
        a_component("b", Specification={"ModelName": "other"}),
    ]

    plan = planned(content(inference_components=parts), content(inference_components=now))

    failed, other = (str(item) for item in plan.obstacles)
    assert failed == (
        "inference component a: it is Failed (no memory): delete it, then restore once more"
    )
    assert other == (
        "inference component b: one of this name runs something else (inference component: "
        "Specification: ModelName was 'm' and is 'other'); it is left as it is"
    )


def test_an_alarm_that_drives_a_policy_follows_it_to_its_new_arn() -> None:
    alarm = {"AlarmName": "busy", "AlarmActions": [POLICY_ARN + "1", "arn:topic"]}
    scaling = {"ScalableTargets": [a_target()], "ScalingPolicies": [a_policy("1")]}
    anew = {**scaling, "ScalingPolicies": [a_policy("2")]}
    was = content(autoscaling=scaling, alarms=[alarm])

    gone = planned(was, content(autoscaling={}, alarms=[alarm]))
    back = planned(was, content(autoscaling=anew, alarms=[alarm]))

    awaited = "the scaling policies that it drives are there"
    assert [step.awaits for step in gone.steps if step.name == "busy"] == [awaited]
    [put] = back.steps
    assert put.awaits is None
    assert put.described["AlarmActions"] == [POLICY_ARN + "2", "arn:topic"]


def test_capacities_are_set_before_anything_scales_them() -> None:
    grown = {"VariantName": "v", "DesiredWeight": 0.3, "DesiredInstanceCount": 4}
    was = content(
        endpoint=an_endpoint(ProductionVariants=[grown]),
        autoscaling={"ScalableTargets": [a_target()]},
    )

    fresh = planned(was, content(endpoint=an_endpoint(LATER)))
    scaled = planned(was, content(endpoint=an_endpoint(LATER), autoscaling=was["autoscaling"]))

    [change] = fresh.ready
    assert change.described["DesiredWeightsAndCapacities"] == [grown]
    assert [step.awaits for step in fresh.steps[1:]] == ["its weights and capacities are set"]
    assert scaled.steps == ()


def test_every_field_that_is_not_as_it_was_is_named() -> None:
    was = content(autoscaling={"ScalableTargets": [a_target()]})
    changed = {"ScalableTargets": [{**a_target(), "MinCapacity": 3}]}

    plan = planned(
        was,
        content(
            autoscaling=changed,
            endpoint=an_endpoint(AsyncInferenceConfig={"OutputConfig": {}}),
            tags={"Owner": "lee"},
        ),
    )

    assert [str(item) for item in plan.differences] == [
        "endpoint e: AsyncInferenceConfig was absent and is {'OutputConfig': {}}",
        "endpoint e: tag Owner was 'mina' and is 'lee'",
        "scalable target d endpoint/e/variant/v: MinCapacity was 1 and is 3",
    ]


@pytest.mark.parametrize(
    ("action", "why"),
    [
        ({"Schedule": "cron(0 9 * * ? *)"}, None),
        ({"Schedule": "rate(1 day)", "EndTime": LATER}, f"it ended at {LATER}"),
        ({"Schedule": "rate(1 day)", "EndTime": "2027-01-01T00:00:00+00:00"}, None),
        ({"Schedule": "at(2026-11-18T09:00:00)"}, "it was due once, at 2026-11-18T09:00"),
        ({"Schedule": "at(2026-11-18T18:00:00)", "Timezone": "Asia/Seoul"}, "it was due once"),
        ({"Schedule": "at(2026-11-18T18:00:00)"}, None),
    ],
)
def test_a_scheduled_action_that_would_never_fire_again_is_told_apart(
    action: dict[str, str], why: str | None
) -> None:
    found = over(action, NOW)

    assert (found or "").startswith(why or "")
    assert (found is None) is (why is None)


@pytest.mark.parametrize(
    ("status", "steps", "waiting"),
    [
        ("InService", 0, None),
        ("Stopped", 1, None),
        ("Failed", 1, None),
        ("Stopping", 0, "notebook instance nb is Stopping"),
        ("Pending", 0, "notebook instance nb is Pending"),
    ],
)
def test_a_notebook_is_started_from_where_it_can_be(
    status: str, steps: int, waiting: str | None
) -> None:
    plan = plan_notebook("nb", {"NotebookInstanceStatus": status})

    assert (len(plan.ready), plan.waiting) == (steps, waiting)
