import shlex
from typing import Any

import pytest

from sagewarden.adapters.alarm_descriptions import alarms_named
from sagewarden.adapters.autoscaling import AutoScaling
from sagewarden.adapters.service_quotas import ServiceQuotas
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.domain.autoscaling.desired import desired_scaling
from sagewarden.domain.autoscaling.scaling import (
    TRACKING,
    UNREGISTERED,
    WAKE,
    WAKING,
    Capacity,
    Dimension,
    Metric,
    ScalableTarget,
    ScalingPolicy,
)
from sagewarden.domain.autoscaling.steps import (
    DeletePolicy,
    DeleteScheduledAction,
    DeregisterTarget,
    Desired,
    PutPolicy,
    RegisterTarget,
    steps_to,
)
from sagewarden.domain.provisioned_concurrency.quotas import Quotas, documented_quotas
from sagewarden_cli.sandbox import Sandbox
from tests.integration.conftest import NOW
from tests.support.builders import a_calendar
from tests.support.faults import answer_with_error
from tests.support.scaling import a_concurrency_rule, what_was_seen

REGION = "us-east-1"
TARGET = "endpoint/e/variant/v"
SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 50, "ProvisionedConcurrency": 2}

TRACKED = ScalingPolicy(TRACKING, 0.7, Metric.UTILIZATION)


@pytest.fixture
def scaling(sandbox: Sandbox, sessions: Sessions) -> AutoScaling:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_model("m")
    variant = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": SERVERLESS}
    fleet.add_endpoint_config("c", variants=[variant])
    fleet.add_endpoint("e", config="c")
    fleet.add_endpoint("real", instance_type="ml.m5.large")
    return AutoScaling(sessions)


def test_what_is_desired_is_read_back_as_it_was_written(scaling: AutoScaling) -> None:
    holidays = a_calendar(days=range(6), holidays={NOW.date(): "Founders"}.get)
    desired = desired_scaling(what_was_seen(rule=a_concurrency_rule()).terms, holidays, NOW)

    for step in steps_to(desired, UNREGISTERED):
        scaling.apply(REGION, TARGET, step)

    state = scaling.state(REGION, TARGET)
    assert steps_to(desired, state) == ()
    assert scaling.states(REGION) == {TARGET: state}


def test_what_is_taken_away_is_gone_and_taking_it_away_again_is_no_error(
    scaling: AutoScaling,
) -> None:
    for step in (RegisterTarget(Capacity(1, 5)), PutPolicy(TRACKED)):
        scaling.apply(REGION, TARGET, step)

    for removal in (DeletePolicy(TRACKING), DeleteScheduledAction("sagewarden-x")):
        scaling.apply(REGION, TARGET, removal)
        scaling.apply(REGION, TARGET, removal)
    assert scaling.state(REGION, TARGET).policies == ()
    scaling.apply(REGION, TARGET, DeregisterTarget())
    scaling.apply(REGION, TARGET, DeregisterTarget())

    assert scaling.state(REGION, TARGET) == UNREGISTERED


def test_targets_of_other_dimensions_are_not_ours_to_see(
    scaling: AutoScaling, sessions: Sessions
) -> None:
    sessions.client("application-autoscaling", REGION).register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId="endpoint/real/variant/AllTraffic",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=2,
    )

    assert scaling.states(REGION) == {}


def test_policies_of_another_kind_are_told_apart(scaling: AutoScaling, sessions: Sessions) -> None:
    scaling.apply(REGION, TARGET, RegisterTarget(Capacity(1, 5)))
    client: Any = sessions.client("application-autoscaling", REGION)
    metric = {"PredefinedMetricType": "SageMakerVariantProvisionedConcurrencyUtilization"}
    client.put_scaling_policy(
        PolicyName="theirs",
        PolicyType="TargetTrackingScaling",
        ServiceNamespace="sagemaker",
        ResourceId=TARGET,
        ScalableDimension="sagemaker:variant:DesiredProvisionedConcurrency",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 0.5,
            "PredefinedMetricSpecification": metric,
            "DisableScaleIn": True,
        },
    )

    state = scaling.state(REGION, TARGET)

    assert state.policies == (ScalingPolicy("theirs", None, Metric.UTILIZATION),)
    assert state.foreign == ("theirs",)


