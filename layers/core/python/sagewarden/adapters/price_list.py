"""AWS's Price List Query API: today's list prices of one component in one region.

Only a workstation asks it (``sagewarden prices refresh``); no deployed function does.

Where a name has several prices, those of the component's own usage type count, and of these the
lowest: a saving may be understated, never overstated.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
)

from sagewarden.adapters.errors import AWS_ERRORS, why
from sagewarden.adapters.price_products import Product, RefusedProductError, read_product
from sagewarden.adapters.price_tables import GB, PriceTable
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import UnreadableError
from sagewarden.domain.money import FileStorage, PriceComponent
from sagewarden.domain.services.model_units import TERMS, squeezed, unit_name

ENDPOINTS = ("us-east-1", "eu-central-1", "ap-south-1")
"""The regions that answer; each knows the prices of all. Source: AWS Billing user guide."""

_SAGEMAKER = "AmazonSageMaker"
_NEAR = {"eu": "eu-central-1", "ap": "ap-south-1", "me": "ap-south-1"}
_SAME = Decimal("0.01")
"""By how much prices per GB of two memory sizes may differ: AWS rounds them."""

type Filter = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """What the price list says of a component in a region.

    Attributes:
        table: Its prices, or None: it lists none that can be used.
        refused: What it lists that could not be used, each with the reason.
    """

    table: PriceTable | None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Offer:
    """How a component is found in the price list.

    Attributes:
        filters: What is asked for, beside the region.
        otherwise: What is asked for where that finds nothing.
        unit: How the right unit begins, in lower case.
        own: The component's own usage types; ``name`` in it is what the price is called.
        services: The services whose products it has.
        only_own: Whether the answer holds what is of no concern, too.
    """

    filters: tuple[Filter, ...]
    unit: str
    own: re.Pattern[str]
    services: tuple[str, ...] = (_SAGEMAKER,)
    only_own: bool = False
    otherwise: tuple[Filter, ...] = ()


def _usage(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|-){pattern}$", re.IGNORECASE)


def _instances(component: PriceComponent, usage: str) -> _Offer:
    own = _usage(usage + r"(?P<name>ml\.[a-z0-9-]+\.[a-z0-9-]+)")
    named, older = (
        (("TERM_MATCH", field, component.value),) for field in ("component", "platoinstancetype")
    )
    return _Offer(named, "h", own, otherwise=older)


def _serverless(usage: str) -> _Offer:
    family = ("TERM_MATCH", "productFamily", "ML Serverless")
    return _Offer((family,), "second", _usage(usage + r"-(?P<name>\d+)GB"), only_own=True)


_OFFERS: Mapping[PriceComponent, _Offer] = {
    component: _instances(component, usage)
    for component, usage in {
        PriceComponent.HOSTING: "Host:",
        PriceComponent.ASYNC_INFERENCE: "AsyncInf:",
        PriceComponent.NOTEBOOK: "Notebk:",
        PriceComponent.STUDIO_JUPYTER_LAB: "Studio:JupyterLab-",
        PriceComponent.STUDIO_CODE_EDITOR: "Studio:CodeEditor-",
        PriceComponent.STUDIO_NOTEBOOK: "Studio:KernelGateway-",
        PriceComponent.STUDIO_RSTUDIO: "RStudio:RSession-",
        PriceComponent.STUDIO_RSTUDIO_SERVER: "RStudio:RServer-",
        PriceComponent.STUDIO_TENSORBOARD: "TensorBoard:",
        PriceComponent.TRAINING: "Train:",
        PriceComponent.PROCESSING: "Processing:",
        PriceComponent.TRANSFORM: "Tsform:",
        PriceComponent.CLUSTER: "Cluster:",
    }.items()
} | {
    PriceComponent.STUDIO_CANVAS: _Offer(
        (("CONTAINS", "usagetype", "Canvas:Session-Hrs"),),
        "h",
        _usage("Canvas:(?P<name>Session)-Hrs"),
        only_own=True,
    ),
    PriceComponent.MLFLOW: _Offer(
        (("CONTAINS", "usagetype", "MLflow:TrackingServerCompute"),),
        "h",
        _usage("MLflow:TrackingServerCompute-(?P<name>Small|Medium|Large)"),
    ),
    PriceComponent.SERVERLESS: _serverless("ServerlessInf:Mem"),
    PriceComponent.PROVISIONED_CONCURRENCY: _serverless("ProvisionedConcurrency:Usage"),
    PriceComponent.PROVISIONED_INFERENCE: _serverless("ProvisionedConcurrency:Mem"),
    PriceComponent.STORAGE: _Offer(
        (("TERM_MATCH", "productFamily", "Storage"),),
        "gb-mo",
        _usage(r"(?P<name>Host|Notebk|Studio|Train|Processing):VolumeUsage\.gp[23]"),
        only_own=True,
    ),
    PriceComponent.EC2: _Offer(
        (
            ("TERM_MATCH", "productFamily", "Compute Instance"),
            ("TERM_MATCH", "operatingSystem", "Linux"),
            ("TERM_MATCH", "tenancy", "Shared"),
            ("TERM_MATCH", "capacitystatus", "Used"),
            ("TERM_MATCH", "preInstalledSw", "NA"),
        ),
        "h",
        _usage(r"BoxUsage:(?P<name>(?:p|g|gr|inf|trn|dl)\d[a-z0-9-]*\.[a-z0-9-]+)"),
        services=("AmazonEC2",),
        only_own=True,
    ),
    PriceComponent.FILE_SYSTEM: _Offer(
        (("TERM_MATCH", "productFamily", "Storage"),),
        "gb-mo",
        _usage("(?P<name>(?:Archive|IA)?TimedStorage|IATimedStorage-ET)-ByteHrs"),
        services=("AmazonEFS",),
        only_own=True,
    ),
    PriceComponent.MODEL_UNIT: _Offer(
        (("CONTAINS", "usagetype", "ProvisionedThroughput"),),
        "h",
        re.compile(
            r"^(?:[A-Z]{2,3}\d?-)?"
            r"(?:(?P<model>.+)-ProvisionedThroughput(?P<custom>-Custom)?-(?P<term>\w+)-ModelUnits"
            r"|MP:\w+_ProvisionedThroughput_(?P<sold>[^\W_]+)_ModelUnits_Usage-Units)$"
        ),
        services=("AmazonBedrock", "AmazonBedrockFoundationModels"),
    ),
}

LISTED = tuple(component for component in PriceComponent if component in _OFFERS)
"""What can be read."""

_VOLUMES = {
    "host": (PriceComponent.HOSTING,),
    "notebk": (PriceComponent.NOTEBOOK,),
    "studio": (PriceComponent.STUDIO_JUPYTER_LAB, PriceComponent.STUDIO_CODE_EDITOR),
    "train": (PriceComponent.TRAINING,),
    "processing": (PriceComponent.PROCESSING,),
}


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
            component: One of `LISTED`.
            region: The region whose prices are asked for.
            today: The day, for the table's date.

        Raises:
            UnreadableError: AWS refused, or could not be reached.
            NoCredentialsError: There are none.
        """
        offer = _OFFERS[component]
        products: list[Product] = []
        refused: list[str] = []
        selling: list[str] = []
        for service in offer.services:
            usable, others = _usable(self._answer(service, offer, component, region), offer)
            products, refused = [*products, *usable], [*refused, *others]
            selling += [service] if usable else []
        prices, doubted = _PRICING.get(component, _lowest)(products, offer)
        refused = [*refused, *doubted]
        if not prices:
            return Listed(None, tuple(refused))
        published = max(product.published for product in products)
        source = f"AWS Price List Query API, {' and '.join(selling)}, published {published}"
        return Listed(PriceTable(component, region, today, source, prices), tuple(refused))

    def _answer(
        self, service: str, offer: _Offer, component: PriceComponent, region: str
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


def _usable(texts: Iterable[str], offer: _Offer) -> tuple[list[Product], list[str]]:
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


type _Prices = tuple[dict[str, Decimal], list[str]]


def _lowest(
    products: Iterable[Product],
    offer: _Offer,
    name_of: Callable[[Product, _Offer], str | None] | None = None,
    called: str = "instance type",
) -> _Prices:
    """The price of each name, by the rule at the top of this module.

    Args:
        products: What is listed.
        offer: What was asked for.
        name_of: What a product is called, None when it cannot be told; by default `_name`.
        called: What such a name is, in words.
    """
    by_name: defaultdict[str, list[Product]] = defaultdict(list)
    doubted: list[str] = []
    for product in products:
        name = (name_of or _name)(product, offer)
        if name is None:
            doubted.append(f"{product.usage_type}: names no {called}")
        else:
            by_name[name].append(product)
    prices: dict[str, Decimal] = {}
    for name, group in by_name.items():
        own = [item for item in group if offer.own.search(item.usage_type)] or group
        asked = sorted({item.usd for item in own})
        prices[name] = asked[0]
        if len(asked) > 1:
            amounts = ", ".join(f"${usd.normalize():f}" for usd in asked)
            doubted.append(f"{name}: listed at {amounts}: the lowest is taken")
    return {name: usd.normalize() for name, usd in prices.items()}, doubted


def _name(product: Product, offer: _Offer) -> str | None:
    """The instance type: ``instanceName`` is it; ``instanceType`` has a suffix, or is ``NA``."""
    named = product.attributes.get("instanceName", "")
    if named.startswith("ml."):
        return named
    found = offer.own.search(product.usage_type)
    return found["name"] if found else None


def _per_gb(products: Iterable[Product], offer: _Offer) -> _Prices:
    """One price per GB of six per memory size: the largest size's, which is rounded the least."""
    sizes: dict[int, Decimal] = {}
    for product in products:
        found = offer.own.search(product.usage_type)
        if found:
            sizes[int(found["name"])] = product.usd / int(found["name"])
    if not sizes:
        return {}, []
    low, high = min(sizes.values()), max(sizes.values())
    if high - low > low * _SAME:
        amounts = ", ".join(f"{size} GB: ${sizes[size]:f}" for size in sorted(sizes))
        return {}, [f"the memory sizes disagree about the price of a GB-second ({amounts})"]
    return {GB: sizes[max(sizes)].normalize()}, []


def _volumes(products: Iterable[Product], offer: _Offer) -> _Prices:
    prices, doubted = _lowest(products, offer)
    hung_on = ((part, usd) for name, usd in prices.items() for part in _VOLUMES[name.lower()])
    return {part.value: usd for part, usd in hung_on}, doubted


def _servers(products: Iterable[Product], offer: _Offer) -> _Prices:
    return _lowest(products, offer, _size, "size of a tracking server")


def _size(product: Product, offer: _Offer) -> str | None:
    """The size as SageMaker's API spells it (botocore 1.44, TrackingServerSize)."""
    found = offer.own.search(product.usage_type)
    return found["name"].capitalize() if found else None


_STORED = {
    "timedstorage": FileStorage.STANDARD,
    "iatimedstorage": FileStorage.INFREQUENT,
    "iatimedstorage-et": FileStorage.INFREQUENT_ELASTIC,
    "archivetimedstorage": FileStorage.ARCHIVE,
}
"""How files are stored, by usage type (Amazon EFS user guide, "Understanding billing and usage
reports"); those of a single availability zone (``-Z-``) are not read."""


def _files(products: Iterable[Product], offer: _Offer) -> _Prices:
    prices, doubted = _lowest(products, offer)
    return {_STORED[name.lower()].value: usd for name, usd in prices.items()}, doubted


_COMMITTED = {
    "nocommit": TERMS[""],
    "1month": TERMS["OneMonth"],
    "1monthcommit": TERMS["OneMonth"],
    "6months": TERMS["SixMonths"],
    "6month": TERMS["SixMonths"],
    "6monthscommit": TERMS["SixMonths"],
    "6monthcommit": TERMS["SixMonths"],
}
"""The length of a commitment, by the word that usage types have for it."""

_EDITION = " (Amazon Bedrock Edition)"
"""What the price list adds to the name of a model that is sold through AWS Marketplace."""


def _model_units(products: Iterable[Product], offer: _Offer) -> _Prices:
    """The price of each model and commitment; a usage type of any other form is told of."""
    return _lowest(products, offer, _unit_name, "model and commitment that are known")


def _unit_name(product: Product, offer: _Offer) -> str | None:
    found = offer.own.match(product.usage_type)
    if found is None:
        return None
    model, edition = found["model"], product.attributes.get("servicename", "")
    if model is None and edition.endswith(_EDITION):
        model = edition.removesuffix(_EDITION)
    term = _COMMITTED.get((found["term"] or found["sold"]).lower())
    if model is None or term is None:
        return None
    return unit_name(squeezed(model), term, custom=bool(found["custom"]))


_PRICING: Mapping[PriceComponent, Callable[[Iterable[Product], _Offer], _Prices]] = {
    PriceComponent.SERVERLESS: _per_gb,
    PriceComponent.PROVISIONED_CONCURRENCY: _per_gb,
    PriceComponent.PROVISIONED_INFERENCE: _per_gb,
    PriceComponent.STORAGE: _volumes,
    PriceComponent.MLFLOW: _servers,
    PriceComponent.FILE_SYSTEM: _files,
    PriceComponent.MODEL_UNIT: _model_units,
}
