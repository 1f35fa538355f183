"""conversations.*: channels and direct conversations.

https://docs.slack.dev/reference/methods/conversations.open, conversations.list,
conversations.info and conversations.history.
"""

from sagewarden_cli.slack.api.arguments import Arguments
from sagewarden_cli.slack.directory import Channel
from sagewarden_cli.slack.errors import SlackRefusal
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
    channel = _channel(workspace, given.required("channel"))
    found = [
        message.payload()
        for message in workspace.messages.of(channel.id)
        if message.only_for is None and message.thread_ts is None
    ]
    if not given.flag("include_all_metadata"):
        found = [{key: item[key] for key in item if key != "metadata"} for item in found]
    page, cursor = given.page(found[::-1])
    more = {"response_metadata": {"next_cursor": cursor}} if cursor else {}
    return {"messages": page, "has_more": bool(cursor), **more}


def _channel(workspace: Workspace, channel_id: str) -> Channel:
    channel = workspace.directory.channels.get(channel_id)
    if channel is None:
        raise SlackRefusal("channel_not_found")
    return channel
