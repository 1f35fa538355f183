from datetime import UTC, datetime, timedelta

import pytest

from sagewarden.domain.metrics import Readings, Series, Window
from tests.support.builders import NOW, TWO_DAYS, seoul

CALLS = Series("AWS/SageMaker", "Invocations", (("EndpointName", "ep"),), "Sum")
OTHER = Series("AWS/SageMaker", "Invocations", (("EndpointName", "other"),), "Sum")
WINDOW = Window.before(NOW, TWO_DAYS)


class TestWindows:
    def test_one_ends_now_and_begins_at_a_whole_hour_of_utc(self) -> None:
        window = Window.before(datetime(2026, 11, 2, 11, 42, 7, 5, tzinfo=UTC), TWO_DAYS)

        assert window.start == datetime(2026, 10, 31, 11, tzinfo=UTC)
        assert window.end == datetime(2026, 11, 2, 11, 42, 7, 5, tzinfo=UTC)

    def test_a_zone_of_half_hours_does_not_shift_it(self) -> None:
        from_seoul = Window.before(seoul("2026-11-02 20:42"), TWO_DAYS)

        assert from_seoul.start == datetime(2026, 10, 31, 11, tzinfo=UTC)

    @pytest.mark.parametrize(("minutes", "buckets"), [(0, 48), (1, 48), (59, 48)])
    def test_two_days_hold_48_whole_hours_at_any_minute(self, minutes: int, buckets: int) -> None:
        window = Window.before(NOW + timedelta(minutes=minutes), TWO_DAYS)

        assert window.buckets == buckets


class TestReadingsOfSeries:
    def test_datapoints_none_and_no_datapoint_are_three_things(self) -> None:
        readings = Readings(WINDOW, {CALLS: (0.0,), OTHER: None}, complete=True)
        unasked = Series("AWS/SageMaker", "Invocations", (), "Sum")

        assert readings.of(CALLS) == (0.0,)
        assert readings.of(OTHER) is None
        assert readings.of(unasked) == ()

    def test_what_was_not_asked_for_is_unknown_unless_everything_was(self) -> None:
        readings = Readings(WINDOW, {}, complete=False)

        assert readings.of(CALLS) is None

    def test_a_total_adds_datapoints_up(self) -> None:
        readings = Readings(WINDOW, {CALLS: (0.0, 2.0, 3.0), OTHER: None})

        assert readings.total(CALLS) == 5
        assert readings.total(OTHER) == 0

    def test_series_are_found_by_the_value_of_a_dimension(self) -> None:
        both = Series("n", "m", (("EndpointName", "ep"), ("VariantName", "ep")), "Sum")
        readings = Readings(WINDOW, {CALLS: (), OTHER: (), both: ()})

        assert readings.naming("EndpointName", "ep") == (CALLS, both)
        assert readings.naming("VariantName", "ep") == (both,)
        assert readings.naming("EndpointName", "nobody") == ()
