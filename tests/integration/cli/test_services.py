"""The command line plans for services, stops what can be stopped, and brings it back by name."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Desk

pytestmark = pytest.mark.aws

RULES = """
  - name: services
    resources: [mlflow-tracking-server, monitoring-schedule, provisioned-model, studio-file-system]
    action: delete
"""
SERVER = "flow"
THROUGHPUT = "chat"


@pytest.fixture
def unused(desk: "Desk") -> "Desk":
    """A server that AWS calls inactive, a schedule on nothing, and what nobody calls."""
    fleet, old = desk.sandbox.sagemaker(), desk.now - timedelta(days=30)
    fleet.add_tracking_server(SERVER, is_used=False, created_at=old)
    fleet.add_monitoring_schedule("watch", endpoint="gone", created_at=old)
    fleet.add_domain("d-empty", created_at=old)
    fleet.fill_home("d-empty", 2**35)
    arn = desk.sandbox.bedrock().add_provisioned_model(THROUGHPUT, created_at=old)
    hour = desk.now.replace(minute=0, second=0, microsecond=0)
    points = [(hour - timedelta(hours=back), 0.0) for back in range(80)]
    desk.sandbox.metrics.load(None, None, "AWS/Bedrock", "Invocations", {"ModelId": arn}, points)
    desk.write_policy(extra=RULES)
    return desk


def test_a_plan_names_each_service_and_what_is_done_and_touches_nothing(unused: "Desk") -> None:
    document = json.loads(unused.run("plan", "--output", "json").stdout)

    done = {item["resource"]["name"]: item["action"] for item in document["actions"]}
    told = {item["resource"]["name"]: item["reason"] for item in document["left_alone"]}
    assert done == {SERVER: "stop", "watch": "stop", THROUGHPUT: "delete"}
    assert told["empty"] == (
        "its domain has no user profile, space or app, and 32 GB are still billed; "
        "it costs $9.60 a month at list price; its owner is told, and no more"
    )
    assert unused.writing_calls() == []


@pytest.mark.parametrize("word", [SERVER, "watch", THROUGHPUT])
def test_what_was_applied_comes_back_by_its_name(unused: "Desk", word: str) -> None:
    plan = unused.folder / "plan.json"
    assert unused.run("plan", "--rule", "services", "--save", plan).exit_code == 2

    applied = unused.run("apply", plan)
    listed = unused.call("restore", "--list")
    restored = unused.call("restore", word, "--wait")

    assert word in applied.stdout
    assert word in listed.stdout
    if word == THROUGHPUT:  # it comes back under another ARN, which is told
        assert "provisionedModelArn" in restored.stdout
        model = unused.sandbox.client("bedrock").get_provisioned_model_throughput(
            provisionedModelId=THROUGHPUT
        )
        assert model["status"] == "InService"
    else:
        assert "everything is as it was" in restored.stdout


def test_a_policy_is_shown_in_words(unused: "Desk") -> None:
    document = json.loads(unused.call("policy", "show", unused.policy, "--output", "json").stdout)

    told = {rule["rule"]: rule["does"] for rule in document["rules"]}
    assert told["services"] == "delete after 72 h without use, 24 h after the warning"
