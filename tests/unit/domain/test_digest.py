"""What a digest says: everything once, money apart from what is not known."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.digest import (
    MOST_SHOWN,
    Deed,
    Digest,
    Records,
    RunningOut,
    Sum,
    digest_of,
    last_week,
    runs_out,
)
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.outcomes import Outcome
from tests.support.builders import seoul
from tests.support.digests import (
    MONDAY_AFTER,
    PRICED,
    WEEK,
    ZONE,
    a_case,
    a_deed,
    an_outcome,
)

DAY = timedelta(days=1)
DAY_OF_PRICE = date(2026, 5, 21)


def digest(records: Records, team: str | None = None) -> Digest:
    return digest_of(records, WEEK, MONDAY_AFTER, ZONE, team)


def done(*histories: Iterable[Outcome]) -> Records:
    return Records(histories=[[Deed(item) for item in history] for history in histories])


class TestTheWeek:
    def test_it_is_the_last_whole_one_by_the_clocks_of_the_zone(self) -> None:
        assert last_week(MONDAY_AFTER, ZONE) == WEEK

    @pytest.mark.parametrize("when", ["2026-11-09 00:00", "2026-11-12 13:00", "2026-11-15 23:59"])
    def test_it_is_the_same_on_every_day_until_the_next_is_over(self, when: str) -> None:
        assert last_week(seoul(when), ZONE) == WEEK

    def test_a_digest_names_its_days_and_its_reader(self) -> None:
        ops, team = digest(Records()), digest(Records(), "Vision")

        assert (ops.first_day, ops.last_day) == (date(2026, 11, 2), date(2026, 11, 8))
        assert ops.key == "2026-11-02/2026-11-08/*"
        assert team.key == "2026-11-02/2026-11-08/vision"


class TestWhatWasDone:
    def test_each_deed_of_the_week_counts_and_no_other(self) -> None:
        night = [an_outcome("2026-11-03 18:00"), an_outcome("2026-11-04 09:00", ActionKind.START)]
        before = [an_outcome("2026-11-01 23:59", ActionKind.DELETE, "old")]
        after = [an_outcome("2026-11-09 00:00", ActionKind.DELETE, "new")]

        found = digest(done(night, before, after))

        assert found.done == {ActionKind.STOP: 1, ActionKind.START: 1}

    def test_what_moves_all_day_is_not_counted(self) -> None:
        moved = [an_outcome("2026-11-03 18:00", ActionKind.SET_PROVISIONED_CONCURRENCY)]

        assert digest(done(moved)).is_empty

    def test_a_notebook_that_is_stopped_each_evening_saves_its_month_once(self) -> None:
        evenings = [
            an_outcome(f"2026-11-0{day} {at}", kind)
            for day in range(2, 7)
            for at, kind in (("09:00", ActionKind.START), ("18:00", ActionKind.STOP))
        ]

        found = digest(done(evenings))

        assert found.projected == Sum(PRICED.usd, 1, 0, DAY_OF_PRICE)
        assert found.realised == Sum(Decimal("6.0"), 4, 0, DAY_OF_PRICE)  # 4 x 15 h at $0.10
        assert found.hours == 60

    def test_what_has_no_known_price_is_counted_and_adds_nothing(self) -> None:
        unpriced = an_outcome("2026-11-03 00:00", ActionKind.DELETE, "a", saving=None)
        no_hour = an_outcome(
            "2026-11-08 00:00", ActionKind.DELETE, "b", saving=replace(PRICED, hourly_usd=None)
        )

        found = digest(done([unpriced], [no_hour]))

        assert found.projected == Sum(PRICED.usd, 1, 1, DAY_OF_PRICE)
        assert found.realised == Sum(Decimal(0), 0, 2, None)
        assert found.hours == 7 * 24

    def test_what_was_taken_back_within_the_week_saves_nothing_from_now_on(self) -> None:
        deleted = an_outcome("2026-11-03 00:00", ActionKind.DELETE, "ep")
        restored = an_outcome("2026-11-04 00:00", ActionKind.RESTORE, "ep")

        found = digest(done([deleted, restored]))

        assert found.projected == Sum()
        assert found.realised.usd == Decimal("2.4")
        assert found.done == {ActionKind.DELETE: 1}

    def test_what_was_saved_by_a_deletion_of_before_is_still_told(self) -> None:
        deleted = an_outcome("2026-10-30 00:00", ActionKind.DELETE, "ep")

        found = digest(done([deleted]))

        assert (dict(found.done), found.projected) == ({}, Sum())
        assert found.hours == 7 * 24
        assert not found.is_empty

    def test_a_resource_that_is_seen_again_is_no_longer_claimed(self) -> None:
        deleted = [Deed(an_outcome("2026-11-03 00:00", ActionKind.DELETE, "ep"))]
        back = a_case("ep", kind=ActionKind.DELETE, created=seoul("2026-11-03 05:00"))

        assert digest(Records(live=[back], histories=[deleted])).hours == 5


class TestWhatWaits:
    def test_what_is_due_first_comes_first_and_the_rest_is_counted(self) -> None:
        cases = [
            a_case(f"nb{number}", warned_at=MONDAY_AFTER, due_at=MONDAY_AFTER + number * DAY)
            for number in range(9, 0, -1)
        ]

        found = digest(Records(live=cases))

        assert [entry.name for entry in found.pending.shown] == [
            f"nb{number}" for number in range(1, MOST_SHOWN + 1)
        ]
        assert found.pending.count == 9
        assert found.pending_saving == Sum(9 * PRICED.usd, 9, 0, DAY_OF_PRICE)

    def test_a_warning_from_which_nothing_follows_is_unanswered_the_oldest_first(self) -> None:
        old = a_case("old", kind=ActionKind.NOTIFY, warned_at=MONDAY_AFTER - 23 * DAY, owner="tom")
        new = a_case("new", kind=ActionKind.NOTIFY, warned_at=MONDAY_AFTER - DAY)

        found = digest(Records(live=[new, old]))

        assert [(one.name, one.at, one.owner) for one in found.unanswered.shown] == [
            ("old", MONDAY_AFTER - 23 * DAY, "tom"),
            ("new", MONDAY_AFTER - DAY, None),
        ]
        assert found.pending.count == 0

    def test_what_was_put_off_says_until_when_and_by_whom(self) -> None:
        until = MONDAY_AFTER + DAY
        case = a_case("nb", CaseState.SNOOZED, snoozed_until=until, decided_by="mina")

        [entry] = digest(Records(live=[case])).snoozed.shown

        assert (entry.name, entry.at, entry.by) == ("nb", until, "mina")


class TestExemptions:
    @pytest.mark.parametrize(
        ("until", "told"),
        [
            ("2026-10-31", False),  # it was over before the week
            ("2026-11-05", True),
            ("2026-11-20", True),
            ("2026-11-24", False),
        ],
    )
    def test_those_that_ran_out_or_will_within_two_weeks_are_told_of(
        self, until: str, *, told: bool
    ) -> None:
        exemption = Exemption("demo-*", date.fromisoformat(until), "a demo", "mina")

        assert runs_out(exemption, WEEK, MONDAY_AFTER) is told

    def test_one_without_an_end_never_is(self) -> None:
        assert not runs_out(Exemption("demo-*", None, "a demo", "mina"), WEEK, MONDAY_AFTER)

    def test_a_team_hears_of_those_that_cover_its_own(self) -> None:
        ended = Exemption("a", date(2026, 11, 5), "why", "mina")
        ends = Exemption("b", date(2026, 11, 20), "why", "tom")
        records = Records(exemptions=[RunningOut(ends, frozenset({"Vision"})), RunningOut(ended)])

        ops, team = digest(records), digest(records, "vision")

        assert [(one.resources, one.over) for one in ops.exemptions.shown] == [
            ("a", True),
            ("b", False),
        ]
        assert [one.by for one in team.exemptions.shown] == ["tom"]


TEAMS = st.sampled_from([None, "vision", "Vision", "search"])
ENDED = (CaseState.RESOLVED, CaseState.EXEMPT, CaseState.FAILED, CaseState.RESTORED)
LIVE = (CaseState.OPEN, CaseState.WARNED, CaseState.ACTING, CaseState.SNOOZED)
MOMENTS = st.datetimes(datetime(2026, 11, 2), datetime(2026, 11, 8)).map(  # noqa: DTZ001 - below
    lambda moment: moment.replace(tzinfo=ZONE, microsecond=0)
)


@st.composite
def cases(draw: st.DrawFn, states: tuple[CaseState, ...]) -> Case:
    state = draw(st.sampled_from(states))
    return a_case(
        draw(st.sampled_from("abcdef")),
        state,
        draw(st.sampled_from([ActionKind.STOP, ActionKind.DELETE, ActionKind.NOTIFY])),
        team=draw(TEAMS),
        saving=draw(st.sampled_from([PRICED, None])),
        warned_at=draw(MOMENTS),
        due_at=draw(st.none() | MOMENTS),
        ended_at=draw(MOMENTS) if state in ENDED else None,
        snoozed_until=draw(MOMENTS) if state is CaseState.SNOOZED else None,
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Deed]:
    kinds = st.sampled_from([kind for kind in ActionKind if kind is not ActionKind.NOTIFY])
    savings = st.sampled_from([PRICED, None, replace(PRICED, hourly_usd=None)])
    found = [
        Deed(an_outcome(draw(MOMENTS), draw(kinds), saving=draw(savings)), draw(TEAMS))
        for _ in range(draw(st.integers(0, 6)))
    ]
    return sorted(found, key=lambda deed: deed.outcome.at)


ROUNDING = Decimal("1e-12")
"""Sums of Decimals are rounded to 28 digits, in the order in which they are made."""

RECORDS = st.builds(
    Records,
    live=st.lists(cases(LIVE), max_size=12),
    ended=st.lists(cases(ENDED), max_size=12),
    histories=st.lists(histories(), max_size=4),
)


@given(RECORDS)
def test_every_case_is_counted_exactly_once(records: Records) -> None:
    found = digest(records)

    alive = found.found + found.pending.count + found.unanswered.count + found.snoozed.count
    over = found.resolved + found.exempted + found.failed.count + found.restored.count
    assert alive == len(records.live)
    assert over == len(records.ended)


@given(RECORDS)
def test_what_teams_are_told_is_what_the_organisation_is_told_of_them(records: Records) -> None:
    everybody = replace(
        records,
        live=[replace(case, team=case.team or "none") for case in records.live],
        ended=[replace(case, team=case.team or "none") for case in records.ended],
        histories=[
            [Deed(deed.outcome, deed.team or "none") for deed in history]
            for history in records.histories
        ],
    )

    ops = digest(records)
    parts = [digest(everybody, team) for team in ("vision", "SEARCH", "none")]

    for name in ("pending", "unanswered", "snoozed", "restored", "failed"):
        assert getattr(ops, name).count == sum(getattr(one, name).count for one in parts)
    for name in ("exempted", "resolved", "found"):
        assert getattr(ops, name) == sum(getattr(one, name) for one in parts)
    for name in ("projected", "realised", "pending_saving"):
        for part in ("usd", "known", "unknown"):
            whole = getattr(getattr(ops, name), part)
            parted = sum(getattr(getattr(one, name), part) for one in parts)
            assert abs(whole - parted) < ROUNDING
    assert ops.done == sum((Counter(one.done) for one in parts), Counter())


@given(RECORDS)
def test_money_is_never_made_of_what_has_no_price(records: Records) -> None:
    unpriced = replace(
        records,
        live=[replace(case, saving=None) for case in records.live],
        histories=[
            [Deed(replace(deed.outcome, saving=None), deed.team) for deed in history]
            for history in records.histories
        ],
    )

    priced, found = digest(records), digest(unpriced)

    for name in ("projected", "realised", "pending_saving"):
        amount, was = getattr(found, name), getattr(priced, name)
        assert (amount.usd, amount.known, amount.as_of) == (0, 0, None)
        assert amount.unknown == was.known + was.unknown


def test_nothing_known_is_nothing_to_say() -> None:
    assert digest(Records(places=3, halted="the bill")).is_empty
    assert not digest(Records(histories=[[a_deed("2026-11-03 18:00")]])).is_empty
