"""The demo's services that bill by the hour: servers, schedules, throughput, clusters, storage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sagewarden.domain.money import PriceComponent
from sagewarden.domain.services.provisioned_models import INVOCATIONS, NAMESPACE
from sagewarden_cli.demo.meter import sagemaker_in
from sagewarden_cli.demo.organisation import WEEK, WEEK_BEGINS, Team
from sagewarden_cli.demo.portraits import Clients, Portrait, tags_at, without
from sagewarden_cli.demo.rest.kinds import Extra, Kind, Runs, trap
from sagewarden_cli.demo.teams import FORECAST, FRAUD, LANGUAGE, PERSONAL, SEARCH, VISION, tags_of
from sagewarden_cli.sandbox import Sandbox

_HISTORY = timedelta(days=3)
_HOUR = timedelta(hours=1)
_CREATED = WEEK_BEGINS - timedelta(days=60)
_TWICE_A_DAY = timedelta(hours=12)
_GIGABYTE = 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Extra):
    """A service to begin with.

    Attributes:
        status: Its state when the week begins; None for what every one of its kind begins with.
        used: What its metric, or AWS, says of its use; None where nothing is known.
        details: What else the builder of its kind is told.
    """

    status: str | None = None
    used: float | None = 0.0
    details: Mapping[str, Any]


_TESTED_ON = "ml.m5.xlarge"


def _service(name: str, team: Team, **details: Any) -> Service:  # noqa: ANN401 - of its builder
    owner = team.owner_of(name)
    return Service(name=name, team=team, tags=tags_of(team, owner, "dev"), details=details)


def _sizing(name: str, team: Team) -> Service:
    """An inference recommendations job, which tests on one type of instance."""
    job = _service(name, team, duration=2 * _HOUR, instance_types=(_TESTED_ON,))
    return replace(job, runs=Runs(PriceComponent.HOSTING, _TESTED_ON))


_SERVERS = (
    _service("experiments-2024", LANGUAGE, size="Medium"),
    trap(replace(_service("risk-registry", FRAUD), used=1.0), "AWS says that it is active"),
    trap(_service("audit-registry", FRAUD), "protected by the policy", DoNotDelete="regulator"),
    trap(
        _service("forecast-registry", FORECAST),
        "exempt by its owner",
        SagewardenExempt="2026-12-31: migration",
    ),
    trap(replace(_service("vision-registry", VISION), status="Updating"), "it is Updating"),
)

_SCHEDULES = (
    _service("ranker-2022-drift", SEARCH, endpoint="ranker-2022"),
    trap(_service("home-feed-drift", PERSONAL, endpoint="home-feed-next"), "its endpoint is used"),
    trap(
        _service("velocity-drift", FRAUD, endpoint="velocity-2023"),
        "managed by Terraform",
        ManagedBy="terraform",
    ),
    trap(
        _service("intent-drift", LANGUAGE, endpoint="intent-shadow"),
        "its endpoint has no metric at all: no data is not zero",
    ),
)

_JOBS = (
    _sizing("bert-sizing", LANGUAGE),
    trap(
        _sizing("detector-sizing", VISION),
        "protected by the policy",
        DoNotDelete="benchmark",
    ),
    trap(
        _sizing("uplift-sizing", PERSONAL),
        "its exemption cannot be read",
        SagewardenExempt="while we measure",
    ),
)

_THROUGHPUT = (
    _service("support-bot-units", LANGUAGE),
    trap(replace(_service("claims-units", FRAUD), used=12.0), "it is called every hour"),
    trap(replace(_service("pilot-units", SEARCH), used=None), "no metric: no data is not zero"),
    trap(
        _service("contract-units", LANGUAGE, commitment="SixMonths"),
        "committed for six months: deleting it would save nothing",
    ),
    trap(
        _service("launch-units", PERSONAL),
        "exempt by its owner",
        SagewardenExempt="2026-12-20: launch",
    ),
)

_CLUSTERS = (
    _service("pretrain", LANGUAGE, groups={"workers": ("ml.g5.12xlarge", 2)}, eks="hyperpod-a"),
    trap(
        _service("vision-slurm", VISION, groups={"workers": ("ml.g5.xlarge", 2)}),
        "AWS publishes nothing of what a Slurm cluster does: not known is not idle",
    ),
    trap(
        replace(
            _service("risk-pod", FRAUD, groups={"workers": ("ml.g5.xlarge", 1)}, eks="hyperpod-b"),
            status="Updating",
        ),
        "it is Updating",
    ),
)

_HOMES = (
    _service("old-research", FORECAST, size_bytes=420 * _GIGABYTE),
    trap(_service("research", SEARCH, size_bytes=35 * _GIGABYTE), "its domain has spaces and apps"),
)

_SPACES_IN = "d-research"
_SPACES = (
    _service("thesis-files", SEARCH, volume_gb=250),
    trap(
        _service("audit-files", FRAUD, volume_gb=100),
        "protected by the policy",
        DoNotDelete="regulator",
    ),
    trap(
        _service("season-files", FORECAST, volume_gb=60),
        "exempt by its owner",
        SagewardenExempt="2026-12-31: back after parental leave",
    ),
    trap(
        replace(_service("grown-files", VISION, volume_gb=500), status="Updating"),
        "it is Updating",
    ),
)


def _common(service: Service) -> Mapping[str, Any]:
    more = {} if service.status is None else {"status": service.status}
    return {"created_at": _CREATED, "tags": service.tags, **more}


def _add_server(sandbox: Sandbox, service: Service) -> str:
    fleet = sandbox.sagemaker(region=service.region)
    used = bool(service.used)
    return fleet.add_tracking_server(
        service.name, is_used=used, **_common(service), **service.details
    )


def _add_schedule(sandbox: Sandbox, service: Service) -> str:
    fleet = sandbox.sagemaker(region=service.region)
    return fleet.add_monitoring_schedule(
        service.name, expression="cron(0 5 ? * * *)", **_common(service), **service.details
    )


def _add_job(sandbox: Sandbox, service: Service) -> str:
    fleet = sandbox.sagemaker(region=service.region)
    since = {**_common(service), "created_at": WEEK_BEGINS - 20 * _HOUR}
    return fleet.add_recommendations_job(service.name, **since, **service.details)


def _add_throughput(sandbox: Sandbox, service: Service) -> str:
    fleet = sandbox.bedrock(region=service.region)
    arn = fleet.add_provisioned_model(service.name, **_common(service), **service.details)
    _publish(sandbox, service, (NAMESPACE, INVOCATIONS), {"ModelId": arn})
    return arn


def _add_cluster(sandbox: Sandbox, service: Service) -> str:
    fleet = sandbox.sagemaker(region=service.region)
    if eks := service.details.get("eks"):
        what = ("ContainerInsights", "node_gpu_utilization")
        _publish(sandbox, service, what, {"ClusterName": eks})
    return fleet.add_cluster(service.name, **_common(service), **service.details)


def _add_home(sandbox: Sandbox, service: Service) -> str:
    fleet = sandbox.sagemaker(region=service.region)
    domain = f"d-{service.name}"
    if domain not in sagemaker_in(sandbox, service.region).domains:
        fleet.add_domain(domain, **_common(service))
    key = fleet.fill_home(domain, service.details["size_bytes"])
    found = sandbox.client("efs", service.region).describe_file_systems(FileSystemId=key)
    return str(found["FileSystems"][0]["FileSystemArn"])


def _add_space(sandbox: Sandbox, service: Service) -> str:
    fleet = sandbox.sagemaker(region=service.region)
    if _SPACES_IN not in sagemaker_in(sandbox, service.region).domains:
        fleet.add_domain(_SPACES_IN, created_at=_CREATED)
    return fleet.add_space(service.name, domain=_SPACES_IN, **_common(service), **service.details)


def _publish(
    sandbox: Sandbox, service: Service, metric: tuple[str, str], named: Mapping[str, str]
) -> None:
    """Publish the same every hour; what is still to come stays unseen."""
    if service.used is not None:
        number = int((_HISTORY + WEEK) / _HOUR)
        moments = (WEEK_BEGINS - _HISTORY + hour * _HOUR for hour in range(number))
        points = [(moment, service.used) for moment in moments]
        sandbox.metrics.load(None, service.region, *metric, named, points)


def _described(call: str, name: str, *moving: str) -> Callable[[Clients, Service], Portrait]:
    """What a describe call of SageMaker tells of a service, by its name."""

    def portray(clients: Clients, service: Service) -> Portrait:
        client = clients("sagemaker", service.region)
        seen = without(getattr(client, call)(**{name: service.name}), *moving)
        arn = next(str(seen[key]) for key in seen if key.endswith("Arn") and key != "RoleArn")
        return {"seen": seen, "tags": tags_at(client, arn)}

    return portray


def _throughput(clients: Clients, service: Service) -> Portrait:
    client = clients("bedrock", service.region)
    seen = client.get_provisioned_model_throughput(provisionedModelId=service.name)
    arn = seen["provisionedModelArn"]
    tags = client.list_tags_for_resource(resourceARN=arn)["tags"]
    return {"seen": without(seen), "tags": {tag["key"]: tag["value"] for tag in tags}}


def _home(clients: Clients, service: Service) -> Portrait:
    client = clients("sagemaker", service.region)
    seen = without(client.describe_domain(DomainId=f"d-{service.name}"))
    files = clients("efs", service.region)
    key = seen["HomeEfsFileSystemId"]
    system = files.describe_file_systems(FileSystemId=key)["FileSystems"][0]
    size = system["SizeInBytes"]["Value"]
    tags = tags_at(client, seen["DomainArn"])
    return {"domain": seen, "stored": size, "state": system["LifeCycleState"], "tags": tags}


def _space(clients: Clients, service: Service) -> Portrait:
    client = clients("sagemaker", service.region)
    seen = without(client.describe_space(DomainId=_SPACES_IN, SpaceName=service.name))
    return {"seen": seen, "tags": tags_at(client, seen["SpaceArn"])}


SERVICES: tuple[Kind[Service], ...] = (
    Kind(
        title="MLflow tracking servers",
        rules=("idle-tracking-servers",),
        extras=_SERVERS,
        seed=_add_server,
        portray=_described("describe_mlflow_tracking_server", "TrackingServerName"),
        every=_TWICE_A_DAY,
    ),
    Kind(
        title="Monitoring schedules",
        rules=("idle-monitoring",),
        extras=_SCHEDULES,
        seed=_add_schedule,
        portray=_described(
            *("describe_monitoring_schedule", "MonitoringScheduleName"),
            *("LastMonitoringExecutionSummary", "LastModifiedTime"),
        ),
        every=_TWICE_A_DAY,
    ),
    Kind(
        title="Inference recommendations jobs",
        rules=("endless-recommendations",),
        extras=_JOBS,
        seed=_add_job,
        portray=_described("describe_inference_recommendations_job", "JobName"),
        every=_TWICE_A_DAY,
    ),
    Kind(
        title="Bedrock provisioned throughput",
        rules=("idle-throughput",),
        extras=_THROUGHPUT,
        seed=_add_throughput,
        portray=_throughput,
        every=_TWICE_A_DAY,
    ),
    Kind(
        title="HyperPod clusters",
        rules=("idle-clusters",),
        extras=_CLUSTERS,
        seed=_add_cluster,
        portray=_described("describe_cluster", "ClusterName"),
        every=_TWICE_A_DAY,
    ),
    Kind(
        title="File systems of Studio domains",
        rules=("idle-file-systems",),
        extras=_HOMES,
        seed=_add_home,
        portray=_home,
        every=_TWICE_A_DAY,
    ),
    Kind(
        title="Studio spaces",
        rules=("unused-spaces",),
        extras=_SPACES,
        seed=_add_space,
        portray=_space,
        every=_TWICE_A_DAY,
    ),
)
"""A kind each."""
