"""Collect what the rules need to know of one region, with as few calls as any program can.

List pages and tags come in bulk; ListMetrics tells which series exist, GetMetricData reads them
500 at a time, and only endpoints that no metric shows in use are described (two calls each).
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from sagewarden.application.ports import Inventory, Listing, Telemetry
from sagewarden.domain.endpoint_metrics import USE_METRICS, concerns
from sagewarden.domain.idle_endpoints import IdleEndpoints, settled_verdict, use_of
from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import (
    ALWAYS_SWEPT,
    Endpoint,
    NotebookInstance,
    Resource,
    ResourceKind,
    ResourceRef,
    StudioApp,
    StudioResource,
    TrainingJob,
)
from sagewarden.domain.rules import Policy

_LISTED = ALWAYS_SWEPT | {ResourceKind.STUDIO_USER_PROFILE, ResourceKind.STUDIO_APP}
"""The kinds that have a list of their own."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What was seen of one region.

    Attributes:
        region: The region.
        notebooks: Its notebook instances.
        endpoints: Its endpoints, with details where a verdict may depend on them.
        jobs: Its training jobs in progress.
        domains: Its Studio domains.
        profiles: Its Studio user profiles.
        apps: Its Studio apps that cost anything.
        others: What it has of every other kind of which some rule speaks, by kind.
        measured: By the name of each rule that judges by itself, the metrics it asked for.
        readings: The use metrics by the length of the window they were read over.
        incomplete: What could not be read.
        unread: What was not read, and the moment before which no rule can find it in violation.
    """

    region: str
    notebooks: tuple[NotebookInstance, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    readings: Mapping[timedelta, Readings] = field(default_factory=dict[timedelta, Readings])
    incomplete: tuple[Incomplete, ...] = ()
    jobs: tuple[TrainingJob, ...] = ()
    domains: tuple[StudioResource, ...] = ()
    profiles: tuple[StudioResource, ...] = ()
    apps: tuple[StudioApp, ...] = ()
    others: Mapping[str, tuple[Resource, ...]] = field(
        default_factory=dict[str, tuple[Resource, ...]]
    )
    measured: Mapping[str, Readings] = field(default_factory=dict[str, Readings])
    unread: Mapping[ResourceRef, datetime] = field(default_factory=dict[ResourceRef, datetime])

    @property
    def account(self) -> str | None:
        """The account that the resources' ARNs name."""
        seen = (item.ref for item in self.resources)
        return next((ref.account for ref in chain(seen, self.unread)), None)

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Everything that was seen."""
        studio: tuple[Resource, ...] = (*self.domains, *self.profiles, *self.apps)
        others = (item for items in self.others.values() for item in items)
        return (*self.notebooks, *self.endpoints, *self.jobs, *studio, *others)

    def of_kind(self, kind: str) -> Sequence[Resource]:
        """What was seen of one kind."""
        kinds: Mapping[str, Sequence[Resource]] = {
            ResourceKind.NOTEBOOK_INSTANCE: self.notebooks,
            ResourceKind.ENDPOINT: self.endpoints,
            ResourceKind.TRAINING_JOB: self.jobs,
            ResourceKind.STUDIO_DOMAIN: self.domains,
            ResourceKind.STUDIO_USER_PROFILE: self.profiles,
            ResourceKind.STUDIO_APP: self.apps,
        }
        return kinds[kind] if kind in kinds else self.others.get(kind, ())


def survey(
    region: str, policy: Policy, inventory: Inventory, telemetry: Telemetry, now: datetime
) -> Survey:
    """Collect what a policy's rules need to know of one region.

    Nothing is seen of an account that the policy does not govern; it is reported as incomplete.
    """
    listed = _listed(region, policy, inventory)
    if strange := ungoverned(listed.account, policy):
        return Survey(region, incomplete=(strange,))
    if rules := tuple(policy.endpoint_rules):
        seen = _with_use(region, listed.endpoints, rules, inventory, telemetry, now)
        listed = replace(
            listed,
            endpoints=seen.endpoints,
            readings=seen.readings,
            incomplete=(*listed.incomplete, *seen.incomplete),
        )
    return _measured(_with_details(listed, policy, inventory), policy, telemetry, now)


def ungoverned(account: str | None, policy: Policy) -> Incomplete | None:
    """Why nothing is seen of an account, when the policy does not govern it."""
    if account is None or policy.governs(account):
        return None
    return Incomplete(f"account {account}", "the policy's targets do not name it")


def _listed(region: str, policy: Policy, inventory: Inventory) -> Survey:
    """List the kinds of which some rule speaks, and no other; all at once."""
    kinds = {kind for kind in ResourceKind for rule in policy.guardrails if rule.sweeps(kind)}
    if any(ResourceKind.NOTEBOOK_INSTANCE in rule.kinds for rule in policy.notebook_rules):
        kinds.add(ResourceKind.NOTEBOOK_INSTANCE)
    if any(policy.app_rules):
        kinds.add(ResourceKind.STUDIO_APP)
    if any(policy.endpoint_rules):
        kinds.add(ResourceKind.ENDPOINT)
    kinds |= {ResourceKind(kind) for rule in policy.judged_rules for kind in rule.kinds}

    with ThreadPoolExecutor(max(1, len(kinds))) as pool:

        def of[T](
            kind: ResourceKind, listing: Callable[[str], Listing[T]]
        ) -> Callable[[], Listing[T]]:
            """Begin a listing, and give what waits for its end."""
            return pool.submit(listing, region).result if kind in kinds else lambda: Listing(())

        notebooks = of(ResourceKind.NOTEBOOK_INSTANCE, inventory.notebooks)
        endpoints = of(ResourceKind.ENDPOINT, inventory.endpoints)
        jobs = of(ResourceKind.TRAINING_JOB, inventory.training_jobs)
        domains = of(ResourceKind.STUDIO_DOMAIN, inventory.studio_domains)
        profiles = of(ResourceKind.STUDIO_USER_PROFILE, inventory.user_profiles)
        apps = of(ResourceKind.STUDIO_APP, inventory.studio_apps)
        others = {
            kind: of(kind, partial(inventory.found, kind)) for kind in sorted(kinds - _LISTED)
        }
    every = (notebooks, endpoints, jobs, domains, profiles, apps, *others.values())
    return Survey(
        region,
        notebooks=notebooks().items,
        endpoints=endpoints().items,
        jobs=jobs().items,
        domains=domains().items,
        profiles=profiles().items,
        apps=apps().items,
        others={kind: listing().items for kind, listing in others.items()},
        incomplete=tuple(item for listing in every for item in listing().incomplete),
    )


def _with_details(seen: Survey, policy: Policy, inventory: Inventory) -> Survey:
    """Describe what a guardrail cannot judge by the list page: two calls for each endpoint."""
    rules = [
        rule
        for rule in policy.guardrails
        if rule.speaks_of(ResourceKind.ENDPOINT) and rule.needs_details
    ]
    wanted = [
        endpoint
        for endpoint in seen.endpoints
        if endpoint.details is None and any(rule.scope.covers(endpoint) for rule in rules)
    ]
    described = inventory.describe(seen.region, wanted)
    return replace(
        seen,
        endpoints=_updated(seen.endpoints, wanted, described),
        incomplete=(*seen.incomplete, *described.incomplete),
    )


def _measured(seen: Survey, policy: Policy, telemetry: Telemetry, now: datetime) -> Survey:
    """Read what rules that judge by themselves ask for: rules over one window in one go."""
    asked: dict[Window, set[Series]] = {}
    windows: dict[str, Window] = {}
    for rule in policy.judged_rules:
        if (window := rule.window(now)) is None:
            continue
        windows[rule.scope.rule] = window
        series = asked.setdefault(window, set())
        for resource in (item for kind in rule.kinds for item in seen.of_kind(kind)):
            if rule.scope.covers(resource):
                series.update(rule.series(resource, now))
    read = {window: telemetry.read(seen.region, series, window) for window, series in asked.items()}
    return replace(
        seen,
        measured={rule: read[window] for rule, window in windows.items()},
        incomplete=(
            *seen.incomplete,
            *(item for readings in read.values() for item in unread(seen.region, readings)),
        ),
    )


def _with_use(
    region: str,
    endpoints: tuple[Endpoint, ...],
    rules: Sequence[IdleEndpoints],
    inventory: Inventory,
    telemetry: Telemetry,
    now: datetime,
) -> Survey:
    """Read use metrics, and describe the endpoints that none of them shows in use."""
    windows = {endpoint.ref.arn: open_windows(endpoint, rules, now) for endpoint in endpoints}
    open_questions = {length for lengths in windows.values() for length in lengths}
    if not open_questions:
        return Survey(region, endpoints=endpoints)
    published = telemetry.published(region, USE_METRICS)
    readings: dict[timedelta, Readings] = {}
    for length in sorted(open_questions):
        names = {item.ref.name for item in endpoints if length in windows[item.ref.arn]}
        series = [item for item in published.items if concerns(item, names)]
        read = telemetry.read(region, series, Window.before(now, length))
        readings[length] = replace(read, complete=not published.incomplete)
    candidates = [
        endpoint
        for endpoint in endpoints
        if any(use_of(endpoint, readings[length]) is None for length in windows[endpoint.ref.arn])
    ]
    described = inventory.describe(region, candidates)
    incomplete = [*published.incomplete, *described.incomplete]
    incomplete += [item for read in readings.values() for item in unread(region, read)]
    return Survey(
        region,
        endpoints=_updated(endpoints, candidates, described),
        readings=readings,
        incomplete=tuple(incomplete),
    )


def _updated(
    listed: Sequence[Endpoint], wanted: Sequence[Endpoint], described: Listing[Endpoint]
) -> tuple[Endpoint, ...]:
    """The listed endpoints, as they were described where they were, without what is gone."""
    found = {item.ref.arn: item for item in described.items}
    gone = set() if described.incomplete else {item.ref.arn for item in wanted} - found.keys()
    return tuple(found.get(item.ref.arn, item) for item in listed if item.ref.arn not in gone)


def open_windows(
    endpoint: Endpoint, rules: Sequence[IdleEndpoints], now: datetime
) -> frozenset[timedelta]:
    """The windows over which an endpoint's use must be known to judge it."""
    return frozenset(
        rule.window
        for rule in rules
        if rule.scope.covers(endpoint) and settled_verdict(endpoint, rule, now) is None
    )


def unread(region: str, readings: Readings) -> list[Incomplete]:
    """One line for all the series of a window that could not be read."""
    number = sum(values is None for values in readings.values.values())
    if not number:
        return []
    hours = (readings.window.end - readings.window.start) / timedelta(hours=1)
    return [Incomplete(f"{number} metrics over {hours:g} h in {region}", "CloudWatch gave no data")]
