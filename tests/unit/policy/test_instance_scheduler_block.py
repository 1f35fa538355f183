from datetime import UTC, datetime

import pytest

from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.schedules.period_schedule import PeriodSchedule
from sagewarden.domain.schedules.reading import Wanted
from tests.support.policies import HEAD, compiled, problems

BLOCK = """\
instance_scheduler:
  periods:
    office-hours: {begintime: 09:00, endtime: 18:00, weekdays: [mon-fri]}
    first-days: {monthdays: "1,2", description: closing of the books}
  schedules:
    office:
      timezone: Asia/Seoul
      periods: [office-hours, first-days]
      enforced: true
      retain_running: true
    always: {override_status: running}
"""
RULES = "rules: [{name: n, resources: notebook-instance, outside: office}]\n"


def test_its_schedules_can_be_used_by_name() -> None:
    rule = compiled(HEAD + BLOCK + RULES).rules[0]

    assert isinstance(rule, NotebookHours)
    office = rule.schedules.default
    assert isinstance(office, PeriodSchedule)
    assert office.at(datetime(2026, 11, 3, 0, 0, tzinfo=UTC)).wanted is Wanted.RUNNING
    assert office.at(datetime(2026, 11, 3, 9, 0, tzinfo=UTC)).wanted is Wanted.STOPPED
    assert office.at(datetime(2026, 11, 1, 12, 0, tzinfo=UTC)).wanted is Wanted.RUNNING
    assert (office.enforced, office.retain_running) == (True, True)
    assert set(rule.schedules.named) == {"office", "always"}


def test_a_schedule_without_a_zone_follows_the_policys() -> None:
    text = HEAD + "timezone: Asia/Seoul\n" + BLOCK + RULES

    rule = compiled(text).rules[0]

    assert isinstance(rule, NotebookHours)
    assert rule.schedules.named["always"].zone.key == "Asia/Seoul"


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "problem"),
    [
        ("09:00, ", "9 o'clock, ", 4, "periods.office-hours.begintime", "no time of day"),
        ("[mon-fri]", "[mon-frei]", 4, "periods.office-hours.weekdays", ""),
        ('"1,2"', '"1,99"', 5, "periods.first-days.monthdays", ""),
        ("begintime", "BeginTime", 4, "periods.office-hours.BeginTime", "no key"),
        ("Asia/Seoul", "Asia/Soul", 8, "schedules.office.timezone", "no time zone"),
        ("first-days]", "last-days]", 9, "schedules.office.periods", "no period 'last-days'"),
        ("enforced: true", "enforced: sure", 10, "schedules.office.enforced", "neither true"),
        ("running}", "paused}", 12, "schedules.always.override_status", "no status"),
        ("{override_status: running}", "{}", 12, "schedules.always.periods", "no period"),
        ("always: {", "office: {", 12, "schedules.office", "twice"),
    ],
)
def test_what_cannot_be_read_is_located(
    old: str, new: str, line: int, path: str, problem: str
) -> None:
    text = (HEAD + BLOCK + RULES).replace(old, new, 1)

    found = problems(text)

    assert (found[0].line, found[0].path.split("[")[0]) == (line, f"instance_scheduler.{path}")
    assert problem in found[0].problem


def test_a_schedule_and_a_calendar_may_not_share_a_name() -> None:
    text = HEAD + BLOCK + RULES + "calendars: {office: {from: 09:00, to: 18:00}}\n"

    found = problems(text)

    assert [(item.line, item.path) for item in found] == [
        (7, "instance_scheduler.schedules.office")
    ]
