"""``sagewarden digest``: what the reporter tells each week, from the ledger to the terminal."""

from collections.abc import Iterator
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import RenderableType

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.digest_plain import plain_digest
from sagewarden.adapters.digest_records import digest_record
from sagewarden.application.digests import Known, gather
from sagewarden.domain.digest import Digest, digest_of, last_week
from sagewarden.domain.standstill import Span
from sagewarden.policy import exemptions_of, load_policy
from sagewarden_cli.console import show, show_json
from sagewarden_cli.ledger_place import opened_ledger
from sagewarden_cli.options import (
    LedgerPlace,
    Output,
    PolicyFile,
    Profile,
    TableOrJson,
    duration,
)
from sagewarden_cli.policy_place import find_policy
from sagewarden_cli.printed_text import plain

SCHEMA = 1


def digest(
    *,
    team: Annotated[
        str | None,
        typer.Option(
            "--team",
            metavar="NAME",
            help="Only what belongs to this team. Default: everything.",
            show_default=False,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="LENGTH",
            help="How far back, until now. Default: the last whole week, Monday to Sunday.",
            show_default=False,
        ),
    ] = None,
    policy: PolicyFile = None,
    ledger: LedgerPlace = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """Tell what was done, what it saves, what waits and what is left alone."""
    now = SystemClock().now()
    model = load_policy(find_policy(policy))
    zone = ZoneInfo(model.timezone)
    span = last_week(now, zone) if since is None else Span(now - duration("--since", since), now)
    with opened_ledger(ledger, profile, write=False) as memory:
        places = len(memory.ledger.places())
        records = gather(memory.ledger, span, now, Known(exemptions_of(model), places))
    found = digest_of(records, span, now, zone, team)
    if output is TableOrJson.JSON:
        show_json(_document(found))
    else:
        show(*_told(found, zone))


def _document(found: Digest) -> dict[str, Any]:
    return {"schema": SCHEMA, **digest_record(found)}


def _told(found: Digest, zone: ZoneInfo) -> Iterator[RenderableType]:
    words = plain_digest(found, zone)
    yield plain(words.title, "bold")
    for lines in words.paragraphs:
        yield plain("")
        yield from (plain(line) for line in lines)
    yield plain("")
    yield plain(" · ".join(words.small_print), "dim")
