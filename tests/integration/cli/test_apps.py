"""The command line plans for Studio apps, stops them, explains it, and brings them back."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Desk

pytestmark = pytest.mark.aws

LAB = "space/mina-lab/JupyterLab/default"
ARN = "arn:aws:sagemaker:us-east-1:123456789012:app/d-one/mina-lab/jupyterlab/default"
RULES = """
  - name: apps-off-hours
    resources: studio-app
    outside: office
    schedule_tag: Schedule
  - name: idle-apps
    resources: studio-app
    names: "user/*"
    idle: {for: 2h}
"""


@pytest.fixture
def studio(desk: "Desk") -> "Desk":
    """Mina's space with its app, and an idle kernel that is open all day."""
    fleet = desk.sandbox.sagemaker()
    old = desk.now - timedelta(days=30)
    fleet.add_domain("d-one", created_at=old)
    fleet.add_user_profile("mina", domain="d-one", created_at=old)
    fleet.add_space("mina-lab", domain="d-one", owner="mina", created_at=old)
    fleet.add_app(
        domain="d-one",
        space="mina-lab",
        instance_type="ml.g5.xlarge",
        created_at=old,
        tags={"Owner": "mina"},
    )
    fleet.add_app(
        "datascience",
        domain="d-one",
        user_profile="mina",
        app_type="KernelGateway",
        created_at=old,
        last_user_activity_at=desk.now - timedelta(hours=5),
        last_health_check_at=desk.now - timedelta(minutes=2),
        tags={"Schedule": "off"},
    )
    desk.write_policy(extra=RULES)
    return desk


def statuses(desk: "Desk") -> dict[str, str]:
    apps = desk.sandbox.client("sagemaker").list_apps()["Apps"]
    return {app["AppName"]: app["Status"] for app in apps}


def test_a_plan_names_each_app_its_reason_and_its_price_and_touches_nothing(
    studio: "Desk",
) -> None:
    result = studio.run("plan", "--output", "json")

    document = json.loads(result.stdout)
    found = {item["resource"]["name"]: item for item in document["actions"]}
    kernel = "user/mina/KernelGateway/datascience"
    assert {name: item["rule"] for name, item in found.items()} == {
        LAB: "apps-off-hours",
        kernel: "idle-apps",
    }
    assert {item["action"] for item in found.values()} == {"stop"}
    assert found[LAB]["resource"]["kind"] == "studio-app"
    assert found[kernel]["reason"] == "nobody used it for 5 h"
    assert found[LAB]["savings_basis"].startswith("1 x ml.g5.xlarge at $1.41/h")
    assert found[kernel]["monthly_savings_usd"] is None
    assert studio.writing_calls() == []
    assert LAB in studio.run("plan").stdout


@pytest.mark.parametrize("word", [ARN, LAB, "mina-lab", "space/mina-lab"])
def test_what_was_applied_comes_back_by_its_name_or_where_it_ran(studio: "Desk", word: str) -> None:
    plan = studio.folder / "plan.json"
    assert studio.run("plan", "--rule", "apps-off-hours", "--save", plan).exit_code == 2

    applied = studio.run("apply", plan)
    stopped = statuses(studio)
    listed = studio.call("restore", "--list")
    restored = studio.call("restore", word, "--wait")

    assert applied.exit_code == 0
    assert f"APPLIED stop studio-app {LAB}" in applied.stdout
    assert f"undo: sagewarden restore {ARN}" in applied.stdout
    assert stopped == {"default": "Deleted", "datascience": "InService"}
    assert LAB in listed.stdout
    assert restored.exit_code == 0
    assert f"RESTORED studio-app {LAB}: everything is as it was" in restored.stdout
    assert statuses(studio)["default"] == "InService"
    spec = studio.sandbox.client("sagemaker").describe_app(
        DomainId="d-one", SpaceName="mina-lab", AppType="JupyterLab", AppName="default"
    )
    assert spec["ResourceSpec"] == {"InstanceType": "ml.g5.xlarge"}


def test_a_name_that_means_several_apps_is_refused(studio: "Desk") -> None:
    fleet = studio.sandbox.sagemaker()
    old = studio.now - timedelta(days=30)
    fleet.add_user_profile("mina-lab", domain="d-one")
    fleet.add_app(
        domain="d-one", user_profile="mina-lab", app_type="Canvas", created_at=old, tags={}
    )
    plan = studio.folder / "plan.json"
    studio.run("plan", "--rule", "apps-off-hours", "--save", plan)
    studio.run("apply", plan)

    result = studio.call("restore", "mina-lab")

    assert result.exit_code == 1
    assert "may be any of these, give its ARN" in result.stderr


def test_a_policy_is_shown_in_words(studio: "Desk") -> None:
    document = json.loads(studio.call("policy", "show", studio.policy, "--output", "json").stdout)

    told = {rule["rule"]: (rule["resources"], rule["does"]) for rule in document["rules"]}
    assert told["apps-off-hours"][0] == "studio-app"
    assert told["idle-apps"] == (
        "studio-app",
        "stop after 2 h without use, 30 min after the warning",
    )
