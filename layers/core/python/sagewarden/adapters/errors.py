"""Translate what AWS answers into our own errors; ClientError never leaves this room."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.parsers import ResponseParserError

from sagewarden.application.ports import ActionFailedError, OutOfReachError, UnreadableError
from sagewarden.domain.plans import Incomplete

AWS_ERRORS = (ClientError, BotoCoreError, ResponseParserError)
"""What a call may raise: AWS's refusal, no connection, or an answer that is not AWS's."""


_GONE = ("Could not find", "RecordNotFound", "Requested resource not found")

_GONE_CODES = frozenset({"ResourceNotFound", "ResourceNotFoundException", "FileSystemNotFound"})
"""How SageMaker, Amazon Bedrock and Amazon EFS name it where their operations declare it."""

_BARRED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "InvalidClientTokenId",
        "OptInRequired",
        "RegionDisabledException",
        "UnrecognizedClientException",
    }
)
"""What AWS answers where one may not enter; a region that is not enabled knows no credentials."""


def why(error: Exception) -> str:
    """What AWS or the connection to it said, on one line."""
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        text = f"{details.get('Code', 'Unknown')}: {details.get('Message', '')}"
    else:
        text = f"{type(error).__name__}: {error}"
    return " ".join(text.split())


def is_gone(error: ClientError) -> bool:
    """Whether AWS says that a resource does not exist.

    SageMaker answers ValidationException for a missing resource, with "Could not find",
    "RecordNotFound" or "Requested resource not found" in the message.
    """
    details = error.response.get("Error", {})
    message = details.get("Message", "")
    return details.get("Code") in _GONE_CODES or (
        details.get("Code") == "ValidationException" and any(text in message for text in _GONE)
    )


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn a failed read into an UnreadableError that names what was read."""
    try:
        yield
    except AWS_ERRORS as error:
        raise UnreadableError(what, why(error)) from error


@contextmanager
def entering(what: str) -> Iterator[None]:
    """The same for a way in; where it is barred, trying again is of no use.

    STS answers AccessDenied for a role that does not exist and for one that does not trust us, and
    so it does for an account that is closed.
    """
    try:
        yield
    except AWS_ERRORS as error:
        refused = isinstance(error, ClientError) and _code(error) in _BARRED
        raise (OutOfReachError if refused else UnreadableError)(what, why(error)) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))


def unless_gone[T](what: str, read: Callable[[], T]) -> T | None:
    """What a read answers; None when AWS says that there is no such thing.

    Raises:
        UnreadableError: It could not be read.
    """
    try:
        with reading(what):
            return read()
    except UnreadableError as error:
        cause = error.__cause__
        if isinstance(cause, ClientError) and is_gone(cause):
            return None
        raise


def tried[T](what: str, read: Callable[[], T], incomplete: list[Incomplete]) -> T | None:
    """What a read answers; None when it fails.

    Args:
        what: What is read, for the report.
        read: Reads it; it may raise what boto3 raises.
        incomplete: Where to note what could not be read.
    """
    try:
        return read()
    except AWS_ERRORS as error:
        incomplete.append(Incomplete(what, why(error)))
        return None


@contextmanager
def acting(what: str) -> Iterator[None]:
    """Turn a failed change into an ActionFailedError that names what was tried."""
    try:
        yield
    except AWS_ERRORS as error:
        told = f"{what} failed: {why(error)}"
        raise ActionFailedError(told, in_doubt=_in_doubt(error)) from error


def _in_doubt(error: Exception) -> bool:
    """Whether a call may have had its effect although it failed.

    What AWS refuses at the first attempt has none. An answer that never came tells nothing, and
    one to a repeated attempt may be about what the attempt before did.
    """
    if isinstance(error, ClientError):
        return bool(error.response.get("ResponseMetadata", {}).get("RetryAttempts"))
    return isinstance(error, HTTPClientError | ResponseParserError)
