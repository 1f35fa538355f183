"""The table of the organisation's benchmark, and the figures that stand beneath it."""

from benchmarks.organisation import Row, Run, monthly_cost, table


def a_row(accounts: int, seconds: float) -> Row:
    messages = 4 * accounts
    return Row(
        accounts,
        finding=Run(2.0, 60.0, messages, calls=90),
        waking=Run(1.0, 50.0, messages, calls=9),
        sweeping=Run(seconds, 100.0, messages, failed=1, out_of_reach=4, calls=300),
    )


def test_each_size_has_a_row_for_each_thing_that_was_measured() -> None:
    text = table([a_row(100, 10.0), a_row(1000, 110.0)], (1.0, 22.0))

    assert "| 100 x 4 | dispatcher, asking AWS | 400 | 0 | 0 | 90 | 2.0 s | 60 MB |" in text
    assert "| 1,000 x 4 | one worker, sweeping | 4,000 | 1 | 4 | 300 | 110.0 s |" in text


def test_what_grows_is_told_against_the_smaller_organisation() -> None:
    text = table([a_row(100, 10.0), a_row(1000, 110.0)], (1.0, 22.0))

    assert "10 x the accounts: 10.0 x the messages, 1.1 x the worker's time for each" in text
    assert "1.0 MB; with a botocore session of its own they would take 22.0 MB (22 x)" in text


def test_a_month_is_priced_for_a_thousand_accounts_and_four_regions() -> None:
    assert monthly_cost().startswith("1,000 accounts, 4 regions each: ")
    assert "a month at the list prices of" in monthly_cost()
