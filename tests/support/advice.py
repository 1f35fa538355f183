"""Workloads to advise about, at the list prices of us-east-1 that tests/data has."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from sagewarden.adapters.instance_catalogue import instance_catalogue
from sagewarden.domain.advice.knowledge import Knowledge
from sagewarden.domain.advice.usage import INSTANCES, MICROSECONDS, usage_of
from sagewarden.domain.advice.workload import Container, Hosting, Scaling, ServedModel, Workload
from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.money import PriceBook, PriceComponent
from sagewarden.domain.provisioned_concurrency.quotas import Quotas
from sagewarden.domain.resources import Variant
from tests.support.builders import NOW, a_serverless_variant, a_variant, an_endpoint

HOME = "us-east-1"
HOURS = 336
"""Two weeks."""

IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:1"
OWNED = {"Owner": "mina", "Team": "ranking"}
WINDOW = Window.before(NOW, timedelta(hours=HOURS))

_DATA: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "sagemaker_hosting_prices.json").read_text(),
    parse_float=Decimal,
)


@cache
def list_prices() -> PriceBook:
    """The list prices of us-east-1; batch transform's are taken to be those of hosting."""
    hourly = _DATA["hosting_usd_per_hour"][HOME]
    serverless = _DATA["serverless_us_east_1"]
    seconds = {
        PriceComponent.SERVERLESS: "on_demand_inference_per_gb_second",
        PriceComponent.PROVISIONED_CONCURRENCY: "provisioned_concurrency_usage_per_gb_second",
        PriceComponent.PROVISIONED_INFERENCE: "provisioned_concurrency_duration_per_gb_second",
    }
    by_hour = (PriceComponent.HOSTING, PriceComponent.TRANSFORM, PriceComponent.ASYNC_INFERENCE)
    return PriceBook(
        as_of={
            **{(component, HOME): date(2026, 5, 20) for component in by_hour},
            **{(component, HOME): date(2026, 5, 8) for component in seconds},
        },
        hourly_usd={
            (component, HOME, name): price
            for component in by_hour
            for name, price in hourly.items()
        },
        gb_second_usd={
            (component, HOME): Decimal(serverless[key]) for component, key in seconds.items()
        },
    )


LAZY_GPUS: Mapping[str, float] = {
    "Invocations": 100.0,
    "ModelLatency": 20e6,
    "CPUUtilization": 200.0,
    "MemoryUtilization": 5.0,
    "GPUUtilization": 20.0,
    "GPUMemoryUtilization": 40.0,
}
"""What AWS measures each hour of an endpoint whose four GPUs hardly work, by metric."""


def knowing(prices: PriceBook | None = None, *, total: int = 1000) -> Knowledge:
    """What is known: the shipped catalogue, and list prices unless others are given."""
    known = list_prices() if prices is None else prices
    return Knowledge(known, instance_catalogue(), Quotas(total, 200))


def without(*components: PriceComponent) -> PriceBook:
    """The list prices without those of some components."""
    prices = list_prices()
    return replace(
        prices,
        hourly_usd={key: usd for key, usd in prices.hourly_usd.items() if key[0] not in components},
        gb_second_usd={
            key: usd for key, usd in prices.gb_second_usd.items() if key[0] not in components
        },
    )


def measured(name: str, variant: str = "AllTraffic", **metrics: Any) -> Readings:
    """The hourly values of an endpoint's variant, by short names.

    Args:
        name: The endpoint.
        variant: The variant.
        metrics: ``calls``, ``seconds`` (of work), ``cpu``, ``cpu_max``, ``memory_max``, ``gpu``,
            ``gpu_max``, ``gpu_memory_max``.
    """
    found: dict[Series, tuple[float, ...] | None] = {}
    for short, values in metrics.items():
        namespace, metric, statistic, factor = _METRICS[short]
        dimensions = (("EndpointName", name), ("VariantName", variant))
        series = Series(namespace, metric, dimensions, statistic)
        found[series] = tuple(value * factor for value in values)
    return Readings(WINDOW, found, complete=True)


_METRICS: Mapping[str, tuple[str, str, str, float]] = {
    "calls": ("AWS/SageMaker", "Invocations", "Sum", 1),
    "seconds": ("AWS/SageMaker", "ModelLatency", "Sum", MICROSECONDS),
    "cpu": (INSTANCES, "CPUUtilization", "Average", 1),
    "cpu_max": (INSTANCES, "CPUUtilization", "Maximum", 1),
    "memory_max": (INSTANCES, "MemoryUtilization", "Maximum", 1),
    "gpu": (INSTANCES, "GPUUtilization", "Average", 1),
    "gpu_max": (INSTANCES, "GPUUtilization", "Maximum", 1),
    "gpu_memory_max": (INSTANCES, "GPUMemoryUtilization", "Maximum", 1),
}


def each_hour(value: float, hours: int = HOURS) -> tuple[float, ...]:
    """The same value in each hour, then zero to the end."""
    return (value,) * hours + (0.0,) * (HOURS - hours)


def a_model(name: str = "churn", image: str = IMAGE, **traits: Any) -> ServedModel:
    """A model of one container, of a known role."""
    containers = traits.pop("containers", (Container(image),))
    return ServedModel(name, containers, role="arn:aws:iam::1:role/r", **traits)


def a_workload(
    name: str = "churn",
    *variants: Variant,
    instance_type: str = "ml.m5.large",
    count: int = 1,
    model: ServedModel | None = None,
    scaling: Scaling | None = None,
    tags: Mapping[str, str] | None = None,
    hosting: Mapping[str, Any] | None = None,
    asynchronous: bool = False,
    **metrics: Any,
) -> Workload:
    """An endpoint in us-east-1 with one variant, its model and what was measured of it."""
    parts = variants or (a_variant(instance_types=(instance_type,), instance_count=count),)
    given = OWNED if tags is None else tags
    endpoint = an_endpoint(name, *parts, tags=given, region=HOME, asynchronous=asynchronous)
    assert endpoint.details is not None
    readings = measured(name, **metrics)
    said: dict[str, Any] = {
        "models": {part.name: model or a_model(name) for part in parts},
        "scaling": {part.name: scaling for part in parts},
        **(hosting or {}),
    }
    return Workload(
        endpoint=endpoint,
        details=endpoint.details,
        hosting=Hosting(endpoint=name, **said),
        usage={part.name: usage_of(name, part.name, readings) for part in parts},
        owner=given.get("Owner"),
        team=given.get("Team"),
    )


def a_serverless_workload(provisioned: int = 2, **metrics: Any) -> Workload:
    """A serverless endpoint of 2 GB with provisioned concurrency."""
    return a_workload("warm", a_serverless_variant(provisioned=provisioned), **metrics)
