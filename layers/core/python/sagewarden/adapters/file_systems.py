"""Read the file systems of Studio domains, and who is left in the domains; nothing changes one."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from sagewarden.adapters.errors import AWS_ERRORS, is_gone, why
from sagewarden.adapters.resource_identity import own_tags, ref_of
from sagewarden.adapters.service_actions import as_kept, not_kept, only_told
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import Listing, UnreadableError
from sagewarden.domain.money import FileStorage
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import Resource, ResourceKind, ResourceRef, Tags
from sagewarden.domain.services.file_systems import FileSystemStatus, Members, StudioFileSystem

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import PaginatorConfigTypeDef

MADE_FOR = "ManagedByAmazonSageMakerResource"
"""The tag with which SageMaker marks a file system that it makes; its value is the domain's ARN
(AWS managed policy AmazonSageMakerNotebooksServiceRolePolicy)."""

_KIND = ResourceKind.STUDIO_FILE_SYSTEM
_PAGE = 100
_OVER = frozenset({"Deleted", "Failed"})


@dataclass(frozen=True, slots=True)
class _Domain:
    id: str
    name: str
    tags: Tags


def listed(sessions: Sessions, region: str) -> Listing[Resource]:
    """The file system of every Studio domain of a region, and those that outlived theirs.

    Calls: a list page per 100 domains, two for each of them, and a page per 100 file systems; where
    there is any, a list page per 100 user profiles, spaces and apps.
    """
    client = sessions.client("sagemaker", region)
    try:
        domains = dict(_domains(client))
        found = [
            item
            for item in _file_systems(sessions, region)
            if _domain_of(item, domains) is not None
        ]
    except AWS_ERRORS as error:
        what = f"{_KIND} resources in {region}"
        return Listing((), (Incomplete(what, why(error)),))
    if not found:
        return Listing(())
    members, incomplete = _members(client, region)
    return Listing(tuple(_built(item, domains, members) for item in found), incomplete)


def read(sessions: Sessions, ref: ResourceRef) -> Resource | None:
    """A file system as it is now, with its domain; None when it is gone.

    Raises:
        UnreadableError: It could not be read.
    """
    listing = listed(sessions, ref.region)
    found = next((item for item in listing.items if item.ref.arn == ref.arn), None)
    if found is None and listing.incomplete:
        first = listing.incomplete[0]
        raise UnreadableError(first.what, first.why)
    return found


# What is stored in a file system comes back by nothing.
act = only_told
manifest = not_kept
present = as_kept(manifest)


def _domains(client: "SageMakerClient") -> Iterator[tuple[str, _Domain]]:
    """The domains by the ids of their file systems; one that goes meanwhile is passed over."""
    for page in client.get_paginator("list_domains").paginate(PaginationConfig={"PageSize": _PAGE}):
        for item in page["Domains"]:
            try:
                yield _domain(client, item["DomainId"])
            except ClientError as error:
                if not is_gone(error):
                    raise


def _domain(client: "SageMakerClient", key: str) -> tuple[str, _Domain]:
    answer = client.describe_domain(DomainId=key)
    domain = _Domain(key, answer["DomainName"], own_tags(client, answer["DomainArn"]))
    return answer.get("HomeEfsFileSystemId", ""), domain


def _file_systems(sessions: Sessions, region: str) -> Iterator[Mapping[str, Any]]:
    paginator = sessions.client("efs", region).get_paginator("describe_file_systems")
    for page in paginator.paginate(PaginationConfig={"PageSize": _PAGE}):
        yield from page["FileSystems"]


def _domain_of(item: Mapping[str, Any], domains: Mapping[str, _Domain]) -> str | None:
    """The id of the domain that a file system was made for; None where it was made for none."""
    if domain := domains.get(item["FileSystemId"]):
        return domain.id
    return _own_tags(item).get(MADE_FOR, "").partition(":domain/")[2] or None


def _own_tags(item: Mapping[str, Any]) -> Tags:
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", ())}


def _members(
    client: "SageMakerClient", region: str
) -> tuple[Mapping[str, Members] | None, tuple[Incomplete, ...]]:
    """Who and what is in each domain, None when that could not be read."""
    size: PaginatorConfigTypeDef = {"PageSize": _PAGE}
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in ("profiles", "spaces", "apps")}
    try:
        for people in client.get_paginator("list_user_profiles").paginate(PaginationConfig=size):
            counts["profiles"].update(item["DomainId"] for item in people["UserProfiles"])
        for places in client.get_paginator("list_spaces").paginate(PaginationConfig=size):
            counts["spaces"].update(item["DomainId"] for item in places["Spaces"])
        for running in client.get_paginator("list_apps").paginate(PaginationConfig=size):
            apps = (item for item in running["Apps"] if item["Status"] not in _OVER)
            counts["apps"].update(item["DomainId"] for item in apps)
    except AWS_ERRORS as error:
        return None, (Incomplete(f"members of Studio domains in {region}", why(error)),)
    present = {domain for counter in counts.values() for domain in counter}
    found = {
        domain: Members(*(counts[kind][domain] for kind in ("profiles", "spaces", "apps")))
        for domain in present
    }
    return found, ()


def _built(
    item: Mapping[str, Any],
    domains: Mapping[str, _Domain],
    members: Mapping[str, Members] | None,
) -> StudioFileSystem:
    key = str(_domain_of(item, domains))
    domain = next((one for one in domains.values() if one.id == key), None)
    created = item["CreationTime"].astimezone(UTC)
    return StudioFileSystem(
        ref=ref_of(_KIND, domain.name if domain else key, item["FileSystemArn"]),
        status=FileSystemStatus(item.get("LifeCycleState", "")),
        created=created,
        modified=created,
        # What protects, exempts or owns the domain speaks of its file system, too.
        tags={**(domain.tags if domain else {}), **_own_tags(item)},
        domain=key,
        domain_exists=domain is not None,
        size_bytes=item["SizeInBytes"]["Value"],
        stored=_stored(item),
        members=None if members is None else members.get(key, Members(0, 0, 0)),
    )


def _stored(item: Mapping[str, Any]) -> Mapping[FileStorage, int] | None:
    """The bytes of a file system by how they are stored; None where AWS does not tell.

    None, too, for one of a single availability zone, which has prices of its own: SageMaker makes
    none of these.
    """
    sizes, is_elastic = item["SizeInBytes"], item.get("ThroughputMode") == "elastic"
    if "ValueInStandard" not in sizes or item.get("AvailabilityZoneName"):
        return None
    infrequent = FileStorage.INFREQUENT_ELASTIC if is_elastic else FileStorage.INFREQUENT
    return {
        FileStorage.STANDARD: sizes["ValueInStandard"],
        infrequent: sizes.get("ValueInIA", 0),
        FileStorage.ARCHIVE: sizes.get("ValueInArchive", 0),
    }
