"""Managed instance scaling as far as it goes to zero and back.

A variant whose inference components have no copy left, and whose MinInstanceCount is 0, releases
its instances some time later; it takes one on again once a copy is wanted. Packing copies onto
several instances is not emulated.
"""

from datetime import datetime

from sagewarden_cli.sandbox.backend import Json
from sagewarden_cli.sandbox.sagemaker.resources import (
    InferenceComponent,
    SageMakerStore,
    Variant,
)

_KIND = "variant"


def follow_copies(store: SageMakerStore, component: InferenceComponent, at: datetime) -> None:
    """Scale a component's variant after the number of its copies changed.

    Args:
        store: Where the endpoint and the variant's other components are.
        component: The component that changed, or was just deleted.
        at: When it did.
    """
    variant = _variant_of(store, component)
    if variant is None or not _may_be_empty(variant):
        return
    if _copies_on(store, component) == 0:
        _scale(store, variant, "ScalingIn", 0, at)
    elif not variant.desired_instances:
        _scale(store, variant, "ScalingOut", 1, at)


def _scale(
    store: SageMakerStore,
    variant: Variant,
    status: str,
    instances: int,
    at: datetime,
) -> None:
    def arrive(_at: datetime) -> None:
        variant.instances = instances
        variant.scaling = None

    if variant.scaling is not None:
        variant.scaling.is_cancelled = True
    variant.desired_instances = instances
    variant.scaling = store.here.later(store.here.duration(_KIND, status), arrive, since=at)


def _variant_of(store: SageMakerStore, component: InferenceComponent) -> Variant | None:
    endpoint = store.endpoints.get(component.endpoint_name)
    variants = endpoint.variants if endpoint else []
    return next((v for v in variants if v.name == component.variant_name), None)


def _may_be_empty(variant: Variant) -> bool:
    scaling: Json = variant.settings.get("ManagedInstanceScaling", {})
    is_enabled = scaling.get("Status", "ENABLED") == "ENABLED"
    return is_enabled and bool(scaling.get("MinInstanceCount") == 0)


def _copies_on(store: SageMakerStore, component: InferenceComponent) -> int:
    return sum(
        max(other.copies, other.desired_copies)
        for other in store.inference_components.values()
        if other.endpoint_name == component.endpoint_name
        and other.variant_name == component.variant_name
    )
