"""Tables of list prices, each of one component in one region, and the price book they make."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from sagewarden.domain.money import FileStorage, PriceBook, PriceComponent

GB = "GB"
"""The name of the only price in a table of a GB-second."""

_UNITS = {
    PriceComponent.SERVERLESS: "GB-second",
    PriceComponent.PROVISIONED_CONCURRENCY: "GB-second",
    PriceComponent.PROVISIONED_INFERENCE: "GB-second",
    PriceComponent.STORAGE: "GB-month",
    PriceComponent.STUDIO_CANVAS: "session-hour",
    PriceComponent.MLFLOW: "server-hour",
    PriceComponent.FILE_SYSTEM: "GB-month",
    PriceComponent.MODEL_UNIT: "unit-hour",
}


@dataclass(frozen=True, slots=True)
class PriceTable:
    """The prices of one component in one region, all read on one day.

    Attributes:
        component: What they are for.
        region: The AWS region.
        as_of: The day they were read.
        source: Where they come from, for whoever must defend a figure.
        prices: US dollars per `unit_of` the component: by instance type, by the component a volume
            hangs on (`STORAGE`), by how files are stored (`FILE_SYSTEM`), by model and commitment
            (`MODEL_UNIT`), or only `GB` (serverless memory).
    """

    component: PriceComponent
    region: str
    as_of: date
    source: str
    prices: Mapping[str, Decimal]


def unit_of(component: PriceComponent) -> str:
    """What a component's price is for one of, for example ``instance-hour``."""
    return _UNITS.get(component, "instance-hour")


def merged(tables: Iterable[PriceTable]) -> tuple[PriceTable, ...]:
    """One table per component and region: the newest, of two of the same day the later given.

    A table is replaced whole: what AWS does not list any more has no known price. They come in the
    order of components, then of regions.
    """
    order = {component: number for number, component in enumerate(PriceComponent)}
    newest: dict[tuple[PriceComponent, str], PriceTable] = {}
    for table in tables:
        place = table.component, table.region
        if place not in newest or newest[place].as_of <= table.as_of:
            newest[place] = table
    return tuple(sorted(newest.values(), key=lambda item: (order[item.component], item.region)))


def book(tables: Iterable[PriceTable]) -> PriceBook:
    """The price book of tables, of which no two are of the same component and region."""
    as_of: dict[tuple[PriceComponent, str], date] = {}
    hourly: dict[tuple[PriceComponent, str], Mapping[str, Decimal]] = {}
    gb_second: dict[tuple[PriceComponent, str], Decimal] = {}
    gb_month: dict[tuple[PriceComponent, str], Decimal] = {}
    file_gb_month: dict[tuple[FileStorage, str], Decimal] = {}
    for table in tables:
        component, region = place = table.component, table.region
        as_of[place] = table.as_of
        if unit_of(component) == "GB-second":
            gb_second[place] = table.prices[GB]
        elif component is PriceComponent.STORAGE:
            for name, usd in table.prices.items():
                gb_month[PriceComponent(name), region] = usd
        elif component is PriceComponent.FILE_SYSTEM:
            for name, usd in table.prices.items():
                file_gb_month[FileStorage(name), region] = usd
        else:
            hourly[place] = table.prices
    return PriceBook(as_of, _Hourly(hourly), gb_second, gb_month, file_gb_month)


def read_late(read: Callable[[], PriceBook]) -> PriceBook:
    """A price book that is read when the first price is looked up: many runs look up none."""
    read_once = cache(read)
    return PriceBook(
        as_of=_ReadLate(lambda: read_once().as_of),
        hourly_usd=_ReadLate(lambda: read_once().hourly_usd),
        gb_second_usd=_ReadLate(lambda: read_once().gb_second_usd),
        gb_month_usd=_ReadLate(lambda: read_once().gb_month_usd),
        file_gb_month_usd=_ReadLate(lambda: read_once().file_gb_month_usd),
    )


class _Hourly(Mapping[tuple[PriceComponent, str, str], Decimal]):
    """Prices of hours by component, region and name, looked up where they lie."""

    def __init__(self, tables: Mapping[tuple[PriceComponent, str], Mapping[str, Decimal]]) -> None:
        self._tables = tables

    def __getitem__(self, key: tuple[PriceComponent, str, str]) -> Decimal:
        component, region, name = key
        return self._tables[component, region][name]

    def __iter__(self) -> Iterator[tuple[PriceComponent, str, str]]:
        return (
            (component, region, name)
            for (component, region), prices in self._tables.items()
            for name in prices
        )

    def __len__(self) -> int:
        return sum(map(len, self._tables.values()))


class _ReadLate[Key, Value](Mapping[Key, Value]):
    """A mapping that is read on first use."""

    def __init__(self, read: Callable[[], Mapping[Key, Value]]) -> None:
        self._read = read

    def __getitem__(self, key: Key) -> Value:
        return self._read()[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())
