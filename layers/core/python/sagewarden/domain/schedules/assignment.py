"""Which schedule a resource follows: its own tag's, or else its rule's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sagewarden.domain.schedules.calendar import Calendar
from sagewarden.domain.schedules.expression import EXAMPLE, ExpressionDefaults, read_expression
from sagewarden.domain.schedules.reading import InvalidScheduleError, OptedOut, Schedule

if TYPE_CHECKING:
    from sagewarden.domain.schedules.custodian import OffHoursPolicy

_CUSTODIAN = re.compile(r"\s*(?:off|on|tz)\s*(?:=|u3d)", re.IGNORECASE)
_OUR_OPT_OUT = "off"


@dataclass(frozen=True, slots=True)
class Manners:
    """How insistently a schedule is applied (Instance Scheduler's own settings).

    Attributes:
        enforced: Stop what a human started after hours, too.
        retain_running: Leave running at closing what already ran before opening.
    """

    enforced: bool = False
    retain_running: bool = False


@dataclass(frozen=True, slots=True)
class ScheduleBook:
    """Where the schedules of a rule's resources come from.

    Attributes:
        default: The schedule of a resource that names none; None leaves it alone.
        named: Calendars and Instance Scheduler schedules by name.
        expressions: What an expression in a tag means when it names no zone or holidays.
        tag: The tag in which a resource may name a schedule, or hold an expression.
        off_hours: Cloud Custodian's off-hours settings, to honour its tag.
    """

    default: Schedule | None
    named: Mapping[str, Schedule] = field(hash=False)
    expressions: ExpressionDefaults
    tag: str | None = None
    off_hours: "OffHoursPolicy | None" = None

    def of(self, tags: Mapping[str, str]) -> Schedule | OptedOut:
        """Find the schedule of a resource with these tags.

        Raises:
            InvalidScheduleError: It has a schedule tag that cannot be read.
        """
        if self.tag is not None and self.tag in tags:
            return self.named_or_expressed(tags[self.tag])
        if self.off_hours is not None:
            wanted = self.off_hours.tag.lower()
            value = next((value for key, value in tags.items() if key.lower() == wanted), None)
            return _off_hours(value, self.off_hours)
        return self._default()

    def named_or_expressed(self, text: str) -> Schedule | OptedOut:
        """Read what a schedule tag or a command line says: a name or an expression.

        Raises:
            InvalidScheduleError: It is neither.
        """
        word = text.strip()
        if (named := self.named.get(word)) is not None:
            return named
        if word.lower() == _OUR_OPT_OUT:
            return OptedOut(f"its tag {self.tag}={text} opts it out of hours")
        if word.lower() == "on":
            return self._default()
        if _CUSTODIAN.match(text):
            return _off_hours(text, self.off_hours or self._custodian_defaults())
        try:
            return read_expression(word, self.expressions)
        except InvalidScheduleError as error:
            known = ", ".join(sorted(self.named)) or "none"
            raise InvalidScheduleError(
                error.where,
                error.problem,
                f"{error.remedy}; or name a calendar of the policy ({known}); "
                f"or write an expression such as {EXAMPLE!r}",
            ) from error

    def manners(self, schedule: Schedule) -> Manners:
        """How insistently a schedule is applied."""
        if isinstance(schedule, Calendar):
            return Manners()
        from sagewarden.domain.schedules.period_schedule import PeriodSchedule  # noqa: PLC0415 - rare

        if isinstance(schedule, PeriodSchedule):
            return Manners(schedule.enforced, schedule.retain_running)
        return Manners()

    def _default(self) -> Schedule | OptedOut:
        if self.default is None:
            return OptedOut("it names no schedule, and the rule has none of its own")
        return self.default

    def _custodian_defaults(self) -> "OffHoursPolicy":
        from sagewarden.domain.schedules.custodian import OffHoursPolicy  # noqa: PLC0415 - rare

        return OffHoursPolicy(default_tz=self.expressions.zone.key.lower(), offhour=19, onhour=7)


def _off_hours(text: str | None, policy: "OffHoursPolicy") -> Schedule | OptedOut:
    """Read Cloud Custodian's tag; what reads it is loaded only where it is used."""
    from sagewarden.domain.schedules.custodian import read_off_hours  # noqa: PLC0415 - rare

    return read_off_hours(text, policy)
