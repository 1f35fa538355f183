"""A stopped notebook instance is started again."""

from sagewarden.domain.restoration.steps import Json, Obstacle, Restoration, Step, StepKind

_RUNS = "InService"
_STARTABLE = frozenset({"Stopped", "Failed"})
"""What StartNotebookInstance takes (API reference)."""


def plan_notebook(name: str, described: Json | None) -> Restoration:
    """Say what makes a notebook instance run again.

    Args:
        name: Its name.
        described: What it is described as now; None when there is none.
    """
    if described is None:
        why = "it was deleted, which Sagewarden never does: nothing is known that creates it anew"
        return Restoration(refused=(Obstacle(f"notebook instance {name}", why),))
    status = described["NotebookInstanceStatus"]
    if status == _RUNS:
        return Restoration()
    step = Step(StepKind.START_NOTEBOOK, name)
    if status in _STARTABLE:
        return Restoration((step,))
    return Restoration(waiting=f"notebook instance {name} is {status}")
