"""Builders: a believable value with every field that a test does not speak of filled in."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.idle_apps import IdleApps
from sagewarden.domain.idle_endpoints import IdleEndpoints
from sagewarden.domain.job_runs import Run
from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.money import PriceBook, PriceComponent
from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.plans import Limits
from sagewarden.domain.resources import (
    AppStatus,
    Endpoint,
    EndpointDetails,
    EndpointStatus,
    InferenceComponent,
    NotebookInstance,
    NotebookStatus,
    ResourceKind,
    ResourceRef,
    Serverless,
    StudioApp,
    StudioResource,
    StudioStatus,
    Tags,
    TrainingJob,
    TrainingJobStatus,
    Variant,
)
from sagewarden.domain.rules import Policy, Rule
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.schedules.calendar import Calendar, Holidays, every
from sagewarden.domain.schedules.calendar import Window as OpeningHours
from sagewarden.domain.schedules.expression import ExpressionDefaults
from sagewarden.domain.schedules.reading import Schedule
from sagewarden.domain.scope import Mode, Scope, TagMatch
from sagewarden.domain.studio_settings import IdleShutdown, StudioSettings
from sagewarden.domain.verdicts import Verdict, VerdictKind

ACCOUNT = "111122223333"
REGION = "ap-northeast-2"
SEOUL = ZoneInfo("Asia/Seoul")

NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
"""Monday, 20:00 in Seoul: two hours after the office closed."""

LONG_AGO = datetime(2026, 9, 1, tzinfo=UTC)
TWO_DAYS = timedelta(hours=48)
ZEROS = (0.0,) * 48


def seoul(text: str) -> datetime:
    """A moment by Seoul's wall clock, such as ``2026-11-02 20:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL)


def a_ref(
    name: str = "nb",
    kind: ResourceKind = ResourceKind.NOTEBOOK_INSTANCE,
    region: str = REGION,
    account: str = ACCOUNT,
) -> ResourceRef:
    """What identifies a resource, with an ARN as SageMaker makes it."""
    arn = f"arn:aws:sagemaker:{region}:{account}:{kind}/{name}"
    return ResourceRef(kind, account, region, name, arn)


def a_notebook(
    name: str = "nb",
    *,
    status: str = "InService",
    created: datetime = LONG_AGO,
    modified: datetime = LONG_AGO,
    instance_type: str | None = "ml.t3.medium",
    tags: Tags | None = None,
    tags_readable: bool = True,
    lifecycle_config: str | None = "",
    region: str = REGION,
) -> NotebookInstance:
    """A notebook instance; with readable tags, none unless given."""
    return NotebookInstance(
        ref=a_ref(name, ResourceKind.NOTEBOOK_INSTANCE, region),
        status=NotebookStatus(status),
        created=created,
        modified=modified,
        instance_type=instance_type,
        tags=dict(tags or {}) if tags_readable else None,
        lifecycle_config=lifecycle_config,
    )


def idle_after(
    timeout: timedelta | None = timedelta(hours=1),
    *,
    enabled: bool | None = True,
    longest: timedelta | None = None,
    lifecycle_configs: tuple[str, ...] = (),
) -> StudioSettings:
    """Settings with the same idle shutdown of JupyterLab and Code Editor."""
    apps = ("JupyterLab", "CodeEditor")
    idle = tuple(IdleShutdown(app, enabled, timeout, longest) for app in apps)
    return StudioSettings(idle, lifecycle_configs)


NOTHING_SET = idle_after(None, enabled=None)
"""Settings that say nothing, as SageMaker has them at first."""


def a_domain(
    name: str = "research",
    settings: StudioSettings | None = NOTHING_SET,
    *,
    domain_id: str = "d-1",
    modified: datetime = LONG_AGO,
    instance_types: tuple[str, ...] = (),
    tags: Tags | None = None,
) -> StudioResource:
    """A Studio domain with readable tags, none unless given."""
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:domain/{domain_id}"
    ref = ResourceRef(ResourceKind.STUDIO_DOMAIN, ACCOUNT, REGION, name, arn)
    state = StudioStatus.IN_SERVICE
    return StudioResource(
        ref, state, LONG_AGO, modified, dict(tags or {}), settings, instance_types, ()
    )


