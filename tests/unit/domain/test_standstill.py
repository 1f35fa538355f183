"""Only hours that a recorded action and a recorded end account for are claimed."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.outcomes import Outcome
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.standstill import CLAIMED_FOR, Span, standstills
from tests.support.builders import LONG_AGO, a_ref, seoul
from tests.support.digests import WEEK, an_outcome

HOUR = timedelta(hours=1)
NEXT_WEEK = Span(WEEK.end, WEEK.end + timedelta(days=7))
RELEASE = ActionKind.RELEASE_PROVISIONED_CONCURRENCY
ENDPOINT = ResourceKind.ENDPOINT
CHAT = a_ref("chat", ENDPOINT)


def hours(done: list[Outcome], span: Span = WEEK, created: tuple[datetime, ...] = ()) -> float:
    return sum(length / HOUR for _, length in standstills(done, created, span))


def test_a_notebook_stood_still_from_our_stop_to_our_start() -> None:
    done = [an_outcome("2026-11-03 18:00"), an_outcome("2026-11-04 09:00", ActionKind.START)]

    assert hours(done) == 15


def test_what_a_person_started_stood_still_until_then_as_its_next_stop_knows() -> None:
    again = an_outcome("2026-11-04 18:00", modified=seoul("2026-11-04 09:30"))

    assert hours([an_outcome("2026-11-03 18:00"), again]) == 15.5


def test_a_node_group_that_a_person_scaled_up_stood_still_until_then() -> None:
    down, group = ActionKind.SCALE_TO_ZERO, ResourceKind.NODE_GROUP
    first = an_outcome("2026-11-03 18:00", down, resource=group)
    again = an_outcome("2026-11-04 18:00", down, resource=group, modified=seoul("2026-11-04 09:30"))
    copies = [replace(item, action=replace(item.action, ref=CHAT)) for item in (first, again)]

    assert hours([first, again]) == 15.5
    assert hours(copies) == 0


def test_a_stop_without_a_recorded_end_is_not_claimed_yet() -> None:
    assert hours([an_outcome("2026-11-06 18:00")]) == 0


def test_a_weekend_is_claimed_whole_in_the_week_in_which_its_end_was_recorded() -> None:
    done = [an_outcome("2026-11-06 18:00"), an_outcome("2026-11-09 09:00", ActionKind.START)]

    assert (hours(done), hours(done, NEXT_WEEK)) == (0, 63)


def test_a_notebook_that_was_made_anew_is_another_one() -> None:
    remade = seoul("2026-11-04 10:00")
    again = an_outcome("2026-11-04 18:00", created=remade, modified=remade)

    assert hours([an_outcome("2026-11-03 18:00"), again]) == 0


def test_what_is_deleted_is_claimed_for_the_hours_of_each_week() -> None:
    done = [an_outcome("2026-11-07 00:00", ActionKind.DELETE)]

    assert (hours(done), hours(done, NEXT_WEEK)) == (48, 7 * 24)


def test_nobody_claims_a_deletion_for_ever() -> None:
    done = [an_outcome("2026-11-02 00:00", ActionKind.DELETE)]
    later = Span(WEEK.begin + CLAIMED_FOR - HOUR, WEEK.begin + CLAIMED_FOR + 99 * HOUR)

    assert hours(done, later) == 1


@pytest.mark.parametrize("how", ["restored", "deleted again", "seen again"])
def test_a_deletion_is_claimed_until_the_resource_is_known_to_be_back(how: str) -> None:
    back = seoul("2026-11-03 12:00")
    done = [an_outcome("2026-11-03 00:00", ActionKind.DELETE)]
    if how == "restored":
        done.append(an_outcome(back, ActionKind.RESTORE))
    if how == "deleted again":
        done.append(an_outcome("2026-11-08 23:00", ActionKind.DELETE, created=back))

    seen = (LONG_AGO, back) if how == "seen again" else (LONG_AGO,)

    assert hours(done, created=seen) == (13 if how == "deleted again" else 12)


@pytest.mark.parametrize("kind", [RELEASE, ActionKind.SCALE_TO_ZERO])
def test_what_can_grow_again_by_itself_is_claimed_only_up_to_a_restore(kind: ActionKind) -> None:
    done = [an_outcome("2026-11-03 00:00", kind)]
    restored = an_outcome("2026-11-03 06:00", ActionKind.RESTORE, resource=ENDPOINT)
    gone = an_outcome("2026-11-03 06:00", ActionKind.DELETE)

    assert hours(done) == 0
    assert hours([*done, restored]) == 6
    assert hours([*done, gone], Span(WEEK.begin, gone.at + HOUR)) == 1  # of the deletion


def test_a_tag_or_a_start_makes_nothing_stand_still() -> None:
    done = [an_outcome("2026-11-03 00:00", ActionKind.START)]

    assert hours([*done, an_outcome("2026-11-04 00:00", ActionKind.RESTORE)]) == 0


KINDS = st.sampled_from([ActionKind.STOP, ActionKind.START, ActionKind.DELETE, ActionKind.RESTORE])


@given(
    st.lists(st.tuples(st.integers(1, 72), KINDS, st.integers(0, 200)), max_size=12),
    st.lists(st.integers(1, 400), max_size=4, unique=True),
)
def test_weeks_that_follow_one_another_claim_together_what_the_whole_time_claims(
    deeds: list[tuple[int, ActionKind, int]], cuts: list[int]
) -> None:
    done, at = [], WEEK.begin
    for gap, kind, before in deeds:
        at += gap * HOUR
        done.append(an_outcome(at, kind, modified=at - before * HOUR))
    ends = [WEEK.begin, *(WEEK.begin + cut * HOUR for cut in sorted(cuts)), at + 100 * HOUR]
    ends.sort()

    parts = [hours(done, Span(begin, end)) for begin, end in pairwise(ends)]

    assert sum(parts) == pytest.approx(hours(done, Span(ends[0], ends[-1])))
    assert all(part >= 0 for part in parts)
