"""The registry's entries."""

import pytest

from sagewarden.bots import BOTS, IDLE_ENDPOINTS, NOTEBOOK_HOURS, Bot, bot_of, find_bot
from sagewarden.rights import RIGHTS, hub_grants
from tests.support.builders import a_notebook_rule, a_policy, an_endpoint_rule


def test_a_bot_runs_the_rules_of_its_kinds_in_the_policys_order() -> None:
    late, early, idle = a_notebook_rule("late"), a_notebook_rule("early"), an_endpoint_rule()
    policy = a_policy(late, idle, early)

    assert NOTEBOOK_HOURS.part_of(policy).rules == (late, early)
    assert IDLE_ENDPOINTS.part_of(policy).rules == (idle,)
    assert NOTEBOOK_HOURS.part_of(policy).limits == policy.limits


def test_bots_have_names_of_their_own() -> None:
    assert [find_bot(bot.name) for bot in BOTS] == list(BOTS)


def test_a_bot_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ValueError, match=r"none named 'x'; use one of .*notebook_hours"):
        find_bot("x")


@pytest.mark.parametrize("bot", BOTS, ids=lambda bot: bot.name)
def test_a_grant_on_any_resource_says_why_and_no_action_is_a_wildcard(bot: Bot) -> None:
    every = (*RIGHTS[bot.name].grants, *hub_grants(bot))

    assert [grant for grant in every if ("*" in grant.resources) != bool(grant.why_any)] == []
    assert [action for grant in every for action in grant.actions if "*" in action] == []


@pytest.mark.parametrize("bot", BOTS, ids=lambda bot: bot.name)
def test_what_is_denied_on_protected_tags_is_allowed_otherwise(bot: Bot) -> None:
    allowed = {action for grant in RIGHTS[bot.name].grants for action in grant.actions}

    assert set(RIGHTS[bot.name].denied_on_protected) <= allowed


def test_the_bot_of_a_rule_is_the_one_that_runs_its_kind() -> None:
    assert bot_of(an_endpoint_rule()) is IDLE_ENDPOINTS
    assert bot_of(a_notebook_rule()) is NOTEBOOK_HOURS
    assert bot_of(None) is None  # the policy has no such rule


def test_every_kind_of_rule_has_one_bot() -> None:
    kinds = [kind for bot in BOTS for kind in bot.rules]

    assert len(kinds) == len(set(kinds))
