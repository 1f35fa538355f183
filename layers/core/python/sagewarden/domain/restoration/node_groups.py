"""A node group that was scaled to zero has its sizes again."""

from collections.abc import Mapping
from typing import Any

from sagewarden.domain.node_groups.kept import sizes_of
from sagewarden.domain.restoration.steps import Obstacle, Restoration, Step, StepKind

_RUNS = frozenset({"ACTIVE", "DEGRADED"})
"""What UpdateNodegroupConfig takes."""

_CHANGES = frozenset({"CREATING", "UPDATING"})


def plan_node_group(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Restoration:
    """Say what gives a node group its sizes back.

    Where only minSize was changed, because an autoscaler sets desiredSize, only minSize comes
    back, and not before so many nodes run.

    Args:
        name: Its cluster's name and its own.
        was: What the manifest says, and what was ``set`` then: minSize and desiredSize.
        now: What exists, in the same form.
    """
    what, old, new = f"node group {name}", was["node_group"], now["node_group"]
    if new is None:
        why = "it was deleted, which Sagewarden never does: create it anew"
        return Restoration(refused=(Obstacle(what, why),))
    if new["createdAt"] != old["createdAt"]:
        why = "it was deleted and created anew; it is left as it is"
        return Restoration(refused=(Obstacle(what, why),))
    before, after, status = sizes_of(old), sizes_of(new), new["status"]
    if status in _CHANGES:
        return Restoration(waiting=f"{what} is {status}")
    if status not in _RUNS:
        return Restoration(refused=(Obstacle(what, f"it is {status}"),))
    owned = tuple(was.get("set", ())) == (0, None)
    if owned and before.least > after.wanted:
        why = (
            f"its autoscaler runs {after.wanted} nodes: minSize {before.least} can come back "
            "when so many run"
        )
        return Restoration(obstacles=(Obstacle(what, why),))
    wanted = {"minSize": before.least, "maxSize": before.most}
    if not owned:
        wanted["desiredSize"] = before.wanted
    if all(new["scalingConfig"][member] == size for member, size in wanted.items()):
        return Restoration()
    return Restoration((Step(StepKind.SET_NODES, name, wanted),))
