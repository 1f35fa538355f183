from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.autoscaling.hours import HORIZON, scheduled_actions
from sagewarden.domain.autoscaling.scaling import OURS, Capacity, ScheduledAction
from sagewarden.domain.schedules.calendar import WEEKDAYS, Calendar, Window, every
from sagewarden.domain.schedules.reading import Wanted
from tests.support.builders import a_calendar, opening_hours, seoul

INSIDE, OUTSIDE = Capacity(5, 20), Capacity(1, 1)
DAY = timedelta(days=1)
HALF_HOUR = timedelta(minutes=30)

clock_changes = [
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 3, 8, 5, tzinfo=UTC)),
    ("Asia/Seoul", datetime(2026, 6, 1, tzinfo=UTC)),
]


def firings(action: ScheduledAction, until: datetime, since: datetime) -> Iterator[datetime]:
    """When an action fires in (since, until].

    Of the ways in which a scheduler may treat clock changes the least helpful is assumed: an hour
    that is skipped is skipped, and one that is repeated counts once.
    """
    kind, _, inner = action.schedule.rstrip(")").partition("(")
    zone = ZoneInfo(action.timezone)
    if kind == "at":
        instants = [datetime.fromisoformat(inner).replace(tzinfo=zone).astimezone(UTC)]
    else:
        minute, hour, of_month, month, names, year = inner.split()
        assert (of_month, month, year) == ("?", "*", "*")
        days = {WEEKDAYS.index(name.lower()) for name in names.split(",")}
        clock = time(int(hour), int(minute))
        first = since.astimezone(zone).date() - DAY
        count = (until - since).days + 4
        instants = [
            instant
            for day in (first + number * DAY for number in range(count))
            if day.weekday() in days and (instant := at_wall_clock(day, clock, zone))
        ]
    start = action.start or since
    yield from (instant for instant in instants if since < instant <= until and instant >= start)


def at_wall_clock(day: date, clock: time, zone: ZoneInfo) -> datetime | None:
    local = datetime.combine(day, clock, tzinfo=zone)
    instant = local.astimezone(UTC)
    exists = instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)
    return instant if exists else None


def bounds_at(
    moment: datetime, actions: Iterable[ScheduledAction], now: datetime, first: Capacity
) -> Capacity:
    """The bounds that scheduled actions have set by a moment."""
    fired = [
        (instant, Capacity(action.least or 0, action.most or 0))
        for action in actions
        for instant in firings(action, moment, now)
    ]
    return max(fired, key=lambda pair: pair[0])[1] if fired else first


def wanted_at(calendar: Calendar, moment: datetime) -> Capacity:
    return INSIDE if calendar.at(moment).wanted is Wanted.RUNNING else OUTSIDE


