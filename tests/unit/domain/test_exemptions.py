from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sagewarden.domain.exemptions import Exemption, expired, holding
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.scope import described, spared
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import ACCOUNT, NOW, REGION, a_ref, a_scope, an_endpoint

EP = a_ref("ep-1", ResourceKind.ENDPOINT)
LAST_DAY = date(2026, 11, 10)
OVER = datetime(2026, 11, 11, 12, tzinfo=UTC)
"""When the last day is over everywhere on earth."""


def an_exemption(
    resources: str = "ep-*",
    *,
    until: date | None = LAST_DAY,
    rule: str = "*",
    accounts: tuple[str, ...] = (),
) -> Exemption:
    return Exemption(resources, until, "migrating", "mina", NOW, rule, accounts)


@pytest.mark.parametrize(
    ("exemption", "covered"),
    [
        (an_exemption("ep-1"), True),
        (an_exemption("ep"), False),
        (an_exemption(EP.arn), True),
        (an_exemption("arn:aws:sagemaker:*:endpoint/ep-*"), True),
        (an_exemption("arn:aws:sagemaker:*:endpoint/other-*"), False),
        (an_exemption(rule="idle-*"), True),
        (an_exemption(rule="hours"), False),
        (an_exemption(accounts=(ACCOUNT,)), True),
        (an_exemption(accounts=("999999999999",)), False),
    ],
)
def test_it_covers_what_its_glob_its_rule_and_its_accounts_name(
    exemption: Exemption, *, covered: bool
) -> None:
    assert exemption.covers(EP, "idle-endpoints") is covered


def test_its_last_day_ends_where_days_end_last() -> None:
    assert an_exemption().in_force(OVER - timedelta(seconds=1))
    assert not an_exemption().in_force(OVER)
    assert an_exemption(until=None).in_force(OVER)


def test_of_several_that_hold_the_longest_is_named() -> None:
    short, forever = an_exemption(), an_exemption(until=None)
    over = an_exemption(until=date(2026, 1, 1))

    assert holding([short, forever, over], EP, "r", NOW) == forever
    assert holding([over], EP, "r", NOW) is None
    assert list(expired([short, forever, over], EP, "r", NOW)) == [over]


@pytest.mark.parametrize(
    ("resources", "place"),
    [
        (EP.arn, (ACCOUNT, REGION)),
        ("arn:aws:sagemaker:*:111122223333:endpoint/*", None),
        ("arn:aws:sagemaker", None),
        ("train-*", None),
    ],
)
def test_only_an_arn_without_patterns_tells_its_place(
    resources: str, place: tuple[str, str] | None
) -> None:
    assert an_exemption(resources).place == place


def test_what_is_exempt_says_by_whom_why_and_until_when() -> None:
    scope = a_scope(exemptions=(an_exemption(),))

    verdict = spared(an_endpoint("ep-1", tags_readable=False), scope, NOW)

    assert verdict is not None
    assert verdict.kind is VerdictKind.EXEMPT
    assert verdict.reason == "exempt until 2026-11-10 by mina: migrating"
    assert verdict.evidence == {
        "exempt_until": "2026-11-10",
        "exempt_by": "mina",
        "exempt_because": "migrating",
    }


def test_one_that_has_run_out_is_in_the_evidence_of_what_is_judged_instead() -> None:
    endpoint = an_endpoint("ep-1", tags={"SagewardenExempt": "2026-11-01: holidays"})
    scope = a_scope(exemptions=(an_exemption(),))
    judged = scope.verdict(endpoint, VerdictKind.COMPLIANT, "in use")

    verdict = described(judged, endpoint, scope, OVER)

    assert verdict.evidence["exemption_ran_out"] == (
        "its exemption ran out on 2026-11-01; exempt until 2026-11-10 by mina: migrating"
    )
    assert described(judged, an_endpoint("other"), scope, OVER) == judged


def test_a_verdict_says_whose_the_resource_is_and_of_which_team() -> None:
    endpoint = an_endpoint(tags={"Contact": " mina ", "Squad": "vision"})
    scope = replace(a_scope(), owner_tag="Contact", team_tag="Squad")
    judged = scope.verdict(endpoint, VerdictKind.COMPLIANT, "in use")

    found = described(judged, endpoint, scope, NOW)
    unread = described(judged, an_endpoint(tags_readable=False), scope, NOW)

    assert (found.owner, found.team) == ("mina", "vision")
    assert (unread.owner, unread.team) == (None, None)
