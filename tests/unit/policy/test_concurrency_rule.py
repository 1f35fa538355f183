from datetime import timedelta

import pytest

from sagewarden.domain.autoscaling.scaling import Capacity
from sagewarden.domain.provisioned_concurrency.rule import ProvisionedConcurrency, Strategy
from sagewarden.domain.schedules.calendar import Calendar
from tests.support.policies import compiled, only_problem

TEXT = """\
version: 1
mode: enforce
calendars: {office: {from: "09:00", to: "18:00", timezone: Asia/Seoul}}
rules:
  - name: warm
    resources: serverless-endpoint
    provisioned_concurrency: {strategy: both, bounds: [5, 20], hours: office}
"""
BLOCK = "rules[0].provisioned_concurrency"


def the_rule(text: str) -> ProvisionedConcurrency:
    [rule] = compiled(text).rules
    assert isinstance(rule, ProvisionedConcurrency)
    return rule


def test_a_rule_says_what_it_follows_within_which_bounds() -> None:
    rule = the_rule(TEXT)

    assert rule.strategy is Strategy.BOTH
    assert (rule.bounds, rule.outside) == (Capacity(5, 20), Capacity(1, 1))
    assert (rule.target_utilization, rule.release_after, rule.adopt) == (0.7, None, False)
    assert rule.schedules is not None
    calendar = rule.schedules.of({})
    assert isinstance(calendar, Calendar)
    assert calendar.zone.key == "Asia/Seoul"


def test_everything_it_may_say_is_read() -> None:
    more = (
        "outside_hours: [2, 3], schedule_tag: Hours, target_utilization: 0.5, "
        "release_when_idle: 7d, grace: 2h, adopt: yes, hours: office"
    )

    rule = the_rule(TEXT.replace("hours: office", more))

    assert (rule.outside, rule.target_utilization, rule.adopt) == (Capacity(2, 3), 0.5, True)
    assert (rule.release_after, rule.grace) == (timedelta(days=7), timedelta(hours=2))
    assert rule.schedules is not None
    assert rule.schedules.tag == "Hours"


def test_a_rule_that_only_tracks_keeps_no_hours() -> None:
    text = TEXT.replace("both", "target-tracking").replace(", hours: office", "")

    assert the_rule(text).schedules is None


@pytest.mark.parametrize(
    ("old", "new", "column", "path", "problem", "remedy"),
    [
        ("both", "bot", 41, "strategy", "'bot' is not possible here", "'both'"),
        ("[5, 20]", "[0, 20]", 56, "bounds[0]", "'0' is out of bounds", "at least 1"),
        ("[5, 20]", "[5, 201]", 59, "bounds[1]", "'201' is out of bounds", "at most 200"),
        ("[5, 20]", "[20, 5]", 55, "bounds", "20 is more than 5", "[5, 20]"),
        ("[5, 20]", "20", 55, "bounds", "'20' are no bounds", "[1, 20]"),
        ("office}", "offic}", 71, "hours", "no calendar 'offic'", "'office'"),
        (", hours: office", "", 30, "hours", "no hours to keep", "name a calendar"),
        ("both", "target-tracking", 75, "hours", "keeps no hours", "strategy: both"),
        (
            "both",
            "business-hours, outside_hours: [1, 9]",
            *(72, "outside_hours", "fall from 5", "at most 5"),
        ),
        ("[5, 20]", "[5, 20], release_when_idle: 90m", 83, "release_when_idle", "whole", "hour"),
        ("[5, 20]", "[5, 20], target_utilization: 2", 84, "target_utilization", "bounds", "0.9"),
    ],
)
def test_a_wrong_value_is_located_and_the_right_one_is_shown(
    old: str, new: str, column: int, path: str, problem: str, remedy: str
) -> None:
    found = only_problem(TEXT.replace(old, new))

    assert (found.line, found.column, found.path) == (7, column, f"{BLOCK}.{path}")
    assert problem in found.problem
    assert remedy in found.remedy


def test_what_only_tracking_needs_is_refused_where_nothing_is_tracked() -> None:
    text = TEXT.replace("both", "business-hours, target_utilization: 0.5")

    assert "tracks no utilisation" in only_problem(text).problem