def disagreements(calendar: Calendar, now: datetime, span: timedelta) -> list[datetime]:
    """The half hours at which the scheduled actions and the calendar say different things."""
    actions = scheduled_actions(calendar, INSIDE, OUTSIDE, now)
    first = wanted_at(calendar, now)
    begin = now.replace(minute=0, second=0, microsecond=0)
    moments = (begin + number * HALF_HOUR for number in range(1, span // HALF_HOUR))
    return [
        moment
        for moment in moments
        if moment > now and bounds_at(moment, actions, now, first) != wanted_at(calendar, moment)
    ]


windows = st.builds(
    lambda begin, length: Window(begin * 30, begin * 30 + length * 30),
    st.integers(0, 47),
    st.integers(1, 48),
)
days_of_week = st.lists(st.integers(0, 6), max_size=7, unique=True)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A calendar with holidays and single dates near a clock change, and a moment before it."""
    zone, change = draw(st.sampled_from(clock_changes))
    now = change - draw(st.integers(0, 12 * 24)) * timedelta(hours=1) - timedelta(minutes=7)
    near = st.integers(-8, 8).map(lambda number: (change + number * DAY).date())
    holidays = draw(st.frozensets(near, max_size=3))
    dates = draw(st.dictionaries(near, st.lists(windows, max_size=2).map(tuple), max_size=2))
    weekly = tuple(
        tuple(sorted(draw(st.lists(windows, max_size=2)))) for _ in range(draw(st.just(7)))
    )
    if draw(st.booleans()):
        weekly = every(draw(days_of_week), weekly[0])
    named = dict.fromkeys(holidays, "a holiday")
    return Calendar("office", ZoneInfo(zone), weekly, named.get, dates), now


@given(calendars())
def test_for_the_whole_horizon_the_actions_say_what_the_calendar_says(
    case: tuple[Calendar, datetime],
) -> None:
    calendar, now = case

    assert disagreements(calendar, now, HORIZON) == []


@pytest.mark.parametrize(("zone", "change"), clock_changes)
def test_business_hours_hold_for_weeks_without_another_run(zone: str, change: datetime) -> None:
    office = a_calendar("09:00-12:00", "13:00-18:00", zone=zone)
    night_shift = a_calendar("22:00-06:30", days=range(5), zone=zone)

    for calendar in (office, night_shift):
        assert disagreements(calendar, change - 2 * DAY, 5 * HORIZON) == []


def test_a_regular_week_is_two_cron_actions_in_the_calendars_zone() -> None:
    actions = scheduled_actions(a_calendar(), INSIDE, OUTSIDE, seoul("2026-11-02 20:00"))

    assert actions == (
        ScheduledAction(
            "sagewarden-closes-1800", "cron(0 18 ? * MON,TUE,WED,THU,FRI *)", "Asia/Seoul", 1, 1
        ),
        ScheduledAction(
            "sagewarden-opens-0900", "cron(0 9 ? * MON,TUE,WED,THU,FRI *)", "Asia/Seoul", 5, 20
        ),
    )


def test_hours_that_meet_at_midnight_are_one_stretch() -> None:
    calendar = a_calendar("00:00-06:00", "20:00-24:00", days=range(7))

    actions = scheduled_actions(calendar, INSIDE, OUTSIDE, seoul("2026-11-02 20:00"))

    assert [action.name for action in actions] == [
        "sagewarden-closes-0600",
        "sagewarden-opens-2000",
    ]


@pytest.mark.parametrize("windows", [(), ("00:00-24:00",)])
def test_a_calendar_that_never_changes_needs_no_actions(windows: tuple[str, ...]) -> None:
    days = range(7) if windows else ()
    calendar = a_calendar(*windows, days=days)

    assert scheduled_actions(calendar, INSIDE, OUTSIDE, seoul("2026-11-02 20:00")) == ()


def test_a_holiday_ahead_becomes_single_actions_until_it_is_over() -> None:
    calendar = a_calendar(holidays={date(2026, 11, 4): "Founders"}.get)

    actions = scheduled_actions(calendar, INSIDE, OUTSIDE, seoul("2026-11-03 08:00"))

    singles = [action for action in actions if action.schedule.startswith("at(")]
    weekly = [action for action in actions if action.schedule.startswith("cron(")]
    assert [(action.schedule, action.timezone, action.least) for action in singles] == [
        ("at(2026-11-03T09:00:00)", "UTC", 1),
        ("at(2026-11-05T09:00:00)", "UTC", 1),
        ("at(2026-11-03T00:00:00)", "UTC", 5),
        ("at(2026-11-05T00:00:00)", "UTC", 5),
    ]
    assert {action.start for action in weekly} == {seoul("2026-11-05 23:59")}


def test_a_single_date_with_other_hours_is_kept_to_the_minute() -> None:
    half_day = {date(2026, 11, 6): (opening_hours("10:00", "12:30"),)}
    calendar = a_calendar(dates=half_day)

    assert disagreements(calendar, seoul("2026-11-05 08:10"), HORIZON) == []


def test_every_name_is_ours_and_none_is_used_twice() -> None:
    calendar = a_calendar(
        "09:00-12:00", "13:00-18:00", holidays={date(2026, 11, 4): "Founders"}.get
    )

    names = [
        action.name
        for action in scheduled_actions(calendar, INSIDE, OUTSIDE, seoul("2026-11-03 08:00"))
    ]

    assert len(names) == len(set(names))
    assert all(name.startswith(OURS) and ":" not in name for name in names)
