import errno
import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sagewarden.domain.outcomes import Outcome
from sagewarden_cli.local_ledger import LocalLedger, writing

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Desk

pytestmark = pytest.mark.aws

type Saved = Callable[[], Path]


def change(path: Path, **fields: object) -> None:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(document | fields), encoding="utf-8")


def test_a_plan_is_saved_applied_and_applied_again_harmlessly(
    desk: "Desk", saved_plan: Saved
) -> None:
    desk.add_notebook("nb")
    plan = saved_plan()

    first = desk.run("apply", plan)
    desk.sandbox.calls.clear()
    second = desk.run("apply", plan, "--output", "json")

    assert first.exit_code == 0
    assert "APPLIED stop notebook-instance nb (us-east-1): stop: done; undo: aws" in first.stdout
    assert "1 planned action: 1 applied" in first.stdout
    assert desk.status("nb") == "Stopped"
    assert second.exit_code == 0
    assert [item["outcome"] for item in json.loads(second.stdout)["outcomes"]] == ["SKIPPED"]
    assert desk.writing_calls() == []


def test_a_second_apply_is_harmless_without_the_ledger_too(desk: "Desk", saved_plan: Saved) -> None:
    desk.add_notebook("nb")
    plan = saved_plan()
    desk.run("apply", plan)
    other = f"file:{desk.folder / 'other.json'}"
    desk.sandbox.calls.clear()

    again = desk.run("apply", plan, "--output", "json", "--ledger", other)

    assert again.exit_code == 0
    assert [item["outcome"] for item in json.loads(again.stdout)["outcomes"]] == ["STALE"]
    assert desk.writing_calls() == []


