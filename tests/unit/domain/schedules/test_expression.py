import re
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sagewarden.domain.schedules.calendar import WEEKDAYS, Calendar, Holidays
from sagewarden.domain.schedules.expression import (
    ExpressionDefaults,
    read_date,
    read_days,
    read_expression,
    read_window,
    read_zone,
)
from sagewarden.domain.schedules.reading import InvalidScheduleError, Wanted
from tests.support.builders import SEOUL, opening_hours, seoul

LEGAL_TAG_VALUE = re.compile(r"[\w\s.:/=+\-@]*")


def a_source(country: str, subdivision: str | None) -> Holidays:
    if country == "XX":
        raise ValueError("no public holidays are known for XX")
    place = f"{country}-{subdivision}" if subdivision else country
    return lambda day: f"{place} day" if day == date(2026, 11, 3) else None


DEFAULTS = ExpressionDefaults(SEOUL, a_source)


def read(text: str) -> Calendar:
    return read_expression(text, DEFAULTS)


def refusal_of(text: str) -> InvalidScheduleError:
    with pytest.raises(InvalidScheduleError) as refused:
        read(text)
    return refused.value


def test_days_hours_and_zone_are_read() -> None:
    calendar = read("mon-fri 09:00-18:00 Europe/London")

    assert calendar.zone == ZoneInfo("Europe/London")
    assert calendar.weekly == (*[(opening_hours("09:00", "18:00"),)] * 5, (), ())


def test_without_a_zone_it_follows_the_default_one() -> None:
    calendar = read("mon-fri 09:00-18:00")

    assert calendar.zone == SEOUL


def test_several_windows_and_several_parts_are_read() -> None:
    calendar = read("mon.wed 13:00-18:00 09:00-12:00 + sat 10:00-14:00 + sat 08:00-09:00")

    morning, afternoon = opening_hours("09:00", "12:00"), opening_hours("13:00", "18:00")
    saturday = (opening_hours("08:00", "09:00"), opening_hours("10:00", "14:00"))
    assert calendar.weekly == (
        *((morning, afternoon), (), (morning, afternoon), (), (), saturday, ()),
    )


@pytest.mark.parametrize(
    "text",
    [
        "mon-fri 9:00-18:00 Asia/Seoul",
        "  MON-Fri   09:00-18:00  Asia/Seoul ",
        "mon-fri 09:00-18:00",
        "mon-wed 09:00-18:00+thu.fri 09:00-18:00",
        "mon-fri 09:00-18:00 + mon-fri 09:00-18:00",
    ],
)
def test_letter_case_spaces_and_spelling_do_not_matter(text: str) -> None:
    calendar = read(text)

    assert calendar.weekly == read("mon-fri 09:00-18:00 Asia/Seoul").weekly
    assert calendar.zone == SEOUL


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon", {0}),
        ("daily", set(range(7))),
        ("Daily", set(range(7))),
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("fri-mon", {4, 5, 6, 0}),
        ("sun-mon", {6, 0}),
        ("mon-mon", {0}),
        ("mon.wed.fri", {0, 2, 4}),
        ("mon-tue.sat-sun", {0, 1, 5, 6}),
    ],
)
def test_weekdays_may_be_single_ranges_that_wrap_or_lists(text: str, days: set[int]) -> None:
    read_as = read_days(text, "days")

    assert read_as == days


@pytest.mark.parametrize("text", ["", "monday", "mon-", "-fri", "mon,fri", "1-5", "mon..fri", "."])
def test_other_days_are_refused(text: str) -> None:
    with pytest.raises(InvalidScheduleError) as refused:
        read_days(text, "weekdays")

    assert refused.value.where == "weekdays"
    assert "are no weekdays" in refused.value.problem


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("09:00", "are no hours"),
        ("09:00-18", "are no hours"),
        ("0900-1800", "are no hours"),
        ("25:00-26:00", "are no hours"),
        ("09:60-18:00", "are no hours"),
        ("24:00-06:00", "are no hours"),
        ("09:00-24:01", "are no hours"),
        ("09:00-09:00", "encloses no time"),
        ("00:00-00:00", "encloses no time"),
        ("\u00b2\u00b2:00-18:00", "are no hours"),
    ],
)
def test_other_hours_are_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidScheduleError) as refused:
        read_window(text, "from/to")

    assert refused.value.where == "from/to"
    assert problem in refused.value.problem


