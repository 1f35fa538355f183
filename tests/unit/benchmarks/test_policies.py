"""What the two tools are told is the same question."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.fleet import FleetSize, endpoints, notebooks, to_be_done
from benchmarks.server import seed
from benchmarks.tools import custodian_policy, our_policy
from sagewarden.application.plan_fleet import plan_fleet
from sagewarden.bootstrap import open_workbench, read_policy
from sagewarden_cli.sandbox import Sandbox

NOW = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)
KINDS = ("endpoint", "notebook-instance")


@pytest.mark.aws
def test_our_policy_is_right_about_every_resource_of_the_fleet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, size = tmp_path / "policy.yaml", FleetSize(200, 40)
    path.write_text(our_policy(KINDS, NOW), encoding="utf-8")
    with Sandbox(now=NOW) as sandbox:
        for name, value in sandbox.environment().items():
            monkeypatch.setenv(name, value)
        seed(sandbox, size, NOW)

        plan = plan_fleet(read_policy(path), ["us-east-1"], open_workbench().hands.fleet, NOW)

    names = {item.verdict.ref.name for item in plan.actions}
    assert names == to_be_done(endpoints(size, NOW)) | to_be_done(notebooks(size, NOW))
    assert len(plan.actions) + len(plan.left_alone) == 240


def test_custodians_policy_asks_what_costs_no_call_first() -> None:
    policies = json.loads(custodian_policy(KINDS, NOW))["policies"]

    assert [policy["resource"] for policy in policies] == [
        "aws.sagemaker-endpoint",
        "aws.sagemaker-notebook",
    ]
    assert policies[0]["filters"][-1]["type"] == "metrics"
    assert policies[0]["filters"][-1]["days"] == 2


def test_custodians_hour_does_not_run_out_before_a_long_run_ends() -> None:
    [policy] = json.loads(custodian_policy(["notebook-instance"], NOW))["policies"]

    assert [one["offhour"] for one in policy["filters"][-1]["or"]] == [23, 0]


def test_one_kind_is_one_rule() -> None:
    assert len(json.loads(our_policy(["endpoint"], NOW))["rules"]) == 1
    assert len(json.loads(custodian_policy(["endpoint"], NOW))["policies"]) == 1
