"""Putting reference answers of Cloud Custodian to our own reading of its off-hours tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sagewarden.domain.schedules.custodian import OffHoursPolicy, read_off_hours
from sagewarden.domain.schedules.custodian_skip_days import skip_days_from
from sagewarden.domain.schedules.custodian_tag import Kind
from sagewarden.domain.schedules.reading import InvalidScheduleError, OptedOut
from sagewarden_cli.case_result import CaseResult, Outcome

INVALID = "invalid"
"""The answer for a tag or a policy that is declined."""

OPTIONS = {
    *("offhour", "onhour", "tag", "opt-out", "weekends", "weekends-only", "skip-days"),
    *("skip-days-from", "fallback-schedule", "fallback_schedule"),
}
"""The options of Custodian's filters."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One case, its fields checked as they are read."""

    case_id: str
    fields: Mapping[str, object]
    path: str = ""

    def text(self, field: str) -> str:
        value = self.fields.get(field)
        if not isinstance(value, str):
            raise self.malformed(field, value, "text")
        return value

    def optional_text(self, field: str) -> str | None:
        return None if self.fields.get(field) is None else self.text(field)

    def boolean(self, field: str, *, default: bool) -> bool:
        value = self.fields.get(field, default)
        if not isinstance(value, bool):
            raise self.malformed(field, value, "true or false")
        return value

    def below(self, field: str) -> "_Case":
        value = self.fields.get(field, {})
        if not isinstance(value, Mapping):
            raise self.malformed(field, value, "an object")
        return _Case(self.case_id, value, f"{self.path}{field}.")

    @property
    def options(self) -> Mapping[str, object]:
        return self.below("options").fields

    @property
    def now(self) -> datetime:
        remedy = "an ISO 8601 time with its offset, such as 2026-11-23T19:00:00-05:00"
        text = self.text("now")
        try:
            now = datetime.fromisoformat(text)
        except ValueError as error:
            raise self.malformed("now", text, remedy) from error
        if now.utcoffset() is None:
            raise self.malformed("now", text, remedy)
        return now

    @property
    def kind(self) -> Kind:
        value = self.text("kind")
        if value not in set(Kind):
            raise self.malformed("kind", value, "off or on")
        return Kind(value)

    def malformed(self, field: str, value: object, wanted: str) -> ValueError:
        return ValueError(f"case {self.case_id}, {self.path}{field}: {value!r} should be {wanted}")


def check_case(fields: Mapping[str, object]) -> CaseResult:
    """Compare our reading of one case's tag with the reference answer.

    A case has `tag` (or null), `default_tz`, an aware ISO 8601 time `now`, the `kind` of the
    filter (``off`` or ``on``), the filter's `options`, and the answer to `expect`: true, false or
    ``invalid``. It may have `tag_key`, and `quirk` where a careful tool may decline the tag.

    Raises:
        ValueError: The case itself is malformed; the error names the case and the field.
    """
    case = _Case(str(fields.get("id", "without an id")), fields)
    expected = fields.get("expect")
    if not isinstance(expected, bool) and expected != INVALID:
        raise case.malformed("expect", expected, "true, false or invalid")
    if "check" in fields:
        why = "about Custodian's own policy schema"
        return CaseResult(case.case_id, Outcome.SKIPPED, str(expected).lower(), "", why)
    got, why = _answer(case)
    outcome = Outcome.PASSED if got == expected else Outcome.FAILED
    if fields.get("quirk") and expected != INVALID and (declined := _declined(case)):
        outcome, why = Outcome.REFUSED, declined
    return CaseResult(case.case_id, outcome, str(expected).lower(), str(got).lower(), why)


def _answer(case: _Case) -> tuple[bool | str, str]:
    """What we say of the filter's own kind of hours, and why."""
    try:
        policy = _policy(case)
        hours = read_off_hours(_value(case, policy), policy, (case.kind,))
        if isinstance(hours, OptedOut):
            return False, hours.reason
        return hours.fires(case.kind, case.now), f"read in {hours.zone.key}"
    except InvalidScheduleError as error:
        return INVALID, str(error)


def _declined(case: _Case) -> str | None:
    """Why we decline the tag as a whole, or None."""
    try:
        policy = _policy(case)
        read_off_hours(_value(case, policy), policy)
    except InvalidScheduleError as error:
        return str(error)
    return None


def _value(case: _Case, policy: OffHoursPolicy) -> str | None:
    key = case.optional_text("tag_key") or policy.tag
    return case.optional_text("tag") if key.lower() == policy.tag.lower() else None


def _policy(case: _Case) -> OffHoursPolicy:
    options = case.options
    for option in options.keys() - OPTIONS:
        wanted = f"left out; the options are {', '.join(sorted(OPTIONS))}"
        raise case.malformed(f"options.{option}", options[option], wanted)
    if {"skip-days", "skip-days-from"} <= options.keys():
        raise InvalidScheduleError(
            "skip-days-from", "skip-days is given as well", "keep one of them"
        )
    settings = case.below("options")
    fallback = settings.optional_text("fallback-schedule")
    if fallback is None:
        fallback = settings.optional_text("fallback_schedule")
    return OffHoursPolicy(
        default_tz=case.text("default_tz"),
        offhour=_hour(case, "offhour", 19),
        onhour=_hour(case, "onhour", 7),
        opt_out=settings.boolean("opt-out", default=False),
        weekends=settings.boolean("weekends", default=True),
        weekends_only=settings.boolean("weekends-only", default=False),
        skip_days=_skip_days(case),
        fallback_schedule=fallback,
        tag=settings.optional_text("tag") or "maid_offhours",
    )


def _hour(case: _Case, option: str, default: int) -> int:
    value = case.options.get(option, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise case.malformed(f"options.{option}", value, "a whole number")
    return value


def _skip_days(case: _Case) -> frozenset[date]:
    if "skip-days-from" in case.options:
        table = case.below("options").below("skip-days-from")
        expr = table.fields.get("expr")
        if isinstance(expr, bool) or not isinstance(expr, int | str | None):
            raise table.malformed("expr", expr, "a column's number, or a path")
        return skip_days_from(table.text("content"), table.text("format"), expr)
    days = case.options.get("skip-days", [])
    if not isinstance(days, list):
        raise case.malformed("options.skip-days", days, "a list of dates")
    try:
        return frozenset(date.fromisoformat(str(day)) for day in days)
    except ValueError as error:
        raise case.malformed("options.skip-days", days, "dates such as 2026-12-25") from error
