"""Idle notebooks: stopped on their own reports, and never without them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.idle_notebooks import IdleNotebooks, activity_of
from sagewarden.domain.judged import Facts
from sagewarden.domain.metrics import Readings
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.resources import NotebookInstance
from sagewarden.domain.scope import EXEMPT_TAG, Mode
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import NOW, a_notebook, a_policy, a_scope, an_app, some_prices
from tests.support.scenario import Scenario

QUIET = (0.0,) * 24
TWO_HOURS = timedelta(hours=2)


def a_rule(mode: Mode = Mode.ENFORCE) -> IdleNotebooks:
    return IdleNotebooks(scope=a_scope("idle-notebooks", mode=mode), kinds=("notebook-instance",))


def judged(
    notebook: NotebookInstance, reports: tuple[float, ...] | None = QUIET, now: datetime = NOW
) -> Verdict:
    rule = a_rule()
    asked = rule.series(notebook, now)
    readings = Readings(rule.window(now), dict.fromkeys(asked, reports))
    return rule.judge(notebook, Facts(some_prices(), readings), now)


class TestOneThatReports:
    def test_it_is_stopped_when_every_report_of_two_hours_says_that_nothing_was_at_work(
        self,
    ) -> None:
        verdict = judged(a_notebook("nb"))

        assert verdict.kind is VerdictKind.VIOLATION
        assert verdict.reason == "no kernel and no terminal was at work for 2 h"
        assert verdict.action is not None
        assert verdict.action.kind is ActionKind.STOP
        assert verdict.saving is not None
        assert verdict.evidence["reports"] == 24

    def test_one_report_of_work_keeps_it(self) -> None:
        assert judged(a_notebook("nb"), (*QUIET[1:], 1.0)).kind is VerdictKind.COMPLIANT
        assert judged(a_notebook("nb"), (1.0, *QUIET[1:])).kind is VerdictKind.COMPLIANT

    def test_two_reports_may_be_missing_and_no_third(self) -> None:
        assert judged(a_notebook("nb"), QUIET[:22]).kind is VerdictKind.VIOLATION
        assert judged(a_notebook("nb"), QUIET[:21]).kind is VerdictKind.UNKNOWN

    def test_an_exemption_that_ran_out_is_named(self) -> None:
        verdict = judged(a_notebook("nb", tags={EXEMPT_TAG: "2026-10-01: over"}))

        assert verdict.reason.endswith("its exemption ran out on 2026-10-01")

    def test_a_type_without_a_known_price_has_no_saving(self) -> None:
        assert judged(a_notebook("nb", instance_type="ml.unheard.of")).saving is None
        assert judged(a_notebook("nb", instance_type=None)).saving is None


class TestOneThatDoesNot:
    def test_without_a_report_it_is_unknown_and_told_what_is_missing(self) -> None:
        verdict = judged(a_notebook("nb"), ())

        assert verdict.kind is VerdictKind.UNKNOWN
        assert "sagewarden notebook-activity" in verdict.reason

    def test_reports_that_cannot_be_read_are_unknown(self) -> None:
        assert judged(a_notebook("nb"), None).kind is VerdictKind.UNKNOWN

    def test_reports_that_were_not_read_at_all_are_unknown(self) -> None:
        verdict = a_rule().judge(a_notebook("nb"), Facts(some_prices()), NOW)

        assert verdict.kind is VerdictKind.UNKNOWN


class TestWhateverItReports:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            ("Stopped", VerdictKind.NOT_APPLICABLE),
            ("Updating", VerdictKind.NOT_APPLICABLE),
            ("InMaintenance", VerdictKind.NOT_APPLICABLE),
            ("SomethingNew", VerdictKind.UNKNOWN),
        ],
    )
    def test_only_one_in_service_can_be_idle(self, status: str, kind: VerdictKind) -> None:
        assert judged(a_notebook("nb", status=status)).kind is kind

    def test_one_that_was_started_within_the_window_is_too_new(self) -> None:
        started = NOW - TWO_HOURS + timedelta(minutes=1)

        assert judged(a_notebook("nb", modified=started)).kind is VerdictKind.TOO_NEW

    def test_protected_exempt_and_unreadable_ones_are_left_alone(self) -> None:
        exempt = a_notebook("nb", tags={EXEMPT_TAG: "2027-01-31: training"})
        unreadable = replace(a_notebook("nb"), tags=None)

        assert judged(exempt).kind is VerdictKind.EXEMPT
        assert judged(unreadable).kind is VerdictKind.UNKNOWN

    def test_no_report_is_asked_of_what_is_settled_without(self) -> None:
        rule = a_rule()

        assert list(rule.series(a_notebook("nb", status="Stopped"), NOW)) == []
        assert list(rule.series(a_notebook("nb"), NOW)) == [activity_of("nb")]

    def test_anything_else_is_refused(self) -> None:
        with pytest.raises(TypeError, match="no notebook instance"):
            a_rule().judge(an_app(), Facts(some_prices()), NOW)


def test_the_window_begins_on_the_clocks_fives() -> None:
    window = a_rule().window(datetime(2026, 11, 2, 11, 3, 20, tzinfo=UTC))

    assert window.start == datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    assert window.buckets == 24


class TestThroughTheDay:
    def scenario(self) -> Scenario:
        scenario = Scenario(a_policy(a_rule()), a_notebook("nb"))
        scenario.telemetry.load(activity_of("nb"), QUIET)
        return scenario

    def test_its_owner_is_told_half_an_hour_before(self) -> None:
        scenario = self.scenario()

        scenario.at("Mon 15:00").sweep()
        scenario.at("Mon 15:29").sweep()
        before = list(scenario.executor.done)
        scenario.at("Mon 15:30").sweep()

        assert scenario.notifier.warned == ["nb"]
        assert before == []
        assert scenario.executor.done == [("stop", "nb")]

    def test_work_after_the_warning_keeps_it(self) -> None:
        scenario = self.scenario()
        scenario.at("Mon 15:00").sweep()

        scenario.telemetry.load(activity_of("nb"), (*QUIET[1:], 1.0))
        report = scenario.at("Mon 15:30").sweep()

        assert scenario.executor.done == []
        assert [case.ref.name for case in report.resolved] == ["nb"]
        assert all(item.kind is not OutcomeKind.APPLIED for item in report.outcomes)
