from zoneinfo import available_timezones

import pytest

from sagewarden.domain.schedules.custodian_zones import IRREGULAR_NAMES, SHORT_NAMES, find_zone
from sagewarden.domain.schedules.reading import InvalidScheduleError


def test_every_iana_name_that_is_not_in_title_case_is_listed() -> None:
    names = available_timezones() - {"localtime"}

    irregular = {name for name in names if name != name.title()}

    assert irregular <= set(IRREGULAR_NAMES)


@pytest.mark.parametrize("name", sorted(available_timezones() - {"localtime"}))
def test_every_iana_name_is_found_in_lower_case(name: str) -> None:
    zone = find_zone(name.lower(), "tz")

    assert zone.key == SHORT_NAMES.get(name.lower(), name)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("est", "America/New_York"),
        ("edt", "America/New_York"),
        ("ist", "Europe/Dublin"),
        ("it", "Asia/Kolkata"),
        ("at", "America/Phoenix"),
        ("America/New_York", "America/New_York"),
        ("AMERICA/NEW_YORK", "America/New_York"),
        ("utc-5", "Etc/GMT-5"),
        ("utc+5", "Etc/GMT+5"),
        ("gmt-8", "Etc/GMT-8"),
        ("Etc/GMT+8", "Etc/GMT+8"),
        ("kst-9", "Etc/GMT-9"),
    ],
)
def test_a_zone_is_found_as_the_original_finds_it(name: str, key: str) -> None:
    zone = find_zone(name, "tz")

    assert zone.key == key


@pytest.mark.parametrize(
    "name",
    [
        *("UTC", "Utc", "EST", "PT", "US/Eastern", "Etc/GMT", "America/Port-au-Prince"),
        *("msk", "foo", "america/nowhere", "america", "../etc/utc", "", "localtime", "et "),
        *("utc-15", "utc+13", "utc-5:30", "utc+", "\0", "\ud800", "x" * 10_000),
    ],
)
def test_an_unknown_name_is_refused_with_its_place(name: str) -> None:
    with pytest.raises(InvalidScheduleError) as refusal:
        find_zone(name, "maid_offhours, tz")

    assert refusal.value.where == "maid_offhours, tz"
    assert repr(name) in refusal.value.problem
