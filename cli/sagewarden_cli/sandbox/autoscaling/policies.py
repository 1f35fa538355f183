"""Scaling policies: target tracking, and step scaling, which acts on alarms that others put."""

from http import HTTPStatus

from sagewarden_cli.sandbox.autoscaling.metrics import tracked_metric
from sagewarden_cli.sandbox.autoscaling.paging import described, require_resource_with_dimension
from sagewarden_cli.sandbox.autoscaling.refusals import limit_exceeded, no_such, require_sagemaker
from sagewarden_cli.sandbox.autoscaling.resources import (
    AutoScalingStore,
    ScalableTarget,
    ScalingPolicy,
    identifier,
)
from sagewarden_cli.sandbox.autoscaling.stepping import StepScaler
from sagewarden_cli.sandbox.autoscaling.tracking import TargetTracker
from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import AwsError, ValidationException

_CONFIGURATIONS = {
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
}
_MOST_POLICIES = 50


class ScalingPolicies(Backend):
    """The operations on scaling policies."""

    service = "application-autoscaling"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(AutoScalingStore)

    @operation("PutScalingPolicy")
    def put(self, params: Params) -> Json:
        """Create a policy or replace it; one that tracks a target gets its two alarms anew."""
        require_sagemaker(params)
        target = self._store.target(params)
        before = target.policies.get(params["PolicyName"])
        kind = _kind(params, before)
        member = _CONFIGURATIONS[kind]
        configuration = params.get(member, before.configuration if before else None)
        if configuration is None:
            raise ValidationException(f"{member} is required for policy type {kind}.")
        if before is None and len(target.policies) >= _MOST_POLICIES:
            raise limit_exceeded("scaling policies", _MOST_POLICIES)
        policy = ScalingPolicy(
            name=params["PolicyName"],
            arn=before.arn if before else self._arn(params),
            kind=kind,
            configuration=configuration,
            created_at=before.created_at if before else self.here.now(),
        )
        if kind == "StepScaling":
            _check_steps(configuration)
            about = (policy.name, policy.arn)
            policy.tracker = StepScaler(self._store, target, about, configuration)
        else:
            policy.tracker = self._tracker(target, policy)
        if before is not None and before.tracker is not None:
            before.tracker.stop()
        if policy.tracker is not None:
            policy.tracker.start()
        target.policies[policy.name] = policy
        return {"PolicyARN": policy.arn, "Alarms": _alarms(policy)}

    @operation("DeleteScalingPolicy")
    def delete(self, params: Params) -> Json:
        """Delete a policy and the alarms that it manages."""
        require_sagemaker(params)
        target = self._store.find(params["ResourceId"], params["ScalableDimension"])
        policy = target.policies.pop(params["PolicyName"], None) if target else None
        if policy is None:
            named = f"policy name: {params['PolicyName']}"
            raise no_such("scaling policy found", params, named=named)
        if policy.tracker is not None:
            policy.tracker.stop()
        return {}

    @operation("DescribeScalingPolicies")
    def describe(self, params: Params) -> Json:
        """Describe policies, in the order of their resources and names."""
        require_sagemaker(params)
        require_resource_with_dimension(params)
        found = [
            (target, policy)
            for target in self._store.targets()
            for policy in target.policies.values()
            if params.get("ResourceId", target.resource_id) == target.resource_id
            and params.get("ScalableDimension", target.dimension) == target.dimension
            and policy.name in params.get("PolicyNames", (policy.name,))
        ]
        page, token = described(found, lambda pair: (*pair[0].key, pair[1].name), params)
        return {"ScalingPolicies": [_shown(*pair) for pair in page], "NextToken": token}

    def _tracker(self, target: ScalableTarget, policy: ScalingPolicy) -> TargetTracker:
        if policy.configuration["TargetValue"] <= 0:
            raise ValidationException("TargetValue must be greater than 0.")
        metric = tracked_metric(policy.configuration, target.resource_id, target.dimension)
        for other in target.policies.values():
            if other.name == policy.name or other.kind != policy.kind:
                continue
            known = tracked_metric(other.configuration, target.resource_id, target.dimension)
            if known == metric:
                raise ValidationException(
                    "Only one TargetTrackingScaling policy for a given metric specification is "
                    "allowed.",
                )
        about = (policy.name, policy.arn)
        return TargetTracker(self._store, target, about, policy.configuration, metric)

    def _arn(self, params: Params) -> str:
        where, name = params["ResourceId"], params["PolicyName"]
        unique = identifier(self.here.account, self.here.region, where, name, self.here.now())
        resource = f"scalingPolicy:{unique}:resource/sagemaker/{where}:policyName/{name}"
        return self.here.arn("autoscaling", resource)


def _kind(params: Params, before: ScalingPolicy | None) -> str:
    kind = params.get("PolicyType", before.kind if before else None)
    if kind is None:
        raise ValidationException("PolicyType is required to create a scaling policy.")
    if kind not in _CONFIGURATIONS:
        message = f"The sandbox emulates {' and '.join(_CONFIGURATIONS)}, not {kind}."
        raise AwsError("NotImplemented", message, HTTPStatus.NOT_IMPLEMENTED)
    if before is not None and before.kind != kind:
        raise ValidationException(f"The type of a policy cannot change; it is {before.kind}.")
    return str(kind)


def _check_steps(configuration: Params) -> None:
    if "AdjustmentType" not in configuration or not configuration.get("StepAdjustments"):
        raise ValidationException(
            "AdjustmentType and at least one of StepAdjustments are required for StepScaling.",
        )
    for step in configuration["StepAdjustments"]:
        if "MetricIntervalLowerBound" not in step and "MetricIntervalUpperBound" not in step:
            raise ValidationException("A step adjustment needs a lower or an upper bound.")


def _alarms(policy: ScalingPolicy) -> list[dict[str, str]]:
    return policy.tracker.alarms if policy.tracker is not None else []


def _shown(target: ScalableTarget, policy: ScalingPolicy) -> Json:
    return {
        "PolicyARN": policy.arn,
        "PolicyName": policy.name,
        "ServiceNamespace": "sagemaker",
        "ResourceId": target.resource_id,
        "ScalableDimension": target.dimension,
        "PolicyType": policy.kind,
        _CONFIGURATIONS[policy.kind]: policy.configuration,
        "Alarms": _alarms(policy),
        "CreationTime": policy.created_at,
    }