def a_user_profile(
    name: str = "lee",
    settings: StudioSettings | None = NOTHING_SET,
    *,
    domain_id: str = "d-1",
    tags: Tags | None = None,
) -> StudioResource:
    """A Studio user profile with readable tags, none unless given."""
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/{domain_id}/{name}"
    ref = ResourceRef(ResourceKind.STUDIO_USER_PROFILE, ACCOUNT, REGION, name, arn)
    state = StudioStatus.IN_SERVICE
    return StudioResource(ref, state, LONG_AGO, LONG_AGO, dict(tags or {}), settings, (), ())


def an_app(
    name: str = "space/mina-lab/JupyterLab/default",
    *,
    status: str = "InService",
    created: datetime = LONG_AGO,
    instance_type: str | None = "ml.t3.medium",
    tags: Tags | None = None,
    tags_readable: bool = True,
    active: datetime | None = None,
    checked: datetime | None = None,
    region: str = REGION,
) -> StudioApp:
    """A Studio app in a space, with an ARN as SageMaker makes it; no tags unless given."""
    _, owner, app_type, app = name.split("/")
    path = f"d-research/{owner}/{app_type}/{app}".lower()
    arn = f"arn:aws:sagemaker:{region}:{ACCOUNT}:app/{path}"
    return StudioApp(
        ref=ResourceRef(ResourceKind.STUDIO_APP, ACCOUNT, region, name, arn),
        status=AppStatus(status),
        created=created,
        app_type=app_type,
        instance_type=instance_type,
        tags=dict(tags or {}) if tags_readable else None,
        active=active,
        checked=checked,
    )


def a_training_job(
    name: str = "job",
    *,
    status: str = "InProgress",
    created: datetime = LONG_AGO,
    modified: datetime = LONG_AGO,
    instance_types: tuple[str, ...] | None = ("ml.m5.xlarge",),
    volume_gb: int = 30,
    tags: Tags | None = None,
    run: Run | None = None,
) -> TrainingJob:
    """A training job with readable tags, none unless given."""
    ref = a_ref(name, ResourceKind.TRAINING_JOB)
    volumes, state = (volume_gb,), TrainingJobStatus(status)
    return TrainingJob(ref, state, created, modified, tags or {}, instance_types, volumes, run)


def a_variant(
    name: str = "AllTraffic",
    *,
    instance_types: tuple[str, ...] = ("ml.m5.large",),
    instance_count: int | None = 1,
    **fields: bool | int | str | None,
) -> Variant:
    """A variant with one instance."""
    return Variant(name, instance_types=instance_types, instance_count=instance_count, **fields)  # type: ignore[arg-type]  # the remaining fields of Variant, by name


def a_serverless_variant(
    name: str = "AllTraffic", *, memory_mb: int = 2048, concurrency: int = 20, provisioned: int = 5
) -> Variant:
    """A serverless variant with provisioned concurrency."""
    return Variant(name, serverless=Serverless(memory_mb, concurrency, provisioned))


def details_of(
    *variants: Variant,
    config_name: str = "config-1",
    asynchronous: bool = False,
    components: Iterable[str] | None = (),
) -> EndpointDetails:
    """How an endpoint serves: by one real-time variant unless variants are given."""
    parts = variants or (a_variant(),)
    hosted = (
        None
        if components is None
        else tuple(InferenceComponent(component, parts[0].name) for component in components)
    )
    return EndpointDetails(config_name, parts, asynchronous, hosted)


