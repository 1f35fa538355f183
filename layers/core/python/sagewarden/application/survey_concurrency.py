"""Collect what the provisioned concurrency rules need to know of one region."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sagewarden.application.plan_fleet import Fleet
from sagewarden.application.ports import UnreadableError
from sagewarden.application.scaling_ports import QuotaSource, Scaling
from sagewarden.application.survey import ungoverned, unread
from sagewarden.domain.autoscaling.judgement import Judgement, Sighting, settled
from sagewarden.domain.autoscaling.scaling import UNREGISTERED, ScalingState
from sagewarden.domain.endpoint_metrics import evidence_series
from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.provisioned_concurrency.judgement import Seen
from sagewarden.domain.provisioned_concurrency.quotas import Quotas, documented_quotas
from sagewarden.domain.provisioned_concurrency.rule import ProvisionedConcurrency
from sagewarden.domain.resources import Endpoint
from sagewarden.domain.rules import Policy

type Covered = tuple[Endpoint, ProvisionedConcurrency]


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What was seen and judged of a region.

    Attributes:
        region: The region.
        judged: Each resource that a rule covers, judged.
        kinds: How many resources of each kind there are.
        incomplete: What could not be read.
        account: The account that ARNs name, if there are any.
    """

    region: str
    judged: tuple[Judgement[Sighting], ...] = ()
    kinds: Counter[str] = field(default_factory=Counter[str])
    incomplete: tuple[Incomplete, ...] = ()
    account: str | None = None


@dataclass(frozen=True, slots=True)
class ConcurrencySurvey:
    """What was seen of one region.

    Attributes:
        endpoints: How many endpoints it has.
        seen: Those that a rule covers, each with the first that does.
        known: The most that may be provisioned for each variant that is known, by resource id.
        quotas: What the region allows.
        incomplete: What could not be read.
        account: The account that the endpoints' ARNs name, if there are any.
    """

    endpoints: int
    seen: tuple[Seen, ...]
    known: Mapping[str, int]
    quotas: Quotas
    incomplete: tuple[Incomplete, ...] = ()
    account: str | None = None


def survey_concurrency(
    policy: Policy,
    region: str,
    fleet: Fleet,
    sources: tuple[Scaling, QuotaSource],
    now: datetime,
) -> ConcurrencySurvey:
    """Read a region's serverless endpoints and how they scale.

    Calls: the list and tag pages of endpoints; two descriptions for each that its status and tags
    do not settle; when any of them is serverless, the pages of Application Auto Scaling's three
    lists and of Service Quotas; metrics for those whose rule releases what nobody uses.

    Raises:
        UnreadableError: The endpoints could not be listed at all.
    """
    listed = fleet.inventory.endpoints(region)
    account = next((endpoint.ref.account for endpoint in listed.items), None)
    nothing = ConcurrencySurvey(len(listed.items), (), {}, documented_quotas(region))
    if strange := ungoverned(account, policy):
        return replace(nothing, incomplete=(strange,))
    if account:
        policy = policy.exempting(fleet.ledger.exemptions(account, region))
    covered = [(item, rule) for item in listed.items if (rule := _first_rule(policy, item))]
    open_ones = [item for item, rule in covered if settled(item, rule.scope, now) is None]
    described = fleet.inventory.describe(region, open_ones)
    by_arn = {item.ref.arn: item for item in described.items}
    covered = [(by_arn.get(item.ref.arn, item), rule) for item, rule in covered]
    incomplete = (*listed.incomplete, *described.incomplete)
    if not any(Seen(*pair).target for pair in covered):
        seen = tuple(Seen(*pair) for pair in covered)
        return replace(nothing, seen=seen, incomplete=incomplete, account=account)
    states, unscaled = _states(sources[0], region)
    readings = _readings(covered, fleet, region, now)
    seen = tuple(_seen(pair, states, readings) for pair in covered)
    return ConcurrencySurvey(
        len(listed.items),
        seen,
        _known(seen, states or {}),
        sources[1].of(region),
        (
            *incomplete,
            *unscaled,
            *(gap for read in readings.values() for gap in unread(region, read)),
        ),
        account,
    )


def read_use(
    endpoint: Endpoint, rule: ProvisionedConcurrency, fleet: Fleet, now: datetime
) -> Readings | None:
    """The use of one endpoint over its rule's release window; None where it releases nothing."""
    return _readings([(endpoint, rule)], fleet, endpoint.ref.region, now).get(rule.release_after)


def _first_rule(policy: Policy, endpoint: Endpoint) -> ProvisionedConcurrency | None:
    """The first rule that covers an endpoint: two of them would undo each other's work."""
    return next((rule for rule in policy.concurrency_rules if rule.scope.covers(endpoint)), None)


def _states(
    scaling: Scaling, region: str
) -> tuple[Mapping[str, ScalingState] | None, tuple[Incomplete, ...]]:
    try:
        return scaling.states(region), ()
    except UnreadableError as error:
        return None, (Incomplete(error.what, error.why),)


def _readings(
    covered: Sequence[Covered], fleet: Fleet, region: str, now: datetime
) -> Mapping[timedelta | None, Readings]:
    series: defaultdict[timedelta, list[Series]] = defaultdict(list)
    for endpoint, rule in covered:
        if rule.release_after is None or endpoint.details is None:
            continue
        if Seen(endpoint, rule).provisioned:
            series[rule.release_after] += evidence_series(endpoint.ref.name, endpoint.details)
    return {
        length: fleet.telemetry.read(region, items, Window.before(now, length))
        for length, items in series.items()
    }


def _seen(
    pair: Covered,
    states: Mapping[str, ScalingState] | None,
    readings: Mapping[timedelta | None, Readings],
) -> Seen:
    endpoint, rule = pair
    target = Seen(endpoint, rule).target
    scaling = states.get(target or "", UNREGISTERED) if states is not None else None
    return Seen(endpoint, rule, scaling, readings.get(rule.release_after))


def _known(seen: Sequence[Seen], states: Mapping[str, ScalingState]) -> Mapping[str, int]:
    """What may be provisioned: up to a target's maximum, or else what is provisioned now."""
    known = {item.target: item.provisioned for item in seen if item.target}
    for name, state in states.items():
        if state.target:
            known[name] = max(known.get(name, 0), state.target.capacity.most)
    return known
