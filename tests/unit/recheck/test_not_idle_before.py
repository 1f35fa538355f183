"""The moment before which an endpoint cannot be idle is never later than when it is found idle."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.endpoint_metrics import component_series, variant_series
from sagewarden.domain.idle_endpoints import judge_endpoint
from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.recheck import Known, learned, not_idle_before, shortest_window
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import (
    a_scope,
    an_endpoint,
    an_endpoint_of_components,
    an_endpoint_rule,
    some_prices,
)

HOUR = timedelta(hours=1)
DAWN = datetime(2026, 11, 2, tzinfo=UTC)
SERIES = variant_series("Invocations", "ep", "AllTraffic")

hours = st.integers(min_value=0, max_value=120)
minutes = st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=120))


def seen_at(now: datetime, window: timedelta, called: set[int]) -> Readings:
    """What CloudWatch shows of an endpoint that publishes each hour and was called in some."""
    span = Window.before(now, window)
    shown = [DAWN + number * HOUR for number in range(-240, 360)]
    points = [at for at in reversed(shown) if span.start <= at < span.end]
    calls = {DAWN + number * HOUR for number in called}
    values = tuple(3.0 if at in calls else 0.0 for at in points)
    uses = [at for at in points if at in calls]
    return Readings(span, {SERIES: values}, used={SERIES: uses[0]} if uses else {})


@given(
    life=st.tuples(minutes, minutes),
    called=st.sets(hours, max_size=6),
    windows=st.tuples(st.integers(1, 72), st.integers(1, 72)),
    looked=minutes,
    later=minutes,
)
def test_no_rule_finds_it_idle_before(
    life: tuple[timedelta, timedelta],
    called: set[int],
    windows: tuple[int, int],
    looked: timedelta,
    later: timedelta,
) -> None:
    rules = [an_endpoint_rule(window=number * HOUR) for number in windows]
    created = DAWN + life[0]
    endpoint = an_endpoint("ep", created=created, modified=created + life[1])
    now = DAWN + looked
    read = [seen_at(now, rule.window, called) for rule in rules]

    known = learned(Known(replace(endpoint, details=None)), endpoint, read)
    moment = not_idle_before(known, min(windows) * HOUR)

    then = now + later
    for rule in rules:
        readings = seen_at(then, rule.window, called)
        verdict = judge_endpoint(endpoint, rule, readings, some_prices(), then)
        assert verdict.kind is not VerdictKind.VIOLATION or moment <= then


@given(called=hours, window=st.integers(min_value=1, max_value=72))
def test_it_is_the_very_moment_where_nothing_else_comes(called: int, window: int) -> None:
    rule = an_endpoint_rule(window=window * HOUR)
    endpoint = an_endpoint("ep", created=DAWN - 30 * 24 * HOUR, modified=DAWN - 30 * 24 * HOUR)
    read = seen_at(DAWN + called * HOUR + HOUR / 2, rule.window, {called})
    moment = not_idle_before(learned(Known(endpoint), endpoint, [read]), rule.window)

    def verdict(at: datetime) -> VerdictKind:
        readings = seen_at(at, rule.window, {called})
        return judge_endpoint(endpoint, rule, readings, some_prices(), at).kind

    assert verdict(moment) is VerdictKind.VIOLATION
    assert verdict(moment - timedelta(microseconds=1)) is VerdictKind.COMPLIANT


def test_of_several_rules_the_one_with_the_shortest_window_tells() -> None:
    rules = [
        an_endpoint_rule(window=48 * HOUR),
        an_endpoint_rule(scope=a_scope(names=("dev-*",)), window=5 * HOUR),
        an_endpoint_rule(scope=a_scope(names=("dev-*",), except_names=("dev-1",)), window=HOUR),
    ]

    assert shortest_window("dev-1", rules) == 5 * HOUR
    assert shortest_window("prod", rules) == 48 * HOUR
    assert shortest_window("prod", rules[1:]) is None


def test_an_older_use_does_not_hide_a_newer_one_nor_the_other_way_round() -> None:
    endpoint = an_endpoint("ep")
    new = seen_at(DAWN + 30 * HOUR, 48 * HOUR, {20})
    old = seen_at(DAWN + 30 * HOUR, 48 * HOUR, {3})

    first = learned(Known(endpoint), endpoint, [old])

    assert first.used == DAWN + 3 * HOUR
    assert learned(first, endpoint, [new]).used == DAWN + 20 * HOUR
    assert learned(learned(first, endpoint, [new]), endpoint, [old]).used == DAWN + 20 * HOUR


def test_what_a_component_was_called_for_says_nothing_of_tomorrow() -> None:
    """The component may be deleted, and a full sweep then knows nothing of its calls."""
    endpoint = an_endpoint_of_components("ep", "c")
    window = Window.before(DAWN, 48 * HOUR)
    series: Series = component_series("c")
    read = Readings(window, {series: (3.0,)}, used={series: DAWN - HOUR})

    known = learned(Known(endpoint), endpoint, [read])

    assert known.used is None
    assert known.published == ()
    assert known.details is None, "its instances scale without an update"


@pytest.mark.parametrize("side", ["created", "modified"])
def test_everything_is_forgotten_of_what_was_updated_or_made_anew(side: str) -> None:
    endpoint = an_endpoint("ep")
    known = Known(endpoint, DAWN, (SERIES,))
    changed = replace(endpoint, **{side: getattr(endpoint, side) + timedelta(seconds=1)})

    assert known.seen_as(changed) == Known(replace(changed, tags=None, details=None))
    assert known.seen_as(replace(endpoint, details=None)).details == endpoint.details
