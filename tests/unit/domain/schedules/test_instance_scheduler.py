import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sagewarden.domain.schedules.instance_scheduler import Period, PeriodSchedule, read_schedule
from sagewarden.domain.schedules.reading import InvalidScheduleError, Reading, Wanted

PAGE = Path(__file__).parents[4] / "docs" / "schedules-instance-scheduler.md"

OFFICE = {"name": "office", "begintime": "09:00", "endtime": "18:00", "weekdays": "mon-fri"}
WEEKEND = {"name": "weekend", "weekdays": "sat-sun"}
FRIDAY_NIGHT = {"name": "night", "begintime": "22:00", "endtime": "06:00", "weekdays": "fri"}


def a_schedule(*periods: object, **fields: object) -> PeriodSchedule:
    return read_schedule({"name": "s", "periods": list(periods), **fields})


def a_refusal(
    definition: Mapping[str, object], periods: Mapping[str, Mapping[str, object]] | None = None
) -> InvalidScheduleError:
    with pytest.raises(InvalidScheduleError) as refusal:
        read_schedule(definition, periods or {})
    return refusal.value


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestReadingADefinition:
    def test_without_a_time_zone_it_follows_utc(self) -> None:
        schedule = a_schedule(OFFICE)

        assert schedule.zone == ZoneInfo("UTC")

    def test_the_flags_are_as_in_the_original_when_they_are_not_given(self) -> None:
        schedule = a_schedule(OFFICE)

        assert schedule.stop_new_instances
        assert not schedule.enforced
        assert not schedule.retain_running

    def test_the_configuration_table_the_command_line_and_cloudformation_say_the_same(
        self,
    ) -> None:
        table = {
            "type": "schedule",
            "name": "s",
            "timezone": "Asia/Seoul",
            "override_status": "running",
            "periods": {"office"},
            "stop_new_instances": False,
            "retain_running": True,
            "enforced": True,
        }
        command_line = {
            "Type": "schedule",
            "Name": "s",
            "Timezone": "Asia/Seoul",
            "OverrideStatus": "running",
            "Periods": ["office"],
            "StopNewInstances": False,
            "RetainRunning": True,
            "Enforced": True,
        }
        cloudformation = {
            "NoStackPrefix": "True",
            "Name": "s",
            "Timezone": "Asia/Seoul",
            "OverrideStatus": "Running",
            "Periods": "office",
            "StopNewInstances": "False",
            "RetainRunning": "true",
            "Enforced": "True",
        }
        periods = {"office": OFFICE}

        schedules = {read_schedule(form, periods) for form in (table, command_line, cloudformation)}

        assert len(schedules) == 1
        (schedule,) = schedules
        assert schedule.override_status is Wanted.RUNNING
        assert not schedule.stop_new_instances
        assert schedule.retain_running
        assert schedule.enforced

    def test_nameless_periods_are_numbered(self) -> None:
        schedule = read_schedule(
            {
                "Name": "s",
                "Periods": [
                    {"Description": "weekdays", "BeginTime": "8:00", "WeekDays": "Mon-Fri"},
                    {"MonthDays": "1-3", "Months": "3", "InstanceType": "ml.t3.medium"},
                ],
            }
        )

        assert [period.name for period in schedule.periods] == ["s-period-0001", "s-period-0002"]
        assert schedule.periods[0].begin == time(8)
        assert schedule.periods[1].instance_type == "ml.t3.medium"

    def test_a_period_is_referred_to_by_name_and_instance_type(self) -> None:
        periods = {"office": OFFICE, "weekend": {**WEEKEND, "instancetype": "ml.t3.medium"}}

        schedule = read_schedule({"name": "s", "periods": "office@ml.m5.large, weekend"}, periods)

        assert [(period.name, period.instance_type) for period in schedule.periods] == [
            ("office", "ml.m5.large"),
            ("weekend", "ml.t3.medium"),
        ]

    def test_names_and_whole_periods_may_stand_side_by_side(self) -> None:
        schedule = read_schedule({"name": "s", "periods": ["office", WEEKEND]}, {"office": OFFICE})

        assert [period.name for period in schedule.periods] == ["office", "weekend"]

    @pytest.mark.parametrize(
        "weekdays", ["mon,wed,fri", ["mon", "wed", "fri"], ["mon,wed", "fri"], {0, 2, 4}, ("0/2",)]
    )
    def test_day_fields_are_lists_or_comma_separated(self, weekdays: object) -> None:
        schedule = a_schedule({"name": "p", "weekdays": weekdays})

        running = [
            day for day in range(16, 21) if schedule.at(utc(f"2026-11-{day}")).wanted == "running"
        ]

        assert running == [16, 18, 20]

    def test_empty_and_null_fields_count_as_not_given(self) -> None:
        period = {"name": "p", "begintime": "", "endtime": None, "weekdays": "mon", "months": ""}

        schedule = a_schedule(period, timezone="", override_status=None)

        assert schedule == a_schedule({"name": "p", "weekdays": "mon"})

    @pytest.mark.parametrize(
        ("definition", "where", "problem"),
        [
            ({"periods": [OFFICE]}, "schedule, name", "it is missing"),
            ({"name": 7}, "schedule, name", "7 is no text"),
            ({"name": "s"}, "schedule 's', periods", "there is no period"),
            ({"name": "s", "periods": 5}, "schedule 's', periods", "5 is no list"),
            ({"name": "s", "periods": [5]}, "schedule 's', period 's-period-0001'", "no object"),
            ({"name": "s", "periods": "x"}, "schedule 's', periods", "there is no period 'x'"),
            ({"name": "s", "tz": "UTC"}, "schedule 's', tz", "there is no such field"),
            ({"name": "s", "Name": "t"}, "schedule, name", "it is given twice"),
            ({"name": "s", "timezone": "KST"}, "schedule 's', timezone", "'KST' is no known"),
            ({"name": "s", "timezone": "../UTC"}, "schedule 's', timezone", "'../UTC' is no"),
            ({"name": "s", "timezone": "Asia"}, "schedule 's', timezone", "'Asia' is no known"),
            ({"name": "s", "timezone": 9}, "schedule 's', timezone", "9 is no text"),
            ({"name": "s", "override_status": "any"}, "schedule 's', override_status", "'any' is"),
            ({"name": "s", "override_status": "running", "enforced": 1}, "s', enforced", "1 is no"),
        ],
    )
    def test_a_schedule_that_cannot_be_read_is_refused_with_its_place(
        self, definition: Mapping[str, object], where: str, problem: str
    ) -> None:
        refusal = a_refusal(definition)

        assert refusal.where.endswith(where)
        assert problem in refusal.problem

    @pytest.mark.parametrize(
        ("period", "where", "problem"),
        [
            ({"name": "p"}, "period 'p'", "it says nothing"),
            ({"name": "p", "weekday": "mon"}, "period 'p', weekday", "no such field"),
            ({"name": "p", "begintime": 540}, "period 'p', begintime", "540 is no text"),
            ({"name": "p", "endtime": "18:00:00"}, "period 'p', endtime", "'18:00:00' is no time"),
            ({"name": "p", "weekdays": []}, "period 'p', weekdays", "'' cannot be read"),
            ({"name": "p", "weekdays": True}, "period 'p', weekdays", "True is no list"),
            ({"name": "p", "monthdays": [None]}, "period 'p', monthdays", "'none' is not a day"),
            ({"name": "p", "months": "smarch"}, "period 'p', months", "'smarch' is not a month"),
            ({"name": "p", "months": "1", "instancetype": 5}, "instancetype", "5 is no text"),
        ],
    )
    def test_a_period_that_cannot_be_read_is_refused_with_schedule_period_and_field(
        self, period: Mapping[str, object], where: str, problem: str
    ) -> None:
        refusal = a_refusal({"name": "s", "periods": [period]})

        assert refusal.where.startswith("schedule 's', period ")
        assert refusal.where.endswith(where)
        assert problem in refusal.problem

    def test_an_unknown_period_is_refused_with_the_known_ones(self) -> None:
        refusal = a_refusal({"name": "s", "periods": "offce"}, {"office": OFFICE, "w": WEEKEND})

        assert refusal.remedy == "the periods are: office, w"

    def test_a_broken_period_is_refused_even_when_an_override_decides(self) -> None:
        refusal = a_refusal(
            {"name": "s", "override_status": "stopped", "periods": [{"name": "p", "months": "0"}]}
        )

        assert refusal.where == "schedule 's', period 'p', months"


