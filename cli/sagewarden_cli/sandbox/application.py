"""The sandbox's WSGI application: our backends first, then moto."""

import io
import threading
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from moto.moto_server.werkzeug_app import create_backend_app

from sagewarden_cli.sandbox.backends import BACKENDS
from sagewarden_cli.sandbox.codecs import CODECS, Answer
from sagewarden_cli.sandbox.control import Control
from sagewarden_cli.sandbox.errors import AwsError, NotEmulatedError
from sagewarden_cli.sandbox.remembering import Dispatcher
from sagewarden_cli.sandbox.requests import AwsRequest, Environ, body_of
from sagewarden_cli.sandbox.shapes import complaint_message, operation_model, read_params
from sagewarden_cli.sandbox.transactions import let_transactions_share
from sagewarden_cli.sandbox.world import World

let_transactions_share()

_ROUTES = {
    (backend.service, name): (backend, method)
    for backend in BACKENDS
    for name, method in backend.operations()
}
_REFUSES_UNMODELLED = frozenset({"sts"})
"""Services of the query protocol that answer with errors their models do not name: AccessDenied."""

_ONE_AT_A_TIME = frozenset({"dynamodb"})
"""Services of moto's for one caller at a time: a transaction there that fails puts the whole table
back as it was, and with it what others wrote meanwhile."""

_VALIDATION_CODES = {
    "cloudwatch": "ValidationError",
    "compute-optimizer": "InvalidParameterValueException",
    "pricing": "InvalidParameterException",
    "eks": "InvalidParameterException",
    "efs": "BadRequest",
    "organizations": "InvalidInputException",
    "resourcegroupstaggingapi": "InvalidParameterException",
}


class Application:
    """Answers what a backend of ours emulates, and hands everything else to moto untouched."""

    def __init__(self, world: World, control: Control) -> None:
        self._world = world
        self._control = control
        self._moto = Dispatcher(create_backend_app)
        self._turn = threading.Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one HTTP request."""
        if environ.get("PATH_INFO", "").startswith("/sagewarden/"):
            return _send(self._control.answer(environ), start_response)
        request = AwsRequest.of(environ)
        if request is not None:
            self._world.calls.record(request.service, request.operation)
            self._world.latency.wait()
            answer = self._observed(request, environ) or self._emulated(request, environ)
            if answer is not None:
                return _send(answer, start_response)
        alone = request is not None and request.service in _ONE_AT_A_TIME
        try:
            with self._turn if alone else nullcontext():
                body: Iterable[bytes] = self._moto(environ, start_response)
        except NotImplementedError as missing:
            return _send(_missing(request, missing), start_response)
        return body

    def _observed(self, request: AwsRequest, environ: Environ) -> Answer | None:
        """Tell observers of a call; the refusal of one that does not let it happen.

        A region that its account has not enabled refuses before anybody hears of it.
        """
        if self._world.organization.bars(request.account, request.region):
            return _refusal(request, _unknown_credentials(request))
        try:
            self._world.observers.tell(request, environ)
        except AwsError as refusal:
            return _refusal(request, refusal)
        return None

    def _emulated(self, request: AwsRequest, environ: Environ) -> Answer | None:
        route = _ROUTES.get((request.service, request.operation))
        codec = CODECS.get(request.protocol)
        here = self._world.at(request.account, request.region)
        if route is None or codec is None:
            with here.lock:
                here.settle()  # what is due may change what moto is about to show, such as alarms
            return None
        backend, method = route
        body = body_of(environ)
        try:
            params = self._params(request, codec.read(request, environ))
            with here.lock:
                here.settle()
                result = method(here.part(backend), params)
                here.settle()
            return codec.write(request, result)
        except AwsError as error:
            if request.service in _REFUSES_UNMODELLED:
                return _refusal(request, error)
            return codec.refuse(request, error)
        except NotEmulatedError:
            environ["wsgi.input"] = io.BytesIO(body)
            return None

    def _params(self, request: AwsRequest, sent: dict[str, Any]) -> dict[str, Any]:
        model = operation_model(request.service, request.operation)
        params, complaints = read_params(model.input_shape, sent)
        if complaints:
            code = _VALIDATION_CODES.get(request.service, "ValidationException")
            raise AwsError(code, complaint_message(complaints))
        return params


def _missing(request: AwsRequest | None, reason: NotImplementedError) -> Answer:
    """Say that nobody emulates the call, with 501: SDKs would retry a 500 for seconds."""
    what = f"{request.service}.{request.operation}" if request else "this request"
    message = f"Neither the sandbox nor moto emulates {what}: {reason}"
    return _refusal(request, AwsError("NotImplemented", message, HTTPStatus.NOT_IMPLEMENTED))


def _unknown_credentials(request: AwsRequest) -> AwsError:
    """How a region answers that does not know whose credentials these are."""
    message = "The security token included in the request is invalid."
    code = "InvalidClientTokenId" if request.protocol == "query" else "UnrecognizedClientException"
    return AwsError(code, message, HTTPStatus.FORBIDDEN)


def _refusal(request: AwsRequest | None, error: AwsError) -> Answer:
    """An error as every protocol's SDK reads it, whoever emulates the service."""
    if request is not None and request.protocol == "json":
        return CODECS["json"].refuse(request, error)
    if request is not None and request.protocol == "query":
        body = _QUERY_ERROR.format(code=escape(error.code), message=escape(error.message))
        return int(error.status), [("Content-Type", "text/xml")], body.encode()
    return int(error.status), [("x-amzn-errortype", error.code)], b""


_QUERY_ERROR = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    "<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"
)
"""As the AWS query protocol has errors (Smithy, "AWS query protocol", error responses)."""


def _send(answer: Answer, start_response: Callable[..., Any]) -> list[bytes]:
    status, headers, body = answer
    headers = [*headers, ("Content-Length", str(len(body)))]
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [body]
