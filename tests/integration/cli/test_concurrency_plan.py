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
