"""A serverless endpoint through a day, and then two days in which nobody calls it."""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.people import REGION
from tests.e2e.stack.scenarios import Chronicle, at
from tests.e2e.stack.watching import add_alarm

WHICH = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/chat/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency",
}
HOUR = timedelta(hours=1)


def day_of_a_serverless_endpoint(playing: AbstractContextManager[Wiring]) -> Chronicle:
    """Tuesday morning to the next Friday; an earlier rule left a policy and an action behind."""
    chronicle = Chronicle()
    with playing as wiring:
        _add(wiring)
        _leftovers(wiring)
        wiring.run_until(at(17, 7, 16))
        chronicle.states["registered"] = _registered(wiring)
        for day, hour, minute in ((17, 8, 50), (17, 9, 20), (17, 17, 50), (17, 18, 20)):
            wiring.sleep_until(at(day, hour, minute))
            chronicle.states[f"{day} {hour:02}:{minute}"] = provisioned(wiring)
        for day in (20, 21):
            wiring.sleep_until(at(day, 7, 29))
            wiring.run_until(at(day, 7, 31))
            chronicle.states[f"{day} 07:31"] = provisioned(wiring)
        wiring.run_until(at(21, 7, 50))
        chronicle.states["config"] = _config(wiring)
        chronicle.states["left registered"] = _registered(wiring)
        return chronicle.close(wiring)


def _add(wiring: Wiring) -> None:
    fleet, created = wiring.sandbox.sagemaker(), at(10, 9)
    fleet.add_model("served", created_at=created)
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 20, "ProvisionedConcurrency": 3}
    variant = {"VariantName": "AllTraffic", "ModelName": "served", "ServerlessConfig": serverless}
    fleet.add_endpoint_config("chat", variants=[variant], tags={"Team": "fraud"})
    fleet.add_endpoint("chat", config="chat", created_at=created, tags={"Owner": "mina"})
    add_alarm(wiring, "chat")
    _traffic(wiring, at(12, 0), at(17, 18), 5.0)
    _traffic(wiring, at(17, 18), at(22, 0), 0.0)


def _traffic(wiring: Wiring, begin: datetime, end: datetime, calls: float) -> None:
    hours = int((end - begin) / HOUR)
    points = [(begin + number * HOUR, calls) for number in range(hours)]
    dimensions = {"EndpointName": "chat", "VariantName": "AllTraffic"}
    wiring.sandbox.metrics.load(None, None, "AWS/SageMaker", "Invocations", dimensions, points)


def _leftovers(wiring: Wiring) -> None:
    client: Any = wiring.sandbox.client("application-autoscaling", REGION)
    client.register_scalable_target(**WHICH, MinCapacity=2, MaxCapacity=10)
    metric = "SageMakerVariantProvisionedConcurrencyUtilization"
    client.put_scaling_policy(
        **WHICH,
        PolicyName="sagewarden-before",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 0.5,
            "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
        },
    )
    client.put_scheduled_action(
        **WHICH,
        ScheduledActionName="sagewarden-before",
        Schedule="cron(0 3 * * ? *)",
        ScalableTargetAction={"MinCapacity": 9},
    )


def provisioned(wiring: Wiring) -> int:
    """What the endpoint has now."""
    client = wiring.sandbox.client("sagemaker")
    (variant,) = client.describe_endpoint(EndpointName="chat")["ProductionVariants"]
    return int(variant["CurrentServerlessConfig"].get("ProvisionedConcurrency", 0))


def _config(wiring: Wiring) -> str:
    found = wiring.sandbox.client("sagemaker").describe_endpoint(EndpointName="chat")
    return str(found["EndpointConfigName"])


def _registered(wiring: Wiring) -> list[str]:
    """The names of what Application Auto Scaling holds for the endpoint."""
    client: Any = wiring.sandbox.client("application-autoscaling", REGION)
    one = {"ServiceNamespace": "sagemaker", "ResourceId": WHICH["ResourceId"]}
    policies = client.describe_scaling_policies(**one)["ScalingPolicies"]
    actions = client.describe_scheduled_actions(**one)["ScheduledActions"]
    return sorted(
        [item["PolicyName"] for item in policies]
        + [item["ScheduledActionName"] for item in actions]
    )
