import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.schedules.instance_scheduler import PeriodSchedule, read_schedule
from sagewarden.domain.schedules.reading import InvalidScheduleError, Reading, Wanted

ZONES = (
    *("UTC", "Asia/Seoul", "America/New_York", "Europe/London", "Australia/Lord_Howe"),
    *("Pacific/Apia", "America/Sao_Paulo", "Africa/Casablanca"),
)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
INSTANTS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001  # Hypothesis wants naive bounds
    datetime(2035, 12, 31),  # noqa: DTZ001  # Hypothesis wants naive bounds
    timezones=st.just(UTC),
)
CLOCKS = st.builds(
    "{:02}:{:02}".format, st.integers(0, 23), st.sampled_from((0, 1, 15, 30, 58, 59))
)
FIELDS = {
    "begintime": CLOCKS,
    "endtime": CLOCKS,
    "weekdays": st.sampled_from(("*", "mon-fri", "sat-mon", "mon#1,friL", "thu/2", "sun")),
    "monthdays": st.sampled_from(("*", "1", "L", "15W", "31W", "20-L", "1/10", "1-10,30-L")),
    "months": st.sampled_from(("*", "jan", "nov-feb", "1/3", "jan-jun")),
}
PERIODS = st.fixed_dictionaries({"name": st.sampled_from("abc")}, optional=FIELDS).filter(
    lambda period: len(period) > 1
)
SCHEDULES = st.builds(
    lambda zone, periods: read_schedule({"name": "s", "timezone": zone, "periods": periods}),
    st.sampled_from(ZONES),
    st.lists(PERIODS, min_size=1, max_size=4),
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
LOOSE_PERIODS = st.fixed_dictionaries(
    {}, optional={name: JSON | FIELDS[name] for name in FIELDS} | {"name": JSON}
)
LOOSE_DEFINITIONS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.just("s") | JSON,
        "timezone": st.sampled_from(ZONES) | st.text(max_size=8) | JSON,
        "periods": st.lists(LOOSE_PERIODS | PERIODS | JSON, max_size=3) | st.text() | JSON,
        "override_status": st.sampled_from(("running", "stopped")) | JSON,
        "stop_new_instances": st.booleans() | JSON,
        "enforced": st.sampled_from(("True", "false")) | JSON,
    },
)


@given(
    definition=LOOSE_DEFINITIONS, periods=st.dictionaries(st.text(), LOOSE_PERIODS), now=INSTANTS
)
def test_any_definition_is_either_read_or_refused_with_its_place(
    definition: dict[str, object], periods: dict[str, dict[str, object]], now: datetime
) -> None:
    try:
        reading = read_schedule(definition, periods).at(now)
        understood = isinstance(reading, Reading)
    except InvalidScheduleError as refusal:
        understood = re.match(r"schedule\b", refusal.where) is not None

    assert understood


def segments(schedule: PeriodSchedule, day: date) -> list[tuple[datetime, datetime]]:
    """Cut a local day into the spans of the wall clock within which nothing may change."""
    midnight = datetime.combine(day, time())
    marks = [midnight, *(datetime.combine(day, edge) for edge in schedule.edges(day))]
    return list(pairwise(sorted({*marks, midnight + timedelta(days=1)})))


@given(schedule=SCHEDULES, day=DAYS, share=st.sampled_from((0.25, 0.5, 0.999)), fold=st.booleans())
def test_a_reading_changes_only_at_midnight_an_edge_or_an_offset_change(
    *, schedule: PeriodSchedule, day: date, share: float, fold: bool
) -> None:
    changed = []

    for start, end in segments(schedule, day):
        moment = start + share * (end - start)
        first = start.replace(tzinfo=schedule.zone, fold=int(fold))
        second = moment.replace(tzinfo=schedule.zone, fold=int(fold))
        exist = all(
            local.astimezone(UTC).astimezone(schedule.zone).replace(tzinfo=None)
            == local.replace(tzinfo=None)
            for local in (first, second)
        )
        if exist and schedule.at(first) != schedule.at(second):
            changed.append((first, second))

    assert changed == []


@given(schedule=SCHEDULES, now=INSTANTS, zone=st.sampled_from(ZONES))
def test_the_zone_in_which_now_is_written_does_not_matter(
    schedule: PeriodSchedule, now: datetime, zone: str
) -> None:
    elsewhere = now.astimezone(ZoneInfo(zone))

    assert schedule.at(elsewhere) == schedule.at(now)


@given(schedule=SCHEDULES, now=INSTANTS)
def test_only_a_running_period_is_named(schedule: PeriodSchedule, now: datetime) -> None:
    reading = schedule.at(now)

    assert (reading.period is not None) == (reading.wanted is Wanted.RUNNING)
    assert reading.reason


@given(
    nights=st.sets(st.integers(0, 6), min_size=1),
    zone=st.sampled_from(ZONES),
    hours=st.tuples(st.integers(13, 23), st.integers(1, 12)),
    now=INSTANTS,
)
def test_crossing_midnight_equals_the_two_periods_that_the_original_needs(
    nights: set[int], zone: str, hours: tuple[int, int], now: datetime
) -> None:
    begin, end = (f"{hour:02}:00" for hour in hours)
    days = ",".join(WEEKDAYS[night] for night in nights)
    days_after = ",".join(WEEKDAYS[(night + 1) % 7] for night in nights)
    one = {"name": "night", "begintime": begin, "endtime": end, "weekdays": days}
    evening = {"name": "e", "begintime": begin, "endtime": "23:59", "weekdays": days}
    morning = {"name": "m", "begintime": "00:00", "endtime": end, "weekdays": days_after}

    crossing = read_schedule({"name": "s", "timezone": zone, "periods": [one]})
    split = read_schedule({"name": "s", "timezone": zone, "periods": [evening, morning]})

    assert crossing.at(now).wanted is split.at(now).wanted
