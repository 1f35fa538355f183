"""Post messages in Slack, change them, and reply to them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from slack_sdk import WebClient

from sagewarden.adapters.slack.asking import asking
from sagewarden.adapters.slack.blocks import Message, message
from sagewarden.adapters.slack.readers import SlackReaders
from sagewarden.adapters.slack.replies import reply
from sagewarden.adapters.slack.texts import CATALOGUE, Language
from sagewarden.application.messaging import Reader, UndeliverableError
from sagewarden.domain.cards import Card
from sagewarden.domain.notices import News, Posted, Shown

if TYPE_CHECKING:
    from sagewarden.application.messaging import Told

EVENT_TYPE: Final = "sagewarden_notice"
"""The type of our messages' metadata, by which one is found again."""

_PAGES: Final = 10
"""Of a hundred messages each, as many as are looked through for one that may have been posted."""


class SlackMessenger:
    """The messenger port on Slack's Web API.

    Args:
        client: A client with a bot token.
        readers: Finds who is told.
    """

    def __init__(self, client: WebClient, readers: SlackReaders) -> None:
        self._client = client
        self._readers = readers

    def reader(self, owner: str | None, team: str | None = None) -> Reader:
        """Find who reads what concerns an owner and a team.

        Raises:
            NotNowError: Slack does not answer for now.
            UndeliverableError: Nobody was found, and there is no fallback.
        """
        return self._readers.reader(owner, team)

    def channel(self, name: str | None) -> Reader:
        """Who reads a channel; the fallback channel where none is named.

        Raises:
            UndeliverableError: There is no fallback.
        """
        return self._readers.channel(name)

    def post(self, reader: Reader, cards: Sequence[Card], keys: Sequence[str]) -> Posted:
        """Post a message.

        Raises:
            NotNowError: Slack refused it for now, or its answer was lost.
            UndeliverableError: Slack will never take it there.
        """
        laid_out = message(cards, Language.of_locale(reader.locale), reader.group)
        return self._post(reader, laid_out, _marked(keys, _run_of(cards)))

    def post_letter(self, reader: Reader, letter: "Told", key: str) -> Posted:
        """Post a digest or a week's advice.

        Raises:
            NotNowError: Slack refused it for now, or its answer was lost.
            UndeliverableError: Slack will never take it there.
        """
        from sagewarden.adapters.slack.letter_blocks import letter_message  # noqa: PLC0415 - weekly

        laid_out = letter_message(letter, Language.of_locale(reader.locale))
        return self._post(reader, laid_out, _marked([key], letter.run))

    def _post(self, reader: Reader, laid_out: Message, metadata: dict[str, Any]) -> Posted:
        with asking(f"a message to {reader.channel}"):
            answer = self._client.chat_postMessage(
                channel=reader.channel,
                text=laid_out.text,
                blocks=laid_out.blocks,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
            )
        return Posted(answer["channel"], answer["ts"])

    def find(self, reader: Reader, keys: Sequence[str]) -> Mapping[str, tuple[Posted, int]]:
        """Find what was posted under some keys among the reader's thousand latest messages.

        A channel that many are told in, as the fallback channel is, takes one message a second: a
        quarter of an hour's worth may stand between an attempt and the next.

        Raises:
            NotNowError: Slack does not answer for now.
            UndeliverableError: The channel cannot be read.
        """
        channel = self._channel_id(reader)
        found: dict[str, tuple[Posted, int]] = {}
        for item in self._latest(channel):
            for place, key in enumerate(_keys_of(item)):
                if key in keys:
                    found.setdefault(key, (Posted(channel, item["ts"]), place))
            if found.keys() >= set(keys):
                break
        return found

    def update(self, shown: Shown, cards: Sequence[Card]) -> None:
        """Let the message of a card show its cards' present state.

        Raises:
            NotNowError: Slack refused it for now, or its answer was lost.
            UndeliverableError: The message is gone, or can no longer be changed.
        """
        posted = shown.posted
        laid_out = message(cards, Language.of_locale(shown.locale), shown.group)
        with asking(f"message {posted.ts} in {posted.channel}"):
            self._client.chat_update(
                channel=posted.channel,
                ts=posted.ts,
                text=laid_out.text,
                blocks=laid_out.blocks,
            )

    def reply(self, shown: Shown, news: Sequence[News], key: str) -> None:
        """Say in the thread of a card's message what is new there.

        Raises:
            NotNowError: Slack refused it for now, or its answer was lost.
            UndeliverableError: Slack will never take it there.
        """
        posted, words = shown.posted, CATALOGUE[Language.of_locale(shown.locale)]
        with asking(f"a reply to {posted.ts} in {posted.channel}"):
            self._client.chat_postMessage(
                channel=posted.channel,
                thread_ts=posted.ts,
                text=reply(news, words, shown),
                metadata=_marked([key], _run_of(one.card for one in news)),
                unfurl_links=False,
                unfurl_media=False,
            )

    def replied(self, posted: Posted, key: str) -> bool:
        """Whether a reply to a message was posted under a key.

        Slack's reference says that bots may not read the threads of channels, though it grants
        them the scopes. Where it is refused the answer is no: better told twice than never.

        Raises:
            NotNowError: Slack does not answer for now.
        """
        try:
            return any(key in _keys_of(item) for item in self._thread(posted))
        except UndeliverableError:
            return False

    def _thread(self, posted: Posted) -> Iterator[dict[str, Any]]:
        with asking(f"the thread of {posted.ts} in {posted.channel}"):
            for page in self._client.conversations_replies(
                channel=posted.channel, ts=posted.ts, limit=200, include_all_metadata=True
            ):
                yield from page["messages"]

    def _latest(self, channel: str) -> Iterator[dict[str, Any]]:
        """The messages of a channel, the newest first, replies left out."""
        with asking(f"the messages of {channel}"):
            pages = self._client.conversations_history(
                channel=channel, limit=100, include_all_metadata=True
            )
            for page in islice(pages, _PAGES):
                yield from page["messages"]

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


def _run_of(cards: Iterable[Card]) -> str | None:
    return next((card.run for card in cards if card.run is not None), None)


def _marked(keys: Sequence[str], run: str | None) -> dict[str, Any]:
    """The metadata by which what a message of ours says is found again, and which run says it."""
    payload = {"keys": list(keys), **({"run": run} if run else {})}
    return {"event_type": EVENT_TYPE, "event_payload": payload}


def _keys_of(item: Mapping[str, Any]) -> Sequence[str]:
    """The keys of a message, where it is ours."""
    metadata = item.get("metadata", {})
    if metadata.get("event_type") != EVENT_TYPE:
        return ()
    keys: Sequence[str] = metadata["event_payload"].get("keys", ())
    return keys
