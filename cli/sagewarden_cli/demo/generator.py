"""Make up the demo's organisation: the same seed makes the same one, to the last tag."""

import random

from sagewarden_cli.demo.endpoints import forgotten_endpoints, used_endpoints
from sagewarden_cli.demo.notebooks import deeds_of, ordinary_notebooks
from sagewarden_cli.demo.organisation import Habit, Organisation
from sagewarden_cli.demo.rest.reporting_notebooks import reporting_notebooks
from sagewarden_cli.demo.seed import SEED
from sagewarden_cli.demo.teams import TEAMS
from sagewarden_cli.demo.traps import night_traps, trap_endpoints, trap_events, trap_notebooks


def make_organisation(seed: int = SEED) -> Organisation:
    """Make up an organisation of six teams in three time zones and two regions."""
    dice = random.Random(seed)  # noqa: S311 - a made-up organisation holds no secret
    notebooks = list(ordinary_notebooks(dice))
    endpoints = [*used_endpoints(dice), *forgotten_endpoints(dice)]
    events = list(trap_events())
    traps = []
    for notebook in notebooks:
        deeds = list(deeds_of(notebook, dice))
        events += deeds
        if notebook.habit is Habit.WORKS_AT_NIGHT:
            traps += [night_traps(notebook, event) for event in deeds]
    for notebook, trap in trap_notebooks():
        notebooks.append(notebook)
        traps.append(trap)
    for endpoint, trap in trap_endpoints():
        endpoints.append(endpoint)
        traps.append(trap)
    notebooks += reporting_notebooks()
    return Organisation(
        TEAMS, tuple(notebooks), tuple(endpoints), tuple(sorted(events)), tuple(traps)
    )
