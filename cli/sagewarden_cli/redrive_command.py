"""``sagewarden redrive``: what lies in a stack's dead-letter queues, and where it goes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.sessions import Sessions
from sagewarden_cli.announcing_again import OnTheBus
from sagewarden_cli.console import complain, note, progress, show, show_json, warn
from sagewarden_cli.dead_letters import Letterbox
from sagewarden_cli.exit_codes import ExitCode
from sagewarden_cli.options import BadOptionError, Output, Profile, StackName, TableOrJson
from sagewarden_cli.plan_view import counted
from sagewarden_cli.redrive_view import (
    listing,
    listing_document,
    settled_document,
    settled_lines,
)
from sagewarden_cli.redriving import Fate, Settled, discard, send_back
from sagewarden_cli.stack_queues import DeadLetterQueue, DeployedQueues, find_queues

StackRegion = Annotated[
    str | None,
    typer.Option("--region", metavar="REGION", help="Where it is deployed.", show_default=False),
]

Bots = Annotated[
    list[str] | None,
    typer.Option("--bot", metavar="NAME", help="Send back a bot's; may be given several times."),
]

EveryBot = Annotated[bool, typer.Option("--all", help="Send back every bot's.")]

IncludePoison = Annotated[
    bool, typer.Option("--include-poison", help="Send back what its bot refused, too.")
]

Discard = Annotated[bool, typer.Option("--discard", help="Delete them, poison included.")]

Yes = Annotated[bool, typer.Option("--yes", help="Delete without asking.")]


@dataclass(frozen=True, slots=True)
class Wish:
    """What to do with dead letters.

    Attributes:
        bots: Whose; every bot's when there are none.
        include_poison: Whether what its bot refused is sent back, too.
        discard: Whether to delete them instead.
        confirmed: Whether deleting was confirmed already.
    """

    bots: list[str]
    include_poison: bool
    discard: bool
    confirmed: bool


def redrive(  # noqa: PLR0913 - each argument is an option of the command line
    *,
    stack: StackName = "sagewarden",
    region: StackRegion = None,
    bot: Bots = None,
    every: EveryBot = False,
    include_poison: IncludePoison = False,
    discard: Discard = False,
    yes: Yes = False,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """List the dead letters of a deployed stack; send them back with --bot or --all.

    Listing deletes nothing. Exit code 0: none are left. 2: some are. 1: an error.
    """
    wish = Wish(bot or [], include_poison, discard, yes)
    acting = _acting(wish, output, every=every)
    sessions = Sessions(profile)
    deployed = find_queues(sessions, stack, region)
    queues = deployed.only(wish.bots) if wish.bots else deployed.queues
    sqs = sessions.client("sqs", deployed.region)
    bus = deployed.bus and OnTheBus(sessions.client("events", deployed.region), deployed.bus)
    with _read(sqs, queues) as boxes:
        failed = False
        if acting:
            failed = _act(deployed, boxes, wish, output, bus or None)
        else:
            _show_listing(deployed, boxes, output)
        left = _left(boxes)
    raise typer.Exit(ExitCode.ERROR if failed else left)


def _acting(wish: Wish, output: TableOrJson, *, every: bool) -> bool:
    """Whether something is to be done, and not only shown.

    Raises:
        BadOptionError: The options do not go together.
    """
    if wish.bots and every:
        raise BadOptionError("--bot, --all: give one of them")
    if wish.bots or every:
        if wish.discard and wish.include_poison:
            raise BadOptionError("--include-poison: --discard deletes poison anyway; leave it out")
        if wish.discard and not wish.confirmed and output is TableOrJson.JSON:
            raise BadOptionError("--discard: with --output json nobody is asked; give --yes, too")
        return True
    for option, given in (
        ("--include-poison", wish.include_poison),
        ("--discard", wish.discard),
        ("--yes", wish.confirmed),
    ):
        if given:
            raise BadOptionError(f"{option}: whose? give --bot NAME or --all")
    return False


@contextmanager
def _read(sqs: Any, queues: Sequence[DeadLetterQueue]) -> Iterator[list[Letterbox]]:  # noqa: ANN401 - an SQS client
    """Read queues, and give back at the end what was neither sent nor deleted."""
    boxes = [Letterbox(sqs, queue) for queue in queues]
    try:
        with progress("reading the dead letters ..."):
            for box in boxes:
                box.look()
        yield boxes
    finally:
        for box in boxes:
            if problem := box.give_back():
                warn(f"{box.queue.bot}: its dead letters show again in five minutes: {problem}")


def _show_listing(
    deployed: DeployedQueues, boxes: Sequence[Letterbox], output: TableOrJson
) -> None:
    now = SystemClock().now()
    if output is TableOrJson.JSON:
        show_json(listing_document(deployed, boxes, now))
    else:
        show(*listing(deployed, boxes, now))
    if any(box.letters for box in boxes):
        note("once the cause is mended, --bot NAME or --all sends them back: docs/runbook.md")


def _act(
    deployed: DeployedQueues,
    boxes: Sequence[Letterbox],
    wish: Wish,
    output: TableOrJson,
    bus: OnTheBus | None,
) -> bool:
    """Do what is wished, and tell what became of it; whether any of it failed."""
    if wish.discard and not wish.confirmed and any(box.letters for box in boxes):
        _confirm(deployed, boxes)
    settled: list[Settled] = []
    try:
        for box in boxes:
            settled.extend(
                discard(box)
                if wish.discard
                else send_back(box, include_poison=wish.include_poison, bus=bus)
            )
    finally:
        # Also after Ctrl-C: what was done must not go untold.
        if output is TableOrJson.JSON:
            show_json(settled_document(deployed, boxes, settled))
        else:
            show(*settled_lines(settled))
    return any(item.fate is Fate.FAILED for item in settled)


def _confirm(deployed: DeployedQueues, boxes: Sequence[Letterbox]) -> None:
    for box in boxes:
        note(f"{box.queue.bot}: {counted(len(box.letters), 'dead letter')}")
    typer.confirm(f"Delete them from {deployed.stack} for good?", abort=True, err=True)


def _left(boxes: Sequence[Letterbox]) -> ExitCode:
    """Tell what was not read, and say what is left."""
    for box in boxes:
        if box.problem is not None:
            complain(f"{box.queue.bot}: its dead letters were not read: {box.problem}")
        elif box.more:
            warn(
                f"{box.queue.bot}: about {box.more} more: too many for one run, or somebody else "
                "looked at them within the last five minutes; run it again then"
            )
    if any(box.problem for box in boxes):
        return ExitCode.ERROR
    left = any(box.letters or box.more for box in boxes)
    return ExitCode.ACTIONS_PLANNED if left else ExitCode.NOTHING_TO_DO
