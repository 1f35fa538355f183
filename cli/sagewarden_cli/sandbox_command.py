"""``sagewarden sandbox`` and ``sagewarden demo``: trying things out without an AWS account."""

import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from sagewarden_cli.console import note
from sagewarden_cli.demo.seed import SEED
from sagewarden_cli.options import BadOptionError, moment

if TYPE_CHECKING:
    from sagewarden_cli.slack import LocalSlack
    from sagewarden_cli.slack.clock import Clock

PORT = 4566
"""The port that AWS emulators are commonly found on."""
SLACK_PORT = 4567


def sandbox(
    *,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")
    ] = PORT,
    now: Annotated[
        str | None,
        typer.Option("--now", metavar="TIME", help="Freeze the clock at this ISO 8601 time."),
    ] = None,
    slack: Annotated[
        bool, typer.Option("--slack", help="Serve a local Slack too, with a page to click in.")
    ] = False,
    slack_port: Annotated[
        int,
        typer.Option("--slack-port", min=0, max=65535, help="Its port; 0 takes a free one."),
    ] = SLACK_PORT,
    slack_request_url: Annotated[
        str | None,
        typer.Option(
            "--slack-request-url",
            metavar="URL",
            help="Where clicks, modals and commands are sent.",
        ),
    ] = None,
    slack_people: Annotated[
        Path | None,
        typer.Option("--slack-people", metavar="FILE", help="A YAML file of who is in it."),
    ] = None,
) -> None:
    """Serve an emulated AWS on localhost until Ctrl-C, and print how to reach it."""
    from sagewarden_cli.sandbox import Sandbox  # noqa: PLC0415 - moto takes a second to import

    frozen = moment("--now", now) if now else None
    if not slack and (slack_request_url or slack_people):
        raise BadOptionError("--slack-request-url and --slack-people need --slack")
    try:
        with ExitStack() as serving:
            served = serving.enter_context(Sandbox(frozen, port=port))
            variables = served.environment()
            if slack:
                local = _local_slack(served.clock, slack_port, slack_request_url, slack_people)
                variables |= serving.enter_context(local).environment()
                note(f"open {local.page_url} to see Slack as its people do")
            for name, value in variables.items():
                typer.echo(f"export {name}={value}")
            note("an empty AWS is being served; paste the lines above into a shell; Ctrl-C ends it")
            threading.Event().wait()
    except KeyboardInterrupt:
        note("the sandbox has ended")


def _local_slack(
    clock: "Clock", port: int, request_url: str | None, people: Path | None
) -> "LocalSlack":
    from sagewarden_cli.slack import LocalSlack  # noqa: PLC0415 - as above
    from sagewarden_cli.slack.starting_directory import settle  # noqa: PLC0415 - as above

    local = LocalSlack(clock, request_url=request_url, port=port)
    settle(local, people)
    return local


def demo(
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where the report is written.")
    ] = Path("sagewarden-demo.html"),
    seed: Annotated[
        int, typer.Option("--seed", help="Another number makes another organisation.")
    ] = SEED,
) -> None:
    """Watch Sagewarden save a made-up organisation's money for a week. Needs no AWS account."""
    from sagewarden_cli.demo.demo_command import run_demo  # noqa: PLC0415 - as above

    run_demo(Console(), output, seed)
