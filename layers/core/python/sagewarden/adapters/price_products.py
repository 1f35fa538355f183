"""What one product of AWS's price list says: which usage type, in which unit, at which price.

A product is a JSON document of its own (format ``aws_v1``). Only what is charged on demand in US
dollars counts; a price of zero is that of a free tier or of a feature that costs nothing beside
what it runs on, and never that of an instance.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

_APART = re.compile(r"reserved|spot|free", re.IGNORECASE)


class RefusedProductError(Exception):
    """A product says no price that can be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Product:
    """One product (SKU) that is charged on demand.

    Attributes:
        usage_type: For example ``USE1-Host:ml.m5.xlarge``; us-east-1's may lack the prefix.
        attributes: All that the price list says of it.
        unit: What the price is for one of, for example ``Hrs``.
        usd: Its price, above zero.
        published: The day AWS published it, as it writes it.
    """

    usage_type: str
    attributes: Mapping[str, str]
    unit: str
    usd: Decimal
    published: str


def read_product(text: str) -> Product | None:
    """Read one product; None for one that is sold otherwise (reserved, spot, free tier).

    Raises:
        RefusedProductError: It is malformed, or has no positive price on demand in US dollars.
    """
    try:
        document = json.loads(text)
        attributes = {name: str(value) for name, value in _attributes(document).items()}
        usage_type = attributes["usagetype"]
        if _APART.search(usage_type):
            return None
        dimensions = list(_dimensions(document["terms"].get("OnDemand", {})))
        published = str(document["publicationDate"])[:10]
    except (AttributeError, InvalidOperation, KeyError, TypeError, ValueError) as error:
        raise RefusedProductError(f"malformed: {type(error).__name__}: {error}") from error
    unit, usd = _first_price(usage_type, dimensions)
    return Product(usage_type, attributes, unit, usd, published)


def _attributes(document: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = document["product"]["attributes"]
    return found


def _dimensions(terms: Mapping[str, Any]) -> Iterator[tuple[Decimal, str, str]]:
    for offer in terms.values():
        for dimension in offer["priceDimensions"].values():
            usd = dimension["pricePerUnit"].get("USD")
            if usd is not None:
                begins = Decimal(dimension.get("beginRange", "0"))
                yield begins, str(dimension["unit"]), str(usd)


def _first_price(
    usage_type: str, dimensions: list[tuple[Decimal, str, str]]
) -> tuple[str, Decimal]:
    """The price of the first units: later ones may be cheaper, which no single resource reaches."""
    if not dimensions:
        raise RefusedProductError(f"{usage_type}: no price on demand in US dollars")
    _, unit, text = min(dimensions)
    try:
        usd = Decimal(text)
    except InvalidOperation:
        usd = Decimal("NaN")
    if not usd.is_finite() or usd <= 0:
        raise RefusedProductError(f"{usage_type}: {text} is no price")
    return unit, usd
