"""How AWS's price list calls what each component prices, and the prices that its products make.

Where a name has several prices, those of the component's own usage type count, and of these the
lowest: a saving may be understated, never overstated.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sagewarden.adapters.price_products import Product
from sagewarden.adapters.price_tables import GB
from sagewarden.domain.money import FileStorage, PriceComponent
from sagewarden.domain.services.model_units import TERMS, squeezed, unit_name

_SAGEMAKER = "AmazonSageMaker"
_SAME = Decimal("0.01")
"""By how much prices per GB of two memory sizes may differ: AWS rounds them."""

type Filter = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Offer:
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


def _instances(component: PriceComponent, usage: str) -> Offer:
    own = _usage(usage + r"(?P<name>ml\.[a-z0-9-]+\.[a-z0-9-]+)")
    named, older = (
        (("TERM_MATCH", field, component.value),) for field in ("component", "platoinstancetype")
    )
    return Offer(named, "h", own, otherwise=older)


def _serverless(usage: str) -> Offer:
    family = ("TERM_MATCH", "productFamily", "ML Serverless")
    return Offer((family,), "second", _usage(usage + r"-(?P<name>\d+)GB"), only_own=True)


OFFERS: Mapping[PriceComponent, Offer] = {
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
    PriceComponent.STUDIO_CANVAS: Offer(
        (("CONTAINS", "usagetype", "Canvas:Session-Hrs"),),
        "h",
        _usage("Canvas:(?P<name>Session)-Hrs"),
        only_own=True,
    ),
    PriceComponent.MLFLOW: Offer(
        (("CONTAINS", "usagetype", "MLflow:TrackingServerCompute"),),
        "h",
        _usage("MLflow:TrackingServerCompute-(?P<name>Small|Medium|Large)"),
    ),
    PriceComponent.SERVERLESS: _serverless("ServerlessInf:Mem"),
    PriceComponent.PROVISIONED_CONCURRENCY: _serverless("ProvisionedConcurrency:Usage"),
    PriceComponent.PROVISIONED_INFERENCE: _serverless("ProvisionedConcurrency:Mem"),
    PriceComponent.STORAGE: Offer(
        (("TERM_MATCH", "productFamily", "Storage"),),
        "gb-mo",
        _usage(r"(?P<name>Host|Notebk|Studio|Train|Processing):VolumeUsage\.gp[23]"),
        only_own=True,
    ),
    PriceComponent.EC2: Offer(
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
    PriceComponent.FILE_SYSTEM: Offer(
        (("TERM_MATCH", "productFamily", "Storage"),),
        "gb-mo",
        _usage("(?P<name>(?:Archive|IA)?TimedStorage|IATimedStorage-ET)-ByteHrs"),
        services=("AmazonEFS",),
        only_own=True,
    ),
    PriceComponent.MODEL_UNIT: Offer(
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

LISTED = tuple(component for component in PriceComponent if component in OFFERS)
"""What can be read."""

_VOLUMES = {
    "host": (PriceComponent.HOSTING,),
    "notebk": (PriceComponent.NOTEBOOK,),
    "studio": (PriceComponent.STUDIO_JUPYTER_LAB, PriceComponent.STUDIO_CODE_EDITOR),
    "train": (PriceComponent.TRAINING,),
    "processing": (PriceComponent.PROCESSING,),
}


type Prices = tuple[dict[str, Decimal], list[str]]


def _lowest(
    products: Iterable[Product],
    offer: Offer,
    name_of: Callable[[Product, Offer], str | None] | None = None,
    called: str = "instance type",
) -> Prices:
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


def _name(product: Product, offer: Offer) -> str | None:
    """The instance type: ``instanceName`` is it; ``instanceType`` has a suffix, or is ``NA``."""
    named = product.attributes.get("instanceName", "")
    if named.startswith("ml."):
        return named
    found = offer.own.search(product.usage_type)
    return found["name"] if found else None


def _per_gb(products: Iterable[Product], offer: Offer) -> Prices:
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


def _volumes(products: Iterable[Product], offer: Offer) -> Prices:
    prices, doubted = _lowest(products, offer)
    hung_on = ((part, usd) for name, usd in prices.items() for part in _VOLUMES[name.lower()])
    return {part.value: usd for part, usd in hung_on}, doubted


def _servers(products: Iterable[Product], offer: Offer) -> Prices:
    return _lowest(products, offer, _size, "size of a tracking server")


def _size(product: Product, offer: Offer) -> str | None:
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


def _files(products: Iterable[Product], offer: Offer) -> Prices:
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


def _model_units(products: Iterable[Product], offer: Offer) -> Prices:
    """The price of each model and commitment; a usage type of any other form is told of."""
    return _lowest(products, offer, _unit_name, "model and commitment that are known")


def _unit_name(product: Product, offer: Offer) -> str | None:
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


_PRICING: Mapping[PriceComponent, Callable[[Iterable[Product], Offer], Prices]] = {
    PriceComponent.SERVERLESS: _per_gb,
    PriceComponent.PROVISIONED_CONCURRENCY: _per_gb,
    PriceComponent.PROVISIONED_INFERENCE: _per_gb,
    PriceComponent.STORAGE: _volumes,
    PriceComponent.MLFLOW: _servers,
    PriceComponent.FILE_SYSTEM: _files,
    PriceComponent.MODEL_UNIT: _model_units,
}


def prices_of(
    component: PriceComponent, products: Iterable[Product]
) -> tuple[Mapping[str, Decimal], list[str]]:
    """The prices of a component by their names, and what is doubted about them.

    Args:
        component: One of `OFFERS`.
        products: What the price list has of its offer, in its unit.
    """
    return _PRICING.get(component, _lowest)(products, OFFERS[component])
