"""Builders of provisioned concurrency rules, and Application Auto Scaling in memory."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.domain.autoscaling.scaling import (
    UNREGISTERED,
    Capacity,
    ScalableTarget,
    ScalingPolicy,
    ScalingState,
    ScheduledAction,
)
from sagewarden.domain.autoscaling.steps import (
    DeletePolicy,
    DeleteScheduledAction,
    DeregisterTarget,
    PutPolicy,
    PutScheduledAction,
    RegisterTarget,
    Step,
)
from sagewarden.domain.provisioned_concurrency.judgement import Seen
from sagewarden.domain.provisioned_concurrency.quotas import Quotas
from sagewarden.domain.provisioned_concurrency.rule import ProvisionedConcurrency, Strategy
from sagewarden.domain.resources import Endpoint, Tags
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.scope import Mode, Scope
from tests.support.builders import a_schedule_book, a_scope, a_serverless_variant, an_endpoint


def a_concurrency_rule(
    rule: str = "warm-for-the-day",
    *,
    strategy: Strategy = Strategy.BOTH,
    bounds: tuple[int, int] = (5, 20),
    outside: tuple[int, int] = (1, 1),
    schedules: ScheduleBook | None = None,
    scope: Scope | None = None,
    mode: Mode = Mode.ENFORCE,
    release_after: timedelta | None = None,
    adopt: bool = False,
) -> ProvisionedConcurrency:
    """Five to twenty in business hours in Seoul, one outside them, at 70 % utilisation."""
    return ProvisionedConcurrency(
        scope=scope or a_scope(rule, mode=mode),
        strategy=strategy,
        bounds=Capacity(*bounds),
        outside=Capacity(*outside),
        schedules=(schedules or a_schedule_book()) if strategy.keeps_hours else None,
        release_after=release_after,
        adopt=adopt,
    )


def a_warm_endpoint(
    name: str = "ep",
    *,
    provisioned: int = 5,
    concurrency: int = 50,
    status: str = "InService",
    tags: Tags | None = None,
) -> Endpoint:
    """A serverless endpoint with provisioned concurrency."""
    variant = a_serverless_variant(provisioned=provisioned, concurrency=concurrency)
    return an_endpoint(name, variant, status=status, tags=tags)


def what_was_seen(
    endpoint: Endpoint | None = None,
    rule: ProvisionedConcurrency | None = None,
    scaling: ScalingState | None = UNREGISTERED,
    room: int = 200,
) -> Seen:
    """A warm endpoint that is not registered."""
    return Seen(endpoint or a_warm_endpoint(), rule or a_concurrency_rule(), scaling, None, room)


def somebodys_target(least: int = 2, most: int = 9, policy: str = "team-policy") -> ScalingState:
    """A target that somebody else registered, with a policy."""
    target = ScalableTarget(Capacity(least, most))
    return ScalingState(target, (ScalingPolicy(policy, 0.5),))


def after(state: ScalingState, *steps: Step) -> ScalingState:
    """What Application Auto Scaling holds after steps, as its API documents them.

    Raises:
        ActionFailedError: A step needs a target, and there is none, or AWS would refuse a second
            policy that tracks the same metric.
    """
    for step in steps:
        state = _after(state, step)
    return state


def _after(state: ScalingState, step: Step) -> ScalingState:
    if isinstance(step, RegisterTarget):
        return replace(state, target=ScalableTarget(step.capacity))
    if state.target is None:
        raise ActionFailedError("ObjectNotFoundException: no scalable target")
    policies = {item.name: item for item in state.policies}
    actions = {item.name: item for item in state.scheduled}
    match step:
        case DeregisterTarget():
            return UNREGISTERED
        case PutPolicy(policy):
            others = (item for item in state.policies if item.name != policy.name)
            if policy.target_value and any(item.target_value for item in others):
                raise ActionFailedError(
                    "ValidationException: Only one TargetTrackingScaling policy"
                )
            policies[policy.name] = policy
        case DeletePolicy(name):
            policies.pop(name, None)
        case PutScheduledAction(action):
            actions[action.name] = action
        case DeleteScheduledAction(name):
            actions.pop(name, None)
    return replace(state, policies=_sorted(policies), scheduled=_sorted(actions))


def _sorted[T: ScalingPolicy | ScheduledAction](items: Mapping[str, T]) -> tuple[T, ...]:
    return tuple(items[name] for name in sorted(items))


class FakeScaling:
    """Application Auto Scaling in memory.

    Attributes:
        held: What is registered, by resource id.
        steps: The steps that were taken, with their targets, in order.
        unreadable: Whether nothing can be read.
        failing: The kinds of step that fail.
        before_read: Called before one variant is read, to let something happen in between.
    """

    def __init__(self) -> None:
        self.held: dict[str, ScalingState] = {}
        self.steps: list[tuple[str, Step]] = []
        self.unreadable = False
        self.failing: tuple[type, ...] = ()
        self.before_read: Callable[[], None] = lambda: None

    def states(self, region: str) -> Mapping[str, ScalingState]:
        """What is registered in a region."""
        self._answer(region)
        return dict(self.held)

    def state(self, region: str, target: str) -> ScalingState:
        """What is registered for one variant."""
        self.before_read()
        self._answer(region)
        return self.held.get(target, UNREGISTERED)

    def apply(self, region: str, target: str, step: Step) -> None:  # noqa: ARG002 - the port's
        """Take a step."""
        if isinstance(step, self.failing):
            raise ActionFailedError(f"{type(step).__name__} failed: ThrottlingException")
        self.held[target] = after(self.held.get(target, UNREGISTERED), step)
        self.steps.append((target, step))

    def bounds(self, target: str) -> Capacity | None:
        """The bounds that are registered for one variant, if any are."""
        registered = self.held.get(target, UNREGISTERED).target
        return registered.capacity if registered else None

    def command(self, region: str, target: str, step: Step) -> str:
        """Name a step."""
        return f"{type(step).__name__} {target} {region}"

    def _answer(self, region: str) -> None:
        if self.unreadable:
            raise UnreadableError(f"autoscaling in {region}", "AccessDeniedException")


class FakeQuotas:
    """Quotas that a test sets."""

    def __init__(
        self, quotas: Quotas | None = None, hosting: Mapping[str, int] | None = None
    ) -> None:
        self.quotas = quotas or Quotas(region_total=500)
        self.instances = hosting

    def hosting(self, region: str) -> Mapping[str, int] | None:  # noqa: ARG002 - the port's
        """How many instances of each type endpoints may have."""
        return self.instances

    def of(self, region: str) -> Quotas:  # noqa: ARG002 - the port's
        """What a region allows."""
        return self.quotas
