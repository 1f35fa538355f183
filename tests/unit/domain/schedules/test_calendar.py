from datetime import UTC, date, datetime, time, timedelta

import pytest

from sagewarden.domain.schedules.calendar import Window, every
from sagewarden.domain.schedules.reading import Wanted
from tests.support.builders import a_calendar, opening_hours, seoul

CHRISTMAS = date(2026, 12, 25)


def christmas(day: date) -> str | None:
    return "Christmas Day" if day == CHRISTMAS else None


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        ("2026-11-02 08:59:59.999999", Wanted.STOPPED),
        ("2026-11-02 09:00", Wanted.RUNNING),
        ("2026-11-02 17:59:59.999999", Wanted.RUNNING),
        ("2026-11-02 18:00", Wanted.STOPPED),
        ("2026-11-07 12:00", Wanted.STOPPED),
        ("2026-11-08 12:00", Wanted.STOPPED),
        ("2026-11-09 12:00", Wanted.RUNNING),
    ],
)
def test_a_window_includes_its_beginning_and_excludes_its_end(when: str, wanted: Wanted) -> None:
    calendar = a_calendar("09:00-18:00")

    reading = calendar.at(seoul(when))

    assert reading.wanted is wanted


def test_the_clock_of_its_own_zone_counts_not_the_one_of_the_moment() -> None:
    calendar = a_calendar("09:00-18:00", zone="Asia/Seoul")
    one_in_the_morning_in_london = datetime(2026, 11, 2, 1, tzinfo=UTC)

    seoul_office = calendar.at(one_in_the_morning_in_london)
    london_office = a_calendar(zone="Europe/London").at(one_in_the_morning_in_london)

    assert seoul_office.wanted is Wanted.RUNNING
    assert london_office.wanted is Wanted.STOPPED


def test_a_moment_without_a_zone_is_refused_rather_than_read_by_the_hosts_clock() -> None:
    naive = datetime(2026, 11, 2, 12)  # noqa: DTZ001  # this is what is refused

    with pytest.raises(ValueError, match="'business-hours' needs an aware datetime"):
        a_calendar().at(naive)


class TestWindowsThatCrossMidnight:
    @pytest.mark.parametrize(
        ("when", "wanted"),
        [
            ("2026-11-06 21:59", Wanted.STOPPED),
            ("2026-11-06 22:00", Wanted.RUNNING),
            ("2026-11-07 00:00", Wanted.RUNNING),
            ("2026-11-07 05:59", Wanted.RUNNING),
            ("2026-11-07 06:00", Wanted.STOPPED),
            ("2026-11-07 22:00", Wanted.STOPPED),
        ],
    )
    def test_they_belong_to_the_day_they_begin_on(self, when: str, wanted: Wanted) -> None:
        friday_night = a_calendar("22:00-06:00", days=[4])

        reading = friday_night.at(seoul(when))

        assert reading.wanted is wanted

    def test_they_go_on_into_a_holiday_but_do_not_begin_on_one(self) -> None:
        nights = a_calendar("22:00-06:00", days=range(7), holidays=christmas)

        eve_goes_on = nights.at(seoul("2026-12-25 05:00"))
        closed = nights.at(seoul("2026-12-25 23:00"))
        closed_still = nights.at(seoul("2026-12-26 05:00"))

        assert eve_goes_on.wanted is Wanted.RUNNING
        assert closed.wanted is Wanted.STOPPED
        assert closed_still.wanted is Wanted.STOPPED

    def test_one_that_ends_at_midnight_does_not_open_the_next_day(self) -> None:
        calendar = a_calendar("18:00-24:00", days=[4])

        last = calendar.at(seoul("2026-11-06 23:59"))
        next_day = calendar.at(seoul("2026-11-07 00:00"))

        assert last.wanted is Wanted.RUNNING
        assert next_day.wanted is Wanted.STOPPED


