"""Files of schedule cases, in Cloud Custodian's, Instance Scheduler's or our own terms."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden_cli import calendar_cases, custodian_cases, instance_scheduler_cases
from sagewarden_cli.case_result import CaseResult, Outcome
from sagewarden_cli.located_values import (
    Located,
    UnreadableFileError,
    read_json_file,
    read_yaml_file,
)

CROSSES_MIDNIGHT = (
    "Instance Scheduler rejects a period that begins later than it ends; here it crosses midnight"
)

_CUSTODIAN_FIELDS = {"kind", "check", "tag", "default_tz"}
_YAML_SUFFIXES = {".yaml", ".yml"}


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the cases of a file."""

    results: Sequence[CaseResult]

    def of(self, outcome: Outcome) -> Sequence[CaseResult]:
        """The cases with one outcome."""
        return [result for result in self.results if result.outcome is outcome]

    def document(self) -> dict[str, object]:
        """The tally as JSON values."""
        counts = {outcome.value: len(self.of(outcome)) for outcome in Outcome}
        return {
            **counts,
            "failures": [_document(result) for result in self.of(Outcome.FAILED)],
            "refusals": [_document(result) for result in self.of(Outcome.REFUSED)],
        }


def check_file(path: Path, book: ScheduleBook | None) -> Tally:
    """Check every case of a file; each tells by its fields in whose terms it is written.

    Args:
        path: A JSON or YAML file: a list of cases, or an object that has it as `cases`.
        book: The policy's schedules, for cases that name one; None without a policy.

    Raises:
        UnreadableFileError: The file, or a case in it, cannot be read.
    """
    file = read_yaml_file(path) if path.suffix in _YAML_SUFFIXES else read_json_file(path)
    cases = file.child("cases") if isinstance(file.value, dict) else file
    return Tally([_check(case, book) for case in cases.items()])


def _check(case: Located, book: ScheduleBook | None) -> CaseResult:
    fields = case.mapping()
    if "calendar" in fields:
        return calendar_cases.check_case(case, book)
    try:
        if "schedule" in fields:
            return _of_instance_scheduler(fields)
        if fields.keys() & _CUSTODIAN_FIELDS:
            return custodian_cases.check_case(fields)
    except ValueError as error:
        raise UnreadableFileError(f"{case.where}: {error}") from error
    raise UnreadableFileError(
        f"{case.where}: nothing says whose case it is; give calendar and expect (ours), "
        "schedule (Instance Scheduler), or tag, kind and default_tz (Cloud Custodian)"
    )


def _of_instance_scheduler(fields: Mapping[str, object]) -> CaseResult:
    """Check a case; where we differ by design, the difference is refused and not failed."""
    crosses = any(begin > end for begin, end in _periods(fields))
    try:
        result = instance_scheduler_cases.check_case(fields)
    except ValueError as error:
        if not crosses:
            raise
        name = str(fields.get("id", ""))
        expected = str(fields.get("expect"))
        return CaseResult(name, Outcome.REFUSED, expected, "", f"{CROSSES_MIDNIGHT} ({error})")
    if crosses and result.outcome is Outcome.FAILED:
        return replace(result, outcome=Outcome.REFUSED, detail=CROSSES_MIDNIGHT)
    deliberate = fields.get("group") in instance_scheduler_cases.DELIBERATE_DIFFERENCES
    if deliberate and result.outcome is Outcome.SKIPPED:
        return replace(result, outcome=Outcome.REFUSED)
    return result


def _periods(fields: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The begin and end of each period that has both, comparable as text."""
    schedule = fields["schedule"]
    periods = schedule.get("periods") if isinstance(schedule, dict) else None
    for period in periods if isinstance(periods, list) else ():
        if isinstance(period, dict):
            begin, end = period.get("begintime"), period.get("endtime")
            if isinstance(begin, str) and isinstance(end, str):
                yield begin.zfill(len("00:00")), end.zfill(len("00:00"))


def _document(result: CaseResult) -> dict[str, str]:
    return {
        "id": result.case_id,
        "expected": result.expected,
        "got": result.got,
        "why": result.detail,
    }
