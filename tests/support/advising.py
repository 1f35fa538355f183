"""The ports of advising, in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sagewarden.application.ports import Listing
from sagewarden.domain.advice.elastic_inference import Naming
from sagewarden.domain.advice.workload import Hosting
from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.provisioned_concurrency.quotas import Quotas, documented_quotas
from sagewarden.domain.resources import Endpoint
from tests.support.advice import HOME, a_model


@dataclass
class MeasuredTelemetry:
    """Answers with what was measured; a series that is not there could not be read if spoilt."""

    readings: Readings
    spoilt: bool = False
    asked: list[Series] = field(default_factory=list[Series])

    def published(self, region: str, metrics: Sequence[str]) -> Listing[Series]:
        raise AssertionError(f"nobody needs a list of {metrics} in {region}")

    def read(self, region: str, series: Iterable[Series], window: Window) -> Readings:
        assert region == HOME
        self.asked = list(series)
        if self.spoilt:
            return Readings(window, dict.fromkeys(self.asked))
        return replace(self.readings, window=window)


@dataclass
class KnownHosting:
    """Says the same of each endpoint that it is asked about."""

    incomplete: tuple[Incomplete, ...] = ()

    def of(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Hosting]:
        assert region == HOME
        known = (
            Hosting(endpoint=item.ref.name, models={"AllTraffic": a_model()}) for item in endpoints
        )
        return Listing(tuple(known), self.incomplete)


@dataclass
class KnownAccelerators:
    """Names what it was given."""

    items: tuple[Naming, ...] = ()
    incomplete: tuple[Incomplete, ...] = ()
    seen: list[str] = field(default_factory=list[str])

    def naming(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Naming]:
        assert region == HOME
        self.seen = [item.ref.name for item in endpoints]
        return Listing(self.items, self.incomplete)


class RoomyQuotas:
    """Allows what AWS documents."""

    def of(self, region: str) -> Quotas:
        return documented_quotas(region)
