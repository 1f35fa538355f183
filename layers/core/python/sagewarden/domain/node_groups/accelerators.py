"""Which EC2 instance types carry an accelerator, and of which make."""

import re
from collections.abc import Iterable
from enum import StrEnum


class Accelerator(StrEnum):
    """What computes beside the processor, by what Container Insights measures of it."""

    GPU = "gpu"
    """Of NVIDIA: the P and G families."""
    NEURON = "neuron"
    """AWS Inferentia and Trainium: the Inf and Trn families."""


_FAMILIES = (
    (re.compile(r"(?:p|g|gr)\d[a-z0-9-]*"), Accelerator.GPU),
    (re.compile(r"(?:inf|trn)\d[a-z0-9-]*"), Accelerator.NEURON),
)
"""By what stands before the dot: p4d, p6-b200, g5, gr6, inf2, trn1n (EC2, instance type names)."""


def accelerator_of(instance_type: str) -> Accelerator | None:
    """The accelerator of an EC2 instance type such as ``g5.xlarge``, or None.

    The Radeon GPUs of g4ad count as GPUs; no metric of them is published.
    """
    family = instance_type.partition(".")[0]
    return next((kind for pattern, kind in _FAMILIES if pattern.fullmatch(family)), None)


def accelerators_of(instance_types: Iterable[str]) -> frozenset[Accelerator]:
    """The accelerators of some instance types."""
    found = (accelerator_of(item) for item in instance_types)
    return frozenset(item for item in found if item is not None)
