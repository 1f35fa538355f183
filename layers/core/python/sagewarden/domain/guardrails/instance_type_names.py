"""Names of instance types: ``ml.p4d.24xlarge`` is of family ``p4d``."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

RETIRED = ("ml.p2.*", "ml.eia*")
"""Types that AWS no longer offers to new users: P2 instances and Elastic Inference (botocore 1.44,
ProductionVariant.AcceleratorType: "Elastic Inference (EI) is no longer available")."""

RETIRED_WORD = "retired"
"""The word that stands for all of RETIRED in a list of types."""

UNBILLED = frozenset({"system"})
"""What Studio's own server runs on (AppInstanceType ``system``): not billed, never judged."""

_PREFIX = "ml."
_LETTERS = re.compile(r"([a-z]+)[0-9]")
_MAGIC = frozenset("*?[")
_WITHOUT_GPU = ("c", "dl", "eia", "hpc", "i", "inf", "m", "r", "t", "trn", "x", "z")
"""Beginnings of families without a GPU of their own by AWS's naming convention (P and G have
them)."""


@dataclass(frozen=True, slots=True)
class GpuBook:
    """How many GPUs instance types have.

    Attributes:
        counts: GPUs by instance type, of those that have some.
    """

    counts: Mapping[str, int] = field(default_factory=dict[str, int])

    def gpus(self, instance_type: str) -> int | None:
        """The GPUs of one instance; 0 for families without, None when not known."""
        instance_type = _as_sagemaker(instance_type)
        if instance_type in self.counts:
            return self.counts[instance_type]
        family = family_of(instance_type)
        match = _LETTERS.match(family or "")
        return 0 if match and match[1] in _WITHOUT_GPU else None


def family_of(instance_type: str) -> str | None:
    """The family, such as ``g5``; None for what is no name of a SageMaker instance type."""
    prefix, _, rest = instance_type.partition(".")
    family, _, size = rest.partition(".")
    return family if prefix == "ml" and family and size else None


def first_match(instance_type: str, entries: Iterable[str]) -> str | None:
    """The first entry of a list of types that an instance type falls under.

    An entry is a glob (``ml.p4*``), a type, a family (``p4d``, ``ml.p4d``), or ``retired``. Letter
    case does not matter. It holds for EC2's type of the same name, too.
    """
    name = _as_sagemaker(instance_type.lower())
    return next((entry for entry in entries if _falls_under(name, entry)), None)


def _as_sagemaker(instance_type: str) -> str:
    """SageMaker's name of a type that EC2 calls ``p4d.24xlarge``."""
    is_of_ec2 = "." in instance_type and not instance_type.startswith(_PREFIX)
    return _PREFIX + instance_type if is_of_ec2 else instance_type


def _falls_under(instance_type: str, entry: str) -> bool:
    if entry == RETIRED_WORD:
        return any(fnmatchcase(instance_type, glob) for glob in RETIRED)
    text = entry.lower()
    text = text if text.startswith((_PREFIX, "*")) else _PREFIX + text
    if not _MAGIC & set(text) and text.count(".") == 1:
        return instance_type.startswith(f"{text}.")
    return fnmatchcase(instance_type, text)
