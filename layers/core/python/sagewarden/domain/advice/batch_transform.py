"""Real-time endpoints that work a few hours a week: batch transform jobs."""

from collections.abc import Iterator
from decimal import Decimal

from sagewarden.domain.advice import changes
from sagewarden.domain.advice.advice import Advice, AdviceKind, Risk, reckoned, saves
from sagewarden.domain.advice.knowledge import Knowledge
from sagewarden.domain.advice.workload import Workload
from sagewarden.domain.money import PriceComponent
from sagewarden.domain.resources import EndpointKind


def as_batch_transform(workload: Workload, known: Knowledge) -> Iterator[Advice]:
    """Advise to run what is called in a few hours only as jobs, and to keep no endpoint.

    Nothing is said where calls have gaps or come in more hours than that, or where it is known
    that nothing is saved. Each hour with a call is counted whole.
    """
    running = workload.alone
    if workload.details.kind is not EndpointKind.REAL_TIME or running is None:
        return
    usage = workload.usage.get(running.variant)
    share = usage.busy_share if usage else None
    if usage is None or not share or share > Decimal(str(known.lines.batch_share)):
        return
    region, kind, count = workload.region, running.instance_type, running.count
    current = known.hosting(region, kind, count)
    proposed = known.prices.instances(PriceComponent.TRANSFORM, region, kind, count, share)
    if current is not None and proposed is not None and not saves(current, proposed):
        return
    model = workload.model(running.variant)
    yield Advice(
        kind=AdviceKind.BATCH_TRANSFORM,
        ref=workload.endpoint.ref,
        owner=workload.owner,
        team=workload.team,
        title=(
            f"{workload.name} is called in {usage.busy_hours} of {usage.hours} hours: batch "
            "transform jobs would need no endpoint"
        ),
        evidence={
            "hours with calls": f"{usage.busy_hours} of {usage.hours}",
            "calls": f"{usage.calls:,.0f}",
        },
        arithmetic=(
            f"{usage.busy_hours} / {usage.hours} h = {share:.4f} of the month",
            f"now: {reckoned(current)}" if current else "now: not known",
            f"then: {reckoned(proposed)}"
            if proposed
            else f"then: the price of {kind} for batch transform is not known",
        ),
        current=current,
        proposed=proposed,
        risk=Risk.HIGH,
        caution="only where callers have their whole input at once, in S3, and nobody waits",
        change=changes.transform_job(
            region, workload.name, model.name if model else None, kind, count
        ),
        blockers=tuple(_blockers(workload)),
    )


def _blockers(workload: Workload) -> Iterator[str]:
    for variant in workload.production:
        model = workload.model(variant.name)
        if model and model.multi_model:
            yield "loads many models; batch transform takes one"
