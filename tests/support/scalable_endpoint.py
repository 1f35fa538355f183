"""What tests of the emulated Application Auto Scaling start from."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sagewarden_cli.sandbox import Sandbox

CONCURRENCY: dict[str, Any] = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/e/variant/v",
    "ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency",
}
INSTANCES = {**CONCURRENCY, "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
COPIES: dict[str, Any] = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "inference-component/ic",
    "ScalableDimension": "sagemaker:inference-component:DesiredCopyCount",
}


def serve_serverless(sandbox: Sandbox, provisioned: int | None = 5, most: int = 20) -> None:
    """Add the serverless endpoint ``e`` with the variant ``v``."""
    fleet = sandbox.sagemaker()
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": most}
    if provisioned is not None:
        serverless["ProvisionedConcurrency"] = provisioned
    fleet.add_model("m")
    variant = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": serverless}
    fleet.add_endpoint_config("c", [variant])
    fleet.add_endpoint("e", config="c")


def serve_instances(sandbox: Sandbox, count: int = 2) -> None:
    """Add the endpoint ``e`` with the variant ``v`` on instances."""
    fleet = sandbox.sagemaker()
    fleet.add_model("m")
    variant = {"VariantName": "v", "ModelName": "m", "InitialInstanceCount": count}
    fleet.add_endpoint_config("c", [{**variant, "InstanceType": "ml.g5.xlarge"}])
    fleet.add_endpoint("e", config="c")


def scale_serverless(
    sandbox: Sandbox, autoscaling: Any, provisioned: int = 4, bounds: tuple[int, int] = (1, 10)
) -> None:
    """Add ``e`` as a serverless endpoint and register its provisioned concurrency."""
    serve_serverless(sandbox, provisioned=provisioned)
    autoscaling.register_scalable_target(
        **CONCURRENCY, MinCapacity=bounds[0], MaxCapacity=bounds[1]
    )


def activities(autoscaling: Any) -> list[dict[str, Any]]:
    """Describe what was scaled, the newest first."""
    found = autoscaling.describe_scaling_activities(ServiceNamespace="sagemaker")
    return list(found["ScalingActivities"])


def variant_of(sagemaker: Any) -> dict[str, Any]:
    """Describe the variant ``v`` of the endpoint ``e``."""
    (found,) = sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"]
    return dict(found)


def provisioned_now(sagemaker: Any) -> int:
    """Return how much concurrency of ``e`` is provisioned."""
    return int(variant_of(sagemaker)["CurrentServerlessConfig"]["ProvisionedConcurrency"])


def status_of(sagemaker: Any) -> str:
    """Return the status of ``e``."""
    return str(sagemaker.describe_endpoint(EndpointName="e")["EndpointStatus"])


def load_utilization(sandbox: Sandbox, start: datetime, values: Iterable[float]) -> None:
    """Publish the share of ``e``'s provisioned concurrency in use, a value a minute."""
    points = [(start + timedelta(minutes=n), value) for n, value in enumerate(values)]
    sandbox.metrics.load(
        None,
        None,
        "AWS/SageMaker",
        "ServerlessProvisionedConcurrencyUtilization",
        {"EndpointName": "e", "VariantName": "v"},
        points,
    )
