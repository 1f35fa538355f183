"""What a refresh of list prices changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sagewarden.adapters.price_tables import PriceTable, unit_of
from sagewarden.domain.money import PriceComponent


@dataclass(frozen=True, slots=True)
class PriceChange:
    """One price before and after.

    Attributes:
        table: The table it is in now.
        name: What the price is of.
        before: None where it was not known before.
        after: None where AWS does not list it any more.
    """

    table: PriceTable
    name: str
    before: Decimal | None
    after: Decimal | None

    @property
    def unit(self) -> str:
        """What it is the price of one of."""
        return unit_of(self.table.component)


def changes(before: Iterable[PriceTable], after: Iterable[PriceTable]) -> list[PriceChange]:
    """Every price of the tables after that is not as it was in those before, by name."""
    known = {(table.component, table.region): table.prices for table in before}
    return [
        PriceChange(table, name, was.get(name), table.prices.get(name))
        for table in after
        for was in (_prices(known, table),)
        for name in sorted(was.keys() | table.prices.keys())
        if was.get(name) != table.prices.get(name)
    ]


def _prices(
    known: Mapping[tuple[PriceComponent, str], Mapping[str, Decimal]], table: PriceTable
) -> Mapping[str, Decimal]:
    return known.get((table.component, table.region), {})
