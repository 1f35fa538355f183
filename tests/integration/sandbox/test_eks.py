from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]

TRAINERS = {"clusterName": "ml", "nodegroupName": "trainers"}
NOWHERE = {"clusterName": "none", "nodegroupName": "trainers"}


@pytest.fixture
def eks(client: Callable[[str], Client]) -> Client:
    return client("eks")


@pytest.fixture
def groups(client: Callable[[str], Client]) -> Client:
    return client("autoscaling")


def _sizes(least: int, most: int, wanted: int) -> dict[str, int]:
    return {"minSize": least, "maxSize": most, "desiredSize": wanted}


def _status(eks: Client) -> str:
    return str(eks.describe_nodegroup(**TRAINERS)["nodegroup"]["status"])


def test_a_cluster_and_its_node_group_take_their_time_to_become_active(
    sandbox: Sandbox, eks: Client
) -> None:
    made = eks.create_cluster(
        name="ml",
        roleArn="arn:aws:iam::123456789012:role/eks",
        resourcesVpcConfig={"subnetIds": ["subnet-1"]},
        tags={"team": "vision"},
    )["cluster"]
    assert (made["status"], made["tags"]) == ("CREATING", {"team": "vision"})

    sandbox.clock.advance(timedelta(minutes=10))
    assert eks.describe_cluster(name="ml")["cluster"]["status"] == "ACTIVE"
    group = eks.create_nodegroup(
        **TRAINERS,
        subnets=["subnet-1"],
        nodeRole="arn:aws:iam::123456789012:role/node",
        instanceTypes=["p4d.24xlarge"],
        scalingConfig=_sizes(1, 4, 2),
    )["nodegroup"]
    assert group["status"] == "CREATING"

    sandbox.clock.advance(timedelta(minutes=4))
    group = eks.describe_nodegroup(**TRAINERS)["nodegroup"]
    assert group["status"] == "ACTIVE"
    assert group["instanceTypes"] == ["p4d.24xlarge"]
    assert group["capacityType"] == "ON_DEMAND"
    assert group["scalingConfig"] == _sizes(1, 4, 2)
    assert group["health"] == {"issues": []}


def test_no_node_group_is_made_in_a_cluster_that_is_not_active(
    eks: Client, refusal: Refusal
) -> None:
    eks.create_cluster(name="ml", roleArn="arn:aws:iam::1:role/eks", resourcesVpcConfig={})

    code, message = refusal(
        eks.create_nodegroup, **TRAINERS, subnets=["s"], nodeRole="arn:aws:iam::1:role/node"
    )

    assert code == "InvalidRequestException"
    assert "ml" in message


def test_scaling_to_zero_takes_a_while_and_ends_all_nodes(
    sandbox: Sandbox, eks: Client, groups: Client
) -> None:
    sandbox.eks().add_node_group("trainers", sizes=(1, 4, 2))
    name = eks.describe_nodegroup(**TRAINERS)["nodegroup"]["resources"]["autoScalingGroups"][0]
    before = groups.describe_auto_scaling_groups(AutoScalingGroupNames=[name["name"]])

    sizes = {"minSize": 0, "desiredSize": 0}
    update = eks.update_nodegroup_config(**TRAINERS, scalingConfig=sizes)["update"]

    assert (update["status"], update["type"]) == ("InProgress", "ConfigUpdate")
    assert _status(eks) == "UPDATING"
    sandbox.clock.advance(timedelta(minutes=2))
    assert _status(eks) == "ACTIVE"
    group = eks.describe_nodegroup(**TRAINERS)["nodegroup"]
    assert group["scalingConfig"] == _sizes(0, 4, 0)
    assert group["modifiedAt"] == sandbox.clock.now()
    told = eks.describe_update(name="ml", updateId=update["id"], nodegroupName="trainers")["update"]
    assert told["status"] == "Successful"
    assert told["params"] == [
        {"type": "MinSize", "value": "0"},
        {"type": "DesiredSize", "value": "0"},
    ]
    ids = eks.list_updates(name="ml", nodegroupName="trainers")["updateIds"]
    assert ids == [update["id"]]
    after = groups.describe_auto_scaling_groups(AutoScalingGroupNames=[name["name"]])
    assert len(before["AutoScalingGroups"][0]["Instances"]) == 2
    assert after["AutoScalingGroups"][0]["Instances"] == []


