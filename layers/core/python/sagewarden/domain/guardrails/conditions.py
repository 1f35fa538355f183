"""What a guardrail demands of a resource, one class for each demand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Self

from sagewarden.domain.guardrails.answers import Answer, compliant, not_applicable, worst
from sagewarden.domain.guardrails.idle_conditions import (
    RequiredIdleShutdown,
    RequiredLifecycleConfig,
)
from sagewarden.domain.guardrails.instance_type_names import (
    UNBILLED,
    GpuBook,
    first_match,
)
from sagewarden.domain.guardrails.subject import Subject
from sagewarden.domain.guardrails.tag_pattern import LONGEST_VALUE, compile_pattern
from sagewarden.domain.money import JOB_COMPONENTS, NO_PRICES, PriceBook, PriceComponent
from sagewarden.domain.verdicts import VerdictKind

_PRICED_AS: Mapping[str, PriceComponent] = {
    "notebook-instance": PriceComponent.NOTEBOOK,
    "endpoint": PriceComponent.HOSTING,
    "endpoint-config": PriceComponent.HOSTING,
    "inference-component": PriceComponent.HOSTING,
    "monitoring-schedule": PriceComponent.PROCESSING,
    "inference-recommendations-job": PriceComponent.HOSTING,
    "cluster": PriceComponent.CLUSTER,
    **JOB_COMPONENTS,
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of instance types.

    Attributes:
        prices: List prices.
        gpus: Numbers of GPUs.
    """

    prices: PriceBook = NO_PRICES
    gpus: GpuBook = field(default_factory=GpuBook)


@dataclass(frozen=True, slots=True)
class AllowedValue:
    """What the value of a tag may be; anything but nothing unless said otherwise.

    Attributes:
        globs: Globs of which it must match one, in this letter case; none of them means any.
        pattern: A regular expression that all of it must match, or None.
    """

    globs: tuple[str, ...] = ()
    pattern: str | None = None

    def objection(self, value: str) -> str | None:
        """Say what a value should be, when it is not that."""
        if not value.strip():
            return "should not be empty"
        if self.globs and not any(fnmatchcase(value, glob) for glob in self.globs):
            return f"should be {' or '.join(self.globs)}"
        if self.pattern is None:
            return None
        if len(value) > LONGEST_VALUE or not compile_pattern(self.pattern).fullmatch(value):
            return f"should match {self.pattern}"
        return None


@dataclass(frozen=True, slots=True)
class RequiredTags:
    """Tags that must be there, each with what its value may be."""

    tags: Mapping[str, AllowedValue]

    def __str__(self) -> str:
        return f"tags {', '.join(self.tags)}"

    def answer(self, subject: Subject, _figures: Figures) -> Answer:
        """Judge the tags."""
        if not subject.taggable:
            return not_applicable(f"a {subject.kind} takes no tags")
        if subject.tags is None:
            return Answer(VerdictKind.UNKNOWN, "its tags are not known")
        present = subject.tags
        faults = [fault for key in self.tags if (fault := self._fault(key, present))]
        if faults:
            return Answer(VerdictKind.VIOLATION, "; ".join(faults))
        return compliant(f"it has {', '.join(self.tags)}")

    def _fault(self, key: str, present: Mapping[str, str]) -> str | None:
        value = present.get(key)
        if value is not None:
            objection = self.tags[key].objection(value)
            return f"tag {key}={value} {objection}" if objection else None
        near = next((other for other in present if other.lower() == key.lower()), None)
        return f"tag {key} is missing" + (f" (it has {near}: letter case matters)" if near else "")


@dataclass(frozen=True, slots=True)
class DeniedTypes:
    """Instance types that nothing may run on."""

    entries: tuple[str, ...]

    def __str__(self) -> str:
        return f"nothing on {', '.join(self.entries)}"

    def answer(self, subject: Subject, _figures: Figures) -> Answer:
        """Judge the types that it may run on."""

        def verdict(name: str) -> Answer:
            entry = first_match(name, self.entries)
            if entry is None:
                return compliant(f"{name} is not denied")
            return Answer(VerdictKind.VIOLATION, f"{name} is denied ({entry})")

        return _of_types(subject, verdict)


@dataclass(frozen=True, slots=True)
class AllowedTypes:
    """Instance types, the only ones that something may run on."""

    entries: tuple[str, ...]

    def __str__(self) -> str:
        return f"only {', '.join(self.entries)}"

    def answer(self, subject: Subject, _figures: Figures) -> Answer:
        """Judge the types that it may run on."""

        def verdict(name: str) -> Answer:
            if first_match(name, self.entries) is not None:
                return compliant(f"{name} is allowed")
            return Answer(
                VerdictKind.VIOLATION, f"{name} is none of the allowed {', '.join(self.entries)}"
            )

        return _of_types(subject, verdict)


