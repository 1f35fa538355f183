"""A piece of advice: what would do the same for less, why, what it saves, and how to do it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.resources import ResourceRef


class AdviceKind(StrEnum):
    """The questions that advice answers."""

    UNDERUSED_GPU = "underused-gpu"
    SERVERLESS = "serverless"
    ASYNCHRONOUS = "asynchronous"
    BATCH_TRANSFORM = "batch-transform"
    PROVISIONED_CONCURRENCY = "provisioned-concurrency"
    NEWER_GENERATION = "newer-generation"
    SHARED_ENDPOINT = "shared-endpoint"
    AUTOSCALING = "autoscaling"
    ELASTIC_INFERENCE = "elastic-inference"


class Risk(StrEnum):
    """How likely it is that somebody notices the change for the worse."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Language(StrEnum):
    """What a change is written in."""

    CLI = "aws-cli"
    PYTHON = "boto3"


@dataclass(frozen=True, slots=True)
class Change:
    """The exact change to make."""

    language: Language
    text: str


@dataclass(frozen=True, slots=True)
class Option:
    """One way to do it.

    Attributes:
        what: For example ``1 x ml.g4dn.xlarge``.
        cost: What it costs; None when its price is not known.
        risk: How likely somebody notices.
        note: What has to be known before it is chosen.
        blockers: Why it cannot be done as things are.
    """

    what: str
    cost: MonthlyCost | None
    risk: Risk
    note: str = ""
    blockers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What would do the same for less.

    Attributes:
        kind: The question that it answers.
        ref: What it speaks of.
        others: What else it speaks of, where it takes several together.
        owner: Whose it is; None when nothing says.
        team: Which team's; None when nothing says.
        title: One sentence.
        evidence: The figures that it rests on, by what they are.
        arithmetic: How its money is computed, in words and numbers, line by line.
        current: What it costs now; None when not known.
        proposed: What it would cost; None when not known.
        risk: How likely somebody notices.
        caution: What may go wrong, and what to measure before.
        change: The exact change to make.
        blockers: Why it cannot be done as things are; empty when it can.
        options: The other ways, with their costs.
    """

    kind: AdviceKind
    ref: ResourceRef
    title: str
    arithmetic: tuple[str, ...]
    current: MonthlyCost | None
    proposed: MonthlyCost | None
    risk: Risk
    caution: str
    change: Change
    owner: str | None = None
    team: str | None = None
    others: tuple[ResourceRef, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict[str, str])
    blockers: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()

    @property
    def saving(self) -> MonthlyCost | None:
        """What it saves each month, at list price; None when one of the costs is not known."""
        return difference(self.current, self.proposed)

    @property
    def refs(self) -> tuple[ResourceRef, ...]:
        """Everything that it speaks of."""
        return (self.ref, *self.others)


def difference(current: MonthlyCost | None, proposed: MonthlyCost | None) -> MonthlyCost | None:
    """What is saved each month; None when one of the costs is not known."""
    if current is None or proposed is None:
        return None
    return MonthlyCost(
        usd=current.usd - proposed.usd,
        basis=f"{dollars(current.usd)} - {dollars(proposed.usd)}",
        as_of=min(current.as_of, proposed.as_of),
    )


def saves(current: MonthlyCost | None, proposed: MonthlyCost | None) -> bool:
    """Whether it is known that something is saved."""
    saving = difference(current, proposed)
    return saving is not None and saving.usd > 0


def ranked(advice: Iterable[Advice]) -> tuple[Advice, ...]:
    """What can be done before what cannot, the most money first, what is unknown last."""

    def place(item: Advice) -> tuple[bool, bool, Decimal, str, str]:
        saving = item.saving
        usd = Decimal(0) if saving is None else -saving.usd
        return bool(item.blockers), saving is None, usd, item.ref.arn, item.kind

    return tuple(sorted(advice, key=place))


def together(advice: Iterable[Advice]) -> Decimal:
    """What advice saves together, in US dollars a month.

    Two pieces that speak of the same resource exclude each other: the better one counts. What is
    blocked, or whose saving is not known, counts nothing.
    """
    counted: set[str] = set()
    usd = Decimal(0)
    for item in ranked(advice):
        arns = {ref.arn for ref in item.refs}
        if item.blockers or item.saving is None or item.saving.usd <= 0 or arns & counted:
            continue
        counted |= arns
        usd += item.saving.usd
    return usd


def percent(share: Decimal) -> str:
    """A share of 1 as people write it: ``59.9 %``."""
    return f"{share * 100:.1f} %"


def dollars(usd: Decimal) -> str:
    """An amount as people write it: ``$1,234.50``."""
    return f"${usd:,.2f}"


def reckoned(cost: MonthlyCost) -> str:
    """A cost with how it comes about: ``2 x ml.m5.large at $0.115/h x 730 h = $167.90``."""
    return f"{cost.basis} = {dollars(cost.usd)}"
