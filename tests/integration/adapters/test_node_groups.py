"""EKS node groups as they are read, scaled, kept and looked at again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagewarden.adapters import eks_node_groups
from sagewarden.adapters.kinds import adapter_of
from sagewarden.adapters.sagemaker_executor import SageMakerExecutor
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.node_groups.snapshot import NodeGroup, NodeGroupStatus, Sizes
from sagewarden.domain.resources import ResourceKind
from sagewarden_cli.sandbox import Sandbox
from tests.support.container_insights import publish
from tests.support.faults import answer_with_error

REGION = "us-east-1"
LONG_AGO = datetime(2026, 10, 18, 9, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
KIND = ResourceKind.NODE_GROUP


@pytest.fixture
def inventory(sessions: Sessions) -> SageMakerInventory:
    return SageMakerInventory(sessions)


@pytest.fixture
def fleet(sandbox: Sandbox) -> Any:
    return sandbox.eks()


def found(inventory: SageMakerInventory) -> dict[str, NodeGroup]:
    listing = inventory.found(KIND, REGION)
    assert listing.incomplete == ()
    return {item.ref.name: item for item in listing.items if isinstance(item, NodeGroup)}


def the_one(inventory: SageMakerInventory) -> NodeGroup:
    (group,) = found(inventory).values()
    return group


def test_a_node_group_is_read_with_its_sizes_its_types_and_its_nodes(
    sandbox: Sandbox, fleet: Any, inventory: SageMakerInventory
) -> None:
    arn = fleet.add_node_group(
        "trainers", sizes=(1, 4, 2), tags={"Owner": "mina"}, modified_at=LONG_AGO
    )
    publish(sandbox, "trainers", now=NOW)

    group = the_one(inventory)

    assert (group.ref.name, group.ref.arn, group.ref.kind) == ("ml/trainers", arn, KIND)
    assert (group.ref.account, group.ref.region) == ("123456789012", REGION)
    assert (group.status, group.created, group.modified) == (
        NodeGroupStatus.ACTIVE,
        LONG_AGO,
        LONG_AGO,
    )
    assert (group.sizes, group.instance_types) == (Sizes(1, 2, 4), ("g5.xlarge",))
    assert (group.tags, group.capacity, group.issues) == ({"Owner": "mina"}, "ON_DEMAND", ())
    nodes = fleet.node_group("trainers").nodes
    assert group.nodes is not None
    assert {(node.instance_id, node.name) for node in group.nodes} == {
        (node.instance_id, node.name) for node in nodes
    }


def test_who_may_scale_it_is_read_of_its_cluster_and_its_scaling_group(
    fleet: Any, inventory: SageMakerInventory
) -> None:
    fleet.add_cluster("ml", tags={"karpenter.sh/discovery": "ml"}, auto_mode=True)
    fleet.add_node_group("trainers")

    signs = the_one(inventory).signs

    assert signs.auto_mode is True
    assert signs.cluster_tags == {"karpenter.sh/discovery": "ml"}
    assert signs.group_tags is not None
    assert signs.group_tags["k8s.io/cluster-autoscaler/enabled"] == "true"


def test_a_node_without_metrics_has_no_name(fleet: Any, inventory: SageMakerInventory) -> None:
    fleet.add_node_group("trainers")

    nodes = the_one(inventory).nodes

    assert nodes is not None
    assert [node.name for node in nodes] == [None, None]


def test_a_launch_template_tells_what_nodes_run_on(
    sandbox: Sandbox, fleet: Any, inventory: SageMakerInventory
) -> None:
    ec2 = sandbox.client("ec2")
    template = ec2.create_launch_template(
        LaunchTemplateName="gpus", LaunchTemplateData={"InstanceType": "p4d.24xlarge"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    silent = ec2.create_launch_template(
        LaunchTemplateName="silent", LaunchTemplateData={"ImageId": "ami-1"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    for name, its in (("a", template), ("b", template), ("c", silent)):
        chosen = {"id": its, "version": "1"}
        fleet.add_node_group(name, instance_types=None, launch_template=chosen)

    groups = found(inventory)

    types = {name: group.instance_types for name, group in groups.items()}
    assert types == {"ml/a": ("p4d.24xlarge",), "ml/b": ("p4d.24xlarge",), "ml/c": None}
    assert sandbox.calls.count("ec2", "DescribeLaunchTemplateVersions") == 2


def test_clusters_and_node_groups_come_from_every_page(
    sandbox: Sandbox, fleet: Any, inventory: SageMakerInventory
) -> None:
    for number in range(101):
        fleet.add_cluster(f"empty-{number:03}")
        fleet.add_node_group(f"group-{number:03}", instance_types=("g5.xlarge",), sizes=(0, 1, 0))
    fleet.add_node_group("cpu", cluster="other", instance_types=("m5.xlarge",))
    sandbox.calls.clear()

    groups = found(inventory)

    assert len(groups) == 102
    counts = sandbox.calls.counts()
    assert counts["eks.ListClusters"] == 2
    assert counts["eks.ListNodegroups"] == 103 + 1
    assert counts["eks.DescribeCluster"] == 2
    assert counts["eks.DescribeNodegroup"] == 102
    assert counts["autoscaling.DescribeAutoScalingGroups"] == 2
    assert "cloudwatch.ListMetrics" not in counts


def test_without_accelerators_nothing_behind_a_node_group_is_read(
    sandbox: Sandbox, fleet: Any, inventory: SageMakerInventory
) -> None:
    fleet.add_node_group("cpu", instance_types=("m5.xlarge",))

    group = the_one(inventory)

    assert (group.nodes, group.signs.group_tags) == (None, None)
    assert sandbox.calls.count("autoscaling") == 0


def test_an_account_without_clusters_costs_one_call(
    sandbox: Sandbox, inventory: SageMakerInventory
) -> None:
    assert found(inventory) == {}
    assert sandbox.calls.counts() == {"eks.ListClusters": 1}


@pytest.mark.parametrize(
    ("service", "operation", "what", "count"),
    [
        ("eks", "ListClusters", "EKS clusters in us-east-1", 0),
        ("eks", "ListNodegroups", "node groups of EKS cluster ml", 0),
        ("eks", "DescribeNodegroup", "node group ml/trainers", 0),
        ("eks", "DescribeCluster", "EKS cluster ml", 1),
        ("autoscaling", "DescribeAutoScalingGroups", "Auto Scaling groups of EKS node groups", 1),
        ("cloudwatch", "ListMetrics", "Container Insights series of cluster ml", 1),
    ],
)
def test_what_cannot_be_read_is_said_and_the_rest_is_read(  # a case
    fleet: Any, sessions: Sessions, service: str, operation: str, what: str, count: int
) -> None:
    fleet.add_node_group("trainers")
    answer_with_error(sessions, service, operation, "AccessDeniedException")

    listing = SageMakerInventory(sessions).found(KIND, REGION)

    assert [item.what for item in listing.incomplete] == [what]
    assert "AccessDeniedException" in listing.incomplete[0].why
    assert len(listing.items) == count


def test_what_tells_who_scales_it_is_unknown_where_it_cannot_be_read(
    fleet: Any, sessions: Sessions
) -> None:
    fleet.add_node_group("trainers")
    answer_with_error(sessions, "eks", "DescribeCluster", "AccessDeniedException")
    answer_with_error(sessions, "autoscaling", "DescribeAutoScalingGroups", "Throttling")

    (group,) = SageMakerInventory(sessions).found(KIND, REGION).items

    assert isinstance(group, NodeGroup)
    assert (group.signs.group_tags, group.signs.cluster_tags) == (None, None)
    assert (group.signs.auto_mode, group.nodes) == (None, None)


def test_a_fresh_look_that_does_not_see_everything_says_so(fleet: Any, sessions: Sessions) -> None:
    fleet.add_node_group("trainers")
    inventory = SageMakerInventory(sessions)
    (group,) = inventory.found(KIND, REGION).items
    answer_with_error(sessions, "autoscaling", "DescribeAutoScalingGroups", "AccessDenied")

    with pytest.raises(UnreadableError, match="Auto Scaling groups"):
        inventory.reread(group.ref)


def test_an_unreadable_launch_template_leaves_the_types_unknown(
    fleet: Any, sessions: Sessions
) -> None:
    template = {"id": "lt-0abc", "version": "1"}
    fleet.add_node_group("trainers", instance_types=None, launch_template=template)

    listing = SageMakerInventory(sessions).found(KIND, REGION)

    assert [item.what for item in listing.incomplete] == ["launch template lt-0abc"]
    (group,) = listing.items
    assert isinstance(group, NodeGroup)
    assert group.instance_types is None


def test_a_fresh_look_shows_the_same(
    sandbox: Sandbox, fleet: Any, inventory: SageMakerInventory
) -> None:
    fleet.add_node_group("trainers", modified_at=LONG_AGO)
    publish(sandbox, "trainers", now=NOW)
    listed = the_one(inventory)

    again = inventory.reread(listed.ref)

    assert again == listed


def test_what_is_gone_is_not_there(fleet: Any, inventory: SageMakerInventory) -> None:
    fleet.add_node_group("trainers")
    ref = the_one(inventory).ref
    fleet.remove("ml")

    assert inventory.reread(ref) is None
    assert adapter_of(KIND).present(Sessions(), ref, {}) == {"node_group": None}


@pytest.mark.parametrize(
    ("service", "operation"), [("eks", "DescribeNodegroup"), ("eks", "DescribeCluster")]
)
def test_a_fresh_look_that_fails_is_said(
    fleet: Any, sessions: Sessions, service: str, operation: str
) -> None:
    fleet.add_node_group("trainers")
    inventory = SageMakerInventory(sessions)
    ref = the_one(inventory).ref
    answer_with_error(sessions, service, operation, "AccessDeniedException")

    with pytest.raises(UnreadableError, match="node group ml/trainers"):
        inventory.reread(ref)


def an_action(group: NodeGroup, kind: ActionKind, sizes: tuple[int, int | None] | None) -> Action:
    return Action(kind, group.ref, Precondition.of(group), sizes=sizes)


@pytest.mark.parametrize(
    ("kind", "sizes", "after", "undo"),
    [
        (ActionKind.SCALE_TO_ZERO, (0, 0), Sizes(0, 0, 4), "sagewarden restore arn:"),
        (ActionKind.SCALE_TO_ZERO, (0, None), Sizes(0, 2, 4), "sagewarden restore arn:"),
        (ActionKind.START, (2, 3), Sizes(2, 3, 4), "minSize=0,desiredSize=0"),
        (ActionKind.START, (2, None), Sizes(2, 2, 4), "--scaling-config minSize=0 --region"),
    ],
)
def test_the_sizes_of_an_action_are_set_and_the_maximum_stays(
    sandbox: Sandbox,
    inventory: SageMakerInventory,
    kind: ActionKind,
    sizes: tuple[int, int | None],
    after: Sizes,
    undo: str,
) -> None:
    sandbox.eks().add_node_group("trainers", sizes=(1, 4, 2))
    group = the_one(inventory)

    told = SageMakerExecutor(Sessions()).execute(an_action(group, kind, sizes))

    assert told is not None
    assert undo in told
    sandbox.clock.advance(timedelta(minutes=2))
    assert the_one(inventory).sizes == after


@pytest.mark.parametrize(("kind", "sizes"), [(ActionKind.DELETE, (0, 0)), (ActionKind.START, None)])
def test_what_names_no_sizes_or_is_no_scaling_is_refused(
    fleet: Any, inventory: SageMakerInventory, kind: ActionKind, sizes: tuple[int, int] | None
) -> None:
    fleet.add_node_group("trainers")

    with pytest.raises(ActionFailedError, match="no sizes to set"):
        SageMakerExecutor(Sessions()).execute(an_action(the_one(inventory), kind, sizes))


def test_a_manifest_and_what_exists_have_one_form(
    fleet: Any, inventory: SageMakerInventory, sessions: Sessions
) -> None:
    fleet.add_node_group("trainers", sizes=(1, 4, 2), modified_at=LONG_AGO)
    ref = the_one(inventory).ref

    kept = SageMakerExecutor(sessions).manifest(ref, NOW)

    assert kept.content == eks_node_groups.present(sessions, ref, kept.content)
    group = kept.content["node_group"]
    assert isinstance(group, dict)
    assert group["scalingConfig"] == {"minSize": 1, "maxSize": 4, "desiredSize": 2}
    assert group["createdAt"] == LONG_AGO.isoformat()
