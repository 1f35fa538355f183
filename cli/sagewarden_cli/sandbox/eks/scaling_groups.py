"""The Auto Scaling groups behind node groups: described, and tagged; all others are moto's."""

from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.eks.resources import EksStore, NodeGroup
from sagewarden_cli.sandbox.errors import AwsError, NotEmulatedError
from sagewarden_cli.sandbox.pagination import page_after

_DEFAULT_PAGE = 50
_MOST_PER_PAGE = 100


class ScalingGroups(Backend):
    """The operations on groups that EKS made; a call that names none of them is moto's."""

    service = "autoscaling"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(EksStore)

    @operation("DescribeAutoScalingGroups")
    def describe(self, params: Params) -> Json:
        """Describe groups; names that do not exist are left out of the answer, as on AWS."""
        ours = {group.group_name: group for group in self._store.node_groups()}
        names = params.get("AutoScalingGroupNames")
        wanted = [ours[name] for name in names or sorted(ours) if name in ours]
        if not wanted:
            raise NotEmulatedError(str(names))
        limit = params.get("MaxRecords", _DEFAULT_PAGE)
        if not 1 <= limit <= _MOST_PER_PAGE:
            raise AwsError("ValidationError", "MaxRecords must be between 1 and 100")
        page, token = page_after(
            sorted(wanted, key=lambda group: group.group_name),
            lambda group: (group.group_name,),
            params.get("NextToken"),
            limit,
            invalid=AwsError("InvalidNextToken", "The NextToken value is not valid."),
        )
        return {"AutoScalingGroups": [self._shown(group) for group in page], "NextToken": token}

    @operation("CreateOrUpdateTags")
    def tag(self, params: Params) -> Json:
        """Tag groups."""
        for group, tag in self._tagged(params):
            group.group_tags[tag["Key"]] = tag.get("Value", "")
        return {}

    @operation("DeleteTags")
    def untag(self, params: Params) -> Json:
        """Take tags off groups."""
        for group, tag in self._tagged(params):
            group.group_tags.pop(tag["Key"], None)
        return {}

    @operation("SetDesiredCapacity")
    def set_desired(self, params: Params) -> Json:
        """Run so many nodes, as the Cluster Autoscaler asks it; EKS takes the size over."""
        group, size = self._ours(params["AutoScalingGroupName"]), params["DesiredCapacity"]
        least, most = group.scaling["minSize"], group.scaling["maxSize"]
        if not least <= size <= most:
            bound = f"below min value {least}" if size < least else f"above max value {most}"
            message = f"New SetDesiredCapacity value {size} is {bound} for the AutoScalingGroup."
            raise AwsError("ValidationError", message)
        group.scaling["desiredSize"] = size
        self._store.run(group, size)
        return {}

    def _tagged(self, params: Params) -> list[tuple[NodeGroup, Json]]:
        return [(self._ours(tag["ResourceId"]), tag) for tag in params["Tags"]]

    def _ours(self, name: str) -> NodeGroup:
        found = next((g for g in self._store.node_groups() if g.group_name == name), None)
        if found is None:
            raise NotEmulatedError(name)
        return found

    def _shown(self, group: NodeGroup) -> Json:
        zone = f"{self.here.region}a"
        name = group.group_name
        arn = f"autoScalingGroup:{group.group_id}:autoScalingGroupName/{name}"
        return {
            "AutoScalingGroupName": name,
            "AutoScalingGroupARN": self.here.arn("autoscaling", arn),
            "MinSize": group.scaling["minSize"],
            "MaxSize": group.scaling["maxSize"],
            "DesiredCapacity": group.scaling["desiredSize"],
            "DefaultCooldown": 300,
            "AvailabilityZones": [zone],
            "HealthCheckType": "EC2",
            "CreatedTime": group.created_at,
            "Instances": [
                {
                    "InstanceId": node.instance_id,
                    "AvailabilityZone": zone,
                    "LifecycleState": "InService",
                    "HealthStatus": "Healthy",
                    "ProtectedFromScaleIn": False,
                }
                for node in group.nodes
            ],
            "Tags": [
                {
                    "ResourceId": name,
                    "ResourceType": "auto-scaling-group",
                    "Key": key,
                    "Value": value,
                    "PropagateAtLaunch": True,
                }
                for key, value in sorted(group.group_tags.items())
            ],
        }
