import json
from pathlib import Path

import pytest

from sagewarden.policy import parse_policy, schedule_book
from sagewarden_cli.case_result import Outcome
from sagewarden_cli.located_values import UnreadableFileError
from sagewarden_cli.schedule_cases import check_file

DATA = Path(__file__).parents[2] / "data"

OURS = """
- id: open-in-seoul
  calendar: mon-fri 09:00-18:00 Asia/Seoul
  now: 2026-11-23T09:00:00+09:00
  expect: running
- id: closed-on-a-holiday
  calendar: {weekdays: daily, from: 09:00, to: 18:00, holidays: KR, timezone: Asia/Seoul}
  now: 2026-12-25T10:00:00+09:00
  expect: stopped
- id: special-date
  calendar:
    hours: [09:00-12:00, 13:00-18:00]
    dates: {2026-12-24: closed}
  timezone: Europe/Berlin
  now: 2026-12-24T10:00:00+01:00
  expect: stopped
- id: wrong-on-purpose
  calendar: daily 00:00-24:00 UTC
  now: 2026-11-23T09:00:00Z
  expect: stopped
"""


def file_of(tmp_path: Path, content: object, name: str = "cases.json") -> Path:
    path = tmp_path / name
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_reference_answer_of_instance_scheduler_is_met_or_refused_by_design() -> None:
    tally = check_file(DATA / "instance_scheduler_cases.json", None)

    assert tally.of(Outcome.FAILED) == []
    assert len(tally.of(Outcome.PASSED)) == 1599
    assert {result.case_id.partition("-")[0] for result in tally.of(Outcome.REFUSED)} <= {
        "quirk_step",
        "quirk_short_month",
    }


def test_every_reference_answer_of_custodian_is_met_refused_or_skipped() -> None:
    tally = check_file(DATA / "custodian_offhours_cases.json", None)

    assert tally.of(Outcome.FAILED) == []
    assert len(tally.of(Outcome.PASSED)) > 1600


def test_our_own_cases_are_read_from_yaml(tmp_path: Path) -> None:
    tally = check_file(file_of(tmp_path, OURS, "cases.yaml"), None)

    assert len(tally.of(Outcome.PASSED)) == 3
    assert [result.case_id for result in tally.of(Outcome.FAILED)] == ["wrong-on-purpose"]


def test_the_tally_is_told_with_its_failures_and_their_reasons(tmp_path: Path) -> None:
    document = check_file(file_of(tmp_path, OURS, "cases.yaml"), None).document()

    assert document == {
        "passed": 3,
        "failed": 1,
        "refused": 0,
        "skipped": 0,
        "failures": [
            {
                "id": "wrong-on-purpose",
                "expected": "stopped",
                "got": "running",
                "why": "daily 00:00-24:00 UTC is open 00:00-24:00",
            }
        ],
        "refusals": [],
    }


def test_a_case_may_name_a_calendar_of_a_policy(tmp_path: Path) -> None:
    policy = 'version: 1\ncalendars:\n  late: {from: "12:00", to: "20:00"}\nrules: []\n'
    book = schedule_book(parse_policy(policy), lambda _country, _subdivision: lambda _day: None)
    case = {"calendar": "late", "now": "2026-11-23T13:00:00Z", "expect": "running"}

    tally = check_file(file_of(tmp_path, {"cases": [case]}), book)

    assert len(tally.of(Outcome.PASSED)) == 1


def midnight_case(expect: str) -> dict[str, object]:
    period = {"name": "p", "begintime": "22:00", "endtime": "6:00"}
    return {
        "id": "night",
        "schedule": {"name": "s", "timezone": "UTC", "periods": [period]},
        "now": "2026-11-23T23:00:00+00:00",
        "expect": expect,
    }


@pytest.mark.parametrize(
    ("expect", "outcome"),
    [
        ("running", Outcome.PASSED),
        ("stopped", Outcome.REFUSED),
        ("InvalidPeriodDefinition: begintime must be before endtime", Outcome.REFUSED),
    ],
)
def test_a_period_that_crosses_midnight_differs_by_design(
    expect: str, outcome: Outcome, tmp_path: Path
) -> None:
    tally = check_file(file_of(tmp_path, [midnight_case(expect)]), None)

    assert [result.outcome for result in tally.results] == [outcome]


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ({}, r"cases.json\[0\]: nothing says whose case it is"),
        ("text", r"cases.json\[0\]: 'text' should be an object"),
        ({"calendar": "x"}, r"\[0\]: the field 'expect' is missing"),
        (
            {"calendar": "x", "expect": "maybe", "now": "2026-11-23T13:00:00Z"},
            r"\[0\]: expect: 'maybe' should be one of running, stopped, any",
        ),
        (
            {"calendar": "x", "expect": "any", "now": "2026-11-23T13:00:00"},
            r"now: '2026-11-23T13:00:00' should be a time with its offset",
        ),
        (
            {"calendar": "mon-xyz 1", "expect": "any", "now": "2026-11-23T13:00:00Z"},
            r"\[0\]: calendar: ",
        ),
        (
            {"calendar": "off", "expect": "any", "now": "2026-11-23T13:00:00Z"},
            "should be a calendar, not an opt-out",
        ),
        (
            {"calendar": {"from": "9"}, "expect": "any", "now": "2026-11-23T13:00:00Z"},
            "calendar.from",
        ),
        (
            {
                "calendar": {"from": "09:00", "to": "10:00", "holidays": "ZZ"},
                "expect": "any",
                "now": "2026-11-23T13:00:00Z",
            },
            "calendar.holidays: no public holidays are known for ZZ",
        ),
        ({"calendar": "x", "when": 1}, "there is no field 'when'"),
        (
            {"id": "a", "schedule": {"name": "s"}, "now": "x", "expect": "running"},
            r"\[0\]: case a, now: 'x' should be",
        ),
    ],
)
def test_a_case_that_cannot_be_read_is_an_error_with_its_place(
    case: object, message: str, tmp_path: Path
) -> None:
    path = file_of(tmp_path, [case])

    with pytest.raises(UnreadableFileError, match=message):
        check_file(path, None)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("cases.json", "[", "this is no JSON"),
        ("cases.yaml", "a: [", "this is no YAML"),
        ("cases.yaml", "a: \x00", "this is no YAML"),
        ("cases.json", "5", "5 should be a list"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_with_its_place(
    name: str, content: str, message: str, tmp_path: Path
) -> None:
    path = file_of(tmp_path, content, name)

    with pytest.raises(UnreadableFileError, match=message):
        check_file(path, None)
