"""Real-time endpoints whose traffic would cost less on demand: serverless inference.

Limits: SageMaker guide, "Deploy models with Amazon SageMaker Serverless Inference", feature
exclusions (read 2026-11).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from sagewarden.domain.advice import changes
from sagewarden.domain.advice.advice import Advice, AdviceKind, Risk, reckoned, saves
from sagewarden.domain.advice.catalogue import InstanceSpec
from sagewarden.domain.advice.knowledge import Knowledge
from sagewarden.domain.advice.usage import Usage
from sagewarden.domain.advice.workload import Hosting, Running, ServedModel, Workload
from sagewarden.domain.money import HOURS_PER_MONTH, MonthlyCost, PriceComponent
from sagewarden.domain.resources import EndpointKind

MEMORY_STEP_MB = 1024
MOST_MEMORY_MB = 6144
MOST_IMAGE_GB = 10
_LEAST_CONCURRENCY = 5
_SPARE_CONCURRENCY = 2
"""Calls come in bunches: twice the mean of the busiest hour is asked for."""

NO_WAY_BACK = "a serverless endpoint can become an instance-based one, but never the reverse"


def as_serverless(workload: Workload, known: Knowledge) -> Iterator[Advice]:
    """Advise to serve on demand what is called so little that instances cost more.

    Nothing is said where nobody calls (that is idleness), where calls or latencies have gaps, where
    a price is not known, or where it would cost more. What stands in the way is listed, all of it.
    """
    running = next(workload.running, None)
    if workload.details.kind is not EndpointKind.REAL_TIME or running is None:
        return
    usage = workload.usage.get(running.variant)
    spec = known.catalogue.spec(running.instance_type)
    seconds = usage.monthly_work if usage else None
    if usage is None or not usage.calls or seconds is None or spec is None:
        return
    case = _Case(workload, running, spec, usage, seconds, known)
    current, proposed = case.current, case.proposed
    if current and proposed and saves(current, proposed):
        yield case.advice(current, proposed)


@dataclass(frozen=True, slots=True)
class _Case:
    """What is called so little; its models work some seconds a month."""

    workload: Workload
    running: Running
    spec: InstanceSpec
    usage: Usage
    seconds: Decimal
    known: Knowledge

    @property
    def memory_needed_mb(self) -> int | None:
        """The memory that is needed, in whole GB and with headroom; None when not known."""
        peak = self.usage.memory_peak
        if peak is None:
            return None
        used = self.spec.memory_mib * peak / 100 * self.known.lines.headroom
        return max(1, ceil(used / MEMORY_STEP_MB)) * MEMORY_STEP_MB

    @property
    def memory_mb(self) -> int:
        """The memory that is asked for: the most where the need is not known, or higher."""
        return min(self.memory_needed_mb or MOST_MEMORY_MB, MOST_MEMORY_MB)

    @property
    def current(self) -> MonthlyCost | None:
        """What its first variant costs now."""
        running = self.running
        return self.known.hosting(self.workload.region, running.instance_type, running.count)

    @property
    def proposed(self) -> MonthlyCost | None:
        """What its calls would cost on demand."""
        region = self.workload.region
        on_demand = PriceComponent.SERVERLESS
        return self.known.prices.inference(on_demand, region, self.memory_mb, self.seconds)

    @property
    def concurrency(self) -> int:
        """The MaxConcurrency to ask for."""
        wanted = ceil((self.usage.at_once or 0) * _SPARE_CONCURRENCY)
        return min(max(wanted, _LEAST_CONCURRENCY), self.known.quotas.per_endpoint)

    def blockers(self) -> Iterator[str]:
        """Everything that stands in the way."""
        yield from self._traits()
        needed = self.memory_needed_mb
        if needed is not None and needed > MOST_MEMORY_MB:
            yield f"needs {needed // 1024} GB of memory; serverless has 6 GB at most"
        model = self.workload.model(self.running.variant)
        if model and model.image_gb is not None and model.image_gb > MOST_IMAGE_GB:
            yield f"its image has {model.image_gb:.1f} GB; serverless takes 10 GB at most"
        at_once, quotas = self.usage.at_once or 0, self.known.quotas
        most = min(quotas.per_endpoint, quotas.region_total)
        wanted = ceil(at_once * _SPARE_CONCURRENCY)
        if wanted > most:
            yield f"needs a concurrency of {wanted}; the quota is {most}"

    def _traits(self) -> Iterator[str]:
        workload, hosting = self.workload, self.workload.hosting
        if self.spec.gpus:
            yield f"runs on a GPU ({self.spec.gpu}); serverless has none"
        if self.spec.neuron:
            yield f"runs on {self.spec.neuron}; serverless has none"
        if len(workload.details.variants) > 1:
            yield f"has {len(workload.details.variants)} variants; serverless takes one"
        if hosting is None:
            yield "its configuration and model could not be read"
            return
        yield from _of_model(hosting, workload.model(self.running.variant))

    def advice(self, current: MonthlyCost, proposed: MonthlyCost) -> Advice:
        """The advice, with what is paid now and would be paid then."""
        workload, running, usage = self.workload, self.running, self.usage
        blockers = tuple(self.blockers())
        calls = (usage.calls or 0) / usage.hours * HOURS_PER_MONTH
        edits = changes.serverless(self.memory_mb, self.concurrency)
        config = workload.details.config_name
        memory = "not known: 6 GB assumed" if self.memory_needed_mb is None else "measured"
        return Advice(
            kind=AdviceKind.SERVERLESS,
            ref=workload.endpoint.ref,
            owner=workload.owner,
            team=workload.team,
            title=(
                f"{workload.name} gets {calls:,.0f} calls a month: serverless with "
                f"{self.memory_mb // 1024} GB costs less than {running.count} x "
                f"{running.instance_type}"
            ),
            evidence={
                "calls": f"{usage.calls:,.0f} in {usage.hours} h",
                "seconds per call": f"{usage.seconds_per_call:.3f} on average",
                "at once": f"{usage.at_once or 0:.2f} on average over the busiest hour",
                "memory": f"{self.memory_mb // 1024} GB ({memory})",
                "image": self._image(),
            },
            arithmetic=self._arithmetic(current, proposed),
            current=current,
            proposed=proposed,
            risk=Risk.MEDIUM,
            caution=(
                f"{NO_WAY_BACK}: it is made beside the old one. The first call after a while waits "
                "for a cold start (ModelSetupTime); CPU comes with memory, so calls may take longer"
            ),
            change=changes.beside(workload.region, workload.name, config, "serverless", edits),
            blockers=blockers,
        )

    def _image(self) -> str:
        model = self.workload.model(self.running.variant)
        size = model.image_gb if model else None
        return "size not known" if size is None else f"{size:.1f} GB compressed"

    def _arithmetic(self, current: MonthlyCost, proposed: MonthlyCost) -> tuple[str, ...]:
        usage = self.usage
        work = f"{usage.work:,.0f} s of work / {usage.hours} h x 730 h"
        lines = [
            f"{work} = {self.seconds:,.0f} s a month",
            f"now: {reckoned(current)}",
            f"then: {reckoned(proposed)}",
        ]
        if proposed.usd:
            factor = current.usd / proposed.usd
            calls = Decimal(str(usage.calls)) / usage.hours * HOURS_PER_MONTH
            lines.append(
                f"break-even: {calls:,.0f} calls x {factor:.2f} = {calls * factor:,.0f} a month"
            )
        return tuple(lines)


def _of_model(hosting: Hosting, model: ServedModel | None) -> Iterator[str]:
    if hosting.data_capture:
        yield "captures data; serverless cannot"
    if model is None:
        yield "its model could not be read"
    if hosting.vpc or (model and model.vpc):
        yield "is attached to a VPC; serverless cannot be"
    if hosting.isolated or (model and model.isolated):
        yield "has network isolation; serverless cannot have it"
    if model and model.multi_model:
        yield "loads many models; serverless takes one"
    if model and len(model.containers) > 1:
        yield f"has {len(model.containers)} containers; serverless takes one"
