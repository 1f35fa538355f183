"""The results as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.emulator import Start


@dataclass(frozen=True, slots=True)
class Compared:
    """The cold starts of a function and of what it is compared with.

    Attributes:
        name: The function's logical id.
        clients: The boto3 names of its clients.
        deployed: As it is deployed.
        ready: With its policy and its clients.
        bare: boto3 with the same clients.
    """

    name: str
    clients: Sequence[str]
    deployed: Sequence[Start]
    ready: Sequence[Start]
    bare: Sequence[Start]


def comparison_table(rows: Sequence[Compared]) -> str:
    """One line per function."""
    head = (
        "| function | INIT, as deployed | INIT, ready | INIT, bare boto3 | ready / bare "
        "| the same, CPU time | peak memory, ready / bare |\n"
        "|---|--:|--:|--:|--:|--:|--:|\n"
    )
    return head + "".join(
        f"| {row.name} | {_init(row.deployed)} | {_init(row.ready)} | {_init(row.bare)} "
        f"| {_ratio(_inits(row.ready), _inits(row.bare))} "
        f"| {_ratio(_cpu(row.ready), _cpu(row.bare))} "
        f"| {_peak(row.ready)} / {_peak(row.bare)} MB |\n"
        for row in rows
    )


def reference_table(rows: Sequence[tuple[str, Sequence[Start]]]) -> str:
    """One line per handler that is nobody's counterpart."""
    head = "| handler | INIT | peak memory |\n|---|--:|--:|\n"
    return head + "".join(
        f"| {name} | {_init(starts)} | {_peak(starts)} MB |\n" for name, starts in rows
    )


def client_list(rows: Sequence[Compared]) -> str:
    """Which clients each function and its counterpart make."""
    return "".join(f"- {row.name}: {', '.join(row.clients)}\n" for row in rows)


def _inits(starts: Sequence[Start]) -> list[float]:
    return [start.init_ms for start in starts]


def _cpu(starts: Sequence[Start]) -> list[float]:
    return [start.cpu_ms for start in starts]


def _init(starts: Sequence[Start]) -> str:
    return f"{median(_inits(starts)):.0f} ({min(_inits(starts)):.0f}) ms"


def _peak(starts: Sequence[Start]) -> str:
    return f"{median(start.peak_mb for start in starts):.0f}"


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """The median of the rounds' ratios, so that a busy minute weighs on both; and the minimums'."""
    paired = [one / other for one, other in zip(ours, theirs, strict=True)]
    return f"{median(paired):.2f} ({min(ours) / min(theirs):.2f})"