def test_a_suspended_target_is_seen_as_such(scaling: AutoScaling, sessions: Sessions) -> None:
    sessions.client("application-autoscaling", REGION).register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId=TARGET,
        ScalableDimension="sagemaker:variant:DesiredProvisionedConcurrency",
        MinCapacity=1,
        MaxCapacity=5,
        SuspendedState={"ScheduledScalingSuspended": True},
    )

    assert scaling.state(REGION, TARGET).target == ScalableTarget(Capacity(1, 5), suspended=True)


def test_a_step_that_aws_refuses_says_what_was_tried_and_why(scaling: AutoScaling) -> None:
    with pytest.raises(ActionFailedError, match=r"put_scaling_policy of .*ObjectNotFound"):
        scaling.apply(REGION, TARGET, PutPolicy(TRACKED))


def test_a_list_that_breaks_off_is_unreadable(scaling: AutoScaling, sessions: Sessions) -> None:
    scaling.apply(REGION, TARGET, RegisterTarget(Capacity(1, 5)))
    service, operation = "application-autoscaling", "DescribeScheduledActions"
    answer_with_error(sessions, service, operation, "AccessDeniedException", region=REGION)

    with pytest.raises(UnreadableError, match="AccessDeniedException"):
        scaling.states(REGION)


def test_a_step_is_told_as_a_command_that_a_shell_reads(scaling: AutoScaling) -> None:
    command = scaling.command(REGION, TARGET, RegisterTarget(Capacity(1, 5)))

    assert command.startswith("aws application-autoscaling register-scalable-target ")
    assert command.endswith("--region us-east-1")
    assert '"MaxCapacity": 5' in command


def test_quotas_are_what_applies_to_the_account(sandbox: Sandbox, sessions: Sessions) -> None:
    name = "Maximum total concurrency that can be allocated across all serverless endpoints"
    sandbox.quotas.set(name, 10, region=REGION)
    quotas = ServiceQuotas(sessions)

    assert quotas.of(REGION) == Quotas(region_total=10)
    quotas.of(REGION)
    assert sessions.calls["ServiceQuotas.ListServiceQuotas"] == 1


def test_quotas_that_cannot_be_read_are_the_documented_ones(
    sandbox: Sandbox,  # noqa: ARG001 - an AWS to ask
    sessions: Sessions,
) -> None:
    service, operation = "service-quotas", "ListServiceQuotas"
    answer_with_error(sessions, service, operation, "AccessDeniedException", region=REGION)

    assert ServiceQuotas(sessions).of(REGION) == documented_quotas(REGION)


QUEUE = "endpoint/queue/variant/v"
WAITING = ScalingPolicy(TRACKING, 5, Metric.BACKLOG_PER_INSTANCE)


@pytest.fixture
def instances(sandbox: Sandbox, sessions: Sessions) -> AutoScaling:
    fleet = sandbox.sagemaker(region=REGION)
    fleet.add_model("m")
    variant = {"VariantName": "v", "ModelName": "m", "InitialInstanceCount": 1}
    fleet.add_endpoint_config(
        "queue-config",
        [{**variant, "InstanceType": "ml.m5.large"}],
        AsyncInferenceConfig={"OutputConfig": {"S3OutputPath": "s3://bucket/out"}},
    )
    fleet.add_endpoint("queue", config="queue-config")
    return AutoScaling(sessions, Dimension.INSTANCES)


def test_what_wakes_is_read_back_with_its_alarm(instances: AutoScaling) -> None:
    desired = Desired(Capacity(0, 2), (WAITING, WAKE), ())

    for step in steps_to(desired, UNREGISTERED):
        instances.apply(REGION, QUEUE, step)

    state = instances.state(REGION, QUEUE)
    assert steps_to(desired, state) == ()
    alarms = {policy.name: policy.alarms for policy in state.policies}
    assert [alarm.name for alarm in alarms[WAKING] or ()] == [f"{WAKING}-{QUEUE}"]
    assert len(alarms[TRACKING] or ()) == 2


def test_an_alarm_that_somebody_changed_wakes_no_more(
    instances: AutoScaling, sessions: Sessions
) -> None:
    instances.apply(REGION, QUEUE, RegisterTarget(Capacity(1, 2)))
    instances.apply(REGION, QUEUE, PutPolicy(WAKE))
    cloudwatch: Any = sessions.client("cloudwatch", REGION)
    cloudwatch.put_metric_alarm(
        AlarmName=f"{WAKING}-{QUEUE}",
        Namespace="AWS/SageMaker",
        MetricName="HasBacklogWithoutCapacity",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=2,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )

    [policy] = instances.state(REGION, QUEUE).policies

    assert (policy.name, policy.wakes) == (WAKING, False)


