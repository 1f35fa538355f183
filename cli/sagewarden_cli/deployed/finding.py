"""What a look at a deployed stack found, and what to do about it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import ClientError

from sagewarden.adapters.errors import AWS_ERRORS, why
from sagewarden.application.ports import UnreadableError

_REFUSED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "UnauthorizedOperation",
        "AWS.SimpleQueueService.AccessDenied",
        "403",
    }
)
_GONE = frozenset(
    {
        "ResourceNotFoundException",
        "TableNotFoundException",
        "NoSuchBucket",
        "AWS.SimpleQueueService.NonExistentQueue",
        "QueueDoesNotExist",
        "404",
    }
)


class Health(StrEnum):
    """How something is."""

    OK = "ok"
    WARN = "warn"
    """It works, and somebody should look at it."""
    FAIL = "fail"
    UNKNOWN = "unknown"
    """It could not be read."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing.

    Attributes:
        name: What was looked at.
        health: How it is.
        found: What was found.
        fix: What to do about it; empty when it is well.
    """

    name: str
    health: Health
    found: str
    fix: str = ""


def well(name: str, found: str) -> Finding:
    """Something that is as it should be."""
    return Finding(name, Health.OK, found)


type Look = Callable[[], Iterable[Finding]]


def looked(name: str, look: Look) -> Iterator[Finding]:
    """Look at something; what cannot be read is unknown, what is gone fails, nothing crashes.

    Args:
        name: What is looked at.
        look: Looks; it may raise what AWS's clients raise.
    """
    try:
        yield from list(look())
    except (*AWS_ERRORS, UnreadableError) as error:
        yield _unread(name, error)


def _unread(name: str, error: Exception) -> Finding:
    cause = error.__cause__ if isinstance(error, UnreadableError) else error
    if not isinstance(cause, ClientError):
        fix = "check the name of the region, the network, and AWS_ENDPOINT_URL"
        return Finding(name, Health.UNKNOWN, why(error), fix)
    code, operation = cause.response.get("Error", {}).get("Code", ""), cause.operation_name
    if code in _GONE:
        return Finding(name, Health.FAIL, why(cause), "it was deleted by hand: deploy again")
    if code in _REFUSED:
        fix = f"allow {operation} in the IAM policy of your identity"
        return Finding(name, Health.UNKNOWN, why(cause), fix)
    return Finding(name, Health.UNKNOWN, f"{operation}: {why(cause)}", "run it again")
