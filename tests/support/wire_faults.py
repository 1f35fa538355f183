"""What can be wrong with a wire to AWS or Slack: each kind of fault, as networks have it."""

import json
import re
from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from http import HTTPStatus

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from tests.support.wire import SLACK, Attempt, Send, an_answer

type Kind = Callable[[Attempt, Send], AWSResponse | None]
"""What becomes of an attempt that a fault strikes."""


class PowerCut(BaseException):
    """The function's process is gone: nothing of ours catches this."""


class Protocol(StrEnum):
    """How a service writes its errors."""

    JSON = "json"
    QUERY = "query"
    REST_XML = "rest-xml"
    SLACK = "slack"


def protocol_of(attempt: Attempt) -> Protocol:
    """How the service that an attempt goes to writes its errors."""
    if attempt.service == SLACK:
        return Protocol.SLACK
    if attempt.service == "s3":
        return Protocol.REST_XML
    return Protocol.QUERY if "Action=" in attempt.text else Protocol.JSON


def an_error(attempt: Attempt, status: HTTPStatus, code: str, message: str) -> AWSResponse:
    """A refusal in the protocol of its service."""
    url = attempt.request.url
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    match protocol_of(attempt):
        case Protocol.JSON:
            body = json.dumps({"__type": code, "message": message})
            return an_answer(url, status, [("x-amzn-errortype", code)], body.encode())
        case Protocol.QUERY:
            body = f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"
        case Protocol.REST_XML:
            body = error
        case Protocol.SLACK:
            return slack_says(attempt, code, status)
    return an_answer(url, status, [("Content-Type", "text/xml")], body.encode())


def slack_says(
    attempt: Attempt, code: str, status: HTTPStatus = HTTPStatus.OK, wait: int | None = None
) -> AWSResponse:
    """A refusal of Slack's: ``ok: false``, as a rule with HTTP 200 (its Web API's guide)."""
    body = json.dumps({"ok": False, "error": code}).encode()
    headers = [("Content-Type", "application/json; charset=utf-8")]
    headers += [("Retry-After", str(wait))] if wait is not None else []
    return an_answer(attempt.request.url, status, headers, body)


LONG, SHORT = 30, 1
"""For how many seconds Slack does not want to be asked: too long to be waited for, or not."""


def throttled(attempt: Attempt, send: Send) -> AWSResponse:
    """Too many calls."""
    del send
    if attempt.service == SLACK:
        return slack_says(attempt, "ratelimited", HTTPStatus.TOO_MANY_REQUESTS, LONG)
    code = {
        Protocol.JSON: "ThrottlingException",
        Protocol.QUERY: "Throttling",
        Protocol.REST_XML: "SlowDown",
    }[protocol_of(attempt)]
    if attempt.service == "s3":
        return an_error(attempt, HTTPStatus.SERVICE_UNAVAILABLE, code, "Reduce your request rate.")
    return an_error(attempt, HTTPStatus.BAD_REQUEST, code, "Rate exceeded")


def broken(attempt: Attempt, send: Send) -> AWSResponse:
    """AWS or Slack has an error of its own."""
    del send
    if attempt.service == SLACK:
        return slack_says(attempt, "internal_error", HTTPStatus.INTERNAL_SERVER_ERROR)
    return an_error(attempt, HTTPStatus.INTERNAL_SERVER_ERROR, "InternalFailure", "We are sorry.")


def garbled(attempt: Attempt, send: Send) -> AWSResponse:
    """A proxy answers in AWS's place, with a page of its own."""
    del send
    page, html = b"<html><h1>502 Bad Gateway</h1>", [("Content-Type", "text/html")]
    return an_answer(attempt.request.url, HTTPStatus.BAD_GATEWAY, html, page)


def denied(attempt: Attempt, send: Send) -> AWSResponse:
    """The role may not, or the app has not the scope."""
    del send
    if attempt.service == SLACK:
        return slack_says(attempt, "missing_scope")
    code = "AccessDenied" if protocol_of(attempt) is not Protocol.JSON else "AccessDeniedException"
    return an_error(attempt, HTTPStatus.FORBIDDEN, code, "User is not authorized to perform this")


def skewed(attempt: Attempt, send: Send) -> AWSResponse | None:
    """The machine's clock is wrong, so that AWS takes no signature of it; Slack asks for none."""
    del send
    if attempt.service == SLACK:
        return None
    code = {
        Protocol.JSON: "InvalidSignatureException",
        Protocol.QUERY: "SignatureDoesNotMatch",
        Protocol.REST_XML: "RequestTimeTooSkewed",
    }[protocol_of(attempt)]
    message = "Signature expired: 20261118T170000Z is now earlier than 20261118T172500Z"
    return an_error(attempt, HTTPStatus.FORBIDDEN, code, message)


def down(attempt: Attempt, send: Send) -> AWSResponse | None:
    """Slack is down; AWS is not."""
    del send
    if attempt.service != SLACK:
        return None
    return slack_says(attempt, "service_unavailable", HTTPStatus.SERVICE_UNAVAILABLE)


