"""Which function answers which method."""

from collections.abc import Callable

from sagewarden_cli.slack.api import chat, conversations, modals, people
from sagewarden_cli.slack.api.arguments import Arguments
from sagewarden_cli.slack.schema import Json
from sagewarden_cli.slack.workspace import Workspace

METHODS: dict[str, Callable[[Workspace, Arguments], Json]] = {
    "auth.test": people.auth_test,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.postMessage": chat.post_message,
    "chat.update": chat.update,
    "conversations.history": conversations.history,
    "conversations.info": conversations.info,
    "conversations.list": conversations.list_conversations,
    "conversations.open": conversations.open_conversation,
    "conversations.replies": conversations.replies,
    "usergroups.list": people.list_groups,
    "usergroups.users.list": people.list_group_users,
    "users.info": people.user_info,
    "users.list": people.list_users,
    "users.lookupByEmail": people.lookup_by_email,
    "views.open": modals.open_view,
    "views.push": modals.push_view,
    "views.update": modals.update_view,
}
"""The methods of the Web API that are emulated."""
