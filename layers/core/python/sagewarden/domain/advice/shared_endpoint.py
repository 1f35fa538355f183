"""Several small endpoints of one owner: one that loads all of their models."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sagewarden.domain.advice import changes
from sagewarden.domain.advice.advice import Advice, AdviceKind, Risk, dollars, reckoned, saves
from sagewarden.domain.advice.catalogue import InstanceSpec, Need
from sagewarden.domain.advice.knowledge import Knowledge
from sagewarden.domain.advice.workload import Running, ServedModel, Workload
from sagewarden.domain.guardrails.instance_type_names import family_of
from sagewarden.domain.money import MonthlyCost, total
from sagewarden.domain.resources import EndpointKind

_PERCENT = 100
_FEWEST = 2


def on_shared_endpoints(workloads: Iterable[Workload], known: Knowledge) -> Iterator[Advice]:
    """Advise to serve the models of small endpoints by one multi-model endpoint.

    Taken together are those of one owner, region, image, role and network, on CPUs, whose highest
    CPU and memory are known. Their highest figures are added up, as if they came at once.
    """
    groups: defaultdict[tuple[object, ...], list[_Small]] = defaultdict(list)
    for workload in workloads:
        if small := _small(workload, known):
            groups[small.key].append(small)
    for group in groups.values():
        if len(group) >= _FEWEST:
            yield from _judged(sorted(group, key=lambda item: item.workload.name), known)


@dataclass(frozen=True, slots=True)
class _Small:
    """An endpoint whose model others might be served with.

    Attributes:
        workload: The endpoint.
        running: Its instances.
        model: Its model.
        vcpus: The most virtual CPUs that its instances used together.
        memory_mib: The most memory that one of its instances used.
        cost: What its instances cost; None when not known.
    """

    workload: Workload
    running: Running
    model: ServedModel
    vcpus: float
    memory_mib: float
    cost: MonthlyCost | None

    @property
    def key(self) -> tuple[object, ...]:
        """What must be the same for endpoints to be taken together."""
        ref, model = self.workload.endpoint.ref, self.model
        traits = (model.images, model.role, model.vpc, model.isolated)
        return (ref.account, ref.region, self.workload.owner, *traits)


def _small(workload: Workload, known: Knowledge) -> _Small | None:
    running = workload.alone
    if running is None or workload.details.kind is not EndpointKind.REAL_TIME:
        return None
    model, usage = workload.model(running.variant), workload.usage.get(running.variant)
    spec = known.catalogue.spec(running.instance_type)
    if model is None or usage is None or spec is None or workload.owner is None:
        return None
    if spec.gpus or spec.neuron or model.multi_model or len(model.images) != 1:
        return None
    if len(model.containers) > 1 or usage.cpu_peak is None or usage.memory_peak is None:
        return None
    return _Small(
        workload,
        running,
        model,
        vcpus=usage.cpu_peak / _PERCENT * running.count,
        memory_mib=spec.memory_mib * usage.memory_peak / _PERCENT,
        cost=known.hosting(workload.region, running.instance_type, running.count),
    )


def _judged(group: Sequence[_Small], known: Knowledge) -> Iterator[Advice]:
    count = max(item.running.count for item in group)
    factor, region = known.lines.headroom, group[0].workload.region
    need = Need(
        vcpus=sum(item.vcpus for item in group) * factor / count,
        memory_mib=sum(item.memory_mib for item in group) * factor,
    )
    own = {family_of(item.running.instance_type) or "" for item in group}
    arm = {_is_arm(item, known) for item in group}
    families = own if len(arm) > 1 or True in arm else {*own, *known.catalogue.of_sort("cpu")}
    found = known.cheapest(region, known.catalogue.holding(need, families), count)
    current = total([item.cost for item in group])
    if found and current and saves(current, found[1]):
        yield _advice(group, need, count, current, found)


def _is_arm(item: _Small, known: Knowledge) -> bool:
    spec = known.catalogue.spec(item.running.instance_type)
    return spec is not None and spec.arm


def _advice(
    group: Sequence[_Small],
    need: Need,
    count: int,
    current: MonthlyCost,
    found: tuple[InstanceSpec, MonthlyCost],
) -> Advice:
    spec, proposed = found
    first, region = group[0].workload, group[0].workload.region
    names = [item.workload.name for item in group]
    return Advice(
        kind=AdviceKind.SHARED_ENDPOINT,
        ref=first.endpoint.ref,
        others=tuple(item.workload.endpoint.ref for item in group[1:]),
        owner=first.owner,
        team=first.team,
        title=(
            f"{len(group)} endpoints of {first.owner} with one image would fit {count} x "
            f"{spec.name} as a multi-model endpoint"
        ),
        evidence={
            "endpoints": ", ".join(names),
            "image": group[0].model.images[0],
            "needed, with headroom": (
                f"{need.vcpus:.1f} vCPU and {need.memory_mib / 1024:.1f} GiB on each instance"
            ),
        },
        arithmetic=(
            *(_line(item) for item in group),
            f"now: {dollars(current.usd)}",
            f"then: {reckoned(proposed)}",
        ),
        current=current,
        proposed=proposed,
        risk=Risk.MEDIUM,
        caution=(
            "the image must support multi-model endpoints; a model that was not called for a while "
            "is loaded anew; there are no metrics of each model; models share their instances"
        ),
        change=changes.multi_model(
            region,
            group[0].model.name,
            names,
            spec.name,
            count,
            changes.renamed(names[0], "shared"),
        ),
    )


def _line(item: _Small) -> str:
    use = f"at most {item.vcpus:.2f} vCPU, {item.memory_mib / 1024:.2f} GiB"
    return f"{item.workload.name}: {use}; {item.cost.basis if item.cost else 'price not known'}"
