"""Services that nobody uses, or that are not allowed: stopped where they can be, else told of.

What is protected or busy is left alone.
"""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.scenarios import Chronicle, add_components, at

ROLE = "arn:aws:iam::123456789012:role/r"


def services_nobody_uses(playing: AbstractContextManager[Wiring]) -> Chronicle:
    """Monday's warnings, Tuesday's stops; a person looks into one server meanwhile.

    The idle-services bot looks at 9:25 and 10:25, guardrails at 9:33 and 10:33.
    """
    chronicle = Chronicle()
    with playing as wiring:
        _add_services(wiring)
        wiring.sleep_until(at(16, 9, 20))
        wiring.run_until(at(16, 9, 31))
        chronicle.states["16 09:31"] = services(wiring)
        wiring.run_until(at(16, 9, 34))
        wiring.sandbox.sagemaker().add_tracking_server("looked-into", created_at=at(2, 9))
        wiring.sleep_until(at(17, 8, 20))
        wiring.run_until(at(17, 8, 31))
        wiring.sleep_until(at(17, 10, 20))
        wiring.run_until(at(17, 10, 41))
        chronicle.states["17 10:41"] = services(wiring)
        return chronicle.close(wiring)


def services(wiring: Wiring) -> dict[str, str]:
    """The status of every service."""
    client, bedrock = wiring.sandbox.client("sagemaker"), wiring.sandbox.client("bedrock")
    found = {
        item["TrackingServerName"]: item["TrackingServerStatus"]
        for item in client.list_mlflow_tracking_servers()["TrackingServerSummaries"]
    }
    for item in client.list_monitoring_schedules()["MonitoringScheduleSummaries"]:
        found[item["MonitoringScheduleName"]] = item["MonitoringScheduleStatus"]
    for item in client.list_inference_recommendations_jobs()["InferenceRecommendationsJobs"]:
        found[item["JobName"]] = item["Status"]
    for item in bedrock.list_provisioned_model_throughputs()["provisionedModelSummaries"]:
        found[item["provisionedModelName"]] = item["status"]
    return found


def _add_services(wiring: Wiring) -> None:
    fleet, bedrock = wiring.sandbox.sagemaker(), wiring.sandbox.bedrock()
    old: dict[str, Any] = {"created_at": at(2, 9), "tags": {"Owner": "mina"}}
    prod: dict[str, Any] = {"created_at": at(2, 9), "tags": {"Stage": "prod"}}
    for name, given in (("forgotten", old), ("looked-into", old), ("prod", prod)):
        fleet.add_tracking_server(name, is_used=False, **given)
    fleet.add_endpoint("hosting", created_at=at(2, 9), tags={"Owner": "mina"})
    let_run(wiring, "Invocations", {"EndpointName": "hosting", "VariantName": "AllTraffic"}, 3.0)
    add_components(wiring, at(2, 9))
    let_run(wiring, "Invocations", {"InferenceComponentName": "component"}, 1.0)
    fleet.add_tracking_server("unwanted-server", **old)
    fleet.add_monitoring_schedule("unwanted-watch", endpoint="hosting", **old)
    fleet.add_recommendations_job("unwanted-tests", duration=timedelta(hours=2), **old)
    fleet.add_cluster("unwanted-nodes", groups={"cpu": ("ml.m5.xlarge", 1)}, eks="cpus", **old)
    fleet.add_monitoring_schedule("dead", endpoint="gone", **old)
    fleet.add_monitoring_schedule("shared", endpoint="components", **old)
    _watch_by_definition(wiring)
    fleet.add_recommendations_job("endless", duration=timedelta(hours=2), **old)
    fleet.add_cluster("big", groups={"gpu": ("ml.p5.48xlarge", 1)}, eks="lab", **old)
    fleet.add_domain("d-empty", **old)
    fleet.fill_home("d-empty", 2**35)
    fleet.add_domain("d-lab", **old)
    fleet.add_user_profile("mina", domain="d-lab", **old)
    fleet.add_space("lab", domain="d-lab", owner="mina", volume_gb=100, **old)
    for name, given in (("silent", old), ("kept", prod)):
        arn = bedrock.add_provisioned_model(name, **given)
        let_run(wiring, "Invocations", {"ModelId": arn}, 0.0, "AWS/Bedrock")


def _watch_by_definition(wiring: Wiring) -> None:
    """A schedule whose executions alone tell what they run on; its endpoint is called."""
    client = wiring.sandbox.client("sagemaker")
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}
    output = {"S3Uri": "s3://b/out", "LocalPath": "/opt/out"}
    client.create_data_quality_job_definition(
        JobDefinitionName="quality",
        DataQualityAppSpecification={"ImageUri": "img"},
        DataQualityJobInput={"EndpointInput": {"EndpointName": "hosting", "LocalPath": "/opt/in"}},
        DataQualityJobOutputConfig={"MonitoringOutputs": [{"S3Output": output}]},
        JobResources={"ClusterConfig": cluster},
        RoleArn=ROLE,
    )
    client.create_monitoring_schedule(
        MonitoringScheduleName="busy",
        MonitoringScheduleConfig={
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
            "MonitoringJobDefinitionName": "quality",
            "MonitoringType": "DataQuality",
        },
    )


def let_run(
    wiring: Wiring,
    metric: str,
    dimensions: dict[str, str],
    value: float,
    namespace: str = "AWS/SageMaker",
) -> None:
    """Publish the same value of a metric every hour."""
    points = [(at(12, 0) + number * timedelta(hours=1), value) for number in range(130)]
    wiring.sandbox.metrics.load(None, None, namespace, metric, dimensions, points)
