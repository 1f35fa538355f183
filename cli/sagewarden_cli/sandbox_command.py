"""``sagewarden sandbox`` and ``sagewarden demo``: trying things out without an AWS account."""

import threading
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sagewarden_cli.console import note
from sagewarden_cli.demo.generator import SEED
from sagewarden_cli.options import moment

PORT = 4566
"""The port that AWS emulators are commonly found on."""


def sandbox(
    *,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")
    ] = PORT,
    now: Annotated[
        str | None,
        typer.Option("--now", metavar="TIME", help="Freeze the clock at this ISO 8601 time."),
    ] = None,
) -> None:
    """Serve an emulated AWS on localhost until Ctrl-C, and print how to reach it."""
    from sagewarden_cli.sandbox import Sandbox  # noqa: PLC0415 - moto takes a second to import

    frozen = moment("--now", now) if now else None
    try:
        with Sandbox(frozen, port=port) as served:
            for name, value in served.environment().items():
                typer.echo(f"export {name}={value}")
            note("an empty AWS is being served; paste the lines above into a shell; Ctrl-C ends it")
            threading.Event().wait()
    except KeyboardInterrupt:
        note("the sandbox has ended")


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
