import re
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.schedules.custodian import (
    OffHours,
    OffHoursPolicy,
    OptedOut,
    read_off_hours,
)
from sagewarden.domain.schedules.custodian_tag import EXAMPLE, LEGAL_EXAMPLE, Kind
from sagewarden.domain.schedules.reading import InvalidScheduleError, Wanted
from sagewarden.domain.schedules.transitions import transitions

POLICY = OffHoursPolicy(default_tz="et", opt_out=True)
ZONES = (
    *("utc", "kst", "et", "bst", "it", "asia/kathmandu", "pacific/chatham", "pacific/kiritimati"),
    *("australia/lord_howe", "antarctica/troll", "africa/casablanca", "america/st_johns"),
)
PIECES = (
    *("off=", "on=", "tz=", "(M-F,19)", "[(M-F,7),(S,9)]", "m-f", ",", "7", "24", "(", "]", "-"),
    *(";", " ", "=", "off", "on", "never", "u28", "u2c", "u3b", "et", "utc-5", "foo", "'", "U"),
)
INSTANTS = st.datetimes(
    datetime(2010, 1, 1),  # noqa: DTZ001  # Hypothesis wants naive bounds
    datetime(2036, 12, 31),  # noqa: DTZ001  # Hypothesis wants naive bounds
    timezones=st.just(UTC),
)
DAYS = st.sampled_from(("m", "h", "u", "m-f", "m-u", "f-m", "s-u"))
SPECS = st.lists(st.builds("({},{})".format, DAYS, st.integers(0, 23)), min_size=1, max_size=3)
TAGS = st.builds(
    lambda off, on, zone: f"off=[{','.join(off)}];on=[{','.join(on)}];tz={zone}",
    *(SPECS, SPECS, st.sampled_from(ZONES)),
)
PAGE = Path(__file__).parents[4] / "docs" / "schedules-custodian.md"
A_PAIR_OF_SPELLINGS = re.compile(r"^\| `(off=[^`]*)` \| `([^`]*)` \|", re.MULTILINE)
SPELLINGS = A_PAIR_OF_SPELLINGS.findall(PAGE.read_text())
LONGEST = 256

_ESCAPES = {"(": "u28", ")": "u29", "[": "u5b", "]": "u5d", ",": "u2c", ";": "u3b"}


def escaped(tag: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in tag)


def is_legal(value: str) -> bool:
    """Whether SageMaker takes a tag value: letters, separators, numbers and _.:/=+-@ up to 256."""
    characters = all(unicodedata.category(c)[0] in "LZN" or c in "_.:/=+-@" for c in value)
    return characters and len(value) <= LONGEST


def schedule_of(tag: str) -> OffHours:
    found = read_off_hours(tag, POLICY)
    assert isinstance(found, OffHours)
    return found


@given(
    text=st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    now=INSTANTS,
)
def test_any_text_is_read_or_refused_with_its_place(text: str, now: datetime) -> None:
    try:
        found = read_off_hours(text, POLICY)
        understood = isinstance(found, OptedOut) or found.at(now).reason != ""
    except InvalidScheduleError as refusal:
        understood = refusal.where.startswith("maid_offhours") and refusal.remedy != ""

    assert understood


@given(tag=TAGS, now=INSTANTS)
def test_while_a_filter_would_match_the_state_is_the_one_it_brings_about(
    tag: str, now: datetime
) -> None:
    schedule = schedule_of(tag)

    off, on = (schedule.fires(kind, now) for kind in Kind)

    if off or on:
        alone = Wanted.STOPPED if off else Wanted.RUNNING
        assert schedule.at(now).wanted is (Wanted.ANY if off and on else alone)


@given(tag=TAGS, start=INSTANTS)
def test_the_state_changes_only_where_a_filter_would_match(tag: str, start: datetime) -> None:
    schedule = schedule_of(tag)

    changes = list(transitions(schedule, start, start + timedelta(days=8)))

    for change in changes:
        assert any(schedule.fires(kind, change.at) for kind in Kind)


@given(tag=TAGS, start=INSTANTS)
def test_no_change_is_missed_between_the_edges(tag: str, start: datetime) -> None:
    schedule = schedule_of(tag)
    start = start.replace(minute=0, second=0, microsecond=0)
    end = start + timedelta(days=3)

    changes = {change.at: change.reading.wanted for change in transitions(schedule, start, end)}

    wanted = schedule.at(start - timedelta(microseconds=1)).wanted
    for quarter in range(3 * 96):
        now = start + quarter * timedelta(minutes=15)
        wanted = changes.get(now, wanted)
        assert schedule.at(now).wanted is wanted


@given(tag=TAGS)
def test_the_escaped_form_says_the_same_and_is_a_legal_tag_value(tag: str) -> None:
    legal = escaped(tag)

    assert schedule_of(legal) == schedule_of(tag)
    assert is_legal(legal)


@pytest.mark.parametrize(("plain", "legal"), [*SPELLINGS, (EXAMPLE, LEGAL_EXAMPLE)])
def test_the_spellings_that_we_recommend_are_legal_and_say_the_same(plain: str, legal: str) -> None:
    schedule = schedule_of(legal)

    assert is_legal(legal)
    assert schedule == schedule_of(plain)


def test_the_page_recommends_spellings() -> None:
    assert len(SPELLINGS) > 3
