"""The cost curve against bills made out hour by hour, and the optimum against all commitments."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.savings_plans.cost_curve import cost_curve
from sagewarden.domain.savings_plans.offerings import LEAST, STEP
from sagewarden.domain.savings_plans.usage import Hour, Usage, spread_over_hours
from tests.support.savings_plans import billed, rates_of, usage_of

NAMES = ("a", "b", "c")

cents = st.integers(1, 300).map(lambda n: Decimal(n) / 100)
counts = st.integers(0, 6).map(lambda n: Decimal(n) / 2)
hour_loads = st.dictionaries(st.sampled_from(NAMES), counts)


@st.composite
def loads_and_rates(draw: st.DrawFn) -> tuple[Usage, dict[str, Decimal]]:
    prices = {name: draw(cents) for name in NAMES}
    rates = {name: draw(cents) for name in draw(st.sets(st.sampled_from(NAMES), min_size=1))}
    hours = draw(st.lists(hour_loads, min_size=1, max_size=6))
    return usage_of(prices, *hours), rates


def edges(usage: Usage, rates: Mapping[str, Decimal]) -> set[Fraction]:
    """Where any hour's bill can bend: at every sum of what its usage costs at plan rates."""
    found = {Fraction(0)}
    for hour in usage.hours:
        sums = {Fraction(0)}
        for name in rates:
            width = Fraction(hour.quantities.get(name, Decimal(0))) * Fraction(rates[name])
            sums |= {value + width for value in sums}
        found |= sums
    return found


@given(loads_and_rates(), st.integers(0, 2000))
def test_the_curve_is_the_bill_at_every_commitment(
    case: tuple[Usage, dict[str, Decimal]], cents_committed: int
) -> None:
    usage, rates = case
    commitment = Decimal(cents_committed) / 100

    assert cost_curve(usage, rates).at(commitment) == billed(usage, rates, commitment)


@given(loads_and_rates())
def test_no_commitment_costs_less_than_the_optimum(case: tuple[Usage, dict[str, Decimal]]) -> None:
    usage, rates = case

    optimum = cost_curve(usage, rates).optimum

    least = min(billed(usage, rates, edge) for edge in edges(usage, rates))
    assert billed(usage, rates, optimum) == least
    assert all(billed(usage, rates, edge) > least for edge in edges(usage, rates) if edge < optimum)


@given(loads_and_rates())
def test_what_is_bought_is_the_best_that_aws_sells(
    case: tuple[Usage, dict[str, Decimal]],
) -> None:
    usage, rates = case
    # Rates of six digits put the optimum between two commitments that can be bought.
    finer = {name: rate / 7 for name, rate in rates.items()}
    finer = {name: rate.quantize(Decimal("0.0000001")) for name, rate in finer.items()}
    curve = cost_curve(usage, finer)

    bought = curve.best_purchase()

    assert bought == 0 or bought >= LEAST
    assert bought % STEP == 0
    for other in (bought - STEP, bought + STEP, bought - 10 * STEP, Decimal(0)):
        if other == 0 or other >= LEAST:
            assert curve.at(bought) <= curve.at(other)


@given(loads_and_rates())
def test_the_curve_is_convex_and_ends_with_a_slope_of_one(
    case: tuple[Usage, dict[str, Decimal]],
) -> None:
    curve = cost_curve(*case)

    assert list(curve.slopes) == sorted(curve.slopes)
    assert curve.slopes[-1] == 1


@given(loads_and_rates(), st.randoms(use_true_random=False))
def test_the_order_of_hours_does_not_matter(
    case: tuple[Usage, dict[str, Decimal]], random: Random
) -> None:
    usage, rates = case
    shuffled = list(usage.hours)
    random.shuffle(shuffled)

    other = cost_curve(replace(usage, hours=tuple(shuffled)), rates)

    first = cost_curve(usage, rates)
    assert (other.knots, other.slopes) == (first.knots, first.slopes)
    assert other.on_demand == first.on_demand


