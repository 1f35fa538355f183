"""The results of `make bench` as Markdown."""

from collections.abc import Iterable, Sequence
from statistics import median

from benchmarks.judging import Judged
from benchmarks.remembering import Remembered
from benchmarks.sweeps import Case, Figures, Result
from benchmarks.throttling import Throttled


def sweep_table(results: Sequence[Result]) -> str:
    """One line per case, with ratios of what was measured in the same round."""
    head = (
        "| task | endpoints | notebooks | idle | latency "
        "| wall time, ours / theirs | theirs ÷ ours "
        "| calls, ours / theirs | theirs ÷ ours | CPU time, ours / theirs "
        "| peak memory, ours / theirs |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    )
    return head + "".join(f"| {_case(one.case)} | {_figures(one)} |\n" for one in results)


def call_table(results: Sequence[Result]) -> str:
    """The calls by operation, ours and theirs, of each case."""
    head = "| task | tool | calls by operation |\n|---|---|---|\n"
    lines = []
    for one in results:
        for tool, figures in (("Sagewarden", one.ours), ("Cloud Custodian", one.theirs)):
            if figures:
                calls = sorted(figures[0].calls.items(), key=lambda item: (-item[1], item[0]))
                told = ", ".join(f"{name.partition('.')[2]} {number:,}" for name, number in calls)
                lines.append(f"| {_named(one.case)} | {tool} | {told} |\n")
    return head + "".join(lines)


def growth_lines(results: Sequence[Result]) -> str:
    """How much more our plan over ten times as many resources takes, at each latency."""
    plans = [one for one in results if not one.case.acts and one.case.size.notebooks]
    lines = []
    for small in plans:
        for large in plans:
            tenfold = large.case.size.endpoints == 10 * small.case.size.endpoints
            if tenfold and large.case.latency_ms == small.case.latency_ms:
                wall = _middle(large.ours, "seconds") / _middle(small.ours, "seconds")
                lines.append(
                    f"- {small.case.size.endpoints:,} → {large.case.size.endpoints:,} endpoints "
                    f"and notebooks at {small.case.latency_ms} ms: {wall:.1f} times the time, "
                    f"{large.ours[0].total / small.ours[0].total:.1f} times the calls\n"
                )
    return "".join(lines)


def throttling_table(rows: Iterable[Throttled]) -> str:
    """One line per rate and way."""
    head = (
        "| allowed | endpoints | way | permitted | took | ratio | in vain | failed |\n"
        "|--:|--:|---|--:|--:|--:|--:|--:|\n"
    )
    return head + "".join(
        f"| {row.rate:g}/s | {row.endpoints:,} | {row.way} | {row.permitted:.1f} s "
        f"| {row.seconds:.1f} s | {row.ratio:.2f} | {row.throttled:,} | {row.failed:,} |\n"
        for row in rows
    )


def judge_table(rows: Sequence[Judged]) -> str:
    """One line per size; a resource's time is compared with that in the smallest fleet."""
    head = (
        "| resources | seconds | resources a second | time of one, compared with the first line |\n"
        "|--:|--:|--:|--:|\n"
    )
    least = rows[0].per_second if rows else 1.0
    return head + "".join(
        f"| {row.resources:,} | {row.seconds:.3f} | {row.per_second:,.0f} "
        f"| {least / row.per_second:.2f} |\n"
        for row in rows
    )


def ledger_table(rows: Sequence[Remembered]) -> str:
    """One line per question: what was read for it at each size."""
    sizes = " | ".join(f"{row.cases:,} cases" for row in rows)
    head = f"| question | answers | {sizes} |\n|---|--:|{'--:|' * len(rows)}\n"
    lines = []
    for same in zip(*(row.asked for row in rows), strict=True):
        read = " | ".join(f"{one.items} in {one.pages} calls" for one in same)
        answers = same[0].answer if len({one.answer for one in same}) == 1 else "differ"
        lines.append(f"| `{same[0].question}` | {answers} | {read} |\n")
    return head + "".join(lines)


def _case(case: Case) -> str:
    task = "plan and apply" if case.acts else "plan"
    size = case.size
    return (
        f"{task} | {size.endpoints:,} | {size.notebooks:,} | {size.idle_percent} % "
        f"| {case.latency_ms} ms"
    )


def _named(case: Case) -> str:
    task = "plan and apply" if case.acts else "plan"
    return f"{task}, {case.size.endpoints:,} + {case.size.notebooks:,}, {case.size.idle_percent} %"


def _figures(one: Result) -> str:
    ours, theirs = one.ours, one.theirs
    if not theirs:
        return (
            f"{_middle(ours, 'seconds'):.1f} s / - | - | {ours[0].total:,} / - | - "
            f"| {_middle(ours, 'cpu'):.1f} s / - | {_middle(ours, 'peak_mb'):.0f} MB / - "
        ).strip()
    faster = median(b.seconds / a.seconds for a, b in zip(ours, theirs, strict=True))
    fewer = median(b.total / a.total for a, b in zip(ours, theirs, strict=True))
    return (
        f"{_middle(ours, 'seconds'):.1f} / {_middle(theirs, 'seconds'):.1f} s | {faster:.1f} "
        f"| {ours[0].total:,} / {theirs[0].total:,} | {fewer:.1f} "
        f"| {_middle(ours, 'cpu'):.1f} / {_middle(theirs, 'cpu'):.1f} s "
        f"| {_middle(ours, 'peak_mb'):.0f} / {_middle(theirs, 'peak_mb'):.0f} MB"
    )


def _middle(figures: Sequence[Figures], what: str) -> float:
    return float(median(getattr(one, what) for one in figures))
