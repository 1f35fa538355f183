"""The file systems (Amazon EFS) that Studio domains keep their users' homes in.

Every other file system is moto's.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.pagination import page_after
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.studio_resources import Domain

EMPTY = 6_144
"""The bytes that an empty file system is metered at."""

_MADE_FOR = "ManagedByAmazonSageMakerResource"
_DEFAULT_PAGE = 100


@dataclass(frozen=True, slots=True)
class Stored:
    """What a file system holds, and how.

    Attributes:
        standard: Bytes in Standard storage.
        infrequent: Bytes in Infrequent Access storage.
        archive: Bytes in Archive storage.
        throughput: Its throughput mode: ``bursting``, ``elastic`` or ``provisioned``.
    """

    standard: int = EMPTY
    infrequent: int = 0
    archive: int = 0
    throughput: str = "bursting"


@dataclass(frozen=True, slots=True)
class _Home:
    domain_arn: str
    created_at: datetime


class StudioHomes:
    """What is stored in the file systems of one account and region, and which outlived a domain."""

    def __init__(self, here: AccountRegion) -> None:
        self._store = here.part(SageMakerStore)
        self._retained: dict[str, _Home] = {}
        self.stored: dict[str, Stored] = {}

    def of(self, domain: Domain) -> str:
        """Return the id of a domain's file system."""
        return f"fs-{hashlib.sha256(domain.arn.encode()).hexdigest()[:17]}"

    def retain(self, domain: Domain) -> None:
        """Keep a domain's file system beyond its end."""
        self._retained[self.of(domain)] = _Home(domain.arn, domain.created_at)

    def everything(self) -> Iterator[tuple[str, _Home]]:
        """Yield every file system by its id."""
        yield from self._retained.items()
        for domain in self._store.domains.values():
            if self.of(domain) not in self._retained:
                yield self.of(domain), _Home(domain.arn, domain.created_at)


class FileSystems(Backend):
    """DescribeFileSystems: those of Studio domains, and moto's."""

    service = "efs"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._homes = here.part(StudioHomes)

    @operation("DescribeFileSystems")
    def describe(self, params: Params) -> Json:
        """Describe one file system, or a page of all."""
        found = [*self._of_domains(), *self._of_moto()]
        token = params.get("CreationToken")
        found = [item for item in found if token in {None, item["CreationToken"]}]
        if wanted := params.get("FileSystemId"):
            found = [i for i in found if wanted in {i["FileSystemId"], i["FileSystemArn"]}]
            if not found:
                raise AwsError(
                    "FileSystemNotFound",
                    f"File system '{wanted}' does not exist.",
                    HTTPStatus.NOT_FOUND,
                )
        found.sort(key=lambda item: str(item["FileSystemId"]))
        limit = params.get("MaxItems", _DEFAULT_PAGE)
        page, marker = page_after(
            found,
            lambda item: (item["FileSystemId"],),
            params.get("Marker"),
            limit,
            invalid=AwsError("BadRequest", "Invalid Marker"),
        )
        return {"FileSystems": list(page), "NextMarker": marker}

    def _of_domains(self) -> Iterator[Json]:
        for key, home in self._homes.everything():
            stored = self._homes.stored.get(key, Stored())
            yield {
                "OwnerId": self.here.account,
                "CreationToken": key,
                "FileSystemId": key,
                "FileSystemArn": self.here.arn("elasticfilesystem", f"file-system/{key}"),
                "CreationTime": home.created_at,
                "LifeCycleState": "available",
                "NumberOfMountTargets": 1,
                "SizeInBytes": {
                    "Value": stored.standard + stored.infrequent + stored.archive,
                    "Timestamp": self.here.now(),
                    "ValueInIA": stored.infrequent,
                    "ValueInStandard": stored.standard,
                    "ValueInArchive": stored.archive,
                },
                "PerformanceMode": "generalPurpose",
                "Encrypted": True,
                "ThroughputMode": stored.throughput,
                "Tags": [{"Key": _MADE_FOR, "Value": home.domain_arn}],
            }

    def _of_moto(self) -> Iterator[Json]:
        from moto.efs.models import efs_backends  # noqa: PLC0415 - brings all of moto's EC2

        backend = efs_backends[self.here.account][self.here.region]
        for system in backend.file_systems_by_id.values():
            yield system.info_json()
