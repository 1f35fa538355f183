"""What people do reaches the app: signed, and shaped as Slack shapes it."""

import http.client
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from sagewarden.adapters.slack_signature import verify
from sagewarden_cli.slack import LocalSlack
from sagewarden_cli.slack.messages import Message
from sagewarden_cli.slack.views import View
from tests.support.fakes import HandClock
from tests.support.slack_app import (
    RecordingApp,
    actions,
    button,
    modal,
    option,
    plain,
    section,
    select,
    text_input,
)

type Refusal = Callable[..., dict[str, Any]]


@pytest.fixture
def message(slack: LocalSlack, client: WebClient) -> Message:
    menu = select("snooze", "hour", "day")
    more = {"type": "overflow", "action_id": "more", "options": [option("explain")]}
    blocks = [
        section("*churn* is idle"),
        actions(button("keep", "Keep 7 days", value="case-1", style="primary"), menu, more),
    ]
    client.chat_postMessage(channel="#ml-costs", text="churn is idle", blocks=blocks)
    return slack.messages("ml-costs")[-1]


@pytest.fixture
def opened(slack: LocalSlack, client: WebClient, app: RecordingApp, message: Message) -> View:
    slack.click(message, "keep", by="mina")
    date = {"type": "datepicker", "action_id": "day", "initial_date": "2026-12-01"}
    until = {"type": "input", "block_id": "until", "label": plain("Until"), "element": date}
    view = modal(until, text_input("why"), callback_id="exempt", private_metadata="case-1")
    client.views_open(trigger_id=app.payload["trigger_id"], view=view)
    return slack.modals("mina")[-1]


def test_a_click_is_signed_so_that_the_product_believes_it(
    slack: LocalSlack, app: RecordingApp, clock: HandClock, message: Message
) -> None:
    slack.click(message, "keep", by="mina")

    (request,) = app.requests
    verify(request.body, request.headers, slack.signing_secret, clock.now())


def test_a_click_says_who_clicked_what_where(
    slack: LocalSlack, app: RecordingApp, message: Message
) -> None:
    slack.click(message, "keep", by="mina")

    payload = app.payload
    assert payload["type"] == "block_actions"
    assert payload["user"]["id"] == slack.user("mina").id
    assert payload["channel"] == {"id": message.channel, "name": "ml-costs"}
    assert payload["container"] == {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": False,
    }
    assert payload["message"]["blocks"] == message.blocks
    assert payload["response_url"].startswith(slack.page_url)
    (action,) = payload["actions"]
    assert (action["action_id"], action["value"]) == ("keep", "case-1")
    assert (action["type"], action["style"]) == ("button", "primary")


def test_a_menu_sends_the_option_that_was_chosen(
    slack: LocalSlack, app: RecordingApp, message: Message
) -> None:
    slack.click(message, "snooze", by="mina", value="day")
    chosen = app.payload
    slack.click(message, "more", by="mina", value="explain")

    state = chosen["state"]["values"]["b001"]["snooze"]
    assert chosen["actions"][0]["selected_option"] == state["selected_option"] == option("day")
    assert app.payload["actions"][0]["selected_option"] == option("explain")


def test_a_click_on_what_is_not_there_is_a_mistake_of_the_test(
    slack: LocalSlack, message: Message
) -> None:
    with pytest.raises(KeyError, match="there are: keep, more, snooze"):
        slack.click(message, "delete", by="mina")
    with pytest.raises(ValueError, match="offers no 'week'"):
        slack.click(message, "snooze", by="mina", value="week")
    with pytest.raises(ValueError, match="does not see"):
        slack.click(message, "keep", by="ops")


