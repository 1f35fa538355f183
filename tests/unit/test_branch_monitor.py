"""What is measured by ``tests/support/branch_monitor.py`` is what coverage.py's tracer measures."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import asyncio
import contextlib
import threading


def both(number):
    if number > 1:
        return "more"
    return "less"


def one_way(numbers):
    for number in numbers:
        if number > 0:
            continue
        print("never")
    else:
        numbers = []
    while numbers:
        numbers.pop()
    return [n for n in numbers if n] or (numbers and "never" or None)


def left_early(numbers):
    for number in numbers:
        if (
            number == 2
            and numbers
        ):
            break
    else:
        return None
    return number


def matched(value):
    match value:
        case {"kind": kind} if kind:
            return kind
        case [first, *_]:
            return first
        case None:
            return "never"
        case _:
            pass


def failing(number):
    try:
        with contextlib.suppress(KeyError):
            return {1: 2}[number]
        1 / number
    except ZeroDivisionError:
        if number:
            return "never"
    finally:
        number = None
    return number


def recursive(depth):
    return recursive(depth - 1) if depth else 0


def generated(count):
    while True:
        if not count:
            return
        count -= 1
        yield count


async def awaited(count):
    async with asyncio.Lock():
        for _ in range(count):
            await asyncio.sleep(0)
    return count if count else "never"


def in_a_thread(number):
    if number:
        both(number)
    else:
        print("never")


class Lazy:
    value = None

    @property
    def made(self):
        if self.value is None:
            self.value = 1
        return self.value


def never():
    if both:
        return lambda: None


both(1), both(2), both(3)
for _ in range(3):
    one_way([1, 2])
left_early([1, 2])
matched({"kind": "a"}), matched([1]), matched(3)
failing(1), failing(0), failing(5)
recursive(3)
list(generated(3))
next(generated(3))
asyncio.run(awaited(2))
lazy = Lazy()
lazy.made, lazy.made
thread = threading.Thread(target=in_a_thread, args=(1,))
thread.start()
thread.join()
"""

MEASURE = """
import sys, importlib
if sys.argv[1] == "monitored":
    importlib.import_module("tests.support.branch_monitor")
import coverage
measured = coverage.Coverage(
    data_file=None, branch=True, include=["*/program.py"], config_file=False
)
measured.start()
import program
measured.stop()
print(type(measured._collector.tracers[0]).__name__, file=sys.stderr)
measured.json_report(outfile="-")
"""


def measured(how: str, at: Path) -> tuple[str, dict[str, Any]]:
    (at / "program.py").write_text(PROGRAM)
    run = subprocess.run(  # noqa: S603 - runs what stands above
        [sys.executable, "-c", MEASURE, how],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": f"{at}:{Path.cwd()}"},
    )
    found = json.loads(run.stdout)["files"]
    return run.stderr.strip(), next(iter(found.values()))


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="coverage.py monitors branches by itself")
def test_it_finds_the_same_lines_and_branches_as_the_tracer(tmp_path: Path) -> None:
    tracer, traced = measured("traced", tmp_path)
    monitor, monitored = measured("monitored", tmp_path)

    assert (tracer, monitor) == ("CTracer", "BranchMonitor")
    assert monitored == traced
    assert traced["missing_branches"]
    assert traced["executed_branches"]
