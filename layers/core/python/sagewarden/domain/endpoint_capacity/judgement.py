"""Judge how the instances or copies of one endpoint scale, against its rule."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.autoscaling.desired import desired_scaling, is_open, is_ours
from sagewarden.domain.autoscaling.judgement import (
    Change,
    Judgement,
    identity,
    settled,
    spelt_out,
)
from sagewarden.domain.autoscaling.rule import ADOPT_TAG
from sagewarden.domain.autoscaling.scaling import UNREGISTERED
from sagewarden.domain.autoscaling.steps import Desired, steps_to
from sagewarden.domain.endpoint_capacity.review import Finding, review
from sagewarden.domain.endpoint_capacity.rule import Served
from sagewarden.domain.endpoint_capacity.saving import saved_by_hours, wasted
from sagewarden.domain.endpoint_capacity.seen import SeenCapacity, Unit, served_as
from sagewarden.domain.endpoint_capacity.use import is_busy
from sagewarden.domain.inference_components import Component
from sagewarden.domain.money import MonthlyCost, PriceBook
from sagewarden.domain.resources import Endpoint, EndpointKind, EndpointStatus
from sagewarden.domain.schedules.calendar import Calendar
from sagewarden.domain.schedules.reading import InvalidScheduleError, OptedOut
from sagewarden.domain.verdicts import Evidence, Verdict, VerdictKind

type Judged = Judgement[SeenCapacity]

_SPELT_OUT = 3
"""How many findings a reason names."""

_ELSEWHERE = {
    EndpointKind.SERVERLESS: "a serverless endpoint has no instances",
    EndpointKind.COMPONENTS: "its instances follow its inference components: "
    "a rule with resources: inference-component scales those",
}


def judge_capacity(seen: SeenCapacity, prices: PriceBook, now: datetime) -> Judged:
    """Judge one endpoint or inference component.

    Args:
        seen: The resource, its rule, and how each part of it scales.
        prices: List prices.
        now: The moment of judgement (aware).

    Returns:
        VIOLATION with changes when it scales otherwise than its rule asks; VIOLATION that is only
        told when its autoscaling is missing or broken; else why there is nothing to do.
    """
    verdict = settled(seen.resource, seen.rule.scope, now) or _not_ours_to_scale(seen)
    if verdict is not None:
        return Judgement(seen, verdict)
    findings = tuple(review(seen, now))
    if not seen.rule.sets:
        fine = seen.verdict(VerdictKind.COMPLIANT, "nothing is wrong with its autoscaling")
        return Judgement(seen, _told(seen, findings, prices, now) or fine)
    if verdict := _somebody_elses(seen):
        return Judgement(seen, _told(seen, findings, prices, now) or verdict)
    return _converging(seen, findings, prices, now)


def standing_notice(judged: Judged, prices: PriceBook, now: datetime) -> Judged | None:
    """What its owner is told of beside a change, so that no change makes them hear it anew.

    Of what scales as we set it, only a minimum above what is needed is not mended by a change.
    """
    seen = judged.seen
    if not judged.changes or not _known_to_us(seen):
        return None
    findings = tuple(finding for finding in review(seen, now) if finding.surplus)
    told = _told(seen, findings, prices, now)
    return Judgement(seen, told) if told else None


def _not_ours_to_scale(seen: SeenCapacity) -> Verdict | None:
    resource, rule = seen.resource, seen.rule
    if isinstance(resource, Endpoint) and resource.details is None:
        reason = "its description or its endpoint config could not be read"
        return seen.verdict(VerdictKind.UNKNOWN, reason)
    if rule.what is not served_as(resource):
        return seen.verdict(VerdictKind.NOT_APPLICABLE, _other_kind(seen))
    if isinstance(resource, Component) and resource.endpoint_status != EndpointStatus.IN_SERVICE:
        reason = f"its endpoint {resource.endpoint} is {resource.endpoint_status}"
        return seen.verdict(VerdictKind.NOT_APPLICABLE, reason)
    if not seen.units:
        reason = "SageMaker itself scales its instances (ManagedInstanceScaling)"
        return seen.verdict(VerdictKind.NOT_APPLICABLE, reason)
    if any(unit.scaling is None for unit in seen.units):
        return seen.verdict(VerdictKind.UNKNOWN, "its autoscaling could not be read")
    return None


def _other_kind(seen: SeenCapacity) -> str:
    details = seen.resource.details if isinstance(seen.resource, Endpoint) else None
    kind = details.kind if details else None
    if kind in _ELSEWHERE:
        return _ELSEWHERE[kind]
    return f"the rule speaks of {seen.rule.what}, this is one of: {served_as(seen.resource)}"


def _somebody_elses(seen: SeenCapacity) -> Verdict | None:
    """Spare what somebody else registered, unless it was handed over, and what is suspended."""
    states = [unit.scaling for unit in seen.units if unit.scaling]
    if any(state.target and state.target.suspended for state in states):
        reason = "somebody suspended its scaling; it is judged again when that is resumed"
        return seen.verdict(VerdictKind.EXEMPT, reason)
    if seen.rule.may_adopt(seen.resource.tags):
        return None
    foreign = [unit for unit in seen.units if not _is_ours(seen, unit)]
    if not foreign:
        return None
    names = [name for unit in foreign if unit.scaling for name in unit.scaling.foreign]
    made = f" ({', '.join(names)})" if names else ""
    reason = (
        f"somebody else scales it{made}: tag it {ADOPT_TAG}=yes, or set adopt: true in the rule, "
        "to hand it over"
    )
    return seen.verdict(VerdictKind.EXEMPT, reason)


def _is_ours(seen: SeenCapacity, unit: Unit) -> bool:
    terms, state = unit.terms(seen.rule), unit.scaling or UNREGISTERED
    widened = terms.inside.reaching(unit.count or 0)
    return is_ours(state, terms.inside, terms.outside, widened)


def _told(
    seen: SeenCapacity, findings: Sequence[Finding], prices: PriceBook, now: datetime
) -> Verdict | None:
    """A violation of which its owner is told, when there are findings."""
    if not findings:
        return None
    action = Action(ActionKind.NOTIFY, seen.resource.ref, identity(seen.resource))
    problems = [_said(seen, finding) for finding in findings]
    more = len(problems) - _SPELT_OUT
    reason = "; ".join(problems[:_SPELT_OUT]) + (f"; and {more} more" if more > 0 else "")
    saving = wasted(seen, findings, prices, now)
    evidence = {**_evidence(seen), "findings": len(findings)}
    return _violation(seen, reason, evidence, action, saving)


def _said(seen: SeenCapacity, finding: Finding) -> str:
    if len(seen.units) == 1:
        return finding.problem
    return f"variant {finding.unit.target.rsplit('/', 1)[-1]}: {finding.problem}"


def _converging(
    seen: SeenCapacity, findings: Sequence[Finding], prices: PriceBook, now: datetime
) -> Judged:
    """What differs from how it should scale now."""
    try:
        hours = seen.rule.hours_of(seen.resource.tags or {})
    except InvalidScheduleError as error:
        return Judgement(seen, seen.verdict(VerdictKind.UNKNOWN, str(error)))
    if isinstance(hours, OptedOut):
        return Judgement(seen, seen.verdict(VerdictKind.EXEMPT, hours.reason))
    if any(unit.count is None for unit in seen.units):
        reason = f"how many {seen.rule.what.noun} it has is not known"
        return Judgement(seen, seen.verdict(VerdictKind.UNKNOWN, reason))
    desired = [_desired(seen, unit, hours, now) for unit in seen.units]
    changes = tuple(
        Change(unit.target, unit.scaling or UNREGISTERED, steps)
        for unit, wanted in zip(seen.units, desired, strict=True)
        if (steps := steps_to(wanted, unit.scaling or UNREGISTERED))
    )
    should = ", ".join(dict.fromkeys(str(item.capacity) for item in desired))
    about = f"{should} {seen.rule.what.noun}" + (f"; {hours.at(now).reason}" if hours else "")
    if changes:
        planned = [step for change in changes for step in change.steps]
        action = Action(ActionKind.SET_CAPACITY, seen.resource.ref, identity(seen.resource))
        reason = f"should be {about}: {spelt_out(planned)}"
        evidence = {**_evidence(seen), "steps": len(planned)}
        saving = None if _known_to_us(seen) else saved_by_hours(seen, hours, prices, now)
        return Judgement(seen, _violation(seen, reason, evidence, action, saving), changes)
    if told := _told(seen, findings, prices, now):
        return Judgement(seen, told)
    fine = seen.verdict(VerdictKind.COMPLIANT, f"it scales as it should, {about}")
    return Judgement(seen, replace(fine, evidence=_evidence(seen)))


def _desired(seen: SeenCapacity, unit: Unit, hours: Calendar | None, now: datetime) -> Desired:
    """How a unit should scale now: what is in use is never cut, but when its hours say so."""
    desired = desired_scaling(unit.terms(seen.rule), hours, now)
    count = unit.count or 0
    if count > desired.capacity.most and is_open(hours, now) and is_busy(unit, seen.readings):
        return replace(desired, capacity=desired.capacity.reaching(count))
    return desired


def _known_to_us(seen: SeenCapacity) -> bool:
    """Whether we scale it already, and only mend it."""
    return any(unit.scaling is not None and unit.scaling.marked_ours for unit in seen.units)


def _violation(
    seen: SeenCapacity,
    reason: str,
    evidence: Evidence,
    action: Action,
    saving: MonthlyCost | None,
) -> Verdict:
    return Verdict(
        rule=seen.rule.scope.rule,
        ref=seen.resource.ref,
        kind=VerdictKind.VIOLATION,
        reason=reason,
        evidence=evidence,
        action=action,
        saving=saving,
    )


def _evidence(seen: SeenCapacity) -> Evidence:
    """The figures of all that scales of it; what is not known is left out of a sum, and said."""
    counts = [unit.count for unit in seen.units]
    limits = [unit.room for unit in seen.units if unit.room is not None]
    held = sorted({unit.stays for unit in seen.units if unit.stays and _would_sleep(seen)})
    return {
        seen.rule.what.noun: None if None in counts else sum(filter(None, counts)),
        "instance_types": _joined(kind for unit in seen.units for kind in unit.types),
        "quota_leaves": min(limits) if len(limits) == len(seen.units) else None,
        "never_none_because": "; ".join(held) or None,
        "shadow_variants_not_scaled": _shadows(seen),
    }


def _would_sleep(seen: SeenCapacity) -> bool:
    return seen.rule.what is not Served.REAL_TIME and 0 in {
        seen.rule.bounds.least,
        seen.rule.outside.least,
    }


def _shadows(seen: SeenCapacity) -> int | None:
    details = seen.resource.details if isinstance(seen.resource, Endpoint) else None
    return sum(variant.shadow for variant in details.variants) or None if details else None


def _joined(words: Iterable[str]) -> str | None:
    return ", ".join(dict.fromkeys(words)) or None
