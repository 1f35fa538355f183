"""Who is who, and where: the methods that only read."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient

from sagewarden_cli.slack import LocalSlack

type Refusal = Callable[..., dict[str, Any]]


def test_a_person_is_found_by_address_in_any_case(slack: LocalSlack, client: WebClient) -> None:
    answer = client.users_lookupByEmail(email="Mina@Example.com")

    assert answer["user"]["id"] == slack.user("mina").id
    assert answer["user"]["tz"] == "Asia/Seoul"


def test_only_users_info_tells_a_language(slack: LocalSlack, client: WebClient) -> None:
    answer = client.users_lookupByEmail(email="mina@example.com")
    silent = client.users_info(user=slack.user("mina").id)

    assert "locale" not in answer["user"]
    assert "locale" not in silent["user"]


def test_whose_time_zone_is_not_known_has_none(slack: LocalSlack, client: WebClient) -> None:
    slack.user("tom").tz = ""

    assert "tz" not in client.users_info(user=slack.user("tom").id)["user"]


def test_how_many_are_in_a_group_is_told_where_it_is_asked_for(
    slack: LocalSlack, client: WebClient
) -> None:
    slack.add_group("counted", ["mina", "tom"])

    silent = client.usergroups_list()["usergroups"][-1]
    told = client.usergroups_list(include_count=True)["usergroups"][-1]

    assert "user_count" not in silent
    assert told["user_count"] == 2


def test_an_unknown_address_and_a_deactivated_account_are_not_found(
    slack: LocalSlack, client: WebClient, refusal: Refusal
) -> None:
    slack.deactivate("tom")

    for email in ("nobody@example.com", "tom@example.com"):
        assert refusal(client.users_lookupByEmail, email=email)["error"] == "users_not_found"


def test_a_person_has_a_time_zone_and_a_language(slack: LocalSlack, client: WebClient) -> None:
    user = client.users_info(user=slack.user("mina").id, include_locale=True)["user"]

    assert (user["tz"], user["tz_offset"], user["locale"]) == ("Asia/Seoul", 32_400, "ko-KR")


def test_the_offset_is_the_one_of_the_moment(slack: LocalSlack, client: WebClient) -> None:
    user = client.users_info(user=slack.user("tom").id)["user"]

    assert user["tz_offset"] == -18_000  # New York in November
    assert "locale" not in user


def test_nobody_of_that_id_is_found(client: WebClient, refusal: Refusal) -> None:
    assert refusal(client.users_info, user="U404")["error"] == "user_not_found"


def test_everybody_is_listed_page_by_page(client: WebClient) -> None:
    pages = [page["members"] for page in client.users_list(limit=3)]

    assert [len(page) for page in pages] == [3, 1]
    assert [user["name"] for page in pages for user in page] == ["sagewarden", "mina", "tom", "ops"]


def test_channels_are_listed_by_kind(slack: LocalSlack, client: WebClient) -> None:
    slack.add_channel("secret", is_private=True)
    slack.dm("mina")

    def names(kinds: str) -> list[str]:
        listed = client.conversations_list(types=kinds)["channels"]
        return [shown.get("name", "") for shown in listed]

    assert names("public_channel") == ["ml-costs", "elsewhere"]
    assert names("private_channel,im") == ["secret", ""]


def test_archived_channels_are_left_out_when_asked(slack: LocalSlack, client: WebClient) -> None:
    slack.archive("ml-costs")

    listed = client.conversations_list(exclude_archived=True)["channels"]

    assert [shown["name"] for shown in listed] == ["elsewhere"]


def test_a_page_that_is_none_is_refused(client: WebClient, refusal: Refusal) -> None:
    assert refusal(client.conversations_list, cursor="next")["error"] == "invalid_cursor"
    assert refusal(client.conversations_list, limit=1001)["error"] == "invalid_limit"


def test_a_channel_says_whether_the_bot_is_in_it(slack: LocalSlack, client: WebClient) -> None:
    inside = client.conversations_info(channel=slack.channel("ml-costs").id)["channel"]
    outside = client.conversations_info(channel=slack.channel("elsewhere").id)["channel"]

    assert (inside["is_member"], outside["is_member"]) == (True, False)


def test_a_direct_conversation_is_opened_once(slack: LocalSlack, client: WebClient) -> None:
    user = slack.user("mina").id

    first = client.conversations_open(users=user)
    again = client.conversations_open(users=user)

    assert first["channel"]["id"] == again["channel"]["id"] == slack.dm("mina").id
    assert again["already_open"]


def test_a_conversation_with_nobody_is_not_opened(
    slack: LocalSlack, client: WebClient, refusal: Refusal
) -> None:
    slack.deactivate("tom")

    assert refusal(client.conversations_open, users="U404")["error"] == "user_not_found"
    assert (
        refusal(client.conversations_open, users=slack.user("tom").id)["error"] == "user_disabled"
    )
    assert refusal(client.conversations_open, users="")["error"] == "users_list_not_supplied"
    assert refusal(client.conversations_open, channel="D404")["error"] == "channel_not_found"


def test_a_group_has_its_members(slack: LocalSlack, client: WebClient) -> None:
    (group,) = client.usergroups_list(include_users=True)["usergroups"]
    users = client.usergroups_users_list(usergroup=group["id"])["users"]

    assert group["handle"] == "ml-platform"
    assert users == group["users"] == [slack.user("mina").id, slack.user("ops").id]


def test_a_group_that_is_none_has_no_members(client: WebClient, refusal: Refusal) -> None:
    answer = refusal(client.usergroups_users_list, usergroup="S404")

    assert answer["error"] == "no_such_subteam"


@pytest.mark.parametrize(("name", "email"), [("mina", ""), ("another", "mina@example.com")])
def test_a_handle_and_an_address_are_taken_once(slack: LocalSlack, name: str, email: str) -> None:
    with pytest.raises(ValueError, match="already"):
        slack.add_user(name, email=email)
