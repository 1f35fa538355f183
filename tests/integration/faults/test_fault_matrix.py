"""Every fault at every step of every bot: nothing wrong is done, nothing is lost or hidden."""

from collections.abc import Iterator

import pytest
from _pytest.mark import ParameterSet

from tests.integration.faults.ground import Chronicle, Ground
from tests.integration.faults.matrix import (
    EVERY_FIFTH,
    FAULTS,
    Fault,
    alone,
    broken_promises,
    plots,
    table,
)
from tests.integration.faults.plays import PLAYS, Play
from tests.integration.faults.strikes import Sweep
from tests.support.templates import ROOT

pytestmark = [
    pytest.mark.aws,
    # A run within a run takes its metrics along.
    pytest.mark.filterwarnings("ignore:No application metrics:UserWarning"),
]


def story(plot: list[Sweep]) -> str:
    """Where a play's blows fell."""
    blows = [(sweep.at, sweep.blow) for sweep in plot if sweep.blow]
    return "; ".join(f"{at:%d %H:%M} {blow.kind} at {blow.step}" for at, blow in blows)


def cells() -> Iterator[ParameterSet]:
    """Every cell; most of them are left to ``make faults``."""
    for row, fault in enumerate(FAULTS):
        for column, play in enumerate(PLAYS):
            usual = (row + 2 * column) % EVERY_FIFTH == 0
            marks = () if usual else (pytest.mark.faults,)
            yield pytest.param(play, fault, id=f"{fault}-{play}", marks=marks)


@pytest.mark.parametrize(("play", "fault"), list(cells()))
def test_whatever_fails_nothing_is_wrong_lost_repeated_or_hidden(
    play: Play, fault: Fault, ground: Ground
) -> None:
    clean, turn = ground.clean(play), PLAYS.index(play)
    wrong: list[str] = []

    def played(plot: list[Sweep]) -> Chronicle:
        found = ground.play(play, plot)
        broken = broken_promises(clean, found, fault)
        wrong.extend(f"{promise} ({story(plot)})" for promise in broken)
        return found

    struck = set()
    wanted = set()
    for plot in map(list, plots(play, clean, fault, turn)):
        struck |= set(played(plot).struck)
        wanted |= {sweep.blow.step for sweep in plot if sweep.blow and sweep.blow.step}
    for step in wanted - struck:  # they were hidden behind others
        struck |= set(played(list(alone(play, clean, fault, step, turn))).struck)

    assert wrong == []
    assert wanted <= struck
    assert struck or not fault.kinds


def test_the_page_about_faults_has_the_matrix_as_it_is_played() -> None:
    page = (ROOT / "docs/faults.md").read_text(encoding="utf-8")

    assert table() in page
    assert [play for play in PLAYS if f"`{play}`" not in page] == []
