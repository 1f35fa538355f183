"""``sagewarden prices``: read today's list prices from AWS, and show those that are known."""

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.price_file import price_file_text, read_price_file
from sagewarden.adapters.price_list import PriceList
from sagewarden.adapters.price_offers import LISTED
from sagewarden.adapters.price_snapshot import known_tables
from sagewarden.adapters.price_tables import PriceTable, merged, unit_of
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import UnreadableError
from sagewarden.domain.money import PriceComponent
from sagewarden_cli.console import note, progress, show, show_json, warn
from sagewarden_cli.exit_codes import ExitCode
from sagewarden_cli.local_ledger import replace_file
from sagewarden_cli.options import (
    BadOptionError,
    NoRegionError,
    Output,
    Profile,
    Regions,
    TableOrJson,
)
from sagewarden_cli.plan_view import counted
from sagewarden_cli.price_changes import PriceChange, changes
from sagewarden_cli.price_place import price_cache
from sagewarden_cli.printed_text import plain

SCHEMA = 1

_SHOWN = 20
"""Changes listed for people; JSON has all of them."""

prices = typer.Typer(
    name="prices", no_args_is_help=True, help="Show list prices, or read today's from AWS."
)

Components = Annotated[
    list[PriceComponent] | None,
    typer.Option(
        "--component",
        metavar="NAME",
        case_sensitive=False,
        help="Such as Hosting; may be given several times.",
    ),
]

PriceFile = Annotated[
    Path | None,
    typer.Option(
        "--file",
        metavar="FILE",
        help="The price file, such as layers/policy/prices.json. Default: one of your own.",
        show_default=False,
    ),
]

Named = Annotated[
    str | None,
    typer.Option("--type", metavar="TEXT", help="Only what has this in its name, such as g5."),
]


