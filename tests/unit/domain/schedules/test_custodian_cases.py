"""The answers of the real Cloud Custodian 0.9.53."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from sagewarden.domain.schedules.custodian import OffHours, OffHoursPolicy, read_off_hours
from sagewarden.domain.schedules.custodian_tag import Kind
from sagewarden.domain.schedules.reading import InvalidScheduleError
from sagewarden_cli.case_result import Outcome
from sagewarden_cli.custodian_cases import check_case

DATA = Path(__file__).parents[3] / "data"
CASES: list[dict[str, Any]] = json.loads((DATA / "custodian_offhours_cases.json").read_text())
A_CASE = next(case for case in CASES if case["group"] == "hour-match" and case["expect"] is True)
TAGS = sorted({case["tag"] for case in CASES if case["tag"] is not None})


def the_case(tag: str, **fields: object) -> Mapping[str, object]:
    return {**A_CASE, "id": "made-up-1", "tag": tag, **fields}


def allowed(case: Mapping[str, object]) -> set[Outcome]:
    """What may come of a case."""
    if "check" in case:
        return {Outcome.SKIPPED}
    return {Outcome.PASSED, Outcome.REFUSED} if "quirk" in case else {Outcome.PASSED}


@pytest.mark.parametrize("group", sorted({case["group"] for case in CASES}))
def test_we_answer_as_the_original_or_refuse_a_quirk(group: str) -> None:
    results = [(case, check_case(case)) for case in CASES if case["group"] == group]

    wrong = [(case, found) for case, found in results if found.outcome not in allowed(case)]

    assert results
    assert wrong == []


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_read_for_both_kinds_says_the_same_as_for_each_alone(tag: str) -> None:
    policy = OffHoursPolicy(default_tz="et")
    moments = [datetime.fromisoformat(case["now"]) for case in CASES[::60]]

    try:
        both = read_off_hours(tag, policy)
    except InvalidScheduleError as refusal:
        assert refusal.remedy  # noqa: PT017  # either outcome is right, each for its tags
        return
    each = {kind: read_off_hours(tag, policy, (kind,)) for kind in Kind}

    for kind, alone in each.items():
        for now in moments:
            fires = isinstance(both, OffHours) and both.fires(kind, now)
            assert fires == (isinstance(alone, OffHours) and alone.fires(kind, now))


@pytest.mark.parametrize(
    "tag",
    [
        *("never", "no", "false", "none", "disabled", "0", "skip", "true", "always", "nonsense"),
        *(" off", "off ", "off;", ";off", "off;tz=pt", "tz=et;off", "tz", ";", ";;;", " ", "tz="),
        *("off:(M-F,19)", "off=(M-F,19)/on=(M-F,7)", "cron(0 19 * * ? *)", "off=(M-F,19) tz=et"),
        *("off=(M-F,19);tz=", "off=(M--F,19)", "off=(M-F,19);on=(M-F,99)", "off=[(M-F,19),]"),
    ],
)
def test_what_the_original_half_ignores_is_refused_with_a_remedy(tag: str) -> None:
    with pytest.raises(InvalidScheduleError) as refusal:
        read_off_hours(tag, OffHoursPolicy(default_tz="et", opt_out=True))

    assert refusal.value.where.startswith("maid_offhours")
    assert refusal.value.remedy


class TestCheckingACase:
    def test_a_different_answer_fails_with_both_answers(self) -> None:
        result = check_case({**A_CASE, "expect": False})

        assert (result.outcome, result.expected, result.got) == (Outcome.FAILED, "false", "true")

    def test_a_refusal_without_a_quirk_fails(self) -> None:
        result = check_case(the_case("never"))

        assert result.outcome is Outcome.FAILED
        assert result.got == "invalid"
        assert "never" in result.detail

    def test_a_refusal_of_a_quirk_is_reported_as_refused(self) -> None:
        result = check_case(the_case("never", quirk="negative-word-means-on"))

        assert result.outcome is Outcome.REFUSED
        assert "never" in result.detail

    def test_two_sets_of_days_to_skip_are_refused(self) -> None:
        table = {"format": "csv", "content": "2026-12-25\n", "expr": 0}
        options = {"skip-days": ["2026-12-25"], "skip-days-from": table}

        result = check_case({**A_CASE, "options": options, "expect": "invalid"})

        assert result.outcome is Outcome.PASSED
        assert "skip-days" in result.detail

    def test_a_case_about_the_schema_is_skipped(self) -> None:
        result = check_case({"id": "schema-1", "check": "schema", "expect": "invalid"})

        assert result.outcome is Outcome.SKIPPED

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("tag", 5),
            ("tag_key", 5),
            ("default_tz", None),
            ("now", None),
            ("now", "yesterday"),
            ("now", "2026-11-23T19:00:00"),
            ("kind", "stop"),
            ("expect", "yes"),
            ("options", []),
        ],
    )
    def test_a_malformed_case_is_refused_with_its_id_and_field(
        self, field: str, value: object
    ) -> None:
        with pytest.raises(ValueError, match=f"case {A_CASE['id']}, {field}: ") as refusal:
            check_case({**A_CASE, field: value})

        assert not isinstance(refusal.value, InvalidScheduleError)

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("offhour", "19"),
            ("onhour", True),
            ("opt-out", "no"),
            ("weekends", 1),
            ("weekends-only", None),
            ("tag", 5),
            ("fallback-schedule", ["on"]),
            ("skip-days", "2026-12-25"),
            ("skip-days", ["soon"]),
            ("skip-days-from", "holidays.csv"),
            ("opt_out", True),
        ],
    )
    def test_a_malformed_option_is_refused_with_its_name(self, option: str, value: object) -> None:
        with pytest.raises(ValueError, match=rf"options\.{option}"):
            check_case({**A_CASE, "options": {option: value}})


def test_days_to_skip_are_dates_of_the_zone_of_the_tag() -> None:
    policy = OffHoursPolicy(default_tz="et", skip_days=frozenset({date(2026, 12, 25)}))
    sydney = read_off_hours("off=(M-U,6);tz=aet", policy)

    assert isinstance(sydney, OffHours)
    assert not sydney.fires(Kind.OFF, datetime.fromisoformat("2026-12-24T19:30:00+00:00"))
    assert sydney.fires(Kind.OFF, datetime.fromisoformat("2026-12-25T19:30:00+00:00"))
