"""The demo's electricity meter: what runs, what it costs, and what would have run otherwise.

Two worlds see the same people. In one Sagewarden acts; in the other nothing is ever stopped or
deleted except by hand. A span of time between two steps costs what runs at its beginning, so
figures are as fine as the steps; what is stopping or being deleted counts as gone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from sagewarden.domain.money import PriceBook, PriceComponent
from sagewarden_cli.demo.organisation import REGIONS, Deed
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.sagemaker.resources import (
    Endpoint,
    NotebookInstance,
    SageMakerStore,
    Variant,
)

_BILLED = frozenset({"InService", "Pending", "PendingMaintenance", "InMaintenance"})
_GONE = frozenset({"Deleting", "Failed"})


class Part(NamedTuple):
    """A type of instance that is billed by the hour."""

    component: PriceComponent
    region: str
    instance_type: str


@dataclass(frozen=True, slots=True)
class Draw:
    """What a resource draws at a moment.

    Attributes:
        runs: Whether it bills at all.
        hourly_usd: List price per hour; None when some part of it has no known price.
        parts: The instances that it runs on, as far as a Savings Plan may speak of them.
    """

    runs: bool
    hourly_usd: Decimal | None
    parts: tuple[tuple[Part, int], ...] = ()


OFF = Draw(runs=False, hourly_usd=Decimal(0))


@dataclass(frozen=True, slots=True)
class Span:
    """What ran between two steps: with Sagewarden, and without it."""

    start: datetime
    minutes: int
    actual: Mapping[str, Draw]
    otherwise: Mapping[str, Draw]


@dataclass(slots=True)
class Meter:
    """Reads the sandbox from inside, as AWS's own billing does, and keeps the spans.

    Attributes:
        prices: List prices.
        others: What reads whatever is neither a notebook instance nor an endpoint.
        spans: What ran, in order.
    """

    sandbox: Sandbox
    prices: PriceBook
    others: tuple[Callable[[Sandbox, PriceBook], Mapping[str, Draw]], ...] = ()
    spans: list[Span] = field(default_factory=list)
    _otherwise: dict[str, Draw] = field(default_factory=dict)
    _full: dict[str, Draw] = field(default_factory=dict)

    def begin(self) -> None:
        """Start both worlds from what exists now."""
        self._otherwise = self.reading()
        self._full = self._full_draws()

    def human(self, arn: str, deed: Deed) -> None:
        """Let a person do in the other world what one just did in this."""
        if deed is Deed.STOP:
            self._otherwise[arn] = OFF
        elif deed is Deed.START:
            self._otherwise[arn] = self._full[arn]
        elif deed is Deed.CREATE:
            self._otherwise[arn] = self.reading()[arn]

    def count(self, start: datetime, end: datetime) -> None:
        """Count the time from a step, whose effects are done, to the next one."""
        minutes = int((end - start) / timedelta(minutes=1))
        if minutes:
            self.spans.append(Span(start, minutes, self.reading(), dict(self._otherwise)))

    def reading(self) -> dict[str, Draw]:
        """What every resource draws now, by ARN."""
        draws: dict[str, Draw] = {}
        for region in REGIONS:
            store = sagemaker_in(self.sandbox, region)
            for notebook in store.notebook_instances.values():
                runs = notebook.status in _BILLED
                draws[notebook.arn] = self._notebook(region, notebook) if runs else OFF
            for endpoint in store.endpoints.values():
                draws[endpoint.arn] = self._endpoint(region, endpoint)
        for read in self.others:
            draws |= read(self.sandbox, self.prices)
        return draws

    def _full_draws(self) -> dict[str, Draw]:
        return {
            notebook.arn: self._notebook(region, notebook)
            for region in REGIONS
            for notebook in sagemaker_in(self.sandbox, region).notebook_instances.values()
        }

    def _notebook(self, region: str, notebook: NotebookInstance) -> Draw:
        part = Part(PriceComponent.NOTEBOOK, region, notebook.details["InstanceType"])
        return Draw(runs=True, hourly_usd=self.prices.hourly_usd.get(part), parts=((part, 1),))

    def _endpoint(self, region: str, endpoint: Endpoint) -> Draw:
        if endpoint.status in _GONE:
            return OFF
        variants = (*endpoint.variants, *endpoint.shadow_variants)
        parts = [self._variant(region, variant) for variant in variants]
        hourly = [part.hourly_usd for part in parts]
        known = [usd for usd in hourly if usd is not None]
        return Draw(
            runs=any(part.runs for part in parts),
            hourly_usd=sum(known, Decimal(0)) if len(known) == len(hourly) else None,
            parts=tuple(item for part in parts for item in part.parts),
        )

    def _variant(self, region: str, variant: Variant) -> Draw:
        if variant.serverless is not None:
            provisioned = variant.serverless.get("ProvisionedConcurrency", 0)
            if not provisioned:
                return OFF
            second = self.prices.gb_second_usd.get((PriceComponent.PROVISIONED_CONCURRENCY, region))
            gigabytes = Decimal(variant.serverless["MemorySizeInMB"]) / 1024
            hourly = None if second is None else second * 3600 * gigabytes * provisioned
            return Draw(runs=True, hourly_usd=hourly)
        count = variant.instances or 0
        if not count:
            return OFF
        part = Part(PriceComponent.HOSTING, region, str(variant.settings.get("InstanceType")))
        price = self.prices.hourly_usd.get(part)
        usd = None if price is None else price * count
        return Draw(runs=True, hourly_usd=usd, parts=((part, count),))


def sagemaker_in(sandbox: Sandbox, region: str) -> SageMakerStore:
    """What SageMaker holds in a region, settled until now."""
    here = sandbox._world.at(None, region)  # noqa: SLF001 - billing sees AWS from inside
    with here.lock:
        here.settle()
        return here.part(SageMakerStore)
