"""What a careless tool would stop or delete: the demo's traps, each with why it must not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sagewarden_cli.demo import serving, traffic
from sagewarden_cli.demo.organisation import (
    SEOUL,
    VIRGINIA,
    WEEK_BEGINS,
    Deed,
    Endpoint,
    Habit,
    HumanEvent,
    MetricFeed,
    Notebook,
    Serving,
    Team,
    Trap,
)
from sagewarden_cli.demo.teams import FORECAST, FRAUD, LANGUAGE, PERSONAL, SEARCH, VISION, tags_of

BETWEEN = WEEK_BEGINS + timedelta(hours=15, minutes=20)
"""After the first warnings and before the first deadlines."""

SATURDAY = WEEK_BEGINS + timedelta(days=5, hours=11)

_AGE = timedelta(days=60)
_IAC = {"aws:cloudformation:stack-name": "ml-shared", "aws:cloudformation:logical-id": "Lab"}
_EXEMPT = "SagewardenExempt"


class _Silent(NamedTuple):
    """An endpoint that nobody calls, and what protects it."""

    name: str
    region: str
    team: Team
    tags: dict[str, str]
    why: str
    status: str = "InService"


_SILENT = (
    _Silent("fraud-failover", VIRGINIA, FRAUD, {"Stage": "prod"}, "protected: Stage=prod"),
    _Silent("kr-disaster-standby", SEOUL, SEARCH, {"DoNotDelete": "dr drill"}, "protected tag"),
    _Silent(
        *("stress-scenario-q4", VIRGINIA, FRAUD),
        {_EXEMPT: "2027-01-31: quarter-end stress test"},
        "exempt by its owner",
    ),
    _Silent("annotator-kr", SEOUL, VISION, {_EXEMPT: "2026-12-15: labelling sprint"}, "exempt"),
    _Silent(
        *("card-embed-eval", VIRGINIA, FRAUD),
        {_EXEMPT: "until the review"},
        "its exemption cannot be read: somebody meant to exempt it",
    ),
    _Silent("legacy-risk-model", VIRGINIA, FRAUD, _IAC, "managed by CloudFormation"),
    _Silent(
        *("uplift-standby", VIRGINIA, PERSONAL),
        {"ManagedBy": "terraform"},
        "managed by Terraform",
    ),
    _Silent("demand-eu-rollout", VIRGINIA, FORECAST, {}, "an update is under way", "Updating"),
    _Silent(
        *("detector-kr-patch", SEOUL, VISION, {}, "AWS patches it"),
        "SystemUpdating",
    ),
    _Silent("basket-affinity-x", VIRGINIA, PERSONAL, {}, "it failed and runs nothing", "Failed"),
)


def trap_endpoints() -> Iterator[tuple[Endpoint, Trap]]:
    """The endpoints that look idle to a careless tool."""
    for name, region, team, tags, why, status in _SILENT:
        how = serving.instances("ml.g4dn.xlarge")
        feeds = serving.feeds_of(name, how, traffic.silence)
        yield _endpoint(name, region, team, how, feeds, tags, status), Trap(name, why)
    yield from _by_the_way_it_serves()
    yield from _by_what_is_known()
    yield from _by_what_happens()


def trap_notebooks() -> Iterator[tuple[Notebook, Trap]]:
    """The notebooks that run outside any office hours, and may."""
    rows = (
        ("risk-validation-q4", FRAUD, {_EXEMPT: "2027-01-31: model validation"}, "exempt"),
        ("feature-store-prod-debug", LANGUAGE, {"Stage": "prod"}, "protected: Stage=prod"),
        ("shared-lab", PERSONAL, _IAC, "managed by CloudFormation"),
        (
            *("campaign-planner", PERSONAL, {"Schedule": "mon-fri 9am to 6pm"}),
            "its schedule cannot be read",
        ),
        ("labelling-station", VISION, {"Schedule": "off"}, "opted out of hours by its owner"),
        ("quantile-study", FORECAST, {_EXEMPT: "soon"}, "its exemption cannot be read"),
    )
    for name, team, tags, why in rows:
        yield _notebook(name, team, tags), Trap(name, why)
    for name, status in (("driver-upgrade", "Updating"), ("kernel-patch", "InMaintenance")):
        yield _notebook(name, LANGUAGE, {}, status), Trap(name, f"it is {status}")


def trap_events() -> Iterator[HumanEvent]:
    """What people do to traps between a warning and its deadline, and at the weekend."""
    yield HumanEvent(BETWEEN, VIRGINIA, "summariser-canary", Deed.RECREATE)
    yield HumanEvent(BETWEEN, SEOUL, "query-rewriter-b", Deed.RECREATE)
    yield HumanEvent(SATURDAY, VIRGINIA, "nightly-candidate-1121", Deed.CREATE)


def night_traps(notebook: Notebook, event: HumanEvent) -> Trap:
    """A notebook that somebody started late at night: theirs until the next closing."""
    local = event.at.astimezone(notebook.team.zone)
    noon = datetime.combine(
        local.date() + timedelta(days=1), datetime.min.time(), tzinfo=notebook.team.zone
    ) + timedelta(hours=12)
    why = f"a human started it at {local:%H:%M} on {local:%A}"
    return Trap(notebook.name, why, event.at, noon.astimezone(UTC))


def _by_the_way_it_serves() -> Iterator[tuple[Endpoint, Trap]]:
    for name, region, team in (
        ("claims-batch", VIRGINIA, FRAUD),
        ("thumbnail-queue", SEOUL, VISION),
    ):
        feeds = (
            serving.of_variant(name, "AllTraffic", traffic.silence, "InvocationsProcessed"),
            serving.backlog(name, traffic.office(name, team.zone, 40)),
        )
        how = serving.asynchronous("ml.g5.xlarge")
        yield (
            _endpoint(name, region, team, how, feeds),
            Trap(name, "asynchronous: nothing processed yet, but its backlog is not empty"),
        )
    for name, how, why in (
        ("faq-answers", serving.serverless(2048, 20), "serverless: costs nothing while idle"),
        ("ocr-offpeak", serving.asynchronous("ml.g4dn.xlarge", scales_to_zero=True), "may go to 0"),
        (
            "llm-shared-pool",
            serving.components("ml.g5.2xlarge", 1, ("draft-llm", "judge-llm")),
            "its instances stay at MinInstanceCount 1: nothing would be saved",
        ),
    ):
        silent = serving.feeds_of(name, how, traffic.silence)
        yield _endpoint(name, VIRGINIA, LANGUAGE, how, silent), Trap(name, why)


def _by_what_is_known() -> Iterator[tuple[Endpoint, Trap]]:
    single, pair = serving.instances("ml.g4dn.xlarge"), serving.two_variants(*2 * ("ml.m5.xlarge",))
    gaps = traffic.gappy(3, traffic.silence)
    quiet_and_busy = (
        serving.of_variant("risk-champion", "challenger", traffic.silence),
        serving.of_variant("risk-champion", "champion", traffic.office("c", FRAUD.zone, 900)),
    )
    half_known = (serving.of_variant("ab-test-layout", "champion", traffic.silence),)
    for name, region, team, how, feeds, why in (
        ("intent-shadow", VIRGINIA, LANGUAGE, single, (), "no metric at all: no data is not zero"),
        ("pose-estimator-b", SEOUL, VISION, single, (), "no metric at all: no data is not zero"),
        (
            *("churn-weekly", VIRGINIA, PERSONAL, single),
            serving.feeds_of("churn-weekly", single, gaps),
            "two of three hours have no datapoint",
        ),
        ("risk-champion", VIRGINIA, FRAUD, pair, quiet_and_busy, "its other variant is in use"),
        ("ab-test-layout", VIRGINIA, PERSONAL, pair, half_known, "one variant has no datapoint"),
    ):
        yield _endpoint(name, region, team, how, feeds), Trap(name, why)


def _by_what_happens() -> Iterator[tuple[Endpoint, Trap]]:
    how = serving.instances("ml.g5.xlarge")
    revived = traffic.since(BETWEEN, traffic.office("revived", LANGUAGE.zone, 300))
    for name, region, team in (
        ("summariser-canary", VIRGINIA, LANGUAGE),
        ("query-rewriter-b", SEOUL, SEARCH),
    ):
        feeds = serving.feeds_of(name, how, revived)
        yield (
            _endpoint(name, region, team, how, feeds),
            Trap(name, "created anew between warning and deadline: another endpoint"),
        )
    name = "price-elasticity"
    used = traffic.since(BETWEEN, traffic.nightly(name, FORECAST.zone, 40))
    used_feeds = (
        serving.of_variant(
            name, "AllTraffic", lambda at: 7.0 if at == _hour(BETWEEN) else used(at)
        ),
    )
    yield (
        _endpoint(name, VIRGINIA, FORECAST, how, used_feeds),
        Trap(name, "used again between warning and deadline"),
    )
    for name, born, start in (
        ("embedder-v4", WEEK_BEGINS - timedelta(hours=14), BETWEEN),
        ("nightly-candidate-1121", SATURDAY, WEEK_BEGINS + timedelta(days=30)),
    ):
        calls = traffic.since(start, traffic.office(name, LANGUAGE.zone, 500))
        feeds = serving.feeds_of(name, how, traffic.published_from(born, calls))
        tags = tags_of(LANGUAGE, "grace", "test")
        yield (
            Endpoint(name, VIRGINIA, LANGUAGE, tags, how, feeds, born),
            Trap(name, "too new to be judged"),
        )


def _endpoint(  # noqa: PLR0913, PLR0917 - one argument per field that differs
    name: str,
    region: str,
    team: Team,
    how: Serving,
    feeds: tuple[MetricFeed, ...],
    tags: dict[str, str] | None = None,
    status: str = "InService",
) -> Endpoint:
    merged = tags_of(team, team.owner_of(name), "test") | (tags or {})
    return Endpoint(name, region, team, merged, how, feeds, WEEK_BEGINS - _AGE, status)


def _notebook(name: str, team: Team, tags: dict[str, str], status: str = "InService") -> Notebook:
    merged = tags_of(team, team.owner_of(name), "dev")
    merged |= {"Schedule": team.calendar, **tags}
    return Notebook(
        name=name,
        region=VIRGINIA,
        team=team,
        instance_type="ml.m5.xlarge",
        habit=Habit.FORGETS,
        tags=merged,
        created_at=WEEK_BEGINS - _AGE,
        modified_at=WEEK_BEGINS - timedelta(days=4, hours=6),
        status=status,
    )


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo("UTC")).replace(minute=0, second=0, microsecond=0)
