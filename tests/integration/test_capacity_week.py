"""Real-time, asynchronous and component endpoints through a week, on the emulated AWS."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sagewarden.application.adjust_concurrency import adjust_concurrency
from sagewarden.application.sweep import SweepReport
from sagewarden.bootstrap import concurrency_hands, open_workbench
from sagewarden.domain.endpoint_capacity.rule import EndpointCapacity, Served
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.schedules.calendar import Calendar
from sagewarden.domain.scope import TagMatch
from sagewarden.domain.verdicts import VerdictKind
from sagewarden_cli.sandbox import Sandbox
from tests.support.builders import (
    REGION,
    a_calendar,
    a_policy,
    a_schedule_book,
    a_scope,
    seoul,
    some_prices,
)
from tests.support.capacity import a_capacity_rule
from tests.support.fakes import FakeNotifier

SETTLES = timedelta(minutes=20)
HOUR = timedelta(hours=1)
MONDAY = seoul("2026-11-23 07:00")


class Week:
    """An account with endpoints, rules, and a hand on the clock."""

    def __init__(self, sandbox: Sandbox, *rules: EndpointCapacity) -> None:
        self.sandbox = sandbox
        bench = open_workbench(clock=sandbox.clock, prices=some_prices())
        self.sessions = bench.sessions
        self.ports = concurrency_hands(bench.hands, bench.sessions)
        self.notifier = FakeNotifier()
        self.policy = a_policy(*rules)
        self.sagemaker: Any = self.sessions.client("sagemaker", REGION)
        self.autoscaling: Any = self.sessions.client("application-autoscaling", REGION)

    def add(self, name: str, count: int = 3, *, asynchronous: bool = False, **more: Any) -> None:
        """Deploy an endpoint on instances."""
        fleet = self.sandbox.sagemaker(region=REGION)
        fleet.add_model(f"{name}-model")
        variant = {"VariantName": "v", "ModelName": f"{name}-model", "InitialInstanceCount": count}
        extra: dict[str, Any] = {"AsyncInferenceConfig": ASYNC} if asynchronous else {}
        fleet.add_endpoint_config(
            f"{name}-config", [{**variant, "InstanceType": "ml.m5.large"}], **extra
        )
        fleet.add_endpoint(name, config=f"{name}-config", **more)

    def add_component(self, name: str, minimum: int = 0) -> None:
        """Deploy an endpoint with one inference component."""
        fleet = self.sandbox.sagemaker(region=REGION)
        fleet.add_model(f"{name}-model")
        managed = {"Status": "ENABLED", "MinInstanceCount": minimum, "MaxInstanceCount": 2}
        variant = {
            "VariantName": "v",
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
            "ManagedInstanceScaling": managed,
        }
        fleet.add_endpoint_config(f"{name}-config", [variant])
        fleet.add_endpoint(f"{name}-host", config=f"{name}-config")
        self.sagemaker.create_inference_component(
            InferenceComponentName=name,
            EndpointName=f"{name}-host",
            VariantName="v",
            Specification={
                "ModelName": f"{name}-model",
                "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024},
            },
            RuntimeConfig={"CopyCount": 1},
        )
        self.sandbox.clock.advance(SETTLES)

    def wait_until(self, moment: datetime) -> None:
        """Let time pass."""
        self.sandbox.clock.advance(moment - self.sandbox.clock.now())

    def publish(
        self, metric: str, dimensions: dict[str, str], values: Iterable[tuple[datetime, float]]
    ) -> None:
        """Play SageMaker's part."""
        self.sandbox.metrics.load(None, REGION, "AWS/SageMaker", metric, dimensions, list(values))

    def run(self) -> SweepReport:
        """Let the bot run once, and AWS do what it was told."""
        report = adjust_concurrency(self.policy, REGION, self.ports, self.notifier)
        self.sandbox.clock.advance(SETTLES)
        return report

    def instances(self, name: str) -> int:
        """How many an endpoint has now."""
        (variant,) = self.sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"]
        return int(variant["CurrentInstanceCount"])

    def copies(self, name: str) -> int:
        """How many a component has now."""
        found = self.sagemaker.describe_inference_component(InferenceComponentName=name)
        return int(found["RuntimeConfig"]["CurrentCopyCount"])

    def writes(self) -> int:
        """How often something was changed."""
        return sum(
            number
            for call, number in self.sessions.calls.items()
            if call.startswith(("ApplicationAutoScaling.", "CloudWatch.", "SageMaker."))
            and not call.split(".")[1].startswith(("Describe", "Get", "List", "Create"))
        )


ASYNC = {"OutputConfig": {"S3OutputPath": "s3://bucket/out"}}


def minutes(start: datetime, count: int, value: float) -> Iterator[tuple[datetime, float]]:
    return ((start + timedelta(minutes=number), value) for number in range(count))


@pytest.fixture
def week(sandbox: Sandbox) -> Week:
    sandbox.clock.advance(MONDAY - sandbox.clock.now())
    return Week(sandbox, a_capacity_rule())


def with_calendar(calendar: Calendar) -> EndpointCapacity:
    return a_capacity_rule(schedules=a_schedule_book(calendar))


