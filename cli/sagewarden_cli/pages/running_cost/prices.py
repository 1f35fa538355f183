"""List prices of what the stack uses, with their date and where they were seen."""

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

FILE = Path(__file__).with_name("prices.json")


@dataclass(frozen=True, slots=True)
class Price:
    """One list price.

    Attributes:
        usd: US dollars.
        per: For how many units.
        unit: What is counted.
        page: AWS's own price page.
        seen: Where the figure was read; None when it could not be checked anywhere.
    """

    usd: Decimal
    per: int
    unit: str
    page: str
    seen: str | None

    def of(self, amount: Decimal) -> Decimal:
        """What an amount costs."""
        return amount * self.usd / self.per

    @property
    def text(self) -> str:
        """As a bill shows it: ``$0.20 per 1,000,000 requests``."""
        per = "" if self.per == 1 else f"{self.per:,} "
        return f"${self.usd} per {per}{self.unit}"


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
    """The price list of the file."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    prices = {
        name: Price(Decimal(entry.pop("usd")), **entry) for name, entry in content["prices"].items()
    }
    return PriceList(content["date"], content["region"], prices)
