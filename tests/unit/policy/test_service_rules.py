"""Rules for services: what a policy may say of them, and what it means."""

from datetime import timedelta

import pytest

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.rules import Policy
from sagewarden.domain.services.rule import SERVICES, IdleServices
from sagewarden.policy.services import SERVICE_KINDS
from tests.support.policies import HEAD, compiled, only_problem


def policy_of(rule: str) -> Policy:
    return compiled(f"{HEAD}rules:\n  - {{name: r, {rule}}}\n")


def test_a_policy_and_the_domain_know_the_same_kinds() -> None:
    assert tuple(kind.value for kind in SERVICES) == SERVICE_KINDS


def test_a_rule_for_services_has_a_window_a_grace_and_an_action() -> None:
    policy = policy_of("resources: [cluster, provisioned-model], idle: {for: 7d}, action: delete")

    (rule,) = policy.rules
    assert isinstance(rule, IdleServices)
    assert rule.kinds == ("cluster", "provisioned-model")
    assert (rule.idle_for, rule.grace) == (timedelta(days=7), timedelta(hours=24))
    assert rule.action is ActionKind.DELETE
    assert list(policy.judged_rules) == [rule]


def test_one_kind_is_enough_and_defaults_are_careful() -> None:
    (rule,) = policy_of("resources: mlflow-tracking-server").rules

    assert isinstance(rule, IdleServices)
    assert (rule.idle_for, rule.action) == (timedelta(hours=72), ActionKind.STOP)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("resources: cluster, idle: {for: 30m}", "rules[0].idle.for"),
        ("resources: cluster, idle: {for: 15d}", "rules[0].idle.for"),
        ("resources: cluster, idle: {for: 90m}", "rules[0].idle.for"),
        ("resources: cluster, grace: 10m", "rules[0].grace"),
        ("resources: cluster, action: scale-to-zero", "rules[0].action"),
        ("resources: [cluster, cluster]", "rules[0].resources[1]"),
        ("resources: [cluster, endpoint]", "rules[0].resources"),
    ],
)
def test_what_could_never_work_is_refused(rule: str, path: str) -> None:
    found = only_problem(f"{HEAD}rules:\n  - {{name: r, {rule}}}\n")

    assert found.path == path