def revoked(attempt: Attempt, send: Send) -> AWSResponse:
    """Slack takes our token no more: the app or the workspace is deactivated."""
    del send
    return slack_says(attempt, "account_inactive")


def limited(attempt: Attempt, send: Send) -> AWSResponse:
    """Slack says in its answer's body, and without HTTP 429, that it is asked too often."""
    del send
    return slack_says(attempt, "ratelimited")


_NEVER = {
    "chat.postMessage": "channel_not_found",
    "chat.postEphemeral": "channel_not_found",
    "chat.update": "message_not_found",
    "views.open": "expired_trigger_id",
}


def turned_away(attempt: Attempt, send: Send) -> AWSResponse:
    """Slack will never take it there (the errors of each method's page)."""
    del send
    return slack_says(attempt, _NEVER.get(attempt.operation, "invalid_arguments"))


class Busy:
    """Every second call of each method is one too many, and Slack asks for a second's patience."""

    def __init__(self) -> None:
        self._calls: Counter[str] = Counter()

    def __call__(self, attempt: Attempt, send: Send) -> AWSResponse | None:
        """Nothing, or a short wait."""
        del send
        if attempt.service != SLACK:
            return None
        self._calls[attempt.operation] += 1
        if self._calls[attempt.operation] % 2 == 0:
            return None
        return slack_says(attempt, "ratelimited", HTTPStatus.TOO_MANY_REQUESTS, SHORT)


def reset(attempt: Attempt, send: Send) -> AWSResponse:
    """The connection breaks before the call arrives."""
    del send
    raise ConnectionClosedError(endpoint_url=attempt.request.url)


def lost(attempt: Attempt, send: Send) -> AWSResponse:
    """It is done, and its answer is lost."""
    send(attempt)
    raise ReadTimeoutError(endpoint_url=attempt.request.url)


def overtaken(attempt: Attempt, send: Send) -> None:
    """Another process does the same in between: what follows comes second."""
    del attempt, send


def colliding(attempt: Attempt, send: Send) -> AWSResponse:
    """DynamoDB turns a transaction away: another one is at the same item."""
    if attempt.operation != "TransactWriteItems":
        return throttled(attempt, send)
    code = "TransactionCanceledException"
    reasons = [{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}]
    body = {"__type": code, "message": "cancelled", "CancellationReasons": reasons}
    headers = [("x-amzn-errortype", code)]
    return an_answer(
        attempt.request.url, HTTPStatus.BAD_REQUEST, headers, json.dumps(body).encode()
    )


def cut_before(attempt: Attempt, send: Send) -> AWSResponse:
    """The process ends before it calls."""
    del attempt, send
    raise PowerCut


def cut_after(attempt: Attempt, send: Send) -> AWSResponse:
    """The process ends once its call is on its way."""
    send(attempt)
    raise PowerCut


TORN = "torn"
"""The token of a page that never comes."""

_TOKENS = {
    "resource-groups-tagging-api": "PaginationToken",
    "eks": "nextToken",
    "bedrock": "nextToken",
    "dynamodb": "LastEvaluatedKey",
}
"""How services name the token of the next page, where it is not NextToken."""


def torn(attempt: Attempt, send: Send) -> AWSResponse:
    """The first half of a list comes, and says that there is more; that never comes."""
    if TORN in attempt.text:
        return broken(attempt, send)
    answer = send(attempt)
    content = json.loads(answer.content)
    for name, found in content.items():
        if isinstance(found, list):
            content[name] = found[: len(found) // 2]
    key = {"pk": {"S": TORN}, "sk": {"S": TORN}}
    content[_TOKENS.get(attempt.service, "NextToken")] = (
        key if attempt.service == "dynamodb" else TORN
    )
    body = json.dumps(content).encode()
    return an_answer(attempt.request.url, answer.status_code, answer.headers.items(), body)


def denied_for(name: str) -> Kind:
    """The role may not touch, nor look at, one resource."""
    mentioned = re.compile(rf"\b{name}\b(?!-)")

    def deny(attempt: Attempt, send: Send) -> AWSResponse | None:
        own = attempt.service in {"dynamodb", "s3", "sns"}
        return None if own or not mentioned.search(attempt.text) else denied(attempt, send)

    return deny


class Lagging:
    """Lists show what there was when they were last asked for.

    Args:
        lists: Which calls are lists, by service and operation.
    """

    def __init__(self, lists: Callable[[str], bool]) -> None:
        self._lists = lists
        self._known: dict[str, tuple[int, list[tuple[str, str]], bytes]] = {}

    def __call__(self, attempt: Attempt, send: Send) -> AWSResponse | None:
        """What it was."""
        if not self._lists(f"{attempt.service}.{attempt.operation}"):
            return None
        asked = f"{attempt.operation} {attempt.text}"
        before = self._known.get(asked)
        now = send(attempt)
        headers = list(now.headers.items())
        self._known[asked] = (now.status_code, headers, now.content)
        return an_answer(attempt.request.url, *(before or self._known[asked]))
