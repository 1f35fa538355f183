from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden_cli.stack.schedules import ScheduleError, timetable

MONDAY = datetime(2026, 11, 16, 8, 50, tzinfo=UTC)


def firings(expression: str, zone: str, since: datetime, count: int) -> list[str]:
    found = []
    table, moment = timetable(expression, zone, since), since
    for _ in range(count):
        following = table.after(moment)
        assert following is not None
        found.append(following.astimezone(UTC).strftime("%m-%d %H:%M"))
        moment = following
    return found


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        ("rate(15 minutes)", "UTC", ["11-16 09:05", "11-16 09:20"]),
        ("rate(1 day)", "UTC", ["11-17 08:50", "11-18 08:50"]),
        ("cron(0/5 * * * ? *)", "UTC", ["11-16 08:55", "11-16 09:00"]),
        ("cron(10 * * * ? *)", "UTC", ["11-16 09:10", "11-16 10:10"]),
        ("cron(0 18 ? * MON-FRI *)", "Asia/Seoul", ["11-16 09:00", "11-17 09:00"]),
        ("cron(30 9 ? * 1,7 *)", "UTC", ["11-21 09:30", "11-22 09:30"]),
        ("cron(0 0 1 JAN ? *)", "UTC", ["01-01 00:00"]),
        ("cron(0 12 17-18 NOV ? 2026)", "UTC", ["11-17 12:00", "11-18 12:00"]),
    ],
)
def test_schedules_fire_when_eventbridge_scheduler_fires_them(
    expression: str, zone: str, expected: list[str]
) -> None:
    assert firings(expression, zone, MONDAY, len(expected)) == expected


def test_a_moment_fires_once() -> None:
    once = timetable("at(2026-11-16T18:00:00)", "Asia/Seoul", MONDAY)

    assert once.after(MONDAY) == datetime(2026, 11, 16, 9, tzinfo=UTC)
    assert once.after(datetime(2026, 11, 16, 9, tzinfo=UTC)) is None


def test_an_hour_that_spring_skips_does_not_fire_and_one_that_autumn_repeats_fires_once() -> None:
    spring = datetime(2026, 3, 28, tzinfo=UTC)
    autumn = datetime(2026, 10, 24, tzinfo=UTC)

    assert firings("cron(30 2 * * ? *)", "Europe/Berlin", spring, 2) == [
        "03-28 01:30",
        "03-30 00:30",
    ]
    assert firings("cron(30 2 * * ? *)", "Europe/Berlin", autumn, 3) == [
        "10-24 00:30",
        "10-25 00:30",
        "10-26 01:30",
    ]


def test_a_year_without_a_firing_is_the_end() -> None:
    assert timetable("cron(0 0 1 1 ? 2020)", "UTC", MONDAY).after(MONDAY) is None


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("every day", "give rate"),
        ("rate(0 minutes)", "give a number"),
        ("rate(5 fortnights)", "minutes, hours or days"),
        ("cron(0 18 * * *)", "it takes 6 fields, this has 5"),
        ("cron(0 18 * * * *)", "exactly one of"),
        ("cron(61 * * * ? *)", "leaves 0 to 59"),
        ("cron(0 9 ? * MOON *)", "unknown name: 'MOON'"),
        ("cron(0 9 L * ? *)", "unknown name: 'L'"),
        ("cron(0 9 ? * MON#1 *)", "cannot be read at 'MON#1'"),
    ],
)
def test_an_expression_that_cannot_be_read_says_where(expression: str, complaint: str) -> None:
    with pytest.raises(ScheduleError, match=complaint):
        timetable(expression, "UTC", MONDAY)


@given(
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    offset=st.timedeltas(timedelta(0), timedelta(days=300)),
    zone=st.sampled_from(["UTC", "Asia/Seoul", "Asia/Kolkata"]),
)
def test_a_daily_firing_comes_within_a_day_at_its_own_wall_clock_time(
    minute: int, hour: int, offset: timedelta, zone: str
) -> None:
    moment = MONDAY + offset

    found = timetable(f"cron({minute} {hour} * * ? *)", zone, MONDAY).after(moment)

    assert found is not None
    assert timedelta(0) < found - moment <= timedelta(days=1)
