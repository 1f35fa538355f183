from datetime import timedelta

import pytest

from sagewarden.domain.guardrails.rules import Guardrail
from sagewarden.domain.node_groups.care import (
    Care,
    ClusterAutoscaler,
    RunningWork,
    UnderAutoscaler,
)
from sagewarden.domain.node_groups.rules import IdleNodeGroups, NodeGroupHours
from tests.support.policies import HEAD, compiled, only_problem

CALENDARS = 'calendars: {office: {weekdays: mon-fri, from: "09:00", to: "18:00"}}\n'


def written(rule: str) -> str:
    return f"{HEAD}{CALENDARS}rules:\n  - {{name: r, resources: node-group, {rule}}}\n"


def test_node_groups_keep_hours() -> None:
    policy = compiled(written("outside: office, schedule_tag: Schedule, warn: 10m"))

    (rule,) = policy.rules
    assert isinstance(rule, NodeGroupHours)
    assert rule.schedules.default is not None
    assert rule.schedules.tag == "Schedule"
    assert rule.grace == timedelta(minutes=10)
    assert (rule.start_again, rule.strict, rule.care) == (True, False, Care())
    assert list(policy.hour_rules) == [rule]


def test_idle_node_groups_have_a_window_and_a_threshold() -> None:
    policy = compiled(
        written(
            "idle: {gpu_below: 2.5, for: 3h}, grace: 30m, running_work: ignore, "
            "under_autoscaler: min-size, cluster_autoscaler: absent"
        )
    )

    (rule,) = policy.rules
    assert isinstance(rule, IdleNodeGroups)
    assert (rule.idle_for, rule.gpu_below) == (timedelta(hours=3), 2.5)
    assert rule.grace == timedelta(minutes=30)
    assert rule.care == Care(RunningWork.IGNORE, UnderAutoscaler.MIN_SIZE, ClusterAutoscaler.ABSENT)
    assert list(policy.judged_rules) == [rule]


def test_a_guardrail_may_speak_of_node_groups() -> None:
    policy = compiled(written("require_tags: {Owner: {}}, allow_instance_types: [g5]"))

    (rule,) = policy.rules
    assert isinstance(rule, Guardrail)
    assert rule.sweeps("node-group")


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("start_again: true", "rules[0].outside"),
        ("outside: nowhere", "rules[0].outside"),
        ("outside: office, action: stop", "rules[0].action"),
        ("outside: office, running_work: kill", "rules[0].running_work"),
        ("outside: office, grace: 1h", "rules[0].grace"),
        ("idle: {for: 29m}", "rules[0].idle.for"),
        ("idle: {gpu_below: 0.5}", "rules[0].idle.gpu_below"),
        ("idle: {gpu_below: 101}", "rules[0].idle.gpu_below"),
        ("idle: {}, outside: office", "rules[0].outside"),
        ("require_tags: {Owner: {}}, action: stop", "rules[0].action"),
    ],
)
def test_what_could_never_work_is_refused(rule: str, path: str) -> None:
    assert only_problem(written(rule)).path == path
