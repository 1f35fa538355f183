"""Reading a fleet costs no more calls than list pages, tag pages, metric batches and candidates."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from sagewarden.adapters.endpoint_rechecks import SageMakerRechecks
from sagewarden.adapters.sessions import CONNECTIONS
from sagewarden.adapters.survey_memory import InMemorySurveyMemory
from sagewarden.application.advise import advise
from sagewarden.application.plan_fleet import plan_fleet, plan_surveys
from sagewarden.application.remembering import RememberingEyes
from sagewarden.bootstrap import advice_hands, open_workbench
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.owners import Owners
from sagewarden.domain.plans import Plan
from sagewarden.domain.rules import Policy
from sagewarden_cli.sandbox import Sandbox
from tests.support.builders import ACCOUNT, a_notebook_rule, a_policy, an_endpoint_rule

NOW = datetime(2026, 11, 18, 20, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)
ENDPOINTS = 1000
NOTEBOOKS = 500
IDLE_EVERY = 20


def seed(sandbox: Sandbox, region: str) -> None:
    """A region with 1,000 endpoints, of which 5 % are idle, and 500 running notebooks."""
    fleet = sandbox.sagemaker(region=region)
    for number in range(ENDPOINTS):
        name = f"endpoint-{number:04}"
        fleet.add_endpoint(
            name, instance_type="ml.m5.xlarge", created_at=LONG_AGO, tags={"Owner": "mina"}
        )
        calls = 0.0 if number % IDLE_EVERY == 0 else 3.0
        sandbox.metrics.load(
            None,
            region,
            "AWS/SageMaker",
            "Invocations",
            {"EndpointName": name, "VariantName": "AllTraffic"},
            [(NOW - timedelta(hours=hour), calls) for hour in range(1, 50)],
        )
    for number in range(NOTEBOOKS):
        fleet.add_notebook_instance(
            f"notebook-{number:03}", created_at=LONG_AGO, tags={"Owner": "mina"}
        )


def the_budget(candidates: int) -> int:
    list_pages = math.ceil(ENDPOINTS / 100) + math.ceil(NOTEBOOKS / 100)
    tag_pages = list_pages
    # ListMetrics: 500 series a page for Invocations, one empty page for each asynchronous metric;
    # DescribeScalableTargets: one page for all candidates.
    other_pages = math.ceil(ENDPOINTS / 500) + 2 + 1
    metric_batches = math.ceil(ENDPOINTS / 500)
    return list_pages + tag_pages + other_pages + metric_batches + 2 * candidates


def planned(regions: list[str], policy: Policy) -> tuple[Plan, Mapping[str, int]]:
    workbench = open_workbench()
    plan = plan_fleet(policy, regions, workbench.hands.fleet, NOW)
    return plan, workbench.sessions.calls


@pytest.mark.parametrize("regions", [["us-east-1"], ["us-east-1", "ap-northeast-2"]])
def test_a_plan_of_1500_resources_a_region_stays_within_its_budget(
    sandbox: Sandbox, regions: list[str]
) -> None:
    for region in regions:
        seed(sandbox, region)
    sandbox.clock.set(NOW)

    plan, calls = planned(regions, a_policy(an_endpoint_rule(), a_notebook_rule()))

    idle = ENDPOINTS // IDLE_EVERY
    deletes = [item for item in plan.actions if item.verdict.action.kind is ActionKind.DELETE]  # type: ignore[union-attr]  # a planned action has one
    assert len(deletes) == idle * len(regions)
    assert plan.incomplete == ()
    assert sum(calls.values()) <= the_budget(idle) * len(regions)
    assert calls["CloudWatch.GetMetricData"] == math.ceil(ENDPOINTS / 500) * len(regions)
    assert calls["SageMaker.DescribeEndpoint"] == idle * len(regions)
    assert calls["SageMaker.DescribeEndpointConfig"] == idle * len(regions)
    assert "SageMaker.ListTags" not in calls
    assert "SageMaker.DescribeNotebookInstance" not in calls


ADVISED = 200


def test_advising_costs_a_few_calls_for_each_endpoint_and_metrics_in_bulk(
    sandbox: Sandbox,
) -> None:
    fleet = sandbox.sagemaker()
    for number in range(ADVISED):
        fleet.add_endpoint(f"endpoint-{number:03}", created_at=LONG_AGO)
    workbench = open_workbench()
    hands = advice_hands(workbench.hands, workbench.sessions)

    advise(["us-east-1"], Owners(), hands, NOW)

    calls = workbench.sessions.calls
    assert calls["CloudWatch.GetMetricData"] == math.ceil(5 * ADVISED / 500)
    assert calls["SageMaker.DescribeEndpoint"] == ADVISED
    assert calls["SageMaker.DescribeEndpointConfig"] == 2 * ADVISED
    assert calls["SageMaker.DescribeModel"] == ADVISED
    assert calls["ECR.DescribeImages"] <= CONNECTIONS, "all have the same image"
    assert calls["ApplicationAutoScaling.DescribeScalingPolicies"] == 1
    assert sum(calls.values()) < 4.4 * ADVISED


def test_the_next_hour_says_the_same_with_a_seventh_of_the_calls(sandbox: Sandbox) -> None:
    region = "us-east-1"
    seed(sandbox, region)
    sandbox.clock.set(NOW)
    memory, policy = InMemorySurveyMemory(), a_policy(an_endpoint_rule())
    changed = ENDPOINTS // IDLE_EVERY
    found, made = [], []

    for hour in range(2):
        workbench = open_workbench()
        fleet = workbench.hands.fleet
        eyes = RememberingEyes(ACCOUNT, SageMakerRechecks(workbench.sessions), memory, pytest.fail)
        now = sandbox.clock.now()
        seen = eyes.look(region, policy, fleet, now)
        eyes.remember()
        made.append(sum(workbench.sessions.calls.values()))
        found.append(plan_surveys(policy, [seen], fleet, now))
        if hour == 0:
            sandbox.clock.advance(timedelta(hours=1))
            for number in range(1, changed + 1):
                sandbox.sagemaker(region=region).add_endpoint(
                    f"new-{number:04}", created_at=sandbox.clock.now()
                )

    first, again = found
    assert [item.verdict.ref for item in again.actions] == [
        item.verdict.ref for item in first.actions
    ]
    assert len(again.actions) == ENDPOINTS // IDLE_EVERY
    assert len(again.unread) == ENDPOINTS - ENDPOINTS // IDLE_EVERY
    assert again.incomplete == ()
    assert made[1] <= 0.15 * made[0]