def test_the_same_action_in_two_blocks_is_told_apart_by_the_block(
    slack: LocalSlack, client: WebClient, app: RecordingApp
) -> None:
    blocks = [actions(button("keep", value=n), block_id=n) for n in ("one", "two")]
    client.chat_postMessage(channel="#ml-costs", text="a", blocks=blocks)
    (message,) = slack.messages("ml-costs")

    with pytest.raises(ValueError, match="block_id"):
        slack.click(message, "keep", by="mina")
    slack.click(message, "keep", by="mina", block_id="two")

    assert app.payload["actions"][0]["value"] == "two"


def test_a_response_url_replaces_the_message(
    slack: LocalSlack, app: RecordingApp, message: Message
) -> None:
    slack.click(message, "keep", by="mina")

    url = app.payload["response_url"]
    WebhookClient(url).send(text="kept", blocks=[section("kept")], replace_original=True)

    assert message.blocks[0]["text"]["text"] == "kept"
    assert message.history[0].text == "churn is idle"


def test_a_response_url_deletes_the_message(
    slack: LocalSlack, app: RecordingApp, message: Message
) -> None:
    slack.click(message, "keep", by="mina")

    WebhookClient(app.payload["response_url"]).send(delete_original=True)

    assert slack.messages("ml-costs") == []


def test_a_response_url_answers_the_person_alone_unless_told_otherwise(
    slack: LocalSlack, app: RecordingApp, message: Message
) -> None:
    slack.click(message, "keep", by="mina")
    webhook = WebhookClient(app.payload["response_url"])

    webhook.send(text="only you")
    webhook.send(text="everybody", response_type="in_channel")

    assert [found.text for found in slack.ephemerals("ml-costs", "mina")] == ["only you"]
    assert [found.text for found in slack.messages("ml-costs")][1:] == ["everybody"]


def test_a_response_url_works_five_times_and_half_an_hour(
    slack: LocalSlack, app: RecordingApp, clock: HandClock, message: Message
) -> None:
    slack.click(message, "keep", by="mina")
    used = WebhookClient(app.payload["response_url"])
    slack.click(message, "keep", by="mina")
    old = WebhookClient(app.payload["response_url"])

    answers = [used.send(text="a").status_code for _ in range(6)]
    clock.advance(timedelta(minutes=31))
    expired = old.send(text="a")

    assert answers == [200] * 5 + [404]
    assert (expired.status_code, json.loads(expired.body)["error"]) == (404, "expired_url")


def test_a_trigger_opens_one_modal_within_three_seconds(
    slack: LocalSlack,
    client: WebClient,
    app: RecordingApp,
    clock: HandClock,
    refusal: Refusal,
    message: Message,
) -> None:
    slack.click(message, "keep", by="mina")
    used = app.payload["trigger_id"]
    slack.click(message, "keep", by="mina")
    late = app.payload["trigger_id"]

    client.views_open(trigger_id=used, view=modal(section()))
    again = refusal(client.views_open, trigger_id=used, view=modal(section()))
    clock.advance(timedelta(seconds=4))
    expired = refusal(client.views_open, trigger_id=late, view=modal(section()))
    invented = refusal(client.views_open, trigger_id="1.2.3", view=modal(section()))

    assert again["error"] == "exchanged_trigger_id"
    assert expired["error"] == "expired_trigger_id"
    assert invented["error"] == "invalid_trigger_id"


def test_a_submitted_modal_sends_what_was_entered_and_closes(
    slack: LocalSlack, app: RecordingApp, opened: View
) -> None:
    slack.submit(opened, {"why": "migrating"}, by="mina")

    payload = app.payload
    assert payload["type"] == "view_submission"
    assert payload["view"]["callback_id"] == "exempt"
    assert payload["view"]["private_metadata"] == "case-1"
    assert payload["view"]["state"]["values"] == {
        "until": {"day": {"type": "datepicker", "selected_date": "2026-12-01"}},
        "why": {"why-text": {"type": "plain_text_input", "value": "migrating"}},
    }
    assert slack.modals("mina") == []


