"""What a look at ten thousand endpoints costs, and what the next hour's does."""

from dataclasses import replace
from datetime import timedelta

from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.application.look_again import Look, Sight, look_again
from sagewarden.application.plan_fleet import Fleet, judge_survey
from sagewarden.application.survey import Survey, survey
from sagewarden.domain.recheck import Recollection
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import NOW, REGION, a_policy, an_endpoint, an_endpoint_rule, some_prices
from tests.support.hourly_region import HOUR, HourlyRegion

ENDPOINTS = 10_000
IDLE = ENDPOINTS // 20
CHANGED = ENDPOINTS // 20
FALL_IDLE, COME_BACK, GONE, NEW = 20, 20, 20, 40
UPDATED = CHANGED - FALL_IDLE - COME_BACK - GONE - NEW
RULE = an_endpoint_rule()
POLICY = a_policy(RULE)


def a_fleet() -> HourlyRegion:
    """Of ten thousand endpoints 5 % are idle; another few were last called 48 hours ago."""
    region = HourlyRegion(0, NOW.replace(minute=10))
    for number in range(ENDPOINTS):
        region.put(an_endpoint(name_of(number), tags={"Owner": "mina"}))
        idle = number < IDLE
        falls_idle = IDLE <= number < IDLE + FALL_IDLE
        for hour in reversed(range(50 if idle or falls_idle else 2)):
            called = not idle and (hour == 48 or not falls_idle)
            region.set_calls(name_of(number), 3.0 if called else 0.0, ago=hour * HOUR)
    return region


def name_of(number: int) -> str:
    return f"endpoint-{number:05}"


def an_hour_later(region: HourlyRegion) -> None:
    """5 % of the fleet changed."""
    region.now += HOUR
    for number in range(ENDPOINTS):
        region.set_calls(name_of(number), 0.0)
    for number in range(COME_BACK):
        region.set_calls(name_of(number), 5.0)
    for number in range(IDLE - GONE, IDLE):
        del region.resources[region.endpoint_at(name_of(number)).ref.arn]
    for number in range(ENDPOINTS, ENDPOINTS + NEW):
        region.put(an_endpoint(name_of(number), created=region.now, modified=region.now))
    for number in range(ENDPOINTS - UPDATED, ENDPOINTS):
        region.put(replace(region.endpoint_at(name_of(number)), modified=region.now))


def looked(region: HourlyRegion, before: Recollection | None) -> tuple[Look, int]:
    made = region.calls.total()
    look = look_again(REGION, POLICY, Sight(region, region, region), before, region.now)
    return look, region.calls.total() - made


def idle_in(seen: Survey, region: HourlyRegion) -> set[str]:
    fleet = Fleet(region, region, MemoryLedger(), some_prices())
    verdicts = judge_survey(RULE, seen, fleet, region.now)
    return {item.ref.name for item in verdicts if item.kind is VerdictKind.VIOLATION}


def test_an_hour_in_which_5_percent_change_takes_15_percent_of_the_calls_of_a_first_sweep() -> None:
    region = a_fleet()
    made = region.calls.total()
    survey(REGION, POLICY, region, region, region.now)
    a_full_sweep = region.calls.total() - made
    first, first_calls = looked(region, None)

    an_hour_later(region)
    again, next_calls = looked(region, first.recollection)
    everything = survey(REGION, POLICY, region, region, region.now)

    assert first_calls == a_full_sweep
    assert idle_in(again.seen, region) == idle_in(everything, region)
    assert len(idle_in(again.seen, region)) == IDLE - COME_BACK - GONE + FALL_IDLE
    assert next_calls <= 0.15 * first_calls
    assert again.seen.incomplete == ()
    resources = len(again.seen.endpoints) + len(again.seen.unread)
    assert resources == ENDPOINTS - GONE + NEW


def test_an_hour_of_a_fleet_without_an_idle_endpoint_takes_as_few() -> None:
    region = HourlyRegion(0, NOW.replace(minute=10))
    for number in range(ENDPOINTS):
        region.put(an_endpoint(name_of(number), tags={"Owner": "mina"}))
        region.set_calls(name_of(number), 3.0)
    first, first_calls = looked(region, None)

    region.now += HOUR
    for number in range(CHANGED):
        region.put(replace(region.endpoint_at(name_of(number)), modified=region.now))
    again, next_calls = looked(region, first.recollection)

    assert next_calls <= 0.05 * first_calls
    assert len(again.seen.endpoints) == CHANGED
    assert min(again.seen.unread.values()) >= region.now + timedelta(hours=47)
