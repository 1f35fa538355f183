"""Measure sweeps, throttling, the judge and the ledger, and write it into README.md.

``make bench`` runs all of it; ``make bench BENCH_ARGS="judge ledger"`` runs some parts. Each part
writes its own block of the page, with the day and the machine that it was measured on.
"""

import argparse
import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.fleet import FleetSize
from benchmarks.judging import judged
from benchmarks.plot import plot
from benchmarks.process import ROOT
from benchmarks.remembering import Remembered, remembered
from benchmarks.results import (
    call_table,
    growth_lines,
    judge_table,
    ledger_table,
    sweep_table,
    throttling_table,
)
from benchmarks.sweeps import Case, Result, measured
from benchmarks.throttling import Throttled, throttled
from benchmarks.tools import our_policy
from sagewarden.bootstrap import read_policy
from sagewarden_cli.pages.marked_block import with_blocks

PAGE = Path(__file__).with_name("README.md")
PLOTS = Path(__file__).with_name("plots")
COMMAND = "make bench"
LATENCIES = (0, 50)
HALF = 50
"""Percent of idle endpoints where much is to be deleted."""

TEN_THOUSAND = 10_000
RATES = ((2, 50), (10, 500), (50, 500))
"""Describe calls allowed per second, and how many endpoints are described."""


def main() -> None:
    """Measure what was asked for, print and write."""
    parts: Mapping[str, Callable[[argparse.Namespace], Iterator[str]]] = {
        "sweeps": _sweeps,
        "throttling": _throttling,
        "judge": _judge,
        "ledger": _ledger,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*parts, []], help="all unless given")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, TEN_THOUSAND])
    parser.add_argument("--rounds", type=int, default=1, help="of each sweep")
    parser.add_argument(
        "--custodian-up-to",
        type=int,
        default=1000,
        help="the largest fleet that Cloud Custodian is let loose on when calls take time",
    )
    parser.add_argument("--cases", type=int, default=1_000_000, help="in the ledger, at most")
    given = parser.parse_args()
    for name in given.parts or parts:
        for results in parts[name](given):
            # After each figure: a benchmark of an hour that breaks off has not run for nothing.
            print(results, flush=True)
            told = f"{_setting()}\n\n{results}"
            page = with_blocks(PAGE.read_text(encoding="utf-8"), {name: told}, COMMAND)
            PAGE.write_text(page, encoding="utf-8")


def _sweeps(given: argparse.Namespace) -> Iterator[str]:
    sizes: list[int] = given.sizes
    middle = min(1000, max(sizes))
    cases = [
        Case(FleetSize(middle), LATENCIES[-1]),
        Case(FleetSize(middle, 0, HALF), LATENCIES[-1], acts=True),
        *(
            Case(FleetSize(size, size), latency, with_custodian=_affordable(size, latency, given))
            for size in sizes
            for latency in LATENCIES
        ),
        Case(FleetSize(middle, 0, HALF), acts=True),
    ]
    results = []
    for case in cases:
        results.append(measured(case, ROOT / "build/benchmarks/sweeps", given.rounds))
        _plot_sweeps(results)
        yield f"{sweep_table(results)}\n{growth_lines(results)}\n{call_table(results)}"


def _affordable(size: int, latency: int, given: argparse.Namespace) -> bool:
    """At 10,000 + 10,000 and 50 ms Cloud Custodian takes more than half an hour."""
    return size <= given.custodian_up_to or (latency == 0 and size < TEN_THOUSAND)


def _plot_sweeps(results: list[Result]) -> None:
    plans = [one for one in results if not one.case.acts and one.case.size.notebooks]
    if not plans:
        return
    wall: dict[str, list[tuple[float, float]]] = {}
    calls: dict[str, list[tuple[float, float]]] = {}
    for one in plans:
        for tool, figures in (("Sagewarden", one.ours), ("Cloud Custodian", one.theirs)):
            for figure in figures[:1]:
                size = one.case.size.endpoints
                wall.setdefault(f"{tool}, {one.case.latency_ms} ms", []).append(
                    (size, figure.seconds)
                )
                if one.case.latency_ms == LATENCIES[0]:
                    calls.setdefault(tool, []).append((size, figure.total))
    across = "endpoints, and as many notebook instances"
    PLOTS.mkdir(exist_ok=True)
    (PLOTS / "wall-time.svg").write_text(
        plot("Wall time of a plan", across, "seconds", wall), encoding="utf-8"
    )
    (PLOTS / "calls.svg").write_text(
        plot("API calls of a plan", across, "calls", calls), encoding="utf-8"
    )


def _throttling(_given: argparse.Namespace) -> Iterator[str]:
    rows: list[Throttled] = []
    for rate, endpoints in RATES:
        rows += throttled(rate, endpoints)
        yield throttling_table(rows)


def _judge(_given: argparse.Namespace) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.yaml"
        kinds = ["endpoint", "notebook-instance"]
        path.write_text(our_policy(kinds, datetime.now(tz=UTC)), encoding="utf-8")
        policy = read_policy(path)
    yield judge_table([judged(policy, number) for number in (500, 5_000, 50_000)])


def _ledger(given: argparse.Namespace) -> Iterator[str]:
    sizes = [size for size in (TEN_THOUSAND, 100_000, 1_000_000) if size <= given.cases]
    path = ROOT / "build/benchmarks/ledger.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows: list[Remembered] = []
    for row in remembered(sizes, path):
        rows.append(row)
        yield ledger_table(rows)


def _setting() -> str:
    """When and on what this was measured."""
    day, load = datetime.now(tz=UTC).date(), os.getloadavg()[0]
    return (
        f"{day}, {os.cpu_count()} shared cores ({platform.machine()}), load {load:.1f} at the end, "
        f"Python {platform.python_version()}."
    )


if __name__ == "__main__":
    main()
