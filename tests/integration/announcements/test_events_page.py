"""What docs/events.md shows is true: its event, patterns, stacks, and its test of the webhook."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern

from sagewarden_cli.pages.cloudformation import read_template
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.deployment import Stack, deploy
from tests.support.announcing import HOST, KEY, announcing
from tests.support.event_schemas import faults_of
from tests.support.templates import ROOT
from tests.support.webhook_receiver import receiving

pytestmark = pytest.mark.aws

PAGE = (ROOT / "docs/events.md").read_text(encoding="utf-8")
SHOWN = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
[EVENT] = [shown for shown in SHOWN if "detail-type" in shown and "id" in shown]
PATTERNS = [shown for shown in SHOWN if shown is not EVENT]
STACKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
[ENTRIES] = re.findall(r"put-events --entries '(.*?)'", PAGE, re.DOTALL)
THEIRS = "444455556666"


def a_failure() -> dict[str, Any]:
    return {**EVENT, "detail-type": "Action Outcome", "detail": {"outcome": "FAILED"}}


def deployed(sandbox: Sandbox, number: int, folder: Path, **parameters: str) -> Stack:
    file = folder / "template.yaml"
    file.write_text(STACKS[number], encoding="utf-8")
    return deploy(sandbox, read_template(file), name="theirs", parameters=parameters)


def put(sandbox: Sandbox, bus: str, event: dict[str, Any]) -> None:
    sandbox.client("events").put_events(
        Entries=[
            {
                "EventBusName": bus,
                "Source": event["source"],
                "DetailType": event["detail-type"],
                "Detail": json.dumps(event["detail"]),
            }
        ]
    )


def test_the_event_is_as_the_published_schema_says() -> None:
    assert faults_of(EVENT) == []


def test_the_patterns_match_what_the_page_says_and_nothing_else() -> None:
    failed, endpoints, warnings = (EventPattern.load(json.dumps(one)) for one in PATTERNS)
    fine = EVENT | {"detail-type": "Action Outcome", "detail": {"outcome": "APPLIED"}}
    notebook = EVENT | {"detail": {"account": THEIRS, "arn": "arn:aws:x:notebook-instance/nb"}}
    foreign = EVENT | {"source": "aws.sagemaker"}

    assert [failed.matches_event(one) for one in (a_failure(), fine)] == [True, False]
    assert [endpoints.matches_event(one) for one in (EVENT, notebook)] == [True, False]
    assert [warnings.matches_event(one) for one in (EVENT, fine, foreign)] == [True, False, False]


def test_the_stack_that_is_shown_gets_what_failed_onto_its_queue(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.client("events").create_event_bus(Name="ours")
    stack = deployed(sandbox, 0, tmp_path, AnnouncementsBusName="ours")

    for event in (EVENT, a_failure()):
        put(sandbox, "ours", event)

    answer = sandbox.client("sqs").receive_message(QueueUrl=stack.resources["Failed"].ref)
    [message] = answer["Messages"]
    assert json.loads(message["Body"])["detail"] == {"outcome": "FAILED"}


def test_the_other_stack_that_is_shown_sends_all_of_it_to_another_accounts_bus(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    theirs: Any = sandbox.client("events", "us-east-1", THEIRS)
    sandbox.client("events").create_event_bus(Name="ours")
    arn = theirs.create_event_bus(Name="theirs")["EventBusArn"]
    sqs: Any = sandbox.client("sqs", "us-east-1", THEIRS)
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    theirs.put_rule(Name="r", EventBusName="theirs", EventPattern='{"source": ["sagewarden"]}')
    target = {"Id": "q", "Arn": f"arn:aws:sqs:us-east-1:{THEIRS}:q"}
    theirs.put_targets(Rule="r", EventBusName="theirs", Targets=[target])
    deployed(sandbox, 1, tmp_path, AnnouncementsBusName="ours", TheirBusArn=arn)

    put(sandbox, "ours", EVENT)

    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["detail"] == EVENT["detail"]


def test_the_command_that_tests_the_webhook_reaches_it(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        receiving() as receiver,
        announcing(sandbox, tmp_path, monkeypatch, webhook=True) as at_work,
    ):
        at_work.wiring.webhooks.hosts[HOST] = receiver.url
        bus = at_work.wiring.stack.resources["AnnouncementsBus"].ref
        entries = json.loads(ENTRIES.replace("<AnnouncementsBusName>", bus))

        sandbox.client("events").put_events(Entries=entries)
        at_work.wiring.deliver()

        [(headers, event)] = receiver.requests
    assert headers["x-api-key"] == KEY
    assert event["detail-type"] == "Webhook Test"


def test_nobody_outside_the_account_is_let_onto_the_bus(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with announcing(sandbox, tmp_path, monkeypatch) as at_work:
        bus = at_work.wiring.stack.resources["AnnouncementsBus"].ref
        described = sandbox.client("events").describe_event_bus(Name=bus)

    assert "Policy" not in described
