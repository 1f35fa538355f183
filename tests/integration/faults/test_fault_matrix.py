"""Every fault at every step of every bot: nothing wrong is done, nothing is lost or hidden."""

from collections.abc import Iterator

import pytest
from _pytest.mark import ParameterSet

from sagewarden.bots import BOTS
from tests.integration.faults.ground import Chronicle, Ground
from tests.integration.faults.matrix import (
    FAULTS,
    Fault,
    alone,
    broken_promises,
    plots,
    table,
)
from tests.integration.faults.plays import PLAYS, Play
from tests.integration.faults.slack_matrix import slacks_table
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


USUAL = {
    "passing": "provisioned_concurrency",
    "lost once": "endpoint_hours",
    "throttled": "notebook_hours",
    "broken": "endpoint_hours",
    "garbled": "notebook_hours",
    "denied": "guardrails",
    "reset": "endpoint_hours",
    "colliding": "idle_services",
    "lost": "notebook_hours",
    "killed": "node_groups",
    "timed out": "training",
    "overtaken": "guardrails",
    "torn": "idle_services",
    "lagging": "idle_endpoints",
    "denied one": "node_groups",
    "skewed": "training",
    "early": "notebook_hours",
    "twice": "guardrails",
}
"""The cells that every test run plays: each fault, and each play, where that takes little time."""


def cells() -> Iterator[ParameterSet]:
    """Every cell; all but one of each row are left to ``make faults``."""
    for fault in FAULTS:
        for play in PLAYS:
            marks = () if USUAL[fault.name] == str(play) else (pytest.mark.faults,)
            yield pytest.param(play, fault, id=f"{fault}-{play}", marks=marks)


@pytest.mark.parametrize(("play", "fault"), list(cells()))
def test_whatever_fails_nothing_is_wrong_lost_repeated_or_hidden(
    play: Play, fault: Fault, ground: Ground
) -> None:
    clean = ground.clean(play)
    wrong: list[str] = []

    def played(plot: list[Sweep]) -> Chronicle:
        found = ground.play(play, plot)
        broken = broken_promises(clean, found, fault)
        wrong.extend(f"{promise} ({story(plot)})" for promise in broken)
        return found

    struck = set()
    wanted = set()
    for plot in map(list, plots(play, clean, fault)):
        struck |= set(played(plot).struck)
        wanted |= {sweep.blow.step for sweep in plot if sweep.blow and sweep.blow.step}
    for step in wanted - struck:  # they were hidden behind others
        struck |= set(played(list(alone(play, clean, fault, step))).struck)

    assert wrong == []
    assert wanted <= struck
    assert struck or fault.kind is None or not wanted


def test_each_bot_has_a_play_and_each_play_is_played_by_every_test_run() -> None:
    assert {play.bot for play in PLAYS} == {bot.name for bot in BOTS}
    assert {str(play) for play in PLAYS} == set(USUAL.values())


def test_the_page_about_faults_has_the_matrix_as_it_is_played() -> None:
    page = (ROOT / "docs/faults.md").read_text(encoding="utf-8")

    assert table(FAULTS) in page
    assert slacks_table() in page
    assert [play for play in PLAYS if f"`{play}`" not in page] == []
