import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.schedules.cron_fields import (
    Monthdays,
    Months,
    Weekdays,
    parse_monthdays,
    parse_months,
    parse_weekdays,
)
from sagewarden.domain.schedules.reading import InvalidScheduleError

WHERE = "schedule 's', period 'p', some field"

type Parser = Callable[[str, str], Weekdays | Monthdays | Months]

PARSERS: tuple[Parser, ...] = (parse_weekdays, parse_monthdays, parse_months)

JANUARY = [date(2026, 1, 1) + timedelta(days=n) for n in range(31)]
"""It begins on a Thursday."""
FEBRUARY = [date(2026, 2, 1) + timedelta(days=n) for n in range(28)]
"""It begins on a Sunday."""


@pytest.mark.parametrize(
    ("expression", "weekdays"),
    [
        ("mon", {0}),
        ("Tuesday", {1}),
        ("WED", {2}),
        ("3", {3}),
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("mon - fri", {0, 1, 2, 3, 4}),
        ("sat-mon", {5, 6, 0}),
        ("2-0", {2, 3, 4, 5, 6, 0}),
        ("mon , wed,fri", {0, 2, 4}),
        ("thu/2", {3, 5}),
        ("mon-fri/2", {0, 2, 4}),
        ("sat-tue/2", {5, 0}),
        ("mon/10", {0}),
        ("sat-mon/10", {5}),
        ("L", {6}),
        ("*", {0, 1, 2, 3, 4, 5, 6}),
        ("?", {0, 1, 2, 3, 4, 5, 6}),
    ],
)
def test_a_weekdays_field_means_weekdays(expression: str, weekdays: set[int]) -> None:
    field = parse_weekdays(expression, WHERE)

    matching = {day.weekday() for day in JANUARY if field.matches(day)}

    assert matching == weekdays


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("mon#1", {5}),
        ("thu#5", {29}),
        ("mon#5", set()),
        ("0#4", {26}),
        ("friL", {30}),
        ("fridayL", {30}),
        ("4L", {30}),
        ("mon#1,fri#4", {5, 23}),
        ("sunL,mon#2", {25, 12}),
    ],
)
def test_a_weekday_may_mean_one_day_of_a_month(expression: str, days: set[int]) -> None:
    field = parse_weekdays(expression, WHERE)

    matching = {day.day for day in JANUARY if field.matches(day)}

    assert matching == days


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("1,15", {1, 15}),
        ("3-10/3", {3, 6, 9}),
        ("28-L", {28, 29, 30, 31}),
        ("1/5", {1, 6, 11, 16, 21, 26, 31}),
        ("25/2", {25, 27, 29, 31}),
        ("L", {31}),
        ("1-L", set(range(1, 32))),
        ("*", set(range(1, 32))),
        ("15W", {15}),
        ("10W", {9}),
        ("11W", {12}),
    ],
)
def test_a_monthdays_field_means_days_of_a_long_month(expression: str, days: set[int]) -> None:
    field = parse_monthdays(expression, WHERE)

    matching = {day.day for day in JANUARY if field.matches(day)}

    assert matching == days


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("28-L", {28}),
        ("30-L", set()),
        ("25-31", {25, 26, 27, 28}),
        ("29/2", set()),
        ("31", set()),
        ("L", {28}),
        ("28W", {27}),
        ("1W", {2}),
    ],
)
def test_a_monthdays_field_means_what_a_short_month_has(expression: str, days: set[int]) -> None:
    field = parse_monthdays(expression, WHERE)

    matching = {day.day for day in FEBRUARY if field.matches(day)}

    assert matching == days


def test_the_whole_step_number_counts() -> None:
    field = parse_monthdays("1/15", WHERE)

    matching = {day.day for day in JANUARY if field.matches(day)}

    assert matching == {1, 16, 31}


@pytest.mark.parametrize("expression", ["1/10", "1-31/10", "1/010"])
def test_a_step_that_ends_in_zero_is_a_step(expression: str) -> None:
    field = parse_monthdays(expression, WHERE)

    matching = {day.day for day in JANUARY if field.matches(day)}

    assert matching == {1, 11, 21, 31}


@pytest.mark.parametrize("monthday", ["29W", "30W", "31W"])
def test_the_working_day_nearest_to_a_day_that_the_month_lacks_does_not_occur(
    monthday: str,
) -> None:
    field = parse_monthdays(monthday, WHERE)

    matching = [day for day in FEBRUARY if field.matches(day)]

    assert matching == []