def test_what_a_human_changed_since_the_plan_is_left_alone(desk: "Desk", saved_plan: Saved) -> None:
    desk.add_notebook("nb")
    desk.add_notebook("other")
    plan = saved_plan()
    client = desk.sandbox.client("sagemaker")
    client.stop_notebook_instance(NotebookInstanceName="nb")
    client.start_notebook_instance(NotebookInstanceName="nb")

    result = desk.run("apply", plan, "--output", "json")

    outcomes = {
        item["resource"]["name"]: item["outcome"] for item in json.loads(result.stdout)["outcomes"]
    }
    assert result.exit_code == 0
    assert outcomes == {"nb": "STALE", "other": "APPLIED"}
    assert desk.status("nb") == "InService"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"generated_at": "2026-01-01T00:00:00+00:00"}, "the plan is stale"),
        ({"generated_at": "2999-01-01T00:00:00+00:00"}, "the plan is for a moment to come"),
        ({"account": "210987654321"}, "the plan is for account 210987654321"),
        ({"account": None}, "the plan is for account None"),
        ({"policy_fingerprint": "0000000000000000"}, "made under policy 0000000000000000"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused_and_nothing_is_done(
    fields: dict[str, object], reason: str, desk: "Desk", saved_plan: Saved
) -> None:
    desk.add_notebook("nb")
    plan = saved_plan()
    change(plan, **fields)
    desk.sandbox.calls.clear()

    result = desk.run("apply", plan, "--output", "json")

    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert document["outcomes"] == []
    assert any(reason in told for told in document["refused"])
    assert reason in result.stderr
    assert desk.status("nb") == "InService"
    assert desk.writing_calls() == []


def test_a_changed_policy_refuses_the_plan(desk: "Desk", saved_plan: Saved) -> None:
    desk.add_notebook("nb")
    plan = saved_plan()
    desk.write_policy(extra="protect: [{tag: DoNotDelete}]\n")

    result = desk.run("apply", plan)

    assert result.exit_code == 1
    assert "the plan was made under policy" in result.stderr
    assert desk.status("nb") == "InService"


def test_the_age_of_a_plan_is_the_callers_choice(desk: "Desk", saved_plan: Saved) -> None:
    desk.add_notebook("nb")
    plan = saved_plan()

    refused = desk.run("apply", plan, "--max-age", "0m")
    applied = desk.run("apply", plan, "--max-age", "1d")

    assert refused.exit_code == 1
    assert "the plan is stale" in refused.stderr
    assert applied.exit_code == 0


def test_a_plan_over_the_limits_needs_an_approval(desk: "Desk", saved_plan: Saved) -> None:
    desk.write_policy(extra="limits: {actions_per_run: 1, percent_of_kind: 100}\n")
    desk.add_notebook("one")
    desk.add_notebook("two")
    plan = saved_plan()

    refused = desk.run("apply", plan)
    approved = desk.run("apply", plan, "--over-limits")

    assert refused.exit_code == 1
    assert "approve it with --over-limits" in refused.stderr
    assert approved.exit_code == 0
    assert "2 applied" in approved.stdout


def test_a_rule_that_only_observes_never_acts(desk: "Desk", saved_plan: Saved) -> None:
    desk.write_policy(mode="observe")
    desk.add_notebook("nb")
    plan = saved_plan()
    desk.sandbox.calls.clear()

    result = desk.run("apply", plan)

    assert result.exit_code == 0
    assert "SKIPPED" in result.stdout
    assert "only enforce acts" in result.stdout
    assert desk.writing_calls() == []


def test_nothing_is_done_while_the_ledger_is_halted(desk: "Desk", saved_plan: Saved) -> None:
    desk.add_notebook("nb")
    plan = saved_plan()
    with writing(desk.folder / "state" / "ledger.json") as ledger:
        ledger.halt("incident 7", "ops", datetime(2026, 11, 18, tzinfo=UTC))

    result = desk.run("apply", plan)

    assert "halted: incident 7" in result.stdout
    assert desk.status("nb") == "InService"


def test_another_run_that_holds_the_ledger_is_waited_for_by_the_human(
    desk: "Desk", saved_plan: Saved
) -> None:
    desk.add_notebook("nb")
    plan = saved_plan()

    with writing(desk.folder / "state" / "ledger.json"):
        result = desk.run("apply", plan)

    assert result.exit_code == 1
    assert "another run is using the ledger" in result.stderr
    assert desk.status("nb") == "InService"


def test_a_deleted_endpoint_leaves_its_manifest_in_the_ledger(
    desk: "Desk", saved_plan: Saved
) -> None:
    desk.add_idle_endpoint("forgotten")
    plan = saved_plan()

    result = desk.run("apply", plan, "--output", "json")

    ledger = json.loads((desk.folder / "state" / "ledger.json").read_text(encoding="utf-8"))
    outcome = json.loads(result.stdout)["outcomes"][0]
    assert result.exit_code == 0, result.output
    assert outcome["undo"].startswith("aws sagemaker create-endpoint")
    assert ledger["manifests"][0]["ref"]["name"] == "forgotten"
    assert desk.sandbox.client("sagemaker").list_endpoints()["Endpoints"] == []


def test_a_failed_action_is_told_and_exits_with_one_while_the_others_go_on(
    desk: "Desk", saved_plan: Saved
) -> None:
    desk.add_notebook("first")
    desk.add_notebook("second")
    plan = saved_plan()
    document = json.loads(plan.read_text(encoding="utf-8"))
    # The API refuses even to look this name up.
    document["actions"][0]["resource"]["name"] = "no such name"
    plan.write_text(json.dumps(document), encoding="utf-8")

    result = desk.run("apply", plan)

    assert result.exit_code == 1
    assert "FAILED stop notebook-instance no such name" in result.stdout
    assert "2 planned actions: 1 applied, 1 failed" in result.stdout
    assert desk.status("first") == "InService"
    assert desk.status("second") == "Stopped"


def test_what_was_done_is_told_even_when_the_run_crashes(
    desk: "Desk", saved_plan: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add_notebook("first")
    desk.add_notebook("second")
    plan = saved_plan()
    done, earlier = LocalLedger.record, count()

    def record_once(ledger: LocalLedger, outcome: Outcome) -> None:
        if next(earlier):
            raise OSError(errno.ENOSPC, "No space left on device", "ledger.json")
        done(ledger, outcome)

    monkeypatch.setattr(LocalLedger, "record", record_once)

    result = desk.run("apply", plan, "--output", "json")

    outcomes = json.loads(result.stdout)["outcomes"]
    assert result.exit_code == 1
    assert len(outcomes) == 1, "whichever of the two was recorded"
    assert "ledger.json: No space left on device" in result.stderr


def test_a_halt_goes_to_the_deployed_ledger_of_another_region(desk: "Desk") -> None:
    desk.sandbox.client("dynamodb", "eu-west-1").create_table(
        TableName="ledger",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    place = "dynamodb:ledger@eu-west-1"

    halted = desk.call("halt", "--why", "incident 7", "--ledger", place)
    resumed = desk.call("resume", "--ledger", place)
    elsewhere = desk.call("halt", "--why", "incident 7", "--ledger", "dynamodb:none@eu-west-1")

    assert halted.exit_code == resumed.exit_code == 0, halted.output
    assert "it was halted: incident 7" in resumed.stdout
    assert elsewhere.exit_code == 1
    assert "writing the ledger failed: ResourceNotFoundException" in elsewhere.stderr
