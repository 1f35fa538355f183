"""Announcing: in order for each resource, only what was refused again, nothing lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from sagewarden.application.announce import FIRST_PAUSE, ROUNDS, Unannounced, announce
from sagewarden.domain.announcements import Announcement
from tests.support.builders import NOW


@dataclass
class FakeBus:
    """Accepts, but for what it refuses a number of times, by id."""

    refusals: dict[str, int] = field(default_factory=dict)
    calls: list[list[str]] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)

    def put(self, announcements: Sequence[Announcement]) -> Sequence[str | None]:
        self.calls.append([one.id for one in announcements])
        return [self._answer(one.id) for one in announcements]

    def _answer(self, name: str) -> str | None:
        if self.refusals.get(name, 0) > 0:
            self.refusals[name] -= 1
            return "ThrottlingException: slow down"
        self.accepted.append(name)
        return None


@dataclass
class Naps:
    lengths: list[timedelta] = field(default_factory=list)

    def sleep(self, length: timedelta) -> None:
        self.lengths.append(length)


def announcements(*names: str) -> list[Announcement]:
    """``a1``, ``a2``, ``b1``: the letter is the line."""
    return [Announcement("Case Opened", NOW, name[0], {"id": name}) for name in names]


def test_what_concerns_different_resources_goes_together_and_the_rest_in_its_order() -> None:
    bus = FakeBus()

    assert announce(announcements("a1", "b1", "a2", "c1", "a3"), bus, Naps()) == ()
    assert bus.calls == [["a1", "b1", "c1"], ["a2"], ["a3"]]


def test_only_what_was_refused_is_put_again_and_its_line_waits() -> None:
    bus, naps = FakeBus({"a1": 1}), Naps()

    assert announce(announcements("a1", "b1", "a2", "b2"), bus, naps) == ()
    assert bus.calls == [["a1", "b1"], ["a1", "b2"], ["a2"]]
    assert naps.lengths == [FIRST_PAUSE]


def test_what_is_refused_for_good_is_left_with_its_reason_and_all_of_its_line() -> None:
    bus, naps = FakeBus({"a1": 99}), Naps()

    left = announce(announcements("b1", "a1", "b2", "a2"), bus, naps)

    assert left == (Unannounced(1, "ThrottlingException: slow down"), Unannounced(3, None))
    assert bus.accepted == ["b1", "b2"]
    assert naps.lengths == [FIRST_PAUSE * 2**number for number in range(ROUNDS - 1)]


def test_nothing_to_announce_asks_nobody() -> None:
    bus = FakeBus()

    assert announce([], bus, Naps()) == ()
    assert bus.calls == []


@given(
    st.lists(st.sampled_from("abc"), max_size=12),
    st.dictionaries(st.integers(0, 11), st.integers(1, 5)),
)
def test_each_is_accepted_once_or_left_and_no_line_is_overtaken(
    lines: list[str], refused: dict[int, int]
) -> None:
    names = [f"{line}{number}" for number, line in enumerate(lines)]
    bus = FakeBus({names[place]: times for place, times in refused.items() if place < len(names)})

    left = [names[one.place] for one in announce(announcements(*names), bus, Naps())]

    assert sorted(bus.accepted + left) == sorted(names)
    for line in "abc":
        mine = [name for name in names if name[0] == line]
        heard = [name for name in bus.accepted if name[0] == line]
        assert heard == mine[: len(heard)]
