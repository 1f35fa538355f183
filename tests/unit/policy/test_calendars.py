from datetime import UTC, datetime

import pytest

from sagewarden.domain.schedules.reading import Wanted
from sagewarden.policy import parse_policy, schedule_book
from tests.support.policies import NO_RULES, new_year, problems


def _open(calendar: str, *moments: str) -> list[bool]:
    """Whether a calendar is open at each of some moments (UTC)."""
    policy = parse_policy(NO_RULES + f"calendars:\n  it: {{{calendar}}}\n")
    schedule = schedule_book(policy, new_year).named["it"]
    return [
        schedule.at(datetime.fromisoformat(moment).replace(tzinfo=UTC)).wanted is Wanted.RUNNING
        for moment in moments
    ]


# 2026-11-02 is a Monday.
@pytest.mark.parametrize(
    ("calendar", "open_at", "closed_at"),
    [
        ('from: "09:00", to: "18:00"', ["2026-11-06T17:59"], ["2026-11-07T12:00"]),
        ("from: 09:00, to: 18:00", ["2026-11-02T09:00"], ["2026-11-02T08:59", "2026-11-02T18:00"]),
        ("from: 9:00, to: 24:00", ["2026-11-02T23:59"], ["2026-11-03T00:00"]),
        ("from: 22:00, to: 06:00", ["2026-11-02T22:00", "2026-11-07T05:59"], ["2026-11-02T05:00"]),
        ("hours: [09:00-12:00, 13:00-18:00]", ["2026-11-02T13:00"], ["2026-11-02T12:30"]),
        ("hours: 00:00-24:00, weekdays: daily", ["2026-11-08T03:00"], []),
        ("weekdays: [mon, wed], hours: 09:00-18:00", ["2026-11-04T12:00"], ["2026-11-03T12:00"]),
        ("weekdays: fri-mon, from: 09:00, to: 18:00", ["2026-11-08T12:00"], ["2026-11-03T12:00"]),
        (
            "week: {mon-thu: [09:00-12:00, 13:00-18:00], fri: 09:00-15:00}",
            ["2026-11-05T17:00", "2026-11-06T14:59"],
            ["2026-11-06T15:00", "2026-11-07T12:00"],
        ),
        (
            "from: 09:00, to: 18:00, timezone: Asia/Seoul",
            ["2026-11-02T00:00", "2026-11-02T08:59"],
            ["2026-11-02T09:00"],
        ),
        ("from: 09:00, to: 18:00, holidays: KR", ["2027-01-04T12:00"], ["2027-01-01T12:00"]),
        ("from: 09:00, to: 18:00, holidays: us-ca", [], ["2027-01-01T12:00"]),
        (
            "from: 09:00, to: 18:00, holidays: {country: US, subdivision: CA}",
            [],
            ["2027-01-01T12:00"],
        ),
        (
            "hours: 9:00-18:00, holidays: KR, dates: {2026-12-24: closed, 2027-01-01: 10:00-12:00}",
            ["2027-01-01T10:30"],
            ["2026-12-24T10:00", "2027-01-01T12:00"],
        ),
    ],
)  # fmt: skip
def test_a_calendar_is_open_when_it_says(
    calendar: str, open_at: list[str], closed_at: list[str]
) -> None:
    answers = _open(calendar, *open_at, *closed_at)

    assert answers == [True] * len(open_at) + [False] * len(closed_at)


def test_a_calendar_without_a_zone_follows_the_policys() -> None:
    text = NO_RULES + "timezone: Asia/Seoul\ncalendars: {it: {from: 09:00, to: 18:00}}\n"

    book = schedule_book(parse_policy(text), new_year)

    assert book.named["it"].zone.key == "Asia/Seoul"
    assert book.expressions.zone.key == "Asia/Seoul"


@pytest.mark.parametrize(
    ("calendar", "path", "problem"),
    [
        ("{}", "", "it has no hours"),
        ("{weekdays: mon-fri}", "", "it has no hours"),
        ("{from: 09:00}", ".to", "it is missing"),
        ("{to: 18:00}", ".from", "it is missing"),
        ("{from: 09:00, to: 09:00}", ".to", "opens and closes at the same time"),
        ("{from: 09:00, to: 18:00, hours: [09:00-12:00]}", "", "both from and to and hours"),
        ("{week: {mon: 09:00-12:00}, from: 09:00, to: 18:00}", "", "both from and to and week"),
        ("{week: {mon: 09:00-12:00}, weekdays: mon-fri}", ".weekdays", "names its weekdays itself"),
        ("{week: {}}", ".week", "it is empty"),
        (
            "{week: {mon-wed: 09:00-12:00, wed.fri: 13:00-14:00}}",
            ".week['wed.fri']",
            "wed is named",
        ),
        ("{week: {monday: 09:00-12:00}}", ".week.monday", "'monday' are no weekdays"),
        ("{week: {mon: []}}", ".week.mon", "it is empty"),
        ("{hours: []}", ".hours", "it is empty"),
        ("{hours: [09:00]}", ".hours[0]", "'09:00' are no hours"),
        ("{hours: [09:00-25:00]}", ".hours[0]", "are no hours"),
        ("{hours: [09:00-09:00]}", ".hours[0]", "encloses no time"),
        ("{from: 9, to: 18:00}", ".from", "'9' is no time of day"),
        ("{from: 24:00, to: 18:00}", ".from", "'24:00' is no time of day"),
        ("{from: 09:00, to: 18h}", ".to", "'18h' is no time of day"),
        ("{weekdays: [mon, someday], from: 09:00, to: 18:00}", ".weekdays[1]", "no weekdays"),
        ("{from: 09:00, to: 18:00, holidays: Korea}", ".holidays", "'Korea' is no country code"),
        ("{from: 09:00, to: 18:00, holidays: US-}", ".holidays", "'' is no subdivision code"),
        ("{from: 09:00, to: 18:00, holidays: {land: KR}}", ".holidays.land", "there is no key"),
        ("{from: 09:00, to: 18:00, holidays: [KR]}", ".holidays", "is no mapping"),
        ("{from: 09:00, to: 18:00, timezone: KST}", ".timezone", "'KST' is no time zone"),
        ("{from: 09:00, to: 18:00, dates: {12-24: closed}}", ".dates.12-24", "is no date"),
        ("{from: 09:00, to: 18:00, dates: {20261224: closed}}", ".dates.20261224", "is no date"),
        ("{from: 09:00, to: 18:00, dates: {2026-12-24: shut}}", ".dates.2026-12-24", "no hours"),
        ("[09:00, 18:00]", "", "is no mapping"),
    ],
)
def test_a_calendar_that_cannot_be_read_is_located(calendar: str, path: str, problem: str) -> None:
    text = NO_RULES + f"calendars:\n  it: {calendar}\n"

    found = next(item for item in problems(text) if item.path == f"calendars.it{path}")

    assert found.line == 4
    assert problem in found.problem


def test_a_calendars_name_must_fit_into_a_tag() -> None:
    text = NO_RULES + 'calendars: {"my hours, mine": {from: 09:00, to: 18:00}}\n'

    found = problems(text)

    assert found[0].path == "calendars['my hours, mine']"
    assert "letters, digits" in found[0].remedy
