"""What Container Insights publishes of the nodes of an emulated node group."""

from datetime import datetime, timedelta

from sagewarden_cli.sandbox import Sandbox

NAMESPACE = "ContainerInsights"


def publish(
    sandbox: Sandbox,
    name: str,
    *,
    now: datetime,
    used: float = 0.0,
    reserved: float = 0.0,
) -> None:
    """Publish how much the GPUs of a node group of cluster ``ml`` work and are reserved.

    It does so every minute, for three hours.

    Args:
        sandbox: Where it is.
        name: The node group.
        now: Until when.
        used: The utilisation, in percent.
        reserved: What pods reserved, in percent.
    """
    moments = [now - timedelta(minutes=minute) for minute in range(180)]
    for node in sandbox.eks().node_group(name).nodes:
        its = {"ClusterName": "ml", "InstanceId": node.instance_id, "NodeName": node.name}
        device = {**its, "InstanceType": "g5.xlarge", "GpuDevice": "nvidia0"}
        for metric, value, dimensions in (
            ("node_gpu_utilization", used, its),
            ("node_gpu_utilization", used, device),
            ("node_gpu_utilization", used, {"ClusterName": "ml"}),
            ("node_gpu_reserved_capacity", reserved, its),
        ):
            points = [(moment, value) for moment in moments]
            sandbox.metrics.load(None, None, NAMESPACE, metric, dimensions, points)
