import re

import pytest

from sagewarden.domain.schedules.custodian_tag import (
    EXAMPLE,
    LEGAL_EXAMPLE,
    HourRule,
    Kind,
    read_tag,
)
from sagewarden.domain.schedules.reading import InvalidScheduleError

WEEKDAYS = frozenset(range(5))
BOTH = tuple(Kind)


@pytest.mark.parametrize("text", ["", "on", "ON", '"on"', "'on'"])
def test_on_leaves_everything_to_the_policy(text: str) -> None:
    tag = read_tag(text, BOTH, "tag")

    assert (tag.hours, tag.zone, tag.opted_out) == ({}, None, False)


@pytest.mark.parametrize("text", ["off", "OFF", '"off"', "'off'"])
def test_off_opts_out(text: str) -> None:
    tag = read_tag(text, BOTH, "tag")

    assert tag.opted_out


@pytest.mark.parametrize("text", ["tz=pt", "Offhours tz=PT", "on;tz=pt"])
def test_a_zone_alone_leaves_the_hours_to_the_policy(text: str) -> None:
    tag = read_tag(text, BOTH, "tag")

    assert (tag.hours, tag.zone) == ({}, "pt")


@pytest.mark.parametrize(
    "text",
    [
        EXAMPLE,
        LEGAL_EXAMPLE,
        "tz=et;on=(M-F,7);off=(M-F,19)",
        "OFF=[(M-F,019)];ON=M-F,7;TZ=ET;",
        "offu3du28Mu2dFu2c19u29u3bonu3du28Mu2dFu2c7u29u3btzu3det",
    ],
)
def test_spellings_of_the_same_hours_are_read_the_same(text: str) -> None:
    tag = read_tag(text, BOTH, "tag")

    off, on = (HourRule(WEEKDAYS, hour) for hour in (19, 7))
    assert tag.hours == {Kind.OFF: (off,), Kind.ON: (on,)}
    assert tag.zone == "et"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("M", {0}),
        ("H", {3}),
        ("U", {6}),
        ("M-U", set(range(7))),
        ("F-M", {4, 5, 6, 0}),
        ("S-S", {5}),
    ],
)
def test_days_are_a_letter_or_a_range_that_goes_round(days: str, expected: set[int]) -> None:
    tag = read_tag(f"off=({days},19)", BOTH, "tag")

    assert tag.hours[Kind.OFF] == (HourRule(frozenset(expected), 19),)


def test_several_hours_stand_in_a_list() -> None:
    tag = read_tag("off=[(M-F,21),(U,18)]", BOTH, "tag")

    assert tag.hours == {Kind.OFF: (HourRule(WEEKDAYS, 21), HourRule(frozenset({6}), 18))}


def test_of_two_fields_with_the_same_key_the_last_counts() -> None:
    tag = read_tag("off=(M-F,20);off=(M-F,19)", BOTH, "tag")

    assert tag.hours == {Kind.OFF: (HourRule(WEEKDAYS, 19),)}


def test_hours_of_the_other_kind_may_be_malformed_for_one_kind_alone() -> None:
    tag = read_tag("off=[(M-F,19),]", (Kind.ON,), "tag")

    assert tag.hours == {}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("off=(M-F, 19)", "19"),
        ("off=(M-F,24)", "24"),
        ("off=(M-F," + "9" * 5000 + ")", "999"),
        ("off=(M-F,19:30)", "19:30"),
        ("off=(mon-fri,19)", "mon-fri"),
        ("off=(M-X-F,19)", "m-x-f"),
        ("off=(M-F,19);foo=bar", "foo"),
        ("off=(M-F,19);tz=et=pt", "tz=et=pt"),
        ("off=M-Fu2c18 on=M-Fu2c8 tz=et", "off=m-f,18 on=m-f,8 tz=et"),
        ("=", "''"),
        ("Never", "never"),
        ("tz=", "tz="),
    ],
)
def test_a_refusal_names_the_tag_and_what_is_wrong(text: str, named: str) -> None:
    with pytest.raises(InvalidScheduleError, match=re.escape(named)) as refusal:
        read_tag(text, BOTH, "downtime")

    assert refusal.value.where.startswith("downtime")
