"""Run built functions as Lambda does: AWS's runtime interface emulator and runtime client.

One process per function, started by its first invocation, warm from then on, under the credentials
of a session of its own role. The emulator serves one invocation at a time; so does this.
"""

import json
import os
import random
import signal
import socket
import subprocess
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.functions import LambdaFunction
from sagewarden_cli.stack.toolchain import Toolchain

_HOST = "127.0.0.1"
_START_SECONDS = 60.0
_SLACK_SECONDS = 60.0
_PORTS = range(10_000, 32_000)
"""Where systems give no ports to outgoing connections, which may take one before it is used."""


class RuntimeFailureError(RuntimeError):
    """The emulator did not start, or died."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What came of one invocation.

    Attributes:
        payload: What the handler returned, or the error as Lambda reports it.
        error: The error's message and type; None when the handler returned.
        log: What it wrote, the platform's own lines included.
    """

    payload: Any
    error: str | None
    log: str


class Runtime:
    """Functions that run as long as the ``with`` block lasts.

    Args:
        tools: The tool environments.
        sandbox: The AWS that the functions see, and that has their roles.
        region: The region they run in.
        logs: A folder for one log file per function.
    """

    def __init__(self, tools: Toolchain, sandbox: Sandbox, region: str, logs: Path) -> None:
        self._tools = tools
        self._sandbox = sandbox
        self._region = region
        self._logs = logs
        self._running: dict[str, _Process] = {}

    def __enter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in list(self._running):
            self.kill(name)

    def invoke(self, function: LambdaFunction, event: object) -> Invocation:
        """Invoke a function and wait for its answer.

        Raises:
            RuntimeFailureError: The emulator does not answer; a failing function is no such case.
        """
        if function.name not in self._running:
            log = self._logs / f"{function.name}.log"
            environment = self._environment(function)
            self._running[function.name] = _Process(self._tools, function, environment, log)
        return self._running[function.name].invoke(event)

    def kill(self, name: str) -> None:
        """End a function's process at once, as a crash of its host would; the next call is cold."""
        process = self._running.pop(name, None)
        if process is not None:
            process.kill()

    def _environment(self, function: LambdaFunction) -> dict[str, str]:
        sts = self._sandbox.client("sts", self._region)
        session = sts.assume_role(RoleArn=function.role, RoleSessionName=function.name)
        keys = session["Credentials"]
        return {
            **function.environment,
            **self._sandbox.environment(self._region),
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "LAMBDA_TASK_ROOT": str(function.code),
            "PYTHONPATH": os.pathsep.join(str(place) for place in function.python_path),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "_HANDLER": function.handler,
            "STACK_FUNCTION_ARN": function.arn,
        }


class _Process:
    """One function's emulator, with the runtime client as its child."""

    def __init__(
        self, tools: Toolchain, function: LambdaFunction, environment: dict[str, str], log: Path
    ) -> None:
        self._function = function
        self._log = log
        self._killed = False
        port = free_port()
        self._url = f"http://{_HOST}:{port}/2015-03-31/functions/function/invocations"
        command = [
            *(str(tools.emulator), "--log-level", "info"),
            *("--runtime-interface-emulator-address", f"{_HOST}:{port}"),
            *("--runtime-api-address", f"{_HOST}:{free_port()}"),
            *(str(tools.runtime_python), str(tools.script("runtime")), function.handler),
        ]
        with log.open("ab") as sink:
            self._process = subprocess.Popen(  # noqa: S603 - our own tools, by their paths
                command,
                cwd=function.code,
                env=environment,
                stdout=sink,
                stderr=sink,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._await_start(port)

    def invoke(self, event: object) -> Invocation:
        """Invoke the function; one whose process is killed meanwhile has failed, as on AWS."""
        begin = self._log.stat().st_size
        body = json.dumps(event).encode()
        try:
            with urllib.request.urlopen(  # noqa: S310 - loopback
                self._url, data=body, timeout=self._function.timeout + _SLACK_SECONDS
            ) as answer:
                text = answer.read().decode()
        except (OSError, HTTPException) as error:
            if self._killed:
                return Invocation(None, "Runtime.ExitError: killed", self._tail(begin))
            raise RuntimeFailureError(f"{self._function.name}: {error}\n{self._tail(0)}") from error
        payload = _parsed(text)
        return Invocation(payload, _error_in(payload), self._tail(begin))

    def kill(self) -> None:
        """End the process and its children at once."""
        self._killed = True
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _await_start(self, port: int) -> None:
        """Wait until the emulator listens; each refused connection is one small step of waiting."""
        for _ in range(int(_START_SECONDS / 0.02)):
            try:
                socket.create_connection((_HOST, port), timeout=1).close()
            except OSError:
                try:
                    self._process.wait(0.02)
                except subprocess.TimeoutExpired:
                    continue
                break
            else:
                return
        raise RuntimeFailureError(f"{self._function.name} did not start:\n{self._tail(0)}")

    def _tail(self, begin: int) -> str:
        with self._log.open("rb") as log:
            log.seek(begin)
            return log.read().decode(errors="replace")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    while True:
        port = random.choice(_PORTS)  # noqa: S311 - so that processes beside each other do not meet
        with suppress(OSError), socket.socket() as probe:
            probe.bind((_HOST, port))
            return port


def _parsed(text: str) -> Any:  # noqa: ANN401 - whatever a handler returns
    try:
        return json.loads(text) if text else None
    except ValueError:
        return {"errorType": "Platform", "errorMessage": text}


def _error_in(payload: object) -> str | None:
    if isinstance(payload, dict) and "errorMessage" in payload:
        return f"{payload.get('errorType', 'Error')}: {payload['errorMessage']}"
    return None
