"""Whether a request was signed by Slack with our signing secret, and just now.

The scheme is Slack's version 0: ``v0=`` and the hexadecimal HMAC-SHA256 of
``v0:{timestamp}:{raw body}``. Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

SIGNATURE = "X-Slack-Signature"
TIMESTAMP = "X-Slack-Request-Timestamp"
TOLERANCE_SECONDS = 300
"""How far from now a request may have been signed; Slack recommends five minutes."""

_VERSION = "v0"
_WHOLE_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


class Forgery(StrEnum):
    """What is wrong with a request that claims to come from Slack."""

    MISSING_HEADER = "missing header"
    AMBIGUOUS_HEADER = "header given twice"
    BAD_TIMESTAMP = "the timestamp is no number of seconds"
    STALE = "signed too long ago"
    FUTURE = "signed in the future"
    UNKNOWN_VERSION = "not a v0 signature"
    MISMATCH = "the signature does not match"


class ForgedError(Exception):
    """A request that is not to be believed.

    Args:
        reason: What is wrong with it.
        detail: Which header, or how far the clocks are apart; never a signature or a secret.
    """

    def __init__(self, reason: Forgery, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason


def verify(
    raw_body: bytes,
    headers: Mapping[str, str],
    secret: str | Sequence[str],
    now: datetime,
) -> None:
    """Return when Slack signed the request at most five minutes from now.

    Args:
        raw_body: The body's bytes as they were received, before any parsing.
        headers: The request's headers; their names may be in any case.
        secret: The app's signing secret; several while it is being rotated.
        now: The present moment.

    Raises:
        ForgedError: It was not, and why.
        ValueError: There is no secret, or an empty one, which anybody could sign with.
    """
    secrets = [secret] if isinstance(secret, str) else list(secret)
    if not secrets or not all(known.strip() for known in secrets):
        raise ValueError("Slack's signing secret is empty: nothing could be verified with it")
    timestamp = _the_one(headers, TIMESTAMP)
    signature = _the_one(headers, SIGNATURE)
    _require_recent(timestamp, now)
    if not signature.startswith(f"{_VERSION}="):
        raise ForgedError(Forgery.UNKNOWN_VERSION)
    given = signature.encode(errors="replace")
    # Every secret is tried, whichever fits: the time taken tells nothing.
    fits = [hmac.compare_digest(_signed(raw_body, timestamp, known), given) for known in secrets]
    if not any(fits):
        raise ForgedError(Forgery.MISMATCH)


def _the_one(headers: Mapping[str, str], name: str) -> str:
    found = [value for key, value in headers.items() if key.lower() == name.lower()]
    if not found or not found[0]:
        raise ForgedError(Forgery.MISSING_HEADER, name)
    if len(found) > 1:
        raise ForgedError(Forgery.AMBIGUOUS_HEADER, name)
    return found[0]


def _require_recent(timestamp: str, now: datetime) -> None:
    if not _WHOLE_SECONDS.fullmatch(timestamp):
        raise ForgedError(Forgery.BAD_TIMESTAMP)
    age = now.timestamp() - int(timestamp)
    if age > TOLERANCE_SECONDS:
        raise ForgedError(Forgery.STALE, f"{age:.0f} s")
    if age < -TOLERANCE_SECONDS:
        raise ForgedError(Forgery.FUTURE, f"{-age:.0f} s")


def _signed(raw_body: bytes, timestamp: str, secret: str) -> bytes:
    base = f"{_VERSION}:{timestamp}:".encode() + raw_body
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return f"{_VERSION}={digest}".encode()
