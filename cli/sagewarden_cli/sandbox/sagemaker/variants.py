"""Variants of endpoints: how they start, what they show, and how they are re-scaled."""

from collections.abc import Sequence

from sagewarden_cli.sandbox.backend import Json, Params
from sagewarden_cli.sandbox.errors import ValidationException
from sagewarden_cli.sandbox.sagemaker.resources import (
    Deployment,
    EndpointConfig,
    SageMakerStore,
    Variant,
)

_SHOWN_SETTINGS = (
    "RoutingConfig",
    "ManagedInstanceScaling",
    "AcceleratorPartitionLayouts",
)


def deployment_of(store: SageMakerStore, config: EndpointConfig) -> Deployment:
    """Return the variants that a configuration asks for, as they are once deployed.

    Args:
        store: Where the models are found; one deleted meanwhile leaves no image to show.
        config: The configuration.
    """
    return Deployment(
        config=config,
        variants=[_initial(store, v) for v in config.details.get("ProductionVariants", ())],
        shadow_variants=[
            _initial(store, v) for v in config.details.get("ShadowProductionVariants", ())
        ],
        since=store.here.now(),
    )


def _initial(store: SageMakerStore, settings: Json) -> Variant:
    weight = float(settings.get("InitialVariantWeight", 1.0))
    serverless = settings.get("ServerlessConfig")
    count = None if serverless else settings.get("InitialInstanceCount", 1)
    return Variant(
        settings=settings,
        images=_images(store, settings),
        weight=weight,
        desired_weight=weight,
        instances=count,
        desired_instances=count,
        serverless=serverless,
        desired_serverless=serverless,
    )


def _images(store: SageMakerStore, settings: Json) -> list[Json]:
    model = store.models.get(settings.get("ModelName", ""))
    if model is None:
        return []
    primary = model.details.get("PrimaryContainer")
    containers = [primary] if primary else model.details.get("Containers", [])
    now = store.here.now()
    return [
        {"SpecifiedImage": c["Image"], "ResolvedImage": c["Image"], "ResolutionTime": now}
        for c in containers
        if "Image" in c
    ]


def variant_summary(variant: Variant) -> Json:
    """Return a variant as DescribeEndpoint shows it: without an instance type, as on AWS."""
    shown: Json = {
        "VariantName": variant.name,
        "DeployedImages": variant.images or None,
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.desired_weight,
        "CurrentInstanceCount": variant.instances,
        "DesiredInstanceCount": variant.desired_instances,
        "CurrentServerlessConfig": variant.serverless,
        "DesiredServerlessConfig": variant.desired_serverless,
        "InstancePools": _pool_summaries(variant),
    }
    shown |= {name: variant.settings.get(name) for name in _SHOWN_SETTINGS}
    if "CapacityReservationConfig" in variant.settings:
        shown["CapacityReservationConfig"] = variant.settings["CapacityReservationConfig"]
    return {name: value for name, value in shown.items() if value is not None}


def _pool_summaries(variant: Variant) -> list[Json] | None:
    pools = sorted(variant.settings.get("InstancePools", ()), key=lambda pool: pool["Priority"])
    if not pools:
        return None
    counts = [variant.instances or 0] + [0] * (len(pools) - 1)
    return [
        {"InstanceType": pool["InstanceType"], "CurrentInstanceCount": count}
        for pool, count in zip(pools, counts, strict=True)
    ]


def pending_summary(deployment: Deployment) -> Json:
    """Return a deployment under way as DescribeEndpoint shows it."""
    shown: Json = {
        "EndpointConfigName": deployment.config.name,
        "StartTime": deployment.since,
        "ProductionVariants": [_pending_variant(v) for v in deployment.variants],
    }
    if deployment.shadow_variants:
        shadows = [_pending_variant(v) for v in deployment.shadow_variants]
        shown["ShadowProductionVariants"] = shadows
    return shown


def _pending_variant(variant: Variant) -> Json:
    shown = variant_summary(variant)
    shown.pop("InstancePools", None)
    shown.pop("CapacityReservationConfig", None)
    if variant.desired_instances is not None:
        shown["CurrentInstanceCount"] = 0
        if "InstanceType" in variant.settings:
            shown["InstanceType"] = variant.settings["InstanceType"]
    return shown


def retain_properties(
    old: Sequence[Variant],
    new: Sequence[Variant],
    excluded: frozenset[str],
) -> None:
    """Carry weights and instance counts over to a new configuration's variants of the same name.

    Args:
        old: The variants now running.
        new: The variants to run.
        excluded: ``ExcludeRetainedVariantProperties``: what to take from the new configuration.
    """
    before = {variant.name: variant for variant in old}
    for variant in new:
        known = before.get(variant.name)
        if known is None:
            continue
        if "DesiredWeight" not in excluded:
            variant.weight = variant.desired_weight = known.desired_weight
        if "DesiredInstanceCount" not in excluded and variant.instances is not None:
            variant.instances = variant.desired_instances = (
                known.desired_instances or variant.instances
            )


def check_capacity(variant: Variant, change: Params, *, may_be_empty: bool) -> None:
    """Check what UpdateEndpointWeightsAndCapacities asks of one variant.

    Args:
        variant: The variant.
        change: Its entry in ``DesiredWeightsAndCapacities``.
        may_be_empty: Whether it may go without any instance (asynchronous endpoints may).

    Raises:
        ValidationException: What is asked for does not fit the variant.
    """
    count = change.get("DesiredInstanceCount")
    if count is not None and variant.serverless is not None:
        raise ValidationException(
            f"DesiredInstanceCount is not supported for serverless variant {variant.name}.",
        )
    if count == 0 and not may_be_empty:
        raise ValidationException(
            f"DesiredInstanceCount of variant {variant.name} must be at least 1.",
        )
    if "ServerlessUpdateConfig" in change:
        _serverless_asked_for(variant, change["ServerlessUpdateConfig"])


def ask_for_capacity(variant: Variant, change: Params) -> None:
    """Set what ``check_capacity`` has found to be right as the variant's desired state."""
    if "DesiredInstanceCount" in change:
        variant.desired_instances = change["DesiredInstanceCount"]
    if "DesiredWeight" in change:
        variant.desired_weight = float(change["DesiredWeight"])
    if "ServerlessUpdateConfig" in change:
        variant.desired_serverless = _serverless_asked_for(
            variant,
            change["ServerlessUpdateConfig"],
        )


def _serverless_asked_for(variant: Variant, change: Params) -> Json:
    if variant.serverless is None:
        raise ValidationException(
            f"ServerlessUpdateConfig is not supported for instance-based variant {variant.name}.",
        )
    wanted = {**variant.serverless, **change}
    if wanted.get("ProvisionedConcurrency", 0) > wanted["MaxConcurrency"]:
        raise ValidationException(
            f"ProvisionedConcurrency ({wanted['ProvisionedConcurrency']}) of variant "
            f"{variant.name} must not exceed its MaxConcurrency ({wanted['MaxConcurrency']}).",
        )
    return wanted
