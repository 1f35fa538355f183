from dataclasses import replace

from tests.support.builders import ACCOUNT, a_notebook_rule, a_policy, an_endpoint_rule


def test_rules_are_found_by_name_and_by_what_they_speak_of() -> None:
    hours, strict = a_notebook_rule("hours"), a_notebook_rule("strict-hours", strict=True)
    idle = an_endpoint_rule("idle")
    policy = a_policy(hours, idle, strict)

    assert policy.rule("idle") is idle
    assert policy.rule("nobody") is None
    assert tuple(policy.notebook_rules) == (hours, strict)
    assert tuple(policy.endpoint_rules) == (idle,)


def test_a_policy_governs_the_accounts_it_names_or_any_when_it_names_none() -> None:
    named = replace(a_policy(), accounts=(ACCOUNT,))

    assert a_policy().governs("444455556666")
    assert named.governs(ACCOUNT)
    assert not named.governs("444455556666")
