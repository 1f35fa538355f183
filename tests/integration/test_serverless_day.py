"""A serverless endpoint through a working day in Seoul, on the emulated AWS."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from sagewarden.application.adjust_concurrency import adjust_concurrency
from sagewarden.application.sweep import SweepReport
from sagewarden.bootstrap import concurrency_hands, open_workbench
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.verdicts import VerdictKind
from sagewarden_cli.sandbox import Sandbox
from tests.support.builders import REGION, a_policy, seoul, some_prices
from tests.support.fakes import FakeNotifier
from tests.support.scaling import a_concurrency_rule

DIMENSION = "sagemaker:variant:DesiredProvisionedConcurrency"
SETTLES = timedelta(minutes=15)


class Day:
    """An account with serverless endpoints, a rule, and a hand on the clock."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        bench = open_workbench(clock=sandbox.clock, prices=some_prices())
        self.sessions = bench.sessions
        self.ports = concurrency_hands(bench.hands, bench.sessions)
        self.policy = a_policy(a_concurrency_rule(bounds=(5, 20)))

    def add(self, name: str, **settings: int) -> None:
        """Deploy a serverless endpoint."""
        fleet = self.sandbox.sagemaker(region=REGION)
        fleet.add_model(f"{name}-model")
        serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 50} | settings
        variant = {"VariantName": "v", "ModelName": f"{name}-model", "ServerlessConfig": serverless}
        fleet.add_endpoint_config(f"{name}-config", variants=[variant])
        fleet.add_endpoint(name, config=f"{name}-config")

    def wait_until(self, moment: datetime) -> None:
        """Let time pass."""
        self.sandbox.clock.advance(moment - self.sandbox.clock.now())

    def run(self) -> SweepReport:
        """Let the bot run once, and AWS do what it was told."""
        report = adjust_concurrency(self.policy, REGION, self.ports, FakeNotifier())
        self.sandbox.clock.advance(SETTLES)
        return report

    def provisioned(self, name: str) -> int:
        """What an endpoint has now."""
        client: Any = self.sessions.client("sagemaker", REGION)
        (variant,) = client.describe_endpoint(EndpointName=name)["ProductionVariants"]
        return int(variant["CurrentServerlessConfig"]["ProvisionedConcurrency"])

    def writes(self) -> int:
        """How often something was changed in Application Auto Scaling."""
        return sum(
            number
            for call, number in self.sessions.calls.items()
            if call.startswith("ApplicationAutoScaling.") and ".Describe" not in call
        )


@pytest.fixture
def day(sandbox: Sandbox) -> Day:
    early = seoul("2026-11-23 07:00")
    sandbox.clock.advance(early - sandbox.clock.now())
    return Day(sandbox)


def test_by_business_hours_it_rises_in_the_morning_and_falls_in_the_evening(day: Day) -> None:
    day.add("chat", ProvisionedConcurrency=3)

    first = day.run()
    at_seven = day.provisioned("chat")
    day.wait_until(seoul("2026-11-23 09:20"))
    by_day = day.provisioned("chat")
    day.wait_until(seoul("2026-11-23 18:20"))
    by_night = day.provisioned("chat")

    assert [outcome.kind for outcome in first.outcomes] == [OutcomeKind.APPLIED]
    assert (at_seven, by_day, by_night) == (1, 5, 1)


def test_a_second_run_changes_nothing_at_any_time_of_the_day(day: Day) -> None:
    day.add("chat", ProvisionedConcurrency=3)
    day.run()
    written = day.writes()

    reports = []
    for moment in ("08:00", "09:30", "12:00", "17:30", "18:30", "23:30"):
        day.wait_until(seoul(f"2026-11-23 {moment}"))
        reports.append(day.run())

    assert [report.outcomes for report in reports] == [()] * 6
    assert {verdict.kind for report in reports for verdict in report.plan.left_alone} == {
        VerdictKind.COMPLIANT
    }
    assert day.writes() == written


def test_a_target_that_somebody_else_registered_is_untouched(day: Day) -> None:
    day.add("theirs", ProvisionedConcurrency=3)
    client: Any = day.sessions.client("application-autoscaling", REGION)
    which = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/theirs/variant/v",
        "ScalableDimension": DIMENSION,
    }
    client.register_scalable_target(**which, MinCapacity=2, MaxCapacity=4)
    written = day.writes()

    report = day.run()

    assert [verdict.kind for verdict in report.plan.left_alone] == [VerdictKind.EXEMPT]
    assert (day.writes(), day.provisioned("theirs")) == (written, 3)


def test_with_a_small_quota_the_first_by_name_get_what_there_is(day: Day) -> None:
    name = "Maximum total concurrency that can be allocated across all serverless endpoints"
    day.sandbox.quotas.set(name, 21, region=REGION)
    for endpoint in ("a", "b"):
        day.add(endpoint, ProvisionedConcurrency=1)
    day.wait_until(seoul("2026-11-23 12:00"))

    day.run()

    assert (day.provisioned("a"), day.provisioned("b")) == (5, 1)
    assert day.run().outcomes == ()


def test_the_undo_of_the_outcome_takes_the_target_away(day: Day) -> None:
    day.add("chat", ProvisionedConcurrency=3)

    outcome = day.run().outcomes[0]

    assert outcome.undo is not None
    assert outcome.undo.startswith("aws application-autoscaling deregister-scalable-target")
