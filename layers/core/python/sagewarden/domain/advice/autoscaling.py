"""Endpoints whose number of instances does not follow their traffic."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from sagewarden.domain.advice import changes
from sagewarden.domain.advice.advice import Advice, AdviceKind, Risk, reckoned, saves
from sagewarden.domain.advice.catalogue import InstanceSpec
from sagewarden.domain.advice.knowledge import Knowledge, scaled
from sagewarden.domain.advice.usage import Usage
from sagewarden.domain.advice.workload import Running, Scaling, Workload
from sagewarden.domain.resources import EndpointKind

_FEWEST = 2
_MINUTES = 60


def on_autoscaling(workload: Workload, known: Knowledge) -> Iterator[Advice]:
    """Advise to let instances follow their traffic where they do not, or cannot.

    How many were needed in each hour follows from how busy they were: their CPUs, and their GPUs
    where they have some. Nothing is said where that, or the calls, has gaps.
    """
    hosting = workload.hosting
    if workload.details.kind is not EndpointKind.REAL_TIME or hosting is None:
        return
    for running in workload.running:
        usage = workload.usage.get(running.variant)
        spec = known.catalogue.spec(running.instance_type)
        if running.count < _FEWEST or not hosting.scaling_known or usage is None or spec is None:
            continue
        why = _wrong(hosting.scaling.get(running.variant))
        busy = _busy(usage, spec)
        if why and busy and usage.invocations:
            yield from _judged(_Case(workload, running, usage, known, why, busy))


@dataclass(frozen=True, slots=True)
class _Case:
    """A variant that does not scale.

    Attributes:
        workload: Its endpoint.
        running: Its instances.
        usage: How it is used.
        known: What is known beside it.
        why: Why it does not scale.
        busy: How busy an instance was in each hour, in per cent.
    """

    workload: Workload
    running: Running
    usage: Usage
    known: Knowledge
    why: str
    busy: tuple[float, ...]

    @property
    def needed(self) -> tuple[int, ...]:
        """How many instances each hour needed to be no busier than the line."""
        line, count = self.known.lines.busy_percent, self.running.count
        return tuple(max(1, ceil(count * value / line)) for value in self.busy)


def _wrong(scaling: Scaling | None) -> str | None:
    """Why a variant does not scale; None when it does."""
    if scaling is None:
        return "has no autoscaling"
    if scaling.suspended:
        return "has autoscaling that is suspended"
    if scaling.minimum >= scaling.maximum:
        return (
            f"has autoscaling that cannot move: it is from {scaling.minimum} to {scaling.maximum}"
        )
    if not scaling.policies and not scaling.scheduled:
        return "is registered for autoscaling, but no policy and no schedule scales it"
    return None


def _busy(usage: Usage, spec: InstanceSpec) -> tuple[float, ...] | None:
    """How busy an instance was in each hour, by what limits it."""
    if usage.cpu is None:
        return None
    cpu = tuple(value / spec.vcpus for value in usage.cpu)
    if not spec.gpus:
        return cpu
    if usage.gpu is None or len(usage.gpu) != len(cpu):
        return None
    return tuple(max(one, other / spec.gpus) for one, other in zip(cpu, usage.gpu, strict=True))


def _judged(case: _Case) -> Iterator[Advice]:
    workload, running, known, needed = case.workload, case.running, case.known, case.needed
    current = known.hosting(workload.region, running.instance_type, running.count)
    mean = Decimal(sum(needed)) / len(needed)
    one = known.hosting(workload.region, running.instance_type)
    proposed = scaled(one, mean, f"{sum(needed)} instance-hours in {len(needed)} h")
    if current is None or proposed is None or not saves(current, proposed):
        return
    peak, calls = max(case.busy), max(case.usage.invocations or ())
    line = known.lines.busy_percent
    each = calls / _MINUTES / running.count * (line / peak) if peak else calls or 1
    yield Advice(
        kind=AdviceKind.AUTOSCALING,
        ref=workload.endpoint.ref,
        owner=workload.owner,
        team=workload.team,
        title=(
            f"{workload.which(running.variant)} {case.why}: {mean:.1f} of its {running.count} "
            "instances would do on average"
        ),
        evidence={
            "busy": f"{sum(case.busy) / len(case.busy):.1f} % on average, {peak:.1f} % at most",
            "needed": f"{min(needed)} to {max(needed)} instances, {mean:.2f} on average",
            "calls": f"{calls:,.0f} in the busiest hour",
        },
        arithmetic=(
            f"needed in an hour: {running.count} x how busy it is / {line:g} %, rounded up",
            f"now: {reckoned(current)}",
            f"then: {reckoned(proposed)}",
        ),
        current=current,
        proposed=proposed,
        risk=Risk.MEDIUM,
        caution=(
            "hourly means hide short peaks, and a new instance takes minutes: try the target on a "
            "load test. One instance has no second zone: raise MinCapacity where that counts"
        ),
        change=changes.scaling(
            workload.region,
            workload.name,
            running.variant,
            min(needed),
            max(running.count, *needed),
            max(each, 1),
        ),
    )
