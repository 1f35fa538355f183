"""Put the demo's organisation into the sandbox, with the metrics of its whole week."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sagewarden.domain.endpoint_metrics import NAMESPACE
from sagewarden_cli.demo.organisation import (
    REGIONS,
    WEEK,
    WEEK_BEGINS,
    Endpoint,
    MetricFeed,
    Organisation,
)
from sagewarden_cli.demo.serving import all_variants
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.sagemaker.seeding import SageMakerFleet

HISTORY = timedelta(days=3)
"""How far back metrics go: further than any rule of the demo looks."""

_HOUR = timedelta(hours=1)


def seed(sandbox: Sandbox, organisation: Organisation) -> Iterator[str]:
    """Create everything that exists when the week begins.

    Endpoints that are to be created during the week get their configuration only. Metrics are
    loaded for the whole week at once: CloudWatch answers for the past only, so what is still to
    come stays unseen.

    Yields:
        The name of each resource once it is there.
    """
    fleets = {region: sandbox.sagemaker(region=region) for region in REGIONS}
    for notebook in organisation.notebooks:
        fleets[notebook.region].add_notebook_instance(
            notebook.name,
            instance_type=notebook.instance_type,
            status=notebook.status,
            created_at=notebook.created_at,
            modified_at=notebook.modified_at,
            tags=notebook.tags,
        )
        yield notebook.name
    for endpoint in organisation.endpoints:
        add_endpoint(sandbox, fleets[endpoint.region], endpoint)
        yield endpoint.name


def add_endpoint(sandbox: Sandbox, fleet: SageMakerFleet, endpoint: Endpoint) -> None:
    """Create an endpoint with its models, configuration and metrics; one to come has no more."""
    made = min(endpoint.created_at, WEEK_BEGINS)
    for variant in all_variants(endpoint.serving):
        if "ModelName" in variant:
            fleet.add_model(str(variant["ModelName"]), created_at=made)
    variants = [dict(variant) for variant in endpoint.serving.variants]
    extras: dict[str, Any] = dict(endpoint.serving.extras)
    fleet.add_endpoint_config(endpoint.name, variants, created_at=made, **extras)
    if endpoint.created_at < WEEK_BEGINS:
        fleet.add_endpoint(
            endpoint.name,
            config=endpoint.name,
            status=endpoint.status,
            created_at=endpoint.created_at,
            tags=endpoint.tags,
        )
        for component in endpoint.serving.components:
            fleet.add_inference_component(component, endpoint=endpoint.name, created_at=made)
        if endpoint.serving.scales_to_zero:
            _let_scale_to_zero(sandbox, endpoint)
    for feed in endpoint.feeds:
        _load(sandbox, endpoint.region, feed)


def _let_scale_to_zero(sandbox: Sandbox, endpoint: Endpoint) -> None:
    variant = endpoint.serving.variants[0]["VariantName"]
    sandbox.client("application-autoscaling", endpoint.region).register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId=f"endpoint/{endpoint.name}/variant/{variant}",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=0,
        MaxCapacity=2,
    )


def _load(sandbox: Sandbox, region: str, feed: MetricFeed) -> None:
    points = [
        (moment, value)
        for moment in _hours(WEEK_BEGINS - HISTORY, WEEK_BEGINS + WEEK)
        if (value := feed.traffic(moment)) is not None
    ]
    if points:
        sandbox.metrics.load(None, region, NAMESPACE, feed.metric, feed.dimensions, points)


def _hours(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += _HOUR
