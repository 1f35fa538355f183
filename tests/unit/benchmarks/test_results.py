"""The results of `make bench` as Markdown and as plots."""

from xml.etree import ElementTree as ET

import pytest

from benchmarks.fleet import FleetSize
from benchmarks.judging import Judged
from benchmarks.plot import plot
from benchmarks.remembering import Asked, Remembered
from benchmarks.results import (
    call_table,
    growth_lines,
    judge_table,
    ledger_table,
    sweep_table,
    throttling_table,
)
from benchmarks.sweeps import Case, Figures, Result
from benchmarks.throttling import Throttled


def figures(seconds: float, **calls: int) -> Figures:
    named = {f"sagemaker.{name}": number for name, number in calls.items()}
    return Figures(seconds, seconds / 2, 80.0, named)


def test_ratios_compare_what_was_measured_in_the_same_round() -> None:
    busy = Result(
        Case(FleetSize(1000)),
        [figures(2, List=10), figures(20, List=10)],
        [figures(60, List=300), figures(600, List=300)],
    )

    table = sweep_table([busy])

    assert "| plan | 1,000 | 0 | 5 % | 0 ms | 11.0 / 330.0 s | 30.0 | 10 / 300 | 30.0 |" in table


def test_a_case_that_the_other_tool_is_left_out_of_has_no_ratios() -> None:
    alone = Result(Case(FleetSize(10_000, 10_000), 50, with_custodian=False), [figures(9, List=2)])

    table = sweep_table([alone])

    assert "| 9.0 s / - | - | 2 / - | - | 4.5 s / - | 80 MB / - |" in table
    assert len({line.count("|") for line in table.splitlines()}) == 1


def test_calls_are_listed_by_operation_the_most_first() -> None:
    one = Result(
        Case(FleetSize(10), acts=True), [figures(1, List=1, Delete=5)], [figures(1, Tag=9)]
    )

    table = call_table([one])

    assert "| plan and apply, 10 + 0, 5 % | Sagewarden | Delete 5, List 1 |" in table
    assert "| Cloud Custodian | Tag 9 |" in table


def test_growth_is_told_from_one_size_to_ten_times_as_many() -> None:
    results = [
        Result(Case(FleetSize(size, size), latency), [figures(seconds, List=size)])
        for size, latency, seconds in ((100, 0, 1), (1000, 0, 5), (1000, 50, 7))
    ]

    assert growth_lines(results) == (
        "- 100 → 1,000 endpoints and notebooks at 0 ms: 5.0 times the time, 10.0 times the calls\n"
    )


def test_what_a_rate_permits_leaves_out_the_first_burst() -> None:
    row = Throttled("Sagewarden", 10, 55, 10.5, 0, 7)

    assert "| 10/s | 55 | Sagewarden | 10.0 s | 10.5 s | 1.05 | 7 | 0 |" in throttling_table([row])


def test_the_judges_time_for_one_resource_is_compared_with_the_smallest_fleet() -> None:
    table = judge_table([Judged(1000, 0.1, 5), Judged(10_000, 2.0, 50)])

    assert "| 1,000 | 0.100 | 10,000 | 1.00 |" in table
    assert "| 10,000 | 2.000 | 5,000 | 2.00 |" in table


def test_what_a_question_read_is_told_for_each_size() -> None:
    sizes = [Remembered(size, [Asked("live_cases", 40, 80, 41, 1.0)]) for size in (10, 100)]

    assert "| `live_cases` | 40 | 80 in 41 calls | 80 in 41 calls |" in ledger_table(sizes)


def test_answers_that_differ_by_size_are_no_comparison() -> None:
    sizes = [Remembered(size, [Asked("places", size, size, 1, 1.0)]) for size in (10, 100)]

    assert "| `places` | differ |" in ledger_table(sizes)


def test_a_plot_is_well_formed_and_names_its_lines() -> None:
    svg = plot("Wall time", "endpoints", "s", {"ours & theirs": [(100, 0.5), (1000, 3)]})

    texts = [item.text for item in ET.fromstring(svg).iter() if item.text]  # noqa: S314 - our own
    assert {"Wall time", "endpoints", "s", "ours & theirs", "100", "1,000", "0.1"} <= set(texts)


def test_nothing_is_no_plot() -> None:
    with pytest.raises(ValueError, match="nothing to plot"):
        plot("t", "x", "y", {})
