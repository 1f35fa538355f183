"""Read Studio spaces, and what ran in them of late; nothing changes one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from sagewarden.adapters.errors import AWS_ERRORS, unless_gone, why
from sagewarden.adapters.one_by_one import listed_one_by_one
from sagewarden.adapters.resource_identity import own_tags, ref_of
from sagewarden.adapters.sagemaker_paths import request_shapes
from sagewarden.adapters.service_actions import as_kept, not_kept, only_told
from sagewarden.adapters.sessions import Sessions
from sagewarden.adapters.studio_apps import profile_tags
from sagewarden.application.ports import Listing
from sagewarden.domain.guardrails.request_paths import instance_types
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import AppStatus, Resource, ResourceKind, ResourceRef, Tags
from sagewarden.domain.services.spaces import SeenApp, SpaceStatus, StudioSpace
from sagewarden.domain.studio_apps import tags_over

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

_KIND = ResourceKind.STUDIO_SPACE
_PAGE = 100

type _ProfileTags = Callable[[str, str], Tags]
"""The tags of a user profile, by its domain and its name."""


def listed(sessions: Sessions, region: str) -> Listing[Resource]:
    """Every space of a region, with the apps that AWS lists.

    Calls: a list page per 100 spaces, two for each of them and two for each user profile that owns
    one; where there is any, a list page per 100 apps.
    """
    client = sessions.client("sagemaker", region)
    read_one = partial(_read, client, cache(partial(profile_tags, client)))
    spaces = listed_one_by_one(_KIND, region, _keys(client), read_one)
    if not spaces.items:
        return Listing((), spaces.incomplete)
    try:
        apps = _apps(client)
    except AWS_ERRORS as error:
        gap = Incomplete(f"apps of Studio spaces in {region}", why(error))
        return Listing(spaces.items, (*spaces.incomplete, gap))
    items = tuple(
        replace(space, apps=tuple(apps.get(_key(space.domain, space.ref.name), ())))
        for space in spaces.items
    )
    return Listing(items, spaces.incomplete)


def read(sessions: Sessions, ref: ResourceRef) -> Resource | None:
    """A space as it is now, with its tags and apps; None when it is gone.

    Raises:
        UnreadableError: It could not be read.
    """
    client = sessions.client("sagemaker", ref.region)
    domain = ref.arn.partition(":space/")[2].partition("/")[0]

    def read_it() -> StudioSpace:
        space = _read(client, partial(profile_tags, client), f"{domain}/{ref.name}")
        apps = _apps(client, DomainIdEquals=domain, SpaceNameEquals=ref.name)
        return replace(space, apps=tuple(apps.get(_key(domain, ref.name), ())))

    return unless_gone(f"{_KIND} {ref.name}", read_it)


# A space goes with its volume, and what is stored there comes back by nothing.
act = only_told
manifest = not_kept
present = as_kept(manifest)


def _keys(client: "SageMakerClient") -> Iterator[str]:
    """The spaces by their domain's id and their name."""
    for page in client.get_paginator("list_spaces").paginate(PaginationConfig={"PageSize": _PAGE}):
        yield from (f"{item['DomainId']}/{item['SpaceName']}" for item in page["Spaces"])


def _read(client: "SageMakerClient", tags_of: _ProfileTags, key: str) -> StudioSpace:
    """A space as it is, its tags over those of its owner's user profile, and without its apps."""
    domain, _, name = key.partition("/")
    answer: Mapping[str, Any] = client.describe_space(DomainId=domain, SpaceName=name)
    ref = ref_of(_KIND, answer["SpaceName"], answer["SpaceArn"])
    owner = answer.get("OwnershipSettings", {}).get("OwnerUserProfileName")
    settings = answer.get("SpaceSettings", {})
    volume = settings.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
    return StudioSpace(
        ref=ref,
        status=SpaceStatus(answer.get("Status", "")),
        created=answer["CreationTime"].astimezone(UTC),
        modified=answer["LastModifiedTime"].astimezone(UTC),
        tags=tags_over(tags_of(domain, owner) if owner else {}, own_tags(client, ref.arn)),
        domain=domain,
        owner=owner,
        app_type=settings.get("AppType"),
        volume_gb=volume.get("EbsVolumeSizeInGb"),
        # What was asked for stands in the answer where it stood in the request.
        instance_types=instance_types(answer, request_shapes().operations["CreateSpace"]).asked_for,
        apps=None,
    )


def _apps(client: "SageMakerClient", **narrowed: str) -> Mapping[str, list[SeenApp]]:
    """The apps that AWS lists, by the space they are in."""
    pages = client.get_paginator("list_apps").paginate(
        PaginationConfig={"PageSize": _PAGE},
        **narrowed,  # type: ignore[arg-type]  # the stubs want each key spelt out
    )
    found: dict[str, list[SeenApp]] = {}
    for page in pages:
        for item in page["Apps"]:
            if name := item.get("SpaceName"):
                seen = SeenApp(AppStatus(item["Status"]), item["CreationTime"].astimezone(UTC))
                found.setdefault(_key(item["DomainId"], name), []).append(seen)
    return found


def _key(domain: str, name: str) -> str:
    """What tells spaces apart, however a call spells them."""
    return f"{domain}/{name}".casefold()
