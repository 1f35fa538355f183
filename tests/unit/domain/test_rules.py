from tests.support.builders import a_notebook_rule, a_policy, an_endpoint_rule


def test_rules_are_found_by_name_and_by_what_they_speak_of() -> None:
    hours, strict = a_notebook_rule("hours"), a_notebook_rule("strict-hours", strict=True)
    idle = an_endpoint_rule("idle")
    policy = a_policy(hours, idle, strict)

    assert policy.rule("idle") is idle
    assert policy.rule("nobody") is None
    assert tuple(policy.notebook_rules) == (hours, strict)
    assert tuple(policy.endpoint_rules) == (idle,)
