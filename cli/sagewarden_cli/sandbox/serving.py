"""The HTTP server of the sandbox: as AWS's, it keeps connections open for the next request.

werkzeug's own closes each: a new connection and thread for every call cost a third of its time.
"""

import socket
import traceback
from collections.abc import Callable, Iterable
from http import HTTPStatus
from io import BytesIO
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.exceptions import InternalServerError
from werkzeug.serving import ThreadedWSGIServer

_WITHOUT_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}

type Head = tuple[str, list[tuple[str, str]]]


class KeepingServer(ThreadedWSGIServer):  # type: ignore[misc]  # werkzeug is not followed
    """Serves a WSGI application, and closes what it kept open when it is closed."""

    def __init__(self, host: str, port: int, app: Callable[..., Iterable[bytes]]) -> None:
        self.kept: set[socket.socket] = set()
        super().__init__(host, port, app, handler=KeepingRequestHandler)

    def server_close(self) -> None:
        """Close the port, and every connection that a client still holds."""
        super().server_close()
        for connection in list(self.kept):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # its client was first


class KeepingRequestHandler(MotoRequestHandler):  # type: ignore[misc]  # moto publishes no types
    """Answers the requests of one connection; logs nothing, and sends small answers at once."""

    disable_nagle_algorithm = True
    server: KeepingServer

    def setup(self) -> None:
        """Begin with a connection."""
        super().setup()
        self.server.kept.add(self.connection)

    def finish(self) -> None:
        """End with a connection."""
        self.server.kept.discard(self.connection)
        super().finish()

    def run_wsgi(self) -> None:
        """Answer one request, whose body is read to its end: the next one begins there."""
        if "Transfer-Encoding" in self.headers:
            super().run_wsgi()  # it closes the connection behind what it did not read
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.environ = environ = {**self.make_environ(), "wsgi.input": BytesIO(body)}
        try:
            (status, headers), content = _answer(self.server.app, environ)
        except Exception:  # noqa: BLE001 - whatever the application did not foresee, as werkzeug
            self.server.log("error", f"Error on request:\n{traceback.format_exc()}")
            (status, headers), content = _answer(InternalServerError(), environ)
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if self.command == "HEAD" or int(code) in _WITHOUT_BODY:
            content = b""
        elif "content-length" not in {name.lower() for name, _ in headers}:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log(self, *_args: object, **_kwargs: object) -> None:
        """Log nothing."""


def _answer(app: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> tuple[Head, bytes]:
    """What an application answers, whole: answers of AWS's are small."""
    head: list[Head] = []
    written: list[bytes] = []

    def start(status: str, headers: list[tuple[str, str]], _: object = None) -> Callable[..., None]:
        head[:] = [(status, headers)]
        return written.append

    parts = app(environ, start)
    try:
        written.extend(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    return head[0], b"".join(written)
