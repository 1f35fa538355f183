"""The demo's whole week, lived through once: nothing that is owed to anybody is touched."""

import os
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from sagewarden_cli.demo.demo_command import run_demo
from sagewarden_cli.demo.generator import make_organisation
from sagewarden_cli.demo.loop.description import fields_of
from sagewarden_cli.demo.loop.forgotten import NAME, add_forgotten_endpoint
from sagewarden_cli.demo.organisation import VIRGINIA, WEEK_BEGINS, Organisation, Trap
from sagewarden_cli.demo.portraits import untouched_by_people
from sagewarden_cli.demo.report.data import ActionRow, ReportData
from sagewarden_cli.demo.rest.all_kinds import KINDS
from sagewarden_cli.demo.rest.kinds import Extra, Kind
from sagewarden_cli.demo.story import Story
from sagewarden_cli.demo.summary import print_summary
from sagewarden_cli.sandbox import Sandbox
from tests.support.made_once import made_once

pytestmark = pytest.mark.aws

CENT = Decimal("0.01")
ORGANISATION = make_organisation()
TRAPS = sorted(ORGANISATION.traps, key=lambda trap: (trap.name, trap.since))
STILL = sorted(untouched_by_people(ORGANISATION))
REST = [(kind, extra) for kind in KINDS for extra in kind.extras]
REST_TRAPS = [extra for _, extra in REST if extra.trap is not None]
WASTED = [(kind, extra) for kind, extra in REST if extra.trap is None]
FORGOTTEN = (
    ("txn-score-v1", "delete"),
    ("merchant-risk-2024", "delete"),
    ("home-feed-challenge", "delete"),
    ("email-rank-ab", "delete"),
    ("toxicity-tuned-b", "delete"),
    ("entity-multi-lang", "delete"),
    ("face-blur-batch", "delete"),
    ("velocity-campaign", "delete"),
    ("faq-warm", "release-provisioned-concurrency"),
    ("autocomplete-warm", "release-provisioned-concurrency"),
    ("llm-playground", "scale-to-zero"),
    ("image-gen-lab", "scale-to-zero"),
)


@dataclass(frozen=True)
class Demo:
    """One run of the demo, and what it left behind."""

    story: Story
    page: str
    printed: str
    environment: dict[str, str]

    @property
    def data(self) -> ReportData:
        return self.story.data

    @property
    def applied(self) -> list[ActionRow]:
        return [row for row in self.data.actions if row.outcome == "APPLIED"]


@pytest.fixture(scope="module")
def organisation() -> Organisation:
    return ORGANISATION


def lived_through(sandbox: Sandbox, path: Path) -> Demo:
    printed = StringIO()
    story = run_demo(Console(file=printed, width=120), path, sandbox=sandbox)
    return Demo(story, path.read_text(encoding="utf-8"), printed.getvalue(), dict(os.environ))


@pytest.fixture(scope="module")
def demo(served: Sandbox, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Demo:
    path = tmp_path_factory.mktemp("demo") / "report.html"
    return made_once("demo", lambda: lived_through(served, path), tmp_path_factory, worker_id)


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: f"{trap.name}@{trap.since:%a}")
def test_a_trap_is_left_alone(demo: Demo, trap: Trap) -> None:
    touched = [
        row
        for row in demo.applied
        if row.thing.name == trap.name and trap.since <= row.at < trap.until
    ]

    assert touched == [], trap.why


@pytest.mark.parametrize("name", STILL)
def test_a_trap_is_described_by_aws_as_it_was_before_the_week(demo: Demo, name: str) -> None:
    before, after = demo.story.portraits

    assert after[name] == before[name]
    assert before[name]["tags"]


@pytest.mark.parametrize("extra", REST_TRAPS, ids=lambda extra: str(extra.name))
def test_a_trap_among_the_rest_is_as_it_was_before_the_week(demo: Demo, extra: Extra) -> None:
    before, after = demo.story.portraits
    touched = [row.kind for row in demo.data.actions if row.thing.name == extra.name]

    assert touched == [], extra.trap
    assert after[extra.name] == before[extra.name], extra.trap
    assert before[extra.name]["tags"]


@pytest.mark.parametrize(("kind", "extra"), WASTED, ids=lambda item: getattr(item, "name", ""))
def test_what_is_wasted_among_the_rest_is_acted_on(
    demo: Demo, kind: Kind[Any], extra: Extra
) -> None:
    row = next(row for row in demo.data.rest if row.title == kind.title)
    done = [item for item in demo.applied if item.thing.name == extra.name]

    assert extra.name in {item.thing.name for item in (*row.acted, *row.told)}
    assert bool(done) == (extra.name in {item.thing.name for item in row.acted})
    if kind.warns:
        assert all(item.warned_at is not None for item in done if item.kind != "start")


def test_each_kind_has_something_to_do_and_something_to_leave_alone(demo: Demo) -> None:
    assert [row.title for row in demo.data.rest] == [kind.title for kind in KINDS]
    for row, kind in zip(demo.data.rest, KINDS, strict=True):
        assert row.acted or row.told, row.title
        assert row.left, row.title
        assert row.found == len(row.acted) + len(row.told) + len(row.left) == len(kind.extras)
        assert row.saving_usd > 0 or row.saving_unknown == len(row.acted)
        assert row.title in demo.page