class TestReadingTheTime:
    def test_the_reason_names_the_period_that_decides(self) -> None:
        schedule = a_schedule(OFFICE, timezone="Asia/Seoul")

        reading = schedule.at(utc("2026-11-18T00:00"))

        assert reading == Reading(
            Wanted.RUNNING, "inside period 'office' (09:00 to 18:00)", "office"
        )

    @pytest.mark.parametrize(
        ("period", "now", "reason"),
        [
            (WEEKEND, "2026-11-21T12:00", "inside period 'weekend' (all day)"),
            (WEEKEND, "2026-11-20T12:00", "outside every period of schedule 's'"),
            ({"name": "p", "begintime": "10:00"}, "2026-11-20T12:00", "inside period 'p' (from 10"),
            (
                {"name": "p", "begintime": "10:00"},
                "2026-11-20T09:00",
                "period 'p' (from 10:00) has no opinion before 10:00",
            ),
            (
                {"name": "p", "endtime": "10:00"},
                "2026-11-20T09:00",
                "period 'p' (until 10:00) has no opinion before 10:00",
            ),
        ],
    )
    def test_every_reading_gives_a_reason(
        self, period: Mapping[str, object], now: str, reason: str
    ) -> None:
        schedule = a_schedule(period)

        reading = schedule.at(utc(now))

        assert reading.reason.startswith(reason)

    def test_an_override_decides_at_all_times(self) -> None:
        schedule = a_schedule(OFFICE, override_status="Stopped")

        reading = schedule.at(utc("2026-11-18T12:00"))

        assert reading.wanted is Wanted.STOPPED
        assert reading.period == "override_status"
        assert reading.reason == "override_status of schedule 's' is stopped"
        assert list(schedule.edges(date(2026, 11, 18))) == []

    def test_the_minute_between_two_periods_runs_as_the_second(self) -> None:
        evening = {"name": "evening", "begintime": "22:00", "endtime": "23:59"}
        morning = {"name": "morning", "endtime": "06:00", "begintime": "00:00"}
        schedule = a_schedule(evening, {**morning, "instancetype": "ml.m5.large"})

        reading = schedule.at(utc("2026-11-18T23:59:30"))

        assert reading == Reading(
            Wanted.RUNNING, "in the minute before period 'morning'", "morning", "ml.m5.large"
        )

    def test_fractions_of_a_second_do_not_matter(self) -> None:
        schedule = a_schedule(OFFICE)

        last = schedule.at(utc("2026-11-18T17:59:59.999999"))
        after = schedule.at(utc("2026-11-18T18:00:00.000001"))

        assert last.wanted is Wanted.RUNNING
        assert after.wanted is Wanted.STOPPED

    def test_a_naive_time_is_refused(self) -> None:
        schedule = a_schedule(OFFICE)

        with pytest.raises(ValueError, match="needs an aware datetime"):
            schedule.at(datetime.fromisoformat("2026-11-18T12:00"))

    @pytest.mark.parametrize("clock", [time(9, 0, 1), time(9, 0, 0, 1), time(9, tzinfo=UTC)])
    def test_a_period_begins_on_a_whole_minute_of_the_wall_clock(self, clock: time) -> None:
        with pytest.raises(ValueError, match=re.escape("is not a whole local minute")):
            Period("p", begin=clock)


