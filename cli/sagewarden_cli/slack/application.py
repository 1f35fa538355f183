"""The local Slack over HTTP: the Web API, response URLs and the page."""

import json
import socket
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from sagewarden_cli.slack.errors import SlackRefusal
from sagewarden_cli.slack.interactions import Interactions
from sagewarden_cli.slack.page import Site
from sagewarden_cli.slack.page.site import Document
from sagewarden_cli.slack.web_api import Reply, Request, call, refused
from sagewarden_cli.slack.workspace import Workspace

type Environ = dict[str, Any]


class Application:
    """Answers HTTP requests.

    Args:
        workspace: What is asked about.
        interactions: Who takes what is sent to a response_url.
    """

    def __init__(self, workspace: Workspace, interactions: Interactions) -> None:
        self._workspace = workspace
        self._interactions = interactions
        self._site = Site(workspace, interactions)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one HTTP request."""
        family, _, rest = environ.get("PATH_INFO", "").lstrip("/").partition("/")
        request = _request(environ, rest)
        if family in {"", "page"}:
            document = self._site.answer(environ["REQUEST_METHOD"], request)
            return _send_document(document, start_response)
        if family == "api":
            reply = call(self._workspace, request)
        elif family == "response":
            reply = self._respond(request)
        else:
            reply = Reply(404, {"ok": False, "error": "not_found"})
        return _send(reply, environ, start_response)

    def _respond(self, request: Request) -> Reply:
        try:
            content = json.loads(request.body)
        except ValueError:
            return Reply(400, {"ok": False, "error": "invalid_payload"})
        with self._workspace.lock:
            try:
                self._interactions.respond(request.path, content)
            except SlackRefusal as refusal:
                return refused(refusal)
        return Reply(200, {"ok": True})


def _request(environ: Environ, path: str) -> Request:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_") or name == "CONTENT_TYPE"
    }
    body = environ["wsgi.input"].read(length)
    return Request(path, environ.get("QUERY_STRING", ""), headers, body)


def _send(reply: Reply, environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
    if reply.is_dropped:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError("a fault on demand: the connection ends without an answer")
    body = json.dumps(reply.body).encode()
    headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Content-Length", str(len(body))),
        *reply.headers.items(),
    ]
    start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", headers)
    return [body]


def _send_document(document: Document, start_response: Callable[..., Any]) -> list[bytes]:
    body = document.content.encode()
    status = document.status
    headers = [*document.headers, ("Content-Length", str(len(body)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]
