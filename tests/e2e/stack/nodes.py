"""GPU node groups over a night: one is scaled to zero and back, one is protected, one is busy."""

from contextlib import AbstractContextManager

from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.scenarios import Chronicle, at
from tests.support.container_insights import publish


def a_night_of_node_groups(playing: AbstractContextManager[Wiring]) -> Chronicle:
    """Monday evening to Tuesday morning."""
    chronicle = Chronicle()
    with playing as wiring:
        _add_node_groups(wiring)
        wiring.sleep_until(at(16, 17, 29))
        for day, hour, minute in ((16, 17, 59), (16, 18, 6)):
            wiring.run_until(at(day, hour, minute))
            chronicle.states[f"{day} {hour:02}:{minute:02}"] = nodes(wiring)
        wiring.sleep_until(at(17, 8, 59))
        wiring.run_until(at(17, 9, 6))
        chronicle.states["17 09:06"] = nodes(wiring)
        return chronicle.close(wiring)


def nodes(wiring: Wiring) -> dict[str, tuple[int, int]]:
    """The minimum and the number of nodes of every node group."""
    client = wiring.sandbox.client("eks")
    found = {}
    for name in client.list_nodegroups(clusterName="ml")["nodegroups"]:
        group = client.describe_nodegroup(clusterName="ml", nodegroupName=name)["nodegroup"]
        sizes = group["scalingConfig"]
        found[name] = (sizes["minSize"], sizes["desiredSize"])
    return found


def _add_node_groups(wiring: Wiring) -> None:
    sandbox, created = wiring.sandbox, at(2, 9)
    fleet = sandbox.eks()
    template = sandbox.client("ec2").create_launch_template(
        LaunchTemplateName="gpus", LaunchTemplateData={"InstanceType": "g5.xlarge"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    fleet.add_node_group(
        "trainers",
        instance_types=None,
        launch_template={"id": template, "version": "1"},
        sizes=(1, 4, 2),
        tags={"Owner": "mina"},
        modified_at=created,
    )
    fleet.add_node_group("prod", tags={"Stage": "prod", "Owner": "lee"}, modified_at=created)
    fleet.add_node_group("busy", tags={"Owner": "lee"}, modified_at=created)
    for name, reserved in (("trainers", 0.0), ("prod", 0.0), ("busy", 100.0)):
        publish(sandbox, name, now=at(16, 18, 6), reserved=reserved)
