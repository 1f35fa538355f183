"""Apps: what people run in SageMaker Studio; deleted, they are to be seen for another day."""

from datetime import datetime, timedelta

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import ResourceNotFound, ValidationException
from sagewarden_cli.sandbox.sagemaker.app_settings import resource_spec, settings_of
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.studio import Studio
from sagewarden_cli.sandbox.sagemaker.studio_resources import App, InDomain, Space, app_key
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in

_SEEN_FOR = timedelta(hours=24)


class Apps(Backend):
    """The operations on apps."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._studio = here.part(Studio)

    @operation("CreateApp")
    def create(self, params: Params) -> Json:
        """Create an app; it is Pending, then InService.

        One that is still to be seen as deleted is updated, and keeps its time of creation.
        """
        owner = self._owner(params)
        now = self.here.now()
        before = self._store.apps.get(_key(params))
        app = App(
            name=params["AppName"],
            arn=self._store.arn(App.kind, _key(params)),
            created_at=before.created_at if before is not None and before.is_gone else now,
            modified_at=now,
            status="Pending",
            details={"ResourceSpec": self._resources(owner, params)},
            domain_id=owner.domain_id,
            app_type=params["AppType"],
            user_profile=params.get("UserProfileName"),
            space=params.get("SpaceName"),
        )
        if "RecoveryMode" in params:
            app.details["RecoveryMode"] = params["RecoveryMode"]
        app.tag({**self._inherited_tags(owner), **tags_in(params)})
        self._studio.add(app)
        self._studio.go(app, "Pending")
        return {"AppArn": app.arn}

    @operation("DescribeApp")
    def describe(self, params: Params) -> Json:
        """Describe an app."""
        app = self._one(params)
        return {
            **_identity(app),
            **app.details,
            "AppArn": app.arn,
            "FailureReason": app.failure_reason,
            "LastUserActivityTimestamp": app.user_active_at,
            "LastHealthCheckTimestamp": app.checked_at,
        }

    @operation("ListApps")
    def list_page(self, params: Params) -> Json:
        """List apps, deleted ones included, the oldest first unless asked otherwise."""
        if "UserProfileNameEquals" in params and "SpaceNameEquals" in params:
            raise ValidationException(
                "UserProfileNameEquals and SpaceNameEquals must not be given together.",
            )
        wanted = [app for app in self._store.apps.values() if _is_wanted(app, params)]
        page, token = listed(wanted, params, sort_order="Ascending")
        apps = [{**_identity(a), "ResourceSpec": a.details["ResourceSpec"]} for a in page]
        return {"Apps": apps, "NextToken": token}

    @operation("DeleteApp")
    def delete(self, params: Params) -> Json:
        """Delete an app that runs or has failed."""
        app = self._one(params)
        if app.is_gone:
            raise ResourceNotFound(f"App [{app.arn}] does not exist.")
        self._studio.require_rest(app, "delete")

        def arrive(at: datetime) -> None:
            app.enter("Deleted", at)
            app.await_change(self.here.later(_SEEN_FOR, lambda _at: self._studio.forget(app)))

        app.enter("Deleting", self.here.now())
        app.await_change(self.here.after(app.kind, "Deleting", arrive))
        return {}

    def _one(self, params: Params) -> App:
        found: App = self._studio.find(App.kind, _key(params))
        return found

    def _owner(self, params: Params) -> InDomain:
        """Return whose app it is to be: a user profile or a space that can take it."""
        domain_id, app_type = params["DomainId"], params["AppType"]
        self._studio.domain(domain_id)
        _key(params)
        if "UserProfileName" in params:
            return self._studio.user_profile(domain_id, params["UserProfileName"])
        space = self._studio.space(domain_id, params["SpaceName"])
        allowed = space.details.get("SpaceSettings", {}).get("AppType", app_type)
        if app_type != allowed:
            raise ValidationException(
                f"Space [{space.arn}] takes apps of type {allowed} only, not {app_type}.",
            )
        return space

    def _resources(self, owner: InDomain, params: Params) -> Json:
        person = owner.owner if isinstance(owner, Space) else owner.name
        return resource_spec(
            params["AppType"],
            params.get("ResourceSpec", {}),
            settings_of(self._studio, owner.domain_id, person),
            owner.details.get("SpaceSettings", {}),
        )

    def _inherited_tags(self, owner: InDomain) -> dict[str, str]:
        """Return the tags that an app takes on when it is launched, and keeps."""
        domain = self._studio.domain(owner.domain_id)
        takes_all = domain.details.get("TagPropagation") == "ENABLED"
        takes_owner = takes_all or not isinstance(owner, Space)
        return {**domain.tags, **(owner.tags if takes_owner else {})}


def _key(params: Params) -> str:
    user_profile, space = params.get("UserProfileName"), params.get("SpaceName")
    if (user_profile is None) == (space is None):
        raise ValidationException("Exactly one of UserProfileName and SpaceName must be given.")
    return app_key(params["DomainId"], user_profile or space, params["AppType"], params["AppName"])


def _is_wanted(app: App, params: Params) -> bool:
    return (
        params.get("DomainIdEquals") in {None, app.domain_id}
        and params.get("UserProfileNameEquals") in {None, app.user_profile}
        and params.get("SpaceNameEquals") in {None, app.space}
    )


def _identity(app: App) -> Json:
    return {
        "DomainId": app.domain_id,
        "UserProfileName": app.user_profile,
        "SpaceName": app.space,
        "AppType": app.app_type,
        "AppName": app.name,
        "Status": app.status,
        "CreationTime": app.created_at,
    }
