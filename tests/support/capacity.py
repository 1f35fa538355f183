"""Builders of endpoint capacity rules and of what they judge."""

from dataclasses import replace

from sagewarden.domain.autoscaling.scaling import UNREGISTERED, Capacity, ScalingState
from sagewarden.domain.endpoint_capacity.rule import EndpointCapacity, Served
from sagewarden.domain.endpoint_capacity.seen import SeenCapacity, with_units
from sagewarden.domain.inference_components import Component, ComponentStatus
from sagewarden.domain.metrics import Readings
from sagewarden.domain.resources import Endpoint, ResourceKind, Tags, Variant
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.scope import Mode, Scope
from tests.support.builders import LONG_AGO, a_ref, a_schedule_book, a_scope, a_variant


def a_capacity_rule(
    rule: str = "by-hours",
    *,
    what: Served = Served.REAL_TIME,
    during: tuple[int, int] = (2, 4),
    outside: tuple[int, int] = (1, 1),
    target: float | None = None,
    schedules: ScheduleBook | None = None,
    hours: bool = True,
    sets: bool = True,
    scope: Scope | None = None,
    mode: Mode = Mode.ENFORCE,
    adopt: bool = False,
) -> EndpointCapacity:
    """Two to four instances in business hours in Seoul, one outside them."""
    return EndpointCapacity(
        scope=scope or a_scope(rule, mode=mode),
        what=what,
        bounds=Capacity(*during),
        outside=Capacity(*outside),
        schedules=(schedules or a_schedule_book()) if hours and sets else None,
        target_value=target,
        sets=sets,
        adopt=adopt,
    )


def a_component(
    name: str = "llm",
    *,
    copies: int | None = 1,
    minimum: int | None = 0,
    count: int = 1,
    alone: bool = True,
    status: str = "InService",
    endpoint_status: str = "InService",
    tags: Tags | None = None,
    variant: Variant | None = None,
) -> Component:
    """An inference component, alone on a variant that may have no instance."""
    host = variant or a_variant(
        instance_count=count, hosts_components=True, managed_minimum=minimum
    )
    return Component(
        ref=a_ref(name, ResourceKind.INFERENCE_COMPONENT),
        status=ComponentStatus(status),
        created=LONG_AGO,
        modified=LONG_AGO,
        tags=dict(tags or {}),
        endpoint="host",
        endpoint_status=endpoint_status,
        copies=copies,
        variant=host,
        alone=alone,
    )


def seen_capacity(
    resource: Endpoint | Component,
    rule: EndpointCapacity | None = None,
    scaling: ScalingState | None = UNREGISTERED,
    readings: Readings | None = None,
) -> SeenCapacity:
    """What was seen of a resource all of whose units are registered alike."""
    seen = with_units(SeenCapacity(resource, rule or a_capacity_rule()))
    units = tuple(replace(unit, scaling=scaling) for unit in seen.units)
    return replace(seen, units=units, readings=readings)
