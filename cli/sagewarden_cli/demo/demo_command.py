"""`sagewarden demo`: a made-up organisation, one simulated week, one report."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from importlib.resources import as_file, files
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sagewarden.bootstrap import open_workbench, read_policy
from sagewarden.domain.rules import Policy
from sagewarden_cli.demo.generator import SEED, make_organisation
from sagewarden_cli.demo.loop.loop import live_the_loop
from sagewarden_cli.demo.meter import Meter
from sagewarden_cli.demo.notice_board import NoticeBoard
from sagewarden_cli.demo.organisation import VIRGINIA, WEEK_BEGINS, Organisation
from sagewarden_cli.demo.report.page import render
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
    steps = steps_of(organisation, policy)
    with _progress(console) as progress:
        number = len(organisation.notebooks) + len(organisation.endpoints)
        task = progress.add_task("", total=number)
        for name in seed_sandbox(sandbox, organisation):
            progress.update(task, advance=1, description=_label(f"Creating {name}"))
        progress.update(task, description=_label("The organisation"))
        cast = _cast(sandbox, organisation, policy)
        task = progress.add_task(_label("The week"), total=len(steps))

        def on_step(step: Step) -> None:
            label = _label(f"{step.at.astimezone(ZONE):%A %H:%M}")
            progress.update(task, advance=1, description=label)

        diary = live_through(cast, on_step)
        progress.update(task, description=_label("The week"))
        return tell(cast, diary)


def demo_policy() -> Policy:
    """The demo's policy, as the policy room compiles it."""
    with as_file(files(__package__).joinpath("policy.yaml")) as path:
        return read_policy(path)


def _cast(sandbox: Sandbox, organisation: Organisation, policy: Policy) -> Cast:
    for status in ("Creating", "Deleting"):
        # People replace an endpoint in one step; what is between is of no interest here.
        sandbox.transition_times.set("endpoint", status, timedelta(0))
    hands = open_workbench(clock=sandbox.clock).hands
    board = NoticeBoard(sandbox.clock)
    return Cast(sandbox, organisation, policy, hands, board, Meter(sandbox, hands.fleet.prices))


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
