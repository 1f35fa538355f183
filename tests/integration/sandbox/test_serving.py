"""Connections to the sandbox: kept between requests, as AWS keeps them, and closed with it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection, RemoteDisconnected

import pytest

from sagewarden_cli.sandbox import Sandbox

pytestmark = pytest.mark.aws

CLOCK = "/sagewarden/clock"


@pytest.fixture
def connection(sandbox: Sandbox) -> Iterator[HTTPConnection]:
    connection = HTTPConnection("localhost", sandbox.port, timeout=10)
    yield connection
    connection.close()


def ask(connection: HTTPConnection, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    connection.request(method, path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_one_connection_serves_many_requests(connection: HTTPConnection) -> None:
    connection.connect()
    first = connection.sock

    answers = [ask(connection, "GET", CLOCK)[0] for _ in range(3)]

    assert answers == [200, 200, 200]
    assert connection.sock is first


def test_a_body_that_nobody_reads_is_not_taken_for_the_next_request(
    connection: HTTPConnection,
) -> None:
    ask(connection, "GET", CLOCK, b"GET /nowhere HTTP/1.1\r\n\r\n" * 100)

    status, said = ask(connection, "GET", CLOCK)

    assert (status, b"now" in said) == (200, True)


def test_an_answer_to_head_has_no_body(connection: HTTPConnection) -> None:
    ask(connection, "HEAD", "/a-bucket-that-is-not-there")

    assert ask(connection, "GET", CLOCK)[0] == 200


def test_what_fails_unforeseen_is_an_error_500_and_the_connection_goes_on(
    sandbox: Sandbox, connection: HTTPConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sandbox._server is not None

    def failing(*_: object) -> None:
        raise RuntimeError("as asked")

    with monkeypatch.context() as broken:
        broken.setattr(sandbox._server, "app", failing)
        failed, _ = ask(connection, "GET", CLOCK)

    assert failed == 500
    assert ask(connection, "GET", CLOCK)[0] == 200


def test_a_body_in_chunks_is_read_and_the_connection_closed(connection: HTTPConnection) -> None:
    body = iter([b'{"seconds"', b": 60}"])
    connection.request(
        "POST", CLOCK, body, {"Content-Type": "application/json"}, encode_chunked=True
    )

    answer = connection.getresponse()

    assert answer.status in {200, 400}
    assert answer.getheader("Connection") == "close"


def test_connections_end_with_the_sandbox() -> None:
    with Sandbox(now=datetime(2026, 11, 18, tzinfo=UTC)) as sandbox:
        kept = HTTPConnection("localhost", sandbox.port, timeout=10)
        assert ask(kept, "GET", CLOCK)[0] == 200

    with pytest.raises((RemoteDisconnected, ConnectionError)):
        ask(kept, "GET", CLOCK)
    kept.close()