def test_a_node_group_that_is_updating_takes_no_other_update(
    sandbox: Sandbox, eks: Client, refusal: Refusal
) -> None:
    sandbox.eks().add_node_group("trainers")
    eks.update_nodegroup_config(**TRAINERS, scalingConfig=_sizes(0, 4, 0))

    again = refusal(eks.update_nodegroup_config, **TRAINERS, scalingConfig=_sizes(1, 4, 1))
    deleted = refusal(eks.delete_nodegroup, **TRAINERS)

    assert again == (
        "ResourceInUseException",
        "Nodegroup cannot be updated as it is currently not in Active State",
    )
    assert deleted[0] == "ResourceInUseException"


@pytest.mark.parametrize(
    ("sizes", "complaint"),
    [
        (_sizes(3, 4, 2), "Minimum capacity 3 can't be greater than desired size 2"),
        (_sizes(1, 4, 5), "desired capacity 5 can't be greater than max size 4"),
        (_sizes(5, 4, 5), "minSize can't be greater than maxSize"),
        ({"desiredSize": 0}, "Minimum capacity 1 can't be greater than desired size 0"),
    ],
)
def test_sizes_that_do_not_fit_together_are_refused(
    sandbox: Sandbox, eks: Client, refusal: Refusal, sizes: dict[str, int], complaint: str
) -> None:
    sandbox.eks().add_node_group("trainers", sizes=(1, 4, 2))

    code, message = refusal(eks.update_nodegroup_config, **TRAINERS, scalingConfig=sizes)

    assert code == "InvalidParameterException"
    assert complaint == message
    assert eks.describe_nodegroup(**TRAINERS)["nodegroup"]["scalingConfig"] == _sizes(1, 4, 2)


def test_a_node_group_with_issues_is_degraded_after_an_update(
    sandbox: Sandbox, eks: Client
) -> None:
    sandbox.eks().add_node_group("trainers")
    issue = {"code": "AsgInstanceLaunchFailures", "message": "no capacity", "resourceIds": ["a"]}
    sandbox.eks().node_group("trainers").issues.append(issue)

    eks.update_nodegroup_config(**TRAINERS, scalingConfig=_sizes(0, 4, 0))
    sandbox.clock.advance(timedelta(minutes=2))

    assert _status(eks) == "DEGRADED"
    assert eks.describe_nodegroup(**TRAINERS)["nodegroup"]["health"]["issues"] == [issue]


def test_a_forced_status_stays(sandbox: Sandbox, eks: Client) -> None:
    sandbox.eks().add_node_group("trainers")
    eks.update_nodegroup_config(**TRAINERS, scalingConfig=_sizes(0, 4, 0))

    sandbox.eks().force_status("trainers", "DEGRADED")
    sandbox.clock.advance(timedelta(hours=1))

    assert _status(eks) == "DEGRADED"
    with pytest.raises(ValueError, match="no status"):
        sandbox.eks().force_status("trainers", "Asleep")
    with pytest.raises(ValueError, match="no node group"):
        sandbox.eks().node_group("servers")


def test_what_does_not_exist_is_not_found(sandbox: Sandbox, eks: Client, refusal: Refusal) -> None:
    sandbox.eks().add_cluster("ml")

    assert refusal(eks.describe_cluster, name="none")[0] == "ResourceNotFoundException"
    assert refusal(eks.list_nodegroups, clusterName="none")[0] == "ResourceNotFoundException"
    assert refusal(eks.describe_nodegroup, **TRAINERS)[0] == "ResourceNotFoundException"
    assert refusal(eks.update_nodegroup_config, **NOWHERE)[0] == "ResourceNotFoundException"
    assert refusal(eks.describe_update, name="ml", updateId="u")[0] == "ResourceNotFoundException"
    assert refusal(eks.list_tags_for_resource, resourceArn="arn:x")[0] == "NotFoundException"