class TestCrossingMidnight:
    """Begin after end: the original refuses it, here the period ends on the day after."""

    @pytest.mark.parametrize(
        ("now", "wanted"),
        [
            ("2026-11-20T05:59", Wanted.STOPPED),
            ("2026-11-20T21:59:59", Wanted.STOPPED),
            ("2026-11-20T22:00", Wanted.RUNNING),
            ("2026-11-20T23:59:59", Wanted.RUNNING),
            ("2026-11-21T00:00", Wanted.RUNNING),
            ("2026-11-21T05:59:59", Wanted.RUNNING),
            ("2026-11-21T06:00", Wanted.STOPPED),
            ("2026-11-21T22:00", Wanted.STOPPED),
        ],
    )
    def test_the_part_after_midnight_belongs_to_the_day_it_began_on(
        self, now: str, wanted: Wanted
    ) -> None:
        schedule = a_schedule(FRIDAY_NIGHT)

        reading = schedule.at(utc(now))

        assert reading.wanted is wanted

    def test_it_may_leave_its_month(self) -> None:
        period = {"name": "last", "begintime": "20:00", "endtime": "04:00", "monthdays": "L"}
        schedule = a_schedule({**period, "months": "dec"})

        after_new_year = schedule.at(utc("2027-01-01T03:59"))
        a_month_later = schedule.at(utc("2027-02-01T03:59"))

        assert after_new_year.wanted is Wanted.RUNNING
        assert a_month_later.wanted is Wanted.STOPPED

    def test_it_may_end_at_midnight(self) -> None:
        schedule = a_schedule({"name": "p", "begintime": "22:00", "endtime": "00:00"})

        last, after = schedule.at(utc("2026-11-20T23:59:59")), schedule.at(utc("2026-11-21"))

        assert last.wanted is Wanted.RUNNING
        assert after.wanted is Wanted.STOPPED

    def test_a_period_that_began_today_decides_over_one_of_yesterday(self) -> None:
        night = {"name": "night", "begintime": "22:00", "endtime": "06:00", "instancetype": "big"}
        early = {"name": "early", "begintime": "02:00", "endtime": "04:00", "instancetype": "small"}
        schedule = a_schedule(night, early)

        types = [
            schedule.at(utc(f"2026-11-20T{hour}:00")).instance_type for hour in ("01", "03", "05")
        ]

        assert types == ["big", "small", "big"]

    def test_its_end_is_an_edge_of_the_day_after(self) -> None:
        schedule = a_schedule(FRIDAY_NIGHT)

        edges = [list(schedule.edges(date(2026, 11, day))) for day in (19, 20, 21, 22)]

        assert edges == [[], [time(22)], [time(6)], []]


class TestEdges:
    def test_they_are_the_begins_and_ends_of_the_periods_of_a_day(self) -> None:
        schedule = a_schedule(OFFICE, WEEKEND, {"name": "late", "endtime": "20:00"})

        friday = list(schedule.edges(date(2026, 11, 20)))
        saturday = list(schedule.edges(date(2026, 11, 21)))

        assert friday == [time(9), time(18), time(20)]
        assert saturday == [time(20)]


class TestThePageForThoseWhoMoveOver:
    def test_its_definitions_can_be_read(self) -> None:
        definitions = [json.loads(text) for text in re.findall(r"`(\{.*\})`", PAGE.read_text())]

        schedules = [read_schedule(definition, {"office": OFFICE}) for definition in definitions]

        noon_in_seoul = utc("2026-11-18T03:00")
        assert [schedule.at(noon_in_seoul).wanted for schedule in schedules] == ["running"] * 3

    def test_its_error_is_what_we_say(self) -> None:
        period = {**OFFICE, "weekdays": "thurs"}

        refusal = a_refusal({"name": "seoul-office", "periods": [period]})

        assert str(refusal) in PAGE.read_text().splitlines()
