"""Every fault at every step of what speaks with people in Slack, and of the bot behind it."""

from collections.abc import Iterator

import pytest
from _pytest.mark import ParameterSet

from tests.integration.faults.matrix import Fault
from tests.integration.faults.office import Office, Record
from tests.integration.faults.slack_matrix import (
    ROWS,
    Plot,
    broken_promises,
    hidden,
    plots,
)
from tests.integration.faults.slack_story import STORY
from tests.integration.faults.strikes import Stage

pytestmark = [
    pytest.mark.aws,
    # A function that is killed takes its metrics along.
    pytest.mark.filterwarnings("ignore:No application metrics:UserWarning"),
]


def story(plot: Plot) -> str:
    """Where a story's blows fell."""
    beats = [(act.name, beat.blow) for act, some in plot for beat in some if beat.blow]
    return "; ".join(f"{name}: {blow.kind} at {blow.step}" for name, blow in beats)


def cells() -> Iterator[ParameterSet]:
    """Every row; all but two are left to ``make faults``."""
    for fault in ROWS:
        marks = () if fault.name in {"turned away", "outage"} else (pytest.mark.faults,)
        yield pytest.param(fault, id=fault.name, marks=marks)


@pytest.mark.parametrize("fault", list(cells()))
def test_whatever_fails_in_slack_nothing_is_wrong_lost_repeated_or_hidden(
    fault: Fault, office: Office
) -> None:
    clean = office.clean(STORY)
    wrong: list[str] = []

    def played(plot: Plot) -> Record:
        found = office.play(plot)
        broken = broken_promises(clean, found, fault)
        wrong.extend(f"{promise} ({story(plot)})" for promise in broken)
        return found

    struck = set()
    wanted = set()
    for plot in plots(clean, fault):
        struck |= set(played(plot).struck)
        wanted |= {beat.step for _, some in plot for beat in some if beat.step}
    for plot in hidden(clean, fault, wanted - struck) if wanted - struck else ():
        struck |= set(played(plot).struck)

    assert wrong == []
    assert wanted <= struck


def test_in_the_story_every_function_has_its_part(office: Office) -> None:
    clean = office.clean(STORY)

    assert {step.stage for steps in clean.steps.values() for step in steps} == set(Stage)
