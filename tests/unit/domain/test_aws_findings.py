"""AWS's findings beside our verdicts."""

from decimal import Decimal

from sagewarden.domain.aws_findings import Advisor, Agreement, AwsFinding, compare
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import a_ref


def finding(name: str, advisor: Advisor = Advisor.COMPUTE_OPTIMIZER) -> AwsFinding:
    return AwsFinding(advisor, a_ref(name, ResourceKind.ENDPOINT).arn, "Idle", Decimal(9), 14)


def verdict(name: str, kind: VerdictKind = VerdictKind.VIOLATION, rule: str = "idle") -> Verdict:
    return Verdict(rule, a_ref(name, ResourceKind.ENDPOINT), kind, "because")


def test_who_thinks_what_idle_is_told_apart() -> None:
    findings = [finding("both"), finding("theirs"), finding("busy"), finding("unseen")]
    verdicts = [
        verdict("both"),
        verdict("ours"),
        verdict("theirs", VerdictKind.EXEMPT),
        verdict("busy", VerdictKind.COMPLIANT),
        verdict("neither", VerdictKind.COMPLIANT),
    ]

    found = compare(findings, verdicts)

    assert [(match.arn.rpartition("/")[2], match.agreement) for match in found] == [
        ("both", Agreement.AGREE),
        ("busy", Agreement.ONLY_AWS),
        ("theirs", Agreement.ONLY_AWS),
        ("unseen", Agreement.ONLY_AWS),
        ("ours", Agreement.ONLY_WE),
    ]
    kinds = [match.ours and match.ours.kind for match in found]
    assert kinds == ["VIOLATION", "COMPLIANT", "EXEMPT", None, "VIOLATION"]


def test_findings_of_both_advisors_are_of_one_resource() -> None:
    [match] = compare([finding("a"), finding("a", Advisor.COST_OPTIMIZATION_HUB)], [])

    assert len(match.findings) == 2


def test_of_several_rules_the_one_that_sees_a_violation_counts() -> None:
    first = verdict("a", VerdictKind.COMPLIANT, "other")
    second, third = verdict("a"), verdict("a", rule="again")

    [match] = compare([], [first, second, third])

    assert match.ours == second
    assert compare([], [first]) == ()