@dataclass
class _Refresh:
    """What was read, and what was not.

    Attributes:
        tables: The tables read.
        none: Where AWS lists no price that can be used.
        refused: What AWS lists that could not be used, by component and region.
        failed: What could not be read, by the reason.
    """

    tables: list[PriceTable] = field(default_factory=list)
    none: list[tuple[PriceComponent, str]] = field(default_factory=list)
    refused: list[tuple[PriceComponent, str, str]] = field(default_factory=list)
    failed: defaultdict[str, list[tuple[PriceComponent, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )


@prices.command("refresh")
def refresh(
    *,
    region: Regions = None,
    component: Components = None,
    file: PriceFile = None,
    output: Output = TableOrJson.TABLE,
    profile: Profile = None,
) -> None:
    """Read today's list prices of a region from AWS, and keep them in a file.

    Needs pricing:GetProducts. Exit code 1: a part, or all, could not be read; the rest is kept.
    """
    path = file or price_cache(os.environ)
    if file is not None and not file.parent.is_dir():
        raise BadOptionError(f"--file: there is no folder {file.parent}")
    before = known_tables(path)
    sessions = Sessions(profile)
    wanted = list(dict.fromkeys(component or LISTED))
    found = _read(sessions, _regions(region, sessions), wanted)
    if found.tables:
        kept = read_price_file(path) if path.exists() else ()
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, price_file_text(merged((*kept, *found.tables))), for_all=True)
    changed = changes(before, found.tables)
    if output is TableOrJson.JSON:
        show_json(_refreshed(path, found, changed))
    else:
        show(*_refresh_tables(path, found, changed))
    _warn(found)
    is_whole = found.tables and not found.failed
    raise typer.Exit(ExitCode.NOTHING_TO_DO if is_whole else ExitCode.ERROR)


def _regions(named: list[str] | None, sessions: Sessions) -> list[str]:
    regions = named or ([sessions.region] if sessions.region else [])
    if not regions:
        raise NoRegionError("no region: give --region, or set AWS_REGION")
    return list(dict.fromkeys(regions))


def _read(
    sessions: Sessions, regions: Sequence[str], components: Sequence[PriceComponent]
) -> _Refresh:
    today = SystemClock().now().date()
    price_list, found = PriceList(sessions), _Refresh()
    with progress(f"reading the price list of {', '.join(regions)} ..."):
        for region in regions:
            for component in components:
                try:
                    listed = price_list.read(component, region, today)
                except UnreadableError as error:
                    found.failed[error.why].append((component, region))
                    continue
                found.refused += [(component, region, why) for why in listed.refused]
                if listed.table is None:
                    found.none.append((component, region))
                else:
                    found.tables.append(listed.table)
    return found


def _refresh_tables(
    path: Path, found: _Refresh, changed: list[PriceChange]
) -> Iterator[RenderableType]:
    table = _table("Read", "Component", "Region", "Prices", "USD per", "New", "Changed", "Gone")
    for item in found.tables:
        here = [change for change in changed if change.table is item]
        new, gone = _count(here, "before"), _count(here, "after")
        counts = new, len(here) - new - gone, gone
        cells = (item.component.value, item.region, str(len(item.prices)), unit_of(item.component))
        table.add_row(*map(plain, (*cells, *(str(count or "-") for count in counts))))
    if found.tables:
        yield table
    differing = [change for change in changed if change.before and change.after]
    if differing:
        yield _changed_table(differing[:_SHOWN])
    if len(differing) > _SHOWN:
        yield plain(f"... and {len(differing) - _SHOWN} more: --output json has all of them")
    if found.tables:
        yield plain(f"{counted(len(found.tables), 'price table')} kept in {path}")
    else:
        yield plain("no price was read, and nothing was written")


def _changed_table(differing: list[PriceChange]) -> Table:
    table = _table("Changed prices", "Component", "Region", "Name", "Was", "Is", "USD per")
    for change in differing:
        here = change.table
        figures = _usd(change.before), _usd(change.after), change.unit
        table.add_row(*map(plain, (here.component.value, here.region, change.name, *figures)))
    return table


def _count(changed: list[PriceChange], side: str) -> int:
    return sum(getattr(change, side) is None for change in changed)


def _warn(found: _Refresh) -> None:
    for component, region, why in found.refused:
        note(f"{component.value} in {region}: {why}")
    for region in dict.fromkeys(region for _, region in found.none):
        absent = ", ".join(component.value for component, where in found.none if where == region)
        note(f"AWS lists no usable price in {region} of {absent}: what was known of them stays")
    for why, parts in found.failed.items():
        places = ", ".join(f"{component.value} in {region}" for component, region in parts)
        warn(f"could not be read: {places}: {why}")


def _refreshed(path: Path, found: _Refresh, changed: list[PriceChange]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "file": str(path) if found.tables else None,
        "read": [{**_place(table), "prices": len(table.prices)} for table in found.tables],
        "changes": [
            {
                "component": change.table.component.value,
                "region": change.table.region,
                "name": change.name,
                "usd_before": _plain(change.before),
                "usd": _plain(change.after),
                "usd_per": change.unit,
            }
            for change in changed
        ],
        "not_listed": [{"component": part.value, "region": region} for part, region in found.none],
        "not_used": [
            {"component": part.value, "region": region, "why": why}
            for part, region, why in found.refused
        ],
        "incomplete": [
            {"component": part.value, "region": region, "why": why}
            for why, parts in found.failed.items()
            for part, region in parts
        ],
    }


@prices.command("show")
def show_prices(
    *,
    region: Regions = None,
    component: Components = None,
    name: Named = None,
    file: PriceFile = None,
    output: Output = TableOrJson.TABLE,
) -> None:
    """Show the list prices that runs go by: an overview, or each price that options select.

    They are the newest of those shipped and of the price file. What is not here is not known,
    and counts for nothing in any saving.
    """
    tables = [
        table
        for table in known_tables(file or price_cache(os.environ))
        if (not region or table.region in region)
        and (not component or table.component in component)
    ]
    rows = [
        (table, each, usd)
        for table in tables
        for each, usd in sorted(table.prices.items())
        if name is None or name in each
    ]
    if output is TableOrJson.JSON:
        shown = [{**_place(table), "name": each, "usd": _plain(usd)} for table, each, usd in rows]
        show_json({"schema": SCHEMA, "prices": shown})
    elif not rows:
        show(plain("no price is known of that"))
    elif region or component or name:
        show(_price_table(rows), *_sources([table for table, _, _ in rows]))
    else:
        show(_overview(tables), *_sources(tables))


def _overview(tables: list[PriceTable]) -> Table:
    shown = _table("Known list prices", "Component", "Region", "Prices", "USD per", "Date", "From")
    numbers = _numbered(tables)
    for table in tables:
        cells = table.component.value, table.region, str(len(table.prices))
        dated = unit_of(table.component), table.as_of.isoformat(), f"[{numbers[table.source]}]"
        shown.add_row(*map(plain, (*cells, *dated)))
    return shown


def _price_table(rows: list[tuple[PriceTable, str, Decimal]]) -> Table:
    shown = _table("List prices", "Component", "Region", "Name", "USD", "per", "Date", "From")
    numbers = _numbered([table for table, _, _ in rows])
    for table, name, usd in rows:
        cells = table.component.value, table.region, name, _usd(usd), unit_of(table.component)
        dated = table.as_of.isoformat(), f"[{numbers[table.source]}]"
        shown.add_row(*map(plain, (*cells, *dated)))
    return shown


def _sources(tables: list[PriceTable]) -> Iterator[RenderableType]:
    for source, number in _numbered(tables).items():
        yield plain(f"[{number}] {source}")


def _numbered(tables: list[PriceTable]) -> dict[str, int]:
    sources = dict.fromkeys(table.source for table in tables)
    return {source: number for number, source in enumerate(sources, start=1)}


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        is_number = heading in {"Prices", "USD", "New", "Changed", "Gone", "Was", "Is"}
        table.add_column(
            heading, justify="right" if is_number else "left", no_wrap=heading in {"Name", "Date"}
        )
    return table


def _place(table: PriceTable) -> dict[str, Any]:
    return {
        "component": table.component.value,
        "region": table.region,
        "usd_per": unit_of(table.component),
        "as_of": table.as_of.isoformat(),
        "source": table.source,
    }


def _usd(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{amount:f}"


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