def test_slack_itself_asks_for_what_is_required(slack: LocalSlack, opened: View) -> None:
    with pytest.raises(ValueError, match="required"):
        slack.submit(opened, {}, by="mina")
    with pytest.raises(ValueError, match="does not see"):
        slack.submit(opened, {"why": "x"}, by="tom")
    with pytest.raises(KeyError, match="colour"):
        slack.submit(opened, {"why": "x", "colour": "red"}, by="mina")

    assert slack.modals("mina") == [opened]


def test_an_app_that_complains_keeps_the_modal_open(
    slack: LocalSlack, app: RecordingApp, opened: View
) -> None:
    app.answer = {"response_action": "errors", "errors": {"until": "That day has passed."}}

    slack.submit(opened, {"why": "x"}, by="mina")

    assert opened.is_open
    assert opened.errors == {"until": "That day has passed."}


def test_an_app_may_answer_with_another_modal_or_none(
    slack: LocalSlack, app: RecordingApp, opened: View
) -> None:
    app.answer = {"response_action": "update", "view": modal(section(), title="Sure?")}
    slack.submit(opened, {"why": "x"}, by="mina")
    app.answer = {"response_action": "push", "view": modal(section(), title="More")}
    slack.submit(opened, by="mina")
    titles = [view.title for view in slack.modals("mina")]
    app.answer = {"response_action": "clear"}
    slack.submit(opened, by="mina")

    assert titles == ["Sure?", "More"]
    assert slack.modals("mina") == []


def test_an_app_that_fails_keeps_the_modal_open(
    slack: LocalSlack, app: RecordingApp, opened: View
) -> None:
    app.status = 500

    slack.submit(opened, {"why": "x"}, by="mina")

    assert opened.is_open
    assert "trouble" in opened.errors[""]


def test_a_modal_is_updated_unless_it_changed_meanwhile(
    client: WebClient, refusal: Refusal, opened: View
) -> None:
    before = opened.hash
    client.views_update(view_id=opened.id, hash=before, view=modal(section(), title="New"))

    late = refusal(client.views_update, view_id=opened.id, hash=before, view=modal(section()))
    missing = refusal(client.views_update, view_id="V404", view=modal(section()))

    assert opened.title == "New"
    assert (late["error"], missing["error"]) == ("hash_conflict", "not_found")


def test_at_most_three_modals_lie_on_each_other(
    slack: LocalSlack, client: WebClient, app: RecordingApp, refusal: Refusal, opened: View
) -> None:
    client.views_update(view_id=opened.id, view=modal(actions(button("more"))))

    def push(call: Callable[..., Any]) -> Any:
        slack.click(opened, "more", by="mina")
        return call(trigger_id=app.payload["trigger_id"], view=modal(section()))

    push(client.views_push)
    push(client.views_push)
    answer = push(lambda **params: refusal(client.views_push, **params))

    assert answer["error"] == "push_limit_reached"
    assert len(slack.modals("mina")) == 3


def test_a_closed_modal_tells_the_app_only_when_asked(
    slack: LocalSlack, client: WebClient, app: RecordingApp, opened: View
) -> None:
    sent = len(app.requests)
    assert slack.close(opened) is None
    slack.command("/sagewarden", by="mina")
    view = modal(section(), notify_on_close=True)
    client.views_open(trigger_id=app.form["trigger_id"], view=view)

    slack.close(slack.modals("mina")[0])

    assert len(app.requests) == sent + 2
    assert app.payload["type"] == "view_closed"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"title": plain("x" * 25)}, "must be less than 25 characters"),
        ({"private_metadata": "x" * 3001}, "must be less than 3001 characters"),
        ({"callback_id": "x" * 256}, "must be less than 256 characters"),
        ({"blocks": [section()] * 101}, "no more than 100 items allowed"),
        ({"submit": None, "blocks": [text_input("why")]}, "missing required field: submit"),
        ({"type": "page"}, "must be one of: modal"),
    ],
)
def test_a_modal_over_a_limit_is_refused_with_the_reason(
    slack: LocalSlack,
    client: WebClient,
    app: RecordingApp,
    refusal: Refusal,
    change: dict[str, Any],
    reason: str,
) -> None:
    slack.command("/sagewarden", by="mina")
    view = {name: part for name, part in (modal(section()) | change).items() if part is not None}

    answer = refusal(client.views_open, trigger_id=app.form["trigger_id"], view=view)

    assert answer["error"] == "invalid_arguments"
    assert any(reason in said for said in answer["response_metadata"]["messages"])


