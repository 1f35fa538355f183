"""AWS's Price List Query API: today's list prices of one component in one region.

Only a workstation asks it (``sagewarden prices refresh``); no deployed function does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
)

from sagewarden.adapters.errors import AWS_ERRORS, why
from sagewarden.adapters.price_offers import OFFERS, Filter, Offer, prices_of
from sagewarden.adapters.price_products import Product, RefusedProductError, read_product
from sagewarden.adapters.price_tables import PriceTable
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import UnreadableError
from sagewarden.domain.money import PriceComponent

ENDPOINTS = ("us-east-1", "eu-central-1", "ap-south-1")
"""The regions that answer; each knows the prices of all. Source: AWS Billing user guide."""

_NEAR = {"eu": "eu-central-1", "ap": "ap-south-1", "me": "ap-south-1"}


@dataclass(frozen=True, slots=True)
class Listed:
    """What the price list says of a component in a region.

    Attributes:
        table: Its prices, or None: it lists none that can be used.
        refused: What it lists that could not be used, each with the reason.
    """

    table: PriceTable | None
    refused: tuple[str, ...] = ()


class PriceList:
    """The price list as it is today; what one question answers for several components is kept."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        near = _NEAR.get((sessions.region or "").partition("-")[0], ENDPOINTS[0])
        self._endpoints = sorted(ENDPOINTS, key=lambda region: region != near)
        self._answers: dict[tuple[str, tuple[Filter, ...]], Sequence[str]] = {}

    def read(self, component: PriceComponent, region: str, today: date) -> Listed:
        """Read a component's prices in a region.

        Calls: the pages of GetProducts (100 products a page).

        Args:
            component: One of `OFFERS`.
            region: The region whose prices are asked for.
            today: The day, for the table's date.

        Raises:
            UnreadableError: AWS refused, or could not be reached.
            NoCredentialsError: There are none.
        """
        offer = OFFERS[component]
        products: list[Product] = []
        refused: list[str] = []
        selling: list[str] = []
        for service in offer.services:
            usable, others = _usable(self._answer(service, offer, component, region), offer)
            products, refused = [*products, *usable], [*refused, *others]
            selling += [service] if usable else []
        prices, doubted = prices_of(component, products)
        refused = [*refused, *doubted]
        if not prices:
            return Listed(None, tuple(refused))
        published = max(product.published for product in products)
        source = f"AWS Price List Query API, {' and '.join(selling)}, published {published}"
        return Listed(PriceTable(component, region, today, source, prices), tuple(refused))

    def _answer(
        self, service: str, offer: Offer, component: PriceComponent, region: str
    ) -> Sequence[str]:
        """What a service lists of an offer in a region."""
        answer: Sequence[str] = ()
        for filters in (offer.filters, offer.otherwise):
            if filters and not answer:
                here = (("TERM_MATCH", "regionCode", region), *filters)
                answer = self._products(service, here, component)
        return answer

    def _products(
        self, service: str, filters: tuple[Filter, ...], component: PriceComponent
    ) -> Sequence[str]:
        """All products that match, from the first endpoint that may be asked."""
        if (service, filters) not in self._answers:
            self._answers[service, filters] = self._asked(service, filters, component)
        return self._answers[service, filters]

    def _asked(
        self, service: str, filters: tuple[Filter, ...], component: PriceComponent
    ) -> Sequence[str]:
        failures: list[Exception] = []
        for endpoint in tuple(self._endpoints):
            try:
                found = self._pages(endpoint, service, filters)
            except (NoCredentialsError, PartialCredentialsError):
                raise
            except AWS_ERRORS as error:
                failures.append(error)
                if not _may_differ_elsewhere(error):
                    break
            else:
                self._endpoints = [endpoint]
                return found
        self._endpoints = self._endpoints[:1]
        raise UnreadableError(f"list prices of {component}", why(failures[0])) from failures[0]

    def _pages(self, endpoint: str, service: str, filters: Iterable[Filter]) -> Sequence[str]:
        wanted = [{"Type": kind, "Field": field, "Value": value} for kind, field, value in filters]
        pages = (
            self._sessions.client("pricing", endpoint)
            .get_paginator("get_products")
            .paginate(
                ServiceCode=service,
                Filters=wanted,
                FormatVersion="aws_v1",
                PaginationConfig={"PageSize": 100},
            )
        )
        return [product for page in pages for product in page["PriceList"]]


def _may_differ_elsewhere(error: Exception) -> bool:
    """Whether another endpoint may answer: a service control policy may deny one region only."""
    if isinstance(error, ClientError):
        return error.response.get("Error", {}).get("Code") == "AccessDeniedException"
    return isinstance(error, EndpointConnectionError | ConnectTimeoutError)


def _usable(texts: Iterable[str], offer: Offer) -> tuple[list[Product], list[str]]:
    """The products that count for an offer, and why others that seemed to do not."""
    found: list[Product] = []
    refused: list[str] = []
    for text in texts:
        try:
            product = read_product(text)
        except RefusedProductError as error:
            refused.append(str(error))
            continue
        if product is None or (offer.only_own and not offer.own.search(product.usage_type)):
            continue
        if product.unit.lower().startswith(offer.unit):
            found.append(product)
        else:
            refused.append(f"{product.usage_type}: a price per {product.unit}")
    return found, refused
