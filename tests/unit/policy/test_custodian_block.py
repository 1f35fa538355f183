from datetime import date

import pytest

from sagewarden.domain.notebook_hours import NotebookHours
from tests.support.policies import HEAD, compiled, only_problem, problems

RULES = "rules: [{name: n, resources: notebook-instance, outside: custodian}]\n"
BLOCK = "custodian: {default_tz: et, offhour: 19, onhour: 7}\n"


def _rule(block: str) -> NotebookHours:
    rule = compiled(f"{HEAD}custodian: {{default_tz: et, offhour: 19, onhour: 7{block}}}\n{RULES}")
    found = rule.rules[0]
    assert isinstance(found, NotebookHours)
    return found


def test_its_options_reach_the_rule_that_follows_them() -> None:
    rule = _rule(", tag: downtime, opt-out: true, weekends: false, skip-days: [2026-12-25]")

    options = rule.schedules.off_hours
    assert rule.schedules.default is None
    assert options is not None
    assert (options.default_tz, options.offhour, options.onhour) == ("et", 19, 7)
    assert (options.tag, options.opt_out, options.weekends) == ("downtime", True, False)
    assert set(options.skip_days) == {date(2026, 12, 25)}


@pytest.mark.parametrize(
    "table",
    [
        'content: "2026-12-25,Christmas\\n\\n2027-01-01,New Year\\n"',
        'content: "Christmas,2026-12-25\\nNew Year,2027-01-01", expr: 1, format: csv',
        'content: "2026-12-25\\n2027-01-01\\n", format: txt',
        """content: '[["2026-12-25"], ["2027-01-01"]]', format: json, expr: "[]\"""",
    ],
)
def test_a_table_of_days_to_skip_is_read(table: str) -> None:
    rule = _rule(f", skip-days-from: {{{table}}}")

    assert rule.schedules.off_hours is not None
    assert set(rule.schedules.off_hours.skip_days) == {date(2026, 12, 25), date(2027, 1, 1)}


def test_a_rule_with_a_calendar_does_not_follow_them() -> None:
    text = (
        HEAD + BLOCK + "calendars: {office: {from: 09:00, to: 18:00}}\nrules:\n"
        "  - {name: a, resources: notebook-instance, outside: custodian}\n"
        "  - {name: b, resources: notebook-instance, outside: office}\n"
    )

    _, second = compiled(text).rules

    assert isinstance(second, NotebookHours)
    assert second.schedules.off_hours is None


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ("default_tz: et, ", "", "custodian.default_tz", "it is missing"),
        ("offhour: 19", "offhour: 24", "custodian.offhour", "out of bounds"),
        ("offhour: 19", "offhour: 19.5", "custodian.offhour", "no whole number"),
        ("onhour: 7", "onhour: seven", "custodian.onhour", "no whole number"),
        ("7}", "7, opt_out: true}", "custodian.opt_out", "no key"),
        ("7}", "7, weekends: never}", "custodian.weekends", "neither true nor false"),
        ("7}", "7, skip-days: [12/25/2026]}", "custodian.skip-days[0]", "no date"),
        ("7}", "7, skip-days: 2026-12-25}", "custodian.skip-days", "no list"),
        ("7}", "7, skip-days-from: {url: x}}", "custodian.skip-days-from.url", "no key"),
        (
            "7}",
            "7, skip-days-from: {content: soon}}",
            *("custodian.skip-days-from.content", "no date is found in it"),
        ),
        (
            "7}",
            "7, skip-days-from: {content: 2026-12-25, expr: 3}}",
            *("custodian.skip-days-from", "has no column 3"),
        ),
        (
            "7}",
            "7, skip-days-from: {content: 2026-12-25, expr: [3]}}",
            *("custodian.skip-days-from.expr", "is no column"),
        ),
        (
            "7}",
            "7, skip-days: [2026-12-25], skip-days-from: {content: 2026-12-25}}",
            *("custodian.skip-days-from", "skip-days stands here, too"),
        ),
        ("default_tz: et", "default_tz: Middle/Earth", "custodian.default_tz", ""),
        ("7}", "7, fallback-schedule: whenever}", "custodian.fallback-schedule", ""),
    ],
)
def test_options_that_cannot_be_read_are_located(
    old: str, new: str, path: str, problem: str
) -> None:
    text = HEAD + BLOCK.replace(old, new) + RULES

    found = next(item for item in problems(text) if item.path == path)

    assert found.line == 2
    assert problem in found.problem


def test_options_that_no_rule_follows_are_refused_rather_than_ignored() -> None:
    found = only_problem(HEAD + BLOCK + "rules: []\n")

    assert (found.line, found.path, found.problem) == (2, "custodian", "no rule follows it")
