"""Services as they are read, stopped and described, over the emulated AWS."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagewarden.adapters.kinds import MODULES, adapter_of
from sagewarden.adapters.sagemaker_executor import SageMakerExecutor
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.money import FileStorage
from sagewarden.domain.resources import ResourceKind, Snapshot
from sagewarden.domain.services.clusters import Cluster, InstanceGroup
from sagewarden.domain.services.file_systems import Members, StudioFileSystem
from sagewarden.domain.services.monitoring_schedules import MonitoringSchedule, Runs
from sagewarden.domain.services.provisioned_models import ProvisionedModel
from sagewarden.domain.services.recommendations_jobs import RecommendationsJob
from sagewarden.domain.services.rule import SERVICES
from sagewarden.domain.services.spaces import StudioSpace
from sagewarden.domain.services.tracking_servers import TrackingServer
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.shapes import service_model
from tests.integration.sandbox.test_services import add_definition
from tests.support.faults import answer_with_error

REGION = "us-east-1"
LONG_AGO = datetime(2026, 10, 18, 9, 30, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OWNED = {"Owner": "mina"}
DENIED = "AccessDeniedException"
SHAPES = {
    ResourceKind.MLFLOW_TRACKING_SERVER: ("sagemaker", "TrackingServerStatus"),
    ResourceKind.MONITORING_SCHEDULE: ("sagemaker", "ScheduleStatus"),
    ResourceKind.INFERENCE_RECOMMENDATIONS_JOB: ("sagemaker", "RecommendationJobStatus"),
    ResourceKind.CLUSTER: ("sagemaker", "ClusterStatus"),
    ResourceKind.PROVISIONED_MODEL: ("bedrock", "ProvisionedModelStatus"),
    ResourceKind.STUDIO_FILE_SYSTEM: ("efs", "LifeCycleState"),
    ResourceKind.STUDIO_SPACE: ("sagemaker", "SpaceStatus"),
}


@pytest.fixture
def inventory(sessions: Sessions) -> SageMakerInventory:
    return SageMakerInventory(sessions)


@pytest.fixture
def executor(sessions: Sessions) -> SageMakerExecutor:
    return SageMakerExecutor(sessions)


@pytest.fixture
def fleet(sandbox: Sandbox) -> Any:
    return sandbox.sagemaker(region=REGION)


def seeded(sandbox: Sandbox) -> None:
    """One service of each kind, long ago, with an owner."""
    fleet = sandbox.sagemaker(region=REGION)
    at: dict[str, Any] = {"created_at": LONG_AGO, "tags": OWNED}
    fleet.add_tracking_server("flow", is_used=False, **at)
    fleet.add_monitoring_schedule("watch", endpoint="churn", **at)
    fleet.add_recommendations_job("tests", duration=2 * HOUR, **at)
    fleet.add_cluster("big", groups={"gpu": ("ml.p5.48xlarge", 2)}, eks="lab", **at)
    fleet.add_domain("d-lab", **at)
    fleet.fill_home("d-lab", 3 * 2**30)
    fleet.add_space("shared", domain="d-lab", volume_gb=50, **at)
    sandbox.bedrock(region=REGION).add_provisioned_model("chat", units=2, **at)


def only(inventory: SageMakerInventory, kind: ResourceKind) -> Any:
    listing = inventory.found(kind, REGION)
    assert listing.incomplete == ()
    (found,) = listing.items
    return found


def action_on(resource: Snapshot, kind: ActionKind) -> Action:
    return Action(kind, resource.ref, Precondition.of(resource))


@pytest.mark.parametrize("kind", SERVICES)
def test_a_service_is_listed_and_read_alike_with_its_owner(
    sandbox: Sandbox, inventory: SageMakerInventory, kind: ResourceKind
) -> None:
    seeded(sandbox)

    found = only(inventory, kind)

    assert found.ref.kind == kind
    assert (found.ref.account, found.ref.region) == ("123456789012", REGION)
    assert (found.created, found.modified) == (LONG_AGO, LONG_AGO)
    assert found.tags["Owner"] == "mina"
    assert inventory.reread(found.ref) == found


@pytest.mark.parametrize("kind", SERVICES)
def test_a_region_without_services_has_none(
    inventory: SageMakerInventory, kind: ResourceKind
) -> None:
    listing = inventory.found(kind, REGION)

    assert (listing.items, listing.incomplete) == ((), ())


@pytest.mark.parametrize("kind", SERVICES)
def test_every_status_that_aws_has_is_known(
    sandbox: Sandbox, inventory: SageMakerInventory, kind: ResourceKind
) -> None:
    seeded(sandbox)
    service, shape = SHAPES[kind]
    known = type(only(inventory, kind).status)

    assert {item.value for item in known} - {"UNKNOWN"} == set(
        service_model(service).shape_for(shape).metadata["enum"]
    )


def test_each_kind_is_read_with_what_is_its_own(
    sandbox: Sandbox, inventory: SageMakerInventory
) -> None:
    seeded(sandbox)

    def found(kind: ResourceKind) -> Any:
        return only(inventory, kind)

    server = found(ResourceKind.MLFLOW_TRACKING_SERVER)
    job = found(ResourceKind.INFERENCE_RECOMMENDATIONS_JOB)
    cluster = found(ResourceKind.CLUSTER)
    model = found(ResourceKind.PROVISIONED_MODEL)
    system = found(ResourceKind.STUDIO_FILE_SYSTEM)
    assert isinstance(server, TrackingServer)
    assert (server.size, server.active) == ("Small", False)
    assert isinstance(job, RecommendationsJob)
    assert (job.limit, job.runs_on) == (2 * HOUR, ("ml.m5.xlarge",))
    assert isinstance(cluster, Cluster)
    assert cluster.groups == (InstanceGroup("gpu", "ml.p5.48xlarge", 2),)
    assert (cluster.eks, cluster.runs_on) == ("lab", ("ml.p5.48xlarge",))
    assert isinstance(model, ProvisionedModel)
    assert (model.units, model.commitment, model.committed_until) == (2, "", None)
    assert (model.base, model.is_custom) == (model.model, False)
    assert isinstance(system, StudioFileSystem)
    assert (system.ref.name, system.domain, system.domain_exists) == ("lab", "d-lab", True)
    assert (system.size_bytes, system.members) == (3 * 2**30, Members(0, 1, 0))
    assert system.stored == {
        FileStorage.STANDARD: 3 * 2**30,
        FileStorage.INFREQUENT: 0,
        FileStorage.ARCHIVE: 0,
    }


def test_every_page_is_read(sandbox: Sandbox, inventory: SageMakerInventory, fleet: Any) -> None:
    for number in range(101):
        fleet.add_tracking_server(f"s-{number}")
        sandbox.bedrock(region=REGION).add_provisioned_model(f"m-{number}")

    servers = inventory.found(ResourceKind.MLFLOW_TRACKING_SERVER, REGION)
    models = inventory.found(ResourceKind.PROVISIONED_MODEL, REGION)

    assert (len(servers.items), len(models.items)) == (101, 101)


def test_a_commitment_is_read_with_its_end(sandbox: Sandbox, inventory: SageMakerInventory) -> None:
    bedrock = sandbox.bedrock(region=REGION)
    bedrock.add_provisioned_model("chat", commitment="SixMonths", created_at=LONG_AGO)

    model = only(inventory, ResourceKind.PROVISIONED_MODEL)

    assert (model.commitment, model.committed_until) == ("SixMonths", LONG_AGO + 180 * DAY)


def test_jobs_that_have_ended_are_not_listed(inventory: SageMakerInventory, fleet: Any) -> None:
    fleet.add_recommendations_job("over", status="COMPLETED")
    fleet.add_recommendations_job("next", status="PENDING", instance_types=())

    job = only(inventory, ResourceKind.INFERENCE_RECOMMENDATIONS_JOB)

    assert (job.ref.name, job.limit, job.runs_on) == ("next", None, None)


def test_a_schedule_is_read_with_its_endpoint_and_what_it_ran(
    inventory: SageMakerInventory, fleet: Any
) -> None:
    fleet.add_endpoint("churn")
    ran = [(LONG_AGO + number * HOUR, 6 * MINUTE) for number in range(24)]
    ran.append((LONG_AGO + 24 * HOUR, timedelta(0)))  # it came to no processing job
    fleet.add_monitoring_schedule("watch", endpoint="churn", ran=ran)

    schedule = only(inventory, ResourceKind.MONITORING_SCHEDULE)

    assert isinstance(schedule, MonitoringSchedule)
    assert schedule.endpoint is not None
    assert schedule.endpoint.details is not None
    assert (schedule.watches, schedule.expression) == ("churn", "cron(0 * ? * * *)")
    assert schedule.runs == Runs("ml.m5.xlarge", 1, timedelta(hours=2, minutes=24), 25 * HOUR)
    assert (schedule.runs_on, schedule.stores_gb) == (("ml.m5.xlarge",), (20,))


def test_a_schedule_without_an_endpoint_says_so(inventory: SageMakerInventory, fleet: Any) -> None:
    fleet.add_monitoring_schedule("batch", endpoint=None)
    fleet.add_monitoring_schedule("dead", endpoint="gone")

    listing = inventory.found(ResourceKind.MONITORING_SCHEDULE, REGION)
    found = {item.ref.name: item for item in listing.items}

    batch, dead = found["batch"], found["dead"]
    assert isinstance(batch, MonitoringSchedule)
    assert isinstance(dead, MonitoringSchedule)
    assert (batch.watches, batch.endpoint, batch.endpoint_read) == (None, None, True)
    assert (dead.watches, dead.endpoint, dead.endpoint_read) == ("gone", None, True)
    assert (dead.runs, dead.runs_on) == (None, ("ml.m5.xlarge",))


def test_a_schedule_that_names_its_definition_is_priced_by_its_latest_job(
    sandbox: Sandbox, inventory: SageMakerInventory, fleet: Any
) -> None:
    fleet.add_endpoint("churn")
    client = sandbox.client("sagemaker", REGION)
    add_definition(client)
    client.create_monitoring_schedule(
        MonitoringScheduleName="watch",
        MonitoringScheduleConfig={
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
            "MonitoringJobDefinitionName": "quality",
            "MonitoringType": "DataQuality",
        },
    )
    sandbox.clock.advance(3 * HOUR)

    priced = only(inventory, ResourceKind.MONITORING_SCHEDULE)
    for job in client.list_processing_jobs()["ProcessingJobSummaries"]:
        client.delete_processing_job(ProcessingJobName=job["ProcessingJobName"])
    unpriced = only(inventory, ResourceKind.MONITORING_SCHEDULE)

    assert priced.watches == "churn"
    assert priced.runs is not None
    assert (priced.runs.instance_type, priced.runs.over) == ("ml.m5.large", 3 * HOUR)
    assert priced.runs_on == ("ml.m5.large",)
    assert (unpriced.runs, unpriced.runs_on, unpriced.stores_gb) == (None, None, None)


def test_an_endpoint_that_cannot_be_read_leaves_its_schedule_unknown(
    sessions: Sessions, fleet: Any
) -> None:
    fleet.add_endpoint("churn")
    fleet.add_monitoring_schedule("watch", endpoint="churn")
    answer_with_error(sessions, "sagemaker", "DescribeEndpoint", DENIED)

    inventory = SageMakerInventory(sessions)
    listing = inventory.found(ResourceKind.MONITORING_SCHEDULE, REGION)
    [schedule] = listing.items

    assert isinstance(schedule, MonitoringSchedule)
    assert (schedule.endpoint, schedule.endpoint_read) == (None, False)
    assert [gap.what for gap in listing.incomplete] == ["endpoint churn"]
    with pytest.raises(UnreadableError, match="endpoint churn"):
        inventory.reread(schedule.ref)


def test_a_home_that_outlived_its_domain_is_found_and_others_are_not(
    sandbox: Sandbox, inventory: SageMakerInventory, fleet: Any
) -> None:
    fleet.add_domain("d-lab")
    key = fleet.fill_home("d-lab", 2**31)
    client = sandbox.client("sagemaker", REGION)
    client.delete_domain(DomainId="d-lab")
    sandbox.clock.advance(HOUR)
    sandbox.client("efs", REGION).create_file_system(CreationToken="somebody's")

    system = only(inventory, ResourceKind.STUDIO_FILE_SYSTEM)

    assert isinstance(system, StudioFileSystem)
    assert (system.ref.name, system.domain_exists) == ("d-lab", False)
    assert system.file_system == key


def test_files_are_read_by_how_they_are_stored_and_elastic_throughput_has_a_class_of_its_own(
    inventory: SageMakerInventory, fleet: Any
) -> None:
    fleet.add_domain("d-lab")
    fleet.fill_home("d-lab", 100, infrequent=30, archive=50, throughput="elastic")

    system = only(inventory, ResourceKind.STUDIO_FILE_SYSTEM)

    assert system.size_bytes == 100
    assert system.stored == {
        FileStorage.STANDARD: 20,
        FileStorage.INFREQUENT_ELASTIC: 30,
        FileStorage.ARCHIVE: 50,
    }


@pytest.mark.parametrize(
    "told",
    [
        {"SizeInBytes": {"Value": 100}},
        {"SizeInBytes": {"Value": 100, "ValueInStandard": 100}, "AvailabilityZoneName": "us-a"},
    ],
)
def test_how_files_are_stored_is_unknown_where_aws_does_not_tell_or_prices_it_otherwise(
    sessions: Sessions, fleet: Any, told: dict[str, Any]
) -> None:
    fleet.add_domain("d-lab")
    client = sessions.client("efs", REGION)

    def shorten(parsed: dict[str, Any], **_: Any) -> None:
        parsed["FileSystems"] = [{**item, **told} for item in parsed["FileSystems"]]

    client.meta.events.register("after-call.efs.DescribeFileSystems", shorten)

    system = only(SageMakerInventory(sessions), ResourceKind.STUDIO_FILE_SYSTEM)

    assert (system.size_bytes, system.stored) == (100, None)


def test_who_is_in_a_domain_is_counted_without_what_is_over(
    inventory: SageMakerInventory, fleet: Any
) -> None:
    fleet.add_domain("d-lab")
    fleet.add_user_profile("mina", domain="d-lab")
    fleet.add_space("lab", domain="d-lab", owner="mina")
    fleet.add_app(domain="d-lab", space="lab", status="Failed")

    system = only(inventory, ResourceKind.STUDIO_FILE_SYSTEM)

    assert system.members == Members(user_profiles=1, spaces=1, apps=0)


def test_a_space_is_read_with_its_volume_its_owner_and_the_tags_of_its_owners_profile(
    inventory: SageMakerInventory, fleet: Any
) -> None:
    fleet.add_domain("d-lab", created_at=LONG_AGO)
    fleet.add_user_profile("mina", domain="d-lab", tags={"Owner": "mina", "Team": "search"})
    settings = {
        "AppType": "CodeEditor",
        "CodeEditorAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.t3.medium"}},
        "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 80}},
    }
    fleet.add_space(
        "Lab", domain="d-lab", owner="mina", tags={"Team": "vision"}, SpaceSettings=settings
    )

    space = only(inventory, ResourceKind.STUDIO_SPACE)

    assert isinstance(space, StudioSpace)
    assert (space.ref.name, space.domain, space.owner) == ("Lab", "d-lab", "mina")
    assert (space.app_type, space.volume_gb, space.apps) == ("CodeEditor", 80, ())
    assert space.runs_on == ("ml.t3.medium",)
    assert space.tags == {"Owner": "mina", "Team": "vision"}
    assert inventory.reread(space.ref) == space


def test_a_space_of_studio_classic_has_no_volume(inventory: SageMakerInventory, fleet: Any) -> None:
    fleet.add_domain("d-lab")
    fleet.add_space("old", domain="d-lab", app_type="JupyterServer")

    space = only(inventory, ResourceKind.STUDIO_SPACE)

    assert (space.volume_gb, space.runs_on, space.has_volume) == (None, (), False)


def test_the_apps_of_a_space_are_read_until_aws_forgets_them_a_day_after_their_end(
    sandbox: Sandbox, inventory: SageMakerInventory, fleet: Any
) -> None:
    fleet.add_domain("d-lab", created_at=LONG_AGO)
    fleet.add_user_profile("mina", domain="d-lab", created_at=LONG_AGO)
    fleet.add_space("lab", domain="d-lab", created_at=LONG_AGO)
    fleet.add_app(domain="d-lab", space="lab", created_at=LONG_AGO)
    fleet.add_app(domain="d-lab", user_profile="mina", app_type="JupyterServer")

    def seen() -> tuple[str, ...]:
        space = only(inventory, ResourceKind.STUDIO_SPACE)
        assert inventory.reread(space.ref) == space
        return tuple(app.status.value for app in space.apps)

    running = seen()
    where = {"DomainId": "d-lab", "SpaceName": "lab"}
    sandbox.client("sagemaker", REGION).delete_app(**where, AppType="JupyterLab", AppName="default")
    sandbox.clock.advance(DAY - HOUR)
    ended = seen()
    sandbox.clock.advance(2 * HOUR)

    assert (running, ended, seen()) == (("InService",), ("Deleted",), ())


def test_apps_of_spaces_that_cannot_be_listed_are_unknown_and_reported(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    seeded(sandbox)
    inventory = SageMakerInventory(sessions)
    answer_with_error(sessions, "sagemaker", "ListApps", DENIED)

    listing = inventory.found(ResourceKind.STUDIO_SPACE, REGION)

    (space,) = listing.items
    assert isinstance(space, StudioSpace)
    assert space.apps is None
    assert [item.what for item in listing.incomplete] == [f"apps of Studio spaces in {REGION}"]
    with pytest.raises(UnreadableError):
        inventory.reread(space.ref)


def test_a_space_whose_owners_tags_cannot_be_read_is_reported(
    sessions: Sessions, fleet: Any
) -> None:
    fleet.add_domain("d-lab")
    fleet.add_user_profile("mina", domain="d-lab")
    fleet.add_space("lab", domain="d-lab", owner="mina")
    answer_with_error(sessions, "sagemaker", "DescribeUserProfile", DENIED)

    listing = SageMakerInventory(sessions).found(ResourceKind.STUDIO_SPACE, REGION)

    assert listing.items == ()
    assert [item.what for item in listing.incomplete] == [f"studio-space d-lab/lab in {REGION}"]


LISTS = {
    ResourceKind.MLFLOW_TRACKING_SERVER: ("sagemaker", "ListMlflowTrackingServers"),
    ResourceKind.MONITORING_SCHEDULE: ("sagemaker", "ListMonitoringSchedules"),
    ResourceKind.INFERENCE_RECOMMENDATIONS_JOB: ("sagemaker", "ListInferenceRecommendationsJobs"),
    ResourceKind.CLUSTER: ("sagemaker", "ListClusters"),
    ResourceKind.PROVISIONED_MODEL: ("bedrock", "ListProvisionedModelThroughputs"),
    ResourceKind.STUDIO_FILE_SYSTEM: ("efs", "DescribeFileSystems"),
    ResourceKind.STUDIO_SPACE: ("sagemaker", "ListSpaces"),
}
READS = {
    ResourceKind.MLFLOW_TRACKING_SERVER: ("sagemaker", "DescribeMlflowTrackingServer"),
    ResourceKind.MONITORING_SCHEDULE: ("sagemaker", "DescribeMonitoringSchedule"),
    ResourceKind.INFERENCE_RECOMMENDATIONS_JOB: (
        "sagemaker",
        "DescribeInferenceRecommendationsJob",
    ),
    ResourceKind.CLUSTER: ("sagemaker", "DescribeCluster"),
    ResourceKind.PROVISIONED_MODEL: ("bedrock", "GetProvisionedModelThroughput"),
    ResourceKind.STUDIO_FILE_SYSTEM: ("sagemaker", "DescribeDomain"),
    ResourceKind.STUDIO_SPACE: ("sagemaker", "DescribeSpace"),
}


@pytest.mark.parametrize("calls", [LISTS, READS], ids=["lists", "reads"])
@pytest.mark.parametrize("kind", SERVICES)
def test_what_cannot_be_listed_or_read_is_reported(
    sandbox: Sandbox,
    sessions: Sessions,
    kind: ResourceKind,
    calls: dict[ResourceKind, tuple[str, str]],
) -> None:
    seeded(sandbox)
    inventory = SageMakerInventory(sessions)
    ref = only(inventory, kind).ref
    service, operation = calls[kind]
    answer_with_error(sessions, service, operation, DENIED)

    listing = inventory.found(kind, REGION)

    assert listing.items == ()
    assert listing.incomplete
    if calls is READS or kind is ResourceKind.STUDIO_FILE_SYSTEM:
        with pytest.raises(UnreadableError):
            inventory.reread(ref)


def test_members_that_cannot_be_read_are_unknown_and_reported(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    seeded(sandbox)
    answer_with_error(sessions, "sagemaker", "ListApps", DENIED)

    listing = SageMakerInventory(sessions).found(ResourceKind.STUDIO_FILE_SYSTEM, REGION)

    (system,) = listing.items
    assert isinstance(system, StudioFileSystem)
    assert system.members is None
    assert [item.what for item in listing.incomplete] == [f"members of Studio domains in {REGION}"]


@pytest.mark.parametrize("kind", SERVICES)
def test_what_is_gone_is_read_as_nothing(
    sandbox: Sandbox, inventory: SageMakerInventory, kind: ResourceKind
) -> None:
    seeded(sandbox)
    ref = only(inventory, kind).ref
    sandbox.reset(now=LONG_AGO)

    assert inventory.reread(ref) is None


STATUS = {
    ResourceKind.MLFLOW_TRACKING_SERVER: "Stopped",
    ResourceKind.MONITORING_SCHEDULE: "Stopped",
    ResourceKind.INFERENCE_RECOMMENDATIONS_JOB: "STOPPED",
}


@pytest.mark.parametrize("kind", STATUS)
def test_what_can_be_stopped_is_stopped_with_a_manifest_before(
    sandbox: Sandbox,
    inventory: SageMakerInventory,
    executor: SageMakerExecutor,
    kind: ResourceKind,
) -> None:
    seeded(sandbox)
    resource = only(inventory, kind)
    action = action_on(resource, ActionKind.STOP)

    manifest = executor.manifest(resource.ref, LONG_AGO)
    undo = executor.execute(action)
    sandbox.clock.advance(HOUR)

    again = inventory.reread(resource.ref)
    assert again is not None
    assert again.status == STATUS[kind]
    assert manifest.content["tags"] == OWNED
    assert action.needs_manifest
    if kind is ResourceKind.MLFLOW_TRACKING_SERVER:
        assert undo == (
            "aws sagemaker start-mlflow-tracking-server --tracking-server-name flow "
            f"--region {REGION}"
        )
    elif kind is ResourceKind.MONITORING_SCHEDULE:
        assert undo == (
            "aws sagemaker start-monitoring-schedule --monitoring-schedule-name watch "
            f"--region {REGION}"
        )
    else:
        assert undo is None


def test_throughput_is_deleted_and_its_undo_is_a_restore(
    sandbox: Sandbox, inventory: SageMakerInventory, executor: SageMakerExecutor
) -> None:
    seeded(sandbox)
    model = only(inventory, ResourceKind.PROVISIONED_MODEL)

    undo = executor.execute(action_on(model, ActionKind.DELETE))

    assert undo == f"sagewarden restore {model.ref.arn}"
    assert inventory.reread(model.ref) is None


def test_a_cluster_is_found_by_its_arn_alone_which_ends_in_an_id(
    sandbox: Sandbox, inventory: SageMakerInventory
) -> None:
    seeded(sandbox)
    cluster = only(inventory, ResourceKind.CLUSTER)

    found = inventory.reread(replace(cluster.ref, name=cluster.ref.arn.rpartition("/")[2]))

    assert found == cluster


def test_throughput_gets_its_owners_tag_and_its_undo_takes_it_off(
    sandbox: Sandbox, inventory: SageMakerInventory, executor: SageMakerExecutor
) -> None:
    seeded(sandbox)
    model = only(inventory, ResourceKind.PROVISIONED_MODEL)
    action = replace(action_on(model, ActionKind.TAG_OWNER), tag=("Lead", "kim lee"))

    undo = executor.execute(action)

    assert only(inventory, ResourceKind.PROVISIONED_MODEL).tags == {**OWNED, "Lead": "kim lee"}
    assert undo == (
        f"aws bedrock untag-resource --resource-arn {model.ref.arn} --tag-keys Lead "
        f"--region {REGION}"
    )


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (ResourceKind.MLFLOW_TRACKING_SERVER, ActionKind.DELETE),
        (ResourceKind.MONITORING_SCHEDULE, ActionKind.DELETE),
        (ResourceKind.INFERENCE_RECOMMENDATIONS_JOB, ActionKind.DELETE),
        (ResourceKind.PROVISIONED_MODEL, ActionKind.STOP),
        (ResourceKind.CLUSTER, ActionKind.STOP),
        (ResourceKind.STUDIO_FILE_SYSTEM, ActionKind.DELETE),
        (ResourceKind.STUDIO_SPACE, ActionKind.DELETE),
    ],
)
def test_what_a_kind_does_not_know_is_refused(
    sandbox: Sandbox,
    inventory: SageMakerInventory,
    executor: SageMakerExecutor,
    kind: ResourceKind,
    asked: ActionKind,
) -> None:
    seeded(sandbox)
    resource = only(inventory, kind)

    with pytest.raises(ActionFailedError, match=f"{asked} of {resource.ref.name}: a {kind}"):
        executor.execute(action_on(resource, asked))


def test_what_is_only_told_of_has_a_manifest_only_as_far_as_it_tells(
    sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
) -> None:
    seeded(sandbox)
    executor = SageMakerExecutor(sessions)
    cluster = only(inventory, ResourceKind.CLUSTER).ref
    told = (ResourceKind.STUDIO_FILE_SYSTEM, ResourceKind.STUDIO_SPACE)

    manifest = executor.manifest(cluster, LONG_AGO)

    assert manifest.content == adapter_of(cluster.kind).present(sessions, cluster, {})
    for ref in (only(inventory, kind).ref for kind in told):
        with pytest.raises(UnreadableError, match="only ever told of"):
            executor.manifest(ref, LONG_AGO)
        with pytest.raises(UnreadableError, match="only ever told of"):
            adapter_of(ref.kind).present(sessions, ref, {})


def test_every_service_has_a_module_of_its_own() -> None:
    assert {kind.value for kind in SERVICES} <= set(MODULES)
