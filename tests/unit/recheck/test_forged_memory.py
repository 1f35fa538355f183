"""Who writes what a bot remembers, in the ledger's table, puts looks off and deletes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.adapters.survey_memory import InMemorySurveyMemory
from sagewarden.application.carry_out import Hands
from sagewarden.application.look_again import Sight, look_again
from sagewarden.application.plan_fleet import Fleet
from sagewarden.application.remembering import RememberingEyes
from sagewarden.application.sweep import SweepReport, sweep
from sagewarden.domain.endpoint_metrics import variant_series
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.recheck import Known, Recollection
from sagewarden.domain.resources import Endpoint
from tests.support.builders import (
    ACCOUNT,
    NOW,
    REGION,
    a_policy,
    a_variant,
    an_endpoint,
    an_endpoint_rule,
    some_prices,
)
from tests.support.fakes import FakeExecutor, FakeNotifier, HandClock
from tests.support.hourly_region import HOUR, HourlyRegion

POLICY = a_policy(an_endpoint_rule())


def a_region(*endpoints: Endpoint) -> HourlyRegion:
    region = HourlyRegion(0, NOW.replace(minute=10))
    for endpoint in endpoints:
        region.put(endpoint)
    return region


def forged(region: HourlyRegion, known: Known) -> Recollection:
    """A memory as its bot would have written it a moment ago."""
    what = {known.endpoint.ref.arn: known}
    return Recollection(POLICY.fingerprint, region.now, region.now, what)


def test_a_memory_that_says_not_before_long_is_believed_for_a_day_at_most() -> None:
    region = a_region(an_endpoint("idle"))
    for hour in range(80):
        region.set_calls("idle", 0.0, ago=(hour - 30) * HOUR)
    never = Known(an_endpoint("idle", described=False), used=region.now + timedelta(days=3650))
    memory: Recollection | None = forged(region, never)
    forged_at, unread = region.now, []

    while region.now < forged_at + timedelta(hours=24):
        found = look_again(REGION, POLICY, Sight(region, region, region), memory, region.now)
        unread.append([ref.name for ref in found.seen.unread])
        memory = found.recollection
        region.now += HOUR

    assert unread == [["idle"]] * 24
    assert not look_again(
        REGION, POLICY, Sight(region, region, region), memory, region.now
    ).seen.unread


@pytest.mark.parametrize("ahead", [timedelta(seconds=1), timedelta(days=3650)])
def test_a_memory_of_a_time_to_come_is_not_believed_at_all(ahead: timedelta) -> None:
    region = a_region(an_endpoint("idle"))
    never = Known(an_endpoint("idle", described=False), used=region.now + timedelta(days=3650))
    memory = replace(forged(region, never), whole_at=region.now + ahead)

    found = look_again(REGION, POLICY, Sight(region, region, region), memory, region.now)

    assert found.seen.unread == {}


def test_a_memory_that_hides_what_is_called_has_its_owner_warned_and_deletes_nothing() -> None:
    both = an_endpoint("busy", a_variant("quiet"), a_variant("called"))
    region = a_region(both)
    clock, memory, notifier = HandClock(region.now), InMemorySurveyMemory(), FakeNotifier()
    for back in range(60):
        region.set_calls("busy", 0.0, ago=back * HOUR, variant="quiet")
        region.set_calls("busy", 3.0, ago=back * HOUR, variant="called")
    half = an_endpoint("busy", a_variant("quiet"))
    lie = Known(half, published=(variant_series("Invocations", "busy", "quiet"),))
    executor = FakeExecutor(region, clock)
    hands = Hands(Fleet(region, region, MemoryLedger(), some_prices()), executor, clock)

    def an_hourly_sweep() -> SweepReport:
        memory.remember(ACCOUNT, REGION, forged(region, lie))  # anew before each of them
        eyes = RememberingEyes(ACCOUNT, region, memory, pytest.fail)
        report = sweep(POLICY, REGION, hands, notifier, ACCOUNT, eyes=eyes)
        region.now += HOUR
        clock.set(region.now)
        region.set_calls("busy", 0.0, variant="quiet")
        region.set_calls("busy", 3.0, variant="called")
        return report

    outcomes = [outcome for _ in range(30) for outcome in an_hourly_sweep().outcomes]

    assert notifier.warned
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.STALE}
    assert executor.deeds == []
    assert region.endpoint_at("busy") == both
