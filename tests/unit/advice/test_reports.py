"""Ranking, totals, filters."""

from dataclasses import replace
from datetime import timedelta

from sagewarden.domain.advice.advice import AdviceKind
from sagewarden.domain.advice.report import Report, Unjudged, joined
from sagewarden.domain.plans import Incomplete
from tests.support.builders import NOW, a_ref
from tests.support.reports import TODAY, a_report, an_advice


def test_the_most_money_comes_first_what_is_unknown_last_and_what_is_blocked_after_it() -> None:
    report = a_report(
        an_advice("blocked", 99, blockers=("cannot",)),
        an_advice("unknown", None),
        an_advice("little", 1),
        an_advice("loss", -5),
        an_advice("much", 50),
    )

    assert [item.title for item in report.advice] == [
        "much",
        "little",
        "loss",
        "unknown",
        "blocked",
    ]


def test_pieces_that_exclude_each_other_count_once_the_best() -> None:
    report = a_report(
        an_advice("a", 10),
        an_advice("a", 30, kind=AdviceKind.ASYNCHRONOUS),
        an_advice("b", 35, others=("a",), kind=AdviceKind.SHARED_ENDPOINT),
        an_advice("c", 5),
    )

    assert report.saving_usd == 40


def test_what_is_blocked_unknown_or_costs_more_counts_nothing() -> None:
    report = a_report(
        an_advice("a", 10, blockers=("cannot",)), an_advice("b", None), an_advice("c", -3)
    )

    assert report.saving_usd == 0


def test_a_saving_is_as_old_as_its_oldest_price() -> None:
    assert a_report(an_advice()).prices_of == TODAY - timedelta(days=1)
    assert a_report(an_advice(usd=None)).prices_of is None
    assert a_report(an_advice(blockers=("cannot",))).prices_of is None


def test_a_report_is_narrowed_to_a_team_kinds_and_an_account() -> None:
    report = a_report(
        an_advice("a", team="Ranking"),
        an_advice("b", team="search", kind=AdviceKind.AUTOSCALING),
        an_advice("c", account="999900001111"),
    )

    assert [item.title for item in report.only(team="ranking").advice] == ["a"]
    assert [item.title for item in report.only(kinds=["autoscaling"]).advice] == ["b"]
    assert [item.title for item in report.only(account="999900001111").advice] == ["c"]
    assert len(report.only().advice) == 3


def test_each_account_and_team_gets_its_own_in_the_order_of_their_best() -> None:
    report = a_report(
        an_advice("a", 10, team="x"), an_advice("b", 90), an_advice("c", 50, team="x")
    )

    groups = report.by_team()

    assert list(groups) == [("111122223333", None), ("111122223333", "x")]
    assert groups["111122223333", "x"].saving_usd == 60


def test_reports_of_regions_are_one_and_keep_what_was_not_seen() -> None:
    one = Report(
        at=NOW,
        looked_back=timedelta(days=14),
        advice=(an_advice("a", 1),),
        unjudged=(Unjudged(a_ref(), "too new"),),
    )
    two = replace(one, advice=(an_advice("b", 2),), incomplete=(Incomplete("x", "denied"),))

    report = joined([one, two])

    assert [item.title for item in report.advice] == ["b", "a"]
    assert len(report.unjudged) == 2
    assert report.incomplete == (Incomplete("x", "denied"),)