def an_endpoint(
    name: str = "ep",
    *variants: Variant,
    status: str = "InService",
    created: datetime = LONG_AGO,
    modified: datetime = LONG_AGO,
    tags: Tags | None = None,
    tags_readable: bool = True,
    described: bool = True,
    config_name: str = "config-1",
    asynchronous: bool = False,
    components: Iterable[str] | None = (),
    region: str = REGION,
) -> Endpoint:
    """An endpoint with its details; ``described=False`` as the list page shows it."""
    details = details_of(
        *variants, config_name=config_name, asynchronous=asynchronous, components=components
    )
    return Endpoint(
        ref=a_ref(name, ResourceKind.ENDPOINT, region),
        status=EndpointStatus(status),
        created=created,
        modified=modified,
        tags=dict(tags or {}) if tags_readable else None,
        details=details if described else None,
    )


def an_endpoint_of_components(
    name: str = "ep", *components: str, managed_minimum: int | None = 0
) -> Endpoint:
    """An endpoint that hosts inference components."""
    variant = a_variant(hosts_components=True, managed_minimum=managed_minimum)
    return an_endpoint(name, variant, components=components)


def readings_of(
    values: Mapping[Series, tuple[float, ...] | None],
    *,
    now: datetime = NOW,
    window: timedelta = TWO_DAYS,
    complete: bool = True,
) -> Readings:
    """Readings over the window that ends now."""
    return Readings(Window.before(now, window), values, complete)


def a_scope(
    rule: str = "a-rule",
    *,
    mode: Mode = Mode.ENFORCE,
    names: tuple[str, ...] = ("*",),
    except_names: tuple[str, ...] = (),
    when: tuple[TagMatch, ...] = (),
    protections: tuple[TagMatch, ...] = (),
    spare_iac: bool = True,
    exemptions: tuple[Exemption, ...] = (),
) -> Scope:
    """A scope that covers everything and enforces."""
    return Scope(rule, mode, names, except_names, when, protections, spare_iac, exemptions)


def opening_hours(begin: str, end: str) -> OpeningHours:
    """Opening hours between two wall-clock times; ``24:00`` is midnight."""
    closes = None if end == "24:00" else time.fromisoformat(end)
    return OpeningHours.between(time.fromisoformat(begin), closes)


def a_calendar(
    *windows: str,
    days: Iterable[int] = range(5),
    zone: str = "Asia/Seoul",
    name: str = "business-hours",
    holidays: Holidays | None = None,
    dates: Mapping[date, tuple[OpeningHours, ...]] | None = None,
) -> Calendar:
    """A calendar, Monday to Friday 09:00-18:00 in Seoul unless said otherwise."""
    hours = tuple(opening_hours(*window.split("-")) for window in windows or ("09:00-18:00",))
    return Calendar(name, ZoneInfo(zone), every(days, hours), holidays, dict(dates or {}))


def no_holidays(country: str, subdivision: str | None) -> Holidays:
    """A source that knows KR and US-CA, and no holiday in either."""
    if (country, subdivision) not in {("KR", None), ("US", "CA")}:
        raise ValueError(f"no public holidays are known for {country}")
    return lambda _day: None


def a_schedule_book(
    default: Schedule | None = None,
    *,
    named: Mapping[str, Schedule] | None = None,
    tag: str | None = "Schedule",
    always_default: bool = True,
) -> ScheduleBook:
    """Business hours by default, and the tag ``Schedule`` for everything else."""
    office = a_calendar()
    return ScheduleBook(
        default=(default or office) if always_default else None,
        named={"business-hours": office, **(named or {})},
        expressions=ExpressionDefaults(SEOUL, no_holidays),
        tag=tag,
    )


def a_notebook_rule(
    rule: str = "notebooks-off-hours",
    *,
    schedule: Schedule | None = None,
    schedules: ScheduleBook | None = None,
    scope: Scope | None = None,
    mode: Mode = Mode.ENFORCE,
    start_again: bool = False,
    strict: bool = False,
    warn: timedelta = timedelta(minutes=30),
    kinds: tuple[str, ...] = ("notebook-instance",),
) -> NotebookHours:
    """Stop notebooks outside business hours."""
    return NotebookHours(
        scope=scope or a_scope(rule, mode=mode),
        schedules=schedules or a_schedule_book(schedule),
        start_again=start_again,
        strict=strict,
        warn=warn,
        kinds=kinds,
    )