def test_the_whole_day_and_a_night_can_be_said() -> None:
    assert str(read_window("00:00-24:00", "hours")) == "00:00-24:00"
    assert read_window("22:00-06:00", "hours").end == 30 * 60


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "names no days and hours"),
        ("   ", "names no days and hours"),
        ("Asia/Seoul", "names no days and hours"),
        ("holidays=KR", "names no days and hours"),
        ("mon-fri", "does not name days and hours"),
        ("09:00-18:00", "does not name days and hours"),
        ("mon-fri 09:00-18:00 +", "is no time zone"),
        ("mon-fri 09:00-18:00 + + sat 10:00-14:00", "does not name days and hours"),
        ("mon-fri 09:00-18:00 + sat", "does not name days and hours"),
        ("mon-fri 09:00-18:00 Mars/Olympus", "is no time zone"),
        ("mon-fri 09:00-18:00 sunday", "is no time zone"),
        ("mon-fri 09:00-18:00 Asia", "is no time zone"),
        ("mon-fri 09:00-18:00 ../../etc/passwd", "is no time zone"),
        ("mon-fri 09:00-18:00 Asia/Seoul + sat 10:00-14:00", "are no hours"),
        ("mon-fri 09:00-18:00 holidays=XX", "no public holidays are known"),
        ("mon-fri 09:00-18:00 holidays=Korea", "is no time zone"),
        ("running", "is no time zone"),
        ("always", "is no time zone"),
        ("mon-fri 09:00-18:00 mon", "are no hours"),
        ("stop", "is no time zone"),
    ],
)
def test_what_cannot_be_read_is_refused_and_says_what_would_be_right(
    text: str, problem: str
) -> None:
    refused = refusal_of(text)

    assert problem in refused.problem
    assert refused.remedy


def test_a_word_that_looks_like_a_weekday_is_never_taken_for_a_zone() -> None:
    refused = refusal_of("mon-fri 09:00-18:00 SAT")

    assert "time zone" not in str(refused)


class TestHolidays:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("daily 09:00-18:00 holidays=KR", "KR day"),
            ("daily 09:00-18:00 holidays=us-ca Asia/Seoul", "US-CA day"),
            ("daily 09:00-18:00 Asia/Seoul holidays=kr", "KR day"),
        ],
    )
    def test_they_stand_before_or_after_the_zone(self, text: str, reason: str) -> None:
        reading = read(text).at(seoul("2026-11-03 12:00"))

        assert reading.wanted is Wanted.STOPPED
        assert reading.reason.endswith(f"is closed: {reason}")

    def test_the_defaults_are_observed_when_none_are_named(self) -> None:
        defaults = ExpressionDefaults(SEOUL, a_source, a_source("JP", None))

        reading = read_expression("daily 09:00-18:00", defaults).at(seoul("2026-11-03 12:00"))

        assert reading.reason.endswith("JP day")

    def test_named_ones_replace_the_defaults(self) -> None:
        defaults = ExpressionDefaults(SEOUL, a_source, a_source("JP", None))

        calendar = read_expression("daily 09:00-18:00 holidays=KR", defaults)

        assert calendar.at(seoul("2026-11-03 12:00")).reason.endswith("KR day")


@pytest.mark.parametrize("name", ["", "Nowhere", "/etc/localtime", "Asia/", "a\x00b", "\ud800"])
def test_what_is_no_zone_is_refused_whatever_the_machine_says_of_it(name: str) -> None:
    with pytest.raises(InvalidScheduleError) as refused:
        read_zone(name, "timezone")

    assert refused.value.where == "timezone"


def test_dates_are_iso_dates() -> None:
    with pytest.raises(InvalidScheduleError, match="is no date"):
        read_date("24.12.2026", "dates")

    assert read_date("2026-12-24", "dates") == date(2026, 12, 24)


HOURS = st.integers(0, 23)
SPELT_WINDOWS = st.builds(
    "{:02}:{:02}-{:02}:{:02}".format, HOURS, st.integers(0, 29), HOURS, st.integers(30, 59)
)
SPELT_DAYS = st.one_of(
    st.just("daily"),
    st.sampled_from(WEEKDAYS),
    st.builds("{}-{}".format, st.sampled_from(WEEKDAYS), st.sampled_from(WEEKDAYS)),
)
PARTS = st.builds(
    lambda days, windows: " ".join((days, *windows)),
    SPELT_DAYS,
    st.lists(SPELT_WINDOWS, min_size=1, max_size=3),
)
EXPRESSIONS = st.builds(
    lambda parts, zone: " + ".join(parts) + zone,
    st.lists(PARTS, min_size=1, max_size=3),
    st.sampled_from(("", " Asia/Kolkata", " UTC", " holidays=KR Etc/GMT+9")),
)


@given(EXPRESSIONS)
def test_every_expression_of_the_grammar_is_read_and_may_stand_in_a_tag(text: str) -> None:
    calendar = read(text)

    assert any(calendar.weekly)
    assert LEGAL_TAG_VALUE.fullmatch(text)


@given(st.text(max_size=60) | st.text("monfridaly 0123456789:-.+=/KR", max_size=40))
@example("mon-fri 09:00-18:00 Asia/Seoul\x00")
@example("daily 00:00-24:00 zone.tab")
@example("daily 00:00-24:00 __init__.py")
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        understood = isinstance(read(text), Calendar)
    except InvalidScheduleError as refused:
        understood = bool(refused.where and refused.problem and refused.remedy)

    assert understood
