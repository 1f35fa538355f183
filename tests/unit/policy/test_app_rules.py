from datetime import timedelta

import pytest

from sagewarden.domain.idle_apps import IdleApps
from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.rules import Policy
from sagewarden.domain.scope import Mode
from tests.support.policies import HEAD, compiled, only_problem

OFFICE = 'calendars: {office: {from: "09:00", to: "18:00"}}\n'


def policy_of(rule: str) -> Policy:
    return compiled(f"{HEAD}{OFFICE}rules:\n  - {{name: r, {rule}}}\n")


@pytest.mark.parametrize(
    ("resources", "kinds"),
    [
        ("studio-app", ("studio-app",)),
        ("[studio-app]", ("studio-app",)),
        ("[notebook-instance, studio-app]", ("notebook-instance", "studio-app")),
    ],
)
def test_hours_hold_for_apps_alone_or_beside_notebooks(
    resources: str, kinds: tuple[str, ...]
) -> None:
    policy = policy_of(f"resources: {resources}, outside: office, warn: 10m")

    (rule,) = policy.rules
    assert isinstance(rule, NotebookHours)
    assert rule.kinds == kinds
    assert rule.warn == timedelta(minutes=10)
    assert list(policy.app_rules) == [rule]
    assert list(policy.swept_rules) == [rule]


def test_idle_apps_have_a_window_and_a_notice() -> None:
    policy = policy_of("resources: studio-app, idle: {for: 3h}")

    (rule,) = policy.rules
    assert isinstance(rule, IdleApps)
    assert (rule.window, rule.warn) == (timedelta(hours=3), timedelta(minutes=30))
    assert rule.scope.mode is Mode.OBSERVE
    assert rule.kinds == ("studio-app",)
    assert list(policy.app_rules) == [rule]
    assert list(policy.notebook_rules) == []


def only_problem_of(rule: str) -> str:
    return only_problem(f"{HEAD}{OFFICE}rules:\n  - {{name: r, {rule}}}\n").path


@pytest.mark.parametrize("resources", ["studio-app", "[notebook-instance, studio-app]"])
def test_apps_are_not_started_again_and_the_policy_is_told_why(resources: str) -> None:
    text = f"resources: {resources}, outside: office, start_again: true"

    found = only_problem(f"{HEAD}{OFFICE}rules:\n  - {{name: r, {text}}}\n")

    assert found.path == "rules[0].start_again"
    assert found.problem == "a Studio app is not started again: nobody would be there to use it"


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("resources: studio-app, idle: {for: 59m}", "rules[0].idle.for"),
        ("resources: studio-app, idle: {for: 15d}", "rules[0].idle.for"),
        ("resources: studio-app, idle: {for: 2h}, warn: 2d", "rules[0].warn"),
        ("resources: studio-app, idle: {for: 2h}, grace: 24h", "rules[0].grace"),
        ("resources: studio-app, idle: {for: 2h}, outside: office", "rules[0].outside"),
        ("resources: studio-app", "rules[0].outside"),
        ("resources: [studio-app], idle: {for: 2h}", "rules[0].resources"),
    ],
)
def test_what_could_never_work_is_refused(rule: str, path: str) -> None:
    assert only_problem_of(rule) == path
