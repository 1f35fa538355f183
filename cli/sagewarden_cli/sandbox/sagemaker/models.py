"""Models: what endpoint variants and inference components run."""

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import ValidationException
from sagewarden_cli.sandbox.sagemaker.listing import listed
from sagewarden_cli.sandbox.sagemaker.resources import Model, SageMakerStore
from sagewarden_cli.sandbox.sagemaker.tagging import tags_in


class Models(Backend):
    """The operations on models."""

    service = "sagemaker"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(SageMakerStore)
        self._all = self._store.models

    @operation("CreateModel")
    def create(self, params: Params) -> Json:
        """Create a model; no container or artifact is looked at."""
        name = params["ModelName"]
        arn = self._store.arn(Model.kind, name)
        if name in self._all:
            raise ValidationException(f'Cannot create already existing model "{arn}".')
        if "PrimaryContainer" in params and "Containers" in params:
            raise ValidationException(
                "Cannot specify both PrimaryContainer and Containers: choose one.",
            )
        now = self.here.now()
        details = {k: v for k, v in params.items() if k not in {"ModelName", "Tags"}}
        details.setdefault("EnableNetworkIsolation", False)
        model = Model(name=name, arn=arn, created_at=now, modified_at=now, details=details)
        model.tag(tags_in(params))
        self._all[name] = model
        return {"ModelArn": arn}

    @operation("DescribeModel")
    def describe(self, params: Params) -> Json:
        """Describe a model."""
        model = self._store.model(params["ModelName"])
        return {**model.details, **_identity(model)}

    @operation("ListModels")
    def list_page(self, params: Params) -> Json:
        """List models, the newest first unless asked otherwise."""
        page, token = listed(self._all.values(), params)
        return {"Models": [_identity(model) for model in page], "NextToken": token}

    @operation("DeleteModel")
    def delete(self, params: Params) -> Json:
        """Delete a model; AWS does so even while an endpoint runs it."""
        del self._all[self._store.model(params["ModelName"]).name]
        return {}


def _identity(model: Model) -> Json:
    return {"ModelName": model.name, "ModelArn": model.arn, "CreationTime": model.created_at}
