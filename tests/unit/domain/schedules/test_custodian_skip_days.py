from datetime import date

import pytest

from sagewarden.domain.schedules.custodian_skip_days import skip_days_from
from sagewarden.domain.schedules.reading import InvalidScheduleError

CHRISTMAS, NEW_YEAR = date(2026, 12, 25), date(2027, 1, 1)
TABLE = "2026-12-25,Christmas\n2027-01-01,New Year\n"
DOCUMENT = '{"holidays": [{"date": "2026-12-25"}, {"name": "?"}, {"date": "2027-01-01"}]}'


@pytest.mark.parametrize(
    ("content", "table_format", "expr"),
    [
        (TABLE, "csv", 0),
        (TABLE, "csv", -2),
        (TABLE, "csv", None),
        (TABLE, "csv", "[*][0]"),
        (TABLE, "csv", "[]"),
        ("2026-12-25\n\n2027-01-01\n", "csv", 0),
        ("day,name\n" + TABLE, "csv2dict", "day"),
        ("the day,name\n" + TABLE, "csv2dict", '"the day"'),
        ("day,name\n" + TABLE, "csv2dict", None),
        (" 2026-12-25\r\n2027-01-01 ", "txt", None),
        (DOCUMENT, "json", "holidays[].date"),
        (DOCUMENT, "json", "holidays[*].date"),
        ('["2026-12-25", "2027-01-01"]', "json", None),
        ('{"a": [{"b": [["2026-12-25", "2027-01-01"]]}]}', "json", "a[0].b[-1]"),
    ],
)
def test_the_dates_of_a_file_are_found(
    content: str, table_format: str, expr: int | str | None
) -> None:
    days = skip_days_from(content, table_format, expr)

    assert days == {CHRISTMAS, NEW_YEAR}


def test_a_single_date_is_found() -> None:
    days = skip_days_from(DOCUMENT, "json", "holidays[0].date")

    assert days == {CHRISTMAS}


@pytest.mark.parametrize("cell", ["Christmas", "2026-12-25T00:00", "20261225", "2026-02-30", ""])
def test_text_that_is_no_date_is_passed_over(cell: str) -> None:
    days = skip_days_from(f"{cell}\n2027-01-01\n", "txt")

    assert days == {NEW_YEAR}


@pytest.mark.parametrize(
    ("content", "table_format", "expr", "problem"),
    [
        (TABLE, "xlsx", 0, "'xlsx' is no format"),
        (TABLE, "csv", 2, "has no column 2"),
        ("{", "json", "holidays", "this is no JSON"),
        (DOCUMENT, "json", 0, "0 is a column"),
        (DOCUMENT, "json", "days", "'days' leads to nothing"),
        (DOCUMENT, "json", "holidays[?date]", r"cannot be read from '\[\?date\]' on"),
        (DOCUMENT, "json", "holidays[][*]", r"cannot be read from '\[\*\]' on"),
        (TABLE, "csv2dict", 0, "0 is a column"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    content: str, table_format: str, expr: int | str | None, problem: str
) -> None:
    with pytest.raises(InvalidScheduleError, match=problem) as refusal:
        skip_days_from(content, table_format, expr)

    assert refusal.value.where.startswith("skip-days-from")
