"""From a notebook's own reports to a plan: by the shipped lifecycle configuration's metric."""

import json
from base64 import b64decode
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sagewarden_cli.notebook_activity_command import on_start_script

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Desk

pytestmark = pytest.mark.aws

RULES = """
  - name: idle-notebooks
    resources: notebook-instance
    names: "idle-*"
    idle: {for: 2h}
"""


@pytest.fixture
def lab(desk: "Desk") -> "Desk":
    """Three notebook instances: one reports rest, one work, one nothing."""
    fleet, client = desk.sandbox.sagemaker(), desk.sandbox.client("cloudwatch")
    old = desk.now - timedelta(days=30)
    for name in ("idle-rests", "idle-works", "idle-silent"):
        fleet.add_notebook_instance(
            name, instance_type="ml.t3.medium", created_at=old, modified_at=old
        )
    for number in range(24):
        at = desk.now - timedelta(minutes=5 * (number + 1))
        for name, value in (("idle-rests", 0.0), ("idle-works", float(number == 7))):
            client.put_metric_data(
                Namespace="Sagewarden/Notebooks",
                MetricData=[
                    {
                        "MetricName": "Active",
                        "Dimensions": [{"Name": "NotebookInstanceName", "Value": name}],
                        "Timestamp": at,
                        "Value": value,
                    }
                ],
            )
    desk.write_policy(extra=RULES)
    return desk


def test_only_what_reports_rest_is_planned_to_be_stopped(lab: "Desk") -> None:
    result = lab.run("plan", "--rule", "idle-notebooks", "--output", "json")

    document = json.loads(result.stdout)
    (action,) = document["actions"]
    assert (action["resource"]["name"], action["action"]) == ("idle-rests", "stop")
    assert action["reason"] == "no kernel and no terminal was at work for 2 h"
    left = {item["resource"]["name"]: item["verdict"] for item in document["left_alone"]}
    assert left["idle-works"] == "COMPLIANT"
    assert left["idle-silent"] == "UNKNOWN"


def test_what_was_stopped_can_be_started_again(lab: "Desk") -> None:
    plan = lab.folder / "plan.json"
    lab.run("plan", "--rule", "idle-notebooks", "--save", plan)

    applied = lab.run("apply", plan)
    lab.sandbox.clock.advance(timedelta(minutes=5))
    restored = lab.call("restore", "idle-rests", "--wait")

    assert "APPLIED stop notebook-instance idle-rests" in applied.stdout
    assert restored.exit_code == 0


def test_the_lifecycle_configuration_is_one_that_sagemaker_takes(lab: "Desk") -> None:
    content = lab.call("notebook-activity", "--base64").stdout.strip()
    client = lab.sandbox.client("sagemaker")

    client.create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName="sagewarden-activity",
        OnStart=[{"Content": content}],
    )

    assert len(content) <= 16_384
    script = b64decode(content).decode()
    assert script == on_start_script()
    assert lab.call("notebook-activity").stdout == script
    assert "@REPORTER@" not in script
    assert script.rstrip().endswith("exit 0")
