import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Desk

pytestmark = pytest.mark.aws

RULE = """
  - name: warm
    resources: serverless-endpoint
    provisioned_concurrency: {strategy: target-tracking, bounds: [2, 8]}
"""


def add_serverless(desk: "Desk") -> None:
    fleet = desk.sandbox.sagemaker()
    fleet.add_model("m")
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 10, "ProvisionedConcurrency": 2}
    variant = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": serverless}
    fleet.add_endpoint_config("c", variants=[variant])
    fleet.add_endpoint("warm-one", config="c", created_at=desk.now)


def test_a_plan_shows_what_the_provisioned_concurrency_bot_would_set(desk: "Desk") -> None:
    desk.write_policy(extra=RULE)
    add_serverless(desk)
    desk.sandbox.calls.clear()

    result = desk.run("plan", "--output", "json")

    [action] = json.loads(result.stdout)["actions"]
    assert (action["action"], action["resource"]["name"]) == (
        "set-provisioned-concurrency",
        "warm-one",
    )
    assert "bounds 2..8" in action["reason"]
    assert desk.writing_calls() == []


def test_applying_it_is_left_to_the_bot_and_said_so(desk: "Desk") -> None:
    desk.write_policy(extra=RULE)
    add_serverless(desk)
    path = desk.folder / "plan.json"
    desk.run("plan", "--save", path)
    desk.sandbox.calls.clear()

    result = desk.run("apply", path)

    assert "left to the provisioned concurrency bot" in result.output
    assert desk.writing_calls() == []


BY_HOURS = """
  - name: by-use
    resources: real-time-endpoint
    names: churn
    capacity: {during: [2, 8], target_invocations: 100}
"""


def test_a_plan_shows_what_it_would_set_for_instances_and_policy_show_says_so(
    desk: "Desk",
) -> None:
    desk.write_policy(extra=BY_HOURS)
    desk.sandbox.sagemaker().add_endpoint("churn", created_at=desk.now)
    desk.sandbox.calls.clear()

    planned = desk.run("plan", "--output", "json")
    shown = desk.call("policy", "show", desk.policy, "--output", "json")

    [action] = json.loads(planned.stdout)["actions"]
    assert (action["action"], action["resource"]["name"]) == ("set-capacity", "churn")
    assert "bounds 2..8, track 100 calls a minute per instance" in action["reason"]
    assert desk.writing_calls() == []
    rule = next(item for item in json.loads(shown.stdout)["rules"] if item["rule"] == "by-use")
    assert (rule["resources"], rule["does"]) == (
        "real-time-endpoint",
        "2..8 instances, track 100 calls a minute per instance",
    )
