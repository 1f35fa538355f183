"""Tracking servers, monitoring schedules, recommender jobs and clusters, as AWS plays them."""

from datetime import timedelta
from typing import Any

from sagewarden_cli.sandbox import Sandbox
from tests.integration.sandbox.conftest import MONDAY_NINE as NOW
from tests.integration.sandbox.conftest import refusal_code

ROLE = "arn:aws:iam::123456789012:role/r"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

type Client = Any  # boto3 makes its clients at run time


def a_server(sagemaker: Client, name: str = "Flow", **more: object) -> str:
    answer = sagemaker.create_mlflow_tracking_server(
        TrackingServerName=name, ArtifactStoreUri="s3://b/flow", RoleArn=ROLE, **more
    )
    return str(answer["TrackingServerArn"])


def server_status(sagemaker: Client, name: str = "Flow") -> tuple[str, str]:
    found = sagemaker.describe_mlflow_tracking_server(TrackingServerName=name)
    return found["TrackingServerStatus"], found["IsActive"]


def test_a_tracking_server_takes_its_time_to_be_created_stopped_started_and_deleted(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    arn = a_server(sagemaker, Tags=[{"Key": "Owner", "Value": "mina"}])
    seen = [server_status(sagemaker)]
    sandbox.clock.advance(25 * MINUTE)
    seen.append(server_status(sagemaker))
    for call in (sagemaker.stop_mlflow_tracking_server, sagemaker.start_mlflow_tracking_server):
        call(TrackingServerName="Flow")
        seen.append(server_status(sagemaker))
        sandbox.clock.advance(10 * MINUTE)
        seen.append(server_status(sagemaker))
    sagemaker.delete_mlflow_tracking_server(TrackingServerName="Flow")
    sandbox.clock.advance(5 * MINUTE)

    assert arn.endswith(":mlflow-tracking-server/flow")
    assert seen == [
        ("Creating", "Inactive"),
        ("Created", "Active"),
        ("Stopping", "Inactive"),
        ("Stopped", "Inactive"),
        ("Starting", "Inactive"),
        ("Started", "Active"),
    ]
    gone = sagemaker.describe_mlflow_tracking_server
    assert refusal_code(gone, TrackingServerName="Flow") == "ResourceNotFound"


def test_a_tracking_server_is_refused_what_does_not_fit_its_status(sagemaker: Client) -> None:
    a_server(sagemaker)
    which = {"TrackingServerName": "Flow"}

    for call in (
        sagemaker.start_mlflow_tracking_server,
        sagemaker.stop_mlflow_tracking_server,
        sagemaker.delete_mlflow_tracking_server,
        sagemaker.update_mlflow_tracking_server,
    ):
        assert refusal_code(call, **which) == "ConflictException"
    assert refusal_code(a_server, sagemaker=sagemaker) == "ValidationException"


def test_tracking_servers_are_listed_by_page_status_version_and_age(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    fleet = sandbox.sagemaker()
    for number in range(11):
        fleet.add_tracking_server(f"s-{number:02}", created_at=NOW - number * HOUR)
    fleet.add_tracking_server("off", status="Stopped", is_used=False)
    listing = sagemaker.list_mlflow_tracking_servers

    first = listing()
    rest = listing(NextToken=first["NextToken"])
    stopped = listing(TrackingServerStatus="Stopped")["TrackingServerSummaries"]
    old = listing(CreatedBefore=NOW - 9 * HOUR, SortBy="Name")["TrackingServerSummaries"]

    assert len(first["TrackingServerSummaries"]) == 10
    assert len(rest["TrackingServerSummaries"]) == 2
    assert [item["TrackingServerName"] for item in stopped] == ["off"]
    assert [item["TrackingServerName"] for item in old] == ["s-10"]
    assert listing(MlflowVersion="2.13.2")["TrackingServerSummaries"] == []


def test_a_tracking_server_is_updated_and_its_tags_are_found_in_bulk(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    arn = sandbox.sagemaker().add_tracking_server("flow", tags={"Team": "risk"})

    sagemaker.update_mlflow_tracking_server(TrackingServerName="flow", TrackingServerSize="Large")
    sandbox.clock.advance(10 * MINUTE)
    found = sagemaker.describe_mlflow_tracking_server(TrackingServerName="flow")
    tagging = sandbox.client("resourcegroupstaggingapi")
    tagged = tagging.get_resources(ResourceTypeFilters=["sagemaker:mlflow-tracking-server"])

    assert (found["TrackingServerStatus"], found["TrackingServerSize"]) == ("Updated", "Large")
    assert [item["ResourceARN"] for item in tagged["ResourceTagMappingList"]] == [arn]


def monitoring(endpoint: str, expression: str | None = "cron(0 * ? * * *)") -> dict[str, Any]:
    config: dict[str, Any] = {
        "MonitoringJobDefinition": {
            "MonitoringInputs": [
                {"EndpointInput": {"EndpointName": endpoint, "LocalPath": "/opt/ml/in"}}
            ],
            "MonitoringOutputConfig": {
                "MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://b/out", "LocalPath": "/opt/o"}}]
            },
            "MonitoringResources": {
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": "ml.m5.xlarge",
                    "VolumeSizeInGB": 20,
                }
            },
            "MonitoringAppSpecification": {"ImageUri": "img"},
            "RoleArn": ROLE,
        }
    }
    if expression:
        config["ScheduleConfig"] = {"ScheduleExpression": expression}
    return {"MonitoringScheduleName": "watch", "MonitoringScheduleConfig": config}


