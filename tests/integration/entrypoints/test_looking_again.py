"""The bot for idle endpoints looks again by what it remembers in the ledger's table."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from sagewarden.bots import BOTS
from tests.integration.conftest import NOW
from tests.integration.entrypoints.conftest import Stack
from tests.support.invocations import REGION, a_request, an_sqs_event, failed

HOUR = timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=30)
REQUEST = an_sqs_event(a_request(bot="idle_endpoints"))


def served(stack: Stack, name: str, hours: int, called: int | None = None) -> None:
    """Let an endpoint have served for some hours, and have been called some hours ago."""
    now = stack.clock.now()
    points = [(now - back * HOUR, 3.0 if back == called else 0.0) for back in range(hours)]
    dimensions = {"EndpointName": name, "VariantName": "AllTraffic"}
    stack.sandbox.metrics.load(None, REGION, "AWS/SageMaker", "Invocations", dimensions, points)


@pytest.fixture
def fleet(stack: Stack) -> Stack:
    """A stack with an idle endpoint and one that was called two hours ago."""
    added = stack.sandbox.sagemaker(region=REGION)
    for name in ("idle", "busy"):
        added.add_endpoint(name, instance_type="ml.m5.large", created_at=LONG_AGO)
    served(stack, "idle", 60)
    served(stack, "busy", 60, called=2)
    return stack


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]


def verdicts(lines: list[dict[str, Any]]) -> dict[str, str]:
    said = (line for line in lines if line.get("message") == "verdict")
    return {line["resource"].rpartition("/")[2]: line["verdict"] for line in said}


def test_what_was_called_two_hours_ago_is_not_read_an_hour_later_and_the_log_says_so(
    fleet: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = fleet.bot("idle_endpoints")
    first = sweep(REQUEST)
    everything = logged(capsys)
    fleet.after(HOUR)
    served(fleet, "idle", 1)
    called = fleet.clock.now() - 3 * HOUR

    second = fleet.bot("idle_endpoints")(REQUEST)

    lines = logged(capsys)
    [unread] = [line for line in lines if str(line.get("message")).startswith("left unread")]
    assert failed(first) == failed(second) == []
    assert verdicts(everything) == {"idle": "VIOLATION", "busy": "COMPLIANT"}
    assert verdicts(lines) == {"idle": "VIOLATION"}
    whole_hour = called.replace(minute=0, second=0, microsecond=0)
    assert unread["resources"] == 1
    assert datetime.fromisoformat(unread["not_before"]) == whole_hour + 49 * HOUR


def test_what_it_warned_of_by_a_first_look_it_deletes_by_a_second(fleet: Stack) -> None:
    sweep = fleet.bot("idle_endpoints")
    for hours in (0, 12, 11.75, 1.25):
        fleet.after(hours * HOUR)
        served(fleet, "idle", 14)
        served(fleet, "busy", 14)
        assert failed(sweep(REQUEST)) == []

    client = fleet.sandbox.client("sagemaker", REGION)
    statuses = {item["EndpointName"]: item["EndpointStatus"] for item in _endpoints(client)}
    assert statuses == {"busy": "InService"}


def test_a_memory_that_cannot_be_read_leads_to_a_full_sweep_and_a_warning_in_the_log(
    fleet: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = fleet.bot("idle_endpoints")
    sweep(REQUEST)
    logged(capsys)
    fleet.after(HOUR)

    monkeypatch.setattr(
        "sagewarden.adapters.survey_memory.DynamoDBSurveyMemory._key",
        lambda *_: {"pk": {"S": ""}, "sk": {"S": ""}},
    )
    answer = fleet.bot("idle_endpoints")(REQUEST)

    lines = logged(capsys)
    troubles = [line["why"] for line in lines if line.get("level") == "WARNING" and "why" in line]
    assert failed(answer) == []
    assert verdicts(lines) == {"idle": "VIOLATION", "busy": "COMPLIANT"}
    assert [trouble.split(" failed:")[0].split(": ")[0] for trouble in troubles] == [
        "what is remembered",
        "remembering what was seen",
    ]


def test_only_bots_whose_rules_are_all_for_idle_endpoints_look_again() -> None:
    assert [bot.name for bot in BOTS if bot.looks_again] == ["idle_endpoints"]


def _endpoints(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.list_endpoints()["Endpoints"]
    return found
