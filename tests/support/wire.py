"""The wire between the SDK and the sandbox, which fails as real ones do.

What botocore sends is answered in this process; its signatures and parsers, and our retries, are
the real ones. A fault stands at botocore's own ``before-send``: it sees each attempt, and may
refuse it, break the connection, or let it happen and lose the answer.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote, urlsplit

import botocore.endpoint
import botocore.session
import moto.backends
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.compat import HTTPHeaders
from botocore.loaders import Loader

from sagewarden.adapters.retries import ATTEMPTS, Retries
from sagewarden_cli.sandbox import Sandbox

SLACK = "slack"
"""What stands in the place of a service's id in an attempt to reach Slack."""

TICK = 0.002
"""How long a look at the simulated clock takes, in seconds: some time passes between two calls."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a call, on its way to AWS.

    Attributes:
        service: The service's id, as botocore's events spell it: ``sagemaker``, ``dynamodb``.
        operation: AWS's name of the operation.
        request: What is sent.
    """

    service: str
    operation: str
    request: AWSPreparedRequest

    @property
    def number(self) -> int:
        """1 for the first attempt, 2 for its first retry, and so on (``amz-sdk-request``)."""
        told = self.request.headers.get("amz-sdk-request", b"attempt=1")
        text = told.decode() if isinstance(told, bytes) else str(told)
        return int(text.partition("attempt=")[2].partition(";")[0])

    @property
    def text(self) -> str:
        """Everything that it says: path, query and body."""
        body = self.request.body or b""
        said = body if isinstance(body, bytes) else str(body).encode()
        return f"{unquote(self.request.url)} {said.decode(errors='replace')}"


type Send = Callable[[Attempt], AWSResponse]
"""Really sends an attempt."""

type Fault = Callable[[Attempt, Send], AWSResponse | None]
"""What becomes of an attempt; None leaves it alone."""


class _Body(io.BytesIO):
    def stream(self, **_: object) -> Iterable[bytes]:
        yield self.read()


def an_answer(
    url: str, status: int, headers: Iterable[tuple[str, str]], body: bytes
) -> AWSResponse:
    """An answer as botocore's own transport hands it over."""
    told = HTTPHeaders()
    for name, value in headers:
        told[name] = value
    return AWSResponse(url, status, told, _Body(body))


class Wire:
    """Carries what the SDK sends to the sandbox, and what slack_sdk sends to a local Slack.

    Attributes:
        fault: What is wrong with it now.
        watch: Sees each attempt that reaches AWS or Slack, before its effect.
        slack: The WSGI application that answers as Slack, where there is one.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._application = sandbox.application
        self.fault: Fault | None = None
        self.watch: Callable[[Attempt], object] | None = None
        self.slack: Any = None

    def carry(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        """Answer an attempt; a handler of ``before-send``."""
        service, operation = event_name.split(".")[1:]
        return self.answered(Attempt(service, operation, request))

    def answered(self, attempt: Attempt) -> AWSResponse:
        """What comes of an attempt."""
        answer = self.fault(attempt, self.send) if self.fault else None
        return answer if answer is not None else self.send(attempt)

    def send(self, attempt: Attempt) -> AWSResponse:
        """Let the sandbox or the local Slack answer."""
        if self.watch:
            self.watch(attempt)
        of_slack = attempt.service == SLACK
        return _served(self.slack if of_slack else self._application, attempt.request)

    def plain(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """Let the sandbox answer, whatever is wrong with the wire; unseen by anybody."""
        return _served(self._application, request)


def _served(application: Any, request: AWSPreparedRequest) -> AWSResponse:
    """What a WSGI application answers."""
    status: list[str] = []
    headers: list[tuple[str, str]] = []

    def start(line: str, given: list[tuple[str, str]], _: object = None) -> None:
        status.append(line)
        headers.extend(given)

    body = b"".join(application(_environ(request), start))
    return an_answer(request.url, int(status[0].split()[0]), headers, body)


def _environ(request: AWSPreparedRequest) -> dict[str, Any]:
    """A request as a WSGI server hands it over."""
    url = urlsplit(request.url)
    body: Any = request.body
    sent = body.read() if hasattr(body, "read") else body or b""
    content = sent if isinstance(sent, bytes) else str(sent).encode()
    uri = url.path + (f"?{url.query}" if url.query else "")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path),
        "RAW_URI": uri,
        "REQUEST_URI": uri,
        "QUERY_STRING": url.query,
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(url.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": url.netloc,
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    headers: Any = request.headers
    for name, value in headers.items():
        text = value.decode() if isinstance(value, bytes) else str(value)
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = text
        elif key != "CONTENT_LENGTH":
            environ[f"HTTP_{key}"] = text
    return environ


class SimulatedTime:
    """The clock of retries: whoever waits on it waits for nothing.

    Attributes:
        waited: For how many seconds retries and rate limits held somebody up.
    """

    def __init__(self) -> None:
        self._now = 1_700_000_000.0
        self.waited = 0.0

    def time(self) -> float:
        """The present moment; a look takes a little while."""
        self._now += TICK
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds
        self.waited += seconds


@contextmanager
def wired(wire: Wire) -> Iterator[SimulatedTime]:
    """Let the product's clients send over a wire, and their retries take no real time.

    Clients that are made within the ``with`` block are meant; service models are read once.
    """
    kind: Any = botocore.session.Session  # noqa: TID251 - no session is made, all of them are tapped
    create, loader, passing = kind.create_client, Loader(), SimulatedTime()

    def create_client(session: Any, *arguments: Any, **options: Any) -> BaseClient:
        client: BaseClient = create(session, *arguments, **options)
        ours = getattr(options.get("config"), "user_agent_extra", None) == "sagewarden"
        handler: Any = wire.carry if ours else wire.plain
        client.meta.events.register_last("before-send", handler)
        return client

    simulated: Any = SimpleNamespace(time=passing.time, sleep=passing.sleep)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "create_client", create_client)
        patch.setattr(botocore.session, "create_loader", lambda *_: loader)
        modules = tuple(moto.backends.list_of_moto_modules())  # it looks into its folder each time
        patch.setattr(moto.backends, "list_of_moto_modules", lambda: modules)
        patch.setattr(botocore.endpoint, "time", simulated)
        patch.setattr(Retries.__init__, "__defaults__", (passing.time, passing.sleep, ATTEMPTS))
        # Minutes lie between two sweeps, and their calls take no time.
        patch.setattr("sagewarden.adapters.described.ALARMS_FRESH_FOR", 0.0)
        yield passing
