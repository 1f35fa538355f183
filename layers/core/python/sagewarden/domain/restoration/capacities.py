"""How a restored endpoint's variants get their weights, instances and concurrency back.

A config only tells how an endpoint begins; it may have been changed since, by
UpdateEndpointWeightsAndCapacities or by Application Auto Scaling.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sagewarden.domain.restoration.steps import Json
from sagewarden.domain.restoration.surroundings import Surroundings

_FIELDS = {
    "DesiredWeight": "InitialVariantWeight",
    "DesiredInstanceCount": "InitialInstanceCount",
    "DesiredServerlessConfig": "ServerlessConfig",
}
"""What DescribeEndpoint tells of a variant, and where its config says how that begins."""

_DEFAULTS: Mapping[str, Any] = {"DesiredWeight": 1.0}
"""What a config that does not say begins with (ProductionVariant, API reference)."""

_SETTABLE = ("MaxConcurrency", "ProvisionedConcurrency")


def capacity_changes(was: Surroundings, now: Surroundings) -> list[Json]:
    """What to ask of UpdateEndpointWeightsAndCapacities, one entry for each variant to change.

    Only what still stands as its config began is changed: other values are somebody's wish. What
    has a scalable target by now, or manages its instances itself, finds its capacity by itself.
    """
    if was.endpoint is None or was.config is None or now.endpoint is None:
        return []
    found = _by_name(now.endpoint.described.get("ProductionVariants", ()))
    began = _by_name(was.config.described["ProductionVariants"])
    endpoint = was.endpoint.described["EndpointName"]
    changes: list[Json] = []
    for name, variant in _by_name(was.endpoint.described.get("ProductionVariants", ())).items():
        if name not in found or name not in began or _scales_itself(endpoint, began[name], now):
            continue
        if change := dict(_changes(variant, found[name], began[name])):
            changes.append({"VariantName": name, **change})
    return changes


def _changes(was: Json, now: Json, began: Json) -> Iterator[tuple[str, Any]]:
    for field, initial in _FIELDS.items():
        wanted, current = _value(was, field), _value(now, field)
        beginning = began.get(initial, _DEFAULTS.get(field))
        if wanted is None or wanted == current or current != beginning:
            continue
        if field == "DesiredServerlessConfig":
            yield "ServerlessUpdateConfig", {k: wanted[k] for k in _SETTABLE if k in wanted}
        else:
            yield field, wanted


def _value(variant: Json, field: str) -> Any:  # noqa: ANN401 - a number or a serverless config
    return variant.get(field, variant.get(field.replace("Desired", "Current")))


def _scales_itself(endpoint: str, variant: Json, now: Surroundings) -> bool:
    target = f"endpoint/{endpoint}/variant/{variant['VariantName']}"
    return "ManagedInstanceScaling" in variant or any(key[0] == target for key in now.targets)


def _by_name(variants: Any) -> dict[str, Json]:  # noqa: ANN401 - AWS's list of variants
    return {variant["VariantName"]: variant for variant in variants}