def test_it_has_what_the_hours_say_through_a_week_with_a_holiday(sandbox: Sandbox) -> None:
    sandbox.clock.advance(MONDAY - sandbox.clock.now())
    holiday = a_calendar(holidays={date(2026, 11, 25): "Founders"}.get)
    week = Week(sandbox, with_calendar(holiday))
    week.add("churn", 3)

    first = week.run()
    seen = []
    for day in range(23, 29):
        for clock in ("08:30", "12:00", "20:00"):
            week.wait_until(seoul(f"2026-11-{day} {clock}"))
            week.run()
            seen.append(week.instances("churn"))

    assert [outcome.kind for outcome in first.outcomes] == [OutcomeKind.APPLIED]
    working, closed = [1, 2, 1], [1, 1, 1]
    assert seen == [*working, *working, *closed, *working, *working, *closed]


def test_a_clock_change_moves_neither_opening_nor_closing(sandbox: Sandbox) -> None:
    berlin = a_calendar(zone="Europe/Berlin", days=range(7))
    sandbox.clock.advance(datetime(2027, 3, 26, 12, tzinfo=UTC) - sandbox.clock.now())
    week = Week(sandbox, with_calendar(berlin))
    week.add("churn", 3)
    week.run()

    counts = {}
    # Berlin goes from UTC+1 to UTC+2 on 2027-03-28 at 01:00 UTC.
    for text in ("27T07:50", "27T08:30", "28T06:50", "28T07:30", "28T16:30", "29T07:30"):
        week.wait_until(datetime.fromisoformat(f"2027-03-{text}:00+00:00"))
        counts[text] = week.instances("churn")

    assert counts == {
        "27T07:50": 1, "27T08:30": 2, "28T06:50": 1, "28T07:30": 2, "28T16:30": 1, "29T07:30": 2
    }  # fmt: skip


def test_a_second_run_changes_nothing_at_any_time_of_the_day(week: Week) -> None:
    week.add("churn", 3)
    week.run()
    written = week.writes()

    for moment in ("08:00", "09:30", "12:00", "17:30", "18:30", "23:30"):
        week.wait_until(seoul(f"2026-11-23 {moment}"))
        assert week.run().outcomes == ()

    assert week.writes() == written


def test_what_must_not_be_touched_is_untouched_through_the_week(sandbox: Sandbox) -> None:
    sandbox.clock.advance(MONDAY - sandbox.clock.now())
    scope = a_scope("by-hours", protections=(TagMatch("env", ("prod",)),))
    week = Week(sandbox, a_capacity_rule(scope=scope))
    week.add("protected", tags={"env": "prod"})
    week.add("exempt", tags={"SagewardenExempt": "2027-01-31: migrating"})
    week.add("terraformed", tags={"ManagedBy": "terraform"})
    week.add("opted-out", tags={"Schedule": "off"})
    week.add("theirs")
    week.add("updating")
    sandbox.sagemaker(region=REGION).force_status("endpoint", "updating", "Updating")
    which = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/theirs/variant/v",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    week.autoscaling.register_scalable_target(**which, MinCapacity=2, MaxCapacity=6)
    written = week.writes()

    for day in range(23, 30):
        week.wait_until(seoul(f"2026-11-{day} 22:00"))
        assert week.run().outcomes == ()

    assert week.writes() == written
    kept = ("protected", "exempt", "terraformed", "opted-out", "theirs", "updating")
    assert {name: week.instances(name) for name in kept} == dict.fromkeys(kept, 3)


def test_what_is_busy_above_the_most_is_cut_at_closing_and_not_before(week: Week) -> None:
    week.add("busy", 6)
    week.wait_until(seoul("2026-11-23 12:00"))
    noon = seoul("2026-11-23 12:00")
    called = ((noon - HOUR * number, 90.0) for number in range(1, 30))
    week.publish("Invocations", {"EndpointName": "busy", "VariantName": "v"}, called)

    counts = []
    for clock in ("12:00", "12:30", "18:30"):
        week.wait_until(seoul(f"2026-11-23 {clock}"))
        week.run()
        counts.append(week.instances("busy"))

    assert counts == [6, 6, 1]


def test_an_asynchronous_endpoint_sleeps_at_night_and_wakes_for_a_request(
    sandbox: Sandbox,
) -> None:
    sandbox.clock.advance(MONDAY - sandbox.clock.now())
    rule = a_capacity_rule(what=Served.ASYNC, during=(1, 2), outside=(0, 1), target=5)
    week = Week(sandbox, rule)
    week.add("docs", 2, asynchronous=True)
    week.run()
    where = {"EndpointName": "docs"}

    week.publish("ApproximateBacklogSizePerInstance", where, minutes(MONDAY + HOUR, 40, 0))
    week.wait_until(seoul("2026-11-23 08:50"))
    asleep = week.instances("docs")
    week.wait_until(seoul("2026-11-23 20:00"))
    night = seoul("2026-11-23 20:00")
    week.publish("ApproximateBacklogSizePerInstance", where, minutes(night, 40, 0))
    week.wait_until(seoul("2026-11-23 21:00"))
    asleep_again = week.instances("docs")
    week.publish("HasBacklogWithoutCapacity", where, minutes(seoul("2026-11-23 21:00"), 5, 1))
    week.wait_until(seoul("2026-11-23 21:30"))

    assert (asleep, asleep_again, week.instances("docs")) == (0, 0, 1)


