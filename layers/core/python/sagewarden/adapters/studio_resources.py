"""Read Studio domains and user profiles: list pages, and two calls for each of them.

A key is what their ARNs end in: a domain's id, or a domain's id, a slash and a profile's name.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sagewarden.adapters.resource_identity import own_tags, ref_of
from sagewarden.adapters.sagemaker_paths import request_shapes
from sagewarden.domain.guardrails.event_fields import Fields
from sagewarden.domain.guardrails.request_paths import instance_types, volume_sizes
from sagewarden.domain.guardrails.studio_members import studio_settings
from sagewarden.domain.resources import ResourceKind, ResourceRef, StudioResource, StudioStatus

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_PAGE = 100
_CREATED_BY = {
    ResourceKind.STUDIO_DOMAIN: "CreateDomain",
    ResourceKind.STUDIO_USER_PROFILE: "CreateUserProfile",
}


def studio_key(ref: ResourceRef) -> str:
    """The key of a domain or a user profile, by its ARN and its name as it was written."""
    key = ref.arn.partition("/")[2]
    if ref.kind == ResourceKind.STUDIO_DOMAIN:
        return key
    return f"{key.partition('/')[0]}/{ref.name}"


def domain_keys(client: "SageMakerClient") -> Iterator[str]:
    """The keys of every domain of a region: a list page per 100 of them."""
    pages = client.get_paginator("list_domains").paginate(PaginationConfig={"PageSize": _PAGE})
    for page in pages:
        yield from (item["DomainId"] for item in page["Domains"])


def profile_keys(client: "SageMakerClient") -> Iterator[str]:
    """The keys of every user profile of a region: a list page per 100 of them."""
    pages = client.get_paginator("list_user_profiles").paginate(
        PaginationConfig={"PageSize": _PAGE}
    )
    for page in pages:
        for item in page["UserProfiles"]:
            yield f"{item['DomainId']}/{item['UserProfileName']}"


def read_domain(client: "SageMakerClient", key: str) -> StudioResource:
    """A domain as it is now, with its own tags."""
    answer = client.describe_domain(DomainId=key)
    ref = ref_of(ResourceKind.STUDIO_DOMAIN, answer["DomainName"], answer["DomainArn"])
    return _studio_resource(client, ref, answer)


def read_profile(client: "SageMakerClient", key: str) -> StudioResource:
    """A user profile as it is now, with its own tags and the settings that it sets itself."""
    domain, _, name = key.partition("/")
    answer = client.describe_user_profile(DomainId=domain, UserProfileName=name)
    kind = ResourceKind.STUDIO_USER_PROFILE
    ref = ref_of(kind, answer["UserProfileName"], answer["UserProfileArn"])
    return _studio_resource(client, ref, answer)


def _studio_resource(
    client: "SageMakerClient", ref: ResourceRef, answer: Mapping[str, Any]
) -> StudioResource:
    """A snapshot; what was asked for stands in the answer where it stood in the request."""
    shape = request_shapes().operations[_CREATED_BY[ResourceKind(ref.kind)]]
    return StudioResource(
        ref=ref,
        status=StudioStatus(answer.get("Status", "")),
        created=answer["CreationTime"].astimezone(UTC),
        modified=answer["LastModifiedTime"].astimezone(UTC),
        tags=own_tags(client, ref.arn),
        settings=studio_settings(ref.kind, Fields(answer)),
        instance_types=instance_types(answer, shape).asked_for,
        volumes_gb=volume_sizes(answer, shape),
    )
