"""What a job may take: how many instances, for how long, on spot capacity or not.

Read alike from the call that asks for a job and from AWS's description of it: their members have
the same names (botocore 1.44), but for the case of their first letters in CloudTrail.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from sagewarden.domain.job_runs import Asked

_SECOND = timedelta(seconds=1)


def asked_of(kind: str, request: object) -> tuple[Asked, ...]:
    """What a job of a kind asks for, and what the jobs that it launches do.

    Args:
        kind: Such as ``training-job``.
        request: The members of the call that creates it, or of its description.

    Returns:
        Itself first; nothing for what is no job.
    """
    found = _READERS.get(kind)
    return tuple(found(request)) if found else ()


def machines_of(kind: str, described: object) -> tuple[tuple[str, int], ...] | None:
    """On which instances a job runs, each type with its count; None when that is not settled.

    Of several types that it prefers, AWS tells which one it selected.
    """
    resources = _member(described, *_RESOURCES.get(kind, ("",)))
    groups = _entries(_member(resources, "InstanceGroups"))
    if groups:
        pairs = [(_text(item, "InstanceType"), _whole(item, "InstanceCount")) for item in groups]
    else:
        named = _text(resources, "SelectedInstanceType") or _text(resources, "InstanceType")
        count = _whole(resources, "SelectedInstanceCount") or _whole(resources, "InstanceCount")
        alone = 1 if kind == "processing-job" else None
        pairs = [(named, count or alone)]
    known = tuple((name, count) for name, count in pairs if name and count)
    return known if len(known) == len(pairs) else None


def _training(request: object) -> Iterator[Asked]:
    yield _training_job(request)


def _training_job(request: object, *, part: bool = False) -> Asked:
    limits = _member(request, "StoppingCondition")
    return Asked(
        part=part,
        name=_text(request, "DefinitionName") or "",
        max_runtime=_seconds(limits, "MaxRuntimeInSeconds"),
        max_wait=_seconds(limits, "MaxWaitTimeInSeconds"),
        spot=_member(request, "EnableManagedSpotTraining") is True,
        checkpoints=bool(_text(_member(request, "CheckpointConfig"), "S3Uri")),
        instances=_most_instances(request),
    )


def _most_instances(request: object) -> int | None:
    """Groups run together; of preferences and configurations, one does."""
    resources = _member(request, "ResourceConfig")
    choice = _member(request, "HyperParameterTuningResourceConfig")
    groups = _counts(_member(resources, "InstanceGroups"))
    if groups:
        return sum(groups)
    alternatives = [
        *_counts(_member(resources, "InstancePreferences")),
        *_counts(_member(choice, "InstanceConfigs")),
        *_counts([resources, choice]),
    ]
    return max(alternatives, default=None)


def _processing(request: object) -> Iterator[Asked]:
    cluster = _member(request, "ProcessingResources", "ClusterConfig")
    yield Asked(
        max_runtime=_seconds(_member(request, "StoppingCondition"), "MaxRuntimeInSeconds"),
        instances=None if cluster is None else _whole(cluster, "InstanceCount") or 1,
    )


def _transform(request: object) -> Iterator[Asked]:
    yield Asked(instances=_whole(_member(request, "TransformResources"), "InstanceCount"))


def _tuning(request: object) -> Iterator[Asked]:
    """The tuning job, whose instances are those of the training jobs that run at once."""
    limits = _member(request, "HyperParameterTuningJobConfig", "ResourceLimits")
    one, several = (_member(request, f"TrainingJobDefinition{end}") for end in ("", "s"))
    definitions = [*_entries([one]), *_entries(several)]
    parts = [_training_job(definition, part=True) for definition in definitions]
    at_once = _whole(limits, "MaxParallelTrainingJobs")
    largest = max((part.instances for part in parts if part.instances is not None), default=None)
    total = at_once * largest if at_once and largest else None
    yield Asked(max_runtime=_seconds(limits, "MaxRuntimeInSeconds"), instances=total)
    yield from parts


def _auto_ml(request: object) -> Iterator[Asked]:
    """An AutoML job of either version; AWS chooses its instances."""
    problem = _member(request, "AutoMLProblemTypeConfig")
    configs = list(problem.values()) if isinstance(problem, Mapping) else []
    configs.append(_member(request, "AutoMLJobConfig"))
    criteria = [_member(config, "CompletionCriteria") for config in configs]
    for name, part in (
        ("MaxAutoMLJobRuntimeInSeconds", False),
        ("MaxRuntimePerTrainingJobInSeconds", True),
    ):
        told = [limit for item in criteria if (limit := _seconds(item, name))]
        yield Asked(part=part, max_runtime=max(told, default=None))


_READERS = {
    "training-job": _training,
    "processing-job": _processing,
    "transform-job": _transform,
    "hyper-parameter-tuning-job": _tuning,
    "auto-ml-job": _auto_ml,
}
_RESOURCES = {
    "training-job": ("ResourceConfig",),
    "processing-job": ("ProcessingResources", "ClusterConfig"),
    "transform-job": ("TransformResources",),
}


def _member(value: object, *names: str) -> object:
    """A member of a member, in any letter case; None where there is none."""
    for name in names:
        if not isinstance(value, Mapping):
            return None
        folded = name.lower()
        value = next((item for key, item in value.items() if str(key).lower() == folded), None)
    return value


def _entries(value: object) -> list[object]:
    return [item for item in value if item is not None] if isinstance(value, list) else []


def _counts(value: object) -> list[int]:
    found = (_whole(item, "InstanceCount") for item in _entries(value))
    return [count for count in found if count is not None]


def _text(value: object, name: str) -> str | None:
    found = _member(value, name)
    return found if isinstance(found, str) and found else None


def _whole(value: object, name: str) -> int | None:
    found = _member(value, name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _seconds(value: object, name: str) -> timedelta | None:
    found = _whole(value, name)
    return None if found is None else found * _SECOND