def test_alarms_that_are_gone_are_seen_as_gone(instances: AutoScaling, sessions: Sessions) -> None:
    instances.apply(REGION, QUEUE, RegisterTarget(Capacity(1, 2)))
    instances.apply(REGION, QUEUE, PutPolicy(WAITING))
    [policy] = instances.state(REGION, QUEUE).policies
    names = [alarm.name for alarm in policy.alarms or ()]
    cloudwatch: Any = sessions.client("cloudwatch", REGION)
    cloudwatch.delete_alarms(AlarmNames=names[:1])

    [policy] = instances.state(REGION, QUEUE).policies

    assert policy.missing == (names[0],)


def test_what_wakes_goes_with_its_alarm(instances: AutoScaling, sessions: Sessions) -> None:
    instances.apply(REGION, QUEUE, RegisterTarget(Capacity(1, 2)))
    instances.apply(REGION, QUEUE, PutPolicy(WAKE))

    instances.apply(REGION, QUEUE, DeletePolicy(WAKING))
    instances.apply(REGION, QUEUE, DeletePolicy(WAKING))

    cloudwatch: Any = sessions.client("cloudwatch", REGION)
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    assert instances.state(REGION, QUEUE).policies == ()


def test_the_command_that_puts_what_wakes_puts_its_alarm_on_the_policy(
    instances: AutoScaling,
) -> None:
    command = instances.command(REGION, QUEUE, PutPolicy(WAKE))

    assert command.startswith("aws cloudwatch put-metric-alarm --cli-input-json ")
    words = shlex.split(command)
    assert "$(aws application-autoscaling put-scaling-policy" in words[4]
    assert words[4].count('"AlarmActions": ["$(aws') == 1


def test_an_alarm_that_cannot_be_put_is_a_failure(
    instances: AutoScaling, sessions: Sessions
) -> None:
    instances.apply(REGION, QUEUE, RegisterTarget(Capacity(1, 2)))
    answer_with_error(sessions, "cloudwatch", "PutMetricAlarm", "AccessDenied", region=REGION)

    with pytest.raises(ActionFailedError, match="put_metric_alarm of endpoint/queue"):
        instances.apply(REGION, QUEUE, PutPolicy(WAKE))


def test_quotas_for_instances_are_found_by_their_names(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    sandbox.quotas.set("ml.g5.xlarge for endpoint usage", 4, region=REGION)
    quotas = ServiceQuotas(sessions)

    assert quotas.hosting(REGION) == {"ml.g5.xlarge": 4}


def test_quotas_for_instances_that_cannot_be_read_are_unknown(
    sandbox: Sandbox,  # noqa: ARG001 - an AWS to ask
    sessions: Sessions,
) -> None:
    service, operation = "service-quotas", "ListServiceQuotas"
    answer_with_error(sessions, service, operation, "AccessDeniedException", region=REGION)

    assert ServiceQuotas(sessions).hosting(REGION) is None


def test_alarms_come_page_by_page_also_when_they_are_named(sandbox: Sandbox) -> None:
    client = sandbox.client("cloudwatch", REGION)
    names = [f"alarm-{number:03}" for number in range(60)]
    for name in names:
        client.put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/SageMaker",
            MetricName="Invocations",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1.0,
            ComparisonOperator="GreaterThanThreshold",
        )
    asked: list[str] = []

    def half_a_page(parsed: dict[str, Any], **_: object) -> None:
        if not asked:
            parsed["MetricAlarms"] = parsed["MetricAlarms"][:30]
            parsed["NextToken"] = "the-rest"
        asked.append("a page")

    def without_the_token(params: dict[str, Any], **_: object) -> None:
        params.pop("NextToken", None)  # moto's pages are others

    client.meta.events.register("after-call.cloudwatch.DescribeAlarms", half_a_page)
    client.meta.events.register(
        "provide-client-params.cloudwatch.DescribeAlarms", without_the_token
    )
    found = {alarm["AlarmName"] for alarm in alarms_named(names, client)}

    assert found == set(names)
    assert len(asked) == 2
