"""The list prices that ship with the program: dated, with their source beside them."""

import json
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from sagewarden.domain.money import PriceBook, PriceComponent

TABLE = Path(__file__).with_name("price_snapshot.json")

_HOURLY = (PriceComponent.HOSTING, PriceComponent.NOTEBOOK, PriceComponent.STUDIO_JUPYTER_LAB)


@cache
def shipped_prices() -> PriceBook:
    """The shipped price book (`price_snapshot.json`); a price it does not have is unknown."""
    tables = json.loads(TABLE.read_text(encoding="utf-8"), parse_float=Decimal)
    hourly = {
        (component, region, instance_type): price
        for component in _HOURLY
        for region, prices in tables[component]["regions"].items()
        for instance_type, price in prices.items()
    }
    reserved = PriceComponent.PROVISIONED_CONCURRENCY
    return PriceBook(
        as_of={
            (PriceComponent(component), region): date.fromisoformat(table["as_of"])
            for component, table in tables.items()
            for region in table["regions"]
        },
        hourly_usd=hourly,
        gb_second_usd={
            (reserved, region): price for region, price in tables[reserved]["regions"].items()
        },
    )
