"""Which operation of which service a request asks for, and on whose behalf."""

import io
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from moto.core.request import Request
from moto.core.routing import NotFound, get_service_router
from moto.iam.models import get_account_id_from

type Environ = dict[str, Any]

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_RPC_PATH = re.compile(r"^/service/[^/]+/operation/(\w+)/?$")
_BOTO3_NAMES = {
    "elasticfilesystem": "efs",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "tagging": "resourcegroupstaggingapi",
    "states": "stepfunctions",
}
_REST_NAMED = frozenset({"account", "savingsplans"})
"""REST-JSON services whose paths are the names of their operations, with all else in the body; the
first letter may be a small one there."""

_REST_ROUTED = frozenset({"lambda", "scheduler", "s3", "eks", "appconfig", "bedrock", "efs"})
_REST_JSON = frozenset({"eks", "bedrock", "efs", "lambda"})
"""Those of them that backends of ours answer, in REST JSON."""


@dataclass(frozen=True, slots=True)
class AwsRequest:
    """One signed API call.

    Attributes:
        service: boto3's name of the service.
        operation: AWS's name of the operation; the method and path where no name is to be found.
        protocol: ``json``, ``query`` or ``rest-json``; ``other`` for all others.
        region: The region it was signed for.
        account: The account of whoever signed it; moto's own header may name another.
        access_key: The id of the access key that signed it.
    """

    service: str
    operation: str
    protocol: str
    region: str
    account: str
    access_key: str

    @classmethod
    def of(cls, environ: Environ) -> "AwsRequest | None":
        """Read the request line and headers; None when it is not a signed API call."""
        signed = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        if signed is None:
            return None
        access_key, region, signing_name = signed.groups()
        service = _BOTO3_NAMES.get(signing_name, signing_name)
        protocol, operation = _protocol_and_operation(environ, service)
        account = environ.get("HTTP_X_MOTO_ACCOUNT_ID") or get_account_id_from(access_key)
        return cls(service, operation, protocol, region, account, access_key)


def body_of(environ: Environ) -> bytes:
    """Return a request's body and leave it readable for whoever comes next."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _protocol_and_operation(environ: Environ, service: str) -> tuple[str, str]:
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return "json", target.rpartition(".")[2]
    path = environ.get("PATH_INFO", "")
    if service in _REST_NAMED:
        name = path.strip("/")
        return "json", name[:1].upper() + name[1:]
    rpc = _RPC_PATH.match(path)
    if rpc:
        return "other", rpc.group(1)
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        action = parse_qs(body_of(environ).decode()).get("Action")
        if action:
            return "query", action[0]
    protocol = "rest-json" if service in _REST_JSON else "other"
    return protocol, _rest_operation(environ, service, path)


def _rest_operation(environ: Environ, service: str, path: str) -> str:
    if service in _REST_ROUTED:
        try:
            return str(get_service_router(service).match(Request(environ))[0].name)
        except (NotFound, NotImplementedError):
            pass
    return f"{environ.get('REQUEST_METHOD', 'GET')} {path}"
