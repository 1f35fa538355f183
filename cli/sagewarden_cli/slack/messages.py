"""The messages of the workspace, with what they said before."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sagewarden_cli.slack.directory import APP_ID, BOT_ID, BOT_USER_ID, TEAM_ID
from sagewarden_cli.slack.schema import Json


@dataclass(frozen=True, slots=True)
class Version:
    """What a message said until it was updated."""

    text: str
    blocks: list[Json]
    until: datetime


@dataclass(slots=True)
class Message:
    """One message as it stands, and how it came to that.

    Attributes:
        channel: The id of its channel or direct conversation.
        ts: Its timestamp, which is its name in the channel.
        user: The id of its author.
        text: The text; with blocks, what notifications show.
        blocks: The blocks as sent, each with its ids.
        thread_ts: The message that it answers.
        only_for: The id of the one person who sees it, for an ephemeral message.
        metadata: The metadata that it was posted with.
        history: What it said before, oldest first.
        edited: Whether Slack marks it as edited: it was updated without blocks.
        deleted: Whether it is gone.
    """

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    only_for: str | None = None
    metadata: Json | None = None
    history: list[Version] = field(default_factory=list)
    edited: bool = False
    deleted: bool = False

    @property
    def posted_at(self) -> datetime:
        """When it was posted."""
        return datetime.fromtimestamp(float(self.ts), UTC)

    @property
    def is_by_bot(self) -> bool:
        """Whether the app posted it."""
        return self.user == BOT_USER_ID

    def change(self, text: str, blocks: list[Json], at: datetime) -> None:
        """Replace what it says, and keep what it said."""
        self.history.append(Version(self.text, self.blocks, at))
        self.text, self.blocks = text, blocks
        self.edited = not blocks

    def payload(self) -> Json:
        """Return it as Slack does in answers and interaction payloads."""
        shown: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text}
        shown["team"] = TEAM_ID
        if self.is_by_bot:
            shown |= {"bot_id": BOT_ID, "app_id": APP_ID}
        if self.blocks:
            shown["blocks"] = self.blocks
        if self.thread_ts:
            shown["thread_ts"] = self.thread_ts
        if self.metadata:
            shown["metadata"] = self.metadata
        if self.edited:
            at = self.history[-1].until.timestamp()
            shown["edited"] = {"user": self.user, "ts": f"{int(at)}.000000"}
        return shown


class MessageStore:
    """Every message, in the order in which they were posted."""

    def __init__(self) -> None:
        self._messages: dict[tuple[str, str], Message] = {}

    def add(self, message: Message) -> Message:
        """Keep a message."""
        self._messages[message.channel, message.ts] = message
        return message

    def find(self, channel: str, ts: str) -> Message | None:
        """Return the message of that name, unless it is deleted or was never there."""
        found = self._messages.get((channel, ts))
        return None if found is None or found.deleted else found

    def of(self, channel: str) -> Iterator[Message]:
        """Yield the messages of a channel, ephemeral ones too, oldest first."""
        for message in list(self._messages.values()):
            if message.channel == channel and not message.deleted:
                yield message
