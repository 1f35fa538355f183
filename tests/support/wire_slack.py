"""The wire between slack_sdk and a local Slack, which fails as the one to AWS does.

No port is opened: the local Slack answers in this process. A fault stands where slack_sdk opens a
URL: it may refuse a call, break its connection, or let it happen and lose the answer.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request
from urllib.response import addinfourl

import pytest
import slack_sdk.web.base_client
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from sagewarden_cli.slack import LocalSlack
from sagewarden_cli.slack.application import Application
from tests.support.wire import SLACK, Attempt, Wire

API_URL = "http://slack.test/api/"
"""Where the functions believe Slack to be."""


def hang(slack: LocalSlack, wire: Wire) -> None:
    """Let a local Slack that was not started answer at the end of a wire."""
    slack._workspace.base_url = "http://slack.test"  # in place of a port
    wire.slack = Application(slack._workspace, slack._interactions)


@contextmanager
def slack_wired(wire: Wire) -> Iterator[None]:
    """Let slack_sdk's clients send over a wire for as long as the ``with`` block lasts."""

    def opened(request: Request, **_: object) -> addinfourl:
        return _opened(wire, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slack_sdk.web.base_client, "urlopen", opened)
        yield


def _opened(wire: Wire, request: Request) -> addinfourl:
    headers = HTTPHeaders()
    for name, value in request.header_items():
        headers[name] = value
    url = request.full_url
    body: Any = request.data
    sent = AWSPreparedRequest(request.get_method(), url, headers, body, False)
    attempt = Attempt(SLACK, urlsplit(url).path.rpartition("/")[2], sent)
    try:
        answer = wire.answered(attempt)
    except ConnectionClosedError as error:
        raise ConnectionResetError(str(error)) from error
    except ReadTimeoutError as error:
        raise TimeoutError(str(error)) from error
    return _as_urllib_does(url, answer)


def _as_urllib_does(url: str, answer: AWSResponse) -> addinfourl:
    told = Message()
    for name, value in answer.headers.items():
        told[name] = value
    status, body = answer.status_code, io.BytesIO(answer.content)
    if status >= HTTPStatus.BAD_REQUEST:
        raise HTTPError(url, status, HTTPStatus(status).phrase, told, body)
    return addinfourl(body, told, url, status)
