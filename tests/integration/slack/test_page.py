"""The page: what a person sees, and what the page sends for him."""

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient

from sagewarden_cli.slack import LocalSlack
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

EVIL = "<script>alert(1)</script> *x*"


def fetch(
    slack: LocalSlack, path: str, content: Any = None, **headers: str
) -> tuple[int, str, dict[str, str]]:
    connection = HTTPConnection(urlsplit(slack.page_url).netloc)
    if content is None:
        connection.request("GET", path, headers=headers)
    else:
        sent = {"Content-Type": "application/json"} | headers
        connection.request("POST", path, json.dumps(content), sent)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body, dict(answer.getheaders())


def page(slack: LocalSlack, viewer: str = "mina", channel: str = "ml-costs", more: str = "") -> str:
    status, body, _ = fetch(slack, f"/?as={viewer}&in={slack.channel(channel).id}{more}")
    assert status == 200
    return body


def done(slack: LocalSlack, deed: str, viewer: str = "mina", **content: Any) -> dict[str, Any]:
    status, body, _ = fetch(slack, f"/page/{deed}", {"as": slack.user(viewer).id, **content})
    assert status == 200
    answer: dict[str, Any] = json.loads(body)
    return answer


def test_every_block_is_rendered(slack: LocalSlack, client: WebClient) -> None:
    confirm = {name: plain(name) for name in ("title", "text", "confirm", "deny")}
    blocks = [
        {"type": "header", "text": plain("Idle endpoint")},
        section("*churn* is idle", accessory=select("snooze", "hour", placeholder=plain("Snooze"))),
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Costs* $5"}]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "us-east-1"}]},
        {"type": "divider"},
        {"type": "image", "image_url": "https://a.example/a.png", "alt_text": "a chart"},
        {"type": "markdown", "text": "**as written**"},
        actions(
            button("keep", "Keep 7 days", style="primary"),
            button("delete", "Delete", style="danger", confirm=confirm),
            {"type": "overflow", "action_id": "more", "options": [option("explain")]},
            {"type": "datepicker", "action_id": "day", "initial_date": "2026-12-01"},
            {"type": "users_select", "action_id": "who"},
            {"type": "checkboxes", "action_id": "c", "options": [option("one")]},
        ),
    ]
    client.chat_postMessage(channel="#ml-costs", text="churn is idle", blocks=blocks)

    shown = page(slack)

    for part in (
        '<h3 class="b-header">Idle endpoint</h3>',
        "<b>churn</b> is idle",
        '<option value="hour">Hour</option>',
        "<b>Costs</b> $5",
        "us-east-1",
        '<hr class="b-divider">',
        'alt="a chart"',
        "**as written**",
        'class="button primary" data-action="keep"',
        "data-confirm=",
        'data-value="explain"',
        'value="2026-12-01"',
        "Tom</option>",
        'type="checkbox"',
    ):
        assert part in shown


def test_what_others_wrote_never_becomes_an_element_of_the_page(
    slack: LocalSlack, client: WebClient, app: RecordingApp
) -> None:
    slack.add_channel("odd<script>", ["mina"])
    blocks = [
        {"type": "header", "text": plain(EVIL)},
        section(EVIL, fields=[plain(EVIL)]),
        actions(
            button("keep", EVIL, value=EVIL),
            select("s", EVIL, placeholder=plain(EVIL)),
            button(
                "b", confirm={n: plain(EVIL[:30]) for n in ("title", "text", "confirm", "deny")}
            ),
        ),
    ]
    client.chat_postMessage(channel="#ml-costs", text=EVIL, blocks=blocks)
    slack.command("/sagewarden", EVIL, by="mina")
    view = modal(section(EVIL), text_input("why", EVIL, initial_value=EVIL), title="<script>")
    client.views_open(trigger_id=app.form["trigger_id"], view=view)

    shown = page(slack)

    assert shown.count("<script") == 1  # the page's own
    assert shown.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 6
    assert "<b>x</b>" in shown  # the section is mrkdwn; the header and the field are not
    assert "&lt;/script&gt; *x*</h3>" in shown


def test_nothing_is_loaded_from_elsewhere_or_run_inline(slack: LocalSlack) -> None:
    _, body, headers = fetch(slack, "/")
    _, script, _ = fetch(slack, "/page/slack.js")
    _, style, _ = fetch(slack, "/page/slack.css")

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "://" not in body
    assert "http" not in style
    assert "innerHTML" in script


def test_times_are_the_viewers_own(slack: LocalSlack, client: WebClient) -> None:
    at = "<!date^1793624400^{date_num} {time}|soon>"
    client.chat_postMessage(channel="#ml-costs", text=f"stops {at}")

    assert "2026-11-02 오후 10:00" in page(slack, "mina")
    assert "2026-11-02 8:00 AM" in page(slack, "tom")


def test_each_person_sees_what_is_for_him(slack: LocalSlack, client: WebClient) -> None:
    mina = slack.user("mina").id
    client.chat_postEphemeral(channel=slack.channel("ml-costs").id, user=mina, text="psst")
    client.chat_postMessage(channel=mina, text="directly")

    assert "psst" in page(slack, "mina")
    assert "psst" not in page(slack, "tom")
    assert "directly" in page(slack, "mina", slack.dm("mina").id)
    assert "directly" not in page(slack, "tom", slack.dm("mina").id)


