from datetime import datetime, timedelta

import pytest

from sagewarden.domain.actions import ActionKind, Precondition
from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.resources import AppStatus, StudioApp
from sagewarden.domain.schedules.instance_scheduler import read_schedule
from sagewarden.domain.scope import EXEMPT_TAG, TagMatch
from sagewarden.domain.studio_apps import judge_app, with_tags
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import (
    LONG_AGO,
    NOW,
    a_scope,
    an_app,
    an_app_rule,
    seoul,
    some_prices,
)

CLOSED = seoul("2026-11-02 18:00")
MINUTE = timedelta(minutes=1)
TYPES = (
    "JupyterLab",
    "CodeEditor",
    "KernelGateway",
    "TensorBoard",
    "DetailedProfiler",
    "RSessionGateway",
    "Canvas",
)


def judge(
    app: StudioApp,
    rule: NotebookHours | None = None,
    *,
    touched: datetime | None = None,
    now: datetime = NOW,
) -> Verdict:
    return judge_app(app, rule or an_app_rule(), touched, some_prices(), now)


class TestClosing:
    @pytest.mark.parametrize("app_type", TYPES)
    def test_an_app_of_every_type_that_costs_something_is_stopped_after_closing(
        self, app_type: str
    ) -> None:
        app = an_app(f"user/mina/{app_type}/default")

        verdict = judge(app)

        assert verdict.kind is VerdictKind.VIOLATION
        assert verdict.reason == "it runs outside business-hours (open 09:00-18:00, Asia/Seoul)"
        assert verdict.action is not None
        assert (verdict.action.kind, verdict.action.ref) == (ActionKind.STOP, app.ref)
        assert verdict.action.precondition == Precondition.of(app)

    def test_a_stop_is_no_deletion_to_the_limits_but_leaves_a_manifest(self) -> None:
        action = judge(an_app()).action

        assert action is not None
        assert action.needs_manifest
        assert not action.destructive

    @pytest.mark.parametrize(
        ("when", "kind"),
        [
            ("2026-11-02 17:59:59", VerdictKind.COMPLIANT),
            ("2026-11-02 18:00", VerdictKind.VIOLATION),
            ("2026-11-03 08:59:59", VerdictKind.VIOLATION),
            ("2026-11-03 09:00", VerdictKind.COMPLIANT),
        ],
    )
    def test_it_runs_during_its_hours_and_only_then(self, when: str, kind: VerdictKind) -> None:
        assert judge(an_app(), now=seoul(when)).kind is kind

    def test_a_saving_is_the_closed_hours_at_the_price_of_its_type(self) -> None:
        saving = judge(an_app()).saving

        assert saving is not None
        assert saving.basis == "1 x ml.t3.medium at $0.06/h x 534 h"
        assert saving.as_of.isoformat() == "2026-05-22"

    @pytest.mark.parametrize(
        "app",
        [
            an_app("space/lab/CodeEditor/default"),
            an_app(instance_type="ml.g5.xlarge"),
            an_app(instance_type=None),
        ],
    )
    def test_an_unknown_price_is_no_saving_and_no_zero(self, app: StudioApp) -> None:
        verdict = judge(app)

        assert (verdict.kind, verdict.saving) == (VerdictKind.VIOLATION, None)

    def test_an_exemption_that_ran_out_is_part_of_the_reason(self) -> None:
        verdict = judge(an_app(tags={EXEMPT_TAG: "2026-10-01"}))

        assert verdict.reason.endswith("; its exemption ran out on 2026-10-01")


