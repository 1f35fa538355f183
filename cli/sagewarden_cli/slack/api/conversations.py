"""conversations.*: channels and direct conversations.

https://docs.slack.dev/reference/methods/conversations.open, conversations.list,
conversations.info, conversations.history and conversations.replies.
"""

from collections.abc import Iterator

from sagewarden_cli.slack.api.arguments import MOST_PER_PAGE, Arguments
from sagewarden_cli.slack.directory import BOT_USER_ID, Channel
from sagewarden_cli.slack.errors import SlackRefusal
from sagewarden_cli.slack.messages import Message
from sagewarden_cli.slack.schema import Json
from sagewarden_cli.slack.workspace import Workspace


def open_conversation(workspace: Workspace, given: Arguments) -> Json:
    """Open the direct conversation with one person; those with several are not emulated."""
    if "channel" in given:
        return {"channel": {"id": _channel(workspace, given.text("channel")).id}}
    names = [name for name in given.text("users").split(",") if name]
    if not names:
        raise SlackRefusal("users_list_not_supplied")
    if len(names) > 1:
        raise SlackRefusal("method_not_supported_for_channel_type")
    person = workspace.directory.users.get(names[0])
    if person is None:
        raise SlackRefusal("user_not_found")
    if person.deleted:
        raise SlackRefusal("user_disabled")
    before = len(workspace.directory.channels)
    channel = workspace.directory.open_im(person)
    is_old = before == len(workspace.directory.channels)
    again = {"no_op": True, "already_open": True} if is_old else {}
    shown = channel.payload() if given.flag("return_im") else {"id": channel.id}
    return {**again, "channel": shown}


def list_conversations(workspace: Workspace, given: Arguments) -> Json:
    """List channels, page by page."""
    kinds = given.text("types", "public_channel").split(",")
    found = [
        channel.payload()
        for channel in workspace.directory.channels.values()
        if channel.kind in kinds and not (given.flag("exclude_archived") and channel.is_archived)
    ]
    page, cursor = given.page(found)
    return {"channels": page, "response_metadata": {"next_cursor": cursor}}


def info(workspace: Workspace, given: Arguments) -> Json:
    """Describe a channel."""
    return {"channel": _channel(workspace, given.required("channel")).payload()}


def history(workspace: Workspace, given: Arguments) -> Json:
    """Show the messages of a channel that everybody sees, newest first, page by page.

    Replies belong to their threads; metadata is shown only where it is asked for.
    """
    channel = _readable(workspace, given)
    threads = _threads(workspace, channel)
    top = [message for message in _seen(workspace, channel) if message.thread_ts is None]
    return _page([_shown(message, threads) for message in reversed(top)], given, 100)


def replies(workspace: Workspace, given: Arguments) -> Json:
    """Show a thread, its first message first, page by page; one of its replies may name it."""
    channel = _readable(workspace, given)
    found = workspace.messages.find(channel.id, given.required("ts"))
    if found is None or found.only_for is not None:
        raise SlackRefusal("thread_not_found")
    first = found.thread_ts or found.ts
    threads = _threads(workspace, channel)
    thread = [one for one in _seen(workspace, channel) if first in {one.ts, one.thread_ts}]
    return _page([_shown(message, threads) for message in thread], given, MOST_PER_PAGE)


type _Threads = dict[str, list[Message]]


def _threads(workspace: Workspace, channel: Channel) -> _Threads:
    """The replies of a channel, oldest first, by the message that they answer."""
    found: _Threads = {}
    for message in _seen(workspace, channel):
        if message.thread_ts is not None:
            found.setdefault(message.thread_ts, []).append(message)
    return found


def _seen(workspace: Workspace, channel: Channel) -> Iterator[Message]:
    return (one for one in workspace.messages.of(channel.id) if one.only_for is None)


def _shown(message: Message, threads: _Threads) -> Json:
    """A message as lists show it: one that has replies tells how many, and the latest."""
    answers = threads.get(message.ts, [])
    if not answers:
        return message.payload()
    users = list(dict.fromkeys(answer.user for answer in answers))
    return message.payload() | {
        "thread_ts": message.ts,
        "reply_count": len(answers),
        "reply_users_count": len(users),
        "latest_reply": answers[-1].ts,
        "reply_users": users,
        "is_locked": False,
        "subscribed": False,
    }


def _page(found: list[Json], given: Arguments, default: int) -> Json:
    if not given.flag("include_all_metadata"):
        found = [{key: item[key] for key in item if key != "metadata"} for item in found]
    page, cursor = given.page(found, default)
    more = {"response_metadata": {"next_cursor": cursor}} if cursor else {}
    return {"messages": page, "has_more": bool(cursor), **more}


def _readable(workspace: Workspace, given: Arguments) -> Channel:
    """The channel whose messages are asked for; the bot reads those it is in."""
    channel = _channel(workspace, given.required("channel"))
    if BOT_USER_ID not in channel.members:
        raise SlackRefusal("channel_not_found" if channel.is_private else "not_in_channel")
    return channel


def _channel(workspace: Workspace, channel_id: str) -> Channel:
    channel = workspace.directory.channels.get(channel_id)
    if channel is None:
        raise SlackRefusal("channel_not_found")
    return channel
