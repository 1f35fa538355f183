"""Which accounts of an organisation a policy governs, and what becomes of the others."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sagewarden.application.discover import Discovery, discover
from sagewarden.application.ports import UnreadableError
from sagewarden.application.roster import Roster
from sagewarden.application.targets import Target
from sagewarden.domain.organization import Account, OrganizationTargets
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.rules import Policy
from sagewarden.domain.scope import TagMatch
from tests.support.builders import NOW, a_policy
from tests.support.organizations import FakeOrganization

ML, SANDBOXES = "ou-ab12-00000001", "ou-ab12-00000002"
HUB, FIRST, SECOND, THIRD = "1" * 12, "2" * 12, "3" * 12, "4" * 12
HOME = Target(HUB, "us-east-1")


def an_organization() -> FakeOrganization:
    return FakeOrganization(
        {
            ML: [Account(HUB, "hub"), Account(FIRST, "first"), Account(SECOND, "second")],
            SANDBOXES: [Account(THIRD, "third")],
        }
    )


EVERYBODY = OrganizationTargets()


def governing(
    meant: OrganizationTargets | None = EVERYBODY,
    *regions: str,
    accounts: tuple[str, ...] = (),
    enabled: bool = False,
) -> Policy:
    return replace(
        a_policy(),
        organization=meant,
        accounts=accounts,
        regions=regions,
        enabled_regions=enabled,
    )


def found(
    policy: Policy, organization: FakeOrganization, before: Roster | None = None
) -> Discovery:
    return discover(policy, HOME, organization, NOW, before)


def test_everybody_of_the_organisation_is_governed_in_the_home_region() -> None:
    organization = an_organization()

    seen = found(governing(), organization)

    assert seen.roster == Roster(NOW, dict.fromkeys((HUB, FIRST, SECOND, THIRD), ("us-east-1",)))
    assert seen.roster.targets[0] == Target(HUB, "us-east-1")
    assert (seen.left_out, seen.gone, seen.incomplete) == ((), (), ())
    assert sorted(organization.asked) == ["accounts", "common regions"]


def test_units_and_exceptions_select_accounts() -> None:
    meant = OrganizationTargets(units=(ML, ML), except_accounts=(FIRST,))

    seen = found(governing(meant), an_organization())

    assert sorted(seen.roster.regions) == [HUB, SECOND]
    assert seen.left_out == (Incomplete(FIRST, "first: the policy excepts it"),)


def test_units_can_be_excepted() -> None:
    seen = found(governing(OrganizationTargets(except_units=(ML,))), an_organization())

    assert sorted(seen.roster.regions) == [THIRD]


def test_accounts_are_selected_by_their_tags() -> None:
    organization = an_organization()
    organization.account_tags = {FIRST: {"Workload": "ml-vision"}, SECOND: {"Workload": "web"}}
    meant = OrganizationTargets(units=(ML,), tags=(TagMatch("Workload", ("ml*",)),))

    seen = found(governing(meant), organization)

    assert sorted(seen.roster.regions) == [FIRST]
    assert Incomplete(SECOND, "second: it has no tag Workload=ml*") in seen.left_out


@pytest.mark.parametrize(
    ("state", "why"),
    [("SUSPENDED", "it is suspended"), ("PENDING_CLOSURE", "it is pending closure")],
)
def test_what_is_not_active_is_left_out_with_a_line(state: str, why: str) -> None:
    organization = FakeOrganization({ML: [Account(FIRST, "first", state)]})

    seen = found(governing(), organization)

    assert seen.roster.regions == {}
    assert seen.left_out == (Incomplete(FIRST, f"first: {why}"),)


def test_a_region_that_an_account_has_not_enabled_is_left_out_with_a_line() -> None:
    organization = an_organization()
    organization.opted_in = {FIRST: ("ap-east-1",)}
    policy = governing(OrganizationTargets(units=(ML,)), "us-east-1", "ap-east-1")

    seen = found(policy, organization)

    assert seen.roster.regions[FIRST] == ("us-east-1", "ap-east-1")
    assert seen.roster.regions[SECOND] == ("us-east-1",)
    assert Incomplete(SECOND, "ap-east-1 is not enabled there") in seen.left_out


def test_enabled_regions_are_those_of_each_account_that_have_sagemaker() -> None:
    organization = an_organization()
    organization.opted_in = {FIRST: ("ap-east-1",)}

    seen = found(governing(OrganizationTargets(units=(ML,)), enabled=True), organization)

    assert seen.roster.regions[FIRST] == ("ap-east-1", "eu-west-1", "us-east-1")
    assert seen.roster.regions[SECOND] == ("eu-west-1", "us-east-1")


def test_a_policy_that_names_no_organisation_means_all_of_it() -> None:
    seen = found(governing(None), an_organization())

    assert sorted(seen.roster.regions) == [HUB, FIRST, SECOND, THIRD]


def test_accounts_that_the_policy_names_are_governed_beside_those_that_are_found() -> None:
    foreign = "9" * 12
    meant = OrganizationTargets(units=(SANDBOXES,), except_accounts=(SECOND,))

    seen = found(governing(meant, accounts=(foreign, THIRD, SECOND)), an_organization())

    assert sorted(seen.roster.regions) == [THIRD, foreign]


def test_who_has_left_is_named() -> None:
    before = Roster(NOW - timedelta(hours=1), {"9" * 12: ("us-east-1",), FIRST: ("us-east-1",)})

    seen = found(governing(), an_organization(), before)

    assert seen.gone == ("9" * 12,)


def test_an_account_that_cannot_be_asked_about_stops_no_other() -> None:
    organization = an_organization()
    organization.mute = {FIRST, SECOND}
    before = Roster(NOW - timedelta(hours=1), {FIRST: ("eu-west-1",)})

    seen = found(governing(OrganizationTargets(units=(ML,)), enabled=True), organization, before)

    assert seen.roster.regions == {HUB: ("eu-west-1", "us-east-1"), FIRST: ("eu-west-1",)}
    assert {gap.what for gap in seen.incomplete} == {FIRST, SECOND}
    assert seen.left_out == (Incomplete(SECOND, "it is not known whether it is meant"),)
    assert seen.gone == ()


def test_an_account_whose_tags_cannot_be_read_is_not_governed() -> None:
    organization = an_organization()
    organization.mute = {THIRD}
    meant = OrganizationTargets(units=(SANDBOXES,), tags=(TagMatch("Workload"),))

    seen = found(governing(meant), organization)

    assert seen.roster.regions == {}
    assert seen.incomplete == (Incomplete(THIRD, "TooManyRequestsException"),)


def test_regions_that_the_policy_names_count_where_nobody_can_be_asked_about_regions() -> None:
    organization = an_organization()
    organization.mute = {"common regions"}

    seen = found(governing(OrganizationTargets(units=(SANDBOXES,)), "ap-east-1"), organization)

    assert seen.roster.regions == {THIRD: ("ap-east-1",)}
    assert seen.incomplete == (Incomplete("common regions", "TooManyRequestsException"),)


def test_no_account_is_asked_about_when_there_is_no_time() -> None:
    policy = governing(OrganizationTargets(units=(SANDBOXES,)), enabled=True)

    seen = discover(policy, HOME, an_organization(), NOW, None, lambda: False)

    assert seen.incomplete == (
        Incomplete(f"account {THIRD}", "there was no time left to ask about it"),
    )


def test_nothing_is_found_when_nobody_says_who_is_there() -> None:
    organization = an_organization()
    organization.mute = {"accounts"}

    with pytest.raises(UnreadableError, match="accounts: TooManyRequests"):
        found(governing(), organization)
