"""Processes that are measured from outside: how long they take and how much memory."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a process.

    Attributes:
        code: Its exit code.
        seconds: From its start to its end.
        cpu: Seconds that it computed, in user and system mode.
        peak_mb: The most memory that it held at once (resident set).
    """

    code: int
    seconds: float
    cpu: float
    peak_mb: float


def run(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Run:
    """Run a command to its end; what it prints goes into ``stdout`` and ``stderr`` in a folder.

    Args:
        command: The command.
        environment: What is added to this process's own environment.
        folder: Where it runs; it need not exist.
    """
    folder.mkdir(parents=True, exist_ok=True)
    took = folder / "took.json"
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER), str(took), *command]
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as errors:
        subprocess.run(  # noqa: S603 - our own tools, by their paths
            launcher,
            env={**os.environ, **environment},
            cwd=folder,
            stdout=out,
            stderr=errors,
            check=True,
        )
    return Run(**json.loads(took.read_text(encoding="utf-8")))


class Server:
    """The emulated AWS in its own process.

    Attributes:
        url: Where it listens.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def environment(self, region: str) -> dict[str, str]:
        """What points an AWS SDK at it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": region,
            "AWS_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def set_latency(self, milliseconds: float) -> None:
        """Let each call take so much longer."""
        self._control("POST", "latency", {"seconds": milliseconds / 1000})

    def calls(self) -> dict[str, int]:
        """The calls since they were last forgotten, by ``service.Operation``."""
        counted: dict[str, int] = self._control("GET", "calls")["calls"]
        return counted

    def forget_calls(self) -> None:
        """Count anew."""
        self._control("DELETE", "calls")

    def _control(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401 - JSON
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.url}/sagewarden/{path}",
            data=json.dumps(body or {}).encode() if method == "POST" else None,
            method=method,
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
            return json.load(answer)


@contextmanager
def serving(*arguments: str) -> Iterator[Server]:
    """The emulated AWS, for as long as the ``with`` block lasts."""
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "benchmarks.server", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout  # noqa: S101 - it is a pipe
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError("the emulated AWS did not start")
        try:
            yield Server(url)
        finally:
            assert process.stdin  # noqa: S101 - it is a pipe
            process.stdin.close()