def test_an_inference_component_sleeps_and_frees_its_instance_and_wakes(sandbox: Sandbox) -> None:
    sandbox.clock.advance(MONDAY - sandbox.clock.now())
    rule = a_capacity_rule(what=Served.COMPONENTS, during=(1, 2), outside=(0, 1), target=10)
    week = Week(sandbox, rule)
    week.add_component("llm")
    week.run()
    where = {"InferenceComponentName": "llm"}

    week.publish("InvocationsPerCopy", where, minutes(MONDAY + HOUR, 20, 0))
    week.wait_until(seoul("2026-11-23 08:50"))
    asleep = week.copies("llm"), week.instances("llm-host")
    called = seoul("2026-11-23 08:50")
    week.publish("NoCapacityInvocationFailures", where, minutes(called, 3, 4))
    week.wait_until(seoul("2026-11-23 08:59"))

    assert asleep == (0, 0)
    assert week.copies("llm") == 1
    assert week.run().outcomes == ()


def test_a_component_whose_variant_keeps_its_instances_keeps_a_copy(sandbox: Sandbox) -> None:
    sandbox.clock.advance(MONDAY - sandbox.clock.now())
    rule = a_capacity_rule(what=Served.COMPONENTS, during=(1, 2), outside=(0, 1), target=10)
    week = Week(sandbox, rule)
    week.add_component("llm", minimum=1)

    [planned] = week.run().plan.actions

    why = planned.verdict.evidence["never_none_because"]
    assert "MinInstanceCount is not 0" in str(why)
    found = week.autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")
    assert [item["MinCapacity"] for item in found["ScalableTargets"]] == [1]


def test_the_undo_takes_the_target_and_the_waking_alarm_away(sandbox: Sandbox) -> None:
    sandbox.clock.advance(MONDAY - sandbox.clock.now())
    rule = a_capacity_rule(what=Served.ASYNC, during=(1, 2), outside=(0, 1), target=5)
    week = Week(sandbox, rule)
    week.add("docs", 1, asynchronous=True)

    [outcome] = week.run().outcomes

    assert outcome.undo is not None
    alarms, policy, target = outcome.undo.split(" && ")
    assert alarms.startswith("aws cloudwatch delete-alarms")
    assert policy.startswith("aws application-autoscaling delete-scaling-policy")
    assert target.startswith("aws application-autoscaling deregister-scalable-target")


def test_a_waking_alarm_that_somebody_deleted_is_put_again(sandbox: Sandbox) -> None:
    sandbox.clock.advance(MONDAY - sandbox.clock.now())
    rule = a_capacity_rule(what=Served.ASYNC, during=(1, 2), outside=(0, 1), target=5)
    week = Week(sandbox, rule)
    week.add("docs", 1, asynchronous=True)
    week.run()
    cloudwatch: Any = week.sessions.client("cloudwatch", REGION)
    name = "sagewarden-wake-endpoint/docs/variant/v"
    cloudwatch.delete_alarms(AlarmNames=[name])

    [outcome] = week.run().outcomes

    assert outcome.kind is OutcomeKind.APPLIED
    assert cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]


def test_a_quota_that_is_too_small_is_shared_out(week: Week) -> None:
    week.sandbox.quotas.set("ml.m5.large for endpoint usage", 3, region=REGION)
    week.policy = a_policy(a_capacity_rule(during=(1, 4), target=100))
    for name in ("a", "b"):
        week.add(name, 1)

    week.run()

    found = week.autoscaling.describe_scheduled_actions(ServiceNamespace="sagemaker")
    most = {
        item["ResourceId"]: item["ScalableTargetAction"]["MaxCapacity"]
        for item in found["ScheduledActions"]
        if "opens" in item["ScheduledActionName"]
    }
    assert most == {"endpoint/a/variant/v": 2, "endpoint/b/variant/v": 1}


def test_an_endpoint_with_several_instances_and_no_target_is_told_of(sandbox: Sandbox) -> None:
    week = Week(sandbox, a_capacity_rule(sets=False, target=100))
    week.add("churn", 3)
    end = sandbox.clock.now().replace(minute=0)
    hourly = ((end - HOUR * number, 60.0) for number in range(1, 14 * 24))
    week.publish("Invocations", {"EndpointName": "churn", "VariantName": "v"}, hourly)

    first = week.run()
    [verdict] = first.plan.left_alone
    again = week.run()

    assert verdict.kind is VerdictKind.VIOLATION
    assert verdict.reason == "3 instances and nothing scales them; its busiest minute needs 1"
    assert verdict.saving is not None
    assert verdict.saving.usd == 146  # 2 x $0.10 x 730 h
    assert week.notifier.warned == ["churn"]
    assert (first.outcomes, again.outcomes, again.resolved) == ((), (), ())
