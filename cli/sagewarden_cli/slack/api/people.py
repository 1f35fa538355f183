"""auth.test, users.* and usergroups.*: who is who.

https://docs.slack.dev/reference/methods/users.lookupByEmail, users.info, users.list,
usergroups.list and usergroups.users.list.
"""

from sagewarden_cli.slack.api.arguments import Arguments
from sagewarden_cli.slack.directory import BOT_ID, BOT_NAME, BOT_USER_ID, TEAM_DOMAIN, TEAM_ID
from sagewarden_cli.slack.errors import SlackRefusal
from sagewarden_cli.slack.schema import Json
from sagewarden_cli.slack.workspace import Workspace


def auth_test(workspace: Workspace, _given: Arguments) -> Json:
    """Say whose token it is."""
    return {
        "url": f"{workspace.base_url}/",
        "team": TEAM_DOMAIN,
        "user": BOT_NAME,
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def lookup_by_email(workspace: Workspace, given: Arguments) -> Json:
    """Find a person; those who were deactivated are not found. Nobody's locale is told."""
    wanted = given.required("email").casefold()
    for user in workspace.directory.users.values():
        if user.email.casefold() == wanted and not user.deleted:
            return {"user": _without_locale(user.payload(workspace.clock.now()))}
    raise SlackRefusal("users_not_found")


def user_info(workspace: Workspace, given: Arguments) -> Json:
    """Describe a person; the locale only when asked for it."""
    user = workspace.directory.users.get(given.required("user"))
    if user is None:
        raise SlackRefusal("user_not_found")
    shown = user.payload(workspace.clock.now())
    return {"user": shown if given.flag("include_locale") else _without_locale(shown)}


def list_users(workspace: Workspace, given: Arguments) -> Json:
    """List everybody, page by page."""
    now = workspace.clock.now()
    found = [user.payload(now) for user in workspace.directory.users.values()]
    page, cursor = given.page(found)
    if not given.flag("include_locale"):
        page = [_without_locale(shown) for shown in page]
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def list_groups(workspace: Workspace, given: Arguments) -> Json:
    """List the user groups."""
    with_users, with_count = given.flag("include_users"), given.flag("include_count")
    groups = [
        group.payload(with_users=with_users, with_count=with_count)
        for group in workspace.directory.groups.values()
        if given.flag("include_disabled") or not group.disabled
    ]
    return {"usergroups": groups}


def list_group_users(workspace: Workspace, given: Arguments) -> Json:
    """List who is in a user group."""
    group = workspace.directory.groups.get(given.required("usergroup"))
    if group is None or (group.disabled and not given.flag("include_disabled")):
        raise SlackRefusal("no_such_subteam")
    return {"users": list(group.members)}


def _without_locale(user: Json) -> Json:
    return {key: value for key, value in user.items() if key != "locale"}
