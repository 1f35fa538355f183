"""Who somebody in Slack is, and what only they are told."""

from collections.abc import Iterator, Sequence
from typing import Any

from slack_sdk import WebClient

from sagewarden.adapters.slack.asking import asking
from sagewarden.adapters.slack.mrkdwn import escaped
from sagewarden.adapters.slack.readers import SlackReaders
from sagewarden.application.messaging import UndeliverableError

_LONGEST = 3_000
"""Of a section's text (its reference)."""


class SlackPeople:
    """The people port on Slack's Web API.

    Args:
        client: A client with a bot token.
        readers: Finds who an owner is.
    """

    def __init__(self, client: WebClient, readers: SlackReaders) -> None:
        self._client = client
        self._readers = readers

    def may_decide(self, user: str, owner: str | None, approvers: Sequence[str]) -> bool:
        """Whether somebody is or belongs to the owner, or to the approvers or their groups.

        Who cannot be found may not decide.

        Raises:
            NotNowError: Slack does not answer for now.
        """
        return self._owns(user, owner) or user in set(self._members(approvers))

    def whisper(self, channel: str, user: str, text: str) -> None:
        """Say something that one person of a channel sees; what people wrote stays text.

        Where the bot cannot speak, it is said to them directly.

        Raises:
            NotNowError: Slack does not answer for now.
            UndeliverableError: They cannot be written to either.
        """
        title, block = _plainly(text)
        try:
            with asking(f"an answer to {user} in {channel}"):
                self._client.chat_postEphemeral(
                    channel=channel, user=user, text=title, blocks=[block]
                )
        except UndeliverableError:
            with asking(f"an answer to {user}"):
                self._client.chat_postMessage(channel=user, text=title, blocks=[block])

    def announce(self, text: str) -> None:
        """Say something in the fallback channel; what people wrote stays text.

        Where the policy names none, or the bot may not speak there, nobody hears it in Slack.

        Raises:
            NotNowError: Slack does not answer for now.
        """
        title, block = _plainly(text)
        try:
            channel = self._readers.channel(None).channel
            with asking(f"an announcement in {channel}"):
                self._client.chat_postMessage(channel=channel, text=title, blocks=[block])
        except UndeliverableError:
            return

    def _owns(self, user: str, owner: str | None) -> bool:
        try:
            return self._readers.owns(user, owner)
        except UndeliverableError:
            return False

    def _members(self, approvers: Sequence[str]) -> Iterator[str]:
        """The ids of the people whom ids, ``@handles`` and ``@groups`` stand for."""
        handles = {name.removeprefix("@") for name in approvers}
        yield from (name for name in handles if name[:1] in {"U", "W"} and name.isupper())
        with asking("user groups"):
            groups = self._client.usergroups_list()["usergroups"]
        for group in groups:
            if group["handle"] in handles or group["id"] in handles:
                with asking(f"the members of @{group['handle']}"):
                    yield from self._client.usergroups_users_list(usergroup=group["id"])["users"]
        known = {group["handle"] for group in groups}
        if handles - known:
            yield from self._named(handles - known)

    def _named(self, handles: set[str]) -> Iterator[str]:
        with asking("people"):
            for page in self._client.users_list(limit=200):
                for person in page["members"]:
                    if person.get("name") in handles and not person.get("deleted"):
                        yield person["id"]


def _plainly(text: str) -> tuple[str, dict[str, Any]]:
    """A title for notifications, and a block with all of it: neither interprets anything."""
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    block = {"type": "section", "text": {"type": "plain_text", "text": shown}}
    return escaped(shown.partition("\n")[0][:150]), block
