"""Spaces: places in a Studio domain in which apps run, with storage of their own."""

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import ValidationException
from sagewarden_cli.sandbox.sagemaker.app_settings import settings_of
from sagewarden_cli.sandbox.sagemaker.idle_settings import check_space_idle_settings
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.studio import Studio, merged
from sagewarden_cli.sandbox.sagemaker.studio_resources import Space
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in

_NOT_DETAILS = frozenset({"DomainId", "SpaceName", "Tags"})
_SUMMARY = ("AppType", "RemoteAccess", "SpaceStorageSettings")


class Spaces(Backend):
    """The operations on spaces."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._studio = here.part(Studio)

    @operation("CreateSpace")
    def create(self, params: Params) -> Json:
        """Create a space; it is Pending, then InService."""
        domain, name = self._studio.domain(params["DomainId"]), params["SpaceName"]
        if ("OwnershipSettings" in params) != ("SpaceSharingSettings" in params):
            raise ValidationException(
                "OwnershipSettings and SpaceSharingSettings must be given together.",
            )
        now = self.here.now()
        space = Space(
            name=name,
            arn=self._store.arn(Space.kind, f"{domain.domain_id}/{name}"),
            created_at=now,
            modified_at=now,
            status="Pending",
            details={k: v for k, v in params.items() if k not in _NOT_DETAILS},
            domain_id=domain.domain_id,
        )
        self._check(space, params.get("SpaceSettings", {}))
        space.tag(tags_in(params))
        self._studio.add(space)
        self._studio.go(space, "Pending")
        return {"SpaceArn": space.arn}

    @operation("DescribeSpace")
    def describe(self, params: Params) -> Json:
        """Describe a space."""
        space = self._one(params)
        site = f"https://{space.domain_id}.studio.{self.here.region}.sagemaker.aws"
        return {
            **space.details,
            **_identity(space),
            "SpaceArn": space.arn,
            "FailureReason": space.failure_reason,
            "Url": f"{site}/jupyterlab/default/lab?spaceName={space.name}",
        }

    @operation("ListSpaces")
    def list_page(self, params: Params) -> Json:
        """List spaces, the oldest first unless asked otherwise."""
        domain = params.get("DomainIdEquals")
        wanted = [s for s in self._store.spaces.values() if domain in {None, s.domain_id}]
        query = {**params, "NameContains": params.get("SpaceNameContains", "")}
        page, token = listed(wanted, query, sort_order="Ascending")
        return {"Spaces": [_summary(space) for space in page], "NextToken": token}

    @operation("UpdateSpace")
    def update(self, params: Params) -> Json:
        """Change a space's settings, member by member; its type of app stays."""
        space = self._one(params)
        self._studio.require_rest(space, "update")
        settings = space.details.get("SpaceSettings", {})
        changes = params.get("SpaceSettings", {})
        if changes.get("AppType", settings.get("AppType")) != settings.get("AppType"):
            raise ValidationException("The AppType of a space cannot be changed.")
        self._check(space, changes)
        space.details["SpaceSettings"] = merged(settings, changes)
        if "SpaceDisplayName" in params:
            space.details["SpaceDisplayName"] = params["SpaceDisplayName"]
        self._studio.go(space, "Updating")
        return {"SpaceArn": space.arn}

    @operation("DeleteSpace")
    def delete(self, params: Params) -> Json:
        """Delete a space in which no app is left."""
        space = self._one(params)
        self._studio.require_rest(space, "delete")
        where = (space.domain_id, space.name)
        has_apps = any((app.domain_id, app.space) == where for app in self._studio.apps())
        self._studio.require_empty(space, {"App": has_apps})
        self._studio.vanish(space)
        return {}

    def _one(self, params: Params) -> Space:
        return self._studio.space(params["DomainId"], params["SpaceName"])

    def _check(self, space: Space, settings: Json) -> None:
        check_space_idle_settings(settings, settings_of(self._studio, space.domain_id, space.owner))


def _identity(space: Space) -> Json:
    return {
        "DomainId": space.domain_id,
        "SpaceName": space.name,
        "SpaceDisplayName": space.details.get("SpaceDisplayName"),
        "Status": space.status,
        "CreationTime": space.created_at,
        "LastModifiedTime": space.modified_at,
    }


def _summary(space: Space) -> Json:
    settings = space.details.get("SpaceSettings", {})
    return {
        **_identity(space),
        "SpaceSettingsSummary": {name: settings[name] for name in _SUMMARY if name in settings},
        "SpaceSharingSettingsSummary": space.details.get("SpaceSharingSettings"),
        "OwnershipSettingsSummary": space.details.get("OwnershipSettings"),
    }
