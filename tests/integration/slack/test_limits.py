"""What is against Slack's limits is refused, with the reason and the place."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient

from tests.support.slack_app import actions, button, option, plain, section, select, text_input

type Refusal = Callable[..., dict[str, Any]]


def fields(count: int, text: str = "x") -> dict[str, Any]:
    return {"type": "section", "fields": [{"type": "mrkdwn", "text": text}] * count}


def context(count: int) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * count}


def confirm(**parts: str) -> dict[str, Any]:
    texts = {"title": "Sure?", "text": "Really", "confirm": "Yes", "deny": "No"} | parts
    return {name: plain(text) for name, text in texts.items()}


def header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": plain(text)}


AT_THE_LIMIT = [
    [{"type": "divider"}] * 50,
    [section("x" * 3000)],
    [header("x" * 150)],
    [fields(10)],
    [fields(1, "x" * 2000)],
    [context(10)],
    [actions(*[button(f"b{n}") for n in range(25)])],
    [actions(button("x" * 255, "x" * 75, value="x" * 2000))],
    [section(block_id="x" * 255)],
    [actions(select("s", *[f"o{n}" for n in range(100)]))],
    [actions(button("b", confirm=confirm(title="x" * 100, text="x" * 300, deny="x" * 30)))],
    [section(accessory=select("s", "one")), section(accessory=select("s", "one"))],
    [actions({"type": "overflow", "action_id": "o", "options": [option("one")] * 5})],
    [text_input("why", "x" * 2000)],
]

OVER_THE_LIMIT = [
    ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    (
        [section("x" * 3001)],
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ([header("x" * 151)], "must be less than 151 characters [json-pointer:/blocks/0/text/text]"),
    (
        [{"type": "header", "text": {"type": "mrkdwn", "text": "*x*"}}],
        "must be one of: plain_text [json-pointer:/blocks/0/text/type]",
    ),
    ([fields(11)], "no more than 10 items allowed [json-pointer:/blocks/0/fields]"),
    (
        [fields(1, "x" * 2001)],
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    ([context(11)], "no more than 10 items allowed [json-pointer:/blocks/0/elements]"),
    (
        [actions(*[button(f"b{n}") for n in range(26)])],
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        [actions(button("b", "x" * 76))],
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    (
        [actions(button("b", value="x" * 2001))],
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    (
        [actions(button("x" * 256))],
        "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ),
    (
        [section(block_id="x" * 256)],
        "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
    ),
    (
        [actions(button("b", style="warning"))],
        "must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]",
    ),
    (
        [actions(button("same"), button("same"))],
        "`action_id` already exists [json-pointer:/blocks/0/elements/1/action_id]",
    ),
    (
        [section(block_id="same"), section(block_id="same")],
        "`block_id` already exists [json-pointer:/blocks/1/block_id]",
    ),
    (
        [actions(select("s", *[f"o{n}" for n in range(101)]))],
        "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    (
        [actions({"type": "static_select", "options": [option("v", "x" * 76)]})],
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
    ),
    (
        [actions({"type": "static_select"})],
        "must define either `options` or `option_groups` [json-pointer:/blocks/0/elements/0]",
    ),
    (
        [actions(button("b", confirm=confirm(title="x" * 101)))],
        "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
    ),
    (
        [actions(button("b", confirm=confirm(confirm="x" * 31)))],
        "must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/confirm/text]",
    ),
    ({"type": "divider"}, "must be an array [json-pointer:/blocks]"),
    ([section(expand="yes")], "must be a boolean [json-pointer:/blocks/0/expand]"),
    ([{"type": "section", "text": "x"}], "must be an object [json-pointer:/blocks/0/text]"),
    (
        [section(block_id=7)],
        "must be a string [json-pointer:/blocks/0/block_id]",
    ),
    (
        [text_input("why", max_length=3001)],
        "must be a number from 1 to 3000 [json-pointer:/blocks/0/element/max_length]",
    ),
    (
        [{"type": "context", "elements": []}],
        "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        [{"type": "context", "elements": ["x"]}],
        "must be an object [json-pointer:/blocks/0/elements/0]",
    ),
    ([{"type": "section"}], "must define either `text` or `fields` [json-pointer:/blocks/0]"),
    ([{"type": "table"}], "unsupported type: table [json-pointer:/blocks/0/type]"),
    ([{"type": "header"}], "missing required field: text [json-pointer:/blocks/0]"),
    (
        [section(colour="red")],
        "invalid additional property: colour [json-pointer:/blocks/0]",
    ),
    (["text"], "must be an object [json-pointer:/blocks/0]"),
    (
        [text_input("why", "x" * 2001)],
        "must be less than 2001 characters [json-pointer:/blocks/0/label/text]",
    ),
]


@pytest.mark.parametrize("blocks", AT_THE_LIMIT)
def test_what_is_at_a_limit_is_taken(client: WebClient, blocks: list[Any]) -> None:
    assert client.chat_postMessage(channel="#ml-costs", text="x", blocks=blocks)["ok"]


@pytest.mark.parametrize(("blocks", "reason"), OVER_THE_LIMIT)
def test_what_is_over_a_limit_is_refused_with_the_place(
    client: WebClient, refusal: Refusal, blocks: list[Any], reason: str
) -> None:
    answer = refusal(client.chat_postMessage, channel="#ml-costs", text="x", blocks=blocks)

    assert answer["error"] == "invalid_blocks"
    assert reason in answer["errors"]
    assert f"[ERROR] {reason}" in answer["response_metadata"]["messages"]


def test_a_text_of_two_kinds_that_is_wrong_is_complained_about_as_slack_does(
    client: WebClient, refusal: Refusal
) -> None:
    blocks = [section("x" * 3001)]

    answer = refusal(client.chat_postMessage, channel="#ml-costs", text="x", blocks=blocks)

    assert answer["errors"] == [
        "failed to match all allowed schemas [json-pointer:/blocks/0/text]",
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ]


def test_blocks_that_are_too_long_together_are_refused(client: WebClient, refusal: Refusal) -> None:
    blocks = [section("x" * 2900)] * 5

    answer = refusal(client.chat_postMessage, channel="#ml-costs", text="x", blocks=blocks)

    assert answer["error"] == "msg_blocks_too_long"


def test_blocks_that_are_no_json_are_refused(client: WebClient, refusal: Refusal) -> None:
    answer = refusal(client.chat_postMessage, channel="#ml-costs", text="x", blocks="[")

    assert answer["error"] == "invalid_blocks_format"
