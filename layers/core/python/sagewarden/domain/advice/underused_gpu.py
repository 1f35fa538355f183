"""Endpoints whose GPUs hardly work: a smaller type, a CPU, Inferentia, or sharing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from sagewarden.domain.advice import changes
from sagewarden.domain.advice.advice import Advice, AdviceKind, Change, Option, Risk, saves
from sagewarden.domain.advice.catalogue import InstanceSpec, Need
from sagewarden.domain.advice.knowledge import Knowledge, scaled
from sagewarden.domain.advice.usage import Usage
from sagewarden.domain.advice.workload import Running, Workload
from sagewarden.domain.guardrails.instance_type_names import family_of
from sagewarden.domain.money import MonthlyCost

_PERCENT = 100
_HALF = Decimal("0.5")


def on_underused_gpus(workload: Workload, known: Knowledge) -> Iterator[Advice]:
    """Advise about each variant whose GPUs work less than the line on average.

    Nothing is said where GPUUtilization has gaps, or where no way is known to save.
    """
    for running in workload.running:
        spec = known.catalogue.spec(running.instance_type)
        usage = workload.usage.get(running.variant)
        if spec is None or not spec.gpus or usage is None or usage.gpu is None:
            continue
        case = _Case(workload, running, spec, usage, usage.gpu, known)
        if case.mean < known.lines.gpu_percent and (ways := list(case.ways())):
            yield case.advice(ways)


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to save; without a type of its own it shares the present instances."""

    option: Option
    instance_type: str | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """A variant with under-used GPUs."""

    workload: Workload
    running: Running
    spec: InstanceSpec
    usage: Usage
    gpu: tuple[float, ...]
    known: Knowledge

    @property
    def mean(self) -> float:
        """The mean utilisation of one GPU in per cent: CloudWatch's is 0 to 100 times the GPUs."""
        return sum(self.gpu) / len(self.gpu) / self.spec.gpus

    def ways(self) -> Iterator[_Way]:
        """The ways that are known to save, the one that changes least first."""
        for way in self._all_ways():
            if saves(self._current, way.option.cost):
                yield way

    def advice(self, ways: list[_Way]) -> Advice:
        """The advice to go the first of some ways."""
        best, running = ways[0], self.running
        name = self.workload.which(running.variant)
        return Advice(
            kind=AdviceKind.UNDERUSED_GPU,
            ref=self.workload.endpoint.ref,
            owner=self.workload.owner,
            team=self.workload.team,
            title=f"{name} uses {self.mean:.1f} % of its GPUs: {best.option.what} would do",
            evidence=self._evidence(),
            arithmetic=self._arithmetic(best.option),
            current=self._current,
            proposed=best.option.cost,
            risk=best.option.risk,
            caution=best.option.note,
            change=self._change(best),
            options=tuple(way.option for way in ways),
        )

    @property
    def _current(self) -> MonthlyCost | None:
        running = self.running
        return self.known.hosting(self.workload.region, running.instance_type, running.count)

    def _all_ways(self) -> Iterator[_Way]:
        catalogue, gpu_memory = self.known.catalogue, self._gpu_memory
        vcpus, memory = self._host
        small = Need(
            vcpus=vcpus, memory_mib=memory, gpus=self._busy_gpus, gpu_memory_mib=gpu_memory
        )
        own = (family_of(self.spec.name) or "",)
        note = "measure latency under your own load; fewer GPUs may need another sharding"
        yield from self._cheapest(catalogue.holding(small, own), Risk.LOW, note)
        another = f"{note}; it is another GPU, which may be faster or slower"
        gpus = catalogue.holding(small, catalogue.of_sort("gpu"))
        yield from self._cheapest(gpus, Risk.MEDIUM, another)
        on_cpu = Need(vcpus=vcpus, memory_mib=memory + gpu_memory)
        cpus = catalogue.holding(on_cpu, catalogue.of_sort("cpu"))
        note = "needs an image for CPUs, and calls take longer: measure latency before"
        yield from self._cheapest(cpus, Risk.MEDIUM, note)
        chips = catalogue.holding(
            Need(vcpus=vcpus, memory_mib=memory), catalogue.of_sort("inferentia")
        )
        note = "needs the model compiled with the Neuron SDK, which not every operator supports"
        yield from self._cheapest(chips, Risk.HIGH, note)
        yield from self._shared()

    def _cheapest(self, specs: Iterable[InstanceSpec], risk: Risk, note: str) -> Iterator[_Way]:
        count = self.running.count
        fewer = (item for item in specs if item.gpus <= self.spec.gpus)
        if found := self.known.cheapest(self.workload.region, fewer, count):
            spec, cost = found
            yield _Way(Option(f"{count} x {spec.name}", cost, risk, note), spec.name)

    def _shared(self) -> Iterator[_Way]:
        """Half of the instances, where another model of this size fits beside this one."""
        peak = self.usage.gpu_memory_peak
        if peak is None or peak / self.spec.gpus * self.known.lines.headroom > _PERCENT / 2:
            return
        note = (
            "as inference components where each model gets whole GPUs, as a multi-model endpoint "
            "where they share one; both need an image that can"
        )
        what = f"sharing {self.running.count} x {self.spec.name} with another model"
        cost = scaled(self._current, _HALF, "two models share it")
        yield _Way(Option(what, cost, Risk.MEDIUM, note))

    @property
    def _busy_gpus(self) -> int:
        """How many GPUs the highest utilisation keeps busy, with headroom; all if not known."""
        peak = self.usage.gpu_peak
        if peak is None:
            return self.spec.gpus
        busy = peak * self.known.lines.headroom / _PERCENT
        return min(self.spec.gpus, max(1, ceil(busy)))

    @property
    def _gpu_memory(self) -> float:
        """The GPU memory that is needed in MiB, with headroom; all of it where not known."""
        whole = self.spec.gpus * self.spec.gpu_memory_mib
        peak = self.usage.gpu_memory_peak
        if peak is None:
            return whole
        used = self.spec.gpu_memory_mib * peak / _PERCENT
        return min(whole, used * self.known.lines.headroom)

    @property
    def _host(self) -> tuple[float, float]:
        """The vCPUs and the memory in MiB that are needed; all of it where not known."""
        factor = self.known.lines.headroom / _PERCENT
        cpu, memory = self.usage.cpu_peak, self.usage.memory_peak
        vcpus = self.spec.vcpus if cpu is None else min(self.spec.vcpus, cpu * factor)
        size = self.spec.memory_mib
        return vcpus, size if memory is None else min(size, size * memory * factor)

    def _evidence(self) -> dict[str, str]:
        usage, spec = self.usage, self.spec
        vcpus, memory = self._host
        return {
            "instances": f"{self.running.count} x {spec.name} ({spec.gpus} x {spec.gpu})",
            "GPU utilisation": f"{self.mean:.1f} % of each GPU on average over {usage.hours} h",
            "highest": _percent(usage.gpu_peak, spec.gpus),
            "GPU memory": _percent(usage.gpu_memory_peak, spec.gpus),
            "needed, with headroom": (
                f"{self._busy_gpus} GPU, {self._gpu_memory / 1024:.1f} GiB of GPU memory, "
                f"{vcpus:.1f} vCPU, {memory / 1024:.1f} GiB"
            ),
        }

    def _arithmetic(self, best: Option) -> tuple[str, ...]:
        mean = sum(self.gpu) / len(self.gpu)
        return (
            f"{mean:.1f} % over {self.spec.gpus} GPU / {self.spec.gpus} = {self.mean:.1f} % each",
            f"now: {self._current.basis if self._current else 'not known'}",
            f"then: {best.cost.basis if best.cost else 'not known'}",
        )

    def _change(self, way: _Way) -> Change:
        workload, variant = self.workload, self.running.variant
        region, config = workload.region, workload.details.config_name
        if way.instance_type is None:
            return changes.component(region, workload.name, variant, self._free_gpus)
        edits = changes.with_type(way.instance_type, variant)
        return changes.switch(region, workload.name, config, "smaller", edits)

    @property
    def _free_gpus(self) -> int:
        """How many GPUs another model may have beside this one."""
        return max(1, self.spec.gpus - self._busy_gpus)


def _percent(peak: float | None, gpus: int) -> str:
    return "not known" if peak is None else f"{peak / gpus:.1f} % of each GPU"
