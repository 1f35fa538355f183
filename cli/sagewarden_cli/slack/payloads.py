"""The payloads of interactions, as Slack builds them.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload and
view-interactions-payload; https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from sagewarden_cli.slack.directory import APP_ID, TEAM_DOMAIN, TEAM_ID, Channel, User
from sagewarden_cli.slack.element_values import action_fields
from sagewarden_cli.slack.messages import Message
from sagewarden_cli.slack.schema import Json
from sagewarden_cli.slack.views import View

VERIFICATION_TOKEN = "deprecated-use-the-signature"  # noqa: S105 - Slack's old token; it protects nothing


def common(kind: str, user: User, trigger_id: str) -> Json:
    """Return what every payload has."""
    return {
        "type": kind,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": TEAM_ID,
        },
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "trigger_id": trigger_id,
    }


def of_message(message: Message, channel: Channel, response_url: str, state: Json) -> Json:
    """Return what block_actions says about the message that was acted on."""
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.only_for is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    shown = {} if message.only_for else {"message": message.payload()}
    return {
        "container": container,
        "channel": {"id": channel.id, "name": channel.name_in_payloads()},
        **shown,
        "state": {"values": state},
        "response_url": response_url,
    }


def of_view(view: View, state: Json) -> Json:
    """Return what block_actions says about the modal that was acted on."""
    return {"container": {"type": "view", "view_id": view.id}, "view": view.payload(state)}


def action(block: Json, element: Json, value: object, ts: str) -> Json:
    """Return the action itself: which element, and what was chosen."""
    return {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": ts,
        **action_fields(element, value),
    }


def command(
    name_and_text: tuple[str, str], user: User, channel: Channel, tickets: tuple[str, str]
) -> dict[str, str]:
    """Return the form of a slash command.

    Args:
        name_and_text: ``/name`` and what follows it.
        user: Who typed it.
        channel: Where.
        tickets: The trigger_id and the response_url.
    """
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel.name_in_payloads(),
        "user_id": user.id,
        "user_name": user.name,
        "command": name_and_text[0],
        "text": name_and_text[1],
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": tickets[1],
        "trigger_id": tickets[0],
    }
