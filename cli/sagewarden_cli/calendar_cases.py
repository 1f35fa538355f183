"""Cases of our own calendars: a calendar, a moment, and what it should say."""

from zoneinfo import ZoneInfo

from pydantic import ValidationError

from sagewarden.adapters.public_holidays import public_holidays
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.schedules.calendar import Calendar
from sagewarden.domain.schedules.expression import ExpressionDefaults, read_zone
from sagewarden.domain.schedules.reading import InvalidScheduleError, OptedOut, Schedule, Wanted
from sagewarden.policy.calendars import CalendarModel
from sagewarden_cli.case_result import CaseResult, Outcome
from sagewarden_cli.located_values import Located, UnreadableFileError

FIELDS = ("id", "calendar", "timezone", "now", "expect", "note")


def plain_book(zone: ZoneInfo) -> ScheduleBook:
    """A book that knows no names, only expressions; those without a zone follow the one given."""
    return ScheduleBook(
        default=None, named={}, expressions=ExpressionDefaults(zone, public_holidays)
    )


def check_case(case: Located, book: ScheduleBook | None) -> CaseResult:
    """Compare what a calendar says of a moment with what a case expects.

    A case has a `calendar` (an expression, the definition of a calendar as in a policy, or the
    name of one), an aware ISO 8601 time `now`, the state to `expect` (running, stopped or any),
    and optionally an `id`, a `note` and the `timezone` of a calendar that names none (else UTC).

    Args:
        case: The case and its place.
        book: The policy's schedules, for names and defaults; None without a policy.

    Raises:
        UnreadableFileError: The case cannot be read.
    """
    for key in case.mapping():
        if key not in FIELDS:
            raise UnreadableFileError(
                f"{case.where}: there is no field {key!r}; the fields are {', '.join(FIELDS)}"
            )
    name = case.optional("id")
    expected = case.child("expect").one_of(Wanted)
    now = case.child("now").moment()
    reading = _schedule(case, book).at(now)
    return CaseResult(
        case_id=name.text() if name else case.where,
        outcome=Outcome.PASSED if reading.wanted is expected else Outcome.FAILED,
        expected=expected.value,
        got=reading.wanted.value,
        detail=reading.reason,
    )


def _schedule(case: Located, book: ScheduleBook | None) -> Schedule:
    calendar, zone = case.child("calendar"), case.optional("timezone")
    default = read_zone(zone.text(), zone.where) if zone else ZoneInfo("UTC")
    if isinstance(calendar.value, dict):
        return _defined(calendar, default)
    found_in = plain_book(default) if book is None or zone else book
    try:
        found = found_in.named_or_expressed(calendar.text())
    except InvalidScheduleError as error:
        raise UnreadableFileError(f"{calendar.where}: {error}") from error
    if isinstance(found, OptedOut):
        raise calendar.wrong("a calendar, not an opt-out")
    return found


def _defined(calendar: Located, default: ZoneInfo) -> Calendar:
    try:
        model = CalendarModel.model_validate(calendar.mapping())
        holidays = model.holidays and public_holidays(
            model.holidays.country, model.holidays.subdivision
        )
    except ValidationError as error:
        problems = "; ".join(
            ".".join([calendar.where, *map(str, item["loc"])]) + f": {item['msg']}"
            for item in error.errors()
        )
        raise UnreadableFileError(problems) from error
    except ValueError as error:
        raise UnreadableFileError(f"{calendar.where}.holidays: {error}") from error
    zone = ZoneInfo(model.timezone) if model.timezone else default
    return Calendar("calendar", zone, model.weekly(), holidays or None, model.special_dates())
