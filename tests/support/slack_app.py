"""What tests of the local Slack share: an app that notes what it is sent, and blocks."""

import json
from typing import Any
from urllib.parse import parse_qs

from sagewarden_cli.slack import Acknowledgement, SignedRequest


class RecordingApp:
    """An app that answers as it was told to, and keeps what it received."""

    def __init__(self) -> None:
        self.requests: list[SignedRequest] = []
        self.answer: dict[str, Any] | str = ""
        self.status = 200

    def __call__(self, request: SignedRequest) -> Acknowledgement:
        self.requests.append(request)
        text = self.answer if isinstance(self.answer, str) else json.dumps(self.answer)
        return Acknowledgement(self.status, text)

    @property
    def form(self) -> dict[str, str]:
        """The fields of the last request."""
        fields = parse_qs(self.requests[-1].body.decode(), keep_blank_values=True)
        return {name: values[0] for name, values in fields.items()}

    @property
    def payload(self) -> dict[str, Any]:
        """The payload of the last interaction."""
        payload: dict[str, Any] = json.loads(self.form["payload"])
        return payload


def section(text: str = "hello", **further: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **further}


def button(action_id: str, text: str = "Click", **further: Any) -> dict[str, Any]:
    label = {"type": "plain_text", "text": text}
    return {"type": "button", "action_id": action_id, "text": label, **further}


def actions(*elements: dict[str, Any], **further: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **further}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(value: str, text: str | None = None) -> dict[str, Any]:
    return {"text": plain(text or value.title()), "value": value}


def select(action_id: str, *values: str, **further: Any) -> dict[str, Any]:
    options = [option(value) for value in values]
    return {"type": "static_select", "action_id": action_id, "options": options, **further}


def text_input(block_id: str, label: str = "Why", **further: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": f"{block_id}-text", **further}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element}


def modal(*blocks: dict[str, Any], title: str = "Exempt", **further: Any) -> dict[str, Any]:
    view = {"type": "modal", "title": plain(title), "submit": plain("Save"), "blocks": list(blocks)}
    return view | further
