"""A file of dated list prices: what ``sagewarden prices refresh`` writes, and what is shipped.

JSON, one table a line, so that a change reads well in a review.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from sagewarden.adapters.price_tables import GB, PriceTable, merged, unit_of
from sagewarden.domain.money import FileStorage, PriceComponent

SCHEMA = 1

_NAMES: Mapping[PriceComponent, type[StrEnum]] = {
    PriceComponent.STORAGE: PriceComponent,
    PriceComponent.FILE_SYSTEM: FileStorage,
}
"""What prices may be called where only some names are known."""


class DamagedPricesError(Exception):
    """A price file cannot be trusted; the message names it, the place, and what to do."""


def price_file_text(tables: Iterable[PriceTable]) -> str:
    """Write tables as a price file, in the order of components and regions."""
    lines = ",\n".join(json.dumps(_record(table)) for table in merged(tables))
    return f'{{"schema": {SCHEMA}, "tables": [\n{lines}\n]}}\n'


def read_price_file(path: Path) -> tuple[PriceTable, ...]:
    """Read a price file, every price of it.

    Raises:
        DamagedPricesError: It is no price file, or one of its prices is none.
        OSError: It cannot be read.
    """
    return tuple(replace(table, prices=dict(table.prices)) for table in open_price_file(path))


def open_price_file(path: Path) -> tuple[PriceTable, ...]:
    """Read a price file, each price of it when it is looked up: a run needs a few of thousands.

    Raises:
        DamagedPricesError: It is no price file; or, at a look-up, a price is none.
        OSError: It cannot be read.
    """
    try:
        content = json.loads(path.read_bytes())
        if content["schema"] != SCHEMA:
            raise _damaged(path, f"schema {content['schema']!r} instead of {SCHEMA}")
        return tuple(_table(path, record) for record in content["tables"])
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error


def _record(table: PriceTable) -> dict[str, Any]:
    return {
        "component": table.component.value,
        "region": table.region,
        "as_of": table.as_of.isoformat(),
        "usd_per": unit_of(table.component),
        "source": table.source,
        "prices": {name: f"{table.prices[name]:f}" for name in sorted(table.prices)},
    }


def _table(path: Path, record: Mapping[str, Any]) -> PriceTable:
    component, region = PriceComponent(record["component"]), str(record["region"])
    where = f"{component} in {region}"
    if record["usd_per"] != unit_of(component):
        raise _damaged(path, f"{where}: USD per {record['usd_per']}, not per {unit_of(component)}")
    prices = _UnreadPrices(dict(record["prices"]), partial(_price, path, where))
    if unit_of(component) == "GB-second" and prices.keys() != {GB}:
        raise _damaged(path, f"{where}: the only price is {GB}")
    names = _NAMES.get(component)
    strange = prices.keys() - set(names) if names else set()
    if strange:
        raise _damaged(path, f"{where}: there is no {', '.join(sorted(strange))}")
    return PriceTable(
        component, region, date.fromisoformat(record["as_of"]), str(record["source"]), prices
    )


class _UnreadPrices(Mapping[str, Decimal]):
    """Prices as a file writes them, each read when it is looked up."""

    def __init__(
        self, written: Mapping[str, object], read: Callable[[str, object], Decimal]
    ) -> None:
        self._written = written
        self._read = read

    def __getitem__(self, name: str) -> Decimal:
        return self._read(name, self._written[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)


def _price(path: Path, where: str, name: str, usd: object) -> Decimal:
    try:
        price = Decimal(usd if isinstance(usd, str) else "NaN")
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or price <= 0:
        raise _damaged(path, f"{where}: {name}: {usd!r} is no price")
    return price


def _damaged(path: Path, what: str) -> DamagedPricesError:
    return DamagedPricesError(
        f"{path}: this is no sound price file ({what}); delete it, "
        "and write it anew with sagewarden prices refresh"
    )