def test_what_else_was_stopped_is_in_the_bill_where_it_is_metered(demo: Demo) -> None:
    metered = [row for row in demo.data.rest if row.saved_usd is not None]

    assert metered
    assert all(row.saved_usd and row.saved_usd > 0 for row in metered)


def test_studio_apps_that_their_owners_open_each_morning_are_stopped_each_evening(
    demo: Demo,
) -> None:
    stops = [row for row in demo.applied if "ranking-lab" in row.thing.name]
    days = {row.at.astimezone(ZoneInfo("Asia/Seoul")).strftime("%a") for row in stops}

    assert {"Mon", "Tue", "Wed", "Thu", "Fri"} <= days


def test_the_report_shows_what_would_do_the_same_for_less(demo: Demo) -> None:
    advice = demo.data.advice
    assert advice is not None

    assert advice.incomplete == ()
    assert advice.saving_usd > 1000
    assert all(item.title in demo.page for item in advice.advice[:8])
    assert "nothing of it was done" in demo.page
    assert "Advice:" in demo.printed


def test_the_report_tells_what_managed_spot_training_saved(demo: Demo) -> None:
    spot = demo.data.spot
    assert spot is not None

    assert len(spot.jobs) == 3
    assert all(job.billed and job.trained and job.billed < job.trained for job in spot.jobs)
    assert "3 managed spot training jobs ended" in demo.page


def test_the_report_plots_what_an_hour_costs_by_commitment(demo: Demo) -> None:
    advice = demo.data.commitment
    assert advice is not None

    assert advice.incomplete == ()
    assert advice.by_hour
    assert [item.offering.years for item in advice.best] == [1, 3]
    assert all(item.saving > 0 for item in advice.best)
    assert demo.page.count("<polyline") == len(advice.best)
    assert "made up for this demo" in demo.page
    assert "Savings Plan:" in demo.printed


def test_the_bill_that_plans_are_judged_by_is_the_week_as_it_went(demo: Demo) -> None:
    advice = demo.data.commitment
    assert advice is not None
    per_hour = demo.data.bill.spent_usd / (7 * 24)
    billed = sum((line.hourly for line in advice.lines), Decimal(0))

    # Provisioned concurrency, Studio apps and nodes of EKS are in the bill, and in no plan here.
    assert per_hour * Decimal("0.7") < billed < per_hour


@pytest.mark.parametrize(("name", "action"), FORGOTTEN)
def test_what_everybody_forgot_is_released_in_the_way_that_fits(
    demo: Demo, name: str, action: str
) -> None:
    done = [row.kind for row in demo.applied if row.thing.name == name]

    assert done == [action]


def test_notebooks_are_stopped_and_what_was_stopped_is_started_again(demo: Demo) -> None:
    stops = sum(row.kind == "stop" for row in demo.applied)
    starts = sum(row.kind == "start" for row in demo.applied)

    assert stops > 200
    assert 100 < starts < stops


def test_accelerators_are_never_started_again(demo: Demo) -> None:
    started = {row.thing.name for row in demo.applied if row.kind == "start"}

    assert not {name for name in started if name.endswith("-gpu")}


def test_nothing_fails_and_nothing_is_left_unread(demo: Demo) -> None:
    assert [row for row in demo.data.actions if row.outcome != "APPLIED"] == []
    assert demo.data.incomplete == []


def test_what_cannot_simply_be_taken_back_was_warned_of_and_can_be_restored(demo: Demo) -> None:
    rows = [row for row in demo.applied if row.releases_endpoint]

    assert len(rows) >= 20
    for row in rows:
        assert row.warned_at is not None, row.thing.name
        assert row.at - row.warned_at >= timedelta(hours=24), row.thing.name
        assert row.manifest_kept, row.thing.name
        assert row.undo, row.thing.name


def test_every_stop_was_announced(demo: Demo) -> None:
    stops = [row for row in demo.applied if row.kind == "stop"]

    assert [row.thing.name for row in stops if row.warned_at is None] == []


def test_the_actions_add_up_to_the_difference_between_the_bills(demo: Demo) -> None:
    bill, attribution = demo.data.bill, demo.story.attribution
    by_action = sum((part.usd_minutes for part in attribution.by_action), Decimal(0)) / 60
    by_row = sum((row.saved_usd or Decimal(0) for row in demo.data.actions), Decimal(0))
    by_team = sum((team.total_usd for team in demo.data.teams), Decimal(0))

    saved = bill.otherwise_usd - bill.spent_usd

    assert saved > 1000
    assert bill.saved_usd == saved
    assert by_action.quantize(CENT) == saved.quantize(CENT)
    assert by_row.quantize(CENT) == saved.quantize(CENT)
    assert by_team.quantize(CENT) == saved.quantize(CENT)
    assert attribution.unexplained.minutes == 0


