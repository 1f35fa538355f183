from datetime import UTC, datetime, timedelta, timezone

import pytest

from sagewarden_cli.options import BadOptionError, duration, moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-21T11:00Z", datetime(2026, 11, 21, 11, tzinfo=UTC)),
        (
            "2026-11-21T20:00+09:00",
            datetime(2026, 11, 21, 20, tzinfo=timezone(timedelta(hours=9))),
        ),
    ],
)
def test_a_moment_is_read_with_its_offset(text: str, expected: datetime) -> None:
    found = moment("--at", text)

    assert found == expected


@pytest.mark.parametrize("text", ["2026-11-21T20:00", "2026-11-21", "now", "", "20:00Z"])
def test_a_moment_that_is_ambiguous_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadOptionError) as caught:
        moment("--at", text)

    assert str(caught.value).startswith(f"--at: {text!r}")
    assert "2026-11-21T20:00+09:00" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90m", timedelta(minutes=90)),
        ("1h", timedelta(hours=1)),
        ("2d", timedelta(days=2)),
        ("0m", timedelta(0)),
    ],
)
def test_a_length_of_time_is_read(text: str, expected: timedelta) -> None:
    found = duration("--max-age", text)

    assert found == expected


@pytest.mark.parametrize("text", ["1", "-1h", "1.5h", "1 h", "1w", ""])
def test_a_length_of_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadOptionError, match="write 90m, 1h or 2d"):
        duration("--max-age", text)
