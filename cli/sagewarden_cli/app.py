"""The ``sagewarden`` command line."""

from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from sagewarden_cli.advise_command import advise_command
from sagewarden_cli.apply_command import apply
from sagewarden_cli.cases_command import cases, explain
from sagewarden_cli.console import complain
from sagewarden_cli.cross_check_command import check_against_aws
from sagewarden_cli.digest_command import digest
from sagewarden_cli.doctor_command import doctor
from sagewarden_cli.exempt_command import exempt
from sagewarden_cli.exit_codes import ExitCode
from sagewarden_cli.guardrails_command import guardrails
from sagewarden_cli.halt_command import halt, resume
from sagewarden_cli.notebook_activity_command import notebook_activity
from sagewarden_cli.plan_command import plan
from sagewarden_cli.policy_command import policy
from sagewarden_cli.prices_command import prices
from sagewarden_cli.redrive_command import redrive
from sagewarden_cli.restore_command import restore
from sagewarden_cli.sandbox_command import demo, sandbox
from sagewarden_cli.savings_plans_command import savings_plans
from sagewarden_cli.schedule_command import schedule
from sagewarden_cli.spot_savings_command import spot_savings_of_jobs
from sagewarden_cli.user_errors import explained


class PlainErrors(TyperGroup):
    """Commands that explain what a user can mend, and exit with 1 for every kind of error.

    Typer exits with 2 for a mistyped option; here that means that actions are planned.
    """

    def make_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as Typer has it
        """Read the arguments."""
        try:
            return super().make_context(*args, **kwargs)
        except TyperException as error:
            error.exit_code = ExitCode.ERROR
            raise

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as Typer has it
        """Run the command."""
        try:
            return super().invoke(ctx)
        except TyperException as error:
            error.exit_code = ExitCode.ERROR
            raise
        except Exception as error:
            message = explained(error)
            if message is None:
                raise
            complain(message)
            raise typer.Exit(ExitCode.ERROR) from error


main = typer.Typer(
    name="sagewarden",
    cls=PlainErrors,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
main.command()(plan)
main.command()(apply)
main.command()(restore)
main.command()(cases)
main.command()(explain)
main.command()(digest)
main.command("advise")(advise_command)
main.command()(savings_plans)
main.command("cross-check")(check_against_aws)
main.add_typer(exempt)
main.command()(halt)
main.command()(resume)
main.add_typer(schedule)
main.add_typer(policy)
main.add_typer(guardrails)
main.command("spot-savings")(spot_savings_of_jobs)
main.command()(notebook_activity)
main.add_typer(prices)
main.command()(sandbox)
main.command()(doctor)
main.command()(redrive)
main.command()(demo)


def _tell_version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"sagewarden {version('sagewarden')}")
        raise typer.Exit


@main.callback()
def _common(
    *,
    show_version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=lambda wanted: _tell_version(wanted=wanted),
            help="Print the version.",
        ),
    ] = False,
) -> None:
    """Cut an organisation's Amazon SageMaker bill without anyone losing work."""
