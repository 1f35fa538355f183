"""The demo's Studio apps: left on overnight, forgotten for days, and those that must stay."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sagewarden.domain.money import PriceBook
from sagewarden.domain.studio_apps import PRICED_AS
from sagewarden_cli.demo.meter import OFF, Draw, sagemaker_in
from sagewarden_cli.demo.organisation import REGIONS, WEEK_BEGINS, Team
from sagewarden_cli.demo.portraits import Clients, Portrait, tags_at, without
from sagewarden_cli.demo.rest.kinds import Extra, Kind, Runs, trap
from sagewarden_cli.demo.teams import FORECAST, FRAUD, LANGUAGE, PERSONAL, SEARCH, VISION, tags_of
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.sagemaker.studio_resources import App

_DOMAIN = "d-research"
_LAB, _EDITOR, _KERNELS, _BOARD = "JupyterLab", "CodeEditor", "KernelGateway", "TensorBoard"
_BILLED = frozenset({"InService", "Pending"})
_CHECKED = timedelta(minutes=2)
"""How long before a look AWS checked an app's health."""
_IN_USE = timedelta(minutes=12)
_AT_WORK = range(9, 18)
_SATURDAY = 5


class _Use(StrEnum):
    """How an app is used."""

    OFFICE = "office"
    """By day; its owner leaves it running, and opens it again in the morning."""
    NEVER = "never"
    """Not for days."""
    ALWAYS = "always"
    """Around the clock."""
    UNTOLD = "untold"
    """AWS tells no use of it beside its own health checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioApp(Extra):
    """A Studio app to begin with; its tags are those of its space.

    Attributes:
        space: Its space.
        app_type: Such as ``JupyterLab``.
        instance_type: What it runs on.
        use: How it is used.
        status: Its state when the week begins.
    """

    space: str
    app_type: str
    instance_type: str
    use: _Use
    status: str = "InService"


def _app(space: str, team: Team, instance_type: str, use: _Use, app_type: str = _LAB) -> StudioApp:
    owner = team.owner_of(space)
    component = PRICED_AS.get(app_type)
    return StudioApp(
        name=f"space/{space}/{app_type}/default",
        team=team,
        tags=tags_of(team, owner, "dev") | {"Schedule": team.calendar},
        runs=Runs(component, instance_type) if component is not None else None,
        space=space,
        app_type=app_type,
        instance_type=instance_type,
        use=use,
    )


_APPS = (
    _app("ranking-lab", SEARCH, "ml.m5.4xlarge", _Use.OFFICE),
    _app("fraud-graphs", FRAUD, "ml.g5.xlarge", _Use.OFFICE),
    _app("uplift-lab", PERSONAL, "ml.r5.4xlarge", _Use.OFFICE),
    _app("ocr-lab", VISION, "ml.g4dn.xlarge", _Use.OFFICE),
    _app("prompt-editor", LANGUAGE, "ml.m5.4xlarge", _Use.NEVER, _EDITOR),
    _app("demand-kernels", FORECAST, "ml.m5.xlarge", _Use.NEVER, _KERNELS),
    trap(
        _app("q4-stress-lab", FRAUD, "ml.m5.4xlarge", _Use.OFFICE),
        "protected: Stage=prod",
        Stage="prod",
    ),
    trap(
        _app("year-end-lab", PERSONAL, "ml.g5.xlarge", _Use.OFFICE),
        "exempt by its owner",
        SagewardenExempt="2027-01-31: year-end models",
    ),
    trap(
        _app("annotation-lab", VISION, "ml.m5.xlarge", _Use.OFFICE),
        "opted out of hours by its owner",
        Schedule="off",
    ),
    trap(
        _app("campaign-lab", PERSONAL, "ml.m5.xlarge", _Use.OFFICE),
        "its schedule cannot be read",
        Schedule="mon-fri 9am to 6pm",
    ),
    trap(
        _app("llm-finetune", LANGUAGE, "ml.m5.4xlarge", _Use.ALWAYS, _EDITOR),
        "somebody used it minutes ago",
    ),
    trap(
        _app("embedding-kernels", LANGUAGE, "ml.m5.xlarge", _Use.UNTOLD, _KERNELS),
        "AWS tells nothing but its own health checks: not known is not idle",
    ),
    trap(
        _app("loss-curves", FORECAST, "ml.m5.xlarge", _Use.NEVER, _BOARD),
        "its exemption cannot be read",
        SagewardenExempt="until the paper is out",
    ),
    trap(
        replace(_app("image-test", SEARCH, "ml.m5.xlarge", _Use.NEVER, _KERNELS), status="Pending"),
        "it is Pending: only what has settled is judged",
    ),
)


def _seed(sandbox: Sandbox, app: StudioApp) -> str:
    fleet = sandbox.sagemaker(region=app.region)
    if not sagemaker_in(sandbox, app.region).domains:
        tags = tags_of(SEARCH, "minji", "dev")
        fleet.add_domain(_DOMAIN, created_at=WEEK_BEGINS - timedelta(days=300), tags=tags)
    created = WEEK_BEGINS - timedelta(days=3, hours=6)
    fleet.add_space(
        app.space,
        domain=_DOMAIN,
        app_type=app.app_type,
        created_at=created - timedelta(days=40),
        tags=app.tags,
    )
    return _run(sandbox, app, created)


def _run(sandbox: Sandbox, app: StudioApp, created: datetime) -> str:
    return sandbox.sagemaker(region=app.region).add_app(
        domain=_DOMAIN,
        space=app.space,
        app_type=app.app_type,
        instance_type=app.instance_type,
        status=app.status,
        created_at=created,
        last_user_activity_at=created + timedelta(hours=4),
    )


def _portray(clients: Clients, app: StudioApp) -> Portrait:
    client = clients("sagemaker", app.region)
    where = {"DomainId": _DOMAIN, "SpaceName": app.space}
    answer = client.describe_app(**where, AppType=app.app_type, AppName="default")
    space = client.describe_space(**where)
    moving = ("LastUserActivityTimestamp", "LastHealthCheckTimestamp")
    return {
        "app": without(answer, *moving),
        "space": without(space),
        "tags": tags_at(client, space["SpaceArn"]),
    }


def _live(sandbox: Sandbox, now: datetime) -> None:
    """AWS checks every app's health; people use theirs, and open again what was stopped."""
    for app in _APPS:
        apps = sagemaker_in(sandbox, app.region).apps.values()
        one = next((item for item in apps if item.space == app.space), None)
        if one is None or one.status not in _BILLED:
            if app.use is _Use.OFFICE and _at_work(app.team, now):
                _run(sandbox, app, now - _IN_USE)
        elif one.status == "InService":
            _use(app, one, now)


