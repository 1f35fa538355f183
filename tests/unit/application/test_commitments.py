"""Advice from sources that answer, and from sources of which each part fails in turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sagewarden.application.commitments import advise_commitment
from sagewarden.application.ports import UnreadableError
from sagewarden.domain.savings_plans.billed import AwsAdvice, Billed, OwnedPlan, PlanUse
from sagewarden.domain.savings_plans.offerings import OFFERINGS, Offering, PaymentOption, Rates
from sagewarden.domain.savings_plans.usage import Hour, Usage
from sagewarden.domain.standstill import Span
from tests.support.savings_plans import rates_of

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
ONE, THREE = Offering(1, PaymentOption.NO_UPFRONT), Offering(3, PaymentOption.ALL_UPFRONT)
PLAN = OwnedPlan("arn", "active", Decimal(1), "No Upfront", NOW - timedelta(days=100), NOW)


@dataclass
class Costs:
    """What was billed, in memory; each part of it may fail."""

    quantities: Mapping[str, int]
    failing: set[str] = field(default_factory=set)
    late: timedelta = timedelta(0)
    asked: list[str] = field(default_factory=list)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if what in self.failing:
            raise UnreadableError(what, "refused")

    def billed(self, window: Span, *, hourly: bool) -> Billed:
        self._ask("hours" if hourly else "days")
        step = timedelta(hours=1) if hourly else timedelta(days=1)
        scale = 1 if hourly else 24
        count = (window.end - window.begin) // step
        used = {name: Decimal(number * scale) for name, number in self.quantities.items()}
        metered = window.end - self.late
        starts = [window.begin + n * step for n in range(count)]
        hours = tuple(Hour(at, used if at < metered else {}) for at in starts)
        prices = dict.fromkeys(self.quantities, Decimal(1))
        recorded = metered if self.quantities else None
        return Billed(Usage(hours, prices), Decimal(336), Decimal(672), recorded)

    def use_of(self, plans: Sequence[OwnedPlan], window: Span) -> PlanUse:
        assert window.end == NOW.replace(hour=0, minute=0) - self.late
        self._ask("use")
        return PlanUse(Decimal(len(plans)), Decimal("0.5"))

    def advice(self, offering: Offering) -> AwsAdvice:
        self._ask("advice")
        return AwsAdvice(Decimal(offering.years), Decimal(9), 30)


@dataclass
class Market:
    """What can be bought, in memory."""

    known: Mapping[Offering, Rates]
    plans: tuple[OwnedPlan, ...] = ()
    is_failing: bool = False

    def rates(self, usage_types: Sequence[str]) -> Mapping[Offering, Rates]:
        assert usage_types
        if self.is_failing:
            raise UnreadableError("rates", "refused")
        return self.known

    def owned(self) -> tuple[OwnedPlan, ...]:
        if self.is_failing:
            raise UnreadableError("plans", "refused")
        return self.plans


MARKET = Market({ONE: rates_of(a="0.7"), THREE: rates_of(a="0.5")}, (PLAN,))


def test_two_whole_weeks_of_hours_are_looked_at() -> None:
    found = advise_commitment(Costs({"a": 2, "b": 1}), MARKET, NOW)

    assert (found.window.begin.isoformat(), found.window.end.isoformat()) == (
        "2026-11-04T00:00:00+00:00",
        "2026-11-18T00:00:00+00:00",
    )
    assert found.by_hour
    assert [(line.meter.usage_type, line.hourly, line.is_coverable) for line in found.lines] == [
        ("a", Decimal(2), True),
        ("b", Decimal(1), False),
    ]
    assert (found.covered, found.elsewise) == (Decimal(1), Decimal(2))
    assert [item.hourly for item in found.commitments] == [Decimal("1.4"), Decimal(1)]
    assert [item.offering for item in found.best] == [ONE, THREE]
    assert found.use is not None
    assert found.use.utilisation == Decimal("0.5")
    assert {offering: item.hourly for offering, item in found.aws.items()} == {ONE: 1, THREE: 3}


def test_days_make_the_same_averages_where_hours_are_not_to_be_had() -> None:
    found = advise_commitment(Costs({"a": 2}, {"hours"}), MARKET, NOW)

    assert not found.by_hour
    assert found.window.end - found.window.begin == timedelta(days=28)
    assert found.lines[0].hourly == 2
    assert (found.covered, found.elsewise) == (Decimal("0.5"), Decimal(1))
    assert [gap.what for gap in found.incomplete] == ["hours"]


def test_without_any_usage_to_read_there_is_no_advice() -> None:
    with pytest.raises(UnreadableError, match="days"):
        advise_commitment(Costs({}, {"hours", "days"}), MARKET, NOW)


def test_what_else_cannot_be_read_is_named_and_the_rest_is_said() -> None:
    costs = Costs({"a": 2}, {"use", "advice"})

    found = advise_commitment(costs, MARKET, NOW)

    assert [gap.what for gap in found.incomplete] == ["use", "advice"]
    assert found.use is None
    assert len(found.commitments) == 2
    assert costs.asked.count("advice") == 1


def test_without_rates_nothing_is_advised_and_nothing_paid_for() -> None:
    costs = Costs({"a": 2})

    found = advise_commitment(costs, Market({}, is_failing=True), NOW)

    assert [gap.what for gap in found.incomplete] == ["rates", "plans"]
    assert (found.commitments, found.best, found.aws) == ((), (), {})
    assert costs.asked == ["hours"]


def test_an_empty_account_is_not_asked_for_rates() -> None:
    found = advise_commitment(Costs({}), Market({}), NOW)

    assert (found.lines, found.commitments, found.incomplete) == ((), (), ())


def test_a_plan_that_has_not_begun_was_not_used() -> None:
    later = OwnedPlan("arn", "queued", Decimal(1), "No Upfront", NOW, NOW + timedelta(days=365))
    costs = Costs({"a": 2})

    found = advise_commitment(costs, Market({}, (later,)), NOW)

    assert found.use is None
    assert "use" not in costs.asked


def test_plans_without_hours_in_the_window_have_no_utilisation() -> None:
    assert PlanUse(Decimal(0), Decimal(0)).utilisation is None


def test_every_offering_is_asked_for() -> None:
    market = Market(dict.fromkeys(OFFERINGS, rates_of(a="0.6")))

    found = advise_commitment(Costs({"a": 1}), market, NOW)

    assert [item.offering for item in found.commitments] == list(OFFERINGS)
    assert [item.offering.payment for item in found.best] == [PaymentOption.NO_UPFRONT] * 2


def test_an_end_that_is_not_metered_yet_does_not_look_idle() -> None:
    found = advise_commitment(Costs({"a": 2}, late=timedelta(hours=20)), MARKET, NOW)

    assert found.left_out == timedelta(hours=20)
    assert found.window.end == datetime(2026, 11, 17, 4, tzinfo=UTC)
    assert found.lines[0].hourly == 2


def test_a_longer_end_without_records_is_idle() -> None:
    costs = Costs({"a": 2}, late=timedelta(days=7))

    found = advise_commitment(costs, Market(MARKET.known), NOW)

    assert found.left_out == timedelta(0)
    assert found.lines[0].hourly == 1
