"""chat.*: messages.

Arguments, errors and semantics: https://docs.slack.dev/reference/methods/chat.postMessage,
chat.update and chat.postEphemeral.
"""

from typing import Any

from sagewarden_cli.slack.api.arguments import Arguments
from sagewarden_cli.slack.blocks import message_blocks
from sagewarden_cli.slack.directory import BOT_USER_ID, Channel
from sagewarden_cli.slack.errors import SlackRefusal
from sagewarden_cli.slack.messages import Message
from sagewarden_cli.slack.schema import Json
from sagewarden_cli.slack.workspace import Workspace

POST_TEXT = 40_000
"""Characters of a message's text; Slack cuts off what is longer, and we refuse it."""
ADVISED_TEXT = 4_000
"""Characters that Slack advises to keep to, and the most that chat.update takes."""


def post_message(workspace: Workspace, given: Arguments) -> Json:
    """Post a message to a channel, or to a person directly."""
    channel = _place(workspace, given.required("channel"))
    workspace.limits.count_post(channel.id)
    text, blocks = _content(given, POST_TEXT)
    thread = _thread(workspace, channel, given.text("thread_ts"))
    metadata = given.raw("metadata") if isinstance(given.raw("metadata"), dict) else None
    message = workspace.post(channel, text, blocks, thread_ts=thread, metadata=metadata)
    answer: Json = {"channel": channel.id, "ts": message.ts, "message": message.payload()}
    if len(text) > ADVISED_TEXT:
        advice = f"[WARN] text should be no longer than {ADVISED_TEXT} characters"
        answer["response_metadata"] = {"messages": [advice]}
    return answer


def post_ephemeral(workspace: Workspace, given: Arguments) -> Json:
    """Post a message that one person of a channel sees."""
    channel = _place(workspace, given.required("channel"))
    person = workspace.directory.users.get(given.required("user"))
    if person is None or person.id not in channel.members:
        raise SlackRefusal("user_not_in_channel")
    text, blocks = _content(given, POST_TEXT)
    thread = _thread(workspace, channel, given.text("thread_ts"))
    message = workspace.post(channel, text, blocks, thread_ts=thread, only_for=person.id)
    return {"message_ts": message.ts}


def update(workspace: Workspace, given: Arguments) -> Json:
    """Replace what a message of the app's says.

    Without blocks, those that it had go when a text is given.
    """
    channel = workspace.directory.channels.get(given.required("channel"))
    if channel is None:
        raise SlackRefusal("channel_not_found")
    message = workspace.messages.find(channel.id, given.required("ts"))
    if message is None or message.only_for is not None:
        raise SlackRefusal("message_not_found")
    if not message.is_by_bot:
        raise SlackRefusal("cant_update_message")
    if channel.is_archived:
        raise SlackRefusal("is_archived")
    text, blocks = _content(given, ADVISED_TEXT)
    replace(workspace, message, text, blocks)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": message.payload(),
    }


def replace(workspace: Workspace, message: Message, text: str, blocks: list[Json]) -> None:
    """Change what a message says, now."""
    message.change(text, blocks, workspace.clock.now())
    workspace.changed()


def content_of(values: Any) -> tuple[str, list[Json]]:  # noqa: ANN401 - any JSON
    """Return the text and blocks of an answer to an interaction.

    Raises:
        SlackRefusal: They are against the limits.
    """
    return _content(Arguments(values), POST_TEXT)


def _content(given: Arguments, most: int) -> tuple[str, list[Json]]:
    text = given.text("text")
    blocks = message_blocks(given.raw("blocks")) if "blocks" in given else []
    if not text and not blocks:
        raise SlackRefusal("no_text")
    if len(text) > most:
        raise SlackRefusal("msg_too_long")
    return text, blocks


def _place(workspace: Workspace, given: str) -> Channel:
    channel = _found(workspace, given)
    if channel.is_archived:
        raise SlackRefusal("is_archived")
    if BOT_USER_ID not in channel.members:
        raise SlackRefusal("not_in_channel")
    return channel


def _found(workspace: Workspace, given: str) -> Channel:
    """Return a channel by id or name, or the conversation with the person of a user id."""
    person = workspace.directory.users.get(given)
    if person is not None and not person.deleted and not person.is_bot:
        return workspace.directory.open_im(person)
    try:
        return workspace.directory.channel(given)
    except KeyError as missing:
        raise SlackRefusal("channel_not_found") from missing


def _thread(workspace: Workspace, channel: Channel, thread_ts: str) -> str | None:
    """Return the message that starts the thread, also when one of its replies is named."""
    if not thread_ts:
        return None
    parent = workspace.messages.find(channel.id, thread_ts)
    if parent is None:
        raise SlackRefusal("thread_not_found")
    return parent.thread_ts or parent.ts
