from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.resources import AppStatus, StudioApp
from sagewarden.domain.scope import EXEMPT_TAG
from sagewarden.domain.studio_apps import SAME, judge_idle_app
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import LONG_AGO, NOW, an_app, an_idle_app_rule, some_prices

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
JUST_NOW = NOW - timedelta(minutes=2)
moments = st.none() | st.datetimes(LONG_AGO.replace(tzinfo=None), NOW.replace(tzinfo=None)).map(
    lambda moment: moment.replace(tzinfo=NOW.tzinfo)
)


def judge(app: StudioApp, *, touched: datetime | None = None) -> Verdict:
    return judge_idle_app(app, an_idle_app_rule(), touched, some_prices(), NOW)


def used(ago: timedelta, **fields: datetime | str | dict[str, str]) -> StudioApp:
    """An app whose user was active some time ago; AWS looked at it just now."""
    return an_app(active=NOW - ago, checked=JUST_NOW, **fields)  # type: ignore[arg-type]  # fields of an app


class TestUse:
    @pytest.mark.parametrize(
        "name", ["space/lab/JupyterLab/default", "user/mina/KernelGateway/datascience"]
    )
    def test_an_app_that_nobody_used_for_the_window_is_stopped(self, name: str) -> None:
        app = an_app(name, active=NOW - 3 * HOUR, checked=JUST_NOW)

        verdict = judge(app)

        assert (verdict.kind, verdict.reason) == (VerdictKind.VIOLATION, "nobody used it for 3 h")
        assert verdict.action is not None
        assert verdict.action.kind is ActionKind.STOP
        assert verdict.evidence == {
            "last_used": "2026-11-02T08:00:00+00:00",
            "instance_type": "ml.t3.medium",
        }

    @pytest.mark.parametrize(
        ("ago", "kind"),
        [(2 * HOUR, VerdictKind.VIOLATION), (2 * HOUR - SECOND, VerdictKind.COMPLIANT)],
    )
    def test_the_window_is_whole(self, ago: timedelta, kind: VerdictKind) -> None:
        assert judge(used(ago)).kind is kind

    def test_a_saving_is_a_month_at_the_price_of_its_type(self) -> None:
        saving = judge(used(3 * HOUR)).saving

        assert saving is not None
        assert saving.basis == "1 x ml.t3.medium at $0.06/h x 730 h"

    @pytest.mark.parametrize(
        "app",
        [
            an_app("space/lab/Canvas/default", active=LONG_AGO, checked=JUST_NOW),
            an_app(instance_type=None, active=LONG_AGO, checked=JUST_NOW),
        ],
    )
    def test_an_unknown_price_is_no_saving(self, app: StudioApp) -> None:
        assert judge(app).saving is None

    def test_an_exemption_that_ran_out_is_part_of_the_reason(self) -> None:
        verdict = judge(used(3 * HOUR, tags={EXEMPT_TAG: "2026-10-01"}))

        assert verdict.reason == "nobody used it for 3 h; its exemption ran out on 2026-10-01"


class TestNotKnown:
    @pytest.mark.parametrize(
        ("active", "checked"),
        [(None, JUST_NOW), (LONG_AGO, None), (None, None)],
    )
    def test_without_a_time_of_use_it_is_unknown(
        self, active: datetime | None, checked: datetime | None
    ) -> None:
        verdict = judge(an_app(active=active, checked=checked))

        assert (verdict.kind, verdict.action) == (VerdictKind.UNKNOWN, None)

    @pytest.mark.parametrize("apart", [timedelta(0), SAME / 2, -SAME / 2])
    @pytest.mark.parametrize("checked", [JUST_NOW, LONG_AGO])
    def test_the_time_of_a_health_check_is_no_time_of_use(
        self, checked: datetime, apart: timedelta
    ) -> None:
        verdict = judge(an_app(active=checked + apart, checked=checked))

        assert (verdict.kind, verdict.action) == (VerdictKind.UNKNOWN, None)
        assert "AWS gives the time of its own health check" in verdict.reason

    @given(active=moments, checked=moments, status=st.sampled_from(AppStatus))
    def test_nothing_is_stopped_but_for_a_use_that_lies_long_back_and_is_no_health_check(
        self, active: datetime | None, checked: datetime | None, status: AppStatus
    ) -> None:
        verdict = judge(an_app(active=active, checked=checked, status=status.value))

        if verdict.action is not None:
            assert status is AppStatus.IN_SERVICE
            assert active is not None
            assert checked is not None
            assert active != checked
            assert NOW - active >= 2 * HOUR


class TestAge:
    def test_a_young_app_is_too_new(self) -> None:
        verdict = judge(used(3 * HOUR, created=NOW - HOUR))

        assert verdict.kind is VerdictKind.TOO_NEW
        assert verdict.reason == "it has run for less than 2 h"

    def test_so_is_one_that_was_started_again_after_we_stopped_it(self) -> None:
        assert judge(used(3 * HOUR), touched=NOW - HOUR).kind is VerdictKind.TOO_NEW

    def test_what_was_used_before_it_was_started_again_is_idle_since_then(self) -> None:
        verdict = judge(used(30 * HOUR), touched=NOW - 5 * HOUR)

        assert verdict.reason == "nobody used it for 5 h"


@pytest.mark.parametrize(
    ("app", "kind"),
    [
        (used(9 * HOUR, status="Pending"), VerdictKind.NOT_APPLICABLE),
        (used(9 * HOUR, instance_type="system"), VerdictKind.NOT_APPLICABLE),
        (used(9 * HOUR, tags={EXEMPT_TAG: "2027-01-31: long run"}), VerdictKind.EXEMPT),
    ],
)
def test_what_must_be_left_alone_is(app: StudioApp, kind: VerdictKind) -> None:
    assert judge(app).kind is kind
