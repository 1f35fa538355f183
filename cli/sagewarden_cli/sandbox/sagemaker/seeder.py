"""What every builder of SageMaker resources does: find the place, put something there, force it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from botocore.model import StringShape

from sagewarden_cli.sandbox.backend import AccountRegion
from sagewarden_cli.sandbox.sagemaker.bases import Resource, StatefulResource
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.shapes import service_model

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn:1"

_STATUS_SHAPES = {
    "notebook-instance": "NotebookInstanceStatus",
    "endpoint": "EndpointStatus",
    "inference-component": "InferenceComponentStatus",
    "training-job": "TrainingJobStatus",
    "processing-job": "ProcessingJobStatus",
    "transform-job": "TransformJobStatus",
    "hyper-parameter-tuning-job": "HyperParameterTuningJobStatus",
    "automl-job": "AutoMLJobStatus",
    "mlflow-tracking-server": "TrackingServerStatus",
    "monitoring-schedule": "ScheduleStatus",
    "inference-recommendations-job": "RecommendationJobStatus",
    "cluster": "ClusterStatus",
    "domain": "DomainStatus",
    "user-profile": "UserProfileStatus",
    "space": "SpaceStatus",
    "app": "AppStatus",
}


class Seeder:
    """Puts resources straight into one account and region.

    Args:
        locate: Finds the account and region anew each time, because a reset replaces them.
    """

    def __init__(self, locate: Callable[[], AccountRegion]) -> None:
        self._locate = locate

    def force_status(
        self,
        kind: str,
        name: str,
        status: str,
        failure_reason: str | None = None,
    ) -> None:
        """Put a resource into any status; it stays there until something is done to it.

        Args:
            kind: As in ARNs, such as ``notebook-instance``, ``endpoint`` or ``training-job``.
            name: Its name; for what belongs to Studio, what follows the kind in its ARN, with the
                case as given, such as ``d-research/mina`` for a user profile.
            status: Any status of AWS's for the kind.
            failure_reason: What its describe call gives as ``FailureReason``.

        Raises:
            ValueError: There is no such kind, resource or status.
        """
        known_status(kind, status)
        here = self._here
        with here.lock:
            here.settle()
            resource: StatefulResource | None = self._store.of_kind(kind).get(name)
            if resource is None:
                raise ValueError(f"there is no {kind} {name!r} in {here.account} {here.region}")
            resource.enter(status, here.now())
            resource.failure_reason = failure_reason

    @property
    def _here(self) -> AccountRegion:
        return self._locate()

    @property
    def _store(self) -> SageMakerStore:
        return self._here.part(SageMakerStore)

    @property
    def _role(self) -> str:
        return f"arn:aws:iam::{self._here.account}:role/sagemaker-execution"

    def _created(self, moment: datetime | None) -> datetime:
        return moment or self._here.now()

    def _put(self, resource: Resource, tags: Mapping[str, str] | None) -> str:
        resource.tag(dict(tags or {}))
        here = self._here
        with here.lock:
            here.part(SageMakerStore).of_kind(resource.kind)[resource.key] = resource
        return resource.arn


def known_status(kind: str, status: str) -> str:
    """Return a status that AWS knows for a kind of resource.

    Raises:
        ValueError: It is none, or the kind has no status.
    """
    if kind not in _STATUS_SHAPES:
        raise ValueError(f"{kind!r} has no status: choose from {', '.join(_STATUS_SHAPES)}")
    shape = service_model("sagemaker").shape_for(_STATUS_SHAPES[kind])
    statuses = shape.enum if isinstance(shape, StringShape) else []
    if status not in statuses:
        raise ValueError(f"{status!r} is no status of a {kind}: choose from {', '.join(statuses)}")
    return status
