"""Scheduled actions: new bounds at a moment, over and over, in a time zone."""

from datetime import datetime, timedelta
from functools import partial

from sagewarden_cli.sandbox.autoscaling.capacity import clamp
from sagewarden_cli.sandbox.autoscaling.paging import described, require_resource_with_dimension
from sagewarden_cli.sandbox.autoscaling.refusals import limit_exceeded, no_such, require_sagemaker
from sagewarden_cli.sandbox.autoscaling.resources import (
    AutoScalingStore,
    ScalableTarget,
    ScheduledAction,
    identifier,
    is_there,
)
from sagewarden_cli.sandbox.autoscaling.schedules import Schedule, parsed_expression, zone_named
from sagewarden_cli.sandbox.autoscaling.targets import check_bounds
from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation
from sagewarden_cli.sandbox.errors import ValidationException

_KEPT = ("Schedule", "Timezone", "ScalableTargetAction")
_MOST_ACTIONS = 200


class ScheduledActions(Backend):
    """The operations on scheduled actions."""

    service = "application-autoscaling"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(AutoScalingStore)

    @operation("PutScheduledAction")
    def put(self, params: Params) -> Json:
        """Create an action or change what is given of it; start and end not given are wiped."""
        require_sagemaker(params)
        target = self._store.target(params)
        name = params["ScheduledActionName"]
        before = target.scheduled_actions.get(name)
        if before is None and len(target.scheduled_actions) >= _MOST_ACTIONS:
            raise limit_exceeded("scheduled actions", _MOST_ACTIONS)
        details = {k: before.details[k] for k in _KEPT if before and k in before.details}
        given = (*_KEPT, "StartTime", "EndTime")
        details |= {member: params[member] for member in given if member in params}
        made_at = before.created_at if before else self.here.now()
        action = ScheduledAction(
            name=name,
            arn=before.arn if before else self._arn(params),
            details=details,
            schedule=_schedule(details, made_at),
            created_at=made_at,
        )
        if before is not None and before.pending is not None:
            before.pending.is_cancelled = True
        target.scheduled_actions[name] = action
        self._await_next(target, action, self.here.now())
        return {}

    @operation("DeleteScheduledAction")
    def delete(self, params: Params) -> Json:
        """Delete an action."""
        require_sagemaker(params)
        target = self._store.find(params["ResourceId"], params["ScalableDimension"])
        actions = target.scheduled_actions if target else {}
        action = actions.pop(params["ScheduledActionName"], None)
        if action is None:
            named = f"scheduled action name: {params['ScheduledActionName']}"
            raise no_such("scheduled action found", params, named=named)
        if action.pending is not None:
            action.pending.is_cancelled = True
        return {}

    @operation("DescribeScheduledActions")
    def describe(self, params: Params) -> Json:
        """Describe actions, in the order of their resources and names."""
        require_sagemaker(params)
        require_resource_with_dimension(params)
        found = [
            (target, action)
            for target in self._store.targets()
            for action in target.scheduled_actions.values()
            if params.get("ResourceId", target.resource_id) == target.resource_id
            and params.get("ScalableDimension", target.dimension) == target.dimension
            and action.name in params.get("ScheduledActionNames", (action.name,))
        ]
        page, token = described(found, lambda pair: (*pair[0].key, pair[1].name), params)
        return {"ScheduledActions": [_shown(*pair) for pair in page], "NextToken": token}

    def _await_next(
        self, target: ScalableTarget, action: ScheduledAction, moment: datetime
    ) -> None:
        due = action.schedule.next_after(moment)
        if due is not None:
            fire = partial(self._fire, target, action)
            action.pending = self.here.later(timedelta(0), fire, since=due)

    def _fire(self, target: ScalableTarget, action: ScheduledAction, at: datetime) -> None:
        if not is_there(self.here, target.of):
            return
        self._await_next(target, action, at)
        if target.suspended["ScheduledScalingSuspended"]:
            return
        bounds = action.details["ScalableTargetAction"]
        minimum = bounds.get("MinCapacity", target.minimum)
        maximum = bounds.get("MaxCapacity", target.maximum)
        what = " and ".join(
            f"{side} capacity to {bounds[member]}"
            for side, member in (("min", "MinCapacity"), ("max", "MaxCapacity"))
            if member in bounds
        )
        cause = f"scheduled action name {action.name} was triggered"
        activity = self._store.begin(target.key, f"Setting {what}", cause)
        try:
            check_bounds(minimum, maximum)
        except ValidationException as refusal:
            activity.end("Failed", f"Failed to set {what}. Reason: {refusal.message}", at)
            return
        target.minimum, target.maximum = minimum, maximum
        activity.end("Successful", f"Successfully set {what}", at)
        clamp(self._store, target)

    def _arn(self, params: Params) -> str:
        where, name = params["ResourceId"], params["ScheduledActionName"]
        unique = identifier(self.here.account, self.here.region, where, name, self.here.now())
        resource = f"scheduledAction:{unique}:resource/sagemaker/{where}:scheduledActionName/{name}"
        return self.here.arn("autoscaling", resource)


def _schedule(details: Json, made_at: datetime) -> Schedule:
    bounds = details.get("ScalableTargetAction")
    if not bounds or "Schedule" not in details:
        raise ValidationException(
            "Schedule, and MinCapacity or MaxCapacity or both in ScalableTargetAction, are "
            "required to create a scheduled action.",
        )
    low, high = bounds.get("MinCapacity", 0), bounds.get("MaxCapacity", float("inf"))
    if low < 0 or high < low:
        raise ValidationException("Maximum capacity cannot be less than minimum capacity")
    start, end = details.get("StartTime"), details.get("EndTime")
    if start is not None and end is not None and end < start:
        raise ValidationException("The end time must not be before the start time.")
    try:
        zone = zone_named(details.get("Timezone", "UTC"))
        what = parsed_expression(details["Schedule"], zone)
    except ValueError as reason:
        raise ValidationException(
            f"Invalid schedule {details['Schedule']}: {reason}",
        ) from None
    return Schedule(what, zone, since=start or made_at, start=start, end=end)


def _shown(target: ScalableTarget, action: ScheduledAction) -> Json:
    return {
        "ScheduledActionName": action.name,
        "ScheduledActionARN": action.arn,
        "ServiceNamespace": "sagemaker",
        "ResourceId": target.resource_id,
        "ScalableDimension": target.dimension,
        "CreationTime": action.created_at,
        **action.details,
    }
