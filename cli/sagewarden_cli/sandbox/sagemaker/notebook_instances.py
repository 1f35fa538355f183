"""Notebook instances: from Pending to gone, with the refusals that AWS gives on the way."""

from datetime import datetime

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import ValidationException
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import NotebookInstance, SageMakerStore
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in

_RENAMED = {
    "LifecycleConfigName": "NotebookInstanceLifecycleConfigName",
    "SecurityGroupIds": "SecurityGroups",
}
_DEFAULTS: Json = {
    "VolumeSizeInGB": 5,
    "DirectInternetAccess": "Enabled",
    "RootAccess": "Enabled",
    "IpAddressType": "ipv4",
    "PlatformIdentifier": "notebook-al2-v3",
    "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
}
_DISSOCIATIONS = {
    "DisassociateLifecycleConfig": "NotebookInstanceLifecycleConfigName",
    "DisassociateAcceleratorTypes": "AcceleratorTypes",
    "DisassociateDefaultCodeRepository": "DefaultCodeRepository",
    "DisassociateAdditionalCodeRepositories": "AdditionalCodeRepositories",
}
_SUMMARY = (
    "InstanceType",
    "NotebookInstanceLifecycleConfigName",
    "DefaultCodeRepository",
    "AdditionalCodeRepositories",
)


def notebook_details(params: Params) -> Json:
    """Return what describing a notebook instance gives back of the call that made it."""
    given = {
        _RENAMED.get(name, name): value
        for name, value in params.items()
        if name not in {"NotebookInstanceName", "Tags"}
    }
    return {**_DEFAULTS, **given}


class NotebookInstances(Backend):
    """The operations on notebook instances."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._all = self._store.notebook_instances

    @operation("CreateNotebookInstance")
    def create(self, params: Params) -> Json:
        """Create a notebook instance; it is Pending, then InService."""
        name = params["NotebookInstanceName"]
        arn = self._store.arn(NotebookInstance.kind, name)
        if name in self._all:
            raise ValidationException(f"Cannot create a duplicate Notebook Instance ({arn})")
        now = self.here.now()
        notebook = NotebookInstance(
            name=name,
            arn=arn,
            created_at=now,
            modified_at=now,
            status="Pending",
            details=notebook_details(params),
        )
        notebook.tag(tags_in(params))
        self._all[name] = notebook
        self._enter(notebook, "Pending", "InService")
        return {"NotebookInstanceArn": arn}

    @operation("DescribeNotebookInstance")
    def describe(self, params: Params) -> Json:
        """Describe a notebook instance."""
        notebook = self._one(params)
        return {
            **notebook.details,
            **self._identity(notebook),
            "Url": self._url(notebook),
            "FailureReason": notebook.failure_reason,
        }

    @operation("ListNotebookInstances")
    def list_page(self, params: Params) -> Json:
        """List notebook instances, by name unless asked otherwise."""
        wanted = [notebook for notebook in self._all.values() if _uses(notebook, params)]
        page, token = listed(wanted, params, sort_by="Name", sort_order="Ascending")
        return {"NotebookInstances": [self._summary(n) for n in page], "NextToken": token}

    @operation("StopNotebookInstance")
    def stop(self, params: Params) -> Json:
        """Stop a notebook instance that is InService."""
        notebook = self._one(params)
        self._require(notebook, ("InService",), "Stopping")
        self._enter(notebook, "Stopping", "Stopped")
        return {}

    @operation("StartNotebookInstance")
    def start(self, params: Params) -> Json:
        """Start a notebook instance that is Stopped or Failed."""
        notebook = self._one(params)
        self._require(notebook, ("Stopped", "Failed"), "Pending")
        self._enter(notebook, "Pending", "InService")
        return {}

    @operation("UpdateNotebookInstance")
    def update(self, params: Params) -> Json:
        """Change a notebook instance that is Stopped or Failed; it ends up Stopped."""
        notebook = self._one(params)
        self._require(notebook, ("Stopped", "Failed"), "Updating")
        size, wanted = notebook.details["VolumeSizeInGB"], params.get("VolumeSizeInGB")
        if wanted is not None and wanted < size:
            raise ValidationException(
                f"Requested volume size ({wanted} GB) is smaller than the current one ({size} GB).",
            )
        for flag, member in _DISSOCIATIONS.items():
            if params.get(flag):
                notebook.details.pop(member, None)
        for name, value in params.items():
            if name != "NotebookInstanceName" and name not in _DISSOCIATIONS:
                notebook.details[_RENAMED.get(name, name)] = value
        self._enter(notebook, "Updating", "Stopped")
        return {}

    @operation("DeleteNotebookInstance")
    def delete(self, params: Params) -> Json:
        """Delete a notebook instance that is Stopped or Failed."""
        notebook = self._one(params)
        self._require(notebook, ("Stopped", "Failed"), "Deleting")
        now = self.here.now()
        notebook.enter("Deleting", now)
        notebook.transition = self.here.after(
            notebook.kind,
            "Deleting",
            lambda _at: self._gone(notebook),
        )
        return {}

    def _enter(self, notebook: NotebookInstance, transient: str, final: str) -> None:
        def arrive(at: datetime) -> None:
            notebook.enter(final, at)

        notebook.enter(transient, self.here.now())
        notebook.transition = self.here.after(notebook.kind, transient, arrive)

    def _gone(self, notebook: NotebookInstance) -> None:
        if self._all.get(notebook.name) is notebook:
            del self._all[notebook.name]

    def _one(self, params: Params) -> NotebookInstance:
        notebook = self._all.get(params["NotebookInstanceName"])
        if notebook is None:
            raise ValidationException("RecordNotFound")
        return notebook

    def _require(
        self,
        notebook: NotebookInstance,
        allowed: tuple[str, ...],
        wanted: str,
    ) -> None:
        if notebook.status not in allowed:
            raise ValidationException(
                f"Status ({notebook.status}) not in ([{', '.join(allowed)}]). Unable to "
                f"transition to ({wanted}) for Notebook Instance ({notebook.arn})",
            )

    def _identity(self, notebook: NotebookInstance) -> Json:
        return {
            "NotebookInstanceName": notebook.name,
            "NotebookInstanceArn": notebook.arn,
            "NotebookInstanceStatus": notebook.status,
            "CreationTime": notebook.created_at,
            "LastModifiedTime": notebook.modified_at,
        }

    def _summary(self, notebook: NotebookInstance) -> Json:
        known = {name: notebook.details[name] for name in _SUMMARY if name in notebook.details}
        return {**self._identity(notebook), "Url": self._url(notebook), **known}

    def _url(self, notebook: NotebookInstance) -> str:
        return f"{notebook.name}.notebook.{self.here.region}.sagemaker.aws"


def _uses(notebook: NotebookInstance, params: Params) -> bool:
    details = notebook.details
    lifecycle = details.get("NotebookInstanceLifecycleConfigName", "")
    repository = details.get("DefaultCodeRepository", "")
    others = details.get("AdditionalCodeRepositories", [])
    wanted = params.get("AdditionalCodeRepositoryEquals")
    return (
        params.get("NotebookInstanceLifecycleConfigNameContains", "") in lifecycle
        and params.get("DefaultCodeRepositoryContains", "") in repository
        and (wanted is None or wanted in others)
    )
