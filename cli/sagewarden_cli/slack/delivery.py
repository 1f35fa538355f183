"""Bringing interactions to the app: signed, and with Slack's three seconds of patience.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from slack_sdk.signature import SignatureVerifier

from sagewarden_cli.slack.clock import Clock
from sagewarden_cli.slack.schema import Json

PATIENCE_SECONDS = 3.0
"""How long Slack waits (docs.slack.dev/interactivity/handling-user-interaction), in real time."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as the app receives it.

    Attributes:
        headers: With the signature and its time.
        body: The form, as it was signed.
    """

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the app answered.

    Attributes:
        status: The HTTP status; 0 when there was no answer in time.
        text: The body.
    """

    status: int
    text: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether Slack takes it as understood."""
        return self.status == http.HTTPStatus.OK

    @property
    def json(self) -> Json:
        """The body as an object; empty when it is none."""
        try:
            value = json.loads(self.text)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


type Target = str | Callable[[SignedRequest], Acknowledgement]
"""Where interactions go: a URL, or in tests a function that stands for it."""


def signed(body: bytes, signing_secret: str, clock: Clock) -> SignedRequest:
    """Sign a request as Slack does; slack_sdk does the arithmetic."""
    timestamp = str(int(clock.now().timestamp()))
    verifier = SignatureVerifier(signing_secret)
    signature = verifier.generate_signature(timestamp=timestamp, body=body)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": str(signature),
    }
    return SignedRequest(headers, body)


def deliver(request: SignedRequest, target: Target) -> Acknowledgement:
    """Send a request, and return the answer; no answer in time is one of status 0."""
    if callable(target):
        return target(request)
    parts = urlsplit(target)
    secure = parts.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        connection.request("POST", path, request.body, dict(request.headers))
        answer = connection.getresponse()
        return Acknowledgement(answer.status, answer.read().decode(errors="replace"))
    except OSError as error:
        return Acknowledgement(0, str(error))
    finally:
        connection.close()
