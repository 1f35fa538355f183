"""Asking Slack's Web API for something: what it answers is told in our own errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from slack_sdk.errors import SlackApiError, SlackClientError

from sagewarden.application.messaging import NotNowError, UndeliverableError

_TOO_MANY_REQUESTS = 429
_SERVERS_FAULT = 500
_PASSING = {
    "ratelimited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "team_added_to_org",
}
"""Errors that Slack documents as temporary (chat.postMessage, "Errors")."""

_OURS_TO_MEND = {
    "not_authed",
    "invalid_auth",
    "token_revoked",
    "token_expired",
    "missing_scope",
}
"""What says that our app or its secret is wrong: messages wait until that is mended."""


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Turn what Slack answers into our own errors."""
    try:
        yield
    except SlackApiError as error:
        code = error.response.get("error", "unknown")
        status = error.response.status_code
        if status == _TOO_MANY_REQUESTS:
            seconds = int(error.response.headers.get("Retry-After", 1))
            raise NotNowError(f"{what}: rate limited", timedelta(seconds=seconds)) from error
        if status >= _SERVERS_FAULT or code in _PASSING | _OURS_TO_MEND:
            raise NotNowError(f"{what}: {code} ({status})") from error
        raise UndeliverableError(f"{what}: {_explained(error)}") from error
    except (SlackClientError, OSError) as error:
        raise NotNowError(f"{what}: {type(error).__name__}: {error}") from error


def _explained(error: SlackApiError) -> str:
    details = (error.response.get("response_metadata") or {}).get("messages") or []
    return "; ".join([str(error.response.get("error")), *map(str, details)])
