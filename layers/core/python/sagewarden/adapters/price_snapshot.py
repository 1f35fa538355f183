"""The list prices that ship with the program, and newer ones that a file has."""

from functools import cache
from pathlib import Path

from sagewarden.adapters.price_file import open_price_file, read_price_file
from sagewarden.adapters.price_tables import PriceTable, book, merged, read_late
from sagewarden.domain.money import PriceBook

SNAPSHOT = Path(__file__).with_name("price_snapshot.json")


@cache
def shipped_tables() -> tuple[PriceTable, ...]:
    """The shipped tables (`price_snapshot.json`), each dated and with its source."""
    return read_price_file(SNAPSHOT)


@cache
def shipped_prices() -> PriceBook:
    """The shipped price book; a price it does not have is unknown. Read on first use."""
    return read_late(lambda: book(open_price_file(SNAPSHOT)))


def known_tables(file: Path) -> tuple[PriceTable, ...]:
    """The newest table of each component and region, of the shipped ones and those of a file.

    Raises:
        DamagedPricesError: The file is there and is no sound price file.
    """
    found = read_price_file(file) if file.exists() else ()
    return merged((*shipped_tables(), *found))


def known_prices(file: Path) -> PriceBook:
    """The book of `known_tables`, read when the first price is looked up.

    A damaged file is refused then, with a DamagedPricesError.
    """
    return read_late(lambda: book(merged((*open_price_file(SNAPSHOT), *_opened(file)))))


def _opened(file: Path) -> tuple[PriceTable, ...]:
    return open_price_file(file) if file.exists() else ()