def test_names_are_listed_in_pages(sandbox: Sandbox, eks: Client, refusal: Refusal) -> None:
    for name in ("a", "b", "c"):
        sandbox.eks().add_cluster(name)
        sandbox.eks().add_node_group(f"{name}-gpu", cluster="a")

    pages = list(eks.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 2}))
    first = eks.list_nodegroups(clusterName="a", maxResults=2)
    rest = eks.list_nodegroups(clusterName="a", maxResults=2, nextToken=first["nextToken"])

    assert [page["clusters"] for page in pages] == [["a", "b"], ["c"]]
    assert (first["nodegroups"], rest["nodegroups"]) == (["a-gpu", "b-gpu"], ["c-gpu"])
    assert "nextToken" not in rest
    assert refusal(eks.list_clusters, maxResults=101)[0] == "InvalidParameterException"
    assert refusal(eks.list_clusters, nextToken="odd")[0] == "InvalidParameterException"


def test_tags_are_added_and_taken_off_by_arn(sandbox: Sandbox, eks: Client) -> None:
    arn = sandbox.eks().add_node_group("trainers", tags={"team": "vision"})

    eks.tag_resource(resourceArn=arn, tags={"sagewarden:hours": "seoul"})
    eks.untag_resource(resourceArn=arn, tagKeys=["team"])

    assert eks.list_tags_for_resource(resourceArn=arn)["tags"] == {"sagewarden:hours": "seoul"}
    assert eks.describe_nodegroup(**TRAINERS)["nodegroup"]["tags"] == {"sagewarden:hours": "seoul"}


def test_eks_tags_every_scaling_group_for_the_cluster_autoscaler(
    sandbox: Sandbox, groups: Client
) -> None:
    sandbox.eks().add_node_group("trainers", tags={"team": "vision"})
    name = sandbox.eks().node_group("trainers").group_name
    own = {"ResourceId": name, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": True}

    groups.create_or_update_tags(Tags=[{**own, "Key": "cost", "Value": "7"}])
    groups.delete_tags(Tags=[{**own, "Key": "k8s.io/cluster-autoscaler/enabled"}])

    (found,) = groups.describe_auto_scaling_groups()["AutoScalingGroups"]
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    assert found["AutoScalingGroupName"] == name
    assert tags["k8s.io/cluster-autoscaler/ml"] == "owned"
    assert tags["cost"] == "7"
    assert "k8s.io/cluster-autoscaler/enabled" not in tags
    assert "team" not in tags


def test_scaling_groups_come_in_pages_and_unknown_names_are_left_out(
    sandbox: Sandbox, groups: Client, refusal: Refusal
) -> None:
    for name in ("a", "b", "c"):
        sandbox.eks().add_node_group(name)
    names = [sandbox.eks().node_group(name).group_name for name in ("a", "b", "c")]

    pages = list(
        groups.get_paginator("describe_auto_scaling_groups").paginate(
            AutoScalingGroupNames=[*names, "gone"], PaginationConfig={"PageSize": 2}
        )
    )

    assert [len(page["AutoScalingGroups"]) for page in pages] == [2, 1]
    assert groups.describe_auto_scaling_groups(AutoScalingGroupNames=["gone"])[
        "AutoScalingGroups"
    ] == []  # fmt: skip
    assert refusal(groups.describe_auto_scaling_groups, MaxRecords=101)[0] == "ValidationError"


def test_the_cluster_autoscaler_sets_the_capacity_of_the_scaling_group(
    sandbox: Sandbox, eks: Client, groups: Client, refusal: Refusal
) -> None:
    sandbox.eks().add_node_group("trainers", sizes=(1, 4, 2))
    name = sandbox.eks().node_group("trainers").group_name

    groups.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=3)

    group = eks.describe_nodegroup(**TRAINERS)["nodegroup"]
    assert group["scalingConfig"]["desiredSize"] == 3
    assert len(sandbox.eks().node_group("trainers").nodes) == 3
    for size in (0, 5):
        code, _ = refusal(
            groups.set_desired_capacity, AutoScalingGroupName=name, DesiredCapacity=size
        )
        assert code == "ValidationError"


