"""`sagewarden notebook-activity`: the lifecycle configuration with which notebooks report."""

from importlib.resources import files
from typing import Annotated

import typer

_HERE = files("sagewarden_cli") / "notebook_activity"


def on_start_script() -> str:
    """The script of the lifecycle configuration, with the reporter in it."""
    script = (_HERE / "on_start.sh").read_text(encoding="utf-8")
    reporter = (_HERE / "report_activity.py").read_text(encoding="utf-8")
    return script.replace("@REPORTER@", reporter.rstrip("\n"))


def notebook_activity(
    *,
    base64: Annotated[
        bool, typer.Option("--base64", help="Print it as the AWS CLI wants its content.")
    ] = False,
) -> None:
    """Print the lifecycle configuration with which notebook instances report their activity.

    A rule for idle notebook instances stops only what reports; nothing is written to AWS here.
    """
    script = on_start_script()
    if base64:
        from base64 import b64encode  # noqa: PLC0415 - the option has its name

        script = b64encode(script.encode()).decode()
    typer.echo(script, nl=base64)
