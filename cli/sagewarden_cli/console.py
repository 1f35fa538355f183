"""Where output goes: results to stdout, everything else to stderr."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from sagewarden_cli.printed_text import plain


def show(*parts: RenderableType) -> None:
    """Print a result for people to stdout, as wide as the terminal.

    Lines of text are left unbroken where stdout is no terminal, so that they can be searched for.
    """
    console = Console()
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, Text) and not console.is_terminal)


def show_json(document: Mapping[str, Any]) -> None:
    """Print a result for programs to stdout."""
    typer.echo(json.dumps(document, indent=2))


def note(text: str, style: str = "") -> None:
    """Print a line to stderr, unbroken, so that it can be searched for."""
    Console(stderr=True).print(plain(text, style), soft_wrap=True)


def warn(text: str) -> None:
    """Print a warning to stderr."""
    note(f"WARNING: {text}", "bold yellow")


def complain(text: str) -> None:
    """Print an error to stderr."""
    note(f"Error: {text}", "bold red")


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Show on a terminal's stderr that something takes a moment."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(plain(text)):
        yield
