"""Products as AWS's price list has them (format ``aws_v1``), made of dated list prices.

What is known is what ships with Sagewarden, each price with its day and source; the documents
around them (usage types, attributes, terms) are written as the Price List Query API writes them.
Attributes of the hardware are left out.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

from sagewarden.adapters.price_snapshot import shipped_tables
from sagewarden.adapters.price_tables import PriceTable
from sagewarden.domain.money import FileStorage, PriceComponent

# How usage types name a region; us-east-1's own appears with this prefix or, in old ones, without.
_PREFIXES = {
    "us-east-1": "USE1",
    "us-east-2": "USE2",
    "us-west-1": "USW1",
    "us-west-2": "USW2",
    "ca-central-1": "CAN1",
    "sa-east-1": "SAE1",
    "eu-west-1": "EU",
    "eu-west-2": "EUW2",
    "eu-west-3": "EUW3",
    "eu-central-1": "EUC1",
    "eu-north-1": "EUN1",
    "ap-northeast-1": "APN1",
    "ap-northeast-2": "APN2",
    "ap-northeast-3": "APN3",
    "ap-southeast-1": "APS1",
    "ap-southeast-2": "APS2",
    "ap-south-1": "APS3",
}
_INSTANCES = {
    PriceComponent.HOSTING: "Host:",
    PriceComponent.NOTEBOOK: "Notebk:",
    PriceComponent.STUDIO_JUPYTER_LAB: "Studio:JupyterLab-",
}
_SERVERLESS = {
    PriceComponent.SERVERLESS: "ServerlessInf:Mem",
    PriceComponent.PROVISIONED_CONCURRENCY: "ProvisionedConcurrency:Usage",
    PriceComponent.PROVISIONED_INFERENCE: "ProvisionedConcurrency:Mem",
}
_MEMORY_GB = range(1, 7)
_VOLUMES = {PriceComponent.HOSTING: "Host"}

_FILES = {
    FileStorage.STANDARD: "TimedStorage",
    FileStorage.INFREQUENT: "IATimedStorage",
    FileStorage.INFREQUENT_ELASTIC: "IATimedStorage-ET",
    FileStorage.ARCHIVE: "ArchiveTimedStorage",
}
_MODEL_UNITS = {
    "nova2lite (no commitment)": ("Nova 2.0 Lite", "NoCommit", "no commit"),
    "nova2lite (1 month)": ("Nova 2.0 Lite", "1month", "1 month"),
}
"""How AWS spells a model, and the length of a commitment in usage types and in ``feature``."""

INSTANCE, SERVERLESS, STORAGE = "ML Instance", "ML Serverless", "Storage"


@dataclass(frozen=True, slots=True)
class Product:
    """One product of one service.

    Attributes:
        service: For example ``AmazonSageMaker``.
        family: Its ``productFamily``.
        attributes: Its other attributes.
        document: The whole of it, as GetProducts gives it.
    """

    service: str
    family: str
    attributes: Mapping[str, str]
    document: str

    def value(self, field: str) -> str | None:
        """What a filter finds in a field; None where the product has no such attribute."""
        return self.family if field == "productFamily" else self.attributes.get(field)


def made(
    service: str,
    family: str,
    attributes: Mapping[str, str],
    unit: str,
    usd: str,
    published: str,
) -> Product:
    """One product with one price on demand.

    Args:
        service: Its service code.
        family: Its ``productFamily``.
        attributes: Its other attributes, ``usagetype`` and ``regionCode`` among them.
        unit: What the price is for one of.
        usd: The price, as AWS writes it.
        published: The day of publication, such as ``2026-05-20``.
    """
    named = {
        "servicecode": service,
        "locationType": "AWS Region",
        "location": attributes["regionCode"],
        **attributes,
    }
    sku = _code(f"{service} {json.dumps(named, sort_keys=True)}", 16)
    term = _code(f"{sku} on demand", 10)
    rate = f"{sku}.{term}.{_code(f'{sku} {unit}', 10)}"
    dimension = {
        "unit": unit,
        "endRange": "Inf",
        "description": f"${usd} per {unit} of {attributes['usagetype']}",
        "appliesTo": [],
        "rateCode": rate,
        "beginRange": "0",
        "pricePerUnit": {"USD": usd},
    }
    offer = {
        "priceDimensions": {rate: dimension},
        "sku": sku,
        "effectiveDate": f"{published[:7]}-01T00:00:00Z",
        "offerTermCode": term,
        "termAttributes": {},
    }
    document: dict[str, Any] = {
        "product": {"productFamily": family, "attributes": named, "sku": sku},
        "serviceCode": service,
        "terms": {"OnDemand": {f"{sku}.{term}": offer}},
        "version": f"{published.replace('-', '')}000000",
        "publicationDate": f"{published}T00:00:00Z",
    }
    return Product(service, family, MappingProxyType(named), json.dumps(document))


@cache
def known_products() -> tuple[Product, ...]:
    """Every product whose price is known."""
    return tuple(product for table in shipped_tables() for product in _products(table))


def _products(table: PriceTable) -> Iterator[Product]:
    """The products of a table; those of a component that no usage type is known of are left out."""
    if table.component in _SERVERLESS:
        yield from _memory(table)
    elif table.component in _INSTANCES:
        yield from (_instance(table, *price) for price in table.prices.items())
    elif table.component in _OTHERS:
        made_of = _OTHERS[table.component]
        yield from (made_of(table, *price) for price in table.prices.items())


def _memory(table: PriceTable) -> Iterator[Product]:
    usage = _SERVERLESS[table.component]
    [per_gb] = table.prices.values()
    for size in _MEMORY_GB:
        shown = {"operation": "Serverless", "memorygb": str(size)}
        yield _sagemaker(table, SERVERLESS, f"{usage}-{size}GB", shown, "Second", per_gb * size)


def _instance(table: PriceTable, name: str, usd: Decimal) -> Product:
    component = table.component.value
    shown = {
        "operation": "RunInstance",
        "component": component,
        "platoinstancetype": component,
        "instanceName": name,
        "instanceType": f"{name}-{component}",
    }
    usage_type = f"{_INSTANCES[table.component]}{name}"
    return _sagemaker(table, INSTANCE, usage_type, shown, "Hrs", usd)


def _volume(table: PriceTable, name: str, usd: Decimal) -> Product:
    usage_type = f"{_VOLUMES[PriceComponent(name)]}:VolumeUsage.gp2"
    return _sagemaker(table, STORAGE, usage_type, {}, "GB-Mo", usd)


def _node(table: PriceTable, name: str, usd: Decimal) -> Product:
    """A node on demand: of EC2 the names of us-east-1's usage types have no prefix."""
    prefix = "" if table.region == "us-east-1" else f"{_PREFIXES[table.region]}-"
    shown = {
        "operation": "RunInstances",
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "capacitystatus": "Used",
        "preInstalledSw": "NA",
        "instanceType": name,
        "regionCode": table.region,
        "usagetype": f"{prefix}BoxUsage:{name}",
    }
    day = table.as_of.isoformat()
    return made("AmazonEC2", "Compute Instance", shown, "Hrs", f"{usd:.10f}", day)


