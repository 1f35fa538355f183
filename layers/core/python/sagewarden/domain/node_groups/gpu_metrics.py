"""Which series of Container Insights tell how much the accelerators of a node group work.

Source of names and dimensions: docs.aws.amazon.com, CloudWatch user guide, "Amazon EKS and
Kubernetes Container Insights with enhanced observability metrics" (read 2026-11). A node's series
carries ClusterName, InstanceId and NodeName; it has one value for each of its devices.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.node_groups.accelerators import Accelerator, accelerators_of
from sagewarden.domain.node_groups.snapshot import Node, NodeGroup

NAMESPACE = "ContainerInsights"
PERIOD = timedelta(minutes=5)
_LATE = 1
"""How many of the newest periods may lack a datapoint still: the agent publishes every minute."""

UTILIZATION: Mapping[Accelerator, str] = {
    Accelerator.GPU: "node_gpu_utilization",
    Accelerator.NEURON: "node_neuroncore_utilization",
}
"""The percentage of time that a device computes."""

RESERVED: Mapping[Accelerator, str] = {
    Accelerator.GPU: "node_gpu_reserved_capacity",
    Accelerator.NEURON: "node_neuroncore_reserved_capacity",
}
"""The percentage of a node's devices that the pods on it asked for."""


def window_before(now: datetime, length: timedelta) -> Window:
    """The window of a length that ends now, in periods of 5 minutes, widened to a whole one."""
    start = now - length
    start -= timedelta(
        minutes=start.minute % 5, seconds=start.second, microseconds=start.microsecond
    )
    return Window(start, now, PERIOD)


def node_series(metric: str, cluster: str, node: Node) -> Series | None:
    """A node's series of a metric; None where the cluster's metrics do not name the node."""
    if node.name is None:
        return None
    dimensions = (
        ("ClusterName", cluster),
        ("InstanceId", node.instance_id),
        ("NodeName", node.name),
    )
    return Series(NAMESPACE, metric, dimensions, "Maximum")


def series_of(group: NodeGroup, metrics: Mapping[Accelerator, str]) -> Iterator[Series]:
    """The series of a metric, of every node whose metrics are known."""
    for accelerator in sorted(accelerators_of(group.instance_types or ())):
        for node in group.nodes or ():
            if series := node_series(metrics[accelerator], group.cluster, node):
                yield series


def highest(
    group: NodeGroup, metrics: Mapping[Accelerator, str], readings: Readings | None
) -> float | str:
    """The highest value of a metric among all nodes, or why it is not known.

    Every node must have had a datapoint in every period of the window, but for the newest: no
    data is not a zero. A node group of types with different accelerators is not known.

    Args:
        group: The node group.
        metrics: The metric, by accelerator.
        readings: What was read.
    """
    accelerators = accelerators_of(group.instance_types or ())
    if len(accelerators) != 1:
        return "it mixes GPUs with Inferentia or Trainium"
    (accelerator,) = accelerators
    if group.nodes is None:
        return "its nodes could not be read"
    if len(group.nodes) < group.sizes.wanted:
        return f"it has {len(group.nodes)} of {group.sizes.wanted} nodes"
    values: list[float] = []
    for node in group.nodes:
        found = _of_node(group.cluster, node, metrics[accelerator], readings)
        if isinstance(found, str):
            return found
        values += found
    return max(values, default=0.0)


def _of_node(
    cluster: str, node: Node, metric: str, readings: Readings | None
) -> tuple[float, ...] | str:
    series = node_series(metric, cluster, node)
    if series is None:
        return f"Container Insights has no {metric} of node {node.instance_id}"
    found = None if readings is None else readings.of(series)
    if readings is None or found is None:
        return f"{metric} of node {node.name} could not be read"
    needed = readings.window.buckets - _LATE
    if len(found) < needed:
        return f"{metric} of node {node.name} has {len(found)} of {needed} datapoints"
    return found
