"""One call of the Web API: who calls, is it too fast, does it fail, what is the answer.

https://docs.slack.dev/apis/web-api
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from sagewarden_cli.slack.api import METHODS
from sagewarden_cli.slack.api.arguments import Arguments
from sagewarden_cli.slack.errors import SlackRefusal
from sagewarden_cli.slack.faults import Fault
from sagewarden_cli.slack.schema import Json
from sagewarden_cli.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over HTTP.

    Attributes:
        status: The HTTP status.
        body: The answer.
        headers: Further headers.
        is_dropped: Whether the connection ends without an answer.
    """

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)
    is_dropped: bool = False


_DROPPED = Reply(0, {}, is_dropped=True)
_FAILURES = {
    Fault.INTERNAL: Reply(500, {"ok": False, "error": "internal_error"}),
    Fault.UNAVAILABLE: Reply(503, {"ok": False, "error": "service_unavailable"}),
    Fault.DROPPED: _DROPPED,
}


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request.

    Attributes:
        path: The path after the base URL; for the Web API, the method's name.
        query: The query string, in which a GET carries its arguments.
        headers: The headers, with names in lower case.
        body: The body.
    """

    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def call(workspace: Workspace, request: Request) -> Reply:
    """Answer one call of the Web API."""
    method = request.path
    with workspace.lock:
        workspace.calls.append(method)
        fault = workspace.faults.of_call()
        if fault in _FAILURES:
            return _FAILURES[fault]
        try:
            answer = _answered(workspace, request)
        except SlackRefusal as refusal:
            return refused(refusal)
        return _DROPPED if fault is Fault.LOST else Reply(200, {"ok": True, **answer})


def refused(refusal: SlackRefusal) -> Reply:
    """Return the answer to a call that is refused."""
    body: Json = {"ok": False, "error": refusal.code}
    if refusal.reasons:
        marked = [r if r.startswith("[") else f"[ERROR] {r}" for r in refusal.reasons]
        body["response_metadata"] = {"messages": marked}
        if refusal.code == "invalid_blocks":
            body["errors"] = refusal.reasons
    wait = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    return Reply(refusal.status, body, wait)


def _answered(workspace: Workspace, request: Request) -> Json:
    method = request.path
    function = METHODS.get(method)
    if function is None:
        raise SlackRefusal("unknown_method")
    values = _form(request.query) | _arguments(request)
    _require_token(workspace, request.headers.get("authorization", ""), values)
    workspace.limits.count(method)
    error = workspace.faults.refusal_of(method)
    if error is not None:
        raise SlackRefusal(error)
    return function(workspace, Arguments(values))


def _arguments(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            values = json.loads(request.body or b"{}")
        except ValueError as error:
            raise SlackRefusal("invalid_json") from error
        if not isinstance(values, dict):
            raise SlackRefusal("json_not_object")
        return values
    if kind in {"", "application/x-www-form-urlencoded"}:
        return _form(request.body.decode(errors="replace"))
    raise SlackRefusal("invalid_post_type")


def _form(encoded: str) -> dict[str, Any]:
    return dict(parse_qsl(encoded, keep_blank_values=True))


def _require_token(workspace: Workspace, authorization: str, values: Mapping[str, Any]) -> None:
    token = authorization.removeprefix("Bearer ").strip() or values.get("token")
    if not token:
        raise SlackRefusal("not_authed")
    if token != workspace.bot_token:
        raise SlackRefusal("invalid_auth")
