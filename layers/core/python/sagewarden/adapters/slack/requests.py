"""What Slack sends when somebody clicks, submits a form or types a command.

Forms of the payloads: docs.slack.dev, "block_actions payload", "view_submission payload" and
"Implementing slash commands".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs

from sagewarden.adapters.slack.about import read_about
from sagewarden.domain.cards import Click
from sagewarden.domain.clicks import Asked, Command


class StrangeRequestError(ValueError):
    """A signed request has a form that is not known here; it says where."""


@dataclass(frozen=True, slots=True)
class OpenForm:
    """Somebody wants to fill in the form of an exemption.

    Attributes:
        trigger_id: What opens it, within three seconds.
        case_id: Of which case.
        channel: Where they clicked.
        user: Who.
        run: The run that had told them of it.
    """

    trigger_id: str
    case_id: str
    channel: str
    user: str
    run: str | None = None


@dataclass(frozen=True, slots=True)
class WrongForm:
    """A form that was filled in wrongly.

    Attributes:
        errors: What is wrong, by block.
    """

    errors: Mapping[str, str]


type Request = Asked | Command | OpenForm | WrongForm | None
"""None: nothing that anything follows from."""


def read_request(body: bytes, now: datetime) -> Request:
    """Read the body of a request that Slack signed.

    Args:
        body: The body as it came: a form.
        now: The present moment (aware, UTC).

    Raises:
        StrangeRequestError: It is none of the known forms.
    """
    try:
        fields = {key: values[-1] for key, values in parse_qs(body.decode()).items()}
        if "command" in fields:
            return _command(fields, now)
        payload = json.loads(fields["payload"])
        if payload["type"] == "view_submission":
            return _submitted(payload, now)
        return _clicked(payload, now) if payload["type"] == "block_actions" else None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise StrangeRequestError(f"{type(error).__name__}: {error}") from error


def _command(fields: Mapping[str, str], now: datetime) -> Command:
    return Command(
        words=fields.get("text", ""),
        user=fields["user_id"],
        name=fields["user_name"],
        channel=fields["channel_id"],
        at=now,
    )


def _clicked(payload: Mapping[str, Any], now: datetime) -> Request:
    action, user = payload["actions"][0], payload["user"]
    if action["action_id"] not in set(Click):
        return None
    click = Click(action["action_id"])
    channel, (case_id, run) = payload["channel"]["id"], read_about(str(action["value"]))
    if click is Click.EXEMPT:
        return OpenForm(payload["trigger_id"], case_id, channel, user["id"], run)
    name = user.get("username") or user["id"]
    return Asked(click, case_id, user["id"], name, channel, now, run=run)


def _submitted(payload: Mapping[str, Any], now: datetime) -> Request:
    view, user = payload["view"], payload["user"]
    if view["callback_id"] != Click.EXEMPT.value:
        return None
    values, about = view["state"]["values"], json.loads(view["private_metadata"])
    until = date.fromisoformat(values["until"]["until"]["selected_date"])
    why = str(values["why"]["why"]["value"]).strip()
    errors = {}
    if until < now.date():
        errors["until"] = "This day has passed."
    if not why:
        errors["why"] = "Say why."
    if errors:
        return WrongForm(errors)
    name = user.get("username") or user["id"]
    return Asked(
        click=Click.EXEMPT,
        case_id=about["case"],
        user=user["id"],
        name=name,
        channel=about["channel"],
        at=now,
        until=until,
        why=why,
        run=about.get("run"),
    )