def executions(sagemaker: Client, **asked: object) -> list[tuple[str, bool]]:
    pages = sagemaker.get_paginator("list_monitoring_executions").paginate(**asked)
    return [
        (item["MonitoringExecutionStatus"], "ProcessingJobArn" in item)
        for page in pages
        for item in page["MonitoringExecutionSummaries"]
    ]


def add_definition(sagemaker: Client) -> None:
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}
    output = {"S3Uri": "s3://b/out", "LocalPath": "/opt/o"}
    sagemaker.create_data_quality_job_definition(
        JobDefinitionName="quality",
        DataQualityAppSpecification={"ImageUri": "img"},
        DataQualityJobInput={"EndpointInput": {"EndpointName": "churn", "LocalPath": "/opt/in"}},
        DataQualityJobOutputConfig={"MonitoringOutputs": [{"S3Output": output}]},
        JobResources={"ClusterConfig": cluster},
        RoleArn=ROLE,
    )


def test_a_monitoring_schedule_runs_a_processing_job_every_hour(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    sandbox.sagemaker().add_endpoint("churn")
    sagemaker.create_monitoring_schedule(**monitoring("churn"))

    sandbox.clock.advance(3 * HOUR + 10 * MINUTE)
    found = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="watch")
    jobs = sagemaker.list_processing_jobs()["ProcessingJobSummaries"]

    assert found["MonitoringScheduleStatus"] == "Scheduled"
    assert found["EndpointName"] == "churn"
    assert found["LastMonitoringExecutionSummary"]["MonitoringExecutionStatus"] == "Completed"
    assert executions(sagemaker, MonitoringScheduleName="watch") == [("Completed", True)] * 3
    assert len(jobs) == 3
    assert executions(sagemaker, EndpointName="other") == []
    assert executions(sagemaker, ScheduledTimeAfter=NOW + 2 * HOUR + MINUTE) == [
        ("Completed", True)
    ]


