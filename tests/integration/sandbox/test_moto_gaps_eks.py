"""What plain moto lacks of EKS: the day one of these fails, look whether ours can go."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

type Client = Any  # boto3 makes its clients at run time

_plain_client: Callable[..., Client] = boto3.client  # noqa: TID251  # moto without the sandbox
TRAINERS = {"clusterName": "ml", "nodegroupName": "trainers"}


@pytest.fixture
def eks() -> Iterator[Client]:
    with mock_aws():
        client = _plain_client("eks", region_name="us-east-1")
        role = "arn:aws:iam::123456789012:role/eks"
        client.create_cluster(name="ml", roleArn=role, resourcesVpcConfig={})
        client.create_nodegroup(
            **TRAINERS,
            subnets=["subnet-1"],
            nodeRole=role,
            scalingConfig={"minSize": 1, "maxSize": 2, "desiredSize": 1},
        )
        yield client


def test_moto_updates_a_node_group_at_once(eks: Client) -> None:
    eks.update_nodegroup_config(**TRAINERS, scalingConfig={"minSize": 0, "desiredSize": 0})

    group = eks.describe_nodegroup(**TRAINERS)["nodegroup"]

    assert group["status"] == "ACTIVE", "moto now updates over time: look whether ours can go"


def test_moto_takes_sizes_that_do_not_fit_together(eks: Client) -> None:
    eks.update_nodegroup_config(**TRAINERS, scalingConfig={"minSize": 5, "desiredSize": 0})

    group = eks.describe_nodegroup(**TRAINERS)["nodegroup"]

    assert group["scalingConfig"]["minSize"] == 5, (
        "moto now checks sizes: look whether our NodeGroups can go"
    )


def test_moto_has_no_scaling_group_behind_a_node_group(eks: Client) -> None:
    group = eks.describe_nodegroup(**TRAINERS)["nodegroup"]
    names = [found["name"] for found in group["resources"]["autoScalingGroups"]]
    with mock_aws():
        autoscaling = _plain_client("autoscaling", region_name="us-east-1")
        found = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=names)

    assert found["AutoScalingGroups"] == [], (
        "moto now makes the scaling group: look whether our ScalingGroups can go"
    )


def test_moto_lists_no_addons(eks: Client) -> None:
    with pytest.raises((ClientError, NotImplementedError)):
        eks.list_addons(clusterName="ml")
