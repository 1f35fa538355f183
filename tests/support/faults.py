"""Faults of AWS, injected where the SDK sends its requests or where the sandbox answers them."""

import io
import json
from collections.abc import Callable, Iterable
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from sagewarden.adapters.sessions import Sessions
from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.observation import ObservedCall


class _Body(io.BytesIO):
    def stream(self, **_: object) -> Iterable[bytes]:
        yield self.read()


def answer_with_error(
    sessions: Sessions,
    service: str,
    operation: str,
    code: str,
    *,
    region: str = "us-east-1",
    after: int = 0,
) -> None:
    """Let every call of an operation fail, after some that do not.

    Args:
        sessions: The sessions whose client is spoilt.
        service: boto3's name of the service.
        operation: The API operation.
        code: The error code, for example ``AccessDeniedException``.
        region: The client's region.
        after: How many calls succeed first.
    """
    seen = 0

    def fail(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        nonlocal seen
        seen += 1
        if seen <= after:
            return None
        body = json.dumps({"__type": code, "message": f"injected {code}"}).encode()
        headers = HTTPHeaders()
        headers["x-amzn-errortype"] = code
        return AWSResponse(request.url, 400, headers, _Body(body))

    client = sessions.client(service, region)
    client.meta.events.register(f"before-send.*.{operation}", fail)


def refusing(
    which: Callable[[ObservedCall], bool], code: str = "AccessDeniedException"
) -> Callable[[ObservedCall], None]:
    """What watches the sandbox's calls and lets some of them fail."""

    def refuse(call: ObservedCall) -> None:
        if which(call):
            raise AwsError(code, "injected")

    return refuse
