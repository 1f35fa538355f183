"""Asking Slack's Web API for something: what it answers is told in our own errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from slack_sdk.errors import SlackApiError, SlackClientError

from sagewarden.application.messaging import NotNowError, UndeliverableError
from sagewarden.application.ports import Clock

_TOO_MANY_REQUESTS = 429
_SERVERS_FAULT = 500
_PASSING = {
    "ratelimited",
    "rate_limited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
    "org_login_required",
}
"""Errors that Slack documents as temporary (chat.postMessage, "Errors")."""

_OURS_TO_MEND = {
    "not_authed",
    "invalid_auth",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "missing_scope",
    "access_denied",
    "accesslimited",
    "ekm_access_denied",
}
"""What says that our app, its secret or the workspace is wrong: messages wait until it is mended.

The account of ``account_inactive`` is the token's own, a bot or workspace that was deactivated.
"""


class Pause:
    """How long Slack wants not to be asked something: nobody asks it meanwhile.

    A limit of a method holds for the whole workspace. Without this, each line of a long queue would
    ask for itself, and be refused.

    Args:
        clock: Tells the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: datetime | None = None

    @contextmanager
    def kept(self, what: str) -> Iterator[None]:
        """Ask only when Slack answers, and remember when it says that it does not.

        Raises:
            NotNowError: It is too early, or Slack says so.
        """
        now = self._clock.now()
        if self._until is not None and now < self._until:
            raise NotNowError(f"{what}: rate limited", self._until - now)
        try:
            yield
        except NotNowError as error:
            if error.after is not None:
                self._until = self._clock.now() + error.after
            raise


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
