"""Look at what runs and how it is used, and advise what would do the same for less."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sagewarden.application.ports import Inventory, Listing, Telemetry
from sagewarden.application.scaling_ports import QuotaSource
from sagewarden.domain.advice.advice import Advice, ranked
from sagewarden.domain.advice.advisor import advice_on
from sagewarden.domain.advice.catalogue import Catalogue
from sagewarden.domain.advice.elastic_inference import Naming, Place
from sagewarden.domain.advice.elastic_replacement import in_place_of
from sagewarden.domain.advice.gaps import gaps
from sagewarden.domain.advice.knowledge import Knowledge, Lines
from sagewarden.domain.advice.report import Report, Unjudged, joined
from sagewarden.domain.advice.usage import Usage, series, usage_of
from sagewarden.domain.advice.workload import Hosting, Workload
from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.money import PriceBook
from sagewarden.domain.owners import Owners, named_in
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import Endpoint, EndpointStatus, Tags

LOOKED_BACK = timedelta(days=14)
"""Two weeks: each day of the week twice; CloudWatch keeps hourly figures for 455 days."""

MOST_REGIONS_AT_ONCE = 4


class HostingSource(Protocol):
    """Reads what endpoints' configurations, models and autoscaling say."""

    def of(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Hosting]:
        """What the configurations of endpoints say, which have details; and what was unreadable."""
        ...