class TestHolidaysAndSingleDates:
    def test_a_public_holiday_is_closed_and_says_which(self) -> None:
        calendar = a_calendar(holidays=christmas)

        reading = calendar.at(seoul("2026-12-25 12:00"))

        assert reading.wanted is Wanted.STOPPED
        assert reading.reason == "business-hours is closed: Christmas Day"

    def test_the_holiday_is_that_of_the_local_date(self) -> None:
        calendar = a_calendar("00:00-24:00", days=range(7), holidays=christmas)
        still_the_24th_in_utc = datetime(2026, 12, 24, 15, 30, tzinfo=UTC)

        reading = calendar.at(still_the_24th_in_utc)

        assert reading.wanted is Wanted.STOPPED

    def test_a_single_date_wins_over_a_holiday(self) -> None:
        overtime = {CHRISTMAS: (opening_hours("10:00", "12:00"),)}
        calendar = a_calendar(holidays=christmas, dates=overtime)

        inside = calendar.at(seoul("2026-12-25 11:00"))
        outside = calendar.at(seoul("2026-12-25 13:00"))

        assert inside.wanted is Wanted.RUNNING
        assert inside.period == "10:00-12:00"
        assert outside.wanted is Wanted.STOPPED
        assert outside.reason == "outside business-hours (open 10:00-12:00, Asia/Seoul)"

    def test_a_single_date_without_windows_closes_a_working_day(self) -> None:
        calendar = a_calendar(dates={date(2026, 11, 3): ()})

        reading = calendar.at(seoul("2026-11-03 12:00"))

        assert reading.wanted is Wanted.STOPPED
        assert reading.reason == "business-hours is closed on 2026-11-03"


class TestReasons:
    def test_an_open_calendar_names_the_window(self) -> None:
        reading = a_calendar("09:00-12:00", "13:00-18:00").at(seoul("2026-11-02 14:00"))

        assert reading.reason == "business-hours is open 13:00-18:00"
        assert reading.period == "13:00-18:00"

    def test_a_closed_weekday_is_named(self) -> None:
        reading = a_calendar().at(seoul("2026-11-07 12:00"))

        assert reading.reason == "outside business-hours (closed on Saturdays, Asia/Seoul)"

    def test_a_lunch_break_names_all_windows_of_the_day(self) -> None:
        reading = a_calendar("13:00-18:00", "09:00-12:00").at(seoul("2026-11-02 12:30"))

        assert reading.reason == (
            "outside business-hours (open 09:00-12:00, 13:00-18:00, Asia/Seoul)"
        )


@pytest.mark.parametrize(
    ("begin", "end", "window", "text"),
    [
        (time(9), time(18), Window(540, 1080), "09:00-18:00"),
        (time(9, 30), time(9, 31), Window(570, 571), "09:30-09:31"),
        (time(22), time(6), Window(1320, 1800), "22:00-06:00"),
        (time(0), None, Window(0, 1440), "00:00-24:00"),
        (time(9), time(9), Window(540, 1980), "09:00-09:00"),
        (time(9), time(0), Window(540, 1440), "09:00-24:00"),
    ],
)
def test_a_window_ends_on_the_next_day_when_its_end_is_not_after_its_beginning(
    begin: time, end: time | None, window: Window, text: str
) -> None:
    built = Window.between(begin, end)

    assert built == window
    assert str(built) == text


class TestDaylightSaving:
    """New York, 2026: the clock skips 02:00-03:00 on 8 March, repeats 01:00-02:00 on 1 November."""

    def test_a_window_that_begins_in_the_skipped_hour_begins_when_the_clock_jumps(self) -> None:
        calendar = a_calendar("02:30-06:00", days=range(7), zone="America/New_York")
        jump = datetime(2026, 3, 8, 7, tzinfo=UTC)

        before = calendar.at(jump - timedelta(microseconds=1))
        after = calendar.at(jump)

        assert before.wanted is Wanted.STOPPED
        assert after.wanted is Wanted.RUNNING

    def test_a_repeated_hour_counts_both_times(self) -> None:
        calendar = a_calendar("01:00-01:30", days=range(7), zone="America/New_York")
        first = datetime(2026, 11, 1, 5, 15, tzinfo=UTC)

        readings = [calendar.at(first + timedelta(minutes=30 * step)) for step in range(4)]

        assert [reading.wanted.value for reading in readings] == [
            "running",
            "stopped",
            "running",
            "stopped",
        ]


def test_a_week_has_the_same_windows_on_the_chosen_days_in_order() -> None:
    morning, evening = opening_hours("06:00", "08:00"), opening_hours("20:00", "22:00")

    week = every({0, 6}, (evening, morning))

    assert week == ((morning, evening), (), (), (), (), (), (morning, evening))


def test_edges_name_beginnings_and_ends_and_the_rest_of_the_night_before() -> None:
    calendar = a_calendar("22:00-06:00", days=[4])

    friday, saturday = date(2026, 11, 6), date(2026, 11, 7)

    assert set(calendar.edges(friday)) >= {time(22)}
    assert set(calendar.edges(saturday)) == {time(6)}
