"""What brings something back, as data: steps in their order, and what stands in the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

type Json = Mapping[str, Any]
"""What AWS describes a thing as."""

type Tags = Mapping[str, str]


class StepKind(StrEnum):
    """What can be done to bring something back."""

    CREATE_MODEL = "create model"
    CREATE_CONFIG = "create endpoint config"
    CREATE_ENDPOINT = "create endpoint"
    SWITCH_CONFIG = "give its config back to endpoint"
    SET_CAPACITIES = "set the weights and capacities of endpoint"
    CREATE_COMPONENT = "create inference component"
    SET_COPIES = "give its copies back to inference component"
    ADD_TAGS = "tag"
    REGISTER_TARGET = "register scalable target"
    PUT_POLICY = "put scaling policy"
    PUT_SCHEDULED_ACTION = "put scheduled action"
    PUT_ALARM = "put alarm"
    CREATE_APP = "create app"
    START_NOTEBOOK = "start notebook instance"
    SET_NODES = "give its nodes back to node group"
    START_TRACKING_SERVER = "start tracking server"
    START_MONITORING_SCHEDULE = "start monitoring schedule"
    CREATE_PROVISIONED_MODEL = "buy provisioned throughput"


FOUNDATIONS = frozenset(
    {
        StepKind.CREATE_MODEL,
        StepKind.CREATE_CONFIG,
        StepKind.CREATE_ENDPOINT,
        StepKind.SWITCH_CONFIG,
        StepKind.CREATE_APP,
        StepKind.START_TRACKING_SERVER,
        StepKind.START_MONITORING_SCHEDULE,
        StepKind.CREATE_PROVISIONED_MODEL,
    }
)
"""What everything else stands upon: when one of these fails, nothing after it is tried."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change that brings a part back.

    Attributes:
        kind: What to do.
        name: To what.
        described: What it was described as; for a change, only what changes.
        tags: Its tags, where it is created with them.
        awaits: What has to happen first, where it cannot be done yet.
    """

    kind: StepKind
    name: str
    described: Json = field(default_factory=dict[str, Any])
    tags: Tags = field(default_factory=dict[str, str])
    awaits: str | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A part that cannot come back, or is not touched.

    Attributes:
        what: Which part.
        why: Why not, and what a person can do about it.
    """

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not as it was.

    Attributes:
        where: The field, as a path.
        was: What the manifest says; None when it was absent.
        now: What AWS says now; None when it is absent.
    """

    where: str
    was: object
    now: object

    def __str__(self) -> str:
        return f"{self.where} was {_shown(self.was)} and is {_shown(self.now)}"


def _shown(value: object) -> str:
    return "absent" if value is None else repr(value)


@dataclass(frozen=True, slots=True)
class Restoration:
    """How far something has come back, and what is still to be done.

    Attributes:
        steps: What is missing, in order; those that await nothing can be done now.
        waiting: What AWS is doing meanwhile, or None.
        refused: Why nothing at all is done: what stands there is somebody else's.
        obstacles: Parts that do not come back, each with its reason.
        differences: Fields that are not as they were.
    """

    steps: tuple[Step, ...] = ()
    waiting: str | None = None
    refused: tuple[Obstacle, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def ready(self) -> tuple[Step, ...]:
        """What can be done now."""
        return tuple(step for step in self.steps if step.awaits is None)
