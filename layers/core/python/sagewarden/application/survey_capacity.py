"""Collect and judge what the endpoint capacity rules speak of in one region."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sagewarden.application.plan_fleet import Fleet
from sagewarden.application.ports import UnreadableError
from sagewarden.application.scaling_ports import InstanceQuotas, Scaling
from sagewarden.application.survey import ungoverned, unread
from sagewarden.application.survey_concurrency import Surveyed
from sagewarden.domain.autoscaling.judgement import Sighting, settled
from sagewarden.domain.autoscaling.scaling import UNREGISTERED, Dimension, ScalingState
from sagewarden.domain.endpoint_capacity.judgement import Judged, judge_capacity
from sagewarden.domain.endpoint_capacity.region import judge_capacities
from sagewarden.domain.endpoint_capacity.rule import EndpointCapacity, Served
from sagewarden.domain.endpoint_capacity.seen import SeenCapacity, served_as, with_units
from sagewarden.domain.endpoint_capacity.use import WINDOW
from sagewarden.domain.inference_components import Component
from sagewarden.domain.metrics import Readings, Window
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import Endpoint, Resource, ResourceKind
from sagewarden.domain.rules import Policy, exempting

type Scalings = Mapping[Dimension, Scaling]


def survey_capacity(
    policy: Policy,
    region: str,
    fleet: Fleet,
    sources: tuple[Scalings, InstanceQuotas],
    now: datetime,
) -> Surveyed:
    """Read a region's endpoints and inference components, how they scale and are used; judge them.

    Calls: the list and tag pages of endpoints, and two descriptions for each that its status and
    tags do not settle, where a rule speaks of them; what listing inference components costs, where
    a rule speaks of those; Application Auto Scaling's three lists for either; a series of hourly
    metrics for each that is not registered, or keeps other than one; Service Quotas.

    Raises:
        UnreadableError: The resources could not be listed at all.
    """
    found: list[Endpoint | Component] = []
    gaps: list[Incomplete] = []
    kinds: Counter[str] = Counter()
    for kind in _kinds(policy):
        items, unlisted = _listed(kind, region, fleet)
        kinds[kind] = len(items)
        found += items
        gaps += unlisted
    account = next((item.ref.account for item in found), None)
    if strange := ungoverned(account, policy):
        return Surveyed(region, (), kinds, (*gaps, strange))
    if account:
        policy = policy.exempting(fleet.ledger.exemptions(account, region))
    rules = tuple(policy.capacity_rules)
    found, undescribed = _with_details(found, rules, region, fleet, now)
    gaps += undescribed
    seen = [with_units(item) for item in _covered(found, rules)]
    seen, unscaled = _with_scaling(seen, sources[0], region)
    readings = _use(seen, region, fleet, now)
    seen = [replace(item, readings=readings) for item in seen]
    sets = any(item.rule.sets and item.units for item in seen)
    quotas = sources[1].hosting(region) if sets else None
    ordered = sorted(seen, key=lambda item: item.resource.ref)
    judged = judge_capacities(ordered, quotas, fleet.prices, now)
    unmeasured = unread(region, readings) if readings else ()
    return Surveyed(region, judged, kinds, (*gaps, *unscaled, *unmeasured), account)


def capacity_again(
    seen: Sighting, resource: Resource, sources: tuple[Fleet, Scalings], now: datetime
) -> Judged:
    """Judge a fresh look at one resource.

    Args:
        seen: The resource as it was judged; the room that quotas leave it is kept.
        resource: The resource as it is now.
        sources: Its use and its exemptions, and how it scales, are read afresh from these.
        now: The moment of judgement (aware).

    Raises:
        UnreadableError: How it scales could not be read.
        TypeError: It is none of what such a rule speaks of.
    """
    if not isinstance(seen, SeenCapacity) or not isinstance(resource, Endpoint | Component):
        raise TypeError(f"{resource.ref.name} is none of what such a rule speaks of")
    fleet, ref = sources[0], resource.ref
    rooms = {unit.target: unit.room for unit in seen.units}
    rule = exempting(seen.rule, fleet.ledger.exemptions(ref.account, ref.region))
    fresh = with_units(SeenCapacity(resource, rule))
    scaling = sources[1][rule.what.dimension]
    units = tuple(
        replace(unit, room=rooms.get(unit.target), scaling=scaling.state(ref.region, unit.target))
        for unit in fresh.units
    )
    fresh = replace(fresh, units=units)
    readings = _use([fresh], ref.region, fleet, now)
    return judge_capacity(replace(fresh, readings=readings), fleet.prices, now)


def _kinds(policy: Policy) -> Iterator[ResourceKind]:
    """The kinds of resource that have to be listed for the rules."""
    whats = {rule.what for rule in policy.capacity_rules}
    if whats - {Served.COMPONENTS}:
        yield ResourceKind.ENDPOINT
    if Served.COMPONENTS in whats:
        yield ResourceKind.INFERENCE_COMPONENT


def _listed(
    kind: ResourceKind, region: str, fleet: Fleet
) -> tuple[list[Endpoint | Component], tuple[Incomplete, ...]]:
    if kind is ResourceKind.ENDPOINT:
        endpoints = fleet.inventory.endpoints(region)
        return list(endpoints.items), endpoints.incomplete
    found = fleet.inventory.found(kind, region)
    return [item for item in found.items if isinstance(item, Component)], found.incomplete


def _candidates(
    resource: Endpoint | Component, rules: Sequence[EndpointCapacity]
) -> list[EndpointCapacity]:
    """The rules that cover a resource, and may speak of its kind."""
    components = isinstance(resource, Component)
    return [
        rule
        for rule in rules
        if (rule.what is Served.COMPONENTS) is components and rule.scope.covers(resource)
    ]


def _with_details(
    found: Sequence[Endpoint | Component],
    rules: Sequence[EndpointCapacity],
    region: str,
    fleet: Fleet,
    now: datetime,
) -> tuple[list[Endpoint | Component], tuple[Incomplete, ...]]:
    """The same, with the details of endpoints whose status and tags do not settle what is said."""
    unsettled = [
        item
        for item in found
        if isinstance(item, Endpoint)
        and any(settled(item, rule.scope, now) is None for rule in _candidates(item, rules))
    ]
    described = fleet.inventory.describe(region, unsettled)
    by_arn = {item.ref.arn: item for item in described.items}
    return [by_arn.get(item.ref.arn, item) for item in found], described.incomplete


def _covered(
    found: Sequence[Endpoint | Component], rules: Sequence[EndpointCapacity]
) -> Iterator[SeenCapacity]:
    """Each resource with the first rule that speaks of its kind, or else that covers it."""
    for item in found:
        candidates = _candidates(item, rules)
        fitting = (rule for rule in candidates if rule.what is served_as(item))
        rule = next(fitting, candidates[0] if candidates else None)
        if rule is not None:
            yield SeenCapacity(item, rule)


def _with_scaling(
    seen: Sequence[SeenCapacity], scalings: Scalings, region: str
) -> tuple[list[SeenCapacity], tuple[Incomplete, ...]]:
    """The same with what is registered for each; nothing where that could not be read."""
    known: dict[str, Mapping[str, ScalingState]] = {}
    incomplete: list[Incomplete] = []
    for dimension in sorted({item.dimension for item in seen if item.units}):
        try:
            known[dimension] = scalings[dimension].states(region)
        except UnreadableError as error:
            incomplete.append(Incomplete(error.what, error.why))

    def state(item: SeenCapacity, target: str) -> ScalingState | None:
        states = known.get(item.dimension)
        return states.get(target, UNREGISTERED) if states is not None else None

    told = [
        replace(
            item,
            units=tuple(replace(unit, scaling=state(item, unit.target)) for unit in item.units),
        )
        for item in seen
    ]
    return told, tuple(incomplete)


def _use(seen: Sequence[SeenCapacity], region: str, fleet: Fleet, now: datetime) -> Readings | None:
    """The use over the past two weeks of all that it matters of."""
    series = [
        series
        for item in seen
        if item.unsettled
        for unit in item.units
        for series in (unit.calls, *unit.use)
    ]
    return fleet.telemetry.read(region, series, Window.before(now, WINDOW)) if series else None
