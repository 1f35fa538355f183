"""Every call: who makes it, how often, and what goes wrong on demand."""

import http.client
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sagewarden_cli.slack import Fault, LocalSlack
from tests.support.fakes import HandClock

type Refusal = Callable[..., dict[str, Any]]


def raw(slack: LocalSlack, method: str, kind: str, body: str, token: str = "") -> dict[str, Any]:
    connection = http.client.HTTPConnection(urlsplit(slack.url).netloc)
    headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {token}"} if token else {})
    connection.request("POST", f"/api/{method}", body, headers)
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


FORM = "application/x-www-form-urlencoded"
JSON = "application/json; charset=utf-8"


def test_the_token_says_whose_it_is(slack: LocalSlack, client: WebClient) -> None:
    answer = client.auth_test()

    assert answer["user_id"] == slack.bot_user_id
    assert answer["bot_id"]


def test_a_call_without_a_token_or_with_a_wrong_one_is_refused(slack: LocalSlack) -> None:
    assert raw(slack, "auth.test", FORM, "")["error"] == "not_authed"
    assert raw(slack, "auth.test", FORM, "", "xoxb-other")["error"] == "invalid_auth"
    assert raw(slack, "auth.test", FORM, f"token={slack.token}")["ok"]


def test_forms_and_json_say_the_same(slack: LocalSlack) -> None:
    blocks = [{"type": "divider"}]
    form = f"channel=%23ml-costs&text=a&blocks={json.dumps(blocks)}"
    sent = json.dumps({"channel": "#ml-costs", "text": "a", "blocks": blocks})

    raw(slack, "chat.postMessage", FORM, form, slack.token)
    raw(slack, "chat.postMessage", JSON, sent, slack.token)

    first, second = slack.messages("ml-costs")
    assert (first.text, first.blocks) == (second.text, second.blocks)


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [
        (JSON, "{", "invalid_json"),
        (JSON, "[]", "json_not_object"),
        ("text/plain", "x", "invalid_post_type"),
        (FORM, "text=a", "invalid_arguments"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    slack: LocalSlack, kind: str, body: str, error: str
) -> None:
    assert raw(slack, "chat.postMessage", kind, body, slack.token)["error"] == error


def test_an_unknown_method_is_refused(client: WebClient, refusal: Refusal) -> None:
    assert refusal(client.api_call, api_method="chat.shout")["error"] == "unknown_method"


def test_a_channel_takes_a_short_burst_and_then_one_message_a_second(
    client: WebClient, clock: HandClock
) -> None:
    for _ in range(3):
        client.chat_postMessage(channel="#ml-costs", text="a")
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="#ml-costs", text="a")
    clock.advance(timedelta(seconds=1))
    client.chat_postMessage(channel="#ml-costs", text="a")

    response = caught.value.response
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    assert response.headers["Retry-After"] == "1"


def test_one_channel_does_not_slow_another_down(slack: LocalSlack, client: WebClient) -> None:
    for user in ("mina", "tom"):
        for _ in range(3):
            client.chat_postMessage(channel=slack.user(user).id, text="a")

    assert len(slack.messages_to("tom")) == 3


def test_a_refused_post_leaves_no_message(slack: LocalSlack, client: WebClient) -> None:
    for _ in range(3):
        client.chat_postMessage(channel="#ml-costs", text="a")
    with pytest.raises(SlackApiError):
        client.chat_postMessage(channel="#ml-costs", text="a")

    assert len(slack.messages("ml-costs")) == 3


def test_a_method_of_tier_two_is_answered_twenty_times_a_minute(
    client: WebClient, clock: HandClock
) -> None:
    for _ in range(20):
        client.users_list()
    with pytest.raises(SlackApiError) as caught:
        client.users_list()
    clock.advance(timedelta(seconds=int(caught.value.response.headers["Retry-After"])))

    assert caught.value.response.status_code == 429
    assert client.users_list()["ok"]


def test_a_share_of_the_calls_fails_and_the_same_seed_fails_the_same(slack: LocalSlack) -> None:
    def outcomes() -> list[str]:
        slack.fail(share=0.5, seed=7, kinds=[Fault.INTERNAL, Fault.UNAVAILABLE])
        body = f"token={slack.token}"
        return [raw(slack, "auth.test", FORM, body).get("error", "") for _ in range(30)]

    first, second = outcomes(), outcomes()

    assert first == second
    assert set(first) == {"", "internal_error", "service_unavailable"}


def test_a_dropped_call_did_nothing_and_a_lost_answer_hides_what_was_done(
    slack: LocalSlack, client: WebClient
) -> None:
    slack.fail(share=1, kinds=[Fault.DROPPED])
    with pytest.raises((URLError, ConnectionError, http.client.HTTPException)):
        client.chat_postMessage(channel="#ml-costs", text="dropped")
    slack.fail(share=1, kinds=[Fault.LOST])
    with pytest.raises((URLError, ConnectionError, http.client.HTTPException)):
        client.chat_postMessage(channel="#ml-costs", text="lost")

    assert [message.text for message in slack.messages("ml-costs")] == ["lost"]


def test_while_slack_is_down_nothing_arrives(slack: LocalSlack, client: WebClient) -> None:
    slack.down()
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="#ml-costs", text="a")
    slack.up()
    client.chat_postMessage(channel="#ml-costs", text="b")

    assert caught.value.response.status_code == 503
    assert [message.text for message in slack.messages("ml-costs")] == ["b"]


def test_a_method_can_be_made_to_fail_a_few_times(
    slack: LocalSlack, client: WebClient, refusal: Refusal
) -> None:
    slack.refuse("chat.postMessage", "fatal_error", times=2)

    errors = [
        refusal(client.chat_postMessage, channel="#ml-costs", text="a")["error"] for _ in range(2)
    ]
    client.chat_postMessage(channel="#ml-costs", text="a")

    assert errors == ["fatal_error"] * 2
    assert slack.calls == ["chat.postMessage"] * 3


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_that_is_none_is_refused(slack: LocalSlack, share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        slack.fail(share=share)
