"""views.*: modals.

https://docs.slack.dev/reference/methods/views.open, views.push and views.update.
"""

from sagewarden_cli.slack.api.arguments import Arguments
from sagewarden_cli.slack.errors import SlackRefusal
from sagewarden_cli.slack.schema import Json
from sagewarden_cli.slack.workspace import Workspace


def open_view(workspace: Workspace, given: Arguments) -> Json:
    """Open a modal for the person who triggered it."""
    trigger = workspace.tickets.take_trigger(given.required("trigger_id"))
    view = workspace.views.open(trigger.user, given.raw("view"))
    workspace.changed()
    return {"view": view.payload()}


def push_view(workspace: Workspace, given: Arguments) -> Json:
    """Open a modal on top of the one in which it was triggered."""
    trigger = workspace.tickets.take_trigger(given.required("trigger_id"))
    view = workspace.views.push(trigger.user, given.raw("view"), trigger.root_view)
    workspace.changed()
    return {"view": view.payload()}


def update_view(workspace: Workspace, given: Arguments) -> Json:
    """Replace what an open modal shows."""
    view = workspace.views.find(given.raw("view_id"), given.raw("external_id"))
    if "hash" in given and given.text("hash") != view.hash:
        raise SlackRefusal("hash_conflict")
    workspace.views.update(view, given.raw("view"))
    workspace.changed()
    return {"view": view.payload()}
