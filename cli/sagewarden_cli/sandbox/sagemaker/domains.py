"""Domains: the roots of SageMaker Studio, deleted only when nothing is left in them."""

import hashlib
import itertools
from collections.abc import Iterable

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import ResourceInUse
from sagewarden_cli.sandbox.sagemaker.file_systems import StudioHomes
from sagewarden_cli.sandbox.sagemaker.idle_settings import check_idle_settings
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.studio import Studio, merged
from sagewarden_cli.sandbox.sagemaker.studio_resources import Domain, InDomain
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in

_DEFAULTS: Json = {"AppNetworkAccessType": "PublicInternetOnly", "TagPropagation": "DISABLED"}
_RENAMED = {"DomainSettingsForUpdate": "DomainSettings"}


def domain_details(params: Params) -> Json:
    """Return what describing a domain gives back of the call that made it."""
    return {**_DEFAULTS, **{k: v for k, v in params.items() if k not in {"DomainName", "Tags"}}}


class Domains(Backend):
    """The operations on domains."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._studio = here.part(Studio)
        self._numbers = itertools.count()

    @operation("CreateDomain")
    def create(self, params: Params) -> Json:
        """Create a domain; it is Pending, then InService."""
        name = params["DomainName"]
        if any(domain.name == name for domain in self._store.domains.values()):
            raise ResourceInUse(f"Domain with name {name} already exists.")
        check_idle_settings(params["DefaultUserSettings"])
        domain_id = self._new_id()
        now = self.here.now()
        domain = Domain(
            name=name,
            arn=self._store.arn(Domain.kind, domain_id),
            created_at=now,
            modified_at=now,
            status="Pending",
            details=domain_details(params),
            domain_id=domain_id,
        )
        domain.tag(tags_in(params))
        self._studio.add(domain)
        self._studio.go(domain, "Pending")
        return {"DomainArn": domain.arn, "DomainId": domain_id, "Url": self._url(domain)}

    @operation("DescribeDomain")
    def describe(self, params: Params) -> Json:
        """Describe a domain."""
        domain = self._studio.domain(params["DomainId"])
        return {
            **domain.details,
            **self._identity(domain),
            "FailureReason": domain.failure_reason,
            "HomeEfsFileSystemId": self.here.part(StudioHomes).of(domain),
        }

    @operation("ListDomains")
    def list_page(self, params: Params) -> Json:
        """List domains, the oldest first: AWS takes no wishes."""
        page, token = listed(self._store.domains.values(), params, sort_order="Ascending")
        return {"Domains": [self._identity(domain) for domain in page], "NextToken": token}

    @operation("UpdateDomain")
    def update(self, params: Params) -> Json:
        """Change a domain's settings, member by member."""
        domain = self._studio.domain(params["DomainId"])
        self._studio.require_rest(domain, "update")
        changes = {_RENAMED.get(k, k): v for k, v in params.items() if k != "DomainId"}
        details = merged(domain.details, changes)
        check_idle_settings(details["DefaultUserSettings"])
        domain.details = details
        self._studio.go(domain, "Updating")
        return {"DomainArn": domain.arn}

    @operation("DeleteDomain")
    def delete(self, params: Params) -> Json:
        """Delete a domain in which nothing is left."""
        domain = self._studio.domain(params["DomainId"])
        self._studio.require_rest(domain, "delete")
        contents: dict[str, Iterable[InDomain]] = {
            "App": self._studio.apps(),
            "Space": self._store.spaces.values(),
            "UserProfile": self._store.user_profiles.values(),
        }
        associated = {
            noun: any(content.domain_id == domain.domain_id for content in all_of_them)
            for noun, all_of_them in contents.items()
        }
        self._studio.require_empty(domain, associated)
        if params.get("RetentionPolicy", {}).get("HomeEfsFileSystem", "Retain") == "Retain":
            self.here.part(StudioHomes).retain(domain)
        self._studio.vanish(domain)
        return {}

    def _new_id(self) -> str:
        place = f"{self.here.account}/{self.here.region}/{next(self._numbers)}"
        return f"d-{hashlib.sha256(place.encode()).hexdigest()[:12]}"

    def _identity(self, domain: Domain) -> Json:
        return {
            "DomainArn": domain.arn,
            "DomainId": domain.domain_id,
            "DomainName": domain.name,
            "Status": domain.status,
            "CreationTime": domain.created_at,
            "LastModifiedTime": domain.modified_at,
            "Url": self._url(domain),
        }

    def _url(self, domain: Domain) -> str:
        return f"https://{domain.domain_id}.studio.{self.here.region}.sagemaker.aws"
