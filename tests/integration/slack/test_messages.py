"""Messages: posted, answered, updated, refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient

from sagewarden_cli.slack import LocalSlack
from tests.support.fakes import HandClock
from tests.support.slack_app import actions, button, section

type Refusal = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("name", ["ml-costs", "#ml-costs"])
def test_a_message_is_posted_to_a_channel_by_name(
    slack: LocalSlack, client: WebClient, name: str
) -> None:
    answer = client.chat_postMessage(channel=name, text="hello")

    (message,) = slack.messages("ml-costs")
    assert answer["channel"] == slack.channel("ml-costs").id
    assert answer["ts"] == message.ts
    assert (message.text, message.is_by_bot) == ("hello", True)


def test_a_message_to_a_user_id_goes_to_the_direct_conversation(
    slack: LocalSlack, client: WebClient
) -> None:
    answer = client.chat_postMessage(channel=slack.user("mina").id, text="hello")

    assert answer["channel"].startswith("D")
    assert [message.text for message in slack.messages_to("mina")] == ["hello"]


def test_two_equal_posts_are_two_messages_with_rising_timestamps(
    slack: LocalSlack, client: WebClient
) -> None:
    first = client.chat_postMessage(channel="#ml-costs", text="hello")
    second = client.chat_postMessage(channel="#ml-costs", text="hello")

    assert first["ts"] < second["ts"]
    assert first["ts"].startswith("1793610000.")
    assert len(slack.messages("ml-costs")) == 2


def test_a_reply_belongs_to_the_thread_of_its_parent(slack: LocalSlack, client: WebClient) -> None:
    parent = client.chat_postMessage(channel="#ml-costs", text="warned")["ts"]

    client.chat_postMessage(channel="#ml-costs", text="kept", thread_ts=parent)

    message, reply = slack.messages("ml-costs")
    assert slack.thread(message) == [reply]
    assert reply.thread_ts == parent


def test_a_reply_to_no_message_is_refused(client: WebClient, refusal: Refusal) -> None:
    answer = refusal(client.chat_postMessage, channel="#ml-costs", text="?", thread_ts="1.2")

    assert answer["error"] == "thread_not_found"


def test_an_update_shows_the_present_state_and_keeps_what_was_said(
    slack: LocalSlack, client: WebClient, clock: HandClock
) -> None:
    posted = client.chat_postMessage(channel="#ml-costs", text="a", blocks=[section("warned")])
    clock.advance(timedelta(minutes=5))

    client.chat_update(
        channel=posted["channel"], ts=posted["ts"], text="b", blocks=[section("kept")]
    )

    (message,) = slack.messages("ml-costs")
    assert message.blocks[0]["text"]["text"] == "kept"
    assert [version.text for version in message.history] == ["a"]
    assert not message.edited


def test_an_update_without_blocks_removes_them_and_is_marked_as_edited(
    slack: LocalSlack, client: WebClient
) -> None:
    posted = client.chat_postMessage(channel="#ml-costs", text="a", blocks=[section()])

    answer = client.chat_update(channel=posted["channel"], ts=posted["ts"], text="b")

    (message,) = slack.messages("ml-costs")
    assert (message.blocks, message.edited) == ([], True)
    assert answer["message"]["edited"]["user"] == slack.bot_user_id


def test_a_direct_message_is_updated_by_the_id_of_its_conversation_only(
    slack: LocalSlack, client: WebClient, refusal: Refusal
) -> None:
    user = slack.user("mina").id
    posted = client.chat_postMessage(channel=user, text="a")

    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="b")
    answer = refusal(client.chat_update, channel=user, ts=posted["ts"], text="c")

    assert answer["error"] == "channel_not_found"
    assert slack.messages_to("mina")[0].text == "b"


def test_only_messages_of_the_app_that_exist_can_be_updated(
    slack: LocalSlack, client: WebClient, refusal: Refusal
) -> None:
    channel = slack.channel("ml-costs").id
    said = slack.say("tom", "ml-costs", "mine")

    missing = refusal(client.chat_update, channel=channel, ts="1.000002", text="b")
    foreign = refusal(client.chat_update, channel=channel, ts=said.ts, text="b")

    assert missing["error"] == "message_not_found"
    assert foreign["error"] == "cant_update_message"


def test_an_ephemeral_message_is_seen_by_one_person_and_cannot_be_updated(
    slack: LocalSlack, client: WebClient, refusal: Refusal
) -> None:
    channel = slack.channel("ml-costs").id
    ts = client.chat_postEphemeral(channel=channel, user=slack.user("tom").id, text="psst")

    answer = refusal(client.chat_update, channel=channel, ts=ts["message_ts"], text="b")

    assert answer["error"] == "message_not_found"
    assert [message.text for message in slack.ephemerals("ml-costs", "tom")] == ["psst"]
    assert slack.ephemerals("ml-costs", "mina") == slack.messages("ml-costs") == []


def test_an_ephemeral_message_needs_a_member_of_the_channel(
    slack: LocalSlack, client: WebClient, refusal: Refusal
) -> None:
    answer = refusal(
        client.chat_postEphemeral, channel="#ml-costs", user=slack.user("ops").id, text="psst"
    )

    assert answer["error"] == "user_not_in_channel"


@pytest.mark.parametrize(
    ("channel", "error"),
    [("#nowhere", "channel_not_found"), ("#elsewhere", "not_in_channel"), ("#old", "is_archived")],
)
def test_a_channel_that_cannot_be_posted_to_is_refused(
    slack: LocalSlack, client: WebClient, refusal: Refusal, channel: str, error: str
) -> None:
    slack.add_channel("old")
    slack.archive("old")

    answer = refusal(client.chat_postMessage, channel=channel, text="hello")

    assert answer["error"] == error


def test_a_person_whose_account_is_gone_cannot_be_written_to(
    slack: LocalSlack, client: WebClient, refusal: Refusal
) -> None:
    slack.deactivate("tom")

    answer = refusal(client.chat_postMessage, channel=slack.user("tom").id, text="hello")

    assert answer["error"] == "channel_not_found"


def test_a_message_of_nothing_is_refused(client: WebClient, refusal: Refusal) -> None:
    params = {"channel": "#ml-costs"}  # slack_sdk's own method would warn of the missing text

    answer = refusal(client.api_call, api_method="chat.postMessage", json=params)

    assert answer["error"] == "no_text"


def test_a_long_text_is_advised_against_and_a_very_long_one_refused(
    client: WebClient, refusal: Refusal
) -> None:
    short = client.chat_postMessage(channel="#ml-costs", text="x" * 4_000)
    long = client.chat_postMessage(channel="#ml-costs", text="x" * 40_000)
    refused = refusal(client.chat_postMessage, channel="#ml-costs", text="x" * 40_001)

    assert "response_metadata" not in short
    assert long["response_metadata"]["messages"][0].startswith("[WARN]")
    assert refused["error"] == "msg_too_long"


def test_an_update_takes_four_thousand_characters(client: WebClient, refusal: Refusal) -> None:
    posted = client.chat_postMessage(channel="#ml-costs", text="a")
    where = {"channel": posted["channel"], "ts": posted["ts"]}

    client.chat_update(**where, text="x" * 4_000)
    answer = refusal(client.chat_update, **where, text="x" * 4_001)

    assert answer["error"] == "msg_too_long"


def test_blocks_without_ids_are_given_some(slack: LocalSlack, client: WebClient) -> None:
    keep = button("keep")
    del keep["action_id"]

    client.chat_postMessage(channel="#ml-costs", text="a", blocks=[section(), actions(keep)])

    (message,) = slack.messages("ml-costs")
    assert [block["block_id"] for block in message.blocks] == ["b000", "b001"]
    assert message.blocks[1]["elements"][0]["action_id"] == "a00100"
