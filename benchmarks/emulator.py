"""One cold start under AWS's runtime interface emulator, and what it took."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sagewarden_cli.stack.runtime import free_port
from sagewarden_cli.stack.toolchain import Toolchain

_HOST = "127.0.0.1"
_STARTED = "INIT RTDONE(status: success)"
_INIT = re.compile(r"INIT REPORT\(durationMs: ([0-9.]+)\)")
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


class ColdStartError(RuntimeError):
    """A function did not start; the message ends with its log."""


@dataclass(frozen=True, slots=True)
class Case:
    """A function that is started cold, again and again.

    Attributes:
        name: What the table calls it.
        handler: Such as ``app.handler``.
        python_path: Where its modules lie, before the runtime's own.
        environment: Its environment variables.
    """

    name: str
    handler: str
    python_path: tuple[Path, ...]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Start:
    """What one cold start took.

    Attributes:
        init_ms: The INIT phase, as the emulator reports it: from the start of the process until
            the handler can be called.
        cpu_ms: CPU time of its main thread, until its first invocation has been answered.
        peak_mb: Its largest resident memory until then.
    """

    init_ms: float
    cpu_ms: float
    peak_mb: float


def start(tools: Toolchain, case: Case) -> Start:
    """Start a function, invoke it once, with an empty event, and end it.

    What its first invocation comes to does not matter: by then it has started.

    Raises:
        ColdStartError: It did not start.
    """
    port, api = free_port(), free_port()
    command = [
        *(str(tools.emulator), "--log-level", "info"),
        *("--runtime-interface-emulator-address", f"{_HOST}:{port}"),
        *("--runtime-api-address", f"{_HOST}:{api}"),
        *(str(tools.runtime_python), "-m", "awslambdaric", case.handler),
    ]
    process = subprocess.Popen(  # noqa: S603 - our own tools, by their paths
        command,
        cwd=case.python_path[0],
        env=_environment(case),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    try:
        answer = _invoke(port)
        cpu_ms, peak_mb = _used_by_child_of(process.pid)
    except OSError as error:
        answer, cpu_ms, peak_mb = str(error), 0.0, 0.0
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        log = process.communicate()[0]
    if (init_ms := init_duration(log)) is None or not cpu_ms:
        raise ColdStartError(f"{case.name}: {answer}\n{log}")
    return Start(init_ms, cpu_ms, peak_mb)


def init_duration(log: str) -> float | None:
    """The milliseconds of the INIT phase that the emulator's log reports, or None if it failed."""
    found = _INIT.search(log) if _STARTED in log else None
    return float(found[1]) if found else None


def peak_memory(status: str) -> float | None:
    """The megabytes of a process's largest resident memory, from its ``/proc/*/status``."""
    found = _PEAK.search(status)
    return int(found[1]) / 1024 if found else None


def _environment(case: Case) -> dict[str, str]:
    """Lambda's own variables; like /opt, what was built is never written to."""
    return {
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_SESSION_TOKEN": "benchmark",
        "AWS_LAMBDA_FUNCTION_NAME": "benchmark",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "60",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "LAMBDA_TASK_ROOT": str(case.python_path[0]),
        "PYTHONPATH": os.pathsep.join(str(place) for place in case.python_path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "_HANDLER": case.handler,
        **case.environment,
    }


def _invoke(port: int) -> str:
    """Invoke as soon as the emulator listens: the function starts only then."""
    url = f"http://{_HOST}:{port}/2015-03-31/functions/function/invocations"
    for _ in range(500):
        try:
            socket.create_connection((_HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
            continue
        break
    request = urllib.request.Request(url, data=b"{}")
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
        return str(answer.read().decode())


def _used_by_child_of(emulator: int) -> tuple[float, float]:
    """The CPU milliseconds and peak megabytes of the emulator's only child: the runtime."""
    [child] = (
        pid
        for task in Path(f"/proc/{emulator}/task").iterdir()
        for pid in (task / "children").read_text(encoding="ascii").split()
    )
    nanoseconds = (Path("/proc") / child / "schedstat").read_text(encoding="ascii").split()[0]
    status = (Path("/proc") / child / "status").read_text(encoding="ascii")
    return int(nanoseconds) / 1e6, peak_memory(status) or 0.0