@dataclass(frozen=True, slots=True)
class PriceCeiling:
    """The most that one instance may cost, in US dollars per hour at list price."""

    usd: Decimal

    def __str__(self) -> str:
        return f"at most ${_plain(self.usd)}/h an instance"

    def answer(self, subject: Subject, figures: Figures) -> Answer:
        """Judge the types that it may run on; an unknown price is UNKNOWN."""
        component = _PRICED_AS.get(subject.kind)

        def verdict(name: str) -> Answer:
            place = (component, subject.region, name) if component else None
            price = figures.prices.hourly_usd.get(place) if place else None
            if price is None:
                reason = f"the price of {name} in {subject.region} is not known"
                return Answer(VerdictKind.UNKNOWN, reason)
            if price <= self.usd:
                return compliant(f"{name} costs ${_plain(price)}/h")
            return Answer(
                VerdictKind.VIOLATION,
                f"{name} costs ${_plain(price)}/h at list price, more than ${_plain(self.usd)}/h",
            )

        return _of_types(subject, verdict)


@dataclass(frozen=True, slots=True)
class GpuCeiling:
    """The most GPUs that one instance may have."""

    most: int

    def __str__(self) -> str:
        return f"at most {self.most} GPUs an instance"

    def answer(self, subject: Subject, figures: Figures) -> Answer:
        """Judge the types that it may run on; an unknown number of GPUs is UNKNOWN."""

        def verdict(name: str) -> Answer:
            gpus = figures.gpus.gpus(name)
            if gpus is None:
                return Answer(VerdictKind.UNKNOWN, f"the GPUs of {name} are not known")
            if gpus <= self.most:
                return compliant(f"{name} has {gpus} GPUs")
            return Answer(VerdictKind.VIOLATION, f"{name} has {gpus} GPUs, more than {self.most}")

        return _of_types(subject, verdict)


@dataclass(frozen=True, slots=True)
class VolumeCeiling:
    """The most gigabytes that one volume may have."""

    gb: int

    def __str__(self) -> str:
        return f"volumes of at most {self.gb} GB"

    def answer(self, subject: Subject, _figures: Figures) -> Answer:
        """Judge the sizes of its volumes."""
        if not subject.typed:
            return not_applicable(f"a {subject.kind} has no volume")
        if subject.volumes_gb is None:
            return Answer(VerdictKind.UNKNOWN, "the sizes of its volumes are not known")
        largest = max(subject.volumes_gb, default=0)
        if largest > self.gb:
            return Answer(VerdictKind.VIOLATION, f"a volume has {largest} GB, more than {self.gb}")
        return compliant(f"no volume has more than {self.gb} GB")


@dataclass(frozen=True, slots=True)
class CountCap:
    """The most resources of a kind that may run at once, in one account and region."""

    most: int

    def __str__(self) -> str:
        return f"at most {self.most} at once"

    def answer(self, subject: Subject, _figures: Figures) -> Answer:
        """Judge its place: the oldest ones may stay."""
        if subject.rank is None:
            return Answer(VerdictKind.UNKNOWN, "how many run beside it is not known")
        if subject.rank >= self.most:
            reason = f"{subject.rank} older ones run beside it; {self.most} may run at once"
            return Answer(VerdictKind.VIOLATION, reason)
        return compliant(f"it is one of the {self.most} that may run at once")


class JobDemand:
    """A demand on jobs; `job_conditions` has them, which only policies with such rules load."""

    __slots__ = ()

    def of_parts(self) -> Self:
        """The same demand, on what a job launches only."""
        raise NotImplementedError

    def answer(self, subject: Subject, figures: Figures) -> Answer:
        """Judge what a job asks for."""
        raise NotImplementedError


type TypeCondition = DeniedTypes | AllowedTypes | PriceCeiling | GpuCeiling
type IdleCondition = RequiredLifecycleConfig | RequiredIdleShutdown
type Condition = RequiredTags | TypeCondition | VolumeCeiling | CountCap | IdleCondition | JobDemand


def _of_types(subject: Subject, verdict: Callable[[str], Answer]) -> Answer:
    if not subject.typed:
        return not_applicable(f"a {subject.kind} has no instance type")
    if subject.instance_types is None:
        return Answer(VerdictKind.UNKNOWN, "its instance types are not known")
    judged = [name for name in subject.instance_types if name not in UNBILLED]
    if not judged:
        return compliant("it names no instance type")
    return worst([verdict(name) for name in judged])


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
