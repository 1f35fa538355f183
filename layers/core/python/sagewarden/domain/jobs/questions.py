"""What a rule asks of jobs."""

from dataclasses import dataclass
from datetime import timedelta

from sagewarden.domain.actions import ActionKind


@dataclass(frozen=True, slots=True)
class IdleGpus:
    """Since when GPUs do nothing.

    Attributes:
        below: The utilisation that no instance's GPUs, added up, may have reached: in percent.
        length: For how long.
    """

    below: float = 5.0
    length: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What a rule asks of jobs, and what follows.

    Attributes:
        idle: Jobs whose GPUs idle; None where that is not looked at.
        past_max_runtime: Jobs that run for longer than this beyond their own limit.
        failing_children: Tuning jobs of which so many training jobs ended, each by failing.
        warm_pool: Warm pools that nobody has used for so long.
        action: To stop, or only to tell.
    """

    idle: IdleGpus | None = None
    past_max_runtime: timedelta | None = None
    failing_children: int | None = None
    warm_pool: timedelta | None = None
    action: ActionKind = ActionKind.STOP
