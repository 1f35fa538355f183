"""Which calls the rules of the templates let through to the guardrails."""

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from tests.support.events import a_record, an_event
from tests.support.templates import template

HUB, SPOKE = template("template.yaml")["Resources"], template("spoke.yaml")["Resources"]
CALLS = {
    "of the hub's account": HUB["GuardrailsCalls"],
    "of the spokes": HUB["GuardrailsSpokeCalls"],
    "in a spoke": SPOKE["Forwarding"],
}


def matches(rule: str, service: str, operation: str, **more: Any) -> bool:
    pattern = CALLS[rule]["Properties"]["EventPattern"]
    record = a_record(operation, eventSource=f"{service}.amazonaws.com", **more)
    event: Any = an_event(record) | {"source": f"aws.{service}"}
    return bool(EventPattern(json.dumps(pattern), pattern).matches_event(event))


@pytest.mark.parametrize("rule", CALLS)
@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("sagemaker", "CreateCluster"),
        ("sagemaker", "AddTags"),
        ("sagemaker", "BatchAddClusterNodes"),
        ("bedrock", "CreateProvisionedModelThroughput"),
    ],
)
def test_what_creates_or_tags_something_that_bills_comes_through(
    rule: str, service: str, operation: str
) -> None:
    assert matches(rule, service, operation)


@pytest.mark.parametrize("rule", CALLS)
@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("bedrock", "CreateGuardrail"),
        ("bedrock", "TagResource"),
        ("s3", "CreateBucket"),
    ],
)
def test_other_calls_do_not(rule: str, service: str, operation: str) -> None:
    assert not matches(rule, service, operation)


@pytest.mark.parametrize("rule", ["of the hub's account", "of the spokes"])
@pytest.mark.parametrize(
    ("service", "operation"),
    [("sagemaker", "CreateCluster"), ("bedrock", "CreateProvisionedModelThroughput")],
)
def test_a_call_that_failed_created_nothing(rule: str, service: str, operation: str) -> None:
    assert not matches(rule, service, operation, errorCode="AccessDenied")
