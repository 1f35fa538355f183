from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from sagewarden.domain.schedules.custodian import (
    LOOK_BACK_DAYS,
    OffHours,
    OffHoursPolicy,
    OptedOut,
    read_off_hours,
)
from sagewarden.domain.schedules.custodian_tag import Kind
from sagewarden.domain.schedules.reading import InvalidScheduleError, Wanted
from sagewarden.domain.schedules.transitions import transitions

SEOUL, UTC_ZONE = ZoneInfo("Asia/Seoul"), ZoneInfo("Etc/UTC")


def a_policy(**options: object) -> OffHoursPolicy:
    return OffHoursPolicy(**{"default_tz": "kst", **options})  # type: ignore[arg-type]  # tests name options by field


def off_hours(tag: str | None, **options: object) -> OffHours:
    found = read_off_hours(tag, a_policy(**options))
    assert isinstance(found, OffHours)
    return found


def at(text: str, zone: ZoneInfo = SEOUL) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


class TestTheStateAtAMoment:
    @pytest.mark.parametrize(
        ("now", "wanted"),
        [
            ("2026-11-23T06:59:59", Wanted.STOPPED),
            ("2026-11-23T07:00:00", Wanted.RUNNING),
            ("2026-11-23T18:59:59", Wanted.RUNNING),
            ("2026-11-23T19:00:00", Wanted.STOPPED),
            ("2026-11-28T12:00:00", Wanted.STOPPED),
            ("2026-11-30T07:00:00", Wanted.RUNNING),
        ],
    )
    def test_it_is_that_of_the_latest_hour(self, now: str, wanted: Wanted) -> None:
        schedule = off_hours("on")

        reading = schedule.at(at(now))

        assert reading.wanted is wanted

    def test_its_reason_names_the_hour(self) -> None:
        reading = off_hours("on").at(at("2026-11-28T12:00:00"))

        assert reading.reason == "off since 19:00 on fri 2026-11-27 (Asia/Seoul)"

    def test_weekends_only_stops_from_friday_to_monday(self) -> None:
        schedule = off_hours("on", weekends_only=True)

        week = [schedule.at(at(f"2026-11-{day}T12:00:00")).wanted for day in range(23, 30)]

        assert week == [Wanted.RUNNING] * 5 + [Wanted.STOPPED] * 2

    def test_a_side_that_the_tag_leaves_out_is_the_policys_in_the_zone_of_the_tag(self) -> None:
        schedule = off_hours("off=(M-F,22);tz=utc", onhour=9)

        wanted = [
            schedule.at(at(f"2026-11-24T{hour}:00", UTC_ZONE)).wanted for hour in ("08", "09", "22")
        ]

        assert wanted == [Wanted.STOPPED, Wanted.RUNNING, Wanted.STOPPED]

    def test_nothing_happens_on_a_skipped_day(self) -> None:
        schedule = off_hours("on", skip_days=frozenset({date(2026, 11, 24)}))

        before, on, after = (
            schedule.at(at(f"2026-11-{day}T12:00:00")).wanted for day in (23, 24, 25)
        )

        assert (before, on, after) == (Wanted.RUNNING, Wanted.STOPPED, Wanted.RUNNING)
        assert list(schedule.edges(date(2026, 11, 24))) == []

    def test_off_and_on_in_the_same_hour_say_nothing(self) -> None:
        reading = off_hours("off=(M,9);on=(M-F,9)").at(at("2026-11-23T15:00:00"))

        assert reading.wanted is Wanted.ANY
        assert "off and on are both at 09:00 on mon 2026-11-23" in reading.reason

    def test_without_an_hour_in_sixty_days_nothing_is_said(self) -> None:
        start = date(2026, 9, 1)
        days = frozenset(start + timedelta(days=day) for day in range(LOOK_BACK_DAYS + 40))
        schedule = off_hours("on", weekends=False, skip_days=days)

        last = at("2026-10-30T12:00:00")
        readings = [schedule.at(last), schedule.at(last + timedelta(days=1))]

        assert [reading.wanted for reading in readings] == [Wanted.STOPPED, Wanted.ANY]
        assert "60 days" in readings[1].reason

    def test_a_naive_moment_is_refused(self) -> None:
        schedule = off_hours("on")

        with pytest.raises(ValueError, match="need an aware datetime"):
            schedule.at(datetime(2026, 11, 23))  # noqa: DTZ001  # naive on purpose
        with pytest.raises(ValueError, match="need an aware datetime"):
            schedule.fires(Kind.OFF, datetime(2026, 11, 23))  # noqa: DTZ001  # naive on purpose