def test_a_thread_opens_beside_the_channel(slack: LocalSlack, client: WebClient) -> None:
    ts = client.chat_postMessage(channel="#ml-costs", text="warned")["ts"]
    client.chat_postMessage(channel="#ml-costs", text="kept", thread_ts=ts)

    closed, opened = page(slack), page(slack, more=f"&thread={ts}")

    assert "1 reply" in closed
    assert "Last reply " in closed
    assert "kept" not in closed
    assert "kept" in opened


def test_the_newest_messages_are_shown(slack: LocalSlack) -> None:
    for number in range(201):
        slack.say("tom", "ml-costs", f"message {number:03}")

    shown = page(slack)

    assert "message 000" not in shown
    assert "message 001" in shown
    assert "message 200" in shown


def test_an_edited_message_says_so(slack: LocalSlack, client: WebClient) -> None:
    posted = client.chat_postMessage(channel="#ml-costs", text="a")
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="b")

    assert "(edited)" in page(slack)


def test_a_click_on_the_page_is_a_signed_interaction(
    slack: LocalSlack, client: WebClient, app: RecordingApp
) -> None:
    posted = client.chat_postMessage(
        channel="#ml-costs", text="a", blocks=[actions(button("keep", value="case-1"))]
    )
    where = {"channel": posted["channel"], "ts": posted["ts"], "block_id": "b000"}

    answer = done(slack, "click", action_id="keep", value=None, **where)

    assert answer == {"ok": True}
    assert app.payload["actions"][0]["value"] == "case-1"
    assert app.payload["user"]["name"] == "mina"


def test_what_does_not_work_is_told(
    slack: LocalSlack, client: WebClient, app: RecordingApp
) -> None:
    posted = client.chat_postMessage(
        channel="#ml-costs", text="a", blocks=[actions(button("keep"))]
    )
    where = {"channel": posted["channel"], "ts": posted["ts"], "block_id": "b000", "value": None}

    app.status = 500
    failed = done(slack, "click", action_id="keep", **where)
    app.status = 0
    silent = done(slack, "click", action_id="keep", **where)
    missing = done(slack, "click", action_id="gone", **where)
    gone = done(slack, "click", action_id="keep", **where | {"ts": "1.000001"})
    lacking = done(slack, "click")

    assert failed["error"] == "the app answered 500"
    assert silent["error"] == "the app did not answer"
    assert "no element" in missing["error"]
    assert gone["error"] == "the message is gone"
    assert not lacking["ok"]


def test_a_modal_is_filled_in_submitted_and_closed_on_the_page(
    slack: LocalSlack, client: WebClient, app: RecordingApp
) -> None:
    slack.command("/sagewarden", by="mina")
    view = modal(text_input("why"), actions(button("check")))
    client.views_open(trigger_id=app.form["trigger_id"], view=view)
    (opened,) = slack.modals("mina")

    assert 'role="dialog"' in page(slack)
    assert done(slack, "submit", view=opened.id, values={"why": ""})["ok"]
    assert "Please complete this required field." in page(slack)
    assert done(slack, "click", view=opened.id, action_id="check", values={"why": "so far"})["ok"]
    assert app.payload["view"]["state"]["values"]["why"]["why-text"]["value"] == "so far"
    assert done(slack, "submit", view=opened.id, values={"why": "migrating"})["ok"]
    assert 'role="dialog"' not in page(slack)
    assert not done(slack, "close", view=opened.id)["ok"]


def test_the_composer_writes_messages_and_commands(slack: LocalSlack, app: RecordingApp) -> None:
    channel = slack.channel("ml-costs").id
    app.answer = "all quiet"

    done(slack, "say", channel=channel, text="is <b>it</b> mine?", thread="")
    done(slack, "say", channel=channel, text="/sagewarden explain churn")

    (said,) = slack.messages("ml-costs")
    assert said.text == "is &lt;b&gt;it&lt;/b&gt; mine?"
    assert app.form["text"] == "explain churn"
    assert "all quiet" in page(slack)


def test_the_page_learns_of_changes(slack: LocalSlack, client: WebClient) -> None:
    before = json.loads(fetch(slack, "/page/changes")[1])
    client.chat_postMessage(channel="#ml-costs", text="a")

    assert json.loads(fetch(slack, "/page/changes")[1]) != before


@pytest.mark.parametrize(
    ("path", "content", "headers", "status"),
    [
        ("/", None, {"Host": "evil.example:80"}, 403),
        ("/page/say", {}, {"Content-Type": "text/plain"}, 415),
        ("/page/shout", {}, {}, 404),
        ("/page/nothing", None, {}, 404),
        ("/?as=nobody", None, {}, 404),
        ("/elsewhere", None, {}, 404),
    ],
)
def test_a_request_that_is_not_the_pages_is_refused(
    slack: LocalSlack, path: str, content: Any, headers: dict[str, str], status: int
) -> None:
    assert fetch(slack, path, content, **headers)[0] == status


def test_an_empty_workspace_says_that_it_is_empty() -> None:
    with LocalSlack() as slack:
        status, body, _ = fetch(slack, "/")

    assert (status, body) == (404, "the workspace has no people yet")
