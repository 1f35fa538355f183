"""A cross-check of which each part fails in turn."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sagewarden.application.cross_check import Found, cross_check
from sagewarden.application.ports import UnreadableError
from sagewarden.domain.aws_findings import Advisor, Agreement, AwsFinding, PurchaseAdvice
from sagewarden.domain.plans import Incomplete, Limits, Plan
from tests.support.builders import NOW

PLAN = Plan(NOW, None, (), (), (Incomplete("endpoints in b", "refused"),), Limits(), ())


@dataclass
class Advisors:
    """AWS's advisors in memory: a finding per region, and one of the hub."""

    failing: set[str] = field(default_factory=set)
    enabled: bool = True

    def idle_endpoints(self, region: str) -> Found[AwsFinding]:
        self._fail(region)
        found = AwsFinding(Advisor.COMPUTE_OPTIMIZER, f"arn:{region}", "Idle")
        return Found((found,) if self.enabled else (), self.enabled)

    def unneeded_endpoints(self, regions: Sequence[str]) -> Found[AwsFinding]:
        assert regions
        self._fail("hub")
        found = AwsFinding(Advisor.COST_OPTIMIZATION_HUB, "arn:hub", "Delete")
        return Found((found,) if self.enabled else (), self.enabled)

    def purchases(self) -> Found[PurchaseAdvice]:
        self._fail("purchases")
        return Found((PurchaseAdvice("1", "$1/h", Decimal(9)),))

    def _fail(self, what: str) -> None:
        if what in self.failing:
            raise UnreadableError(what, "refused")


def test_a_region_that_cannot_be_read_is_named_and_the_others_are_compared() -> None:
    found = cross_check(PLAN, ["a", "b"], Advisors({"a"}))

    assert [match.arn for match in found.matches] == ["arn:b", "arn:hub"]
    assert {match.agreement for match in found.matches} == {Agreement.ONLY_AWS}
    assert [gap.what for gap in found.incomplete] == ["endpoints in b", "a"]
    assert len(found.purchases) == 1


def test_a_hub_that_cannot_be_read_is_named() -> None:
    found = cross_check(PLAN, ["a"], Advisors({"hub"}))

    assert [match.arn for match in found.matches] == ["arn:a"]
    assert found.incomplete[-1].what == "hub"


def test_what_the_hub_found_stays_when_its_purchases_cannot_be_read() -> None:
    found = cross_check(PLAN, ["a"], Advisors({"purchases"}))

    assert [match.arn for match in found.matches] == ["arn:a", "arn:hub"]
    assert found.purchases == ()


def test_what_is_not_enabled_is_no_gap() -> None:
    found = cross_check(PLAN, ["a"], Advisors(enabled=False))

    assert found.not_enabled == ("Compute Optimizer in a", "Cost Optimization Hub")
    assert [gap.what for gap in found.incomplete] == ["endpoints in b"]
