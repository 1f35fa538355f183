"""Policies to test with, and a country whose only holiday is New Year's Day."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sagewarden.domain.rules import Policy
from sagewarden.policy import PolicyError, Problem, compile_policy, parse_policy

SHIPPED = Path(__file__).parents[2] / "layers/policy/governance.yaml"

HEAD = "version: 1\n"
NO_RULES = HEAD + "rules: []\n"
NOTEBOOKS = """\
  - name: notebooks
    resources: notebook-instance
    schedule_tag: Schedule
"""
ENDPOINTS = """\
  - name: endpoints
    resources: endpoint
    idle: {invocations: 0, for: 48h}
"""


def new_year(country: str, subdivision: str | None) -> Callable[[date], str | None]:
    """Knows Korea and California, each with one holiday."""
    if (country, subdivision) not in {("KR", None), ("US", "CA")}:
        name = f"{country}-{subdivision}" if subdivision else country
        raise ValueError(f"no public holidays are known for {name}")
    return lambda day: "New Year's Day" if (day.month, day.day) == (1, 1) else None


def compiled(text: str) -> Policy:
    """The rules of a policy's text."""
    return compile_policy(parse_policy(text), new_year)


def problems(text: str) -> tuple[Problem, ...]:
    """What is wrong with a policy's text."""
    with pytest.raises(PolicyError) as refused:
        compiled(text)
    return refused.value.problems


def only_problem(text: str) -> Problem:
    """The one thing that is wrong with a policy's text."""
    found = problems(text)
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]
