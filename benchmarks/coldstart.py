"""Measure the cold start of every function of the template, and write it into README.md.

``make bench-coldstart`` prepares what it needs and runs it.
"""

import argparse
import os
import platform
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.cases import Plan, prepare
from benchmarks.emulator import Case, Start, start
from benchmarks.table import Compared, client_list, comparison_table, reference_table
from sagewarden_cli.pages.marked_block import with_blocks
from sagewarden_cli.stack.toolchain import Toolchain

ROOT = Path(__file__).parents[1]
PAGE = Path(__file__).with_name("README.md")
COMMAND = "make bench-coldstart"
LEAST_ROUNDS = 11
_VERSIONS = """
import awslambdaric, boto3, platform
print(f"Python {platform.python_version()}, boto3 {boto3.__version__}", end=", ")
print(f"awslambdaric {awslambdaric.__version__}")
"""


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS, help="of every handler in turn")
    rounds = parser.parse_args().rounds
    tools = Toolchain.of(ROOT)
    plan = prepare(tools, ROOT / "build/benchmarks")
    results = _results(tools, plan, _measured(tools, list(plan.cases()), rounds), rounds)
    print(results)
    if rounds >= LEAST_ROUNDS:
        page = with_blocks(PAGE.read_text(encoding="utf-8"), {"results": results}, COMMAND)
        PAGE.write_text(page, encoding="utf-8")
    else:
        print(f"not written: fewer than {LEAST_ROUNDS} rounds")


def _measured(tools: Toolchain, cases: Sequence[Case], rounds: int) -> dict[int, list[Start]]:
    """The starts of each case, by its place; the first round only warms the disk's cache."""
    found: dict[int, list[Start]] = defaultdict(list)
    for number in range(rounds + 1):
        print(f"round {number} of {rounds}", flush=True)
        # Every other round backwards: neither of two neighbours is always the first.
        for place, case in sorted(enumerate(cases), reverse=bool(number % 2)):
            begun = start(tools, case)
            if number:
                found[place].append(begun)
    return found


def _results(tools: Toolchain, plan: Plan, found: dict[int, list[Start]], rounds: int) -> str:
    cases = list(plan.cases())
    by_case = {id(case): found[place] for place, case in enumerate(cases)}
    rows = [
        Compared(
            one.deployed.name,
            one.clients,
            by_case[id(one.deployed)],
            by_case[id(one.ready)],
            by_case[id(one.bare)],
        )
        for one in plan.comparisons
    ]
    references = [(case.name, by_case[id(case)]) for case in (plan.empty, *plan.custodian)]
    return (
        f"{_setting(tools)} {rounds} rounds.\n\n"
        f"{comparison_table(rows)}\n{reference_table(references)}\n"
        f"The clients that *ready* and *bare* have:\n\n{client_list(rows)}"
    )


def _setting(tools: Toolchain) -> str:
    """When and on what this was measured."""
    versions = subprocess.run(  # noqa: S603 - our own tool, by its path
        [str(tools.runtime_python), "-c", _VERSIONS], check=True, capture_output=True, text=True
    ).stdout.strip()
    day = datetime.now(tz=UTC).date()
    return f"{day}, {os.cpu_count()} shared cores ({platform.machine()}), {versions}."


if __name__ == "__main__":
    main()
