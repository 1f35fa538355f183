from datetime import timedelta

import pytest

from sagewarden.domain.durations import hours


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (timedelta(minutes=90), "1.5 h"),
        (timedelta(hours=48), "48 h"),
        (timedelta(hours=100, minutes=20), "100 h"),
        (timedelta(hours=999), "999 h"),
        (timedelta(hours=999.6), "1,000 h"),
        (timedelta(days=50), "1,200 h"),
    ],
)
def test_hours_are_told_in_figures_that_people_read(length: timedelta, told: str) -> None:
    assert hours(length) == told