def test_a_slash_command_sends_what_was_typed_and_where(
    slack: LocalSlack, app: RecordingApp, clock: HandClock
) -> None:
    slack.command("/sagewarden", "explain churn", by="mina", channel="ml-costs")

    verify(app.requests[0].body, app.requests[0].headers, slack.signing_secret, clock.now())
    form = app.form
    assert (form["command"], form["text"]) == ("/sagewarden", "explain churn")
    assert (form["user_id"], form["channel_name"]) == (slack.user("mina").id, "ml-costs")
    assert form["trigger_id"]


@pytest.mark.parametrize("answer", ["all quiet", {"text": "all quiet"}])
def test_the_answer_to_a_command_is_seen_by_who_typed_it(
    slack: LocalSlack, app: RecordingApp, answer: Any
) -> None:
    app.answer = answer

    slack.command("/sagewarden", "status", by="mina", channel="ml-costs")

    assert [found.text for found in slack.ephemerals("ml-costs", "mina")] == ["all quiet"]


def test_an_answer_to_a_command_may_be_for_everybody(slack: LocalSlack, app: RecordingApp) -> None:
    app.answer = {"text": "halted", "response_type": "in_channel"}

    slack.command("/sagewarden", "halt", by="mina", channel="ml-costs")

    assert [found.text for found in slack.messages("ml-costs")] == ["halted"]


@pytest.mark.parametrize(("status", "error"), [(500, "dispatch_failed"), (0, "operation_timeout")])
def test_a_command_that_fails_says_so_to_who_typed_it(
    slack: LocalSlack, app: RecordingApp, status: int, error: str
) -> None:
    app.status = status

    slack.command("/sagewarden", by="mina", channel="ml-costs")

    (told,) = slack.ephemerals("ml-costs", "mina")
    assert error in told.text


def test_an_answer_that_slack_cannot_show_is_told_to_who_asked(
    slack: LocalSlack, app: RecordingApp, opened: View
) -> None:
    app.answer = {"response_action": "push", "view": {"type": "modal"}}
    slack.submit(opened, {"why": "x"}, by="mina")
    app.answer = {"text": "a", "blocks": [section("")]}
    slack.command("/sagewarden", by="mina", channel="ml-costs")

    assert opened.is_open
    assert "trouble" in opened.errors[""]
    assert "invalid_command_response" in slack.ephemerals("ml-costs", "mina")[-1].text


def test_interactions_go_over_http_to_a_request_url(slack: LocalSlack, message: Message) -> None:
    slack.request_url = f"{slack.page_url}/nowhere?of=ours"
    missing = slack.click(message, "keep", by="mina")
    slack.request_url = "http://127.0.0.1:1/closed"
    unreachable = slack.click(message, "keep", by="mina")
    slack.request_url = None

    assert (missing.status, unreachable.status) == (404, 0)
    assert slack.acknowledgements == [missing, unreachable]
    with pytest.raises(ValueError, match="request_url"):
        slack.click(message, "keep", by="mina")


def test_what_is_no_answer_to_an_interaction_is_refused(slack: LocalSlack) -> None:
    connection = http.client.HTTPConnection(urlsplit(slack.page_url).netloc)
    statuses = []
    for path, body in (("00000099", "{}"), ("00000001", "{")):
        connection.request("POST", f"/response/{path}", body)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()

    assert statuses == [404, 400]
