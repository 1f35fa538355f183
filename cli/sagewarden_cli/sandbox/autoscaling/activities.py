"""Scaling activities: what was done to targets, why, and what came of it."""

from sagewarden_cli.sandbox.autoscaling.paging import described, require_resource_with_dimension
from sagewarden_cli.sandbox.autoscaling.refusals import require_sagemaker
from sagewarden_cli.sandbox.autoscaling.resources import (
    AutoScalingStore,
    ScalingActivity,
    identifier,
)
from sagewarden_cli.sandbox.backend import AccountRegion, Backend, Json, Params, operation


class ScalingActivities(Backend):
    """The operation on scaling activities."""

    service = "application-autoscaling"

    def __init__(self, here: AccountRegion) -> None:
        super().__init__(here)
        self._store = here.part(AutoScalingStore)

    @operation("DescribeScalingActivities")
    def describe(self, params: Params) -> Json:
        """Describe the activities of the last six weeks, the newest first.

        ``IncludeNotScaledActivities`` is accepted and adds nothing.
        """
        require_sagemaker(params)
        require_resource_with_dimension(params)
        found = [
            activity
            for activity in self._store.activities()
            if params.get("ResourceId", activity.key[0]) == activity.key[0]
            and params.get("ScalableDimension", activity.key[1]) == activity.key[1]
        ]
        page, token = described(found, lambda a: (a.number,), params, newest_first=True)
        return {"ScalingActivities": [self._shown(a) for a in page], "NextToken": token}

    def _shown(self, activity: ScalingActivity) -> Json:
        resource_id, dimension = activity.key
        shown = {
            "ActivityId": identifier(self.here.account, self.here.region, activity.number),
            "ServiceNamespace": "sagemaker",
            "ResourceId": resource_id,
            "ScalableDimension": dimension,
            "Description": activity.description,
            "Cause": activity.cause,
            "StartTime": activity.started_at,
            "EndTime": activity.ended_at,
            "StatusCode": activity.status,
            "StatusMessage": activity.message,
        }
        return {name: value for name, value in shown.items() if value is not None}
