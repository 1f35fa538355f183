from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.actions import ActionKind, Precondition
from sagewarden.domain.money import NO_PRICES, PriceBook
from sagewarden.domain.notebook_hours import STOP_TAKES, NotebookHours, judge_notebook
from sagewarden.domain.resources import NotebookInstance
from sagewarden.domain.schedules.instance_scheduler import PeriodSchedule, read_schedule
from sagewarden.domain.scope import EXEMPT_TAG, TagMatch
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import (
    LONG_AGO,
    NOW,
    a_calendar,
    a_notebook,
    a_notebook_rule,
    a_scope,
    opening_hours,
    seoul,
    some_prices,
)

CLOSED = seoul("2026-11-02 18:00")
OPENS = seoul("2026-11-03 09:00")
MINUTE = timedelta(minutes=1)


def judge(
    notebook: NotebookInstance,
    rule: NotebookHours | None = None,
    *,
    stopped_by_us: datetime | None = None,
    prices: PriceBook | None = None,
    now: datetime = NOW,
) -> Verdict:
    return judge_notebook(
        notebook, rule or a_notebook_rule(), stopped_by_us, prices or some_prices(), now
    )


def action_of(verdict: Verdict) -> ActionKind | None:
    return verdict.action.kind if verdict.action else None


def office_periods(**settings: object) -> PeriodSchedule:
    hours = {"begintime": "09:00", "endtime": "18:00", "weekdays": "mon-fri"}
    periods = [{"name": "office", **hours}]
    return read_schedule({"name": "s", "timezone": "Asia/Seoul", "periods": periods, **settings})


class TestClosing:
    def test_a_running_notebook_is_stopped_after_closing(self) -> None:
        notebook = a_notebook()

        verdict = judge(notebook)

        assert verdict.kind is VerdictKind.VIOLATION
        assert verdict.reason == ("it runs outside business-hours (open 09:00-18:00, Asia/Seoul)")
        assert verdict.action is not None
        assert verdict.action.kind is ActionKind.STOP
        assert verdict.action.ref == notebook.ref
        assert verdict.action.precondition == Precondition.of(notebook)

    def test_the_evidence_tells_since_when_and_for_how_long(self) -> None:
        verdict = judge(a_notebook())

        assert verdict.evidence == {
            "instance_type": "ml.t3.medium",
            "closed_since": "2026-11-02T09:00:00+00:00",
            "running_since": LONG_AGO.isoformat(),
            "closed_share": 0.7321,
        }

    @pytest.mark.parametrize(
        ("when", "action"),
        [
            ("2026-11-02 17:59:59", None),
            ("2026-11-02 18:00", ActionKind.STOP),
            ("2026-11-03 08:59:59", ActionKind.STOP),
            ("2026-11-03 09:00", None),
        ],
    )
    def test_it_runs_during_its_hours_and_only_then(
        self, when: str, action: ActionKind | None
    ) -> None:
        verdict = judge(a_notebook(), now=seoul(when))

        assert action_of(verdict) is action
        assert verdict.kind is (VerdictKind.VIOLATION if action else VerdictKind.COMPLIANT)

    def test_the_hours_are_those_of_its_own_zone(self) -> None:
        london = a_notebook(tags={"Schedule": "mon-fri 09:00-18:00 Europe/London"})

        verdict = judge(london, now=datetime(2026, 11, 2, 11, tzinfo=ZoneInfo("UTC")))

        assert verdict.kind is VerdictKind.COMPLIANT

    def test_an_exemption_that_ran_out_is_part_of_the_reason(self) -> None:
        verdict = judge(a_notebook(tags={EXEMPT_TAG: "2026-10-01"}))

        assert verdict.reason.endswith("; its exemption ran out on 2026-10-01")


