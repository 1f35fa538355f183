"""The page's requests: what is shown, and what the person does with it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from sagewarden_cli.slack.delivery import Acknowledgement
from sagewarden_cli.slack.element_values import options_of
from sagewarden_cli.slack.errors import SlackRefusal
from sagewarden_cli.slack.interactions import Interactions
from sagewarden_cli.slack.page.mrkdwn import mrkdwn, plain
from sagewarden_cli.slack.page.view_model import colour_of, confirm_of, initial_of, page_state
from sagewarden_cli.slack.schema import Json
from sagewarden_cli.slack.web_api import Request
from sagewarden_cli.slack.workspace import Workspace

_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "connect-src 'self'; img-src https: data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_FILES = {"slack.css": "text/css", "slack.js": "text/javascript"}
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, slots=True)
class Document:
    """A file or a page that goes back over HTTP."""

    status: HTTPStatus
    kind: str
    content: str

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Its headers: nothing from elsewhere is loaded, nothing is kept."""
        return [
            ("Content-Type", f"{self.kind}; charset=utf-8"),
            ("Content-Security-Policy", _POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ]


class Site:
    """Serves the page.

    Args:
        workspace: What is shown.
        interactions: Who carries out what people do.
    """

    def __init__(self, workspace: Workspace, interactions: Interactions) -> None:
        self._workspace = workspace
        self._interactions = interactions
        self._deeds: dict[str, Callable[[Json], Acknowledgement | None]] = {
            "click": self._click,
            "submit": self._submit,
            "close": self._close,
            "say": self._say,
        }

    def answer(self, method: str, request: Request) -> Document:
        """Answer a request of the page's; only from this machine, and deeds only as JSON."""
        host = request.headers.get("host", "").rpartition(":")[0]
        if host not in _LOOPBACK:
            return _error(HTTPStatus.FORBIDDEN, "only this machine may look")
        name = request.path.removeprefix("page/")
        if method == "GET":
            return self._shown(name, request)
        if request.headers.get("content-type") != "application/json":
            return _error(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send JSON")
        deed = self._deeds.get(name)
        if method != "POST" or deed is None:
            return _error(HTTPStatus.NOT_FOUND, f"nothing is called {name}")
        return self._done(deed, request)

    def _shown(self, name: str, request: Request) -> Document:
        if name in _FILES:
            text = files(__package__).joinpath(name).read_text(encoding="utf-8")
            return Document(HTTPStatus.OK, _FILES[name], text)
        if name == "changes":
            return _json({"changes": self._workspace.changes})
        if name:
            return _error(HTTPStatus.NOT_FOUND, f"nothing is called {name}")
        with self._workspace.lock:
            try:
                state = page_state(self._workspace, dict(parse_qsl(request.query)))
            except KeyError as missing:
                return _error(HTTPStatus.NOT_FOUND, str(missing.args[0]))
            content = _template().render(state=state, query=dict(parse_qsl(request.query)))
        return Document(HTTPStatus.OK, "text/html", content)

    def _done(self, deed: Callable[[Json], Acknowledgement | None], request: Request) -> Document:
        try:
            answer = deed(json.loads(request.body))
        except (KeyError, SlackRefusal, TypeError, ValueError) as wrong:
            return _json({"ok": False, "error": str(wrong.args[0])})
        if answer is None or answer.is_ok:
            return _json({"ok": True})
        told = f"the app answered {answer.status}" if answer.status else "the app did not answer"
        return _json({"ok": False, "error": told})

    def _click(self, sent: Json) -> Acknowledgement:
        directory = self._workspace.directory
        user, value = directory.user(sent["as"]), sent.get("value")
        if sent.get("view"):
            view = self._workspace.views.find(sent["view"], None)
            entered = sent.get("values", {})
            return self._interactions.click_in_view(view, sent["action_id"], value, entered)
        message = self._workspace.messages.find(sent["channel"], sent["ts"])
        if message is None:
            raise ValueError("the message is gone")
        block_id = sent["block_id"]
        return self._interactions.click(message, sent["action_id"], user, value, block_id)

    def _submit(self, sent: Json) -> Acknowledgement | None:
        view = self._workspace.views.find(sent["view"], None)
        try:
            return self._interactions.submit(view, sent["values"])
        except ValueError:
            if not view.errors:
                raise
            self._workspace.changed()  # the modal itself says what is missing
            return None

    def _close(self, sent: Json) -> Acknowledgement | None:
        return self._interactions.close(self._workspace.views.find(sent["view"], None))

    def _say(self, sent: Json) -> Acknowledgement | None:
        user = self._workspace.directory.user(sent["as"])
        channel = self._workspace.directory.channels[sent["channel"]]
        text = _as_typed(sent["text"].strip())
        if text.startswith("/"):
            name, _, rest = text.partition(" ")
            return self._interactions.command(name, rest.strip(), user, channel)
        thread = sent.get("thread") or None
        self._workspace.post(channel, text, user=user.id, thread_ts=thread)
        return None


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("sagewarden_cli.slack.page", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain": plain, "mrkdwn": mrkdwn, "colour": colour_of}
    environment.filters |= {"initial": initial_of, "confirm": confirm_of, "options": options_of}
    return environment.get_template("page.html.j2")


def _json(value: Any) -> Document:  # noqa: ANN401 - any JSON
    return Document(HTTPStatus.OK, "application/json", json.dumps(value))


def _error(status: HTTPStatus, told: str) -> Document:
    return Document(status, "text/plain", told)


def _as_typed(text: str) -> str:
    """Return a text as Slack's own client sends it: what a person types is no markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
