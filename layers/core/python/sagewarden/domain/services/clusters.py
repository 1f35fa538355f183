"""SageMaker HyperPod clusters: nodes that are billed as long as they exist."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.durations import hours
from sagewarden.domain.judged import Facts
from sagewarden.domain.metrics import Series
from sagewarden.domain.money import MonthlyCost, PriceBook, PriceComponent, total
from sagewarden.domain.resources import Snapshot, Status
from sagewarden.domain.services.terms import Terms
from sagewarden.domain.services.verdicts import (
    found,
    left_alone,
    too_new,
    unproven,
    violation,
)
from sagewarden.domain.verdicts import Evidence, Verdict, VerdictKind


class ClusterStatus(Status):
    """The states of a cluster (botocore 1.44, ClusterStatus)."""

    CREATING = "Creating"
    DELETING = "Deleting"
    FAILED = "Failed"
    IN_SERVICE = "InService"
    ROLLING_BACK = "RollingBack"
    SYSTEM_UPDATING = "SystemUpdating"
    UPDATING = "Updating"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


@dataclass(frozen=True, slots=True)
class InstanceGroup:
    """Nodes of one type; the type is None where AWS chooses among several."""

    name: str
    instance_type: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster(Snapshot):
    """A HyperPod cluster.

    Attributes:
        groups: Its instance groups as they run now; None when they could not be read.
        eks: The name of the EKS cluster that orchestrates it; None under Slurm.
    """

    groups: tuple[InstanceGroup, ...] | None
    eks: str | None

    @property
    def runs_on(self) -> tuple[str, ...] | None:
        """The instance types that its nodes may run on; None where AWS chooses one."""
        if self.groups is None:
            return None
        types = [group.instance_type for group in self.groups]
        return tuple(dict.fromkeys(filter(None, types))) if all(types) else None


_NOT_JUDGED: Mapping[Status, str] = {
    ClusterStatus.DELETING: "it is being deleted",
    **{
        state: f"it is {state}; judged when it is InService"
        for state in (
            ClusterStatus.CREATING,
            ClusterStatus.ROLLING_BACK,
            ClusterStatus.SYSTEM_UPDATING,
            ClusterStatus.UPDATING,
        )
    },
}


def cluster_series(cluster: Cluster) -> Iterator[Series]:
    """The busiest GPU of the EKS cluster that it belongs to, where Container Insights watches it.

    Amazon CloudWatch user guide, "Amazon EKS and Kubernetes Container Insights enhanced
    observability metrics": ``node_gpu_utilization`` by ClusterName alone is that of all nodes.
    """
    if cluster.eks is not None:
        dimensions = (("ClusterName", cluster.eks),)
        yield Series("ContainerInsights", "node_gpu_utilization", dimensions, "Maximum")


def judge_cluster(cluster: Cluster, rule: Terms, facts: Facts, now: datetime) -> Verdict:
    """Judge whether no GPU of a cluster does anything; its owner is told, and no more.

    There is no call that stops a cluster, and which node may go only its owner knows.

    Args:
        cluster: The cluster as it is.
        rule: The rule.
        facts: The use of its GPUs over the rule's window, and prices.
        now: The moment of judgement (aware).
    """
    states = frozenset({ClusterStatus.IN_SERVICE})
    if verdict := left_alone(cluster, rule, states, _NOT_JUDGED, now):
        return verdict
    nodes = _nodes(cluster)
    if nodes == 0:
        return rule.scope.verdict(cluster, VerdictKind.NOT_APPLICABLE, "it has no nodes")
    if verdict := too_new(cluster, rule, now):
        return verdict
    cost = _month(cluster, facts.prices)
    evidence: Evidence = {
        "nodes": nodes,
        "instance_types": _types(cluster),
        "orchestrator": f"EKS {cluster.eks}" if cluster.eks else "Slurm",
    }
    readings, series = facts.readings, next(cluster_series(cluster), None)
    if series is None:
        reason = "AWS publishes no metric of what the nodes of a Slurm cluster do"
        return found(cluster, rule, VerdictKind.UNKNOWN, reason, evidence, cost)
    values = (readings.of(series) if readings else None) or ()
    if busiest := max((value for value in values if value > 0), default=0):
        reason = f"in use: a GPU came to {busiest:.3g} % in {hours(rule.idle_for)}"
        return found(cluster, rule, VerdictKind.COMPLIANT, reason, evidence, cost)
    if why := unproven(readings, series, f"node_gpu_utilization of EKS cluster {cluster.eks}"):
        return found(cluster, rule, VerdictKind.UNKNOWN, why, evidence, cost)
    reason = (
        f"no GPU did anything in {hours(rule.idle_for)}; scale its instance groups down "
        "(aws sagemaker update-cluster), since nothing stops a cluster"
    )
    return violation(cluster, rule, ActionKind.NOTIFY, (reason, evidence), cost, now)


def _nodes(cluster: Cluster) -> int | None:
    return None if cluster.groups is None else sum(group.count for group in cluster.groups)


def _types(cluster: Cluster) -> str | None:
    """What its nodes run on, as far as AWS tells."""
    named = (group.instance_type for group in cluster.groups or () if group.count)
    return ", ".join(dict.fromkeys(filter(None, named))) or None


def _month(cluster: Cluster, prices: PriceBook) -> MonthlyCost | None:
    if cluster.groups is None:
        return None
    part, region = PriceComponent.CLUSTER, cluster.ref.region
    return total(
        [
            prices.instances(part, region, group.instance_type, group.count)
            for group in cluster.groups
            if group.count
        ]
    )