class TestPeopleWin:
    @pytest.mark.parametrize("started", [CLOSED, CLOSED + 90 * MINUTE, NOW])
    def test_a_notebook_that_a_human_started_after_closing_is_left_running(
        self, started: datetime
    ) -> None:
        verdict = judge(a_notebook(modified=started))

        assert verdict.kind is VerdictKind.COMPLIANT
        assert "after closing; left running until the next closing" in verdict.reason
        assert verdict.evidence == {"closed_since": "2026-11-02T09:00:00+00:00"}

    def test_one_started_before_closing_is_not(self) -> None:
        verdict = judge(a_notebook(modified=CLOSED - timedelta(microseconds=1)))

        assert action_of(verdict) is ActionKind.STOP

    def test_it_is_stopped_at_the_next_closing(self) -> None:
        notebook = a_notebook(modified=CLOSED + 90 * MINUTE)

        all_night = judge(notebook, now=OPENS - MINUTE)
        next_day = judge(notebook, now=OPENS)
        next_closing = judge(notebook, now=seoul("2026-11-03 18:00"))

        assert all_night.kind is VerdictKind.COMPLIANT
        assert next_day.kind is VerdictKind.COMPLIANT
        assert action_of(next_closing) is ActionKind.STOP

    def test_a_strict_rule_stops_it_again(self) -> None:
        verdict = judge(a_notebook(modified=NOW - MINUTE), a_notebook_rule(strict=True))

        assert action_of(verdict) is ActionKind.STOP

    def test_so_does_an_enforced_schedule_of_instance_scheduler(self) -> None:
        rule = a_notebook_rule(schedule=office_periods(enforced=True))
        lenient = a_notebook_rule(schedule=office_periods())

        assert action_of(judge(a_notebook(modified=NOW - MINUTE), rule)) is ActionKind.STOP
        assert action_of(judge(a_notebook(modified=NOW - MINUTE), lenient)) is None

    def test_a_restart_is_respected_however_long_the_schedule_has_been_closed(self) -> None:
        school = read_schedule(
            {"name": "winter-school", "periods": [{"name": "january", "months": "jan"}]}
        )

        verdict = judge(a_notebook(modified=NOW - MINUTE), a_notebook_rule(schedule=school))

        assert verdict.kind is VerdictKind.COMPLIANT

    def test_where_the_schedule_never_opens_it_is_stopped(self) -> None:
        never = a_calendar(days=[])

        verdict = judge(a_notebook(modified=NOW - MINUTE), a_notebook_rule(schedule=never))

        assert action_of(verdict) is ActionKind.STOP
        assert verdict.evidence["closed_since"] is None
        assert verdict.evidence["closed_share"] == 1


class TestRetainRunning:
    def test_what_ran_before_opening_keeps_running_at_closing(self) -> None:
        rule = a_notebook_rule(schedule=office_periods(retain_running=True))
        before_opening = a_notebook(modified=seoul("2026-11-02 08:59"))

        verdict = judge(before_opening, rule)

        assert verdict.kind is VerdictKind.COMPLIANT
        assert "retain_running" in verdict.reason

    def test_what_was_started_during_the_hours_does_not(self) -> None:
        rule = a_notebook_rule(schedule=office_periods(retain_running=True))

        at_opening = judge(a_notebook(modified=seoul("2026-11-02 09:00")), rule)
        later = judge(a_notebook(modified=seoul("2026-11-02 12:00")), rule)

        assert action_of(at_opening) is ActionKind.STOP
        assert action_of(later) is ActionKind.STOP

    def test_nothing_is_retained_where_no_opening_is_known(self) -> None:
        opened_long_ago = office_periods(retain_running=True, override_status="stopped")

        verdict = judge(a_notebook(), a_notebook_rule(schedule=opened_long_ago))

        assert action_of(verdict) is ActionKind.STOP