class AcceleratorSource(Protocol):
    """Reads where Elastic Inference is still named."""

    def naming(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Naming]:
        """Everything in a region that names it.

        Args:
            region: The region.
            endpoints: The endpoints there are, with the details that tell their configurations.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceHands:
    """What advising needs from the world outside.

    Attributes:
        inventory: Reads resources.
        telemetry: Reads metrics.
        hosting: Reads configurations, models and autoscaling.
        accelerators: Where Elastic Inference may be named: SageMaker, ECS.
        quotas: Service Quotas.
        prices: List prices.
        catalogue: What instance types have.
        lines: Where lines are drawn.
    """

    inventory: Inventory
    telemetry: Telemetry
    hosting: HostingSource
    accelerators: Sequence[AcceleratorSource]
    quotas: QuotaSource
    prices: PriceBook
    catalogue: Catalogue
    lines: Lines = field(default_factory=Lines)


def advise(
    regions: Sequence[str],
    owners: Owners,
    hands: AdviceHands,
    now: datetime,
    looked_back: timedelta = LOOKED_BACK,
) -> Report:
    """Advise about an account. Nothing is written.

    Args:
        regions: The regions to look at, at least one.
        owners: How resources tell whose they are.
        hands: The ports.
        now: The moment to advise for (aware).
        looked_back: How far back use is measured.

    Returns:
        The advice, ranked by money; what could not be read is in its `incomplete`.
    """

    def about(region: str) -> Report:
        return _Region(region, owners, hands, now, looked_back).report()

    with ThreadPoolExecutor(min(len(regions), MOST_REGIONS_AT_ONCE)) as pool:
        return joined(pool.map(about, regions))


@dataclass(frozen=True, slots=True)
class _Region:
    """One region, looked at once."""

    region: str
    owners: Owners
    hands: AdviceHands
    now: datetime
    looked_back: timedelta

    def report(self) -> Report:
        listed = self.hands.inventory.endpoints(self.region)
        described = self.hands.inventory.describe(self.region, listed.items)
        unread = [item for item in described.items if item.details is None]
        endpoints = [item for item in described.items if item.details is not None]
        unfit = {item.ref: why for item in endpoints if (why := self._why_not(item))}
        judged = [item for item in endpoints if item.ref not in unfit]
        hosting = self.hands.hosting.of(self.region, judged)
        readings = self._readings(judged)
        workloads = list(self._workloads(judged, hosting.items, readings))
        named = [source.naming(self.region, endpoints) for source in self.hands.accelerators]
        known = Knowledge(
            self.hands.prices,
            self.hands.catalogue,
            self.hands.quotas.of(self.region),
            self.hands.lines,
        )
        advice = [
            *advice_on(workloads, known),
            *self._in_place(named, known, {item.name: item for item in workloads}),
        ]
        lists = (listed, described, hosting, *named)
        return Report(
            at=self.now,
            looked_back=self.looked_back,
            advice=ranked(advice),
            unjudged=(
                *(Unjudged(item.ref, "its details could not be read") for item in unread),
                *(Unjudged(ref, why) for ref, why in unfit.items()),
                *(
                    Unjudged(item.endpoint.ref, why)
                    for item in workloads
                    if (why := "; ".join(gaps(item, self.hands.catalogue)))
                ),
            ),
            incomplete=(
                *(item for part in lists for item in part.incomplete),
                *self._unread(readings),
            ),
        )

    def _why_not(self, endpoint: Endpoint) -> str | None:
        """Why nothing can be said of an endpoint's use; None when something can."""
        if endpoint.status is not EndpointStatus.IN_SERVICE:
            return f"it is {endpoint.status}"
        since = max(endpoint.created, endpoint.modified)
        if self.now - since < self.looked_back:
            days = self.looked_back / timedelta(days=1)
            return f"created or changed at {since:%Y-%m-%d}, less than {days:g} days ago"
        return None

    def _readings(self, endpoints: Iterable[Endpoint]) -> Readings:
        window = Window.before(self.now, self.looked_back)
        wanted = (item for endpoint in endpoints for item in self._series(endpoint))
        return self.hands.telemetry.read(self.region, wanted, window)

    def _series(self, endpoint: Endpoint) -> Iterator[Series]:
        specs = self.hands.catalogue
        for variant in endpoint.details.variants if endpoint.details else ():
            types = [specs.spec(name) for name in variant.instance_types]
            yield from series(
                endpoint.ref.name,
                variant.name,
                serverless=variant.serverless is not None,
                gpus=any(spec is None or spec.gpus for spec in types),
            )

    def _workloads(
        self, endpoints: Iterable[Endpoint], hosting: Iterable[Hosting], readings: Readings
    ) -> Iterator[Workload]:
        said = {item.endpoint: item for item in hosting}
        for endpoint in endpoints:
            if endpoint.details is None:
                continue
            name = endpoint.ref.name
            yield Workload(
                endpoint=endpoint,
                details=endpoint.details,
                hosting=said.get(name),
                usage={
                    variant.name: usage_of(name, variant.name, readings)
                    for variant in endpoint.details.variants
                },
                owner=named_in(endpoint.tags, self.owners.tag),
                team=named_in(endpoint.tags, self.owners.team_tag),
            )

    def _in_place(
        self,
        named: Iterable[Listing[Naming]],
        known: Knowledge,
        workloads: Mapping[str, Workload],
    ) -> Iterator[Advice]:
        for naming in (item for listing in named for item in listing.items):
            used = [workloads[name] for name in naming.endpoints or () if name in workloads]
            tags = [naming.tags, *(item.endpoint.tags for item in used)]
            yield in_place_of(
                naming,
                known,
                self.now.date(),
                owner=_first_named(tags, self.owners.tag),
                team=_first_named(tags, self.owners.team_tag),
                usage=_usage(naming, used),
            )

    def _unread(self, readings: Readings) -> Iterator[Incomplete]:
        number = sum(values is None for values in readings.values.values())
        if number:
            days = self.looked_back / timedelta(days=1)
            what = f"{number} metrics over {days:g} days in {self.region}"
            yield Incomplete(what, "CloudWatch gave no data")


def _first_named(tags: Iterable[Tags | None], key: str) -> str | None:
    return next((name for item in tags if (name := named_in(item, key))), None)


def _usage(naming: Naming, used: Sequence[Workload]) -> Usage | None:
    """How the one endpoint that runs on a config is used."""
    if (
        naming.ref.kind != Place.ENDPOINT_CONFIG
        or len(used) != 1
        or len(naming.endpoints or ()) > 1
    ):
        return None
    return used[0].usage.get(naming.variant or "")
