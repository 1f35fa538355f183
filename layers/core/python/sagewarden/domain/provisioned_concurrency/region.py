"""Judge a region's serverless endpoints together: they share its quota."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sagewarden.domain.autoscaling.shares import shared_out
from sagewarden.domain.autoscaling.steps import DeregisterTarget
from sagewarden.domain.money import PriceBook
from sagewarden.domain.provisioned_concurrency.judgement import Judged, Seen, judge_concurrency
from sagewarden.domain.provisioned_concurrency.quotas import Quotas
from sagewarden.domain.verdicts import VerdictKind


def judge_region(
    seen: Sequence[Seen],
    known: Mapping[str, int],
    quotas: Quotas,
    prices: PriceBook,
    now: datetime,
) -> tuple[Judged, ...]:
    """Judge endpoints; where the region's quota is too small for all, each gets its share.

    Args:
        seen: The endpoints, each with its rule.
        known: The most that may be provisioned for each variant of the region that is known,
            by its Application Auto Scaling resource id, whoever governs it.
        quotas: What the region allows.
        prices: List prices, for what a release saves.
        now: The moment of judgement (aware).
    """
    judged = [
        judge_concurrency(replace(item, room=min(item.peak, quotas.per_endpoint)), prices, now)
        for item in seen
    ]
    governed = {
        item.seen.target: item.seen.room for item in judged if item.seen.target and _governed(item)
    }
    elsewhere = sum(most for name, most in known.items() if name not in governed)
    shares = shared_out(governed, quotas.region_total - elsewhere)
    return tuple(_with_share(item, shares, prices, now) for item in judged)


def _with_share(
    item: Judged, shares: Mapping[str, int], prices: PriceBook, now: datetime
) -> Judged:
    share = shares.get(item.seen.target or "", item.seen.room)
    if share == item.seen.room:
        return item
    return judge_concurrency(replace(item.seen, room=share), prices, now)


def _governed(item: Judged) -> bool:
    """Whether we bound what is provisioned for an endpoint, or are about to."""
    if item.verdict.kind is VerdictKind.COMPLIANT:
        return True
    return bool(item.steps) and item.steps != (DeregisterTarget(),)