class TestStartingAgain:
    STOPPED_AT = seoul("2026-11-02 18:00")

    def stopped(self, modified: datetime | None = None) -> NotebookInstance:
        return a_notebook(status="Stopped", modified=modified or self.STOPPED_AT + 2 * MINUTE)

    def test_what_we_stopped_is_started_at_opening(self) -> None:
        rule = a_notebook_rule(start_again=True)
        notebook = self.stopped()

        verdict = judge(notebook, rule, stopped_by_us=self.STOPPED_AT, now=OPENS)

        assert verdict.kind is VerdictKind.VIOLATION
        assert action_of(verdict) is ActionKind.START
        assert verdict.action is not None
        assert verdict.action.precondition == Precondition.of(notebook)
        assert "we stopped it at 2026-11-02T18:00:00+09:00" in verdict.reason
        assert verdict.saving is None

    def test_not_before_opening(self) -> None:
        rule = a_notebook_rule(start_again=True)

        verdict = judge(self.stopped(), rule, stopped_by_us=self.STOPPED_AT, now=OPENS - MINUTE)

        assert verdict.kind is VerdictKind.COMPLIANT
        assert verdict.reason == "it is stopped"

    def test_not_where_the_rule_does_not_say_so(self) -> None:
        verdict = judge(self.stopped(), stopped_by_us=self.STOPPED_AT, now=OPENS)

        assert verdict.kind is VerdictKind.COMPLIANT
        assert verdict.reason == "it is stopped"

    def test_not_what_somebody_else_stopped(self) -> None:
        rule = a_notebook_rule(start_again=True)

        verdict = judge(self.stopped(), rule, stopped_by_us=None, now=OPENS)

        assert verdict.kind is VerdictKind.COMPLIANT
        assert "not by us" in verdict.reason

    def test_not_what_its_owner_stopped_after_we_did(self) -> None:
        rule = a_notebook_rule(start_again=True)
        still_ours = self.stopped(self.STOPPED_AT + STOP_TAKES)
        its_owners = self.stopped(self.STOPPED_AT + STOP_TAKES + timedelta(microseconds=1))

        ours = judge(still_ours, rule, stopped_by_us=self.STOPPED_AT, now=OPENS)
        theirs = judge(its_owners, rule, stopped_by_us=self.STOPPED_AT, now=OPENS)

        assert action_of(ours) is ActionKind.START
        assert theirs.kind is VerdictKind.COMPLIANT
        assert "its owner stopped it" in theirs.reason

    def test_not_where_its_tag_opts_it_out_by_now(self) -> None:
        rule = a_notebook_rule(start_again=True)
        notebook = a_notebook(status="Stopped", tags={"Schedule": "off"})

        verdict = judge(notebook, rule, stopped_by_us=self.STOPPED_AT, now=OPENS)

        assert verdict.kind is VerdictKind.EXEMPT


