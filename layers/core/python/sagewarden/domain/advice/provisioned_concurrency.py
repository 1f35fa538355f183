"""Provisioned concurrency that is used less than it takes to be worth its price.

On demand, a GB-second of work costs d. Provisioned, a GB-second costs r whether it is used or not,
and i more for work. At utilisation u both cost the same when r + i u = d u, so u = r / (d - i).
"""

from collections.abc import Iterator
from decimal import Decimal

from sagewarden.domain.advice import changes
from sagewarden.domain.advice.advice import Advice, AdviceKind, Risk, percent, reckoned, saves
from sagewarden.domain.advice.knowledge import Knowledge
from sagewarden.domain.advice.usage import Usage
from sagewarden.domain.advice.workload import Workload
from sagewarden.domain.money import PriceBook, PriceComponent, total
from sagewarden.domain.resources import Serverless, Variant

_SECONDS_PER_HOUR = 3600


def break_even(prices: PriceBook, region: str) -> Decimal | None:
    """The utilisation above which provisioned concurrency is worth its price.

    Returns:
        A share of 1; None when one of the three prices is not known, or on demand is no dearer
        than work on what is provisioned: then it never is.
    """
    found = prices.gb_second_usd
    reserved = found.get((PriceComponent.PROVISIONED_CONCURRENCY, region))
    working = found.get((PriceComponent.PROVISIONED_INFERENCE, region))
    on_demand = found.get((PriceComponent.SERVERLESS, region))
    if reserved is None or working is None or on_demand is None or on_demand <= working:
        return None
    return reserved / (on_demand - working)


def below_break_even(workload: Workload, known: Knowledge) -> Iterator[Advice]:
    """Advise to give up provisioned concurrency that costs more than serving on demand would.

    All work is taken to run on what is provisioned, spillover too: that makes it look better used
    than it is, so nothing is given up that is worth its price. Nothing is said where calls or
    latencies have gaps.
    """
    for variant in workload.production:
        settings, usage = variant.serverless, workload.usage.get(variant.name)
        if settings and settings.provisioned_concurrency and usage:
            yield from _judged(workload, variant, settings, usage, known)


def _judged(
    workload: Workload, variant: Variant, settings: Serverless, usage: Usage, known: Knowledge
) -> Iterator[Advice]:
    region, memory = workload.region, settings.memory_mb
    even, seconds = break_even(known.prices, region), usage.monthly_work
    if even is None or seconds is None:
        return
    provided = settings.provisioned_concurrency
    used = Decimal(str(usage.work)) / (provided * usage.hours * _SECONDS_PER_HOUR)
    prices = known.prices
    reserved = prices.provisioned_concurrency(region, memory, provided)
    working = prices.inference(PriceComponent.PROVISIONED_INFERENCE, region, memory, seconds)
    on_demand = prices.inference(PriceComponent.SERVERLESS, region, memory, seconds)
    current = total([reserved, working])
    if used >= even or current is None or on_demand is None or not saves(current, on_demand):
        return
    yield Advice(
        kind=AdviceKind.PROVISIONED_CONCURRENCY,
        ref=workload.endpoint.ref,
        owner=workload.owner,
        team=workload.team,
        title=(
            f"{workload.which(variant.name)} uses {percent(used)} of its provisioned concurrency, "
            f"which pays from {percent(even)} on"
        ),
        evidence={
            "provisioned": f"{provided} x {memory // 1024} GB",
            "calls": f"{usage.calls:,.0f} in {usage.hours} h",
            "used": percent(used),
            "break-even": percent(even),
        },
        arithmetic=(
            _equation(prices, region, even),
            f"{usage.work:,.0f} s / ({provided} x {usage.hours} x 3600 s) = {percent(used)} used",
            f"now: {reckoned(current)}",
            f"then: {reckoned(on_demand)}",
        ),
        current=current,
        proposed=on_demand,
        risk=Risk.MEDIUM,
        caution=(
            "calls may meet cold starts again (ModelSetupTime); a rule of the provisioned "
            "concurrency bot that keeps it for the busy hours is the gentler way"
        ),
        change=changes.switch(
            region,
            workload.name,
            workload.details.config_name,
            "on-demand",
            changes.unreserved(variant.name),
        ),
    )


def _equation(prices: PriceBook, region: str, even: Decimal) -> str:
    found = prices.gb_second_usd
    reserved = found[PriceComponent.PROVISIONED_CONCURRENCY, region]
    working = found[PriceComponent.PROVISIONED_INFERENCE, region]
    on_demand = found[PriceComponent.SERVERLESS, region]
    return f"{reserved:f} + {working:f} u = {on_demand:f} u, so u = {percent(even)}"