def _stored(table: PriceTable, name: str, usd: Decimal) -> Product:
    shown = {
        "storageClass": name,
        "regionCode": table.region,
        "usagetype": f"{_PREFIXES[table.region]}-{_FILES[FileStorage(name)]}-ByteHrs",
    }
    return made("AmazonEFS", STORAGE, shown, "GB-Mo", f"{usd:.10f}", table.as_of.isoformat())


def _model_unit(table: PriceTable, name: str, usd: Decimal) -> Product:
    model, term, said = _MODEL_UNITS[name]
    spelt = f"{_PREFIXES[table.region]}-{model.replace(' ', '')}"
    shown = {
        "model": model,
        "provider": "Amazon",
        "feature": f"Provisioned Throughput Inference - {said}",
        "regionCode": table.region,
        "usagetype": f"{spelt}-ProvisionedThroughput-{term}-ModelUnits",
    }
    day = table.as_of.isoformat()
    return made("AmazonBedrock", "Amazon Bedrock", shown, "hour", f"{usd:.10f}", day)


def _server(table: PriceTable, name: str, usd: Decimal) -> Product:
    usage_type = f"MLflow:TrackingServerCompute-{name}"
    return _sagemaker(table, INSTANCE, usage_type, {"operation": "RunInstance"}, "Hrs", usd)


_OTHERS: Mapping[PriceComponent, Callable[[PriceTable, str, Decimal], Product]] = {
    PriceComponent.STORAGE: _volume,
    PriceComponent.EC2: _node,
    PriceComponent.MLFLOW: _server,
    PriceComponent.FILE_SYSTEM: _stored,
    PriceComponent.MODEL_UNIT: _model_unit,
}


def _sagemaker(
    table: PriceTable, family: str, usage: str, shown: Mapping[str, str], unit: str, usd: Decimal
) -> Product:
    prefix = _PREFIXES[table.region]
    place = {"regionCode": table.region, "usagetype": f"{prefix}-{usage}"}
    day = table.as_of.isoformat()
    return made("AmazonSageMaker", family, {**shown, **place}, unit, f"{usd:.10f}", day)


def _code(text: str, length: int) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.b32encode(digest).decode()[:length]
