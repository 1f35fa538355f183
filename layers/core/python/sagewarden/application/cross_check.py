"""Compare our verdicts on idle endpoints with what AWS's own advisors found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sagewarden.application.ports import UnreadableError
from sagewarden.domain.aws_findings import AwsFinding, Match, PurchaseAdvice, compare
from sagewarden.domain.plans import Incomplete, Plan


@dataclass(frozen=True, slots=True)
class Found[T]:
    """What an advisor found.

    Attributes:
        items: Its findings.
        is_enabled: Whether it is enabled; where it is not, nothing found means nothing.
    """

    items: tuple[T, ...]
    is_enabled: bool = True


class Advisors(Protocol):
    """Reads what AWS's advisors found of SageMaker. Enables nothing."""

    def idle_endpoints(self, region: str) -> Found[AwsFinding]:
        """What Compute Optimizer finds idle in a region.

        Raises:
            UnreadableError: It could not be read.
        """
        ...

    def unneeded_endpoints(self, regions: Sequence[str]) -> Found[AwsFinding]:
        """Which endpoints of some regions Cost Optimization Hub would stop, delete or shrink.

        Raises:
            UnreadableError: It could not be read.
        """
        ...

    def purchases(self) -> Found[PurchaseAdvice]:
        """Which SageMaker Savings Plans Cost Optimization Hub would buy.

        Raises:
            UnreadableError: It could not be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """Who thinks what idle.

    Attributes:
        matches: Each resource that somebody thinks is not needed.
        purchases: Savings Plans that AWS recommends.
        not_enabled: Advisors that are not enabled, and where.
        incomplete: What could not be read.
    """

    matches: tuple[Match, ...]
    purchases: tuple[PurchaseAdvice, ...]
    not_enabled: tuple[str, ...]
    incomplete: tuple[Incomplete, ...]


def cross_check(plan: Plan, regions: Sequence[str], advisors: Advisors) -> CrossCheck:
    """Read AWS's findings and lay them beside the verdicts of a plan.

    Args:
        plan: A plan of the rules that look for idle endpoints, and of no others.
        regions: The regions it was made for.
        advisors: AWS's.
    """
    findings: list[AwsFinding] = []
    disabled: list[str] = []
    gaps = list(plan.incomplete)
    for region in regions:
        try:
            found = advisors.idle_endpoints(region)
        except UnreadableError as error:
            gaps.append(Incomplete(error.what, error.why))
            continue
        findings += found.items
        if not found.is_enabled:
            disabled.append(f"Compute Optimizer in {region}")
    purchases: tuple[PurchaseAdvice, ...] = ()
    try:
        hub = advisors.unneeded_endpoints(regions)
        findings += hub.items
        if hub.is_enabled:
            purchases = advisors.purchases().items
        else:
            disabled.append("Cost Optimization Hub")
    except UnreadableError as error:
        gaps.append(Incomplete(error.what, error.why))
    verdicts = [*(item.verdict for item in plan.actions), *plan.left_alone]
    return CrossCheck(
        compare(findings, verdicts), purchases, tuple(disabled), tuple(dict.fromkeys(gaps))
    )
