"""The page in a real browser, where there is one: clicks, a confirmation, a modal, a command."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_sdk import WebClient

from sagewarden_cli.slack import LocalSlack
from tests.support.browser import CHROMIUM, Browser
from tests.support.slack_app import RecordingApp, actions, button, modal, plain, section, text_input

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"
SURE = {name: plain(name) for name in ("title", "text", "confirm", "deny")}


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    profile: Path = tmp_path_factory.mktemp("profile")
    with Browser(profile) as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser, slack: LocalSlack, client: WebClient) -> Iterator[Browser]:
    blocks = [
        section(f"*churn* is idle {EVIL}"),
        actions(button("keep", EVIL), button("delete", "Delete", confirm=SURE)),
    ]
    client.chat_postMessage(channel="#ml-costs", text="churn is idle", blocks=blocks)
    chromium.problems.clear()
    chromium.open(f"{slack.page_url}/?as={slack.user('mina').id}")
    yield chromium
    problems = list(chromium.problems)
    chromium.open("about:blank")  # or the page would look for a server that has ended
    assert problems == []


def test_what_others_wrote_is_text_and_runs_nothing(browser: Browser) -> None:
    assert EVIL in browser.text("#messages .b-text")
    assert browser.run("document.querySelectorAll('#messages :is(script, img)').length") == 0


def test_a_button_that_asks_first_is_clicked_only_when_confirmed(
    browser: Browser, app: RecordingApp
) -> None:
    browser.click("[data-action=delete]")
    browser.click("#confirm[open] button[value=no]")
    browser.click("[data-action=delete]")
    browser.wait_for("document.querySelector('#confirm').open")
    sent_before = len(app.requests)
    browser.click("#confirm[open] button[value=yes]")
    browser.wait_for("performance.getEntriesByName(location.origin + '/page/click').length")

    assert (sent_before, len(app.requests)) == (0, 1)
    assert app.payload["actions"][0]["action_id"] == "delete"


def test_what_the_app_changes_appears_by_itself(browser: Browser, client: WebClient) -> None:
    client.chat_postMessage(channel="#ml-costs", text="another one")

    browser.wait_for("document.querySelector('#messages').innerText.includes('another one')")


def test_a_modal_is_filled_in_and_complains_until_it_is_complete(
    browser: Browser, slack: LocalSlack, client: WebClient, app: RecordingApp
) -> None:
    slack.command("/sagewarden", by="mina")
    view = modal(text_input("what", "What"), text_input("why"))
    client.views_open(trigger_id=app.form["trigger_id"], view=view)

    browser.wait_for("document.querySelector('.modal')")
    browser.run("document.querySelector('[data-block=what]').value = 'churn'")
    browser.click(".modal footer .primary")
    browser.wait_for("document.querySelector('.modal .error')")
    kept = browser.run("document.querySelector('[data-block=what]').value")
    browser.run("document.querySelector('[data-block=why]').value = 'migrating'")
    browser.click(".modal footer .primary")
    browser.wait_for("!document.querySelector('.modal')")

    assert kept == "churn"
    assert app.payload["view"]["state"]["values"]["why"]["why-text"]["value"] == "migrating"


def test_a_command_typed_into_the_composer_is_answered(browser: Browser, app: RecordingApp) -> None:
    app.answer = "all quiet"

    browser.run("document.querySelector('.composer textarea').value = '/sagewarden status'")
    browser.click(".composer .send")

    browser.wait_for("document.querySelector('.ephemeral')?.innerText.includes('all quiet')")
    assert app.form["text"] == "status"


def test_what_went_wrong_is_told(browser: Browser, app: RecordingApp) -> None:
    app.status = 500

    browser.click("[data-action=keep]")

    browser.wait_for("!document.querySelector('#toast').hidden")
    assert "the app answered 500" in browser.text("#toast")
