"""What Application Auto Scaling holds: targets with what belongs to them, and activities."""

import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from sagewarden_cli.sandbox.autoscaling.refusals import no_such
from sagewarden_cli.sandbox.autoscaling.schedules import Schedule
from sagewarden_cli.sandbox.backend import AccountRegion, Json, Params
from sagewarden_cli.sandbox.sagemaker.resources import Endpoint, InferenceComponent, SageMakerStore
from sagewarden_cli.sandbox.transitions import Transition

_ACTIVITIES_KEPT = 2000
_KEPT_FOR = timedelta(weeks=6)

type TargetKey = tuple[str, str]


class Dimension(StrEnum):
    """What of SageMaker's scales."""

    INSTANCES = "sagemaker:variant:DesiredInstanceCount"
    CONCURRENCY = "sagemaker:variant:DesiredProvisionedConcurrency"
    COPIES = "sagemaker:inference-component:DesiredCopyCount"


class Tracker(Protocol):
    """What follows a policy's metric, minute by minute."""

    @property
    def is_low(self) -> bool:
        """Whether the metric has been far enough below the target for long enough."""
        ...

    @property
    def alarms(self) -> list[dict[str, str]]:
        """The names and ARNs of its alarms."""
        ...

    def start(self) -> None:
        """Begin to follow."""
        ...

    def stop(self) -> None:
        """Follow no more, and delete its alarms."""
        ...


@dataclass(slots=True, kw_only=True)
class ScalingPolicy:
    """One scaling policy.

    Attributes:
        kind: ``TargetTrackingScaling`` or ``StepScaling``.
        configuration: Its configuration as it was given.
        tracker: What follows its metric or acts on its alarms.
    """

    name: str
    arn: str
    kind: str
    configuration: Json
    created_at: datetime
    tracker: Tracker | None = None


@dataclass(slots=True, kw_only=True)
class ScheduledAction:
    """One scheduled action.

    Attributes:
        details: Its members as DescribeScheduledActions gives them back.
        schedule: When it fires.
        pending: Its next firing, if there is one.
    """

    name: str
    arn: str
    details: Json
    schedule: Schedule
    created_at: datetime
    pending: Transition | None = None


@dataclass(slots=True, kw_only=True)
class ScalableTarget:
    """What scales, and within which bounds.

    Attributes:
        of: The very endpoint or component it was registered for, not one of the same name later.
        suspended: Its ``SuspendedState``.
    """

    resource_id: str
    dimension: str
    arn: str
    of: Endpoint | InferenceComponent
    minimum: int
    maximum: int
    created_at: datetime
    suspended: dict[str, bool]
    tags: dict[str, str] = field(default_factory=dict)
    policies: dict[str, ScalingPolicy] = field(default_factory=dict)
    scheduled_actions: dict[str, ScheduledAction] = field(default_factory=dict)

    @property
    def key(self) -> TargetKey:
        """What tells it from other targets."""
        return self.resource_id, self.dimension

    def bounded(self, capacity: int) -> int:
        """Return the capacity within its bounds that is nearest to ``capacity``."""
        return min(max(capacity, self.minimum), self.maximum)

    def dismiss(self) -> None:
        """Let none of what belongs to it happen any more."""
        for action in self.scheduled_actions.values():
            if action.pending is not None:
                action.pending.is_cancelled = True
        for policy in self.policies.values():
            if policy.tracker is not None:
                policy.tracker.stop()


@dataclass(slots=True, kw_only=True)
class ScalingActivity:
    """One attempt to change a target's bounds or capacity."""

    number: int
    key: TargetKey
    description: str
    cause: str
    started_at: datetime
    status: str
    message: str
    ended_at: datetime | None = None

    def end(self, status: str, message: str, at: datetime) -> None:
        """Come to an end."""
        self.status, self.message, self.ended_at = status, message, at


class AutoScalingStore:
    """All of it in one account and region."""

    def __init__(self, here: AccountRegion) -> None:
        self.here = here
        self._targets: dict[TargetKey, ScalableTarget] = {}
        self._activities: deque[ScalingActivity] = deque(maxlen=_ACTIVITIES_KEPT)
        self._started = 0

    def add(self, target: ScalableTarget) -> None:
        """Add a target."""
        self._targets[target.key] = target

    def remove(self, target: ScalableTarget) -> None:
        """Remove a target with its policies and scheduled actions."""
        target.dismiss()
        del self._targets[target.key]

    def targets(self) -> list[ScalableTarget]:
        """Return all targets; those whose resource was deleted go, as AWS deregisters them."""
        for target in [t for t in self._targets.values() if not is_there(self.here, t.of)]:
            self.remove(target)
        return list(self._targets.values())

    def find(self, resource_id: str, dimension: str) -> ScalableTarget | None:
        """Return a target, or None."""
        return next((t for t in self.targets() if t.key == (resource_id, dimension)), None)

    def target(self, params: Params) -> ScalableTarget:
        """Return the target that a call is about, or refuse as AWS does."""
        found = self.find(params["ResourceId"], params["ScalableDimension"])
        if found is None:
            raise no_such("scalable target registered", params)
        return found

    def begin(self, key: TargetKey, description: str, cause: str) -> ScalingActivity:
        """Record an activity that begins now."""
        self._started += 1
        activity = ScalingActivity(
            number=self._started,
            key=key,
            description=description,
            cause=cause,
            started_at=self.here.now(),
            status="InProgress",
            message="",
        )
        self._activities.append(activity)
        return activity

    def activities(self) -> Iterator[ScalingActivity]:
        """Yield the activities of the last six weeks, the most recent 2,000 at most."""
        oldest = self.here.now() - _KEPT_FOR
        return (activity for activity in self._activities if activity.started_at >= oldest)


def identifier(*parts: object) -> str:
    """Return an id made of what it stands for, so that a run repeats itself exactly."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, parts))))


def is_there(here: AccountRegion, resource: Endpoint | InferenceComponent) -> bool:
    """Return whether an endpoint or component has not been deleted."""
    return here.part(SageMakerStore).of_kind(resource.kind).get(resource.name) is resource
