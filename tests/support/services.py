"""Builders of services that are billed by the hour, and of the rule that judges them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.judged import Facts
from sagewarden.domain.metrics import Readings, Series
from sagewarden.domain.money import FileStorage, PriceBook, PriceComponent
from sagewarden.domain.resources import Endpoint, ResourceKind, ResourceRef, Tags
from sagewarden.domain.scope import Mode, Scope, TagMatch
from sagewarden.domain.services.clusters import Cluster, ClusterStatus, InstanceGroup
from sagewarden.domain.services.file_systems import (
    FileSystemStatus,
    Members,
    StudioFileSystem,
)
from sagewarden.domain.services.monitoring_schedules import (
    MonitoringSchedule,
    Runs,
    ScheduleStatus,
)
from sagewarden.domain.services.provisioned_models import ProvisionedModel, ProvisionedStatus
from sagewarden.domain.services.recommendations_jobs import (
    RecommendationsJob,
    RecommendationsJobStatus,
)
from sagewarden.domain.services.rule import SERVICES, IdleServices
from sagewarden.domain.services.spaces import SeenApp, SpaceStatus, StudioSpace
from sagewarden.domain.services.tracking_servers import ServerStatus, TrackingServer
from tests.support.builders import ACCOUNT, LONG_AGO, REGION, a_ref

THREE_DAYS = timedelta(hours=72)
ZEROS = (0.0,) * 72
NOBODY = Members(0, 0, 0)


def an_idle_services_rule(
    action: ActionKind = ActionKind.STOP,
    mode: Mode = Mode.ENFORCE,
) -> IdleServices:
    """A rule for every kind of service over three days."""
    return IdleServices(
        scope=Scope("idle-services", mode, protections=(TagMatch("DoNotDelete"),)),
        kinds=tuple(kind.value for kind in SERVICES),
        grace=timedelta(hours=24),
        idle_for=THREE_DAYS,
        action=action,
    )


def service_prices() -> PriceBook:
    """Round figures for what services cost."""
    hourly = {
        (PriceComponent.MLFLOW, REGION, "Small"): Decimal("0.60"),
        (PriceComponent.PROCESSING, REGION, "ml.m5.xlarge"): Decimal("0.24"),
        (PriceComponent.HOSTING, REGION, "ml.m5.xlarge"): Decimal("0.23"),
        (PriceComponent.CLUSTER, REGION, "ml.p5.48xlarge"): Decimal(60),
        (PriceComponent.MODEL_UNIT, REGION, "titantextexpress (no commitment)"): Decimal(20),
        (PriceComponent.MODEL_UNIT, REGION, "titantextexpress (1 month)"): Decimal(18),
    }
    files = {
        FileStorage.STANDARD: Decimal("0.30"),
        FileStorage.INFREQUENT: Decimal("0.02"),
        FileStorage.INFREQUENT_ELASTIC: Decimal("0.01"),
    }
    as_of = {(component, region): date(2026, 11, 1) for component, region, _ in hourly}
    as_of[PriceComponent.FILE_SYSTEM, REGION] = date(2026, 11, 1)
    as_of[PriceComponent.STORAGE, REGION] = date(2026, 11, 1)
    return PriceBook(
        as_of=as_of,
        hourly_usd=hourly,
        gb_second_usd={},
        gb_month_usd={(PriceComponent.STUDIO_JUPYTER_LAB, REGION): Decimal("0.14")},
        file_gb_month_usd={(storage, REGION): usd for storage, usd in files.items()},
    )


def facts(
    now: datetime,
    values: dict[Series, tuple[float, ...] | None] | None = None,
    *,
    measured: bool = True,
) -> Facts:
    """What is known beside a service: prices, and the metrics of three days."""
    window = an_idle_services_rule().window(now)
    readings = Readings(window, values or {}) if measured else None
    return Facts(service_prices(), readings)


def _common(name: str, kind: ResourceKind, tags: Tags | None, **more: Any) -> dict[str, Any]:
    return {
        "ref": a_ref(name, kind),
        "created": LONG_AGO,
        "modified": LONG_AGO,
        "tags": tags or {},
        **more,
    }


def a_tracking_server(
    name: str = "flow",
    status: str = "Created",
    *,
    size: str | None = "Small",
    active: bool | None = False,
    tags: Tags | None = None,
    **more: Any,
) -> TrackingServer:
    """An MLflow tracking server that nobody uses."""
    common = _common(name, ResourceKind.MLFLOW_TRACKING_SERVER, tags, **more)
    return TrackingServer(status=ServerStatus(status), size=size, active=active, **common)


def a_monitoring_schedule(
    name: str = "watch",
    status: str = "Scheduled",
    *,
    endpoint: Endpoint | None = None,
    endpoint_read: bool = True,
    watches: str | None = "churn",
    expression: str | None = "cron(0 * ? * * *)",
    runs: Runs | None = None,
    tags: Tags | None = None,
    **more: Any,
) -> MonitoringSchedule:
    """A monitoring schedule whose endpoint is gone."""
    return MonitoringSchedule(
        status=ScheduleStatus(status),
        expression=expression,
        watches=watches,
        endpoint=endpoint,
        endpoint_read=endpoint_read,
        runs=runs,
        **_common(name, ResourceKind.MONITORING_SCHEDULE, tags, **more),
    )


def a_recommendations_job(
    name: str = "tests",
    status: str = "IN_PROGRESS",
    *,
    limit: timedelta | None = timedelta(hours=2),
    instance_types: tuple[str, ...] | None = ("ml.m5.xlarge",),
    tags: Tags | None = None,
    **more: Any,
) -> RecommendationsJob:
    """An inference recommendations job."""
    return RecommendationsJob(
        status=RecommendationsJobStatus(status),
        job_type="Advanced",
        limit=limit,
        instance_types=instance_types,
        **_common(name, ResourceKind.INFERENCE_RECOMMENDATIONS_JOB, tags, **more),
    )


def a_provisioned_model(
    name: str = "chat",
    status: str = "InService",
    *,
    units: int = 2,
    model: str = "amazon.titan-text-express-v1",
    customised: bool = False,
    commitment: str = "",
    until: datetime | None = None,
    tags: Tags | None = None,
    **more: Any,
) -> ProvisionedModel:
    """Provisioned throughput of Amazon Bedrock."""
    kind = ResourceKind.PROVISIONED_MODEL
    arn = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:provisioned-model/0123456789ab"
    ref = ResourceRef(kind, ACCOUNT, REGION, name, arn)
    base = f"arn:aws:bedrock:{REGION}::foundation-model/{model}"
    custom = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:custom-model/{model}/0123456789ab"
    return ProvisionedModel(
        status=ProvisionedStatus(status),
        units=units,
        model=custom if customised else base,
        base=base,
        commitment=commitment,
        committed_until=until,
        **_common(name, kind, tags, **{"ref": ref, **more}),
    )


def a_cluster(
    name: str = "big",
    status: str = "InService",
    *,
    groups: tuple[InstanceGroup, ...] | None = (InstanceGroup("gpu", "ml.p5.48xlarge", 2),),
    eks: str | None = "lab",
    tags: Tags | None = None,
    **more: Any,
) -> Cluster:
    """A HyperPod cluster of two nodes under EKS."""
    common = _common(name, ResourceKind.CLUSTER, tags, **more)
    return Cluster(status=ClusterStatus(status), groups=groups, eks=eks, **common)


def a_file_system(
    name: str = "research",
    status: str = "available",
    *,
    domain_exists: bool = True,
    size_bytes: int = 40 * 2**30,
    stored: Mapping[FileStorage, int] | None = None,
    members: Members | None = NOBODY,
    tags: Tags | None = None,
    **more: Any,
) -> StudioFileSystem:
    """The file system of a Studio domain in which nobody is left."""
    kind = ResourceKind.STUDIO_FILE_SYSTEM
    arn = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-0123456789abcdef0"
    ref = ResourceRef(kind, ACCOUNT, REGION, name, arn)
    return StudioFileSystem(
        status=FileSystemStatus(status),
        domain="d-research",
        domain_exists=domain_exists,
        size_bytes=size_bytes,
        stored=stored,
        members=members,
        **_common(name, kind, tags, **{"ref": ref, **more}),
    )


def a_space(
    name: str = "lab",
    status: str = "InService",
    *,
    owner: str | None = "mina",
    app_type: str | None = "JupyterLab",
    volume_gb: int | None = 100,
    instance_types: tuple[str, ...] = (),
    apps: tuple[SeenApp, ...] | None = (),
    tags: Tags | None = None,
    **more: Any,
) -> StudioSpace:
    """A Studio space in which no app ran of late."""
    kind = ResourceKind.STUDIO_SPACE
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:space/d-research/{name}"
    ref = ResourceRef(kind, ACCOUNT, REGION, name, arn)
    return StudioSpace(
        status=SpaceStatus(status),
        domain="d-research",
        owner=owner,
        app_type=app_type,
        volume_gb=volume_gb,
        instance_types=instance_types,
        apps=apps,
        **_common(name, kind, tags, **{"ref": ref, **more}),
    )
