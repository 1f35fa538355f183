"""What does the work of Elastic Inference today, and what each way costs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from math import ceil

from sagewarden.domain.advice import changes
from sagewarden.domain.advice.advice import (
    Advice,
    AdviceKind,
    Change,
    Option,
    Risk,
    dollars,
    reckoned,
)
from sagewarden.domain.advice.catalogue import Need
from sagewarden.domain.advice.elastic_inference import Framework, Naming, Place, framework_of
from sagewarden.domain.advice.knowledge import Knowledge, scaled
from sagewarden.domain.advice.serverless import MEMORY_STEP_MB, MOST_MEMORY_MB
from sagewarden.domain.advice.usage import Usage
from sagewarden.domain.money import MonthlyCost, PriceComponent, total


def in_place_of(
    naming: Naming,
    known: Knowledge,
    today: date,
    owner: str | None,
    team: str | None,
    usage: Usage | None = None,
) -> Advice:
    """Advise what does the work of something that names Elastic Inference.

    Args:
        naming: What names it.
        known: What is known beside it.
        today: The day of the advice.
        owner: Whose it is.
        team: Which team's.
        usage: How the variant of the one endpoint that runs on it is used.
    """
    case = _Case(naming, known, today, usage)
    return Advice(
        kind=AdviceKind.ELASTIC_INFERENCE,
        ref=naming.ref,
        owner=owner,
        team=team,
        title=case.title,
        evidence=case.evidence,
        arithmetic=case.arithmetic,
        current=case.current,
        proposed=case.proposed,
        risk=case.risk,
        caution=case.caution,
        change=case.change,
        options=case.options,
    )


@dataclass(frozen=True)
class _Case:
    """Something that names it; what its texts all ask for is found once."""

    naming: Naming
    known: Knowledge
    today: date
    usage: Usage | None

    @property
    def runs(self) -> bool | None:
        """Whether something runs on it; None when not known."""
        return None if self.naming.endpoints is None else bool(self.naming.endpoints)

    @property
    def framework(self) -> Framework | None:
        return framework_of(self.naming.images)

    @property
    def memory_mib(self) -> int | None:
        """What a model has at most, since it fitted the accelerator; None when not known."""
        sizes = [self.known.catalogue.accelerators.get(kind) for kind in self.naming.accelerators]
        known = [size for size in sizes if size is not None]
        return max(known) if known and len(known) == len(sizes) else None

    @property
    def title(self) -> str:
        naming = self.naming
        what = ", ".join(naming.accelerators) or "an image for it"
        said = f"{naming.ref.name} names Elastic Inference ({what}), which is gone"
        best = self.best
        if naming.ref.kind == Place.NOTEBOOK_INSTANCE:
            return f"{said}: it works without"
        if self.runs is False and naming.ref.kind != Place.TASK_DEFINITION:
            return f"{said}; nothing runs on it: delete it"
        return f"{said}: use {best.what}" if best else f"{said}: choose another instance type"

    @property
    def evidence(self) -> dict[str, str]:
        memory, usage = self.memory_mib, self.usage
        seconds = usage.seconds_per_call if usage else None
        running = self.naming.endpoints
        return {
            "where": self.naming.where,
            "framework": self.framework or "unknown: no image tells",
            "model size": (
                "unknown" if memory is None else f"{memory / 1024:.0f} GiB at most: it fitted"
            ),
            "latency": "unknown" if seconds is None else f"{seconds:.3f} s a call now",
            "runs on it": "not known" if running is None else ", ".join(running) or "nothing",
        }

    @cached_property
    def current(self) -> MonthlyCost | None:
        """What it costs: nothing where nothing runs on it, unknown outside of SageMaker hosting."""
        naming, known = self.naming, self.known
        hosted = naming.ref.kind in {Place.ENDPOINT_CONFIG, Place.MODEL}
        if hosted and self.runs is False:
            return MonthlyCost(Decimal(0), "nothing runs on it", self.today)
        if (
            naming.ref.kind != Place.ENDPOINT_CONFIG
            or naming.instance_type is None
            or not self.runs
        ):
            return None
        region = naming.ref.region
        parts = (naming.instance_type, *naming.accelerators)
        cost = total([known.hosting(region, part, naming.count) for part in parts])
        number = Decimal(len(naming.endpoints or ()))
        return cost if number == 1 else scaled(cost, number, f"{number} endpoints")

    @property
    def proposed(self) -> MonthlyCost | None:
        if self.current is not None and self.runs is False:
            return self.current
        if self.current is None:
            return None
        return self.best.cost if self.best else None

    @cached_property
    def best(self) -> Option | None:
        """The cheapest that accelerates by itself, and is not blocked."""
        able = [
            option
            for option in self.options
            if option.cost and not option.blockers and option.risk is not Risk.HIGH
        ]
        return min(able, key=lambda option: option.cost.usd if option.cost else 0, default=None)

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """What may do its work, with what each costs, the cheapest first."""
        if self.naming.ref.kind == Place.NOTEBOOK_INSTANCE:
            return ()
        found = [*self._accelerated(), *self._plain(), *self._fraction(), *self._serverless()]
        return tuple(
            sorted(found, key=lambda item: (item.cost is None, item.cost.usd if item.cost else 0))
        )

    def _accelerated(self) -> Iterator[Option]:
        memory = self.memory_mib or 0
        mxnet = self.framework is Framework.MXNET
        for family in self.known.catalogue.of_sort("entry-gpu"):
            need = Need(memory_mib=self._host_memory, gpus=1, each_gpu_memory_mib=memory)
            note = "a GPU of its own; needs the framework's GPU image"
            yield from self._cheapest(need, (family,), Risk.LOW, note)
        for family in self.known.catalogue.of_sort("inferentia"):
            note = "Inferentia: the model is compiled with the Neuron SDK first"
            blocked = ("Neuron has no current MXNet: convert the model first",) if mxnet else ()
            risk = Risk.MEDIUM if self.framework else Risk.HIGH
            yield from self._cheapest(
                Need(memory_mib=self._host_memory), (family,), risk, note, blocked
            )

    @property
    def _host_memory(self) -> float:
        """The memory that its instance needs in MiB: what was used, else all that it has."""
        host, least = (
            self.known.catalogue.spec(self.naming.instance_type or ""),
            self.memory_mib or 0,
        )
        if host is None:
            return least
        peak = self.usage.memory_peak if self.usage else None
        if peak is None:
            return max(least, host.memory_mib)
        return max(least, host.memory_mib * peak / 100 * self.known.lines.headroom)

    def _plain(self) -> Iterator[Option]:
        host = self.known.catalogue.spec(self.naming.instance_type or "")
        if host is None:
            return
        need = Need(vcpus=host.vcpus, memory_mib=host.memory_mib)
        cpu, arm = self.known.catalogue.of_sort("cpu"), self.known.catalogue.of_sort("graviton")
        note = "a CPU alone, as much as it has now: measure latency before"
        yield from self._cheapest(need, cpu, Risk.HIGH, note)
        note = "Graviton alone: needs an image for arm64; measure latency before"
        yield from self._cheapest(need, arm, Risk.HIGH, note)

    def _cheapest(
        self,
        need: Need,
        families: Iterable[str],
        risk: Risk,
        note: str,
        blockers: tuple[str, ...] = (),
    ) -> Iterator[Option]:
        region, count = self.naming.ref.region, self.naming.count
        if self.naming.ref.kind == Place.TASK_DEFINITION:
            yield from self._on_ec2(need, families, risk, note, blockers)
            return
        specs = self.known.catalogue.holding(need, families)
        if found := self.known.cheapest(region, specs, count):
            yield Option(f"{count} x {found[0].name}", found[1], risk, note, blockers)

    def _on_ec2(
        self,
        need: Need,
        families: Iterable[str],
        risk: Risk,
        note: str,
        blockers: tuple[str, ...],
    ) -> Iterator[Option]:
        """A task runs on instances of EC2, which have prices of their own."""
        specs = self.known.catalogue.holding(need, families)
        by_size = sorted(specs, key=lambda spec: (spec.vcpus, spec.memory_mib))
        names = [spec.name.removeprefix("ml.") for spec in by_size]
        region, prices = self.naming.ref.region, self.known.prices
        priced = [(name, prices.instances(PriceComponent.EC2, region, name)) for name in names]
        known = [(cost.usd, name, cost) for name, cost in priced if cost is not None]
        if known:
            _, name, cost = min(known)
            yield Option(f"1 x {name}", cost, risk, note, blockers)
        elif names:
            yield Option(f"1 x {names[0]}", None, risk, f"{note}; its price is not known", blockers)

    def _fraction(self) -> Iterator[Option]:
        """One of the GPUs of an instance that several models share as inference components."""
        if self.naming.ref.kind == Place.TASK_DEFINITION:
            return
        region, catalogue = self.naming.ref.region, self.known.catalogue
        need = Need(gpus=2, each_gpu_memory_mib=self.memory_mib or 0)
        shares = [
            (cost.usd / spec.gpus, spec, cost)
            for spec in catalogue.holding(need, catalogue.of_sort("entry-gpu"))
            if (cost := self.known.hosting(region, spec.name))
        ]
        if not shares:
            return
        _, spec, cost = min(shares, key=lambda item: (item[0], item[1].name))
        count = self.naming.count
        share = scaled(cost, Decimal(count) / spec.gpus, f"{count} of {spec.gpus} GPUs")
        what = f"{count} of the {spec.gpus} GPUs of {spec.name}"
        note = "as an inference component; pays where other models take the other GPUs"
        yield Option(what, share, Risk.HIGH, note)

    def _serverless(self) -> Iterator[Option]:
        if self.naming.ref.kind == Place.TASK_DEFINITION:
            return
        memory = max(self._host_memory, (self.memory_mib or 0) + MEMORY_STEP_MB)
        known = self.memory_mib is not None and bool(self.usage and self.usage.memory_peak)
        wanted = ceil(memory / MEMORY_STEP_MB) * MEMORY_STEP_MB if known else MOST_MEMORY_MB
        asked = min(wanted, MOST_MEMORY_MB)
        blocked = (f"needs {wanted // 1024} GB; serverless has 6 GB",) if wanted > asked else ()
        cost, note = None, "CPU only; its cost depends on its calls, which are not known"
        if self.usage and (seconds := self.usage.monthly_work) is not None:
            region, component = self.naming.ref.region, PriceComponent.SERVERLESS
            cost = self.known.prices.inference(component, region, asked, seconds)
            note = (
                "CPU only, so calls take longer and cost more than this, which is at today's pace"
            )
        yield Option(f"serverless with {asked // 1024} GB", cost, Risk.HIGH, note, blocked)

    @property
    def arithmetic(self) -> tuple[str, ...]:
        current = self.current
        now = f"now: {reckoned(current)}" if current else "now: not known"
        return (now, *(f"{item.what}: {_amount(item.cost, current)}" for item in self.options))

    @property
    def risk(self) -> Risk:
        if self.runs is False or self.naming.ref.kind == Place.NOTEBOOK_INSTANCE:
            return Risk.LOW
        return self.best.risk if self.best else Risk.MEDIUM

    @property
    def caution(self) -> str:
        if self.naming.ref.kind == Place.NOTEBOOK_INSTANCE:
            return "it is stopped for the change: ask whoever works on it"
        if self.runs is False and self.naming.ref.kind != Place.TASK_DEFINITION:
            return "look for code that still makes endpoints of it"
        note = self.best.note if self.best else "no price is known for what could replace it"
        return f"{note}; the -eia image has to go, too, for the framework's own"

    @property
    def change(self) -> Change:
        naming = self.naming
        changing: Mapping[str, Change] = {
            Place.NOTEBOOK_INSTANCE: _without_accelerators(naming),
            Place.TASK_DEFINITION: _new_revision(naming),
            Place.MODEL: _new_image(naming),
        }
        if naming.ref.kind in changing:
            return changing[naming.ref.kind]
        region, name = naming.ref.region, naming.ref.name
        if not naming.endpoints:
            return changes.commands(
                f"aws sagemaker delete-endpoint-config --region {region} "
                f"--endpoint-config-name {name}"
            )
        wanted = self.best.what.rpartition(" ")[2] if self.best else "YOUR-TYPE"
        edits = changes.with_type(wanted, naming.variant or "")
        return changes.switch(region, naming.endpoints[0], name, "no-eia", edits)


def _amount(cost: MonthlyCost | None, current: MonthlyCost | None) -> str:
    if cost is None:
        return "cost not known"
    if current is None:
        return reckoned(cost)
    saved = current.usd - cost.usd
    word = "saves" if saved >= 0 else "costs more by"
    return f"{reckoned(cost)}: {word} {dollars(abs(saved))}"


def _without_accelerators(naming: Naming) -> Change:
    at = f"--region {naming.ref.region} --notebook-instance-name {naming.ref.name}"
    return changes.commands(
        f"aws sagemaker stop-notebook-instance {at}",
        f"aws sagemaker wait notebook-instance-stopped {at}",
        f"aws sagemaker update-notebook-instance {at} --disassociate-accelerator-types",
        f"aws sagemaker wait notebook-instance-stopped {at}",
        f"aws sagemaker start-notebook-instance {at}",
    )


def _new_revision(naming: Naming) -> Change:
    region, name = naming.ref.region, naming.ref.name
    return changes.commands(
        f"aws ecs describe-task-definition --region {region} --task-definition {name} \\",
        "  --query taskDefinition > task.json",
        "# in task.json take out inferenceAccelerators, resourceRequirements of type",
        "# InferenceAccelerator, the -eia image, and what only describing tells:",
        "# taskDefinitionArn, revision, status, requiresAttributes, compatibilities, registered*;",
        "# then",
        f"aws ecs register-task-definition --region {region} --cli-input-json file://task.json",
        f"aws ecs deregister-task-definition --region {region} --task-definition {name}",
    )


def _new_image(naming: Naming) -> Change:
    region, name = naming.ref.region, naming.ref.name
    if not naming.endpoints:
        return changes.commands(f"aws sagemaker delete-model --region {region} --model-name {name}")
    return changes.commands(
        f"aws sagemaker describe-model --region {region} --model-name {name} > model.json",
        "# in model.json put the framework's own image in place of the -eia one, give it a new",
        "# ModelName, take out ModelArn and CreationTime; then",
        f"aws sagemaker create-model --region {region} --cli-input-json file://model.json",
        f"# and let {', '.join(naming.endpoints)} run it by a new endpoint config",
    )
