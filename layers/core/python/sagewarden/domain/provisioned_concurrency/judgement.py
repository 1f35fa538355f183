"""Judge how one serverless endpoint scales, against its rule."""

from dataclasses import dataclass, replace
from datetime import datetime

from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.autoscaling.desired import Terms, desired_scaling, is_ours
from sagewarden.domain.autoscaling.judgement import (
    Change,
    Judgement,
    identity,
    settled,
    spelt_out,
)
from sagewarden.domain.autoscaling.rule import ADOPT_TAG
from sagewarden.domain.autoscaling.scaling import UNREGISTERED, Dimension, ScalingState, resource_id
from sagewarden.domain.autoscaling.steps import Step, steps_to
from sagewarden.domain.endpoint_metrics import evidence_series
from sagewarden.domain.idle_endpoints import IdleEndpoints, judge_endpoint
from sagewarden.domain.metrics import Readings
from sagewarden.domain.money import PriceBook
from sagewarden.domain.provisioned_concurrency.quotas import LEAST, MOST
from sagewarden.domain.provisioned_concurrency.rule import ProvisionedConcurrency
from sagewarden.domain.resources import Endpoint, EndpointKind, Serverless
from sagewarden.domain.schedules.reading import InvalidScheduleError, OptedOut
from sagewarden.domain.verdicts import Evidence, Verdict, VerdictKind


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one endpoint, and the rule that speaks of it.

    Attributes:
        endpoint: The endpoint.
        rule: The first rule of the policy that covers it.
        scaling: What Application Auto Scaling holds for its variant; None when unreadable.
        readings: Its use over the rule's release window; None where it was not asked for.
        room: The most that quotas leave it.
    """

    endpoint: Endpoint
    rule: ProvisionedConcurrency
    scaling: ScalingState | None = None
    readings: Readings | None = None
    room: int = MOST

    @property
    def resource(self) -> Endpoint:
        """The endpoint."""
        return self.endpoint

    @property
    def dimension(self) -> Dimension:
        """Along what it scales."""
        return Dimension.CONCURRENCY

    @property
    def terms(self) -> Terms:
        """What its rule asks of it, within its room."""
        rule = self.rule
        inside, outside = rule.bounds.within(self.room), rule.outside.within(self.room)
        return Terms(inside, outside if rule.keeps_hours else inside, rule.policies)

    @property
    def serverless(self) -> Serverless | None:
        """The settings of its variant, if it is serverless; AWS allows it one variant only."""
        details = self.endpoint.details
        if details is None or len(details.variants) != 1:
            return None
        return details.variants[0].serverless

    @property
    def target(self) -> str | None:
        """What Application Auto Scaling calls its variant, if it is serverless."""
        details = self.endpoint.details
        if details is None or self.serverless is None:
            return None
        return resource_id(self.endpoint.ref.name, details.variants[0].name)

    @property
    def provisioned(self) -> int:
        """Its provisioned concurrency now."""
        return self.serverless.provisioned_concurrency if self.serverless else 0

    @property
    def peak(self) -> int:
        """The most that its rule may ever provision for it."""
        return min(self.rule.peak, self.serverless.max_concurrency if self.serverless else 0, MOST)

    def verdict(self, kind: VerdictKind, reason: str) -> Verdict:
        """A verdict that leads to no action."""
        return self.rule.scope.verdict(self.endpoint, kind, reason)


type Judged = Judgement[Seen]


def judge_concurrency(seen: Seen, prices: PriceBook, now: datetime) -> Judged:
    """Judge one endpoint.

    Args:
        seen: The endpoint, its rule, its scaling and its room.
        prices: List prices, for what a release saves.
        now: The moment of judgement (aware).

    Returns:
        VIOLATION with steps when it scales otherwise than its rule asks, or with a release when
        nobody used it for the rule's window; else why there is nothing to do.
    """
    if verdict := settled(seen.endpoint, seen.rule.scope, now) or _not_ours_to_scale(seen):
        return Judgement(seen, verdict)
    present = seen.scaling
    if present is None:
        reason = "its autoscaling could not be read"
        return Judgement(seen, seen.verdict(VerdictKind.UNKNOWN, reason))
    if verdict := _somebody_elses(seen, present):
        return Judgement(seen, verdict)
    if not seen.provisioned:
        return _nothing_provisioned(seen, present)
    if verdict := _idle(seen, prices, now):
        return Judgement(seen, verdict)
    return _converging(seen, present, now)


def _not_ours_to_scale(seen: Seen) -> Verdict | None:
    details = seen.endpoint.details
    if details is None:
        reason = "its description or its endpoint config could not be read"
        return seen.verdict(VerdictKind.UNKNOWN, reason)
    if details.kind is not EndpointKind.SERVERLESS:
        reason = f"it is a {details.kind} endpoint: only serverless ones have this"
        return seen.verdict(VerdictKind.NOT_APPLICABLE, reason)
    if seen.serverless is None:
        reason = f"it has {len(details.variants)} variants; a serverless endpoint has one"
        return seen.verdict(VerdictKind.UNKNOWN, reason)
    return None


def _somebody_elses(seen: Seen, present: ScalingState) -> Verdict | None:
    """Spare what somebody else registered, unless it was handed over, and what is suspended."""
    if present.target and present.target.suspended:
        reason = "somebody suspended its scaling; it is judged again when that is resumed"
        return seen.verdict(VerdictKind.EXEMPT, reason)
    terms = seen.terms
    if seen.rule.may_adopt(seen.endpoint.tags) or is_ours(present, terms.inside, terms.outside):
        return None
    made = f" ({', '.join(present.foreign)})" if present.foreign else ""
    reason = (
        f"somebody else scales it{made}: tag it {ADOPT_TAG}=yes, or set adopt: true in the rule, "
        "to hand it over"
    )
    return seen.verdict(VerdictKind.EXEMPT, reason)


def _nothing_provisioned(seen: Seen, present: ScalingState) -> Judged:
    if steps := steps_to(None, present):
        return _violation(seen, "it has no provisioned concurrency any more", steps)
    reason = (
        "it has no provisioned concurrency, and AWS scales only what an endpoint already has: "
        "update it to a config with ServerlessConfig.ProvisionedConcurrency"
    )
    return Judgement(seen, seen.verdict(VerdictKind.NOT_APPLICABLE, reason))


def _idle(seen: Seen, prices: PriceBook, now: datetime) -> Verdict | None:
    """A violation with a release, when every hour of the window says that nobody called.

    UNKNOWN where that could not be read: nothing is set for what may be about to be released.
    """
    rule, details = seen.rule, seen.endpoint.details
    if rule.release_after is None or seen.readings is None or details is None:
        return None
    asked = evidence_series(seen.endpoint.ref.name, details)
    if any(seen.readings.of(series) is None for series in asked):
        return seen.verdict(VerdictKind.UNKNOWN, "its use could not be read")
    idle = IdleEndpoints(
        rule.scope, rule.release_after, ActionKind.RELEASE_PROVISIONED_CONCURRENCY, rule.grace
    )
    # Its scaling modifies it, too: only its creation tells whether it is too new to be judged.
    unmodified = replace(seen.endpoint, modified=seen.endpoint.created)
    verdict = judge_endpoint(unmodified, idle, seen.readings, prices, now)
    return verdict if verdict.kind is VerdictKind.VIOLATION else None


def _converging(seen: Seen, present: ScalingState, now: datetime) -> Judged:
    """What differs from how it should scale now."""
    try:
        hours = seen.rule.hours_of(seen.endpoint.tags or {})
    except InvalidScheduleError as error:
        return Judgement(seen, seen.verdict(VerdictKind.UNKNOWN, str(error)))
    if isinstance(hours, OptedOut):
        return Judgement(seen, seen.verdict(VerdictKind.EXEMPT, hours.reason))
    if seen.room < LEAST:
        reason = "the region's quota for serverless concurrency leaves nothing for it"
        return Judgement(seen, seen.verdict(VerdictKind.UNKNOWN, reason))
    desired = desired_scaling(seen.terms, hours, now)
    steps = steps_to(desired, present)
    opening = f"; {hours.at(now).reason}" if hours else ""
    if steps:
        return _violation(seen, f"should be {desired.capacity}{opening}", steps)
    reason = f"it scales as it should, {desired.capacity}{opening}"
    verdict = seen.verdict(VerdictKind.COMPLIANT, reason)
    return Judgement(seen, replace(verdict, evidence=_evidence(seen)))


def _violation(seen: Seen, why: str, steps: tuple[Step, ...]) -> Judged:
    action = Action(
        ActionKind.SET_PROVISIONED_CONCURRENCY, seen.endpoint.ref, identity(seen.endpoint)
    )
    verdict = Verdict(
        rule=seen.rule.scope.rule,
        ref=seen.endpoint.ref,
        kind=VerdictKind.VIOLATION,
        reason=f"{why}: {spelt_out(steps)}",
        evidence={**_evidence(seen), "steps": len(steps)},
        action=action,
    )
    change = Change(seen.target or "", seen.scaling or UNREGISTERED, steps)
    return Judgement(seen, verdict, (change,))


def _evidence(seen: Seen) -> Evidence:
    serverless = seen.serverless
    return {
        "provisioned_concurrency": seen.provisioned,
        "max_concurrency": serverless.max_concurrency if serverless else None,
        "rule_maximum": seen.rule.peak,
        "allowed_maximum": seen.room,
    }
