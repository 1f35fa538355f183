"""``sagewarden spot-savings``: what managed spot training saved, job by job."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.jobs.ended import ended_training_jobs
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import Listing
from sagewarden.domain.durations import spoken
from sagewarden.domain.jobs.spot_savings import SpotJob, SpotSavings, spot_savings
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import TrainingJob
from sagewarden.domain.standstill import Span
from sagewarden_cli.console import progress, show, show_json, warn
from sagewarden_cli.exit_codes import ExitCode
from sagewarden_cli.options import NoRegionError, Output, Profile, Regions, TableOrJson, duration
from sagewarden_cli.price_place import workstation_prices
from sagewarden_cli.printed_text import plain

SCHEMA = 1


def spot_savings_of_jobs(
    *,
    since: Annotated[
        str, typer.Option("--since", metavar="LENGTH", help="How far back, until now.")
    ] = "7d",
    region: Regions = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """Tell what managed spot training saved: what was not billed of the time that jobs trained."""
    now = SystemClock().now()
    span = Span(now - duration("--since", since), now)
    sessions = Sessions(profile=profile)
    places = region or ([sessions.region] if sessions.region else [])
    if not places:
        raise NoRegionError("no region is set: give --region, or set AWS_REGION")
    with progress(f"reading {', '.join(places)} ..."):
        listed = [ended_training_jobs(sessions, place, span.begin) for place in places]
    found = spot_savings(_jobs(listed), workstation_prices(), span)
    gaps = [item for listing in listed for item in listing.incomplete]
    if output is TableOrJson.JSON:
        show_json(_document(found, span, gaps))
    else:
        show(*_told(found, since))
    for gap in gaps:
        warn(f"could not be read: {gap.what}: {gap.why}")
    if gaps:
        raise typer.Exit(ExitCode.ERROR)


def _jobs(listed: list[Listing[TrainingJob]]) -> Iterator[TrainingJob]:
    for listing in listed:
        yield from listing.items


def _document(found: SpotSavings, span: Span, gaps: list[Incomplete]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "begin": span.begin.isoformat(),
        "end": span.end.isoformat(),
        "saved_usd": _money(found.saved_usd),
        "list_usd": _money(found.list_usd),
        "unknown": found.unknown,
        "jobs": [_record(job) for job in found.jobs],
        "incomplete": [{"what": gap.what, "why": gap.why} for gap in gaps],
    }


def _record(job: SpotJob) -> dict[str, Any]:
    return {
        "name": job.ref.name,
        "arn": job.ref.arn,
        "region": job.ref.region,
        "instances": dict(job.machines) if job.machines is not None else None,
        "training_seconds": _seconds(job.trained),
        "billable_seconds": _seconds(job.billed),
        "list_usd": _money(job.list_usd),
        "saved_usd": _money(job.saved_usd),
        "prices_as_of": job.as_of.isoformat() if job.as_of else None,
    }


def _told(found: SpotSavings, since: str) -> Iterator[RenderableType]:
    number = len(found.jobs)
    yield plain(f"Managed spot training, the last {since}: {number} ended", "bold")
    if not found.jobs:
        return
    table = Table("Job", "Region", "Instances", "Trained", "Billed", "List USD", "Saved USD")
    for job in found.jobs:
        table.add_row(
            job.ref.name,
            job.ref.region,
            ", ".join(f"{count} x {name}" for name, count in job.machines or ()) or "not known",
            _length(job.trained),
            _length(job.billed),
            _money(job.list_usd) or "not known",
            _money(job.saved_usd) or "not known",
        )
    yield table
    days = [job.as_of for job in found.jobs if job.as_of is not None]
    if days:
        yield plain(
            f"saved ${_money(found.saved_usd)} of ${_money(found.list_usd)} at list prices of "
            f"{min(days).isoformat()}"
        )
    if found.unknown:
        yield plain(f"{found.unknown} of them add nothing: a price or a time is not known", "dim")


def _money(usd: Decimal | None) -> str | None:
    return None if usd is None else f"{usd:.2f}"


def _length(length: timedelta | None) -> str:
    return "not known" if length is None else spoken(length)


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())
