"""A message says what it asks for, or is refused with its place."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.application.targets import Target
from sagewarden.bots import BOTS, Bot
from sagewarden.entrypoints.messages import (
    AdviceClosing,
    AdviceRequest,
    MessageError,
    SweepRequest,
    execution_of,
    read_advice_message,
    read_sweep_request,
    read_wake_up,
)
from tests.support.invocations import a_request


@pytest.mark.parametrize("bot", BOTS, ids=lambda bot: bot.name)
def test_a_request_is_read_as_it_was_written(bot: Bot) -> None:
    request = SweepRequest(bot, Target("111122223333", "us-gov-west-1"), "a-run")

    assert read_sweep_request(request.body()) == request


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "body: it is no JSON"),
        ("[]", "body: it is a list; send an object"),
        ("{}", "body: ['account', 'bot', 'region', 'run', 'version'] missing"),
        (a_request(extra=1), "body: ['extra'] not known"),
        (a_request(version=2), "body.version: 2 is not 1"),
        (a_request(version="1"), "body.version: '1' is not 1"),
        (a_request(bot="notebooks"), "body.bot: there is none named 'notebooks'; use one of"),
        (a_request(account="1234"), "body.account: '1234' is not an account id of 12 digits"),
        (a_request(account=123456789012), "body.account: 123456789012 is no text"),
        (a_request(region="Seoul"), "body.region: 'Seoul' is not a region such as us-east-1"),
        (a_request(run=""), "body.run: '' is no text"),
    ],
)
def test_a_request_that_is_wrong_is_refused_with_its_place(body: str, said: str) -> None:
    with pytest.raises(MessageError) as refused:
        read_sweep_request(body)

    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    "message",
    [
        AdviceRequest(date(2026, 11, 23), "111122223333", "a-run"),
        AdviceClosing(date(2026, 11, 23), datetime(2026, 11, 23, 5, 30, tzinfo=UTC), "a-run"),
    ],
)
def test_what_the_advisor_is_asked_is_read_as_it_was_written(
    message: AdviceRequest | AdviceClosing,
) -> None:
    assert read_advice_message(message.body()) == message


def an_advice_message(**changes: object) -> str:
    content = {"version": 1, "monday": "2026-11-23", "account": "111122223333", "run": "a-run"}
    return json.dumps({**content, **changes})


def a_closing(closes: object) -> str:
    content = {"version": 1, "monday": "2026-11-23", "closes": closes, "run": "a-run"}
    return json.dumps(content)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{", "body: it is no JSON"),
        ("{}", "body: ['account', 'monday', 'run', 'version'] missing"),
        (an_advice_message(version=2), "body.version: 2 is not 1"),
        (an_advice_message(account="1234"), "body.account: '1234' is not an account id"),
        (an_advice_message(monday="Monday"), "body.monday: 'Monday' is no day such as 2026-11-23"),
        (an_advice_message(monday=20261123), "body.monday: 20261123 is no text"),
        (an_advice_message(closes="now"), "body: ['account'] not known"),
        (a_closing("soon"), "body.closes: 'soon' is no ISO 8601 time"),
        (a_closing("2026-11-23T05:30:00"), "body.closes: '2026-11-23T05:30:00' has no offset"),
        (a_closing(5), "body.closes: 5 is no text"),
    ],
)
def test_what_the_advisor_is_asked_wrongly_is_refused_with_its_place(body: str, said: str) -> None:
    with pytest.raises(MessageError) as refused:
        read_advice_message(body)

    assert str(refused.value).startswith(said)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_whatever_else_arrives_is_refused_and_never_breaks(content: object) -> None:
    with pytest.raises(MessageError):
        read_sweep_request(json.dumps(content))
    with pytest.raises(MessageError):
        read_advice_message(json.dumps(content))
    with pytest.raises(MessageError):
        read_wake_up(content)


@given(
    st.fixed_dictionaries(
        {name: st.none() | st.integers() | st.text() for name in ("account", "region", "run")},
        optional={"version": st.integers(), "bot": st.lists(st.text())},
    )
)
def test_fields_of_any_other_kind_are_refused_and_never_break(fields: dict[str, object]) -> None:
    try:
        request = read_sweep_request(a_request(**fields))
    except MessageError:
        return

    assert json.loads(request.body()) == {**json.loads(a_request()), **fields}


def test_a_wake_up_names_its_bot() -> None:
    assert [read_wake_up({"version": 1, "bot": bot.name}) for bot in BOTS] == list(BOTS)


def test_a_wake_up_may_say_by_which_the_scheduler_knows_it() -> None:
    woken = {"version": 1, "bot": "notebook_hours", "execution": "d1e2"}

    assert read_wake_up(woken).name == "notebook_hours"
    assert [execution_of(woken), execution_of({"version": 1}), execution_of({"execution": ""})] == [
        "d1e2", None, None,
    ]  # fmt: skip


def test_a_wake_up_of_another_version_is_refused() -> None:
    with pytest.raises(MessageError, match=r"event.version: 7 is not 1; deploy sender"):
        read_wake_up({"version": 7, "bot": "notebook_hours"})
