from datetime import date

import pytest

from sagewarden.domain.exemptions import Exemption
from tests.support.policies import ENDPOINTS, HEAD, compiled, only_problem

POLICY = HEAD + "rules:\n" + ENDPOINTS
WHO = "why: migrating, who: mina"


def test_an_exemption_reaches_every_rule_and_says_for_itself_whom_it_concerns() -> None:
    text = POLICY + (
        "exemptions:\n"
        f'  - {{resources: "train-*", accounts: ["111122223333"], until: 2027-01-31, {WHO}}}\n'
    )

    [rule] = compiled(text).rules

    assert rule.scope.exemptions == (
        Exemption("train-*", date(2027, 1, 31), "migrating", "mina", accounts=("111122223333",)),
    )


def test_one_without_an_end_needs_a_policy_that_allows_it() -> None:
    text = POLICY + f'exemptions: [{{resources: "train-*", {WHO}}}]\n'

    refused = only_problem(text)
    [rule] = compiled(text + "exemptions_may_be_permanent: true\n").rules

    assert (refused.line, refused.path) == (6, "exemptions[0].until")
    assert refused.remedy == (
        "add until: and its last day, or set exemptions_may_be_permanent: true"
    )
    assert rule.scope.exemptions[0].until is None


@pytest.mark.parametrize(
    ("given", "path", "problem", "remedy"),
    [
        ("until: 31.1.2027", "exemptions[0].until", "is no date", "2026-12-24"),
        ("until: 2027-01-31, rule: endpoint", "exemptions[0].rule", "no rule", "'endpoints'?"),
        ("until: 2027-01-31, till: x", "exemptions[0].till", "no key 'till'", "mean 'until'?"),
    ],
)
def test_what_is_wrong_with_one_is_located(
    given: str, path: str, problem: str, remedy: str
) -> None:
    found = only_problem(POLICY + f'exemptions: [{{resources: "x", {given}, {WHO}}}]\n')

    assert (found.line, found.path) == (6, path)
    assert problem in found.problem
    assert remedy in found.remedy


@pytest.mark.parametrize("missing", ["resources", "why", "who"])
def test_nobody_is_exempt_without_a_reason_or_a_name(missing: str) -> None:
    parts = {"resources": "x", "until": "2027-01-31", "why": "migrating", "who": "mina"}
    written = ", ".join(f"{key}: {value}" for key, value in parts.items() if key != missing)

    found = only_problem(POLICY + f"exemptions: [{{{written}}}]\n")

    assert (found.path, found.problem) == (f"exemptions[0].{missing}", "it is missing")


def test_a_blank_justification_is_none() -> None:
    found = only_problem(
        POLICY + 'exemptions: [{resources: x, until: 2027-01-31, why: "  ", who: mina}]\n'
    )

    assert found.path == "exemptions[0].why"
    assert "says nothing" in found.problem
