"""Search: refused for what the sandbox keeps itself, because moto would find nothing and say so."""

from http import HTTPStatus

from sagewarden_cli.sandbox.backend import Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError, NotEmulatedError

_KEPT_HERE = frozenset({"Endpoint", "HyperParameterTuningJob", "Model", "TrainingJob"})


class Search(Backend):
    """The search operation."""

    service = "sagemaker"

    @operation("Search")
    def search(self, params: Params) -> Json:
        """Refuse a search for our resources and leave any other to moto."""
        resource = params["Resource"]
        if resource in _KEPT_HERE:
            raise AwsError(
                "NotImplemented",
                f"The sandbox does not emulate Search over {resource}: list and describe instead.",
                HTTPStatus.NOT_IMPLEMENTED,
            )
        raise NotEmulatedError(resource)
