"""What each reader is told of a report of advice."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from sagewarden.domain.advice.advice import AdviceKind
from sagewarden.domain.advice.report import Report, Unjudged
from sagewarden.domain.digest import MOST_SHOWN, Some, Sum, this_monday
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.weekly_advice import Share, WeeklyAdvice, weekly_advice
from tests.support.builders import NOW, a_ref
from tests.support.reports import TODAY, a_report, an_advice

MONDAY = date(2026, 11, 2)
OTHER = "444455556666"
PRICES = TODAY - timedelta(days=1)

REPORT: Report = replace(
    a_report(
        an_advice("a", 10, team="vision", owner="mina"),
        an_advice("a", 30, team="vision", kind=AdviceKind.ASYNCHRONOUS),
        an_advice("b", 50, team="Vision", account=OTHER),
        an_advice("c", 90, team="vision", blockers=("cannot",)),
        an_advice("d", None, team="search"),
        an_advice("e", 20, others=("f", "g")),
    ),
    unjudged=(Unjudged(a_ref(), "too new"),),
    incomplete=(Incomplete("models", "denied"),),
)


def advised(team: str | None = None, report: Report = REPORT) -> WeeklyAdvice:
    return weekly_advice(report, MONDAY, 2, team)


def test_everybody_is_told_of_everything_the_most_money_first() -> None:
    letter = advised()

    assert [(tip.name, tip.usd) for tip in letter.tips.shown] == [
        ("b", 50),
        ("a", 30),
        ("e", 20),
        ("a", 10),
        ("d", None),
    ]
    assert letter.saving == Sum(Decimal(100), 4, 1, PRICES)
    assert (letter.blocked, letter.unjudged, letter.places) == (1, 1, 2)
    assert letter.unread == Some(("models: denied",), 1)


def test_a_team_is_told_of_its_own_in_any_letter_case_and_that_something_was_not_read() -> None:
    letter = advised("VISION")

    assert [tip.name for tip in letter.tips.shown] == ["b", "a", "a"]
    assert letter.saving == Sum(Decimal(80), 3, 0, PRICES)
    assert (letter.blocked, letter.unjudged, letter.shares.count) == (1, 0, 0)
    assert letter.unread == Some((), 1)


def test_a_piece_has_the_number_that_the_command_line_gives_it_in_its_account() -> None:
    numbers = {(tip.account, tip.name, tip.usd): tip.number for tip in advised("vision").tips.shown}
    here = REPORT.only(team="vision", account="111122223333").advice

    assert numbers == {
        (OTHER, "b", Decimal(50)): 1,
        ("111122223333", "a", Decimal(30)): 1,
        ("111122223333", "a", Decimal(10)): 2,
    }
    assert [item.ref.name for item in here] == ["a", "a", "c"]


def test_what_each_team_could_save_in_each_account_is_told_where_it_can_do_something() -> None:
    assert advised().shares.shown == (
        Share(OTHER, "Vision", Decimal(50), 1),
        Share("111122223333", "vision", Decimal(30), 2),
        Share("111122223333", None, Decimal(20), 1),
        Share("111122223333", "search", Decimal(0), 1),
    )


def test_a_piece_says_what_else_it_speaks_of_its_risk_and_whose_it_is() -> None:
    tips = {(tip.name, tip.usd): tip for tip in advised().tips.shown}

    several, owned = tips["e", Decimal(20)], tips["a", Decimal(10)]
    assert (several.others, several.owner) == (2, None)
    assert (owned.kind, owned.risk, owned.owner, owned.title) == ("serverless", "low", "mina", "a")


def test_many_pieces_are_counted_and_the_best_are_named() -> None:
    letter = advised(report=a_report(*(an_advice(f"e{usd}", usd) for usd in range(1, 9))))

    assert (len(letter.tips.shown), letter.tips.count) == (MOST_SHOWN, 8)
    assert letter.tips.shown[0].usd == 8


@pytest.mark.parametrize(
    ("team", "empty"), [(None, False), ("search", False), ("nobody", True), ("blocked", True)]
)
def test_a_letter_without_anything_to_do_is_empty(team: str | None, *, empty: bool) -> None:
    blocked = an_advice("x", 9, team="blocked", blockers=("cannot",))
    report = a_report(*REPORT.advice, blocked)

    assert advised(team, report).is_empty is empty


def test_it_is_the_same_letter_for_the_same_reader_and_week() -> None:
    later = replace(REPORT, at=NOW + timedelta(days=3))

    assert (
        advised("Vision", later).subject == advised("vision").subject == "advice:2026-11-02/vision"
    )
    assert advised().subject == "advice:2026-11-02/*"
    assert (advised("Vision").line, advised().line) == ("advice:vision", "advice:*")


def test_a_week_begins_on_monday_by_the_clocks_of_the_zone() -> None:
    sunday = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)  # half past midnight in Seoul

    assert this_monday(sunday, ZoneInfo("UTC")) == date(2026, 11, 16)
    assert this_monday(sunday, ZoneInfo("Asia/Seoul")) == date(2026, 11, 23)
