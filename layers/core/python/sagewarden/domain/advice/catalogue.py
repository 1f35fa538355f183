"""What instance types have, and which families succeed which: facts that are passed in."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from sagewarden.domain.guardrails.instance_type_names import family_of


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceSpec:
    """What one instance of a type has.

    Attributes:
        name: For example ``ml.g5.xlarge``.
        vcpus: Its virtual CPUs.
        memory_mib: Its memory.
        gpu: The model of its GPUs; None when it has none.
        gpus: How many GPUs.
        gpu_memory_mib: The memory of each of them.
        neuron: The model of its Inferentia or Trainium chips; None when it has none.
        arm: Whether it takes images for arm64 only.
    """

    name: str
    vcpus: int
    memory_mib: int
    gpu: str | None = None
    gpus: int = 0
    gpu_memory_mib: int = 0
    neuron: str | None = None
    arm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a workload needs of the instance that it runs on."""

    vcpus: float = 0
    memory_mib: float = 0
    gpus: int = 0
    gpu_memory_mib: float = 0
    each_gpu_memory_mib: float = 0

    def met_by(self, spec: InstanceSpec) -> bool:
        """Whether an instance has all of it."""
        return (
            spec.vcpus >= self.vcpus
            and spec.memory_mib >= self.memory_mib
            and spec.gpus >= self.gpus
            and spec.gpus * spec.gpu_memory_mib >= self.gpu_memory_mib
            and spec.gpu_memory_mib >= self.each_gpu_memory_mib
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What is known of instance types.

    Attributes:
        as_of: The day of the figures.
        specs: What each type has.
        successors: The families that may take over from a family, oldest first.
        previous: Families of a previous generation, for which AWS names a newer one.
        families: Families by what they are: ``cpu``, ``graviton``, ``gpu``, ``inferentia``, and
            ``entry-gpu``, the GPUs for a small model.
        accelerators: The memory of Elastic Inference accelerators in MiB, by type.
    """

    as_of: date
    specs: Mapping[str, InstanceSpec]
    successors: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    previous: frozenset[str] = frozenset()
    families: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    accelerators: Mapping[str, int] = field(default_factory=dict[str, int])

    def spec(self, instance_type: str) -> InstanceSpec | None:
        """What a type has; None when it is not known."""
        return self.specs.get(instance_type)

    def holding(self, need: Need, families: Iterable[str]) -> Iterator[InstanceSpec]:
        """The types of some families that have what is needed, in the order of their names."""
        wanted = frozenset(families)
        for name, spec in sorted(self.specs.items()):
            if family_of(name) in wanted and need.met_by(spec):
                yield spec

    def of_sort(self, sort: str) -> tuple[str, ...]:
        """The families of a sort, such as ``cpu``."""
        return self.families.get(sort, ())
