"""What every rule has that sets how something scales."""

from dataclasses import dataclass
from datetime import timedelta

from sagewarden.domain.autoscaling.scaling import Capacity
from sagewarden.domain.resources import Tags
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.schedules.calendar import Calendar
from sagewarden.domain.schedules.reading import InvalidScheduleError, OptedOut
from sagewarden.domain.scope import Scope

ADOPT_TAG = "SagewardenAdopt"
"""The tag with which an owner hands over a target that somebody else registered: ``yes``."""

_AGREED = frozenset({"yes", "true", "on"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingRule:
    """What every such rule has.

    Attributes:
        scope: Which resources.
        bounds: Between how much and how much; by day, where it keeps hours.
        outside: The bounds outside its hours.
        schedules: Where a resource's hours come from; None where it keeps none.
        grace: How long after an accepted warning that may be done of which owners are warned.
        adopt: Whether targets that somebody else registered are taken over without being asked.
    """

    scope: Scope
    bounds: Capacity
    outside: Capacity
    schedules: ScheduleBook | None = None
    grace: timedelta = timedelta(hours=24)
    adopt: bool = False

    @property
    def keeps_hours(self) -> bool:
        """Whether its bounds depend on the time."""
        return self.schedules is not None

    def may_adopt(self, tags: Tags | None) -> bool:
        """Whether it may take over what somebody else registered for what has these tags."""
        return self.adopt or (tags or {}).get(ADOPT_TAG, "").lower() in _AGREED

    def hours_of(self, tags: Tags) -> Calendar | OptedOut | None:
        """The hours of a resource with these tags; None when the rule keeps none.

        Raises:
            InvalidScheduleError: Its schedule tag cannot be read, or names something other than
                hours of the week.
        """
        if self.schedules is None:
            return None
        schedule = self.schedules.of(tags)
        if isinstance(schedule, Calendar | OptedOut):
            return schedule
        raise InvalidScheduleError(
            "its schedule",
            "it is no calendar",
            "name a calendar of the policy, or write an expression such as mon-fri 09:00-18:00",
        )
