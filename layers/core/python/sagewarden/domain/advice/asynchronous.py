"""Real-time endpoints that nobody calls for hours: asynchronous inference, scaled to zero."""

from collections.abc import Iterator
from decimal import Decimal

from sagewarden.domain.advice import changes
from sagewarden.domain.advice.advice import (
    Advice,
    AdviceKind,
    Change,
    Risk,
    percent,
    reckoned,
    saves,
)
from sagewarden.domain.advice.knowledge import Knowledge, scaled
from sagewarden.domain.advice.workload import Running, Workload
from sagewarden.domain.money import PriceComponent
from sagewarden.domain.resources import EndpointKind

_INTERACTIVE_SECONDS = 1
"""Below it a person may be waiting for the answer."""


def as_asynchronous(workload: Workload, known: Knowledge) -> Iterator[Advice]:
    """Advise to queue calls, and to run no instance in hours without any.

    Nothing is said where calls have gaps, or where there are calls in most hours. Each hour with a
    call is counted whole.
    """
    running = next(workload.running, None)
    if workload.details.kind is not EndpointKind.REAL_TIME or running is None:
        return
    usage = workload.usage.get(running.variant)
    share = usage.busy_share if usage else None
    if usage is None or not share or share > Decimal(str(known.lines.async_share)):
        return
    region, kind, count = workload.region, running.instance_type, running.count
    current = known.hosting(region, kind, count)
    queued = known.prices.instances(PriceComponent.ASYNC_INFERENCE, region, kind, count)
    why = f"{usage.busy_hours} of {usage.hours} h have calls"
    proposed = scaled(queued or current, share, why)
    if not (current and proposed and saves(current, proposed)):
        return
    assumed = "" if queued else " (at the hosting price: that of AsyncInf is not known)"
    waits = usage.seconds_per_call
    interactive = waits is None or waits < _INTERACTIVE_SECONDS
    yield Advice(
        kind=AdviceKind.ASYNCHRONOUS,
        ref=workload.endpoint.ref,
        owner=workload.owner,
        team=workload.team,
        title=(
            f"{workload.name} is called in {percent(share)} of the hours: queued, it could rest in "
            "others"
        ),
        evidence={
            "hours with calls": f"{usage.busy_hours} of {usage.hours}",
            "seconds per call": "not known" if waits is None else f"{waits:.3f}",
        },
        arithmetic=(
            f"now: {reckoned(current)}",
            f"then: {reckoned(proposed)}{assumed}",
        ),
        current=current,
        proposed=proposed,
        risk=Risk.HIGH if interactive else Risk.MEDIUM,
        caution=(
            "callers put input into S3, call InvokeEndpointAsync and fetch the answer; the first "
            "call after a rest waits for an instance, minutes. Not where a person waits"
        ),
        change=_change(workload, running),
        blockers=tuple(_blockers(workload)),
    )


def _change(workload: Workload, running: Running) -> Change:
    region, name, config = workload.region, workload.name, workload.details.config_name
    new = changes.renamed(name, "async")
    resting = changes.to_zero(region, new, running.variant, running.count)
    return changes.beside(region, name, config, "async", changes.asynchronous(), resting)


def _blockers(workload: Workload) -> Iterator[str]:
    if len(workload.details.variants) > 1:
        yield f"has {len(workload.details.variants)} variants; asynchronous inference takes one"
    for variant in workload.details.variants:
        if variant.accelerator:
            yield f"variant {variant.name} names {variant.accelerator}: Elastic Inference is gone"
