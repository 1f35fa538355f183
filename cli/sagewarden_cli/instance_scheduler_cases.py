"""Putting reference answers of Instance Scheduler on AWS to our own reading of its schedules."""

from collections.abc import Mapping
from datetime import datetime

from sagewarden.domain.schedules.instance_scheduler import read_schedule
from sagewarden.domain.schedules.reading import InvalidScheduleError, Reading, Wanted
from sagewarden_cli.case_result import CaseResult, Outcome

DELIBERATE_DIFFERENCES = {
    "quirk_step": "the original reads only the last digit of a step, we read the whole number",
    "quirk_short_month": "the original fails where a month lacks the day, we match nothing there",
}
"""Why the answers of a group of cases may differ from ours."""


def check_case(case: Mapping[str, object]) -> CaseResult:
    """Compare our reading of one case's schedule with the reference answer.

    The case has an `id`, a `schedule`, an aware ISO 8601 time `now`, the state to `expect` and
    optionally `expect_period` and `expect_type`, which are compared where they are given.

    Raises:
        ValueError: If the case itself is malformed; it names the case and the field.
    """
    case_id = _text(case, "id", case_id="without an id")
    schedule = case.get("schedule")
    if not isinstance(schedule, Mapping):
        raise _malformed(case_id, "schedule", schedule, "an object")
    now = _now(case, case_id)
    difference = DELIBERATE_DIFFERENCES.get(str(case.get("group")))
    expected = _expected(case, case_id, any_state=difference is not None)
    try:
        reading = read_schedule(schedule).at(now)
    except InvalidScheduleError as error:
        outcome = Outcome.FAILED if difference is None else Outcome.REFUSED
        return CaseResult(case_id, outcome, _words(expected), "refused", str(error))
    got = {field: value for field, value in _answer(reading).items() if field in expected}
    if got == expected:
        return CaseResult(case_id, Outcome.PASSED, _words(expected), _words(got), "")
    outcome = Outcome.FAILED if difference is None else Outcome.SKIPPED
    detail = difference or f"our reason: {reading.reason}"
    return CaseResult(case_id, outcome, _words(expected), _words(got), detail)


def _answer(reading: Reading) -> dict[str, object]:
    """Put a reading into the fields of a reference answer."""
    return {
        "expect": reading.wanted.value,
        "expect_period": reading.period,
        "expect_type": reading.instance_type,
    }


def _words(answer: Mapping[str, object]) -> str:
    """Write an answer as text, such as `running, period office, type ml.m5.large`."""
    words = [str(answer["expect"])]
    words += [f"period {answer['expect_period']}"] if answer.get("expect_period") else []
    words += [f"type {answer['expect_type']}"] if answer.get("expect_type") else []
    return ", ".join(words)


def _expected(case: Mapping[str, object], case_id: str, *, any_state: bool) -> dict[str, object]:
    """Read the reference answer; where the original fails, its state may be any text."""
    expected: dict[str, object] = {"expect": _text(case, "expect", case_id)}
    if not any_state and expected["expect"] not in set(Wanted):
        raise _malformed(case_id, "expect", expected["expect"], " or ".join(Wanted))
    for field in ("expect_period", "expect_type"):
        if field in case:
            value = case[field]
            if value is not None and not isinstance(value, str):
                raise _malformed(case_id, field, value, "text or null")
            expected[field] = value
    return expected


def _now(case: Mapping[str, object], case_id: str) -> datetime:
    text = _text(case, "now", case_id)
    remedy = "an ISO 8601 time with its offset, such as 2026-11-18T09:00:00+00:00"
    try:
        now = datetime.fromisoformat(text)
    except ValueError as error:
        raise _malformed(case_id, "now", text, remedy) from error
    if now.utcoffset() is None:
        raise _malformed(case_id, "now", text, remedy)
    return now


def _text(case: Mapping[str, object], field: str, case_id: str) -> str:
    value = case.get(field)
    if not isinstance(value, str):
        raise _malformed(case_id, field, value, "text")
    return value


def _malformed(case_id: str, field: str, value: object, wanted: str) -> ValueError:
    return ValueError(f"case {case_id}, {field}: {value!r} should be {wanted}")
