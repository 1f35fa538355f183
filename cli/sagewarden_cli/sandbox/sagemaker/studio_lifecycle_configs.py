"""Studio lifecycle configurations: scripts that run when an app starts."""

from collections.abc import Iterator

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import ResourceInUse
from sagewarden_cli.sandbox.sagemaker.bases import Resource
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.studio import Studio
from sagewarden_cli.sandbox.sagemaker.studio_resources import StudioLifecycleConfig
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in

_CONTENT, _APP_TYPE = "StudioLifecycleConfigContent", "StudioLifecycleConfigAppType"
_RENAMED = {
    "ModifiedTimeBefore": "LastModifiedTimeBefore",
    "ModifiedTimeAfter": "LastModifiedTimeAfter",
}


class StudioLifecycleConfigs(Backend):
    """The operations on Studio lifecycle configurations."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._studio = here.part(Studio)

    @operation("CreateStudioLifecycleConfig")
    def create(self, params: Params) -> Json:
        """Create a configuration; it never changes."""
        name = params["StudioLifecycleConfigName"]
        now = self.here.now()
        config = StudioLifecycleConfig(
            name=name,
            arn=self._store.arn(StudioLifecycleConfig.kind, name),
            created_at=now,
            modified_at=now,
            details={member: params[member] for member in (_CONTENT, _APP_TYPE)},
        )
        config.tag(tags_in(params))
        self._studio.add(config)
        return {"StudioLifecycleConfigArn": config.arn}

    @operation("DescribeStudioLifecycleConfig")
    def describe(self, params: Params) -> Json:
        """Describe a configuration, with its script."""
        config = self._one(params)
        return {**_summary(config), _CONTENT: config.details[_CONTENT]}

    @operation("ListStudioLifecycleConfigs")
    def list_page(self, params: Params) -> Json:
        """List configurations, the newest first unless asked otherwise."""
        app_type = params.get("AppTypeEquals")
        configs = self._store.studio_lifecycle_configs.values()
        wanted = [c for c in configs if app_type in {None, c.details[_APP_TYPE]}]
        page, token = listed(wanted, {_RENAMED.get(k, k): v for k, v in params.items()})
        return {"StudioLifecycleConfigs": [_summary(c) for c in page], "NextToken": token}

    @operation("DeleteStudioLifecycleConfig")
    def delete(self, params: Params) -> Json:
        """Delete a configuration that no app and no settings use."""
        config = self._one(params)
        users = [holder.arn for holder in self._holders() if _uses(holder, config.arn)]
        if users:
            raise ResourceInUse(
                f"Unable to delete StudioLifecycleConfig [{config.arn}] because it is used by "
                f"{', '.join(users)}.",
            )
        self._studio.forget(config)
        return {}

    def _one(self, params: Params) -> StudioLifecycleConfig:
        name = params["StudioLifecycleConfigName"]
        found: StudioLifecycleConfig = self._studio.find(StudioLifecycleConfig.kind, name)
        return found

    def _holders(self) -> Iterator[Resource]:
        yield from self._store.domains.values()
        yield from self._store.user_profiles.values()
        yield from self._store.spaces.values()
        yield from self._studio.apps()


def _uses(value: object, arn: str) -> bool:
    if isinstance(value, Resource):
        return _uses(value.details, arn)
    if isinstance(value, dict):
        return any(_uses(member, arn) for member in value.values())
    if isinstance(value, list):
        return any(_uses(member, arn) for member in value)
    return value == arn


def _summary(config: StudioLifecycleConfig) -> Json:
    return {
        "StudioLifecycleConfigArn": config.arn,
        "StudioLifecycleConfigName": config.name,
        "CreationTime": config.created_at,
        "LastModifiedTime": config.modified_at,
        _APP_TYPE: config.details[_APP_TYPE],
    }
