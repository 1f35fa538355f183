from dataclasses import replace
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.schedules.assignment import Manners
from sagewarden.domain.schedules.custodian import OffHoursPolicy
from sagewarden.domain.schedules.expression import ExpressionDefaults
from sagewarden.domain.schedules.instance_scheduler import read_schedule
from sagewarden.domain.schedules.reading import InvalidScheduleError, OptedOut, Schedule, Wanted
from tests.support.builders import a_calendar, a_schedule_book, no_holidays, seoul

NIGHT_SHIFT = a_calendar("22:00-06:00", name="night-shift")
NAMED = {"night-shift": NIGHT_SHIFT}


def wanted(schedule: Schedule | OptedOut, when: str) -> Wanted:
    assert not isinstance(schedule, OptedOut)
    return schedule.at(seoul(when)).wanted


def reads_custodians_tags_in(zone: str) -> bool:
    expressions = ExpressionDefaults(ZoneInfo(zone), no_holidays)
    book = replace(a_schedule_book(), expressions=expressions)
    try:
        return not isinstance(book.of({"Schedule": "off=(M-F,20)"}), OptedOut)
    except InvalidScheduleError:
        return False


def test_without_the_tag_a_resource_follows_its_rule() -> None:
    book = a_schedule_book(tag="Schedule")

    schedule = book.of({"schedule": "night-shift", "Name": "x"})

    assert schedule == book.default


def test_a_tag_may_name_a_calendar_of_the_policy() -> None:
    book = a_schedule_book(named=NAMED)

    schedule = book.of({"Schedule": " night-shift "})

    assert schedule is NIGHT_SHIFT


def test_a_tag_may_hold_an_expression() -> None:
    book = a_schedule_book(named=NAMED)

    schedule = book.of({"Schedule": "daily 20:00-21:00 Asia/Seoul"})

    assert wanted(schedule, "2026-11-02 20:30") is Wanted.RUNNING
    assert wanted(schedule, "2026-11-02 12:00") is Wanted.STOPPED


@pytest.mark.parametrize("text", ["off", "OFF", " Off "])
def test_off_opts_a_resource_out(text: str) -> None:
    book = a_schedule_book()

    schedule = book.of({"Schedule": text})

    assert schedule == OptedOut(f"its tag Schedule={text} opts it out of hours")


@pytest.mark.parametrize("text", ["on", "ON"])
def test_on_asks_for_the_rules_own_hours(text: str) -> None:
    book = a_schedule_book()

    schedule = book.of({"Schedule": text})

    assert schedule == book.default


@pytest.mark.parametrize("tags", [{}, {"Schedule": "on"}])
def test_where_the_rule_has_no_hours_of_its_own_only_tags_count(tags: dict[str, str]) -> None:
    book = a_schedule_book(always_default=False)

    schedule = book.of(tags)

    assert schedule == OptedOut("it names no schedule, and the rule has none of its own")


@pytest.mark.parametrize("text", ["", "nightshift", "Night-Shift", "never", "cron(0 9 * * ? *)"])
def test_a_tag_that_is_neither_a_name_nor_an_expression_is_refused(text: str) -> None:
    book = a_schedule_book(named=NAMED)

    with pytest.raises(InvalidScheduleError) as refused:
        book.of({"Schedule": text})

    assert "business-hours, night-shift" in refused.value.remedy
    assert "mon-fri 09:00-18:00 Asia/Seoul" in refused.value.remedy


def test_a_book_without_names_says_so() -> None:
    book = replace(a_schedule_book(), named={})

    with pytest.raises(InvalidScheduleError, match=r"name a calendar of the policy \(none\)"):
        book.of({"Schedule": "office"})


class TestCustodiansTags:
    def test_our_tag_may_hold_custodians_hours(self) -> None:
        book = a_schedule_book()

        schedule = book.of({"Schedule": "off=M-Fu2c20u3bon=M-Fu2c8u3btz=asia/seoul"})

        assert wanted(schedule, "2026-11-02 19:30") is Wanted.RUNNING
        assert wanted(schedule, "2026-11-02 20:00") is Wanted.STOPPED

    def test_hours_that_it_leaves_out_are_read_in_the_policys_zone(self) -> None:
        book = a_schedule_book()

        schedule = book.of({"Schedule": "off=(M-F,20)"})

        assert wanted(schedule, "2026-11-02 19:30") is Wanted.RUNNING
        assert wanted(schedule, "2026-11-02 20:00") is Wanted.STOPPED
        assert wanted(schedule, "2026-11-03 06:59") is Wanted.STOPPED
        assert wanted(schedule, "2026-11-03 07:00") is Wanted.RUNNING

    def test_its_own_tag_is_honoured_in_any_letter_case_where_the_rule_asks_for_it(self) -> None:
        off_hours = OffHoursPolicy("asia/seoul", offhour=19, onhour=7)
        book = replace(a_schedule_book(), off_hours=off_hours)

        schedule = book.of({"Maid_OffHours": "off=(M-F,22);on=(M-F,6)"})

        assert wanted(schedule, "2026-11-02 21:59") is Wanted.RUNNING
        assert wanted(schedule, "2026-11-02 22:00") is Wanted.STOPPED

    def test_our_own_tag_wins_over_its(self) -> None:
        off_hours = OffHoursPolicy("asia/seoul", offhour=19, onhour=7)
        book = replace(a_schedule_book(named=NAMED), off_hours=off_hours)

        schedule = book.of({"maid_offhours": "off=(M-F,22)", "Schedule": "night-shift"})

        assert schedule is NIGHT_SHIFT

    def test_without_any_tag_it_is_opted_out_as_in_custodian(self) -> None:
        off_hours = OffHoursPolicy("asia/seoul", offhour=19, onhour=7)
        book = replace(a_schedule_book(), off_hours=off_hours)

        schedule = book.of({})

        assert isinstance(schedule, OptedOut)

    def test_a_policy_in_any_zone_can_read_its_tags(self) -> None:
        zones = sorted(available_timezones() - {"localtime"})

        unread = [zone for zone in zones if not reads_custodians_tags_in(zone)]

        assert unread == []


class TestManners:
    def test_a_calendar_respects_people(self) -> None:
        manners = a_schedule_book().manners(a_calendar())

        assert manners == Manners(enforced=False, retain_running=False)

    def test_instance_schedulers_own_settings_are_kept(self) -> None:
        schedule = read_schedule(
            {
                "name": "s",
                "periods": [{"name": "p", "weekdays": "mon-fri"}],
                "enforced": True,
                "retain_running": True,
            }
        )

        manners = a_schedule_book().manners(schedule)

        assert manners == Manners(enforced=True, retain_running=True)


@given(st.text(max_size=50))
def test_any_tag_is_read_or_refused_never_something_else(text: str) -> None:
    book = a_schedule_book(named=NAMED)

    try:
        schedule = book.of({"Schedule": text})
        understood = isinstance(schedule, OptedOut) or bool(schedule.at(seoul("2026-11-02 12:00")))
    except InvalidScheduleError as refused:
        understood = bool(refused.remedy)

    assert understood
