"""A day of node groups: told before closing, scaled to zero at it, and back in the morning."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox
from tests.integration.entrypoints.conftest import POLICY, Stack
from tests.support.container_insights import publish
from tests.support.invocations import REGION, a_request, an_sqs_event, failed

pytestmark = pytest.mark.aws

CLOSING = datetime(2026, 11, 18, 18, 0, tzinfo=UTC)
"""Wednesday's."""

OPENING = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
LONG_AGO = datetime(2026, 10, 18, tzinfo=UTC)
SWEEP = an_sqs_event(a_request(bot="node_groups"))
QUARTER = timedelta(minutes=15)


def sizes(sandbox: Sandbox, name: str = "trainers") -> tuple[int, int, int]:
    client = sandbox.client("eks", REGION)
    found = client.describe_nodegroup(clusterName="ml", nodegroupName=name)["nodegroup"]
    scaling = found["scalingConfig"]
    return scaling["minSize"], scaling["desiredSize"], scaling["maxSize"]


def swept(stack: Stack, *moments: datetime, reserved: float = 0.0) -> list[tuple[int, int, int]]:
    """The sizes after a sweep at each of these moments."""
    found = []
    bot = stack.bot("node_groups")
    for moment in moments:
        stack.at(moment)
        publish(stack.sandbox, "trainers", now=moment, reserved=reserved)
        assert failed(bot(SWEEP)) == []
        found.append(sizes(stack.sandbox))
    return found


@pytest.fixture
def trainers(stack: Stack) -> Any:
    fleet = stack.sandbox.eks(region=REGION)
    fleet.add_node_group("trainers", sizes=(1, 4, 2), tags={"Owner": "mina"}, modified_at=LONG_AGO)
    return fleet


def test_it_is_announced_scaled_to_zero_and_has_its_sizes_back_in_the_morning(
    stack: Stack, trainers: Any
) -> None:
    evening = swept(stack, CLOSING - timedelta(minutes=30), CLOSING, CLOSING + QUARTER)
    morning = swept(stack, OPENING - QUARTER, OPENING, OPENING + QUARTER)

    assert evening == [(1, 2, 4), (0, 0, 4), (0, 0, 4)]
    assert morning == [(0, 0, 4), (1, 2, 4), (1, 2, 4)]
    at = "2026-11-19T03:00+09:00 (Asia/Seoul)"
    assert [mail["Subject"] for mail in stack.mail()] == [
        f"Sagewarden: node-group ml/trainers will be scaled to zero at {at}",
        "Sagewarden: node-group ml/trainers was scaled to zero",
        "Sagewarden: node-group ml/trainers was started",
    ]
    arn = trainers.node_group("trainers").arn
    [manifest] = stack.ledger.manifests(arn)
    group: Any = manifest.content["node_group"]
    assert group["scalingConfig"] == {"minSize": 1, "maxSize": 4, "desiredSize": 2}


def test_a_person_who_scales_it_up_after_closing_keeps_it_until_the_next(
    stack: Stack, trainers: Any
) -> None:
    swept(stack, CLOSING - timedelta(minutes=30), CLOSING)
    stack.at(CLOSING + timedelta(hours=2))
    wanted = {"minSize": 0, "maxSize": 4, "desiredSize": 3}
    stack.sandbox.client("eks", REGION).update_nodegroup_config(
        clusterName="ml", nodegroupName="trainers", scalingConfig=wanted
    )

    night = swept(stack, CLOSING + timedelta(hours=3), OPENING)
    closed = swept(stack, CLOSING + timedelta(hours=23, minutes=30), CLOSING + timedelta(days=1))

    assert night == [(0, 3, 4), (0, 3, 4)]
    assert closed == [(0, 3, 4), (0, 0, 4)]
    assert len(trainers.node_group("trainers").nodes) == 0


def test_pods_hold_it_and_it_is_scaled_once_they_have_gone(stack: Stack, trainers: Any) -> None:
    held = swept(stack, CLOSING - timedelta(minutes=30), CLOSING, reserved=100)
    assert held == [(1, 2, 4), (1, 2, 4)]

    late = CLOSING + timedelta(hours=4)
    gone = swept(stack, late, late + timedelta(minutes=30))

    assert gone == [(1, 2, 4), (0, 0, 4)]
    assert trainers.node_group("trainers").status == "ACTIVE"


def test_under_an_autoscaler_only_the_minimum_is_lowered_and_comes_back(
    stack: Stack, trainers: Any
) -> None:
    del trainers
    stack.policy(POLICY.replace("cluster_autoscaler: absent", "under_autoscaler: min-size"))

    evening = swept(stack, CLOSING - timedelta(minutes=30), CLOSING)
    morning = swept(stack, OPENING)

    assert evening == [(1, 2, 4), (0, 2, 4)]
    assert morning == [(1, 2, 4)]


def test_eks_own_tags_alone_keep_it_from_being_scaled(stack: Stack, trainers: Any) -> None:
    del trainers
    stack.policy(POLICY.replace("    cluster_autoscaler: absent\n", ""))

    assert swept(stack, CLOSING, CLOSING + timedelta(hours=1)) == [(1, 2, 4), (1, 2, 4)]
    assert stack.mail() == []


def test_who_is_protected_is_left_alone(stack: Stack) -> None:
    fleet = stack.sandbox.eks(region=REGION)
    fleet.add_node_group(
        "trainers", sizes=(1, 4, 2), tags={"DoNotDelete": "yes"}, modified_at=LONG_AGO
    )

    assert swept(stack, CLOSING, CLOSING + timedelta(hours=1)) == [(1, 2, 4), (1, 2, 4)]
