"""How the emulated AWS says no."""

from http import HTTPStatus


class AwsError(Exception):
    """An answer with an error code, as AWS gives it.

    Attributes:
        code: What boto3 shows as ``Error.Code``.
        message: What boto3 shows as ``Error.Message``.
        status: The HTTP status.
        shape: The error's shape name where it differs from the code (query-compatible services).
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        shape: str | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.shape = shape or code


class ValidationException(AwsError):  # noqa: N818  # AWS's own name for it
    """SageMaker's answer to nearly everything that is wrong, missing resources included."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


class ResourceInUse(AwsError):  # noqa: N818  # AWS's own name for it
    """SageMaker's answer when something of the same name, or what depends on it, is there."""

    def __init__(self, message: str) -> None:
        super().__init__("ResourceInUse", message)


class ResourceNotFound(AwsError):  # noqa: N818  # AWS's own name for it
    """The answer to what is missing by those of SageMaker's operations that declare it."""

    def __init__(self, message: str) -> None:
        super().__init__("ResourceNotFound", message)


class NotEmulatedError(Exception):
    """Raised by a backend to hand the very same request on to moto."""