class TestOffsetChanges:
    def changes(self, tag: str, first: str, last: str) -> list[tuple[str, Wanted]]:
        schedule = off_hours(tag)
        start, end = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, last))
        return [
            (found.at.astimezone(schedule.zone).isoformat(), found.reading.wanted)
            for found in transitions(schedule, start, end)
        ]

    def test_a_skipped_hour_does_not_occur(self) -> None:
        found = self.changes("off=(M-U,2);on=(M-U,7);tz=et", "2026-03-08", "2026-03-10")

        assert found == [
            ("2026-03-09T02:00:00-04:00", Wanted.STOPPED),
            ("2026-03-09T07:00:00-04:00", Wanted.RUNNING),
        ]

    def test_an_hour_that_is_skipped_in_part_begins_where_it_begins_to_exist(self) -> None:
        schedule = off_hours("off=(U,2);on=(U,1);tz=australia/lord_howe")
        gap_ends = datetime(2026, 10, 3, 15, 30, tzinfo=UTC)

        before, after = schedule.at(gap_ends - timedelta(seconds=1)), schedule.at(gap_ends)

        assert gap_ends.astimezone(schedule.zone).time() == time(2, 30)
        assert (before.wanted, after.wanted) == (Wanted.RUNNING, Wanted.STOPPED)

    def test_a_repeated_hour_occurs_twice(self) -> None:
        schedule = off_hours("off=(U,1);on=(U,2);tz=et")
        first = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)

        fires = [schedule.fires(Kind.OFF, first + timedelta(hours=hour)) for hour in range(-1, 3)]

        assert fires == [False, True, True, False]

    def test_the_second_occurrence_counts_when_another_hour_lies_between(self) -> None:
        zone = ZoneInfo("Antarctica/Troll")  # goes back two hours: 1 and 2 repeat as a pair
        schedule = off_hours("off=(U,1);on=(U,2);tz=antarctica/troll")
        first = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)

        wanted = [schedule.at(first + timedelta(hours=hour)).wanted for hour in range(4)]

        clock = [(first + timedelta(hours=hour)).astimezone(zone).hour for hour in range(4)]
        assert clock == [1, 2, 1, 2]
        assert wanted == [Wanted.STOPPED, Wanted.RUNNING] * 2

    def test_a_day_that_the_date_line_skipped_has_no_hours(self) -> None:
        schedule = off_hours("off=(M-U,19);on=(M-U,7);tz=pacific/apia")

        reading = schedule.at(datetime(2011, 12, 30, 10, 30, tzinfo=UTC))

        assert reading.reason == "off since 19:00 on thu 2011-12-29 (Pacific/Apia)"


class TestWhoFollowsThem:
    def test_without_the_tag_a_resource_follows_nothing(self) -> None:
        found = read_off_hours(None, a_policy())

        assert found == OptedOut("it has no tag maid_offhours, and the policy asks for one")

    def test_without_the_tag_it_follows_the_policy_if_that_is_opt_out(self) -> None:
        found = read_off_hours(None, a_policy(opt_out=True))

        assert found == off_hours("on")

    def test_the_fallback_schedule_stands_in_for_a_missing_tag_only(self) -> None:
        options = {"fallback_schedule": "off=(M-F,21);on=(M-F,6);tz=pt"}

        assert off_hours(None, **options) == off_hours("off=(M-F,21);on=(M-F,6);tz=pt")
        assert off_hours("", **options) == off_hours("on")

    def test_off_opts_out_with_the_tag_as_the_reason(self) -> None:
        found = read_off_hours("Off", a_policy(opt_out=True))

        assert found == OptedOut("maid_offhours=Off opts it out")


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"default_tz": "UTC"}, "default_tz"),
        ({"default_tz": ""}, "default_tz"),
        ({"offhour": 24}, "offhour"),
        ({"onhour": -1}, "onhour"),
        ({"fallback_schedule": "never"}, "fallback-schedule"),
        ({"fallback_schedule": "off=(M-F,99)"}, "fallback-schedule"),
        ({"fallback_schedule": "tz=nowhere"}, "fallback-schedule"),
    ],
)
def test_a_policy_that_cannot_be_read_names_the_option(
    options: dict[str, object], where: str
) -> None:
    with pytest.raises(InvalidScheduleError) as refusal:
        a_policy(**options)

    assert refusal.value.where.startswith(where)
