"""Where a policy holds."""

from dataclasses import replace

from sagewarden.application.targets import Target, targets
from tests.support.builders import a_policy

HOME = Target("111122223333", "ap-northeast-2")


def test_a_policy_that_names_nothing_holds_where_it_is_deployed() -> None:
    policy = replace(a_policy(), accounts=(), regions=())

    assert targets(policy, HOME) == (HOME,)


def test_a_policy_that_names_accounts_and_regions_holds_in_each_region_of_each() -> None:
    policy = replace(a_policy(), accounts=("1" * 12, "2" * 12), regions=("eu-west-1", "us-east-1"))

    found = targets(policy, HOME)

    assert [(target.account[0], target.region) for target in found] == [
        ("1", "eu-west-1"),
        ("1", "us-east-1"),
        ("2", "eu-west-1"),
        ("2", "us-east-1"),
    ]


def test_accounts_alone_are_governed_in_the_home_region() -> None:
    policy = replace(a_policy(), accounts=("2" * 12,), regions=())

    assert targets(policy, HOME) == (Target("2" * 12, HOME.region),)
