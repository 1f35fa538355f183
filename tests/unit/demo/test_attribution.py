"""Every saved minute belongs to one action, and the parts add up to the whole."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from sagewarden_cli.demo.attribution import attribute
from sagewarden_cli.demo.meter import OFF, Draw, Span

START = datetime(2026, 11, 16, tzinfo=UTC)
DOLLAR = Draw(runs=True, hourly_usd=Decimal(1))
UNPRICED = Draw(runs=True, hourly_usd=None)


def a_span(hour: int, actual: Draw, otherwise: Draw, arn: str = "a") -> Span:
    return Span(START + timedelta(hours=hour), 60, {arn: actual}, {arn: otherwise})


def test_a_stop_saves_from_its_own_moment_on() -> None:
    spans = [a_span(0, DOLLAR, DOLLAR), a_span(1, OFF, DOLLAR), a_span(2, OFF, DOLLAR)]

    attribution = attribute(spans, [(START + timedelta(hours=1), "a")])

    assert attribution.by_action[0].usd == 2
    assert attribution.by_action[0].hours == 2
    assert attribution.cumulative[-1] == {"a": 2}


def test_a_later_action_takes_over() -> None:
    spans = [a_span(0, OFF, DOLLAR), a_span(1, OFF, DOLLAR)]

    attribution = attribute(spans, [(START, "a"), (START + timedelta(hours=1), "a")])

    assert [part.usd for part in attribution.by_action] == [1, 1]


def test_a_start_that_runs_longer_than_otherwise_costs() -> None:
    spans = [a_span(0, DOLLAR, OFF)]

    attribution = attribute(spans, [(START, "a")])

    assert attribution.by_action[0].usd == -1


def test_what_has_no_price_saves_hours_but_no_known_amount() -> None:
    spans = [a_span(0, OFF, UNPRICED)]

    attribution = attribute(spans, [(START, "a")])

    assert attribution.by_action[0].usd is None
    assert attribution.by_action[0].hours == 1
    assert attribution.cumulative[-1] == {}


def test_a_difference_without_an_action_is_reported_as_unexplained() -> None:
    spans = [a_span(0, OFF, DOLLAR)]

    attribution = attribute(spans, [])

    assert attribution.unexplained.usd == 1


draws = st.builds(
    lambda cents: Draw(runs=bool(cents), hourly_usd=Decimal(cents) / 100), st.integers(0, 900)
)
arns = st.sampled_from(["a", "b", "c"])
weeks = st.lists(
    st.tuples(
        st.dictionaries(arns, draws, max_size=3),
        st.dictionaries(arns, draws, max_size=3),
        st.integers(5, 60),
    ),
    max_size=12,
)


@given(weeks, st.lists(st.tuples(st.integers(0, 12), arns), max_size=6))
def test_the_actions_add_up_to_the_difference_between_the_worlds(
    week: list[tuple[dict[str, Draw], dict[str, Draw], int]], deeds: list[tuple[int, str]]
) -> None:
    spans = [
        Span(START + timedelta(hours=number), minutes, actual, otherwise)
        for number, (actual, otherwise, minutes) in enumerate(week)
    ]
    actions = sorted((START + timedelta(hours=hour), arn) for hour, arn in deeds)

    attribution = attribute(spans, actions)

    difference = sum(
        minutes
        * (
            sum((draw.hourly_usd or 0) for draw in otherwise.values())
            - sum((draw.hourly_usd or 0) for draw in actual.values())
        )
        for actual, otherwise, minutes in week
    )
    parts = sum(part.usd_minutes for part in attribution.by_action)
    assert parts + attribution.unexplained.usd_minutes == difference
