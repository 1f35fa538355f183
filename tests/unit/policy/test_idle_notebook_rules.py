from datetime import timedelta

import pytest

from sagewarden.bots import NOTEBOOK_HOURS, bot_of
from sagewarden.domain.idle_notebooks import IdleNotebooks
from tests.support.policies import HEAD, compiled, only_problem


def written(rule: str) -> str:
    return f"{HEAD}rules:\n  - {{name: r, {rule}}}\n"


def test_idle_notebooks_have_a_window_and_a_notice() -> None:
    policy = compiled(written("resources: notebook-instance, idle: {for: 3h}, warn: 10m"))

    (rule,) = policy.rules
    assert isinstance(rule, IdleNotebooks)
    assert rule.idle_for == timedelta(hours=3)
    assert rule.grace == timedelta(minutes=10)
    assert rule.kinds == ("notebook-instance",)
    assert rule.does == "stop after 3 h without work, 10 min after the warning"
    assert list(policy.swept_rules) == [rule]
    assert bot_of(rule) is NOTEBOOK_HOURS


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("resources: notebook-instance, idle: {for: 59m}", "rules[0].idle.for"),
        ("resources: notebook-instance, idle: {for: 25h}", "rules[0].idle.for"),
        ("resources: notebook-instance, idle: {for: 2h}, grace: 24h", "rules[0].grace"),
        ("resources: notebook-instance, idle: {for: 2h}, action: delete", "rules[0].action"),
        ("resources: notebook-instance, idle: {}, start_again: true", "rules[0].start_again"),
    ],
)
def test_what_could_never_work_is_refused(rule: str, path: str) -> None:
    assert only_problem(written(rule)).path == path
