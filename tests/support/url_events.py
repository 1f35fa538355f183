"""Requests as a Function URL passes them."""

import base64
from typing import Any

from sagewarden_cli.slack import SignedRequest


def a_url_event(request: SignedRequest, method: str = "POST") -> dict[str, Any]:
    """A request as a Function URL passes it: header names in lower case, the body in base64."""
    return {
        "version": "2.0",
        "rawPath": "/",
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "requestContext": {"http": {"method": method, "path": "/"}},
        "body": base64.b64encode(request.body).decode(),
        "isBase64Encoded": True,
    }
