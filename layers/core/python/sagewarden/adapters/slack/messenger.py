"""Post and change messages in Slack, and find who reads them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from sagewarden.adapters.slack.blocks import message
from sagewarden.adapters.slack.texts import Language
from sagewarden.application.messaging import NotNowError, Reader, UndeliverableError
from sagewarden.domain.cards import Card
from sagewarden.domain.notices import Posted

EVENT_TYPE: Final = "sagewarden_notice"
"""The type of our messages' metadata, by which one is found again."""

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

_NOBODY = {"users_not_found", "user_not_found", "user_disabled", "account_inactive"}


class SlackMessenger:
    """The messenger port on Slack's Web API.

    Args:
        client: A client with a bot token.
        fallback_channel: Who is told where no owner can be found: a channel's id or ``#name``.
        locale: The language of channels, as a locale.
    """

    def __init__(
        self, client: WebClient, fallback_channel: str | None, locale: str = "en-US"
    ) -> None:
        self._client = client
        self._fallback = fallback_channel
        self._locale = locale
        self._readers: dict[str, Reader | None] = {}

    def reader(self, owner: str | None) -> Reader:
        """Find an owner: by a Slack id, an e-mail address or a ``#channel``; else the fallback.

        Raises:
            NotNowError: Slack does not answer for now.
            UndeliverableError: Nobody was found, and there is no fallback.
        """
        if owner is not None and owner not in self._readers:
            self._readers[owner] = self._found(owner)
        found = self._readers.get(owner) if owner is not None else None
        if found is not None:
            return found
        if self._fallback is None:
            raise UndeliverableError(
                f"owner {owner!r} is nobody in Slack and the policy has no owners.fallback_channel"
            )
        return Reader(self._fallback, self._locale)

    def post(self, reader: Reader, cards: Sequence[Card], key: str) -> Posted:
        """Post a message.

        Raises:
            NotNowError: Slack refused it for now, or its answer was lost.
            UndeliverableError: Slack will never take it there.
        """
        laid_out = message(cards, Language.of_locale(reader.locale))
        with asking(f"a message to {reader.channel}"):
            answer = self._client.chat_postMessage(
                channel=reader.channel,
                text=laid_out.text,
                blocks=laid_out.blocks,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
                unfurl_links=False,
                unfurl_media=False,
            )
        return Posted(answer["channel"], answer["ts"])

    def find(self, reader: Reader, key: str) -> Posted | None:
        """Find one of the reader's hundred latest messages by its key.

        Raises:
            NotNowError: Slack does not answer for now.
            UndeliverableError: The channel cannot be read.
        """
        channel = self._channel_id(reader)
        with asking(f"the messages of {channel}"):
            history: dict[str, Any] = self._client.conversations_history(
                channel=channel, limit=100, include_all_metadata=True
            ).data  # type: ignore[assignment]  # bytes only for downloads
        for item in history["messages"]:
            metadata = item.get("metadata", {})
            if metadata.get("event_type") == EVENT_TYPE and metadata["event_payload"]["key"] == key:
                return Posted(channel, item["ts"])
        return None

    def update(self, posted: Posted, cards: Sequence[Card], locale: str) -> None:
        """Let a message show its cards' present state.

        Raises:
            NotNowError: Slack refused it for now, or its answer was lost.
            UndeliverableError: The message is gone, or can no longer be changed.
        """
        laid_out = message(cards, Language.of_locale(locale))
        with asking(f"message {posted.ts} in {posted.channel}"):
            self._client.chat_update(
                channel=posted.channel,
                ts=posted.ts,
                text=laid_out.text,
                blocks=laid_out.blocks,
            )

    def _found(self, owner: str) -> Reader | None:
        if owner.startswith("#"):
            return Reader(owner, self._locale)
        try:
            with asking(f"who {owner} is"):
                if "@" in owner[1:]:
                    user: dict[str, Any] = self._client.users_lookupByEmail(email=owner)["user"]
                elif owner[:1] in {"U", "W"} and owner.isalnum() and owner.isupper():
                    user = self._client.users_info(user=owner, include_locale=True)["user"]
                else:
                    return None
        except UndeliverableError as error:
            cause = error.__cause__
            if isinstance(cause, SlackApiError) and cause.response.get("error") in _NOBODY:
                return None
            raise
        return self._in_person(user)

    def _in_person(self, user: dict[str, Any]) -> Reader:
        with asking(f"a direct message to {user['id']}"):
            opened = self._client.conversations_open(users=[user["id"]])
        channel: str = opened["channel"]["id"]
        return Reader(channel, user.get("locale") or self._locale, user["id"])

    def _channel_id(self, reader: Reader) -> str:
        """The id of a channel that may be known by its name only."""
        if not reader.channel.startswith("#"):
            return reader.channel
        with asking(f"the channel {reader.channel}"):
            for page in self._client.conversations_list(limit=200, exclude_archived=True):
                for channel in page["channels"]:
                    if channel["name"] == reader.channel.removeprefix("#"):
                        return str(channel["id"])
        raise UndeliverableError(f"there is no channel {reader.channel} that the bot can see")


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
