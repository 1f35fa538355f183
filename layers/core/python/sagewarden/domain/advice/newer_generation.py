"""Instances of older generations: a newer one that has at least as much for less."""

from collections.abc import Iterator

from sagewarden.domain.advice import changes
from sagewarden.domain.advice.advice import Advice, AdviceKind, Option, Risk, reckoned, saves
from sagewarden.domain.advice.catalogue import InstanceSpec, Need
from sagewarden.domain.advice.knowledge import Knowledge
from sagewarden.domain.advice.workload import Running, Workload
from sagewarden.domain.guardrails.instance_type_names import family_of
from sagewarden.domain.money import MonthlyCost


def on_newer_generations(workload: Workload, known: Knowledge) -> Iterator[Advice]:
    """Advise to take the cheapest successor that has at least as much of everything.

    A current generation is left alone unless a successor is known to cost less; of a previous one
    it is said, too, where the saving is not known.
    """
    for running in workload.running:
        spec = known.catalogue.spec(running.instance_type)
        family = family_of(running.instance_type)
        if spec is None or family is None:
            continue
        successors = known.catalogue.successors.get(family, ())
        found = known.cheapest(
            workload.region,
            known.catalogue.holding(_all_of(spec), successors),
            running.count,
        )
        if found is None:
            continue
        current = known.hosting(workload.region, running.instance_type, running.count)
        unknown = current is None and family in known.catalogue.previous
        if unknown or saves(current, found[1]):
            yield _advice(workload, running, spec, current, found, known)


def _all_of(spec: InstanceSpec) -> Need:
    return Need(
        vcpus=spec.vcpus,
        memory_mib=spec.memory_mib,
        gpus=spec.gpus,
        gpu_memory_mib=spec.gpus * spec.gpu_memory_mib,
        each_gpu_memory_mib=spec.gpu_memory_mib,
    )


def _advice(
    workload: Workload,
    running: Running,
    spec: InstanceSpec,
    current: MonthlyCost | None,
    found: tuple[InstanceSpec, MonthlyCost],
    known: Knowledge,
) -> Advice:
    newer, cost = found
    edits = changes.with_type(newer.name, running.variant)
    return Advice(
        kind=AdviceKind.NEWER_GENERATION,
        ref=workload.endpoint.ref,
        owner=workload.owner,
        team=workload.team,
        title=f"{workload.which(running.variant)} runs on {spec.name}: {newer.name} has as much",
        evidence={
            "now": f"{running.count} x {_described(spec)}",
            "then": f"{running.count} x {_described(newer)}",
            "catalogue of": known.catalogue.as_of.isoformat(),
        },
        arithmetic=(
            f"now: {reckoned(current)}"
            if current
            else f"now: the price of {spec.name} is not known",
            f"then: {reckoned(cost)}",
        ),
        current=current,
        proposed=cost,
        risk=Risk.MEDIUM if spec.gpus else Risk.LOW,
        caution=(
            "as much memory is not as much speed (an L4 after an A10G): measure; the image's CUDA "
            "has to know the new GPU"
            if spec.gpus
            else "the same architecture: the image stays as it is"
        ),
        change=changes.switch(
            workload.region, workload.name, workload.details.config_name, "newer", edits
        ),
        options=tuple(_graviton(workload, running, spec, current, known)),
    )


def _graviton(
    workload: Workload,
    running: Running,
    spec: InstanceSpec,
    current: MonthlyCost | None,
    known: Knowledge,
) -> Iterator[Option]:
    if spec.gpus or spec.neuron:
        return
    specs = known.catalogue.holding(_all_of(spec), known.catalogue.of_sort("graviton"))
    found = known.cheapest(workload.region, specs, running.count)
    if found and saves(current, found[1]):
        note = "Graviton: needs an image for arm64"
        yield Option(f"{running.count} x {found[0].name}", found[1], Risk.MEDIUM, note)


def _described(spec: InstanceSpec) -> str:
    gpus = f", {spec.gpus} x {spec.gpu} {spec.gpu_memory_mib / 1024:.0f} GiB" if spec.gpus else ""
    return f"{spec.name}: {spec.vcpus} vCPU, {spec.memory_mib / 1024:.0f} GiB{gpus}"
