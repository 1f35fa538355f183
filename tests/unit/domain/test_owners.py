"""What a policy says of owners: what their tags mean, and when they are left in peace."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sagewarden.domain.addresses import AddressKind, kind_of_address
from sagewarden.domain.owners import Owners, named_in
from tests.support.builders import a_calendar, seoul

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("tom@example.com", AddressKind.EMAIL),
        ("U0123ABCD", AddressKind.USER),
        ("W0123ABCD", AddressKind.USER),
        ("@data-eng", AddressKind.GROUP),
        ("S0123ABCD", AddressKind.GROUP),
        ("#team-vision", AddressKind.CHANNEL),
        ("C0123ABCD", AddressKind.CHANNEL),
        ("G0123ABCD", AddressKind.CHANNEL),
        ("tom", None),
        ("Tom Kim <tom@example.com>", None),
        ("@data eng", None),
        ("u0123abcd", None),
        ("<!channel>", None),
        ("", None),
    ],
)
def test_an_address_is_told_by_its_form(text: str, kind: AddressKind | None) -> None:
    assert kind_of_address(text) is kind


def test_without_hours_nobody_is_left_in_peace() -> None:
    assert not Owners().left_in_peace(seoul("2026-11-08 03:00"), NEW_YORK)


@pytest.mark.parametrize(
    ("when", "at_home", "in_new_york"),
    [
        ("2026-11-09 10:00", "awake", "asleep"),  # Sunday evening there
        ("2026-11-09 20:00", "asleep", "asleep"),
        ("2026-11-09 23:00", "asleep", "awake"),
        ("2026-11-10 07:59", "asleep", "awake"),
        ("2026-11-10 08:00", "asleep", "asleep"),
        ("2026-11-14 00:30", "asleep", "awake"),  # Friday morning there
    ],
)
def test_the_hours_are_read_off_the_clock_of_whoever_reads(
    when: str, at_home: str, in_new_york: str
) -> None:
    owners = Owners(warned_during=a_calendar())

    found = [owners.left_in_peace(seoul(when), zone) for zone in (None, NEW_YORK)]

    assert found == [at_home == "asleep", in_new_york == "asleep"]


def test_holidays_are_those_of_the_calendar_on_the_readers_own_day() -> None:
    def pepero(day: object) -> str | None:
        return "Pepero Day" if str(day) == "2026-11-11" else None

    owners = Owners(warned_during=a_calendar(holidays=pepero))
    nine_there_on_the_11th = datetime(2026, 11, 11, 14, tzinfo=UTC)

    assert owners.left_in_peace(nine_there_on_the_11th, NEW_YORK)
    assert not owners.left_in_peace(datetime(2026, 11, 10, 14, tzinfo=UTC), NEW_YORK)


def test_an_hour_that_the_policys_zone_skips_is_an_hour_like_others_elsewhere() -> None:
    night = a_calendar("02:00-03:00", days=range(7), zone="America/New_York")
    owners = Owners(warned_during=night)  # where 02:30 does not exist on 8 March

    assert not owners.left_in_peace(seoul("2026-03-08 02:30"), ZoneInfo("Asia/Seoul"))
    assert owners.left_in_peace(seoul("2026-03-08 03:30"), ZoneInfo("Asia/Seoul"))


def test_what_is_not_tagged_or_blank_names_nobody() -> None:
    assert named_in({"Owner": "  "}, "Owner") is None
    assert named_in({}, "Owner") is None
    assert named_in(None, "Owner") is None
