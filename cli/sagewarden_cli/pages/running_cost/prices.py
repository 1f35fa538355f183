"""List prices of what the stack uses, with their date and where they were seen.

Those of what is paid by use are `sagewarden.domain.running_cost`'s: runs count with them, too.
"""

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sagewarden.domain.running_cost import AS_OF, PAID_BY_USE, REGION, Price

FILE = Path(__file__).with_name("prices.json")


@dataclass(frozen=True, slots=True)
class PriceList:
    """The prices of one region on one day.

    Attributes:
        date: When they were put together.
        region: Whose prices they are.
        prices: By name.
    """

    date: str
    region: str
    prices: dict[str, Price]


def price_list() -> PriceList:
    """The prices of what is paid by use, and those of the file."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    prices = {name: Price(Decimal(entry.pop("usd")), **entry) for name, entry in content.items()}
    return PriceList(AS_OF, REGION, {**PAID_BY_USE, **prices})
