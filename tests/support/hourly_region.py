"""A region whose endpoints live from hour to hour, as AWS would show it, and what each call costs.

Use, updates, tags, inference components, autoscaling and deletions come about as a seeded chance
has it. Calls are counted as AWS's pages are.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from sagewarden.application.ports import Listing
from sagewarden.domain.endpoint_metrics import evidence_series, variant_series
from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.resources import (
    Endpoint,
    EndpointKind,
    EndpointStatus,
    InferenceComponent,
    ResourceKind,
    Variant,
)
from tests.support.builders import NOW, a_ref, a_serverless_variant, a_variant, an_endpoint
from tests.support.fakes import FakeInventory

HOUR = timedelta(hours=1)
PUBLISHED_FOR = timedelta(days=14)
IAC = {"aws:cloudformation:stack-name": "ml"}


@dataclass(slots=True)
class Traffic:
    """Whether an endpoint is called, and how often that changes."""

    called: bool
    turns: float


class HourlyRegion(FakeInventory):
    """A region; also its CloudWatch, and what reads a part of it.

    Attributes:
        now: The present moment.
        calls: How many calls were made, by operation.
    """

    def __init__(self, seed: int, now: datetime = NOW) -> None:
        super().__init__()
        self.now = now
        self.calls: Counter[str] = Counter()
        self._chance = random.Random(seed)  # noqa: S311 - a simulation
        self._points: defaultdict[Series, dict[datetime, float]] = defaultdict(dict)
        self._traffic: dict[str, Traffic] = {}
        self._created = 0

    def create(self, name: str, *, age: timedelta = timedelta(0), called: bool = True) -> None:
        """Create an endpoint of some kind."""
        kinds = [self._plain, self._plain, self._plain, self._asynchronous, self._serverless]
        endpoint = self._chance.choice([*kinds, self._components, self._scaled])(name)
        born = self.now - age
        tags = self._chance.choice([{}, {}, {}, {"Owner": "mina"}, IAC])
        self.put(replace(endpoint, created=born, modified=born, tags=tags))
        self._traffic[name] = Traffic(called, self._chance.choice([0.0, 0.005, 0.02, 0.2]))

    def populate(self, number: int, history: timedelta) -> None:
        """Create endpoints of any age, and let them live up to now."""
        until = self.now
        for _ in range(number):
            age = self._chance.uniform(0, 30) * timedelta(days=1)
            self.create(self._name(), age=age, called=self._chance.random() < 0.8)
        self.now -= history
        while self.now < until:
            self._publish()
            self.now += HOUR
        self._publish()

    def pass_an_hour(self, chance: float) -> None:
        """Let an hour pass, in which each kind of change befalls an endpoint by a chance."""
        self.now += HOUR
        for endpoint in [item for item in self.resources.values() if isinstance(item, Endpoint)]:
            self._befall(endpoint, chance)
        self._publish()

    def endpoints(self, region: str) -> Listing[Endpoint]:
        """Every endpoint, with its tags and without details."""
        listing = super().endpoints(region)
        self._count("ListEndpoints", len(listing.items), 100)
        self._count("GetResources", sum(bool(item.tags) for item in listing.items), 100)
        return listing

    def describe(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Endpoint]:
        """The same endpoints, with details; not those that are gone."""
        bare = [item for item in endpoints if item.details is None]
        self._call("DescribeEndpoint", len(bare))
        self._call("DescribeEndpointConfig", len(bare))
        self._call("DescribeScalableTargets", min(1, len(endpoints)))
        there = [item for item in bare if item.ref.arn in self.resources]
        found = super().describe(region, there)
        kept = (self._kept(item) for item in endpoints if item.details is not None)
        return Listing((*found.items, *kept), found.incomplete)

    def updated_since(self, region: str, modified_after: datetime | None) -> Listing[Endpoint]:
        """The endpoints that were created or updated after a moment, without their tags."""
        items = super().endpoints(region).items
        found = [item for item in items if modified_after is None or item.modified > modified_after]
        self._count("ListEndpoints", len(found), 100)
        return Listing(tuple(replace(item, tags=None) for item in found))

    def tagged(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Endpoint]:
        """The same endpoints with their tags."""
        del region
        self._call("GetResources", ceil(len(endpoints) / 100))
        known = {arn: item.tags or {} for arn, item in self.resources.items()}
        return Listing(tuple(replace(item, tags=known.get(item.ref.arn, {})) for item in endpoints))

    def confirmed(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Endpoint]:
        """The same endpoints as they are now; not those that are gone."""
        del region
        self._call("DescribeEndpoint", len(endpoints))
        there = [item.ref.name for item in endpoints if item.ref.arn in self.resources]
        return Listing(
            tuple(replace(self.endpoint(name), tags=None, details=None) for name in there)
        )

    def published(self, region: str, metrics: Sequence[str]) -> Listing[Series]:
        """The series with a datapoint in the past two weeks."""
        del region
        found = [
            item
            for item, points in self._points.items()
            if item.metric in metrics and next(reversed(points)) > self.now - PUBLISHED_FOR
        ]
        for metric in metrics:
            self._count("ListMetrics", sum(item.metric == metric for item in found), 500)
        return Listing(tuple(found))

    def read(self, region: str, series: Iterable[Series], window: Window) -> Readings:
        """The datapoints of series, the newest first."""
        del region
        values: dict[Series, tuple[float, ...] | None] = {}
        used: dict[Series, datetime] = {}
        hours = [window.start + number * HOUR for number in reversed(range(window.buckets + 1))]
        for item in series:
            points = self._points.get(item, {})
            shown = [at for at in hours if at in points]
            values[item] = tuple(points[at] for at in shown)
            newest = next((at for at in shown if points[at] > 0), None)
            if newest is not None:
                used[item] = newest
        self._call("GetMetricData", ceil(len(values) / 500))
        return Readings(window, values, used=used)

    def _count(self, operation: str, number: int, page: int) -> None:
        self._call(operation, max(1, ceil(number / page)))

    def _call(self, operation: str, number: int) -> None:
        if number:
            self.calls[operation] += number

    def _kept(self, given: Endpoint) -> Endpoint:
        """An endpoint that came with details keeps them, but for autoscaling and components.

        That it is gone is not noticed: it is not described.
        """
        now = self.resources.get(given.ref.arn)
        if not isinstance(now, Endpoint) or given.details is None or now.details is None:
            return given
        minimums = {item.name: item.autoscaling_minimum for item in now.details.variants}
        variants = (
            replace(item, autoscaling_minimum=minimums.get(item.name))
            for item in given.details.variants
        )
        components = now.details.components
        details = replace(given.details, variants=tuple(variants), components=components)
        return replace(given, details=details)

    def _name(self) -> str:
        self._created += 1
        prefix = self._chance.choice(["prod", "prod", "dev", "keep"])
        return f"{prefix}-{self._created:05}"

    def _plain(self, name: str) -> Endpoint:
        return an_endpoint(name, a_variant())

    def _scaled(self, name: str) -> Endpoint:
        return an_endpoint(name, a_variant(autoscaling_minimum=1))

    def _asynchronous(self, name: str) -> Endpoint:
        return an_endpoint(name, a_variant(), asynchronous=True)

    def _serverless(self, name: str) -> Endpoint:
        return an_endpoint(name, a_serverless_variant(provisioned=self._chance.choice([0, 2])))

    def _components(self, name: str) -> Endpoint:
        variant = a_variant(hosts_components=True, managed_minimum=0)
        return an_endpoint(name, variant, components=(f"{name}-a", f"{name}-b"))

    def _befall(self, endpoint: Endpoint, chance: float) -> None:
        traffic = self._traffic[endpoint.ref.name]
        if self._chance.random() < traffic.turns:
            traffic.called = not traffic.called
        if endpoint.status is EndpointStatus.UPDATING:
            self.put(replace(endpoint, status=EndpointStatus.IN_SERVICE, modified=self.now))
            return
        for befall in (self._update, self._fail, self._retag, self._rescale, self._recompose):
            if self._chance.random() < chance:
                befall(self.endpoint(endpoint.ref.name))
        if self._chance.random() < chance:
            self.remove(endpoint.ref.name)
            again = self._chance.random() < 0.2
            self.create(endpoint.ref.name if again else self._name())

    def _update(self, endpoint: Endpoint) -> None:
        """A new config: of as many instances as chance has it, under another variant's name."""
        assert endpoint.details is not None
        if endpoint.details.kind is EndpointKind.REAL_TIME:
            name = self._chance.choice(["AllTraffic", "blue", "green"])
            count = self._chance.choice([1, 2])
            details = replace(endpoint.details, variants=(a_variant(name, instance_count=count),))
            endpoint = replace(endpoint, details=details)
        at = self.now - self._chance.uniform(0, 1) * HOUR
        self.put(replace(endpoint, status=EndpointStatus.UPDATING, modified=at))

    def _fail(self, endpoint: Endpoint) -> None:
        if self._chance.random() < 0.1:
            self.put(replace(endpoint, status=EndpointStatus.FAILED, modified=self.now))

    def _retag(self, endpoint: Endpoint) -> None:
        exempt = {"SagewardenExempt": "2027-06-30: migrating"}
        self.put(replace(endpoint, tags=self._chance.choice([{}, {}, exempt, IAC])))

    def _rescale(self, endpoint: Endpoint) -> None:
        """What Application Auto Scaling may do changes without an update."""
        assert endpoint.details is not None
        minimum = self._chance.choice([None, 0, 1])

        def rescaled(variant: Variant) -> Variant:
            return variant if variant.serverless else replace(variant, autoscaling_minimum=minimum)

        variants = tuple(rescaled(item) for item in endpoint.details.variants)
        self.put(replace(endpoint, details=replace(endpoint.details, variants=variants)))

    def _recompose(self, endpoint: Endpoint) -> None:
        """Components come, go and make room for themselves without an update of their endpoint."""
        details = endpoint.details
        if details is None or details.kind is not EndpointKind.COMPONENTS:
            return
        names = self._chance.choice([("a",), ("a", "b"), ("b", "c")])
        components = tuple(
            InferenceComponent(f"{endpoint.ref.name}-{name}", "AllTraffic") for name in names
        )
        count = self._chance.choice([0, 1, 2])
        variants = tuple(replace(item, instance_count=count) for item in details.variants)
        changed = replace(details, variants=variants, components=components)
        self.put(replace(endpoint, details=changed))

    def _publish(self) -> None:
        """The datapoints of the hour that has begun: zeros too, as long as something serves."""
        hour = self.now.replace(minute=0, second=0, microsecond=0)
        for item in self.resources.values():
            if not isinstance(item, Endpoint) or item.details is None or item.created > self.now:
                continue
            traffic = self._traffic[item.ref.name]
            for series in evidence_series(item.ref.name, item.details):
                often = self._chance.random() < 0.5
                self._points[series][hour] = 3.0 if traffic.called and often else 0.0

    def endpoint_at(self, name: str) -> Endpoint:
        """The endpoint of a name; not looked for among all others."""
        found = self.resources[a_ref(name, ResourceKind.ENDPOINT).arn]
        assert isinstance(found, Endpoint)
        return found

    def set_calls(
        self,
        endpoint: str,
        value: float,
        *,
        ago: timedelta = timedelta(0),
        variant: str = "AllTraffic",
    ) -> None:
        """Let a variant have a datapoint of the hour that has begun, or of one before."""
        hour = (self.now - ago).replace(minute=0, second=0, microsecond=0)
        self._points[variant_series("Invocations", endpoint, variant)][hour] = value
