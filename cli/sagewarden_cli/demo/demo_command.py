"""`sagewarden demo`: a made-up organisation, one simulated week, one report."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sagewarden.adapters.jobs.ended import ended_training_jobs
from sagewarden.application.advise import advise
from sagewarden.bootstrap import advice_hands, open_workbench, read_policy
from sagewarden.domain.advice.report import Report
from sagewarden.domain.jobs.spot_savings import SpotSavings, spot_savings
from sagewarden.domain.rules import Policy
from sagewarden.domain.standstill import Span
from sagewarden_cli.demo.commitments import advise_plans
from sagewarden_cli.demo.generator import make_organisation
from sagewarden_cli.demo.loop.loop import live_the_loop
from sagewarden_cli.demo.meter import Meter
from sagewarden_cli.demo.notice_board import NoticeBoard
from sagewarden_cli.demo.organisation import REGIONS, VIRGINIA, WEEK, WEEK_BEGINS, Organisation
from sagewarden_cli.demo.others import portray, settle_in
from sagewarden_cli.demo.portraits import Portrait, portray_traps
from sagewarden_cli.demo.report.page import render
from sagewarden_cli.demo.rest.all_kinds import KINDS
from sagewarden_cli.demo.seed import SEED
from sagewarden_cli.demo.seeding import seed as seed_sandbox
from sagewarden_cli.demo.story import ZONE, Story, tell
from sagewarden_cli.demo.summary import print_summary
from sagewarden_cli.demo.week import Cast, Step, live_through, steps_of
from sagewarden_cli.sandbox import Sandbox


def run_demo(
    console: Console, report_path: Path, seed: int = SEED, sandbox: Sandbox | None = None
) -> Story:
    """Simulate the week, print what came of it and write the report.

    Args:
        console: Where progress and the summary are shown.
        report_path: Where the HTML report is written; its folder must exist.
        seed: Decides the organisation.
        sandbox: A running sandbox to empty and to use; one of its own unless given.

    Raises:
        OSError: The report cannot be written.
        RuntimeError: A sandbox runs in this process already, and was not given.
    """
    organisation = make_organisation(seed)
    with _stage(sandbox) as stage, _inside(stage):
        story = _simulate(stage, organisation, console)
        story = replace(story, data=replace(story.data, loop=live_the_loop(stage, demo_policy())))
    report_path.write_text(render(story.data), encoding="utf-8")
    print_summary(console, story.data, report_path)
    return story


def _simulate(sandbox: Sandbox, organisation: Organisation, console: Console) -> Story:
    policy = demo_policy()
    steps = steps_of(organisation, policy, KINDS)
    with _progress(console) as progress:
        number = len(organisation.notebooks) + len(organisation.endpoints)
        number += sum(len(kind.extras) for kind in KINDS)
        task = progress.add_task("", total=number)
        for name in seed_sandbox(sandbox, organisation):
            progress.update(task, advance=1, description=_label(f"Creating {name}"))
        extras = {}
        for arn, extra in settle_in(sandbox, KINDS):
            extras[arn] = extra
            progress.update(task, advance=1, description=_label(f"Creating {extra.name}"))
        progress.update(task, description=_label("The organisation"))
        cast = replace(_cast(sandbox, organisation, policy), extras=extras)
        task = progress.add_task(_label("The week"), total=len(steps))

        def on_step(step: Step) -> None:
            label = _label(f"{step.at.astimezone(ZONE):%A %H:%M}")
            progress.update(task, advance=1, description=label)

        before = _portraits(cast)
        diary = live_through(cast, on_step)
        progress.update(task, description=_label("The week"))
        story = tell(cast, diary, (before, _portraits(cast)))
        progress.update(task, description=_label("What could be had for less"))
        advice, spot = _advice(cast), _spot(cast)
        plans = advise_plans(sandbox, cast.meter)
        data = replace(story.data, advice=advice, commitment=plans, spot=spot)
        return replace(story, data=data)


def _advice(cast: Cast) -> Report:
    """What would do the same for less, as it is at the week's end and was used in it."""
    hands = advice_hands(cast.hands, cast.sessions)
    now = WEEK_BEGINS + WEEK
    cast.sandbox.clock.set(now)
    return advise(REGIONS, cast.policy.owners, hands, now, WEEK)


def _portraits(cast: Cast) -> Mapping[str, Portrait]:
    """What AWS describes now of whatever must be left alone, by name."""
    clients = cache(cast.sandbox.client)
    traps = portray_traps(clients, cast.organisation)
    return traps | portray(clients, cast.kinds)


def _spot(cast: Cast) -> SpotSavings:
    """What managed spot training saved in the week."""
    span = Span(WEEK_BEGINS, WEEK_BEGINS + WEEK)
    listed = (ended_training_jobs(cast.sessions, region, span.begin) for region in REGIONS)
    jobs = (job for listing in listed for job in listing.items)
    return spot_savings(jobs, cast.hands.fleet.prices, span)


def demo_policy() -> Policy:
    """The demo's policy, as the policy room compiles it."""
    with as_file(files(__package__).joinpath("policy.yaml")) as path:
        return read_policy(path)


def _cast(sandbox: Sandbox, organisation: Organisation, policy: Policy) -> Cast:
    for status in ("Creating", "Deleting"):
        # People replace an endpoint in one step; what is between is of no interest here.
        sandbox.transition_times.set("endpoint", status, timedelta(0))
    bench = open_workbench(clock=sandbox.clock)
    hands = bench.hands
    board = NoticeBoard(sandbox.clock)
    metered = tuple(kind.draws for kind in KINDS if kind.draws is not None)
    meter = Meter(sandbox, hands.fleet.prices, metered)
    return Cast(sandbox, organisation, policy, hands, bench.sessions, board, meter, KINDS)


def _label(text: str) -> str:
    """A description of constant width, so that the bars stand still."""
    return f"{text:<37.37}"


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


@contextmanager
def _stage(given: Sandbox | None) -> Iterator[Sandbox]:
    """An empty sandbox at the beginning of the week."""
    if given is not None:
        given.reset(now=WEEK_BEGINS)
        yield given
        return
    with Sandbox(now=WEEK_BEGINS) as sandbox:
        yield sandbox


@contextmanager
def _inside(sandbox: Sandbox) -> Iterator[None]:
    """Point AWS's SDK at the sandbox, and nowhere else, for as long as the block lasts."""
    before = dict(os.environ)
    try:
        for name in before:
            # A profile, or an endpoint of a single service, would lead away from the sandbox.
            if name.startswith("AWS_"):
                del os.environ[name]
        os.environ |= sandbox.environment(VIRGINIA)
        os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        os.environ["NO_PROXY"] = "localhost"
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
