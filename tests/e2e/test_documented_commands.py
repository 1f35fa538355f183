"""Every command that README and the docs show is run, as it stands there."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sagewarden_cli.sandbox import Sandbox
from tests.support.deployed_queues import deploy_queues
from tests.support.forked_command import run_forked

pytestmark = pytest.mark.aws

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)$", re.MULTILINE)

EXIT_CODES = {"sagewarden doctor": 1, "sagewarden doctor --deployed": 1}
"""An empty AWS has no CloudTrail trail, a stack of queues has no ledger, and doctor says so.

Everything else ends with 0.
"""

ELSEWHERE = {
    "make demo": "what it runs is `sagewarden demo`, below; the target itself is CI's to try",
    ". .venv/bin/activate": "changes a shell, and nothing else",
    "sagewarden demo --output report.html": "lived through in tests/integration/demo",
    "sagewarden prices refresh --file layers/policy/prices.json": "writes into the checkout; "
    "lived through in tests/integration/cli/test_prices.py",
    "sagewarden schedule test cases.yaml": "the page's own cases run in tests/unit/cli",
}


def commands() -> list[object]:
    """Every command, once, in the order of the pages."""
    found: dict[str, str] = {}
    for page in PAGES:
        for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
            for command in _COMMAND.findall(block):
                found.setdefault(command.replace("\\\n", " "), page.name)
    return [
        pytest.param(command, id=f"{page}: {command[:60]}")
        for command, page in found.items()
        if command not in ELSEWHERE
    ]


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    kept = {key: os.environ[key] for key in ("HOME",) if key in os.environ}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with Sandbox() as sandbox:
        deploy_queues(sandbox)  # what `sagewarden redrive` looks for
        yield {**kept, "PATH": path, **sandbox.environment(region="us-east-1")}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like the checkout, and may be written to."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("layers", "tests", "docs"):
        (folder / name).symlink_to(ROOT / name)
    return folder


@pytest.mark.parametrize("command", commands())
def test_a_documented_command_works(
    command: str, environment: dict[str, str], checkout: Path
) -> None:
    expected = EXIT_CODES.get(command, 0)
    if command.startswith("sagewarden apply"):
        run("sagewarden plan --save plan.json", environment, checkout)

    if command.startswith("sagewarden sandbox"):
        code, printed = served_until_interrupted(command, environment, checkout)
    else:
        code, printed = run(command, environment, checkout)

    assert code == expected, printed
    assert "Traceback" not in printed


def run(command: str, environment: dict[str, str], folder: Path) -> tuple[int, str]:
    name, *arguments = shlex.split(command)
    assert name == "sagewarden"
    places = {
        "SAGEWARDEN_STATE_DIR": str(folder / "state"),
        "SAGEWARDEN_CACHE_DIR": str(folder / "cache"),
    }
    done = run_forked(arguments, folder, environment | places)
    return done.returncode, done.stdout + done.stderr


def served_until_interrupted(
    command: str, environment: dict[str, str], folder: Path
) -> tuple[int, str]:
    with subprocess.Popen(  # noqa: S603 - a command of our own docs
        shlex.split(command),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        printed = ""
        while "Ctrl-C" not in printed and (line := process.stdout.readline()):
            printed += line
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    assert "export AWS_ENDPOINT_URL=" in printed
    return process.returncode, printed + rest