def _use(app: StudioApp, one: App, now: datetime) -> None:
    one.checked_at = now - _CHECKED
    if app.use is _Use.UNTOLD:
        one.user_active_at = one.checked_at
    elif app.use is _Use.ALWAYS or (app.use is _Use.OFFICE and _at_work(app.team, now)):
        one.user_active_at = now - _IN_USE


def _at_work(team: Team, now: datetime) -> bool:
    local = now.astimezone(team.zone)
    return local.weekday() < _SATURDAY and local.hour in _AT_WORK


def _draws(sandbox: Sandbox, prices: PriceBook) -> Mapping[str, Draw]:
    return {
        app.arn: _draw(app, region, prices) if app.status in _BILLED else OFF
        for region in REGIONS
        for app in sagemaker_in(sandbox, region).apps.values()
    }


def _draw(app: App, region: str, prices: PriceBook) -> Draw:
    component = PRICED_AS.get(app.app_type)
    kind = str(app.details["ResourceSpec"].get("InstanceType"))
    price = None if component is None else prices.hourly_usd.get((component, region, kind))
    return Draw(runs=True, hourly_usd=price)


STUDIO_APPS = Kind(
    title="Studio apps",
    rules=("studio-hours", "idle-studio"),
    extras=_APPS,
    seed=_seed,
    portray=_portray,
    live=_live,
    draws=_draws,
    is_metered=True,
    every=timedelta(hours=12),
)
