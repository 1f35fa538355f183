"""Read inference components, each with the variant that it runs on and its endpoint's tags."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sagewarden.adapters.described import Sources
from sagewarden.adapters.endpoint_details import read_details
from sagewarden.adapters.errors import AWS_ERRORS, is_gone, reading, why
from sagewarden.adapters.manifests import endpoint_manifest
from sagewarden.adapters.present_state import present_endpoint
from sagewarden.adapters.resource_identity import own_tags, ref_of
from sagewarden.adapters.sessions import CONNECTIONS, Sessions
from sagewarden.application.ports import ActionFailedError, Listing
from sagewarden.domain.actions import Action
from sagewarden.domain.inference_components import Component, ComponentStatus
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import ResourceKind, ResourceRef, Tags, Variant

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient


@dataclass(frozen=True, slots=True)
class _Host:
    """An endpoint that components run on."""

    status: str
    variants: Mapping[str, Variant]
    tags: Tags


def listed(sessions: Sessions, region: str) -> Listing[Component]:
    """Every inference component of a region.

    Calls: a list page per 100 of them, and two for each; three for each endpoint of which there
    are any.
    """
    client = sessions.client("sagemaker", region)
    incomplete: list[Incomplete] = []
    items: list[Mapping[str, Any]] = []
    try:
        items += _pages(client)
    except AWS_ERRORS as error:
        incomplete.append(Incomplete(f"inference components in {region}", why(error)))
    names = sorted({item["EndpointName"] for item in items})
    neighbours = Counter((item["EndpointName"], item["VariantName"]) for item in items)
    with ThreadPoolExecutor(min(CONNECTIONS, len(items)) or 1) as pool:
        hosts = dict(zip(names, pool.map(lambda name: _try_host(client, name), names), strict=True))
        told = list(pool.map(lambda item: _try_told(client, item), items))
    gaps = [host for host in hosts.values() if isinstance(host, Incomplete)]
    gaps += [item for item in told if isinstance(item, Incomplete)]
    found = []
    for answer in told:
        if isinstance(answer, tuple):
            host = hosts[answer[0]["EndpointName"]]
            alone = neighbours[answer[0]["EndpointName"], answer[0]["VariantName"]] == 1
            known = host if isinstance(host, _Host) else None
            found.append(_component(*answer, known, alone=alone))
    return Listing(tuple(found), (*incomplete, *gaps))


def read(sessions: Sessions, ref: ResourceRef) -> Component | None:
    """One component as it is now, with its own tags over its endpoint's; None when it is gone.

    Raises:
        UnreadableError: It, or its endpoint, could not be read.
    """
    client = sessions.client("sagemaker", ref.region)
    with reading(f"inference component {ref.name}"):
        try:
            answer = client.describe_inference_component(InferenceComponentName=ref.name)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        endpoint, variant = answer["EndpointName"], answer.get("VariantName")
        neighbours = _pages(client, EndpointNameEquals=endpoint)
        alone = sum(item["VariantName"] == variant for item in neighbours) == 1
        tags = own_tags(client, answer["InferenceComponentArn"])
        return _component(answer, tags, _host(client, endpoint), alone=alone)


def act(sessions: Sessions, action: Action) -> str | None:
    """Nothing: what sets how a component scales is not one call of SageMaker's.

    Raises:
        ActionFailedError: Always.
    """
    del sessions
    raise ActionFailedError(f"{action.kind} of {action.ref.name} is not done by itself")


def manifest(sessions: Sessions, ref: ResourceRef) -> dict[str, object]:
    """Describe its endpoint with all that belongs to it: its components and their autoscaling."""
    sources = Sources.of(sessions, ref.region)
    found = sources.sagemaker.describe_inference_component(InferenceComponentName=ref.name)
    return endpoint_manifest(found["EndpointName"], sources)


def present(
    sessions: Sessions, ref: ResourceRef, content: Mapping[str, Any]
) -> Mapping[str, object]:
    """What exists now of its endpoint and all that belongs to it."""
    return present_endpoint(content, Sources.of(sessions, ref.region))


def _pages(client: "SageMakerClient", **narrowed: str) -> Sequence[Mapping[str, Any]]:
    pages = client.get_paginator("list_inference_components").paginate(
        PaginationConfig={"PageSize": 100},
        **narrowed,  # type: ignore[arg-type]  # the stubs want each key spelt out
    )
    return [item for page in pages for item in page["InferenceComponents"]]


def _try_told(
    client: "SageMakerClient", item: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Tags] | Incomplete | None:
    """What a component is described as, with its own tags; None when it is gone meanwhile."""
    name = item["InferenceComponentName"]
    try:
        answer = client.describe_inference_component(InferenceComponentName=name)
        return answer, own_tags(client, answer["InferenceComponentArn"])
    except ClientError as error:
        if is_gone(error):
            return None
        return Incomplete(f"inference component {name}", why(error))
    except AWS_ERRORS as error:
        return Incomplete(f"inference component {name}", why(error))


def _try_host(client: "SageMakerClient", name: str) -> _Host | Incomplete:
    try:
        return _host(client, name)
    except AWS_ERRORS as error:
        return Incomplete(f"endpoint {name} of inference components", why(error))


def _host(client: "SageMakerClient", name: str) -> _Host:
    answer = client.describe_endpoint(EndpointName=name)
    config = client.describe_endpoint_config(EndpointConfigName=answer["EndpointConfigName"])
    variants = read_details(answer, config).variants
    return _Host(
        answer["EndpointStatus"],
        {variant.name: variant for variant in variants},
        own_tags(client, answer["EndpointArn"]),
    )


def _component(
    answer: Mapping[str, Any], tags: Tags, host: _Host | None, *, alone: bool
) -> Component:
    """A component; without its endpoint neither its tags nor its variant are known."""
    name, arn = answer["InferenceComponentName"], answer["InferenceComponentArn"]
    return Component(
        ref=ref_of(ResourceKind.INFERENCE_COMPONENT, name, arn),
        status=ComponentStatus(answer.get("InferenceComponentStatus", "")),
        created=answer["CreationTime"].astimezone(UTC),
        modified=answer["LastModifiedTime"].astimezone(UTC),
        tags={**host.tags, **tags} if host is not None else None,
        endpoint=answer["EndpointName"],
        endpoint_status=host.status if host else "",
        copies=answer.get("RuntimeConfig", {}).get("DesiredCopyCount"),
        variant=host.variants.get(answer.get("VariantName", "")) if host else None,
        alone=alone,
    )
