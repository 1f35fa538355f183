"""The worked example of docs/savings-plans.md, by hand, and what else a commitment says."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from sagewarden.domain.savings_plans.commitment import (
    best_commitment,
    best_of,
    fallen,
)
from sagewarden.domain.savings_plans.cost_curve import cost_curve
from sagewarden.domain.savings_plans.meters import meter_of
from sagewarden.domain.savings_plans.offerings import OFFERINGS, Offering, PaymentOption
from tests.support.savings_plans import billed, rates_of, usage_of

ONE_YEAR = Offering(1, PaymentOption.NO_UPFRONT)
PRICES = {"G": "1.00", "M": "0.40"}
RATES = rates_of(G="0.50", M="0.30")
EXAMPLE = usage_of(PRICES, {"G": 2, "M": 1}, {"G": 2, "M": 1}, {"G": 1, "M": 1}, {"M": 1})


def test_the_worked_example_comes_out_as_by_hand() -> None:
    found = best_commitment(EXAMPLE, ONE_YEAR, RATES)

    assert found.hourly == Decimal("0.80")
    assert found.on_demand * 4 == Decimal("6.60")
    assert found.cost * 4 == Decimal("4.80")
    assert round(found.utilisation, 4) == Decimal("0.8438")  # 2.70 of 3.20
    assert round(found.coverage, 4) == Decimal("0.7576")  # 5.00 of 6.60
    assert round(found.break_even_fall, 4) == Decimal("0.5152")  # 1 - 0.80 / 1.65
    assert round(found.saving_over_term, 2) == Decimal("3942.00")  # 0.45 x 8,760
    assert found.paid_at_once == 0


def test_the_page_shows_the_figures_of_the_worked_example() -> None:
    page = (Path(__file__).parents[4] / "docs" / "savings-plans.md").read_text(encoding="utf-8")
    found = best_commitment(EXAMPLE, ONE_YEAR, RATES)
    curve = cost_curve(EXAMPLE, RATES)

    bends = [f"${float(knot):.2f}" for knot in curve.knots]
    rows = [f"| {begin} – {end} |" for begin, end in pairwise(bends)]  # noqa: RUF001 - a dash
    costs = [f"${float(cost * 4):.2f}" for cost in map(curve.at, curve.knots)]

    assert [row for row in rows if row not in page] == []
    assert bends == ["$0.00", "$0.30", "$0.50", "$0.80", "$1.00", "$1.30"]
    assert costs == ["$6.60", "$5.60", "$5.20", "$4.80", "$4.80", "$5.20"]
    for begin, end in ((costs[0], costs[1]), (costs[1], costs[2]), (costs[2], costs[3])):
        assert f"{begin} → {end}" in page
    for figure in (
        f"**${found.hourly:.2f}** an hour",
        f"of $3.20, **{found.utilisation * 100:.1f} %**",
        f"of $6.60, **{found.coverage * 100:.1f} %**",
        f"× 8,760 h = **${found.saving_over_term:,.2f}**",  # noqa: RUF001 - a times sign
        f"**{found.break_even_fall * 100:.1f} %**",
        f"$6.60 at ${float(curve.break_even):.2f}",
    ):
        assert figure in page


@pytest.mark.parametrize("fall", ["0.10", "0.25", "0.50"])
def test_a_fall_costs_what_the_bill_of_the_fallen_usage_says(fall: str) -> None:
    left = 1 - Decimal(fall)
    fewer = usage_of(
        PRICES,
        *(
            {name: count * left for name, count in hour.quantities.items()}
            for hour in EXAMPLE.hours
        ),
    )

    found = fallen(cost_curve(EXAMPLE, RATES), Decimal("0.80"), Decimal(fall))

    assert float(found.cost) == pytest.approx(float(billed(fewer, RATES, Decimal("0.80"))))
    assert float(found.on_demand) == pytest.approx(float(left) * 1.65)


def test_at_the_break_even_fall_nothing_is_saved_and_nothing_lost() -> None:
    curve = cost_curve(EXAMPLE, RATES)
    fall = 1 - Decimal("0.80") / Decimal("1.65")

    found = fallen(curve, Decimal("0.80"), fall)

    assert abs(found.saving) < Decimal("0.00000001")


def test_where_a_plan_saves_nothing_none_is_advised() -> None:
    usage = usage_of({"a": "1"}, {"a": 1}, {}, {})

    found = best_commitment(usage, ONE_YEAR, rates_of(a="0.9"))

    assert not any((found.hourly, found.saving, found.utilisation, found.coverage))
    assert found.break_even_fall == 0
    assert best_of([found]) is None


def test_no_commitment_has_no_fall_to_break_even_at() -> None:
    usage = usage_of({"a": "2"}, {"a": 1}, {})

    found = best_commitment(usage, ONE_YEAR, rates_of(a="1"))

    assert cost_curve(usage, rates_of(a="1")).break_even == 1
    assert not any((found.hourly, found.break_even_fall))


def test_usage_that_has_no_rate_at_all_leaves_nothing_to_commit_to() -> None:
    found = best_commitment(usage_of({"a": "1"}, {"a": 1}), ONE_YEAR, {})

    assert not any((found.hourly, found.on_demand, found.coverage))


def test_what_is_paid_at_once_follows_the_payment_option() -> None:
    paid = {o.payment: o.paid_at_once(Decimal("0.80")) for o in OFFERINGS if o.years == 3}

    assert paid == {
        PaymentOption.NO_UPFRONT: Decimal(0),
        PaymentOption.PARTIAL_UPFRONT: Decimal("10512.00"),
        PaymentOption.ALL_UPFRONT: Decimal("21024.00"),
    }


def test_the_offering_that_saves_most_is_the_best() -> None:
    cheap, dear = rates_of(G="0.40", M="0.30"), RATES
    others = [best_commitment(EXAMPLE, ONE_YEAR, dear)]
    best = best_commitment(EXAMPLE, Offering(3, PaymentOption.ALL_UPFRONT), cheap)

    assert best_of([*others, best]) == best


def test_at_equal_savings_the_shorter_term_is_the_best() -> None:
    found = [best_commitment(EXAMPLE, offering, RATES) for offering in reversed(OFFERINGS)]

    best = best_of(found)

    assert best is not None
    assert best.offering == ONE_YEAR


def test_the_drawn_curve_holds_its_optimum_and_its_break_even() -> None:
    found = best_commitment(EXAMPLE, ONE_YEAR, RATES)

    drawn = {point.commitment: point.cost for point in found.curve}

    assert drawn[Decimal("0.8000000000")] == Decimal("1.2000000000")
    assert drawn[Decimal("1.6500000000")] == drawn[Decimal("0E-10")] == Decimal("1.6500000000")
    assert max(drawn) > Decimal("1.65")


def test_usage_costs_its_average_on_demand() -> None:
    assert EXAMPLE.hourly_usd("G") == Decimal("1.25")
    assert usage_of({"a": "1"}).hourly_usd("a") == 0


def test_an_unused_commitment_is_lost_and_counted() -> None:
    assert cost_curve(EXAMPLE, RATES).used(Decimal("0.80")) == Fraction(27, 40)


@pytest.mark.parametrize(
    ("usage_type", "label"),
    [
        ("USE1-Host:ml.g5.xlarge", "Hosting ml.g5.xlarge us-east-1"),
        ("Host:ml.m5.xlarge", "Hosting ml.m5.xlarge us-east-1"),
        ("EU-Notebk:ml.m5.xlarge", "Notebook ml.m5.xlarge eu-west-1"),
        ("USE1-Studio:JupyterLab-ml.r6i.4xlarge", "Studio JupyterLab ml.r6i.4xlarge us-east-1"),
        ("XYZ9-Train:ml.p5.48xlarge", "Training ml.p5.48xlarge XYZ9"),
        ("USE1-ServerlessInf:Mem-2GB", "USE1-ServerlessInf:Mem-2GB"),
    ],
)
def test_a_usage_type_is_read_for_people(usage_type: str, label: str) -> None:
    assert meter_of(usage_type).label == label


def test_offerings_are_named_for_people() -> None:
    assert [offering.label for offering in (OFFERINGS[0], OFFERINGS[-1])] == [
        "1 year, No Upfront",
        "3 years, All Upfront",
    ]
