"""Where the instances of a job publish what they measure (SageMaker's guide, "Job metrics")."""

import re
from collections.abc import Iterable, Iterator

from sagewarden.domain.metrics import Series
from sagewarden.domain.resources import ResourceKind

NAMESPACES = {
    ResourceKind.TRAINING_JOB: "/aws/sagemaker/TrainingJobs",
    ResourceKind.PROCESSING_JOB: "/aws/sagemaker/ProcessingJobs",
    ResourceKind.TRANSFORM_JOB: "/aws/sagemaker/TransformJobs",
}
GPU_METRIC = "GPUUtilization"
"""The percentage of an instance's GPUs that is in use, up to 100 for each of them."""

_FAMILY = re.compile(r"ml\.(p|g|gr)[0-9]")


def numbered_hosts(name: str, machines: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """How the instances of a training or processing job are named.

    Those of a transform job are named by ids that nothing but their metrics tells.
    """
    count = sum(number for _, number in machines)
    return tuple(f"{name}/algo-{number}" for number in range(1, count + 1))


def gpu_series(kind: str, hosts: Iterable[str]) -> Iterator[Series]:
    """The utilisation of the GPUs of each host: the highest within each minute."""
    for host in hosts:
        yield Series(NAMESPACES[ResourceKind(kind)], GPU_METRIC, (("Host", host),), "Maximum")


def has_gpus(instance_type: str) -> bool:
    """Whether an instance type has GPUs, by its family: P and G have them, Trainium has none."""
    return _FAMILY.match(instance_type) is not None
