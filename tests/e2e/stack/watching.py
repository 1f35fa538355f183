"""What people hang onto an endpoint: an alarm, and a target of Application Auto Scaling."""

from typing import Any

from sagewarden_cli.stack.wiring import Wiring


def add_alarm(wiring: Wiring, endpoint: str) -> None:
    """Watch an endpoint's latency."""
    wiring.sandbox.client("cloudwatch").put_metric_alarm(
        AlarmName=f"{endpoint}-is-slow",
        Namespace="AWS/SageMaker",
        MetricName="ModelLatency",
        Dimensions=[
            {"Name": "EndpointName", "Value": endpoint},
            {"Name": "VariantName", "Value": "AllTraffic"},
        ],
        Statistic="Average",
        Period=60,
        EvaluationPeriods=3,
        Threshold=500_000.0,
        ComparisonOperator="GreaterThanThreshold",
    )


def add_scalable_target(wiring: Wiring, endpoint: str) -> None:
    """Let an endpoint's instances scale."""
    client: Any = wiring.sandbox.client("application-autoscaling")
    client.register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId=f"endpoint/{endpoint}/variant/AllTraffic",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=4,
        Tags={"Team": "fraud"},
    )
