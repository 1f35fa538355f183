"""What hours and idleness have in common: who is left alone, what holds, the way to zero."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.judged import Facts
from sagewarden.domain.metrics import Readings
from sagewarden.domain.money import MonthlyCost, PriceBook, PriceComponent
from sagewarden.domain.node_groups.accelerators import accelerators_of
from sagewarden.domain.node_groups.care import (
    Care,
    ClusterAutoscaler,
    RunningWork,
    UnderAutoscaler,
)
from sagewarden.domain.node_groups.gpu_metrics import RESERVED, highest
from sagewarden.domain.node_groups.ownership import UnknownOwnershipError, scaled_by
from sagewarden.domain.node_groups.snapshot import NodeGroup, NodeGroupStatus
from sagewarden.domain.scope import Scope, expired_exemption, spared
from sagewarden.domain.verdicts import Evidence, Verdict, VerdictKind

_PREPAID = "CAPACITY_BLOCK"
_LISTED = "ON_DEMAND"
_UNSETTLED = {
    NodeGroupStatus.CREATING: "it is being created",
    NodeGroupStatus.UPDATING: "it is UPDATING; judged when it has settled",
    NodeGroupStatus.DELETING: "it is being deleted",
    NodeGroupStatus.CREATE_FAILED: "its creation failed",
    NodeGroupStatus.DELETE_FAILED: "its deletion failed",
}


class Careful(Protocol):
    """What every rule on node groups has."""

    @property
    def scope(self) -> Scope:
        """Its reach."""
        ...

    @property
    def care(self) -> Care:
        """What it heeds."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """Why nodes are too many, with its figures.

    Attributes:
        reason: In words.
        evidence: Its figures.
        share: The part of the month for which they are.
    """

    reason: str
    evidence: Evidence
    share: Decimal = Decimal(1)


def left_alone(group: NodeGroup, scope: Scope, now: datetime) -> Verdict | None:
    """Say why a node group is left alone whatever its nodes do, or None."""
    if group.status is NodeGroupStatus.UNKNOWN:
        return scope.verdict(group, VerdictKind.UNKNOWN, "its status is not one we know")
    if group.instance_types is None:
        reason = "what its nodes run on could not be read"
        return scope.verdict(group, VerdictKind.UNKNOWN, reason)
    if not accelerators_of(group.instance_types):
        reason = f"{', '.join(group.instance_types)} has no GPU, Inferentia or Trainium"
        return scope.verdict(group, VerdictKind.NOT_APPLICABLE, reason)
    return spared(group, scope, now)


def unsettled(group: NodeGroup, scope: Scope) -> Verdict | None:
    """Say why a node group is in no state to be scaled, or None."""
    if group.status is NodeGroupStatus.DEGRADED:
        issues = ", ".join(group.issues) or "EKS gives no reason"
        reason = f"it is DEGRADED ({issues}): see to that first"
        return scope.verdict(group, VerdictKind.NOT_APPLICABLE, reason)
    if group.status is not NodeGroupStatus.ACTIVE:
        reason = _UNSETTLED[NodeGroupStatus(group.status)]
        return scope.verdict(group, VerdictKind.NOT_APPLICABLE, reason)
    if group.capacity == _PREPAID:
        reason = "its Capacity Block is paid for in advance: fewer nodes save nothing"
        return scope.verdict(group, VerdictKind.NOT_APPLICABLE, reason)
    return None


def autoscaler_of(group: NodeGroup, rule: Careful) -> str | Verdict | None:
    """Who else sets its size, None for nobody; UNKNOWN where that could not be read."""
    try:
        by_tags = rule.care.cluster_autoscaler is ClusterAutoscaler.BY_TAGS
        return scaled_by(group, group_tags_count=by_tags)
    except UnknownOwnershipError as error:
        reason = f"who else scales it is not known: {error}"
        return rule.scope.verdict(group, VerdictKind.UNKNOWN, reason)


def to_zero(
    group: NodeGroup,
    rule: Careful,
    owner: str | None,
    finding: Finding,
    facts: Facts,
    now: datetime,
) -> Verdict:
    """What becomes of a node group with nodes too many.

    Args:
        group: The node group.
        rule: The rule.
        owner: Who else sets its size, None for nobody.
        finding: Why its nodes are too many.
        facts: What tells whether pods hold its accelerators, and the prices.
        now: The moment of judgement (aware).
    """
    if owner is not None:
        return _under_autoscaler(group, rule, owner, finding)
    if verdict := _held_by_work(group, rule, facts.readings):
        return verdict
    return _too_many(group, rule.scope, finding, facts.prices, now)


def _held_by_work(group: NodeGroup, rule: Careful, readings: Readings | None) -> Verdict | None:
    """Say why running pods hold a node group, or None. What is not known holds it as well."""
    if rule.care.running_work is RunningWork.IGNORE:
        return None
    reserved = highest(group, RESERVED, readings)
    if isinstance(reserved, str):
        reason = (
            f"whether pods use its accelerators is not known: {reserved}. "
            "It is held; running_work: ignore scales it all the same"
        )
        return rule.scope.verdict(group, VerdictKind.UNKNOWN, reason)
    if reserved > 0:
        reason = f"held: pods reserve up to {reserved:.3g} % of a node's accelerators"
        return rule.scope.verdict(group, VerdictKind.COMPLIANT, reason, reserved_percent=reserved)
    return None


def _too_many(
    group: NodeGroup, scope: Scope, finding: Finding, prices: PriceBook, now: datetime
) -> Verdict:
    """A node group to be scaled to zero: min and desired 0, max as it is."""
    reason = finding.reason
    if expired := expired_exemption(group.tags, now):
        reason += f"; {expired}"
    action = Action(ActionKind.SCALE_TO_ZERO, group.ref, Precondition.of(group), sizes=(0, 0))
    return Verdict(
        scope.rule,
        group.ref,
        VerdictKind.VIOLATION,
        reason,
        {**_figures(group), **finding.evidence},
        action,
        _monthly(group, prices, finding.share),
    )


def _under_autoscaler(group: NodeGroup, rule: Careful, owner: str, finding: Finding) -> Verdict:
    """One whose size something else sets: its minimum is lowered, or a person is advised.

    desiredSize is never touched. What that saves is not known: its autoscaler decides.
    """
    evidence = {**_figures(group), **finding.evidence, "scaled_by": owner}
    if group.sizes.least == 0:
        reason = f"its minimum is 0: {owner} may scale it in"
        return Verdict(rule.scope.rule, group.ref, VerdictKind.COMPLIANT, reason, evidence)
    told = f"{finding.reason}, but {owner} sets its size"
    action = None
    if rule.care.under_autoscaler is UnderAutoscaler.MIN_SIZE:
        told += f": only its minimum of {group.sizes.least} is lowered to 0"
        then = Precondition.of(group)
        action = Action(ActionKind.SCALE_TO_ZERO, group.ref, then, sizes=(0, None))
    else:
        told += (
            f": lower its minSize of {group.sizes.least} (under_autoscaler: min-size does it), "
            "or say cluster_autoscaler: absent where none runs"
        )
    return Verdict(rule.scope.rule, group.ref, VerdictKind.VIOLATION, told, evidence, action)


def _monthly(group: NodeGroup, prices: PriceBook, share: Decimal) -> MonthlyCost | None:
    """What its nodes cost a month at list price; None for Spot, and where types may differ."""
    if group.capacity != _LISTED or len(group.instance_types or ()) != 1:
        return None
    (instance_type,) = group.instance_types or ()
    region, count = group.ref.region, group.sizes.wanted
    return prices.instances(PriceComponent.EC2, region, instance_type, count, share)


def _figures(group: NodeGroup) -> Evidence:
    return {
        "cluster": group.cluster,
        "instance_type": ", ".join(group.instance_types or ()),
        "capacity": group.capacity,
        "min_size": group.sizes.least,
        "desired_size": group.sizes.wanted,
        "max_size": group.sizes.most,
    }