class TestWhatIsLeftAlone:
    @pytest.mark.parametrize(
        ("notebook", "kind"),
        [
            (a_notebook(status="Hibernating"), VerdictKind.UNKNOWN),
            (a_notebook(tags_readable=False), VerdictKind.UNKNOWN),
            (a_notebook(tags={"Schedule": "mon-fri"}), VerdictKind.UNKNOWN),
            (a_notebook(tags={EXEMPT_TAG: "forever"}), VerdictKind.UNKNOWN),
            (a_notebook(tags={EXEMPT_TAG: "2027-01-31"}), VerdictKind.EXEMPT),
            (a_notebook(tags={"Stage": "prod"}), VerdictKind.EXEMPT),
            (a_notebook(tags={"terraform": "yes"}), VerdictKind.EXEMPT),
            (a_notebook(tags={"Schedule": "off"}), VerdictKind.EXEMPT),
            (a_notebook(status="Stopped"), VerdictKind.COMPLIANT),
            (a_notebook(status="Pending"), VerdictKind.NOT_APPLICABLE),
            (a_notebook(status="Stopping"), VerdictKind.NOT_APPLICABLE),
            (a_notebook(status="Updating"), VerdictKind.NOT_APPLICABLE),
            (a_notebook(status="PendingMaintenance"), VerdictKind.NOT_APPLICABLE),
            (a_notebook(status="InMaintenance"), VerdictKind.NOT_APPLICABLE),
            (a_notebook(status="Deleting"), VerdictKind.NOT_APPLICABLE),
            (a_notebook(status="Failed"), VerdictKind.NOT_APPLICABLE),
        ],
    )
    def test_after_closing_with_a_reason(
        self, notebook: NotebookInstance, kind: VerdictKind
    ) -> None:
        rule = a_notebook_rule(scope=a_scope(protections=(TagMatch("Stage", ("prod",)),)))

        verdict = judge(notebook, rule)

        assert verdict.kind is kind
        assert verdict.action is None
        assert verdict.reason

    def test_a_schedule_without_an_opinion_leaves_it_as_it_is(self) -> None:
        begins = read_schedule(
            {"name": "s", "periods": [{"name": "p", "begintime": "23:00"}], "timezone": "UTC"}
        )
        rule = a_notebook_rule(schedule=begins, start_again=True)

        running = judge(a_notebook(), rule)
        stopped = judge(a_notebook(status="Stopped"), rule, stopped_by_us=LONG_AGO)

        assert running.kind is VerdictKind.COMPLIANT
        assert stopped.kind is VerdictKind.COMPLIANT

    def test_an_invalid_tag_says_what_would_be_right(self) -> None:
        verdict = judge(a_notebook(tags={"Schedule": "9 to 5"}))

        assert verdict.reason.startswith("its schedule is not valid: ")
        assert "mon-fri 09:00-18:00 Asia/Seoul" in verdict.reason


class TestSavings:
    def test_a_stop_saves_the_hours_that_the_schedule_is_closed(self) -> None:
        verdict = judge(a_notebook(), now=CLOSED)

        assert verdict.saving is not None
        closed_share = Decimal(168 - 45) / 168
        assert round(verdict.saving.usd, 2) == round(Decimal("0.05") * 730 * closed_share, 2)

    def test_holidays_save_more(self) -> None:
        closed = {date(2026, 11, day): () for day in range(3, 30)}
        dates = {**closed, date(2026, 11, 30): (opening_hours("09:00", "10:00"),)}
        rule = a_notebook_rule(schedule=a_calendar(dates=dates))

        verdict = judge(a_notebook(), rule)

        assert verdict.evidence["closed_share"] == round(1 - 1 / (28 * 24), 4)

    @pytest.mark.parametrize(
        ("notebook", "prices"),
        [
            (a_notebook(instance_type=None), some_prices()),
            (a_notebook(instance_type="ml.unknown"), some_prices()),
            (a_notebook(), NO_PRICES),
        ],
    )
    def test_an_unknown_price_is_unknown_not_zero(
        self, notebook: NotebookInstance, prices: PriceBook
    ) -> None:
        verdict = judge(notebook, prices=prices)

        assert action_of(verdict) is ActionKind.STOP
        assert verdict.saving is None


@given(
    st.text(max_size=40).filter(lambda text: text.strip().lower() not in {"on", "off"})
    | st.sampled_from(("mon-fri 9-18", "off:(M-F,19)", "running", "mon-fri 09:00-18:00 KST+9"))
)
def test_text_that_is_no_schedule_never_crashes_and_never_leads_to_an_action(text: str) -> None:
    verdict = judge(a_notebook(tags={"Schedule": text}))

    assert verdict.action is None
    assert verdict.kind is VerdictKind.UNKNOWN


@given(st.text(max_size=40).filter(lambda text: not text.strip()[:4].isdecimal()))
def test_text_that_is_no_exemption_never_crashes_and_never_leads_to_an_action(text: str) -> None:
    verdict = judge(a_notebook(tags={EXEMPT_TAG: text}))

    assert verdict.action is None
    assert verdict.kind is VerdictKind.UNKNOWN
