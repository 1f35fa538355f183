"""The rules on managed node groups: their hours, and whether they stand idle."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sagewarden.domain.judged import Facts, JudgedRule
from sagewarden.domain.metrics import Series, Window
from sagewarden.domain.node_groups.care import Care, RunningWork
from sagewarden.domain.resources import Resource, ResourceKind
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.verdicts import Verdict

if TYPE_CHECKING:
    from sagewarden.domain.node_groups.snapshot import NodeGroup

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGroupHours(JudgedRule):
    """Scale node groups to zero outside their hours, and back to the sizes that they had.

    Attributes:
        schedules: Where a node group's schedule comes from.
        start_again: Whether what this program scaled to zero comes back when the schedule opens.
        strict: Whether one that a human scaled up after hours is scaled down all the same.
        care: What it heeds.
    """

    kinds: tuple[str, ...] = (ResourceKind.NODE_GROUP.value,)
    schedules: ScheduleBook
    start_again: bool = True
    strict: bool = False
    care: Care = field(default_factory=Care)

    @property
    def does(self) -> str:
        """What it does, in the words of ``policy show``."""
        back = ", and back at opening" if self.start_again else ""
        return f"scale to zero{back}; told {self.grace / _MINUTE:g} min before"

    @property
    def keeps_hours(self) -> bool:
        """Whether a coming violation is announced: a closing, told one grace period ahead."""
        return True

    @property
    def remembers(self) -> bool:
        """Whether a violation depends on what this program did before."""
        return self.start_again

    @property
    def starts_again(self) -> bool:
        """Whether it must be known what this program stopped for it."""
        return self.start_again

    def window(self, now: datetime) -> Window | None:
        """The span over which pods must have held nothing; None where they do not matter."""
        if self.care.running_work is RunningWork.IGNORE:
            return None
        from sagewarden.domain.node_groups.hours import work_window  # noqa: PLC0415 - see bootstrap

        return work_window(now)

    def series(self, resource: Resource, now: datetime) -> Iterable[Series]:
        """What tells whether pods hold its accelerators, where it is, or is soon, closed."""
        group = _group(resource)
        if group is None:
            return ()
        from sagewarden.domain.node_groups.hours import work_series  # noqa: PLC0415 - see bootstrap

        return work_series(group, self, now)

    def judge(self, resource: Resource, facts: Facts, now: datetime) -> Verdict:
        """Judge a node group by its hours."""
        from sagewarden.domain.node_groups.hours import judge_hours  # noqa: PLC0415 - see bootstrap

        group = _group(resource)
        if group is None:
            raise TypeError(f"{self.scope.rule} does not speak of {resource.ref.kind}")
        return judge_hours(group, self, facts, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleNodeGroups(JudgedRule):
    """Scale node groups to zero whose accelerators do next to nothing.

    Attributes:
        idle_for: For how long.
        gpu_below: The utilisation, in percent, below which an accelerator is idle.
        care: What it heeds.
    """

    kinds: tuple[str, ...] = (ResourceKind.NODE_GROUP.value,)
    idle_for: timedelta
    gpu_below: float = 5.0
    care: Care = field(default_factory=Care)

    @property
    def does(self) -> str:
        """What it does, in the words of ``policy show``."""
        idle = f"{self.idle_for / (60 * _MINUTE):g} h below {self.gpu_below:g} %"
        return f"scale to zero after {idle}, {self.grace / _MINUTE:g} min after the warning"

    def window(self, now: datetime) -> Window | None:
        """The span over which it must have been idle."""
        from sagewarden.domain.node_groups.gpu_metrics import window_before  # noqa: PLC0415 - see bootstrap

        return window_before(now, self.idle_for)

    def series(self, resource: Resource, now: datetime) -> Iterable[Series]:
        """What tells how much its accelerators work, and whether pods hold them."""
        group = _group(resource)
        if group is None:
            return ()
        from sagewarden.domain.node_groups.idle import use_series  # noqa: PLC0415 - see bootstrap

        return use_series(group, self, now)

    def judge(self, resource: Resource, facts: Facts, now: datetime) -> Verdict:
        """Judge whether a node group stands idle."""
        from sagewarden.domain.node_groups.idle import judge_idle  # noqa: PLC0415 - see bootstrap

        group = _group(resource)
        if group is None:
            raise TypeError(f"{self.scope.rule} does not speak of {resource.ref.kind}")
        return judge_idle(group, self, facts, now)


def _group(resource: Resource) -> "NodeGroup | None":
    """A node group, or None where the resource is none; what one is, is only loaded here."""
    from sagewarden.domain.node_groups.snapshot import NodeGroup  # noqa: PLC0415 - see bootstrap

    return resource if isinstance(resource, NodeGroup) else None
