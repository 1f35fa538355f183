from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sagewarden.domain.schedules.calendar import Calendar, Window
from sagewarden.domain.schedules.instance_scheduler import read_schedule
from sagewarden.domain.schedules.reading import Reading, Wanted
from sagewarden.domain.schedules.transitions import (
    LOOK_BACK,
    last_change,
    time_wanted,
    transitions,
)
from tests.support.builders import a_calendar, seoul

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

OFFSET_CHANGES = (
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York springs forward
    datetime(2026, 11, 1, 6, tzinfo=UTC),  # New York falls back
    datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe falls back by half an hour
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),  # Lord Howe springs forward by half an hour
    datetime(2011, 12, 30, 10, tzinfo=UTC),  # Apia skips a whole day
    datetime(2018, 11, 4, 3, tzinfo=UTC),  # Sao Paulo skips midnight
    datetime(2019, 2, 17, 2, tzinfo=UTC),  # Sao Paulo repeats the hour before midnight
    datetime(2015, 8, 14, 15, tzinfo=UTC),  # Pyongyang falls back by half an hour
    datetime(2009, 3, 29, 1, tzinfo=UTC),  # London springs forward
    datetime(2026, 5, 5, 0, tzinfo=UTC),  # nothing
)
ZONES = (
    *("Asia/Seoul", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York", "Europe/London"),
    *("Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "Asia/Pyongyang", "UTC"),
)
QUARTERS = st.integers(0, 95).map(lambda quarter: quarter * 15)
WINDOWS = st.builds(
    lambda begin, length: Window(begin, begin + length),
    QUARTERS,
    st.integers(1, 96).map(lambda quarters: quarters * 15),
)
DAYS_WINDOWS = st.lists(WINDOWS, max_size=2).map(tuple)
CALENDARS = st.builds(
    Calendar,
    name=st.just("hours"),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    weekly=st.lists(DAYS_WINDOWS, min_size=7, max_size=7).map(tuple),
    holidays=st.sampled_from((None, lambda day: "a holiday" if day.day % 7 == 1 else None)),
    dates=st.dictionaries(
        st.sampled_from([moment.date() for moment in OFFSET_CHANGES]), DAYS_WINDOWS, max_size=2
    ),
)
MOMENTS = st.builds(
    lambda change, quarters: change + quarters * QUARTER,
    st.sampled_from(OFFSET_CHANGES),
    st.integers(-3 * 96, 3 * 96),
)
SATURDAY_NIGHT = Calendar(
    "night",
    ZoneInfo("America/New_York"),
    ((), (), (), (), (), (Window(20 * 60, 25 * 60),), ()),
)
"""Saturday 20:00 to Sunday 01:00: it closes one hour before the clock jumps."""


def by_looking(calendar: Calendar, start: datetime, end: datetime) -> list[datetime]:
    """The changes in [start, end), found by looking every quarter of an hour.

    Every edge and every offset of the zones above lies on a quarter of an hour.
    """
    looks = int((end - start) / QUARTER)
    moments = [start + step * QUARTER for step in range(-1, looks)]
    wanted = [calendar.at(moment).wanted for moment in moments]
    return [
        moment
        for moment, before, now in zip(moments[1:], wanted, wanted[1:], strict=False)
        if before is not now
    ]


class TestTransitions:
    def test_a_working_day_opens_and_closes(self) -> None:
        start, end = seoul("2026-11-06 00:00"), seoul("2026-11-09 10:00")

        changes = list(transitions(a_calendar(), start, end))

        assert [(change.at, change.reading.wanted) for change in changes] == [
            (seoul("2026-11-06 09:00"), Wanted.RUNNING),
            (seoul("2026-11-06 18:00"), Wanted.STOPPED),
            (seoul("2026-11-09 09:00"), Wanted.RUNNING),
        ]

    def test_the_span_is_half_open(self) -> None:
        opening, closing = seoul("2026-11-06 09:00"), seoul("2026-11-06 18:00")

        changes = list(transitions(a_calendar(), opening, closing))

        assert [change.at for change in changes] == [opening]

    def test_windows_that_touch_do_not_change_anything(self) -> None:
        calendar = a_calendar("09:00-12:00", "12:00-18:00")

        changes = list(transitions(calendar, seoul("2026-11-06 10:00"), seoul("2026-11-06 17:00")))

        assert changes == []

    def test_a_closing_before_the_clock_jumps_is_found_where_it_is(self) -> None:
        start = datetime(2026, 3, 6, tzinfo=UTC)

        changes = list(transitions(SATURDAY_NIGHT, start, start + 4 * DAY))

        assert [change.at for change in changes] == [
            datetime(2026, 3, 8, 1, tzinfo=UTC),
            datetime(2026, 3, 8, 6, tzinfo=UTC),
        ]

    def test_a_window_in_the_repeated_hour_opens_and_closes_twice(self) -> None:
        calendar = a_calendar("01:00-01:30", days=range(7), zone="America/New_York")
        midnight = datetime(2026, 11, 1, 4, tzinfo=UTC)

        changes = list(transitions(calendar, midnight, midnight + 12 * HOUR))

        assert [change.at - midnight for change in changes] == [
            HOUR,
            1.5 * HOUR,
            2 * HOUR,
            2.5 * HOUR,
        ]

    @settings(deadline=None)
    @given(calendar=CALENDARS, start=MOMENTS, quarters=st.integers(0, 96 * 4))
    @example(SATURDAY_NIGHT, datetime(2026, 3, 6, tzinfo=UTC), 96 * 4)
    def test_the_reading_changes_exactly_at_transitions(
        self, calendar: Calendar, start: datetime, quarters: int
    ) -> None:
        end = start + quarters * QUARTER

        changes = list(transitions(calendar, start, end))

        assert [change.at for change in changes] == by_looking(calendar, start, end)
        assert [calendar.at(change.at) for change in changes] == [
            change.reading for change in changes
        ]

    @settings(deadline=None, max_examples=50)
    @given(calendar=CALENDARS, start=MOMENTS, seconds=st.integers(1, 90_000))
    def test_a_span_may_begin_and_end_at_any_second(
        self, calendar: Calendar, start: datetime, seconds: int
    ) -> None:
        begin, end = start + timedelta(seconds=7), start + timedelta(seconds=7 + seconds)

        changes = [change.at for change in transitions(calendar, begin, end)]
        around = by_looking(calendar, start, start + 2 * DAY)

        assert changes == [change for change in around if begin <= change < end]


class TestLastChange:
    @pytest.mark.parametrize(
        ("now", "since"),
        [
            ("2026-11-06 20:00", "2026-11-06 18:00"),
            ("2026-11-06 18:00", "2026-11-06 18:00"),
            ("2026-11-06 17:59:59", "2026-11-06 09:00"),
            ("2026-11-08 12:00", "2026-11-06 18:00"),
            ("2026-11-09 08:59", "2026-11-06 18:00"),
        ],
    )
    def test_it_is_the_latest_opening_or_closing(self, now: str, since: str) -> None:
        change = last_change(a_calendar(), seoul(now))

        assert change == seoul(since)

    def test_an_offset_change_between_the_closing_and_now_is_no_closing(self) -> None:
        sunday_morning = datetime(2026, 3, 8, 16, tzinfo=UTC)

        change = last_change(SATURDAY_NIGHT, sunday_morning)

        assert change == datetime(2026, 3, 8, 6, tzinfo=UTC)

    def test_a_closing_after_the_clock_jumped_is_not_mistaken_for_the_jump(self) -> None:
        until_noon = a_calendar("20:00-12:00", days=[5], zone="America/New_York")
        sunday_evening = datetime(2026, 3, 9, 0, tzinfo=UTC)

        change = last_change(until_noon, sunday_evening)

        assert change == datetime(2026, 3, 8, 16, tzinfo=UTC)

    @settings(deadline=None)
    @given(calendar=CALENDARS, now=MOMENTS)
    @example(SATURDAY_NIGHT, datetime(2026, 3, 8, 16, tzinfo=UTC))
    def test_nothing_changed_since_and_something_changed_then(
        self, calendar: Calendar, now: datetime
    ) -> None:
        change = last_change(calendar, now)
        looked = by_looking(calendar, now - 3 * DAY, now + QUARTER)

        if change is None:
            assert looked == []
        elif looked:
            assert change == looked[-1]
        else:
            assert change < now - 3 * DAY
            wanted = calendar.at(now).wanted
            assert calendar.at(change).wanted is wanted
            assert calendar.at(change - timedelta(microseconds=1)).wanted is not wanted

    def test_a_schedule_that_never_opens_has_none(self) -> None:
        never = a_calendar(days=[])

        change = last_change(never, seoul("2026-11-06 20:00"))

        assert change is None

    def test_a_schedule_that_opens_in_one_month_closed_at_its_end(self) -> None:
        in_january = read_schedule(
            {
                "name": "winter-school",
                "timezone": "Asia/Seoul",
                "periods": [{"name": "january", "months": "jan"}],
            }
        )

        change = last_change(in_january, seoul("2026-11-06 20:00"))

        assert change == seoul("2026-02-01 00:00")

    def test_a_change_longer_ago_than_the_look_back_is_not_told(self) -> None:
        opened_once = a_calendar(days=[], dates={date(2026, 1, 5): (Window(9 * 60, 18 * 60),)})
        closing = seoul("2026-01-05 18:00")

        within = last_change(opened_once, closing + LOOK_BACK)
        beyond = last_change(opened_once, closing + LOOK_BACK + 5 * DAY)

        assert within == closing
        assert beyond is None


class TestTimeWanted:
    def test_a_working_week_in_korea_is_open_45_hours(self) -> None:
        monday = seoul("2026-11-02 00:00")

        running = time_wanted(a_calendar(), Wanted.RUNNING, monday, monday + 7 * DAY)
        stopped = time_wanted(a_calendar(), Wanted.STOPPED, monday, monday + 7 * DAY)

        assert running == 45 * HOUR
        assert stopped == 123 * HOUR

    def test_a_night_in_which_the_clock_jumps_is_an_hour_shorter(self) -> None:
        nights = a_calendar("00:00-06:00", days=range(7), zone="America/New_York")
        new_york = ZoneInfo("America/New_York")

        spring = datetime(2026, 3, 8, tzinfo=new_york)
        autumn = datetime(2026, 11, 1, tzinfo=new_york)

        assert time_wanted(nights, Wanted.RUNNING, spring, spring + DAY) == 5 * HOUR
        assert time_wanted(nights, Wanted.RUNNING, autumn, autumn + DAY) == 7 * HOUR

    def test_a_state_never_wanted_takes_no_time(self) -> None:
        monday = seoul("2026-11-02 00:00")

        taken = time_wanted(a_calendar(), Wanted.ANY, monday, monday + 7 * DAY)

        assert taken == timedelta(0)

    @settings(deadline=None, max_examples=50)
    @given(calendar=CALENDARS, start=MOMENTS, quarters=st.integers(0, 96 * 3))
    def test_running_and_stopped_fill_the_span(
        self, calendar: Calendar, start: datetime, quarters: int
    ) -> None:
        end = start + quarters * QUARTER

        running = time_wanted(calendar, Wanted.RUNNING, start, end)
        stopped = time_wanted(calendar, Wanted.STOPPED, start, end)

        assert running + stopped == end - start
        assert running == QUARTER * sum(
            calendar.at(start + step * QUARTER).wanted is Wanted.RUNNING for step in range(quarters)
        )


class TestSchedulesOfAnyKind:
    """What transitions ask of a schedule is only its edges, its zone and its readings."""

    class Stubborn:
        """Open from noon, and its edges carry a zone, as a careless schedule's might."""

        zone = ZoneInfo("Asia/Seoul")

        def at(self, now: datetime) -> Reading:
            afternoon = now.astimezone(self.zone).hour >= 12
            return Reading(Wanted.RUNNING if afternoon else Wanted.STOPPED, "noon")

        def edges(self, day: date) -> Iterator[time]:
            yield time(12 if day.year else 0, tzinfo=UTC)

    def test_an_edge_is_read_by_the_schedules_wall_clock(self) -> None:
        start = seoul("2026-11-02 00:00")

        changes = list(transitions(self.Stubborn(), start, start + DAY))

        assert [change.at for change in changes] == [start, seoul("2026-11-02 12:00")]
