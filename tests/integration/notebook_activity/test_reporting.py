"""The reporter as it runs on a notebook instance: a process, Jupyter and the AWS CLI beside it."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, override

import pytest

from sagewarden.domain import idle_notebooks
from sagewarden_cli.notebook_activity import report_activity

REPORTER = Path(report_activity.__file__)
AGES_AGO = "2026-01-01T00:00:00.000000Z"
REST = "0.01 0.05 0.07 1/200 4242\n"
SHELLS_ONLY = "?        systemd\npts/0    bash\npts/1    -zsh\npts/1    tmux: client\n"


def kernel(state: str = "idle", last: str = AGES_AGO) -> dict[str, str]:
    return {"name": "python3", "execution_state": state, "last_activity": last}


def terminal(last: str = AGES_AGO) -> dict[str, str]:
    return {"name": "1", "last_activity": last}


def minutes_ago(number: int) -> str:
    # The reporter's clock is the machine's.
    then = datetime.now(UTC) - timedelta(minutes=number)  # noqa: TID251
    return then.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Instance:
    """A notebook instance: what its Jupyter answers, what its commands print."""

    place: Path
    jupyter: str = ""
    answers: dict[str, Any] = field(
        default_factory=lambda: {"/api/kernels": [kernel()], "/api/terminals": [terminal()]}
    )

    def __post_init__(self) -> None:
        (self.place / "bin").mkdir()
        (self.place / "proc").mkdir()
        self.metadata = self.place / "resource-metadata.json"
        arn = "arn:aws:sagemaker:ap-northeast-2:111122223333:notebook-instance/lab"
        self.metadata.write_text(json.dumps({"ResourceArn": arn, "ResourceName": "lab"}))
        self.load(REST)
        self.command("ps", SHELLS_ONLY)
        self.command("aws", "", f'printf "%s\\n" "$@" > {self.place}/put\n')

    def load(self, text: str) -> None:
        (self.place / "proc" / "loadavg").write_text(text)

    def command(self, name: str, prints: str, does: str = "") -> None:
        file = self.place / "bin" / name
        file.write_text(f"#!/bin/sh\n{does}cat <<'EOT'\n{prints}EOT\n")
        file.chmod(0o755)

    def gpu(self, *percent: int) -> None:
        driver = self.place / "proc" / "driver" / "nvidia"
        driver.mkdir(parents=True)
        (driver / "version").write_text("NVRM version\n")
        self.command("nvidia-smi", "".join(f"{number}\n" for number in percent))

    def report(self) -> tuple[list[str] | None, str]:
        """The arguments of put-metric-data, if it was called, and what was said."""
        done = subprocess.run(  # noqa: S603 - our own script
            [sys.executable, REPORTER],
            check=False,
            capture_output=True,
            text=True,
            env={
                "PATH": f"{self.place / 'bin'}:/usr/bin:/bin",
                "SAGEWARDEN_JUPYTER": self.jupyter,
                "SAGEWARDEN_METADATA": str(self.metadata),
                "SAGEWARDEN_PROC": str(self.place / "proc"),
            },
        )
        put = self.place / "put"
        arguments = put.read_text().splitlines() if put.exists() else None
        assert (done.returncode == 0) == (arguments is not None)
        return arguments, (done.stdout + done.stderr).strip()

    def active(self) -> bool:
        """What was reported."""
        arguments, said = self.report()
        assert arguments is not None, said
        return {"1": True, "0": False}[arguments[arguments.index("--value") + 1]]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    here = Instance(tmp_path)

    class Jupyter(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = here.answers.get(self.path)
            self.send_response(200 if found is not None else 404)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Jupyter)
    Thread(target=server.serve_forever, daemon=True).start()
    here.jupyter = f"http://127.0.0.1:{server.server_port}"
    yield here
    server.shutdown()
    server.server_close()


def test_at_rest_it_reports_zero_under_the_names_that_the_rule_reads(instance: Instance) -> None:
    arguments, said = instance.report()

    assert said == "nothing is at work"
    assert arguments == [
        *("cloudwatch", "put-metric-data"),
        *("--namespace", idle_notebooks.NAMESPACE),
        *("--metric-name", idle_notebooks.METRIC),
        *("--dimensions", f"{idle_notebooks.DIMENSION}=lab"),
        *("--value", "0"),
        *("--region", "ap-northeast-2"),
    ]


@pytest.mark.parametrize("state", ["busy", "starting", "restarting", "something-new"])
def test_a_kernel_that_is_not_idle_is_work(instance: Instance, state: str) -> None:
    instance.answers["/api/kernels"] = [kernel(), kernel(state)]

    assert instance.active()


def test_a_kernel_that_was_used_since_the_last_reports_is_work(instance: Instance) -> None:
    instance.answers["/api/kernels"] = [kernel(last=minutes_ago(9))]
    assert instance.active()

    instance.answers["/api/kernels"] = [kernel(last=minutes_ago(11))]
    assert not instance.active()


def test_a_terminal_that_was_used_is_work(instance: Instance) -> None:
    instance.answers["/api/terminals"] = [terminal(), terminal(minutes_ago(1))]

    assert instance.active()


@pytest.mark.parametrize("line", ["pts/0 python3", "pts/2 vim", "pts/9 nvcc", "pts/1 sleep"])
def test_a_program_in_a_terminal_is_work(instance: Instance, line: str) -> None:
    instance.command("ps", f"{SHELLS_ONLY}{line}\n")

    assert instance.active()


def test_a_program_without_a_terminal_is_work_when_it_computes(instance: Instance) -> None:
    instance.load("0.10 0.49 0.20 1/200 4242\n")
    assert not instance.active()

    instance.load("0.10 0.50 0.20 1/200 4242\n")
    assert instance.active()


def test_a_gpu_that_computes_is_work_and_one_at_rest_is_not(instance: Instance) -> None:
    instance.gpu(0, 0)
    assert not instance.active()

    instance.command("nvidia-smi", "0\n37\n")
    assert instance.active()


class TestWhatCannotLookReportsNothing:
    def test_without_jupyter(self, instance: Instance) -> None:
        instance.answers.clear()

        arguments, said = instance.report()

        assert arguments is None
        assert said.startswith("not reported: HTTPError")

    def test_when_a_gpu_cannot_be_asked(self, instance: Instance) -> None:
        instance.gpu(0)
        instance.command("nvidia-smi", "", "exit 9\n")

        assert instance.report()[0] is None

    def test_when_jupyter_tells_something_else(self, instance: Instance) -> None:
        instance.answers["/api/kernels"] = [{"name": "python3"}]

        assert instance.report()[0] is None

    def test_when_it_does_not_know_where_it_is(self, instance: Instance) -> None:
        instance.metadata.unlink()

        assert instance.report()[0] is None


def test_it_is_python_that_the_oldest_image_reads() -> None:
    assert syntax_error(REPORTER.read_text(encoding="utf-8"), (3, 7)) is None
    assert syntax_error("print(newer := True)", (3, 7)) is not None, "the check sees nothing"


def syntax_error(source: str, version: tuple[int, int]) -> str | None:
    try:
        ast.parse(source, feature_version=version)
    except SyntaxError as error:
        return str(error)
    return None


def test_it_names_what_the_rule_reads() -> None:
    names = (report_activity.NAMESPACE, report_activity.METRIC, report_activity.DIMENSION)

    assert names == (idle_notebooks.NAMESPACE, idle_notebooks.METRIC, idle_notebooks.DIMENSION)
