"""The results as Markdown."""

from collections.abc import Sequence

from benchmarks.emulator import Start
from benchmarks.table import Compared, client_list, comparison_table, reference_table


def starts(*init_ms: float) -> Sequence[Start]:
    return [Start(init_ms=one, cpu_ms=2 * one, peak_mb=64.4) for one in init_ms]


def a_row(ready: Sequence[Start], bare: Sequence[Start]) -> Compared:
    return Compared("WorkFunction", ("sns", "sts"), starts(50, 60, 55), ready, bare)


def test_times_are_medians_with_the_minimum() -> None:
    table = comparison_table([a_row(starts(120, 130, 140), starts(100, 100, 100))])

    assert "| WorkFunction | 55 (50) ms | 130 (120) ms | 100 (100) ms |" in table


def test_a_ratio_compares_what_was_measured_in_the_same_round() -> None:
    busy_in_the_last_round = a_row(starts(120, 120, 1200), starts(100, 100, 1000))

    assert "| 1.20 (1.20) | 1.20 (1.20) |" in comparison_table([busy_in_the_last_round])


def test_handlers_without_a_counterpart_have_a_table_of_their_own() -> None:
    assert "| empty handler | 30 (20) ms | 64 MB |" in reference_table(
        [("empty handler", starts(20, 30, 40))]
    )


def test_the_clients_are_listed_by_function() -> None:
    assert client_list([a_row(starts(1), starts(1))]) == "- WorkFunction: sns, sts\n"
