"""Threads: a message and the replies to it, read as Slack shows them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sagewarden_cli.slack import LocalSlack

type Refusal = Callable[..., dict[str, Any]]


class Place(NamedTuple):
    """Where a message is."""

    channel: str
    ts: str


@pytest.fixture
def posted(client: WebClient) -> Place:
    """Where a message is that has one reply of the app's."""
    answer = client.chat_postMessage(channel="#ml-costs", text="warned")
    where = Place(answer["channel"], answer["ts"])
    marked = {"event_type": "ours", "event_payload": {"key": "k1"}}
    client.chat_postMessage(channel="#ml-costs", text="done", thread_ts=where.ts, metadata=marked)
    return where


def test_a_thread_begins_with_its_message_which_knows_its_replies(
    slack: LocalSlack, client: WebClient, posted: Place
) -> None:
    [parent] = [one for one in slack.messages("ml-costs") if one.thread_ts is None]
    slack.say("tom", "ml-costs", "thanks", thread=parent)

    first, second, third = client.conversations_replies(channel=posted.channel, ts=posted.ts)[
        "messages"
    ]

    assert (first["text"], second["text"], third["text"]) == ("warned", "done", "thanks")
    assert (first["reply_count"], first["latest_reply"]) == (2, third["ts"])
    assert first["reply_users"] == [slack.bot_user_id, slack.user("tom").id]
    assert {first["thread_ts"], second["thread_ts"], third["thread_ts"]} == {posted.ts}


def test_the_history_of_a_channel_shows_how_many_replies_there_are_but_none_of_them(
    client: WebClient, posted: Place
) -> None:
    [shown] = client.conversations_history(channel=posted.channel)["messages"]

    assert (shown["text"], shown["reply_count"]) == ("warned", 1)


def test_a_reply_names_its_thread_too(client: WebClient, posted: Place) -> None:
    reply = client.conversations_replies(channel=posted.channel, ts=posted.ts)["messages"][1]

    again = client.conversations_replies(channel=posted.channel, ts=reply["ts"])

    assert [one["text"] for one in again["messages"]] == ["warned", "done"]


def test_a_message_without_replies_is_a_thread_of_its_own(client: WebClient) -> None:
    answer = client.chat_postMessage(channel="#ml-costs", text="alone")

    [only] = client.conversations_replies(channel=answer["channel"], ts=answer["ts"])["messages"]

    assert only["text"] == "alone"
    assert "reply_count" not in only


def test_metadata_is_shown_where_it_is_asked_for(client: WebClient, posted: Place) -> None:
    silent = client.conversations_replies(channel=posted.channel, ts=posted.ts)["messages"][1]
    told = client.conversations_replies(
        channel=posted.channel, ts=posted.ts, include_all_metadata=True
    )["messages"][1]

    assert "metadata" not in silent
    assert told["metadata"]["event_payload"] == {"key": "k1"}


def test_a_long_thread_comes_in_pages(client: WebClient, posted: Place) -> None:
    pages = [
        (page["messages"][0]["text"], page["has_more"])
        for page in client.conversations_replies(channel=posted.channel, ts=posted.ts, limit=1)
    ]

    assert pages == [("warned", True), ("done", False)]


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ({"ts": "1.000001"}, "thread_not_found"),
        ({"channel": "C0NOWHERE"}, "channel_not_found"),
        ({"limit": 1001}, "invalid_limit"),
        ({"cursor": "x"}, "invalid_cursor"),
        ({"ts": ""}, "invalid_arguments"),
    ],
)
def test_what_cannot_be_read_is_refused(
    client: WebClient,
    refusal: Refusal,
    posted: Place,
    where: dict[str, Any],
    error: str,
) -> None:
    answer = refusal(client.conversations_replies, **(posted._asdict() | where))

    assert answer["error"] == error


@pytest.mark.parametrize(
    ("kind", "error"), [("public", "not_in_channel"), ("private", "channel_not_found")]
)
def test_a_channel_that_the_bot_is_not_in_is_not_read(
    slack: LocalSlack, client: WebClient, refusal: Refusal, kind: str, error: str
) -> None:
    channel = slack.add_channel("theirs", ["tom"], is_private=kind == "private", with_bot=False)
    said = slack.say("tom", channel, "among us")

    thread = refusal(client.conversations_replies, channel=channel.id, ts=said.ts)
    history = refusal(client.conversations_history, channel=channel.id)

    assert thread["error"] == history["error"] == error


def test_threads_are_read_fifty_times_a_minute(client: WebClient, posted: Place) -> None:
    for _ in range(50):
        client.conversations_replies(channel=posted.channel, ts=posted.ts)

    with pytest.raises(SlackApiError) as refused:
        client.conversations_replies(channel=posted.channel, ts=posted.ts)

    assert refused.value.response.status_code == 429


def test_what_one_person_sees_is_in_no_list(slack: LocalSlack, client: WebClient) -> None:
    channel = slack.channel("ml-costs").id
    ts = client.chat_postEphemeral(channel=channel, user=slack.user("tom").id, text="psst")

    with pytest.raises(SlackApiError, match="thread_not_found"):
        client.conversations_replies(channel=channel, ts=ts["message_ts"])