def test_a_schedule_on_an_endpoint_that_is_gone_fails_hour_by_hour(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    sandbox.sagemaker().add_endpoint("churn")
    sagemaker.create_monitoring_schedule(**monitoring("churn"))
    sagemaker.delete_endpoint(EndpointName="churn")

    sandbox.clock.advance(2 * HOUR)

    assert executions(sagemaker, StatusEquals="Failed") == [("Failed", False)] * 2


def test_a_stopped_schedule_runs_nothing_until_it_is_started(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    fleet = sandbox.sagemaker()
    fleet.add_endpoint("churn")
    fleet.add_monitoring_schedule("watch", endpoint="churn")
    which = {"MonitoringScheduleName": "watch"}

    sagemaker.stop_monitoring_schedule(**which)
    sandbox.clock.advance(2 * HOUR)
    stopped = executions(sagemaker)
    twice = refusal_code(sagemaker.stop_monitoring_schedule, **which)
    sagemaker.start_monitoring_schedule(**which)
    sandbox.clock.advance(HOUR + 10 * MINUTE)

    assert stopped == []
    assert twice == "ValidationException"
    assert executions(sagemaker) == [("Completed", True)]


def test_schedules_are_checked_and_deleted_only_at_rest(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    create = sagemaker.create_monitoring_schedule
    missing = refusal_code(create, **monitoring("churn"))
    sandbox.sagemaker().add_endpoint("churn")
    nonsense = refusal_code(create, **monitoring("churn", "rate(1 hour)"))
    beyond = refusal_code(create, **monitoring("churn", "cron(0 24 ? * * *)"))
    create(**monitoring("churn", "cron(0 9/12 ? * * *)"))
    sandbox.clock.advance(13 * HOUR)
    which = {"MonitoringScheduleName": "watch"}
    again = refusal_code(create, **monitoring("churn"))
    running = executions(sagemaker)
    sagemaker.delete_monitoring_schedule(**which)

    assert (missing, nonsense, beyond) == ("ValidationException",) * 3
    assert again == "ResourceInUse"
    assert running == [("Completed", True)]
    assert refusal_code(sagemaker.describe_monitoring_schedule, **which) == "ResourceNotFound"
    assert sagemaker.list_monitoring_schedules()["MonitoringScheduleSummaries"] == []


def test_a_schedule_is_not_deleted_while_it_runs(sandbox: Sandbox, sagemaker: Client) -> None:
    fleet = sandbox.sagemaker()
    fleet.add_endpoint("churn")
    fleet.add_monitoring_schedule("watch", endpoint="churn")
    fleet.add_monitoring_schedule("batch", endpoint=None, expression="cron(0 10 ? * * *)")
    once = monitoring("churn", "NOW") | {"MonitoringScheduleName": "once"}
    sagemaker.create_monitoring_schedule(**once)

    sandbox.clock.advance(HOUR + 5 * MINUTE)

    which = {"MonitoringScheduleName": "watch"}
    assert refusal_code(sagemaker.delete_monitoring_schedule, **which) == "ValidationException"
    assert executions(sagemaker) == [("InProgress", True)] * 2
    found = sagemaker.list_monitoring_schedules(EndpointName="churn")
    names = [item["MonitoringScheduleName"] for item in found["MonitoringScheduleSummaries"]]
    assert sorted(names) == ["once", "watch"]


def test_a_recommender_job_runs_until_it_is_done_or_stopped(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    asked = {
        "JobType": "Advanced",
        "RoleArn": ROLE,
        "InputConfig": {
            "ModelName": "m",
            "JobDurationInSeconds": 1200,
            "EndpointConfigurations": [{"InstanceType": "ml.m5.large"}],
        },
    }
    create = sagemaker.create_inference_recommendations_job
    create(JobName="done", **asked)
    create(JobName="halt", **asked)
    create(JobName="long", **{**asked, "InputConfig": {"ModelName": "m"}, "JobType": "Default"})
    taken = refusal_code(create, JobName="done", **asked)
    sandbox.clock.advance(3 * MINUTE)
    sagemaker.stop_inference_recommendations_job(JobName="halt")
    stopping = sagemaker.describe_inference_recommendations_job(JobName="halt")["Status"]
    sandbox.clock.advance(20 * MINUTE)

    listed = sagemaker.list_inference_recommendations_jobs()["InferenceRecommendationsJobs"]
    steps = sagemaker.list_inference_recommendations_job_steps
    assert taken == "ResourceInUse"
    assert stopping == "STOPPING"
    assert {item["JobName"]: item["Status"] for item in listed} == {
        "done": "COMPLETED",
        "halt": "STOPPED",
        "long": "IN_PROGRESS",
    }
    assert [step["Status"] for step in steps(JobName="done")["Steps"]] == ["COMPLETED"]
    assert steps(JobName="done", Status="FAILED")["Steps"] == []
    stop = sagemaker.stop_inference_recommendations_job
    assert refusal_code(stop, JobName="done") == "ValidationException"
    assert refusal_code(stop, JobName="none") == "ResourceNotFound"


def test_a_clusters_nodes_come_with_its_groups_and_follow_an_update(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    def group(count: int, name: str = "gpu") -> dict[str, object]:
        return {
            "InstanceGroupName": name,
            "InstanceType": "ml.g5.xlarge",
            "InstanceCount": count,
            "LifeCycleConfig": {"SourceS3Uri": "s3://b/lc", "OnCreate": "on.sh"},
            "ExecutionRole": ROLE,
        }

    def nodes() -> int:
        return len(sagemaker.list_cluster_nodes(ClusterName="Big")["ClusterNodeSummaries"])

    arn = sagemaker.create_cluster(ClusterName="Big", InstanceGroups=[group(2)])["ClusterArn"]
    taken = refusal_code(sagemaker.create_cluster, ClusterName="Big", InstanceGroups=[group(1)])
    busy = refusal_code(sagemaker.delete_cluster, ClusterName="Big")
    before = nodes()
    sandbox.clock.advance(20 * MINUTE)
    found = sagemaker.describe_cluster(ClusterName=arn)
    created = nodes()
    sagemaker.update_cluster(ClusterName="Big", InstanceGroups=[group(1), group(1, "more")])
    sandbox.clock.advance(10 * MINUTE)
    some = sagemaker.list_cluster_nodes(ClusterName="Big", InstanceGroupNameContains="more")
    updated = nodes()
    listed = sagemaker.list_clusters(SortBy="NAME")["ClusterSummaries"]
    sagemaker.delete_cluster(ClusterName="Big")
    sandbox.clock.advance(10 * MINUTE)

    assert len(arn.rpartition("/")[2]) == 12
    assert (taken, busy) == ("ResourceInUse", "ConflictException")
    assert (before, created, updated) == (0, 2, 2)
    assert found["InstanceGroups"][0]["CurrentCount"] == 2
    assert len(some["ClusterNodeSummaries"]) == 1
    assert [item["ClusterName"] for item in listed] == ["Big"]
    assert refusal_code(sagemaker.describe_cluster, ClusterName="Big") == "ResourceNotFound"


def test_tags_of_a_cluster_are_found_by_the_id_in_its_arn(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    arn = sandbox.sagemaker().add_cluster("big", groups={"g": ("ml.g5.xlarge", 1)}, eks="lab")

    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "Owner", "Value": "mina"}])

    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "Owner", "Value": "mina"}]
    found = sagemaker.describe_cluster(ClusterName="big")["Orchestrator"]["Eks"]["ClusterArn"]
    assert found.endswith(":cluster/lab")


def test_a_schedule_does_what_the_job_definition_says_that_it_names(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    sandbox.sagemaker().add_endpoint("churn")
    named = {
        "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        "MonitoringJobDefinitionName": "quality",
        "MonitoringType": "DataQuality",
    }
    create = sagemaker.create_monitoring_schedule
    asked = {"MonitoringScheduleName": "watch", "MonitoringScheduleConfig": named}
    missing = refusal_code(create, **asked)
    add_definition(sagemaker)
    create(**asked)
    sandbox.clock.advance(HOUR + 10 * MINUTE)

    found = sagemaker.describe_monitoring_schedule(MonitoringScheduleName="watch")
    [job] = sagemaker.list_processing_jobs()["ProcessingJobSummaries"]
    ran = sagemaker.describe_processing_job(ProcessingJobName=job["ProcessingJobName"])

    assert missing == "ValidationException"
    assert (found["EndpointName"], found["MonitoringScheduleConfig"]) == ("churn", named)
    assert ran["ProcessingResources"]["ClusterConfig"]["InstanceType"] == "ml.m5.large"