@given(loads_and_rates(), st.integers(1, 50))
def test_a_scaled_usage_has_a_scaled_optimum_and_cost(
    case: tuple[Usage, dict[str, Decimal]], factor: int
) -> None:
    usage, rates = case
    scaled = Usage(
        tuple(
            Hour(hour.starts, {name: count * factor for name, count in hour.quantities.items()})
            for hour in usage.hours
        ),
        usage.on_demand,
    )

    first, other = cost_curve(usage, rates), cost_curve(scaled, rates)

    assert other.optimum == factor * first.optimum
    assert other.break_even == factor * first.break_even
    assert other.at(other.optimum) == factor * first.at(first.optimum)


@given(loads_and_rates(), hour_loads)
def test_more_usage_never_asks_for_a_smaller_commitment(
    case: tuple[Usage, dict[str, Decimal]], more: dict[str, Decimal]
) -> None:
    usage, rates = case
    first, *rest = usage.hours
    names = first.quantities.keys() | more.keys()
    fuller = {
        name: first.quantities.get(name, Decimal(0)) + more.get(name, Decimal(0)) for name in names
    }

    other = replace(usage, hours=(replace(first, quantities=fuller), *rest))

    assert cost_curve(other, rates).optimum >= cost_curve(usage, rates).optimum


@given(loads_and_rates())
def test_beyond_the_break_even_a_commitment_costs_more_than_none(
    case: tuple[Usage, dict[str, Decimal]],
) -> None:
    usage, rates = case
    curve = cost_curve(usage, rates)

    assert curve.at(curve.break_even) == curve.on_demand
    assert curve.at(curve.break_even + Fraction(1, 100)) > curve.on_demand
    assert curve.optimum <= curve.break_even


@given(loads_and_rates())
def test_days_spread_over_their_hours_are_never_dearer_than_the_hours_were(
    case: tuple[Usage, dict[str, Decimal]],
) -> None:
    usage, rates = case
    names = usage.usage_types
    total = {
        name: sum((hour.quantities.get(name, Decimal(0)) for hour in usage.hours), Decimal(0))
        for name in names
    }
    idle = Hour(usage.hours[0].starts, {})
    whole = replace(usage, hours=(*usage.hours, *[idle] * (24 - len(usage.hours))))
    day = replace(usage, hours=(Hour(usage.hours[0].starts, total),))

    even, true = cost_curve(spread_over_hours(day), rates), cost_curve(whole, rates)

    for commitment in (Decimal("0.01"), Decimal("0.5"), Decimal(3)):
        gap = float(true.at(commitment) - even.at(commitment))
        assert gap >= -1e-20


def test_of_commitments_that_cost_the_same_the_least_is_taken() -> None:
    usage = usage_of({"a": "2"}, {"a": 1}, {})

    curve = cost_curve(usage, rates_of(a="1"))

    assert curve.at(Decimal(1)) == curve.at(Decimal(0)) == 1
    assert curve.optimum == 0
    assert curve.break_even == 1


def test_usage_without_a_rate_is_not_part_of_the_curve() -> None:
    usage = usage_of({"a": "1", "b": "9"}, {"a": 1, "b": 1})

    curve = cost_curve(usage, rates_of(a="0.5"))

    assert curve.on_demand == 1


def test_a_commitment_too_small_to_be_sold_is_made_the_least_one_or_none() -> None:
    tiny = usage_of({"a": "0.002"}, {"a": 1})
    tinier = usage_of({"a": "0.0002"}, {"a": 1})

    assert cost_curve(tiny, rates_of(a="0.0009")).best_purchase() == LEAST
    assert cost_curve(tinier, rates_of(a="0.0001")).best_purchase() == 0


def test_no_hour_is_no_usage_to_decide_by() -> None:
    with pytest.raises(ValueError, match="no hour"):
        cost_curve(usage_of({}), {})


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="a: a rate and a price"):
        cost_curve(usage_of({"a": "1"}, {"a": 1}), rates_of(a="0"))


def test_usage_without_a_price_is_refused() -> None:
    with pytest.raises(ValueError, match="without a price: b"):
        usage_of({"a": "1"}, {"b": 1})


def test_negative_usage_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        usage_of({"a": "1"}, {"a": -1})
