from datetime import timedelta

import pytest

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.jobs.questions import IdleGpus, Questions
from sagewarden.domain.jobs.rule import IdleJobs
from tests.support.policies import HEAD, compiled, only_problem, problems

MINUTE = timedelta(minutes=1)


def a_rule(rest: str) -> str:
    return HEAD + f"rules:\n  - {{name: stuck, {rest}}}\n"


def test_a_rule_carries_every_question_of_the_policy() -> None:
    text = a_rule(
        "resources: [training-job, hyper-parameter-tuning-job], idle: {gpu_below: 3, for: 45m}, "
        "past_max_runtime: 20m, failing_children: 4, unused_warm_pools: 10m, action: notify, "
        "grace: 2h"
    )

    [rule] = compiled(text).rules

    assert isinstance(rule, IdleJobs)
    assert rule.kinds == ("training-job", "hyper-parameter-tuning-job", "warm-pool")
    assert rule.grace == timedelta(hours=2)
    assert rule.asks == Questions(
        idle=IdleGpus(3.0, 45 * MINUTE),
        past_max_runtime=20 * MINUTE,
        failing_children=4,
        warm_pool=10 * MINUTE,
        action=ActionKind.NOTIFY,
    )


def test_what_is_not_said_has_a_value() -> None:
    [rule] = compiled(a_rule("resources: processing-job, idle: {}")).rules

    assert isinstance(rule, IdleJobs)
    assert rule.kinds == ("processing-job",)
    assert rule.asks == Questions(idle=IdleGpus(5.0, 30 * MINUTE))


@pytest.mark.parametrize(
    ("rest", "where", "problem"),
    [
        ("resources: processing-job, failing_children: 4", "failing_children", "is asked of"),
        ("resources: transform-job, unused_warm_pools: 10m", "unused_warm_pools", "is asked of"),
    ],
)
def test_a_question_that_its_kinds_cannot_answer_is_refused(
    rest: str, where: str, problem: str
) -> None:
    found = only_problem(a_rule(rest))

    assert found.path == f"rules[0].{where}"
    assert problem in found.problem


@pytest.mark.parametrize(
    "rest",
    [
        "resources: training-job, idle: {for: 5m}",
        "resources: training-job, idle: {gpu_below: 0}",
        "resources: training-job, idle: {}, action: delete",
        "resources: training-job, idle: {}, grace: 1m",
        "resources: [training-job, endpoint], idle: {}",
        "resources: hyper-parameter-tuning-job, failing_children: 1",
        "resources: training-job, past_max_runtime: 1m",
        "resources: training-job, unused_warm_pools: 1m",
    ],
)
def test_what_is_out_of_bounds_is_refused(rest: str) -> None:
    assert problems(a_rule(rest))


def test_a_rule_that_asks_nothing_is_refused() -> None:
    found = problems(a_rule("resources: training-job, past_max_runtime: null"))

    assert "the rule asks nothing of its jobs" in found[0].problem
    assert "unused_warm_pools" in found[0].remedy


def test_a_rule_for_jobs_without_demand_or_question_is_told_of_both() -> None:
    found = only_problem(a_rule("resources: training-job, action: stop"))

    assert "max_runtime" in found.remedy
    assert "past_max_runtime" in found.remedy
