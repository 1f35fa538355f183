"""A second look misses nothing: at every step of a fortnight it is compared with a full sweep."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.adapters.survey_memory import InMemorySurveyMemory
from sagewarden.application.carry_out import Hands
from sagewarden.application.plan_fleet import Fleet
from sagewarden.application.remembering import RememberingEyes
from sagewarden.application.sweep import SweepReport, sweep
from sagewarden.domain.plans import Plan
from sagewarden.domain.scope import Mode
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import (
    ACCOUNT,
    NOW,
    REGION,
    a_policy,
    a_scope,
    an_endpoint_rule,
    some_prices,
)
from tests.support.fakes import FakeExecutor, FakeNotifier, HandClock
from tests.support.hourly_region import HourlyRegion

FORTNIGHT = 14 * 24
POLICY = a_policy(
    an_endpoint_rule(
        "idle-dev",
        scope=a_scope("idle-dev", mode=Mode.WARN, names=("dev-*",)),
        window=timedelta(hours=5),
    ),
    an_endpoint_rule(
        scope=a_scope("idle-endpoints", mode=Mode.WARN, except_names=("keep-*",)),
    ),
)


@dataclass
class World:
    """A deployment that looks at a region, with a ledger and a notifier of its own."""

    region: HourlyRegion
    clock: HandClock
    eyes: RememberingEyes | None = None
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    notifier: FakeNotifier = field(default_factory=FakeNotifier)

    def sweep(self) -> tuple[SweepReport, int]:
        """One sweep, and how many calls it made."""
        before = self.region.calls.total()
        fleet = Fleet(self.region, self.region, self.ledger, some_prices())
        hands = Hands(fleet, FakeExecutor(self.region, self.clock), self.clock)
        report = sweep(POLICY, REGION, hands, self.notifier, ACCOUNT, eyes=self.eyes)
        return report, self.region.calls.total() - before

    def cases(self) -> set[tuple[str, str]]:
        """What it follows, and how far it is."""
        return {(item.case_id, item.state) for item in self.ledger.live_cases(ACCOUNT, REGION)}


def verdicts(plan: Plan) -> dict[tuple[str, str], Verdict]:
    """By rule and ARN; of several series that show use, any may be named."""
    found = (*(item.verdict for item in plan.actions), *plan.left_alone)
    told = (
        replace(item, reason="in use", evidence={}) if item.kind is VerdictKind.COMPLIANT else item
        for item in found
    )
    return {(item.rule, item.ref.arn): item for item in told}


@pytest.mark.parametrize("seed", [1])
def test_a_second_look_says_at_every_hour_of_a_fortnight_what_a_full_sweep_says(seed: int) -> None:
    region = HourlyRegion(seed, NOW.replace(minute=10))
    region.populate(100, timedelta(days=3))
    clock = HandClock(region.now)
    eyes = RememberingEyes(ACCOUNT, region, InMemorySurveyMemory(), pytest.fail)
    full, again = World(region, clock), World(region, clock, eyes)
    calls = {"full": 0, "again": 0}
    violations, unread = 0, 0

    for _ in range(FORTNIGHT):
        everything, made = full.sweep()
        calls["full"] += made
        some, made = again.sweep()
        calls["again"] += made

        expected, said = verdicts(everything.plan), verdicts(some.plan)
        not_read = {ref.arn for ref in some.plan.unread}
        assert said == {key: item for key, item in expected.items() if key[1] not in not_read}
        missed = [
            item
            for item in expected.values()
            if item.ref.arn in not_read and item.kind is VerdictKind.VIOLATION
        ]
        assert missed == []
        assert min(some.plan.unread.values(), default=clock.now()) >= clock.now()
        assert again.cases() == full.cases()
        violations += sum(item.kind is VerdictKind.VIOLATION for item in said.values())
        unread += len(not_read)

        region.pass_an_hour(0.01)
        clock.set(region.now)

    assert again.notifier.warned == full.notifier.warned
    assert [item.case_id for item in again.notifier.called_off] == [
        item.case_id for item in full.notifier.called_off
    ]
    assert violations > FORTNIGHT, "something idled at every hour"
    assert unread > 40 * FORTNIGHT, "a good part was not read"
    assert calls["again"] < calls["full"]
