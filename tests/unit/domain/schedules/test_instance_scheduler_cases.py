"""The answers of the real Instance Scheduler on AWS 3.2.8."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from sagewarden.domain.schedules.instance_scheduler import PeriodSchedule, read_schedule
from sagewarden.domain.schedules.reading import InvalidScheduleError, Wanted
from sagewarden_cli.case_result import Outcome
from sagewarden_cli.instance_scheduler_cases import DELIBERATE_DIFFERENCES, check_case

DATA = Path(__file__).parents[3] / "data"


def cases(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((DATA / f"{name}.json").read_text())
    return loaded


READINGS = cases("instance_scheduler_cases")
A_CASE = READINGS[0]

DAYS_OF_USAGE_SCHEDULES = {"office": "mon-fri", "allday": "sat-sun"}
"""The usage cases do not record these schedules' weekdays; the reported days show them."""


@pytest.mark.parametrize("group", sorted({case["group"] for case in READINGS}))
def test_we_read_a_schedule_as_the_original_does(group: str) -> None:
    deliberate = group in DELIBERATE_DIFFERENCES
    allowed = {Outcome.PASSED, Outcome.SKIPPED} if deliberate else {Outcome.PASSED}
    results = [(case, check_case(case)) for case in READINGS if case["group"] == group]

    wrong = [(case, found) for case, found in results if found.outcome not in allowed]

    assert results
    assert wrong == []


@pytest.mark.parametrize(
    "case", cases("instance_scheduler_validation_cases"), ids=lambda case: str(case)[:80]
)
def test_we_refuse_the_definitions_that_the_original_refuses(case: Mapping[str, Any]) -> None:
    definition = case.get("schedule") or {"name": "s", "periods": [case["period"]]}

    try:
        read_schedule(definition)
        valid = True
    except InvalidScheduleError:
        valid = False

    assert valid == case["valid"]


def running_by_the_wall_clock(schedule: PeriodSchedule, day: date) -> timedelta:
    """Add up a day's running time as the original reports it: all days have 24 hours."""
    midnight = datetime.combine(day, time())
    marks = [midnight, *(datetime.combine(day, edge) for edge in schedule.edges(day))]
    ends = [*marks[1:], midnight + timedelta(days=1)]
    return sum(
        (
            end - start
            for start, end in zip(marks, ends, strict=True)
            if schedule.at(start.replace(tzinfo=schedule.zone)).wanted is Wanted.RUNNING
        ),
        timedelta(),
    )


def a_usage_schedule(case: Mapping[str, Any]) -> PeriodSchedule:
    days = DAYS_OF_USAGE_SCHEDULES.get(case["schedule"])
    periods = [
        {
            "name": period["name"],
            "weekdays": days,
            **{
                field: period[field].removesuffix(":00")
                for field in ("begintime", "endtime")
                if period[field] != "None"
            },
        }
        for period in case["periods"]
    ]
    return read_schedule(
        {"name": case["schedule"], "timezone": case["timezone"], "periods": periods}
    )


@pytest.mark.parametrize(
    "case",
    cases("instance_scheduler_usage_cases"),
    ids=lambda case: f"{case['schedule']}-{case['start']}",
)
def test_a_day_runs_as_long_as_the_original_reports(case: Mapping[str, Any]) -> None:
    schedule = a_usage_schedule(case)

    seconds = {
        day: running_by_the_wall_clock(schedule, date.fromisoformat(day)).total_seconds()
        for day in case["billing_seconds_per_day"]
    }

    assert seconds == case["billing_seconds_per_day"]


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-07", 3), ("2026-03-08", 2), ("2026-10-31", 3), ("2026-11-01", 4)]
)
def test_a_day_with_an_offset_change_really_runs_shorter_or_longer(day: str, hours: int) -> None:
    period = {"name": "a", "begintime": "01:00", "endtime": "04:00"}
    schedule = read_schedule({"name": "s", "timezone": "America/New_York", "periods": [period]})
    midnight = datetime.fromisoformat(day).replace(tzinfo=schedule.zone).astimezone(UTC)

    quarters = [
        schedule.at(midnight + n * timedelta(minutes=15)).wanted is Wanted.RUNNING
        for n in range(4 * 12)
    ]

    assert sum(quarters) == 4 * hours


class TestCheckingACase:
    def test_a_different_answer_fails_with_both_answers(self) -> None:
        result = check_case({**A_CASE, "expect": "running", "expect_period": "office"})

        assert result.outcome is Outcome.FAILED
        assert result.expected == "running, period office"
        assert result.got == "stopped"
        assert "outside every period" in result.detail

    def test_a_different_period_or_type_fails(self) -> None:
        case = next(case for case in READINGS if case["expect_type"])

        by_period = check_case({**case, "expect_period": "another"})
        by_type = check_case({**case, "expect_type": "ml.x9.huge"})

        assert by_period.outcome is Outcome.FAILED
        assert by_type.outcome is Outcome.FAILED
        assert by_type.expected.endswith("type ml.x9.huge")

    def test_only_what_is_expected_is_compared(self) -> None:
        case = {key: A_CASE[key] for key in ("id", "schedule", "now", "expect")}

        result = check_case(case)

        assert result.outcome is Outcome.PASSED

    def test_a_schedule_that_we_refuse_fails(self) -> None:
        result = check_case({**A_CASE, "schedule": {"name": "s", "periods": []}})

        assert result.outcome is Outcome.FAILED
        assert result.got == "refused"
        assert "schedule 's', periods" in result.detail

    def test_a_deliberate_difference_is_skipped_and_explained(self) -> None:
        case = next(case for case in READINGS if case["group"] == "quirk_step")

        result = check_case(case)

        assert result.outcome is Outcome.SKIPPED
        assert "we read the whole number" in result.detail

    def test_a_refused_quirk_is_reported_as_refused(self) -> None:
        period = {"name": "p", "monthdays": "1/x5"}
        schedule = {"name": "s", "periods": [period]}

        result = check_case({**A_CASE, "group": "quirk_step", "schedule": schedule})

        assert result.outcome is Outcome.REFUSED
        assert "'1/x5' cannot be read" in result.detail

    def test_where_the_original_fails_the_expectation_may_be_its_error(self) -> None:
        schedule = {"name": "s", "periods": [{"name": "p", "monthdays": "31W"}]}
        case = {**A_CASE, "group": "quirk_short_month", "schedule": schedule}

        result = check_case({**case, "expect": "ValueError: day is out of range for month"})

        assert result.outcome is Outcome.SKIPPED
        assert "we match nothing there" in result.detail

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("schedule", None),
            ("schedule", "office"),
            ("now", None),
            ("now", "yesterday"),
            ("now", "2026-11-18T09:00:00"),
            ("expect", None),
            ("expect", "sleeping"),
            ("expect_period", 5),
            ("expect_type", ["ml.m5.large"]),
        ],
    )
    def test_a_malformed_case_is_refused_with_its_id_and_field(
        self, field: str, value: object
    ) -> None:
        with pytest.raises(ValueError, match=f"case {A_CASE['id']}, {field}: "):
            check_case({**A_CASE, field: value})

    def test_a_case_without_an_id_is_refused(self) -> None:
        with pytest.raises(ValueError, match="case without an id, id: None should be text"):
            check_case({key: value for key, value in A_CASE.items() if key != "id"})