def test_groups_that_eks_did_not_make_are_motos(groups: Client) -> None:
    groups.create_launch_configuration(
        LaunchConfigurationName="lc", ImageId="ami-12c6146b", InstanceType="t3.micro"
    )
    zones = ["us-east-1a"]
    groups.create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchConfigurationName="lc",
        MinSize=0,
        MaxSize=2,
        AvailabilityZones=zones,
    )

    groups.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=1)

    (found,) = groups.describe_auto_scaling_groups(AutoScalingGroupNames=["web"])[
        "AutoScalingGroups"
    ]
    assert found["DesiredCapacity"] == 1


def test_labels_are_changed_and_a_cluster_goes_after_its_node_groups(
    sandbox: Sandbox, eks: Client, refusal: Refusal
) -> None:
    sandbox.eks().add_cluster("ml", addons=["vpc-cni"])
    sandbox.eks().add_node_group("trainers")
    labels = {"addOrUpdateLabels": {"a": "1", "b": "2"}}
    eks.update_nodegroup_config(**TRAINERS, labels=labels)
    sandbox.clock.advance(timedelta(minutes=2))
    eks.update_nodegroup_config(**TRAINERS, labels={"removeLabels": ["a"]})
    sandbox.clock.advance(timedelta(minutes=2))
    assert eks.describe_nodegroup(**TRAINERS)["nodegroup"]["labels"] == {"b": "2"}
    assert eks.list_addons(clusterName="ml")["addons"] == ["vpc-cni"]

    assert refusal(eks.delete_cluster, name="ml")[0] == "ResourceInUseException"
    eks.delete_nodegroup(**TRAINERS)
    sandbox.clock.advance(timedelta(minutes=5))
    assert eks.list_nodegroups(clusterName="ml")["nodegroups"] == []
    eks.delete_cluster(name="ml")
    sandbox.clock.advance(timedelta(minutes=5))
    assert eks.list_clusters()["clusters"] == []


def test_a_name_is_taken_once(sandbox: Sandbox, eks: Client, refusal: Refusal) -> None:
    sandbox.eks().add_node_group("trainers")

    cluster = refusal(eks.create_cluster, name="ml", roleArn="r", resourcesVpcConfig={})
    group = refusal(eks.create_nodegroup, **TRAINERS, subnets=["s"], nodeRole="r")

    assert cluster[0] == group[0] == "ResourceInUseException"


def test_a_launch_template_leaves_the_types_unsaid(sandbox: Sandbox, eks: Client) -> None:
    template = {"id": "lt-1", "version": "3"}
    sandbox.eks().add_node_group("trainers", instance_types=None, launch_template=template)

    group = eks.describe_nodegroup(**TRAINERS)["nodegroup"]

    assert group["launchTemplate"] == template
    assert "instanceTypes" not in group


def test_tags_are_found_by_an_arn_with_its_id_or_without(sandbox: Sandbox) -> None:
    arn = sandbox.eks().add_node_group("trainers", tags={"Stage": "prod"})

    assert sandbox.tags_of(arn) == {"Stage": "prod"}
    assert sandbox.tags_of(arn.rpartition("/")[0]) == {"Stage": "prod"}
    assert sandbox.tags_of(arn.replace("trainers", "others")) == {}


def test_node_groups_of_other_accounts_and_regions_are_apart(sandbox: Sandbox) -> None:
    sandbox.eks("210987654321", "eu-central-1").add_node_group("trainers")

    there = sandbox.client("eks", "eu-central-1", "210987654321")

    assert there.list_clusters()["clusters"] == ["ml"]
    assert sandbox.client("eks").list_clusters()["clusters"] == []