def test_notebook_hours_saved_are_the_difference_between_the_heat_maps(demo: Demo) -> None:
    before = sum(map(sum, demo.data.hours_before))
    after = sum(map(sum, demo.data.hours_after))

    saved = sum(
        row.saved_hours for row in demo.data.actions if row.thing.kind == "notebook-instance"
    )

    assert saved == pytest.approx(before - after)
    assert after < before / 2


def test_notebooks_in_seoul_have_no_known_price_and_are_named(demo: Demo) -> None:
    notebooks = {
        row.thing.name: row.saved_usd
        for row in demo.data.actions
        if row.thing.kind == "notebook-instance" and row.thing.region == "ap-northeast-2"
    }
    named = " ".join(demo.data.bill.unpriced)

    assert notebooks
    assert all(f"{name} (ap-northeast-2)" in named for name in notebooks)
    assert demo.data.bill.unpriced_saved_hours > 0


def test_the_holiday_of_saxony_closes_a_notebook_on_a_wednesday(demo: Demo) -> None:
    starts = [
        row.at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%A")
        for row in demo.applied
        if row.thing.name == "jonas-labels" and row.kind == "start"
    ]

    assert starts == ["Monday", "Tuesday", "Thursday", "Friday"]


def test_every_resource_is_in_the_report_as_acted_on_or_left_alone(
    demo: Demo, organisation: Organisation
) -> None:
    everything = {(item.region, item.name) for item in organisation.notebooks}
    everything |= {(item.region, item.name) for item in organisation.endpoints}
    everything |= {(extra.region, extra.name) for _, extra in REST}

    acted = {(row.thing.region, row.thing.name) for row in demo.applied}
    alone = {(row.thing.region, row.thing.name) for row in demo.data.untouched}

    assert acted | alone == everything
    assert not acted & alone


def test_promises_are_counted(demo: Demo) -> None:
    counts = {promise.title: promise.count for promise in demo.data.promises}

    assert counts["managed as code"] >= 4
    assert counts["as they were"] == len(STILL) + len(REST_TRAPS)
    assert counts["not certain"] >= 6
    assert counts["called off"] == 3
    assert counts["left to people"] >= 4
    assert (
        counts["warned first"]
        == counts["undoable"]
        == sum(row.releases_endpoint for row in demo.applied)
    )


def test_the_report_is_one_page_that_loads_nothing(demo: Demo) -> None:
    loaded: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]], /) -> None:
            loaded.extend(name for name, _ in attrs if name in {"src", "href", "srcset", "data"})

    Reader().feed(demo.page)

    assert loaded == []
    assert "http:" not in demo.page
    assert "https:" not in demo.page
    assert len(demo.page) < 1_000_000


def test_the_terminal_shows_the_bill_and_where_the_report_is(demo: Demo) -> None:
    assert "Saved this week (realised)" in demo.printed
    assert "What was left alone" in demo.printed
    assert "report.html" in demo.printed


def test_the_environment_is_left_as_it_was(demo: Demo) -> None:
    assert demo.environment.get("AWS_ENDPOINT_URL") == os.environ.get("AWS_ENDPOINT_URL")
    assert demo.environment.get("AWS_CONFIG_FILE") != os.devnull


def test_the_readme_shows_what_the_demo_really_prints(demo: Demo) -> None:
    printed = StringIO()
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")

    print_summary(Console(file=printed, width=96), demo.data, Path("build/demo-report.html"))

    shown = readme.partition("<!-- demo output: begin -->\n```text\n")[2].partition("\n```\n")[0]
    lines = [line.rstrip() for line in printed.getvalue().strip().splitlines()]
    assert shown.splitlines() == lines


def test_one_owner_lives_the_whole_loop_and_everything_is_as_it_was(demo: Demo) -> None:
    loop = demo.data.loop
    assert loop is not None

    assert [(one.who, one.shown.partition(" 1")[0].partition(" 2")[0]) for one in loop.moments] == [
        ("Sagewarden", "churn-scoring will be deleted Tue"),
        ("Mina", "churn-scoring is left alone until Mon"),
        ("Sagewarden", "churn-scoring is left alone until Mon"),
        ("Sagewarden", "churn-scoring will be deleted Tue"),
        ("Sagewarden", "churn-scoring was deleted Tue"),
        ("Mina", "churn-scoring is being brought back (mina)"),
        ("Sagewarden", "churn-scoring is back since Tue"),
    ]
    assert loop.differences == ()
    assert loop.fields > 100
    assert "What an owner sees" in demo.page
    assert f"{loop.fields} of {loop.fields} fields" in demo.printed


def test_a_field_that_is_not_as_it_was_is_named(served: Sandbox) -> None:
    served.reset(now=WEEK_BEGINS)
    add_forgotten_endpoint(served, WEEK_BEGINS + timedelta(days=1))
    before = fields_of(NAME, lambda service: served.client(service, VIRGINIA))
    tags = [{"Key": "Team", "Value": "search"}]
    arn = str(before["endpoint.EndpointArn"])
    served.client("sagemaker", VIRGINIA).add_tags(ResourceArn=arn, Tags=tags)

    after = fields_of(NAME, lambda service: served.client(service, VIRGINIA))

    assert {key for key in before if before[key] != after[key]} == {"endpoint.Tags.1.Value"}