class TestPeopleWin:
    def test_an_app_started_after_closing_is_left_running(self) -> None:
        verdict = judge(an_app(created=CLOSED + 30 * MINUTE))

        assert verdict.kind is VerdictKind.COMPLIANT
        assert verdict.reason == (
            "it was started at 2026-11-02T18:30:00+09:00, after closing; "
            "left running until the next closing"
        )

    def test_one_that_we_stopped_after_closing_was_started_again_whatever_its_creation_says(
        self,
    ) -> None:
        verdict = judge(an_app(created=LONG_AGO), touched=CLOSED + MINUTE)

        assert verdict.kind is VerdictKind.COMPLIANT
        assert verdict.reason.startswith(
            "it was started again after 2026-11-02T18:01:00+09:00, after closing"
        )

    def test_one_that_we_stopped_before_is_stopped_at_the_next_closing(self) -> None:
        assert judge(an_app(), touched=CLOSED - MINUTE).kind is VerdictKind.VIOLATION

    def test_a_strict_rule_stops_it_all_the_same(self) -> None:
        strict = an_app_rule(strict=True)

        assert judge(an_app(created=CLOSED), strict).kind is VerdictKind.VIOLATION
        assert judge(an_app(), strict, touched=CLOSED).kind is VerdictKind.VIOLATION

    def test_a_schedule_may_retain_what_ran_before_it_opened(self) -> None:
        hours = {"begintime": "09:00", "endtime": "18:00", "weekdays": "mon-fri"}
        schedule = read_schedule(
            {
                "name": "office",
                "timezone": "Asia/Seoul",
                "periods": [{"name": "office", **hours}],
                "retain_running": True,
            }
        )

        verdict = judge(an_app(), an_app_rule(schedule=schedule))

        assert verdict.kind is VerdictKind.COMPLIANT
        assert "retain_running" in verdict.reason


class TestLeftAlone:
    @pytest.mark.parametrize(
        ("app", "kind", "reason"),
        [
            (an_app(status="Rebooting"), VerdictKind.UNKNOWN, "its status is not one we know"),
            (an_app(status="Pending"), VerdictKind.NOT_APPLICABLE, "judged when it has settled"),
            (an_app(status="Deleting"), VerdictKind.NOT_APPLICABLE, "it is being deleted"),
            (an_app(status="Deleted"), VerdictKind.NOT_APPLICABLE, "it is deleted"),
            (an_app(status="Failed"), VerdictKind.NOT_APPLICABLE, "runs nothing"),
            (
                an_app("user/mina/JupyterServer/default", instance_type=None),
                VerdictKind.NOT_APPLICABLE,
                "costs nothing",
            ),
            (an_app(instance_type="system"), VerdictKind.NOT_APPLICABLE, "costs nothing"),
            (
                an_app("user/domain-shared/RStudioServerPro/default"),
                VerdictKind.NOT_APPLICABLE,
                "serves a whole domain: it is never stopped",
            ),
            (an_app(tags_readable=False), VerdictKind.UNKNOWN, "tags could not be read"),
            (an_app(tags={"Schedule": "mon-fri 25:00"}), VerdictKind.UNKNOWN, "is not valid"),
            (an_app(tags={"Schedule": "off"}), VerdictKind.EXEMPT, ""),
            (an_app(tags={EXEMPT_TAG: "2027-01-31: demo"}), VerdictKind.EXEMPT, "demo"),
            (an_app(tags={"Stage": "prod"}), VerdictKind.EXEMPT, "protected"),
            (an_app(tags={"ManagedBy": "terraform"}), VerdictKind.EXEMPT, "code"),
        ],
    )
    def test_nothing_is_done_to_it(self, app: StudioApp, kind: VerdictKind, reason: str) -> None:
        rule = an_app_rule(scope=a_scope(protections=(TagMatch("Stage", ("prod",)),)))

        verdict = judge(app, rule)

        assert (verdict.kind, verdict.action) == (kind, None)
        assert reason in verdict.reason

    @pytest.mark.parametrize(
        "status", [status for status in AppStatus if status is not AppStatus.IN_SERVICE]
    )
    def test_only_what_is_in_service_is_ever_acted_on(self, status: AppStatus) -> None:
        assert judge(an_app(status=status.value)).action is None


class TestTags:
    def test_its_own_tags_count_over_those_of_its_space(self) -> None:
        app = with_tags(an_app(), {"Schedule": "off"}, {"Schedule": "on", "Owner": "mina"})

        assert app.tags == {"Schedule": "off", "Owner": "mina"}

    def test_a_space_under_infrastructure_as_code_does_not_put_its_apps_under_it(self) -> None:
        inherited = {"ManagedBy": "terraform", "aws:cloudformation:stack-name": "studio"}

        app = with_tags(an_app(), {"Team": "ml"}, inherited)

        assert app.tags == {"Team": "ml"}
