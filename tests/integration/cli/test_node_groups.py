"""The command line plans for EKS node groups, scales them, explains it, and gives sizes back."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.container_insights import publish

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Desk

pytestmark = pytest.mark.aws

RULES = """
  - name: gpu-hours
    resources: node-group
    names: "ml/trainers"
    outside: office
    cluster_autoscaler: absent
  - name: idle-gpus
    resources: node-group
    except: "ml/trainers"
    idle: {gpu_below: 5, for: 2h}
    under_autoscaler: min-size
  - name: owned
    resources: node-group
    require_tags: {Owner: {}}
    deny_instance_types: ["p4*"]
"""


@pytest.fixture
def nodes(desk: "Desk") -> "Desk":
    """Trainers after hours, idle servers under an autoscaler, a forbidden P4, and CPUs."""
    fleet = desk.sandbox.eks()
    old = desk.now - timedelta(days=30)
    owned = {"Owner": "mina"}
    fleet.add_node_group("trainers", sizes=(1, 4, 2), modified_at=old, tags=owned)
    fleet.add_node_group("servers", sizes=(2, 4, 3), modified_at=old, tags=owned)
    fleet.add_node_group(
        "old", instance_types=("p4d.24xlarge",), sizes=(0, 1, 0), modified_at=old, tags=owned
    )
    fleet.add_node_group("cpus", instance_types=("m5.xlarge",), modified_at=old)
    for name in ("trainers", "servers"):
        publish(desk.sandbox, name, now=desk.now)
    desk.write_policy(extra=RULES)
    return desk


def plan_of(desk: "Desk") -> dict[tuple[str, str], dict[str, Any]]:
    document = json.loads(desk.run("plan", "--output", "json").stdout)
    assert document["incomplete"] == []
    return {(item["rule"], item["resource"]["name"]): item for item in document["actions"]}


def scaling(desk: "Desk", name: str) -> dict[str, int]:
    client = desk.sandbox.client("eks")
    found = client.describe_nodegroup(clusterName="ml", nodegroupName=name)
    return dict(found["nodegroup"]["scalingConfig"])


def sizes(least: int, most: int, wanted: int) -> dict[str, int]:
    return {"minSize": least, "maxSize": most, "desiredSize": wanted}


def test_a_plan_names_each_node_group_and_why_and_touches_nothing(nodes: "Desk") -> None:
    found = plan_of(nodes)

    assert {key: item["action"] for key, item in found.items()} == {
        ("gpu-hours", "ml/trainers"): "scale-to-zero",
        ("idle-gpus", "ml/servers"): "scale-to-zero",
    }
    trainers, servers = found["gpu-hours", "ml/trainers"], found["idle-gpus", "ml/servers"]
    assert trainers["sizes"] == [0, 0]
    assert trainers["precondition"]["setup"] == "min 1, desired 2, max 4"
    assert servers["sizes"] == [0, None]
    assert "only its minimum of 2 is lowered to 0" in servers["reason"]
    assert nodes.writing_calls() == []
    assert "ml/trainers" in nodes.run("plan").stdout


def test_guardrails_hold_for_the_tags_and_types_of_node_groups(nodes: "Desk") -> None:
    document = json.loads(nodes.run("plan", "--output", "json").stdout)

    left = {
        item["resource"]["name"]: item["reason"]
        for item in document["left_alone"]
        if (item["rule"], item["verdict"]) == ("owned", "VIOLATION")
    }
    assert left.keys() == {"ml/cpus", "ml/old"}
    assert "tag Owner is missing" in left["ml/cpus"]
    assert "p4d.24xlarge" in left["ml/old"]


def test_what_was_scaled_has_its_sizes_back_after_a_restore(nodes: "Desk") -> None:
    path = nodes.folder / "plan.json"
    nodes.run("plan", "--save", path)

    applied = nodes.run("apply", path)

    assert applied.exit_code == 0, applied.output
    assert scaling(nodes, "trainers") == sizes(0, 4, 0)
    assert scaling(nodes, "servers") == sizes(0, 4, 3)
    arn = nodes.sandbox.eks().node_group("trainers").arn
    explained = nodes.call("explain", arn).output
    assert "scale-to-zero" in explained

    for name in ("trainers", "servers"):
        back = nodes.call("restore", f"ml/{name}")
        assert back.exit_code == 0, back.output
        assert "everything is as it was" in back.output
    assert scaling(nodes, "trainers") == sizes(1, 4, 2)
    assert scaling(nodes, "servers") == sizes(2, 4, 3)


def test_a_node_group_that_changed_since_the_plan_is_left_alone(nodes: "Desk") -> None:
    path = nodes.folder / "plan.json"
    nodes.run("plan", "--save", path)
    group = nodes.sandbox.eks().node_group("trainers")
    client = nodes.sandbox.client("autoscaling")
    client.set_desired_capacity(AutoScalingGroupName=group.group_name, DesiredCapacity=3)

    applied = nodes.run("apply", path)

    assert "STALE" in applied.output
    assert scaling(nodes, "trainers") == sizes(1, 4, 3)


def test_running_pods_hold_a_node_group_and_so_does_a_missing_measure(nodes: "Desk") -> None:
    nodes.sandbox.eks().add_node_group(
        "unmeasured", modified_at=nodes.now - timedelta(days=1), tags={"Owner": "mina"}
    )
    publish(nodes.sandbox, "trainers", now=nodes.now, reserved=50)

    document = json.loads(nodes.run("plan", "--output", "json").stdout)

    left = {(item["rule"], item["resource"]["name"]): item for item in document["left_alone"]}
    assert left["gpu-hours", "ml/trainers"]["reason"].startswith("held: pods reserve")
    assert left["idle-gpus", "ml/unmeasured"]["verdict"] == "UNKNOWN"
