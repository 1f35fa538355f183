"""One id leads from what woke a bot to what people read and click, and to what is brought back."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sagewarden.entrypoints.dispatching import dispatch_handler
from sagewarden_cli.sandbox.observation import ObservedCall
from sagewarden_cli.slack.messages import Message
from tests.integration.entrypoints.conftest import Stack
from tests.integration.entrypoints.slack_stack import WARNING_TIME, SlackStack, talking_stack
from tests.support.faults import refusing
from tests.support.invocations import ACCOUNT, REGION, Context, a_request, an_sqs_event, failed
from tests.support.templates import ROOT

pytestmark = pytest.mark.aws

WAKE_UP = "0aa7a1d4-wake-up"
EVENT = json.loads((ROOT / "events/guardrails/iam_user.json").read_text(encoding="utf-8"))
ALL = {"dispatcher", "notebook_hours", "notifier", "interactions", "responder", "restorer"}

type Lines = list[dict[str, Any]]


@pytest.fixture
def late(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackStack]:
    """A stack with Slack, after Tom's notebook should have been closed."""
    with talking_stack(stack, monkeypatch) as talking:
        stack.at(WARNING_TIME + timedelta(hours=2))
        yield talking


def logged(capsys: pytest.CaptureFixture[str]) -> Lines:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]


def wake(stack: Stack, request_id: str = WAKE_UP) -> list[str]:
    """Wake the notebook hours bot; what comes to its queue."""
    context = Context()
    context._aws_request_id = request_id
    woken = {"version": 1, "bot": "notebook_hours", "execution": "of-the-schedule"}
    dispatch_handler()(woken, context)
    return stack.messages("notebook_hours")


def message(talking: SlackStack) -> Message:
    [message] = (one for one in talking.slack.messages_to("tom") if one.thread_ts is None)
    return message


def test_one_id_is_in_every_line_that_a_wake_up_leads_to_up_to_the_restore(
    late: SlackStack, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = late.stack.bot("notebook_hours")
    sweep(an_sqs_event(*wake(late.stack)))
    late.notify(*late.parcels())
    warning = message(late).metadata
    late.slack.click(message(late), "now", by="tom")
    late.respond()
    sweep(an_sqs_event(*late.stack.messages("notebook_hours")))
    late.notify(*late.parcels())
    late.slack.click(message(late), "restore", by="tom")
    late.respond()
    late.restore()

    lines = logged(capsys)
    story = [line for line in lines if line.get("run") == WAKE_UP]
    of_the_case = {line["case"] for line in story if "case" in line}
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:notebook-instance/nb"
    trail = late.stack.ledger.trail(arn)
    noted = {entry.what.value: entry.details.get("run") for entry in trail}
    assert late.stack.notebook_status("nb") == "InService"
    assert {line["service"] for line in story} == ALL
    assert [line["execution"] for line in story if "execution" in line] == ["of-the-schedule"]
    assert {line["message"] for line in story} >= {
        "dispatched", "verdict", "outcome", "delivered", "queued", "asked", "restoring",
    }  # fmt: skip
    assert len(of_the_case) == 1
    assert all(of_the_case == set(line["cases"].split()) for line in story if "cases" in line)
    assert warning is not None
    assert warning["event_payload"]["run"] == WAKE_UP
    assert set(noted.values()) == {WAKE_UP}
    assert {"case opened", "warned", "asked for now", "acting", "asked to restore"} <= set(noted)


def test_what_a_later_run_says_is_found_by_its_own_id_and_by_the_case(
    late: SlackStack, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = late.stack.bot("notebook_hours")
    sweep(an_sqs_event(*wake(late.stack)))
    late.notify(*late.parcels())
    late.stack.after(timedelta(hours=1))
    sweep(an_sqs_event(*wake(late.stack, "later")))
    late.notify(*late.parcels())
    late.slack.click(message(late), "restore", by="tom")
    late.respond()

    lines = logged(capsys)
    [case] = {line["case"] for line in lines if line.get("message") == "outcome"}
    of_the_case = [
        line for line in lines if case in (line.get("case"), *line.get("cases", "").split())
    ]
    restored = [line for line in lines if line.get("click") == "restore"]
    assert {line["run"] for line in of_the_case} == {WAKE_UP, "later"}
    assert {line["run"] for line in restored} == {"later"}


def test_an_exemption_in_a_form_carries_the_id_and_a_command_has_none_but_its_own(
    late: SlackStack, capsys: pytest.CaptureFixture[str]
) -> None:
    late.stack.bot("notebook_hours")(an_sqs_event(*wake(late.stack)))
    late.notify(*late.parcels())
    late.slack.click(message(late), "exempt", by="tom")
    [form] = late.slack.modals("tom")
    late.slack.submit(form, {"until": "2026-12-31", "why": "launch"}, by="tom")
    late.slack.command("/sagewarden", "status", by="ops")

    late.respond()

    asked = [line for line in logged(capsys) if line.get("message") == "asked"]
    assert [(line.get("click"), line["run"]) for line in asked] == [
        ("exempt", WAKE_UP),
        (None, Context().aws_request_id),
    ]
    assert ["case" in line for line in asked] == [True, False]


def test_an_events_id_and_that_of_its_call_in_the_trail_are_told_together(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    event = json.loads(EVENT["Records"][0]["body"])
    event["detail"]["eventID"] = "of-the-trail"

    stack.bot("guardrails")(an_sqs_event(json.dumps(event)))

    [line] = [line for line in logged(capsys) if line.get("message") == "event"]
    assert (line["run"], line["trail_event"]) == (event["id"], "of-the-trail")
    assert line["call"] == event["detail"]["eventName"]


def test_a_run_counts_what_it_asks_of_aws_in_other_accounts_too_and_what_was_throttled(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    member = "444455556666"
    stack.policy(stack.policy_file.read_text() + f'targets: {{accounts: ["{member}"]}}\n')
    sweep, seen = stack.bot("notebook_hours"), list[str]()

    def twice(call: ObservedCall) -> bool:
        seen.append(call.operation)
        listed = "ListNotebookInstances"
        return call.operation == listed and seen.count(listed) <= 2

    event = an_sqs_event(a_request(account=member))
    with stack.sandbox.observers.watching(refusing(twice, "ThrottlingException")):
        first = sweep(event)
    second = sweep(event)

    lines = logged(capsys)
    calls = [line["ApiCalls"] for line in lines if "ApiCalls" in line]
    [throttles] = [line["ApiThrottles"] for line in lines if "ApiThrottles" in line]
    [told] = [line for line in lines if line.get("message") == "throttled"]
    assert failed(first) == failed(second) == []
    assert throttles == [2.0]
    assert told["calls"] == {"SageMaker.ListNotebookInstances": 2}
    assert calls[0] == [len(seen)]
    assert 0 < calls[1][0] < calls[0][0]  # no AssumeRole, and nothing was sent twice
