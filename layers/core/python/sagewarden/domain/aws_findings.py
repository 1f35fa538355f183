"""What AWS's own advisors found, beside our verdicts: who says that a resource is not needed.

Compute Optimizer's idle recommendations, and so Cost Optimization Hub, know of SageMaker only
endpoints (botocore 1.44: ``SageMakerEndpoint``; no notebook, Studio app or job). An EKS node group
appears there as an Auto Scaling group or EC2 instance, under an ARN that SageMaker and EKS do not
show: neither is compared here.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sagewarden.domain.verdicts import Verdict, VerdictKind


class Advisor(StrEnum):
    """Who found it."""

    COMPUTE_OPTIMIZER = "Compute Optimizer"
    COST_OPTIMIZATION_HUB = "Cost Optimization Hub"


@dataclass(frozen=True, slots=True)
class AwsFinding:
    """What one of AWS's advisors says of one resource.

    Attributes:
        advisor: Who says it.
        arn: The resource.
        says: In AWS's words: ``Idle``, or the action ``Delete``.
        monthly_saving: What AWS says it saves per month, in USD, before discounts; None: not said.
        lookback_days: How many days it looked at; None: not said.
    """

    advisor: Advisor
    arn: str
    says: str
    monthly_saving: Decimal | None = None
    lookback_days: int | None = None


@dataclass(frozen=True, slots=True)
class PurchaseAdvice:
    """A SageMaker Savings Plan that Cost Optimization Hub recommends to buy.

    Attributes:
        account: The account that it is recommended to.
        summary: What it recommends, in its words.
        monthly_saving: What AWS says it saves per month, in USD.
    """

    account: str
    summary: str
    monthly_saving: Decimal


class Agreement(StrEnum):
    """Who says that a resource is not needed."""

    AGREE = "agree"
    ONLY_AWS = "only AWS"
    ONLY_WE = "only we"


@dataclass(frozen=True, slots=True)
class Match:
    """One resource that somebody thinks is not needed.

    Attributes:
        arn: The resource.
        agreement: Who thinks so.
        ours: Our verdict, the violation if there is one; None when no rule covers it.
        findings: What AWS says of it.
    """

    arn: str
    agreement: Agreement
    ours: Verdict | None
    findings: tuple[AwsFinding, ...]


def compare(findings: Iterable[AwsFinding], verdicts: Iterable[Verdict]) -> tuple[Match, ...]:
    """Lay AWS's findings beside our verdicts, resource by resource.

    Args:
        findings: Of any advisor.
        verdicts: Of rules that look for what is not used.

    Returns:
        By agreement, then by ARN. What nobody thinks idle is left out.
    """
    theirs: defaultdict[str, list[AwsFinding]] = defaultdict(list)
    for finding in findings:
        theirs[finding.arn].append(finding)
    ours: dict[str, Verdict] = {}
    for verdict in verdicts:
        known = ours.get(verdict.ref.arn)
        if known is None or (verdict.kind is VerdictKind.VIOLATION and not _idle(known)):
            ours[verdict.ref.arn] = verdict
    idle = {arn for arn, verdict in ours.items() if _idle(verdict)}
    matches = [
        Match(
            arn, _agreement(arn in theirs, arn in idle), ours.get(arn), tuple(theirs.get(arn, ()))
        )
        for arn in {*theirs, *idle}
    ]
    order = list(Agreement)
    return tuple(sorted(matches, key=lambda match: (order.index(match.agreement), match.arn)))


def _idle(verdict: Verdict) -> bool:
    return verdict.kind is VerdictKind.VIOLATION


def _agreement(aws: bool, we: bool) -> Agreement:  # noqa: FBT001 - who says so: two answers
    if aws and we:
        return Agreement.AGREE
    return Agreement.ONLY_AWS if aws else Agreement.ONLY_WE
