"""``sagewarden advise``: say what would do the same work for less, and change nothing."""

from datetime import timedelta
from typing import Annotated

import typer

from sagewarden.application.advise import LOOKED_BACK, advise
from sagewarden.bootstrap import advice_hands, open_workbench, read_policy
from sagewarden.domain.advice.advice import AdviceKind
from sagewarden.domain.advice.knowledge import Lines
from sagewarden.domain.advice.report import Report
from sagewarden_cli.advice_document import advice_document
from sagewarden_cli.advice_view import advice_in_full, advice_table
from sagewarden_cli.console import progress, show, show_json, warn
from sagewarden_cli.exit_codes import ExitCode
from sagewarden_cli.options import (
    BadOptionError,
    Output,
    PolicyFile,
    Profile,
    Regions,
    TableOrJson,
    duration,
)
from sagewarden_cli.policy_place import find_policy, find_regions
from sagewarden_cli.price_place import workstation_prices

_SHORTEST = timedelta(days=1)
_LINES = Lines()

Team = Annotated[
    str | None,
    typer.Option("--team", metavar="NAME", help="Only what belongs to this team."),
]

Kinds = Annotated[
    list[AdviceKind] | None,
    typer.Option("--kind", help="Only this kind of advice; may be given several times."),
]

Explain = Annotated[
    int | None,
    typer.Option(
        "--explain", metavar="N", min=1, help="Show one piece in full, by its number in this list."
    ),
]

Every = Annotated[bool, typer.Option("--all", help="List what is blocked or was not judged, too.")]

GpuBelow = Annotated[
    float,
    typer.Option(
        "--gpu-below",
        metavar="PERCENT",
        min=0,
        max=100,
        help="A GPU that works less is under-used.",
    ),
]

LookBack = Annotated[
    str | None,
    typer.Option(
        "--look-back",
        metavar="LENGTH",
        help="How far back use is measured, a day at least. Default: 14d.",
        show_default=False,
    ),
]


def advise_command(  # noqa: PLR0913 - each argument is an option of the command line
    *,
    policy: PolicyFile = None,
    region: Regions = None,
    team: Team = None,
    kind: Kinds = None,
    explain: Explain = None,
    every: Every = False,
    gpu_below: GpuBelow = _LINES.gpu_percent,
    look_back: LookBack = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """Say what would do the same work for less, ranked by money. Nothing is written to AWS.

    Exit code 0: everything was looked at. 1: an error, or a part of the account could not be read.
    """
    length = LOOKED_BACK if look_back is None else duration("--look-back", look_back)
    if length < _SHORTEST:
        raise BadOptionError("--look-back: use of less than a day says nothing; write 1d or more")
    chosen = read_policy(find_policy(policy))
    bench = open_workbench(profile=profile, prices=workstation_prices())
    places = find_regions(region or [], chosen, bench.sessions.region)
    with progress(f"reading {', '.join(places)} ..."):
        hands = advice_hands(bench.hands, bench.sessions, Lines(gpu_percent=gpu_below))
        now = bench.hands.clock.now()
        report = advise(places, chosen.owners, hands, now, length)
        account = bench.sessions.account()
    report = report.only(team=team, kinds=kind or ())
    if output is TableOrJson.JSON:
        show_json(advice_document(report, account, places))
    elif explain is not None:
        _explain(report, explain)
    else:
        show(*advice_table(report, every=every))
    for item in report.incomplete:
        warn(f"could not be read: {item.what}: {item.why}")
    raise typer.Exit(ExitCode.ERROR if report.incomplete else ExitCode.NOTHING_TO_DO)


def _explain(report: Report, number: int) -> None:
    if number > len(report.advice):
        raise BadOptionError(f"--explain: there are {len(report.advice)} pieces, no {number}")
    show(*advice_in_full(number, report.advice[number - 1]))
