"""Where a policy holds, as it is written."""

import pytest

from sagewarden.domain.organization import OrganizationTargets
from sagewarden.domain.scope import TagMatch
from sagewarden.policy import PolicyError
from tests.support.policies import compiled

HEAD = "version: 1\nrules: []\n"


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        compiled(HEAD + text)
    return [f"{item.path}: {item.problem}" for item in refused.value.problems]


def test_an_organisation_is_selected_by_units_tags_and_exceptions() -> None:
    policy = compiled(
        HEAD
        + """\
targets:
  organization:
    units: [r-ab12, ou-ab12-cdefgh34]
    tags: {Workload: [ml, "ml-*"], Stage: dev}
    except: ["111122223333", ou-ab12-sandbox1]
  regions: [us-east-1]
"""
    )

    assert policy.organization == OrganizationTargets(
        units=("r-ab12", "ou-ab12-cdefgh34"),
        tags=(TagMatch("Workload", ("ml", "ml-*")), TagMatch("Stage", ("dev",))),
        except_accounts=("111122223333",),
        except_units=("ou-ab12-sandbox1",),
    )
    assert policy.is_discovered
    assert policy.governs("444455556666")
    assert not policy.governs("111122223333")


def test_an_organisation_without_conditions_is_all_of_it() -> None:
    policy = compiled(HEAD + "targets: {organization: {}}\n")

    assert policy.organization == OrganizationTargets()


def test_a_policy_without_an_organisation_names_what_it_governs() -> None:
    policy = compiled(HEAD + "targets: {accounts: self, regions: us-east-1}\n")

    assert (policy.organization, policy.is_discovered) == (None, False)
    assert policy.regions == ("us-east-1",)


def test_regions_may_be_whatever_is_enabled() -> None:
    policy = compiled(HEAD + "targets: {organization: {}, regions: enabled}\n")

    assert (policy.regions, policy.enabled_regions, policy.is_discovered) == ((), True, True)


@pytest.mark.parametrize(
    ("targets", "where"),
    [
        ("{organization: {units: [ml]}}", "targets.organization.units[0]: 'ml' is no organ"),
        ("{organization: {units: []}}", "targets.organization.units: "),
        ("{organization: {tags: {}}}", "targets.organization.tags: "),
        ("{organization: {except: [r-ab12]}}", "targets.organization.except[0]: 'r-ab12' is no"),
        ("{organization: {except: [ou-1]}}", "targets.organization.except[0]: 'ou-1' is no"),
        ("{organization: {ous: [r-ab12]}}", "targets.organization.ous: "),
        ("{regions: [enabled, us-east-1]}", "targets.regions: 'enabled' means every region"),
        ("{regions: enabled}", "targets.regions: it is asked of the accounts of an organisation"),
        ("{regions: [everywhere]}", "targets.regions[0]: 'everywhere' is no AWS region"),
    ],
)
def test_what_selects_nothing_sensible_is_refused_where_it_stands(targets: str, where: str) -> None:
    [found] = problems(f"targets: {targets}\n")

    assert found.startswith(where)