def test_the_nearest_working_day_stays_within_its_month() -> None:
    saturday_the_first, sunday_the_last = date(2026, 8, 1), date(2026, 5, 31)
    first, last = parse_monthdays("1W", WHERE), parse_monthdays("31W", WHERE)

    after_the_first = [first.matches(saturday_the_first + timedelta(days=n)) for n in range(-1, 3)]
    before_the_last = [last.matches(sunday_the_last + timedelta(days=n)) for n in range(-2, 2)]

    assert after_the_first == [False, False, False, True]
    assert before_the_last == [True, False, False, False]


@pytest.mark.parametrize(
    ("expression", "months"),
    [
        ("jan", {1}),
        ("december", {12}),
        ("april,OCT", {4, 10}),
        ("6-8", {6, 7, 8}),
        ("nov-feb", {11, 12, 1, 2}),
        ("nov-mar/2", {11, 1, 3}),
        ("1/3", {1, 4, 7, 10}),
        ("jan/10", {1, 11}),
        ("?", set(range(1, 13))),
    ],
)
def test_a_months_field_means_months(expression: str, months: set[int]) -> None:
    field = parse_months(expression, WHERE)

    matching = {month for month in range(1, 13) if field.matches(date(2026, month, 9))}

    assert matching == months


@pytest.mark.parametrize(
    ("parse", "expression", "problem"),
    [
        (parse_weekdays, "7", "7 is not a weekday: they go from 0 to 6"),
        (parse_weekdays, "mon#0", "#0 is not a weekday's place"),
        (parse_weekdays, "mon#6", "#6 is not a weekday's place"),
        (parse_weekdays, "mon-L", "'l' is not a weekday"),
        (parse_weekdays, "L-mon", "'l' is not a weekday"),
        (parse_weekdays, "thursL", "'thursl' is not a weekday"),
        (parse_weekdays, "mon-tue-wed", "'mon-tue-wed' cannot be read"),
        (parse_weekdays, "mon,,tue", "'' cannot be read"),
        (parse_weekdays, "mon/0", "'mon/0' has a step of 0"),
        (parse_monthdays, "0", "0 is not a day of the month: they go from 1 to 31"),
        (parse_monthdays, "32W", "32 is not a day of the month"),
        (parse_monthdays, "25-5", "'25-5' ends before it starts"),
        (parse_monthdays, "1-5/00", "'1-5/00' has a step of 0"),
        (parse_monthdays, "1/x5", "'1/x5' cannot be read"),
        (parse_monthdays, "1/5x", "'1/5x' cannot be read"),
        (parse_monthdays, "9" * 5000, "cannot be read"),
        (parse_months, "L", "'l' is not a month"),
        (parse_months, "jan#1", "'jan#1' cannot be read"),
        (parse_months, "mon", "'mon' is not a month"),
        (parse_months, "", "'' cannot be read"),
    ],
)
def test_an_item_that_means_nothing_is_refused_with_its_place(
    parse: Parser, expression: str, problem: str
) -> None:
    with pytest.raises(InvalidScheduleError, match=re.escape(problem)) as refusal:
        parse(expression, WHERE)

    assert refusal.value.where == WHERE
    assert refusal.value.remedy


ITEMS = st.one_of(
    st.text(alphabet="0123456789monfrijanL#W/-*?, ", max_size=16),
    st.text(max_size=16),
    st.from_regex(r"\d{1,2}(-(\d{1,2}|L))?(/\d{1,3})?", fullmatch=True),
)
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@given(parse=st.sampled_from(PARSERS), expression=ITEMS, day=DAYS)
def test_any_text_is_either_a_field_or_refused(parse: Parser, expression: str, day: date) -> None:
    try:
        answer = parse(expression, WHERE).matches(day)
    except InvalidScheduleError as refusal:
        answer = refusal.where == WHERE

    assert answer in {True, False}


@given(start=st.integers(1, 31), step=st.integers(1, 99), day=DAYS)
def test_a_step_matches_every_nth_day_from_its_start(start: int, step: int, day: date) -> None:
    field = parse_monthdays(f"{start}/{step}", WHERE)

    matches = field.matches(day)

    assert matches == (day.day >= start and (day.day - start) % step == 0)


@given(monthday=st.integers(1, 31), month=DAYS)
def test_a_nearest_working_day_is_one_working_day_of_every_month_that_has_the_day(
    monthday: int, month: date
) -> None:
    field = parse_monthdays(f"{monthday}W", WHERE)
    length = monthrange(month.year, month.month)[1]

    matching = [
        day for day in (month.replace(day=n) for n in range(1, length + 1)) if field.matches(day)
    ]

    assert len(matching) == (1 if monthday <= length else 0)
    assert all(day.weekday() < 5 and abs(day.day - monthday) <= 2 for day in matching)
