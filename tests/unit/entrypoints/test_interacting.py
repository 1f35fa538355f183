"""Whatever comes to the URL is answered; what Slack did not sign leads to nothing."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.adapters.slack.credentials import Credentials
from sagewarden.entrypoints import interacting
from sagewarden.entrypoints.interacting import Interactions
from sagewarden_cli.slack.delivery import signed
from tests.support.fakes import HandClock
from tests.support.invocations import Context

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
SECRET = "a signing secret"  # noqa: S105 - of nothing


class Access:
    """Our app in Slack, as far as a request that leads to nothing needs it."""

    clock = HandClock(NOW)
    locale = "en-US"

    def credentials(self) -> Credentials:
        return Credentials("xoxb-nothing", (SECRET,))


@pytest.fixture(scope="module")
def door() -> Interactions:
    made = Interactions()
    made._access = Access()  # type: ignore[assignment]  # a stand-in
    return made


@pytest.fixture(autouse=True)
def closed_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be queued."""

    def refuse(*_words: object) -> None:
        raise AssertionError("something was queued")

    monkeypatch.setattr(interacting, "send_messages", refuse)


def answered(door: Interactions, event: dict[str, Any]) -> dict[str, Any]:
    answer = door.answer(event, Context())
    door.metrics.clear_metrics()  # which the handler would write
    return answer


def an_event(body: str, headers: dict[str, str], *, encoded: bool) -> dict[str, Any]:
    return {
        "headers": headers,
        "requestContext": {"http": {"method": "POST"}},
        "body": body,
        "isBase64Encoded": encoded,
    }


NAMES = st.sampled_from(["x-slack-signature", "x-slack-request-timestamp", "content-type"])
VALUES = st.text() | st.just(str(int(NOW.timestamp()))) | st.just("v0=" + "0" * 64)


@given(body=st.text(), headers=st.dictionaries(NAMES, VALUES), encoded=st.booleans())
def test_whatever_slack_did_not_sign_is_answered_with_4xx_and_leads_to_nothing(
    door: Interactions, body: str, headers: dict[str, str], *, encoded: bool
) -> None:
    answer = answered(door, an_event(body, headers, encoded=encoded))

    assert answer["statusCode"] in {400, 401}
    assert answer["body"] == ""


@given(body=st.text().map(str.encode) | st.text().map(lambda text: f"payload={text}".encode()))
def test_signed_nonsense_is_answered_with_400(door: Interactions, body: bytes) -> None:
    request = signed(body, SECRET, Access.clock)
    encoded = base64.b64encode(body).decode()

    answer = answered(door, an_event(encoded, dict(request.headers), encoded=True))

    assert answer["statusCode"] == 400
