"""How Application Auto Scaling says no."""

from sagewarden_cli.sandbox.backend import Params
from sagewarden_cli.sandbox.errors import AwsError, NotEmulatedError

_NAMESPACE = "sagemaker"


def require_sagemaker(params: Params) -> None:
    """Hand the request on to moto unless it is about SageMaker.

    Raises:
        NotEmulatedError: Another service's resources are meant.
    """
    if params["ServiceNamespace"] != _NAMESPACE:
        raise NotEmulatedError(params["ServiceNamespace"])


def no_such(what: str, params: Params, *, named: str | None = None) -> AwsError:
    """Return the refusal of a call about something that is not there.

    Args:
        what: Such as ``scalable target registered``.
        params: The call's parameters, which say where it was looked for.
        named: The words for its name, if it has one.
    """
    where = (
        f"service namespace: {params['ServiceNamespace']}, resource ID: {params['ResourceId']}, "
        f"scalable dimension: {params['ScalableDimension']}"
    )
    name = f", {named}" if named else ""
    return AwsError("ObjectNotFoundException", f"No {what} for {where}{name}")


def limit_exceeded(what: str, most: int) -> AwsError:
    """Return the refusal of one more than there may be."""
    message = f"The maximum number of {what} per scalable target, {most}, has been reached."
    return AwsError("LimitExceededException", message)
