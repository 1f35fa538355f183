"""Lifecycle configurations of notebook instances: scripts of their creation and their start."""

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import ValidationException
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.studio_resources import NotebookLifecycleConfig
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in

_NAME = "NotebookInstanceLifecycleConfigName"
_SCRIPTS = ("OnCreate", "OnStart")


class NotebookLifecycleConfigs(Backend):
    """The operations on lifecycle configurations of notebook instances."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._all = self._store.notebook_lifecycle_configs

    @operation("CreateNotebookInstanceLifecycleConfig")
    def create(self, params: Params) -> Json:
        """Create a configuration."""
        name = params[_NAME]
        if name in self._all:
            raise self._refusal("create", name, "already exists")
        now = self.here.now()
        config = NotebookLifecycleConfig(
            name=name,
            arn=self._store.arn(NotebookLifecycleConfig.kind, name),
            created_at=now,
            modified_at=now,
            details={script: params.get(script, []) for script in _SCRIPTS},
        )
        config.tag(tags_in(params))
        self._all[name] = config
        return {"NotebookInstanceLifecycleConfigArn": config.arn}

    @operation("DescribeNotebookInstanceLifecycleConfig")
    def describe(self, params: Params) -> Json:
        """Describe a configuration, with its scripts."""
        config = self._one("describe", params)
        return {**_summary(config), **config.details}

    @operation("ListNotebookInstanceLifecycleConfigs")
    def list_page(self, params: Params) -> Json:
        """List configurations, the newest first unless asked otherwise."""
        page, token = listed(self._all.values(), params)
        return {
            "NotebookInstanceLifecycleConfigs": [_summary(config) for config in page],
            "NextToken": token,
        }

    @operation("UpdateNotebookInstanceLifecycleConfig")
    def update(self, params: Params) -> Json:
        """Replace scripts; those not given stay."""
        config = self._one("update", params)
        config.details |= {script: params[script] for script in _SCRIPTS if script in params}
        config.modified_at = self.here.now()
        return {}

    @operation("DeleteNotebookInstanceLifecycleConfig")
    def delete(self, params: Params) -> Json:
        """Delete a configuration; notebook instances that name it go on doing so."""
        del self._all[self._one("delete", params).name]
        return {}

    def _one(self, wanted: str, params: Params) -> NotebookLifecycleConfig:
        found = self._all.get(params[_NAME])
        if found is None:
            raise self._refusal(wanted, params[_NAME], "does not exist")
        return found

    def _refusal(self, wanted: str, name: str, why: str) -> ValidationException:
        arn = self._store.arn(NotebookLifecycleConfig.kind, name)
        noun = "Notebook Instance Lifecycle Config"
        return ValidationException(f"Unable to {wanted} {noun} '{arn}'. (Details: {noun} {why}.)")


def _summary(config: NotebookLifecycleConfig) -> Json:
    return {
        "NotebookInstanceLifecycleConfigArn": config.arn,
        _NAME: config.name,
        "CreationTime": config.created_at,
        "LastModifiedTime": config.modified_at,
    }
