"""How requests are read and answers written, in each protocol that boto3's services speak.

JSON is what boto3 speaks to the services emulated here, and is written for speed. The query
protocol, which older SDKs speak to CloudWatch, goes through moto's own parser and serializer.
"""

import gzip
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl

from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.datastructures import CombinedMultiDict, MultiDict

from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.requests import AwsRequest, Environ, body_of

type Answer = tuple[int, list[tuple[str, str]], bytes]


class Codec(Protocol):
    """One protocol."""

    def read(self, request: AwsRequest, environ: Environ) -> dict[str, Any]:
        """Return the operation's parameters as sent, not yet checked."""
        ...

    def write(self, request: AwsRequest, result: dict[str, Any]) -> Answer:
        """Return the answer that carries a result."""
        ...

    def refuse(self, request: AwsRequest, error: AwsError) -> Answer:
        """Return the answer that carries an error."""
        ...


class JsonCodec:
    """AWS JSON 1.0 and 1.1."""

    def read(self, request: AwsRequest, environ: Environ) -> dict[str, Any]:
        """Return the body's object."""
        del request
        body = _plain_body(environ)
        sent: dict[str, Any] = json.loads(body) if body else {}
        return sent

    def write(self, request: AwsRequest, result: dict[str, Any]) -> Answer:
        """Return the result as JSON: moments as epoch seconds, absent members left out."""
        del request
        present = {name: value for name, value in result.items() if value is not None}
        return 200, [_CONTENT_TYPE], json.dumps(present, default=_epoch).encode()

    def refuse(self, request: AwsRequest, error: AwsError) -> Answer:
        """Return the error; query-compatible services carry their old code in a header."""
        headers = [_CONTENT_TYPE, ("x-amzn-errortype", error.shape)]
        if request.service == "cloudwatch":
            headers.append(("x-amzn-query-error", f"{error.code};Sender"))
        body = {"__type": error.shape, "message": error.message}
        return int(error.status), headers, json.dumps(body).encode()


class _Refusal(ServiceException):  # type: ignore[misc]  # moto publishes no types
    """An error in this module's name: of its own errors, moto insists that a service knows them."""


class QueryCodec:
    """AWS query, by way of moto."""

    def read(self, request: AwsRequest, environ: Environ) -> dict[str, Any]:
        """Return the parameters as moto's parser finds them."""
        body = _plain_body(environ)
        form = MultiDict(parse_qsl(body.decode(), keep_blank_values=True))
        parser = PROTOCOL_PARSERS[request.protocol](_moto_operation(request))
        parsed: dict[str, Any] = parser.parse(
            {
                "method": environ["REQUEST_METHOD"],
                "values": CombinedMultiDict([form]),
                "headers": {},
                "body": body,
                "url_path": environ["PATH_INFO"],
                "url_params": {},
            },
        )
        return parsed

    def write(self, request: AwsRequest, result: dict[str, Any]) -> Answer:
        """Return the result as moto's serializer writes it."""
        return self._serialized(request, result)

    def refuse(self, request: AwsRequest, error: AwsError) -> Answer:
        """Return the error as moto's serializer writes it."""
        known = _Refusal(error.shape, error.message)
        return self._serialized(request, known)

    def _serialized(self, request: AwsRequest, result: object) -> Answer:
        kind = get_serializer_class(request.service, request.protocol)
        answer = kind(operation_model=_moto_operation(request)).serialize(result)
        body = answer["body"]
        content = body if isinstance(body, bytes) else body.encode()
        headers = [(name, str(value)) for name, value in answer["headers"].items()]
        return int(answer["status_code"]), headers, content


class RestJsonCodec(QueryCodec):
    """REST JSON, by way of moto: parameters in the path, the query string and the body."""

    def read(self, request: AwsRequest, environ: Environ) -> dict[str, Any]:
        """Return the parameters as moto's router and parser find them."""
        parser = PROTOCOL_PARSERS[request.protocol](_moto_operation(request))
        _, in_path = get_service_router(request.service).match(Request(environ))
        parsed: dict[str, Any] = parser.parse(
            {
                "method": environ["REQUEST_METHOD"],
                "values": MultiDict(parse_qsl(environ.get("QUERY_STRING", ""))),
                "headers": {},
                "body": _plain_body(environ),
                "url_path": environ["PATH_INFO"],
                "url_params": in_path,
            },
        )
        return parsed


CODECS: Mapping[str, Codec] = {
    "json": JsonCodec(),
    "query": QueryCodec(),
    "rest-json": RestJsonCodec(),
}


_CONTENT_TYPE = ("Content-Type", "application/x-amz-json-1.1")


def _plain_body(environ: Environ) -> bytes:
    body = body_of(environ)
    return gzip.decompress(body) if environ.get("HTTP_CONTENT_ENCODING") == "gzip" else body


def _moto_operation(request: AwsRequest) -> Any:  # noqa: ANN401  # moto is untyped here
    return get_service_model(request.service).operation_model(request.operation)


def _epoch(value: object) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{value!r} cannot be part of an answer")
