"""The installed command in processes of its own, which begin with everything imported.

Its imports cost most of what a short command costs. Here one process imports them, and each run is
a fork of it: the console script itself, with a folder, an environment, streams and an exit code of
its own. What the start of Python has to do with is run by ``subprocess``.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path

SAGEWARDEN = str(Path(sys.executable).with_name("sagewarden"))
_IMPORTED = (
    "sagewarden_cli.app",
    "sagewarden_cli.sandbox",
    "sagewarden.adapters.sessions",
    __name__,
)
_LONGEST = 120
"""How many seconds a command may take."""


@cache
def _forks() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_IMPORTED))
    return context


def run_forked(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run ``sagewarden`` and wait for its end.

    Args:
        arguments: What follows the command's name.
        folder: Where it runs.
        environment: All of its environment.

    Raises:
        subprocess.TimeoutExpired: It did not end.
    """
    with tempfile.TemporaryDirectory() as streams:
        files = (Path(streams) / "out", Path(streams) / "err")
        process = _forks().Process(
            target=_become, args=(list(arguments), folder, dict(environment), files), daemon=True
        )
        process.start()
        process.join(_LONGEST)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(list(arguments), _LONGEST)
        code = process.exitcode
        process.close()
        printed, complaints = (file.read_text(encoding="utf-8") for file in files)
    return subprocess.CompletedProcess(list(arguments), code, printed, complaints)


def _become(
    arguments: list[str], folder: Path, environment: dict[str, str], files: tuple[Path, Path]
) -> None:
    """Be the command, in a process that was forked for it."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, file in enumerate(files, start=1):
        opened = os.open(file, os.O_WRONLY | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - closed by its end
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - the same
    sys.argv = [SAGEWARDEN, *arguments]
    runpy.run_path(SAGEWARDEN, run_name="__main__")
