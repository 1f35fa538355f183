"""What was seen of one endpoint or inference component that may have to scale otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sagewarden.domain.autoscaling.desired import Terms
from sagewarden.domain.autoscaling.scaling import (
    WAKE,
    Capacity,
    Dimension,
    ScalingState,
    component_id,
    resource_id,
)
from sagewarden.domain.endpoint_capacity.rule import EndpointCapacity, Served
from sagewarden.domain.endpoint_metrics import (
    INVOCATIONS,
    INVOCATIONS_PROCESSED,
    backlog_series,
    component_series,
    variant_series,
)
from sagewarden.domain.inference_components import Component
from sagewarden.domain.metrics import Readings, Series
from sagewarden.domain.resources import Endpoint, EndpointKind
from sagewarden.domain.verdicts import Verdict, VerdictKind

_KINDS = {EndpointKind.REAL_TIME: Served.REAL_TIME, EndpointKind.ASYNC: Served.ASYNC}


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that scales: a variant, or an inference component.

    Attributes:
        target: What Application Auto Scaling calls it.
        count: How many instances or copies it has now; None when not known.
        calls: The series of what it served.
        use: All series that tell whether it is used.
        stays: Why it must not go to none; None where it may.
        types: The instance types that it may run on; () where it has no instances of its own.
        frees: How many instances its going to none would free; None when not known.
        scaling: What Application Auto Scaling holds for it; None when unreadable.
        room: The most that quotas leave it; None when that is not known, or nothing limits it.
    """

    target: str
    count: int | None
    calls: Series
    use: tuple[Series, ...]
    stays: str | None
    types: tuple[str, ...] = ()
    frees: int | None = None
    scaling: ScalingState | None = None
    room: int | None = None

    def bounds(self, wanted: Capacity) -> Capacity:
        """Bounds that a rule asks for, within what is possible for it."""
        if self.room is not None:
            wanted = wanted.within(max(self.room, 1))
        return wanted if self.stays is None else wanted.awake()

    def terms(self, rule: EndpointCapacity) -> Terms:
        """What its rule asks of it, within what is possible for it."""
        inside = self.bounds(rule.bounds)
        outside = self.bounds(rule.outside) if rule.keeps_hours else inside
        may_sleep = 0 in {inside.least, outside.least}
        return Terms(inside, outside, (*rule.policies, *((WAKE,) if may_sleep else ())))


@dataclass(frozen=True, slots=True)
class SeenCapacity:
    """What was seen of one resource, and the rule that speaks of it.

    Attributes:
        resource: An endpoint, or an inference component.
        rule: The first rule of the policy that covers it and speaks of its kind, or else the first
            that covers it.
        units: What of it scales.
        readings: Its use over the past two weeks; None where it was not asked for.
    """

    resource: Endpoint | Component
    rule: EndpointCapacity
    units: tuple[Unit, ...] = ()
    readings: Readings | None = None

    def verdict(self, kind: VerdictKind, reason: str) -> Verdict:
        """A verdict that leads to no action."""
        return self.rule.scope.verdict(self.resource, kind, reason)

    @property
    def dimension(self) -> Dimension:
        """Along what it scales."""
        return self.rule.what.dimension

    @property
    def unsettled(self) -> bool:
        """Whether how much it is used may matter: it has more than its rule allows or needs."""
        most = self.rule.bounds.most
        return any(_may_waste(unit) or (unit.count or 0) > most for unit in self.units)


def served_as(resource: Endpoint | Component) -> Served | None:
    """What a rule must speak of to speak of a resource; None where no such rule does."""
    if isinstance(resource, Component):
        return Served.COMPONENTS
    return _KINDS.get(resource.details.kind) if resource.details else None


def with_units(seen: SeenCapacity) -> SeenCapacity:
    """The same, with what of it scales: without shadow variants, which AWS does not scale."""
    if seen.rule.what is not served_as(seen.resource):
        return seen
    return replace(seen, units=tuple(_units(seen.resource)))


def _units(resource: Endpoint | Component) -> Iterator[Unit]:
    if isinstance(resource, Component):
        yield _component(resource)
        return
    details, name = resource.details, resource.ref.name
    for variant in details.variants if details else ():
        if variant.shadow or variant.serverless or variant.managed_minimum is not None:
            continue
        asynchronous = details is not None and details.asynchronous
        metric = INVOCATIONS_PROCESSED if asynchronous else INVOCATIONS
        calls = variant_series(metric, name, variant.name)
        yield Unit(
            target=resource_id(name, variant.name),
            count=variant.instance_count,
            calls=calls,
            use=(calls, backlog_series(name)) if asynchronous else (calls,),
            stays=None if asynchronous else "a real-time variant keeps one instance",
            types=variant.instance_types,
            frees=variant.instance_count,
        )


def _component(component: Component) -> Unit:
    variant, calls = component.variant, component_series(component.ref.name)
    minimum = variant.managed_minimum if variant else None
    stays = None
    if minimum != 0:
        stays = "its variant keeps instances (ManagedInstanceScaling.MinInstanceCount is not 0)"
    return Unit(
        target=component_id(component.ref.name),
        count=component.copies,
        calls=calls,
        use=(calls,),
        stays=stays,
        types=variant.instance_types if variant else (),
        frees=variant.instance_count if variant and component.alone and minimum == 0 else None,
    )


def _may_waste(unit: Unit) -> bool:
    target = unit.scaling.target if unit.scaling else None
    return target is None or target.capacity.least > 1 or target.capacity.least == 0