def an_app_rule(
    rule: str = "apps-off-hours",
    *,
    schedule: Schedule | None = None,
    scope: Scope | None = None,
    mode: Mode = Mode.ENFORCE,
    strict: bool = False,
) -> NotebookHours:
    """Stop Studio apps outside business hours."""
    return a_notebook_rule(
        rule, schedule=schedule, scope=scope, mode=mode, strict=strict, kinds=("studio-app",)
    )


def an_idle_app_rule(
    rule: str = "idle-apps",
    *,
    scope: Scope | None = None,
    mode: Mode = Mode.ENFORCE,
    window: timedelta = timedelta(hours=2),
    warn: timedelta = timedelta(minutes=30),
) -> IdleApps:
    """Stop Studio apps that nobody used for two hours."""
    return IdleApps(scope or a_scope(rule, mode=mode), window, warn)


def an_endpoint_rule(
    rule: str = "idle-endpoints",
    *,
    scope: Scope | None = None,
    mode: Mode = Mode.ENFORCE,
    window: timedelta = TWO_DAYS,
    action: ActionKind = ActionKind.DELETE,
    grace: timedelta = timedelta(hours=24),
) -> IdleEndpoints:
    """Delete endpoints that nobody called for two days."""
    return IdleEndpoints(scope or a_scope(rule, mode=mode), window, action, grace)


def a_policy(
    *rules: Rule, limits: Limits | None = None, fingerprint: str = "f1", regions: str = REGION
) -> Policy:
    """A policy of some rules, with the limits of a policy that names none."""
    return Policy(fingerprint, (regions,), rules, limits or Limits())


def a_precondition(
    *,
    status: str = "InService",
    created: datetime = LONG_AGO,
    modified: datetime = LONG_AGO,
    config_name: str | None = None,
) -> Precondition:
    """The state of an old resource in service."""
    return Precondition(status, created, modified, config_name)


def a_violation(
    ref: ResourceRef | None = None,
    *,
    rule: str = "idle-endpoints",
    action: ActionKind = ActionKind.DELETE,
    precondition: Precondition | None = None,
) -> Verdict:
    """A violation with an action."""
    where = ref or a_ref("ep", ResourceKind.ENDPOINT)
    return Verdict(
        rule=rule,
        ref=where,
        kind=VerdictKind.VIOLATION,
        reason="0 invocations in 48 h over 1 variant",
        action=Action(action, where, precondition or a_precondition()),
    )


def some_prices() -> PriceBook:
    """A price book of round figures, read on two days."""
    return PriceBook(
        as_of={
            (PriceComponent.HOSTING, REGION): date(2026, 5, 20),
            (PriceComponent.NOTEBOOK, REGION): date(2026, 5, 21),
            (PriceComponent.STUDIO_JUPYTER_LAB, REGION): date(2026, 5, 22),
            (PriceComponent.PROVISIONED_CONCURRENCY, REGION): date(2026, 5, 8),
        },
        hourly_usd={
            (PriceComponent.HOSTING, REGION, "ml.m5.large"): Decimal("0.10"),
            (PriceComponent.HOSTING, REGION, "ml.g5.xlarge"): Decimal("1.50"),
            (PriceComponent.NOTEBOOK, REGION, "ml.t3.medium"): Decimal("0.05"),
            (PriceComponent.STUDIO_JUPYTER_LAB, REGION, "ml.t3.medium"): Decimal("0.06"),
        },
        gb_second_usd={(PriceComponent.PROVISIONED_CONCURRENCY, REGION): Decimal("0.000005")},
    )
