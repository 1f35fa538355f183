"""Scalable targets: what scales, within which bounds; registering clamps at once."""

from sagewarden_cli.sandbox.autoscaling.capacity import clamp, resource_to_scale
from sagewarden_cli.sandbox.autoscaling.paging import described, require_resource_with_dimension
from sagewarden_cli.sandbox.autoscaling.refusals import require_sagemaker
from sagewarden_cli.sandbox.autoscaling.resources import (
    AutoScalingStore,
    ScalableTarget,
    identifier,
)
from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError, ValidationException
from sagewarden_cli.sandbox.sagemaker.resources import Endpoint, InferenceComponent

_ROLE = (
    "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
_AWAKE = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}
_MOST_TAGS = 50


class ScalableTargets(Backend):
    """The operations on scalable targets."""

    service = "application-autoscaling"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(AutoScalingStore)

    @operation("RegisterScalableTarget")
    def register(self, params: Params) -> Json:
        """Register a target, or change what is given of one that is registered.

        Tags are taken in when a target is made, and ignored afterwards. The role is always
        SageMaker's service-linked one, whatever ``RoleARN`` says.
        """
        require_sagemaker(params)
        resource = resource_to_scale(self.here, params)
        target = self._store.find(params["ResourceId"], params["ScalableDimension"])
        minimum = params.get("MinCapacity", target.minimum if target else None)
        maximum = params.get("MaxCapacity", target.maximum if target else None)
        check_bounds(minimum, maximum)
        target = target or self._added(params, resource)
        target.minimum, target.maximum = minimum, maximum
        target.suspended |= params.get("SuspendedState", {})
        clamp(self._store, target)
        return {"ScalableTargetARN": target.arn}

    @operation("DeregisterScalableTarget")
    def deregister(self, params: Params) -> Json:
        """Remove a target with its policies and scheduled actions; its capacity stays."""
        require_sagemaker(params)
        self._store.remove(self._store.target(params))
        return {}

    @operation("DescribeScalableTargets")
    def describe(self, params: Params) -> Json:
        """Describe targets, in the order of their resources."""
        require_sagemaker(params)
        wanted = params.get("ResourceIds")
        require_resource_with_dimension(params, "ResourceIds")
        found = [
            target
            for target in self._store.targets()
            if (not wanted or target.resource_id in wanted)
            and params.get("ScalableDimension", target.dimension) == target.dimension
        ]
        page, token = described(found, lambda target: target.key, params)
        return {"ScalableTargets": [self._shown(t) for t in page], "NextToken": token}

    @operation("TagResource")
    def tag(self, params: Params) -> Json:
        """Add tags to a target, over those of the same key."""
        target = self._by_arn(params["ResourceARN"])
        tags = target.tags | dict(params["Tags"])
        if len(tags) > _MOST_TAGS:
            message = f"A scalable target can have at most {_MOST_TAGS} tags."
            raise AwsError("TooManyTagsException", message)
        target.tags = tags
        return {}

    @operation("UntagResource")
    def untag(self, params: Params) -> Json:
        """Take tags off a target; keys that are not there are ignored."""
        target = self._by_arn(params["ResourceARN"])
        target.tags = {k: v for k, v in target.tags.items() if k not in params["TagKeys"]}
        return {}

    @operation("ListTagsForResource")
    def list_tags(self, params: Params) -> Json:
        """List a target's tags."""
        return {"Tags": self._by_arn(params["ResourceARN"]).tags}

    def _added(self, params: Params, resource: Endpoint | InferenceComponent) -> ScalableTarget:
        made_at = self.here.now()
        made_of = identifier(self.here.account, self.here.region, params["ResourceId"], made_at)
        name = "0ec5" + made_of.replace("-", "")
        target = ScalableTarget(
            resource_id=params["ResourceId"],
            dimension=params["ScalableDimension"],
            arn=self.here.arn("application-autoscaling", f"scalable-target/{name}"),
            of=resource,
            minimum=params["MinCapacity"],
            maximum=params["MaxCapacity"],
            created_at=made_at,
            suspended=dict(_AWAKE),
            tags=dict(params.get("Tags", {})),
        )
        self._store.add(target)
        return target

    def _by_arn(self, arn: str) -> ScalableTarget:
        found = next((target for target in self._store.targets() if target.arn == arn), None)
        if found is None:
            raise AwsError("ResourceNotFoundException", f"No scalable target has the ARN {arn}")
        return found

    def _shown(self, target: ScalableTarget) -> Json:
        return {
            "ServiceNamespace": "sagemaker",
            "ResourceId": target.resource_id,
            "ScalableDimension": target.dimension,
            "MinCapacity": target.minimum,
            "MaxCapacity": target.maximum,
            "RoleARN": f"arn:{self.here.partition}:iam::{self.here.account}:role/{_ROLE}",
            "CreationTime": target.created_at,
            "SuspendedState": target.suspended,
            "ScalableTargetARN": target.arn,
        }


def check_bounds(minimum: int | None, maximum: int | None) -> None:
    """Check a target's bounds.

    Raises:
        ValidationException: One is missing or negative, or they are the wrong way round.
    """
    if minimum is None or maximum is None:
        name = "MinCapacity" if minimum is None else "MaxCapacity"
        raise ValidationException(f"{name} is required to register a new scalable target.")
    if minimum < 0:
        raise ValidationException("Minimum capacity cannot be negative")
    if maximum < minimum:
        raise ValidationException("Maximum capacity cannot be less than minimum capacity")
