"""The command line brings back what it took away."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner, Result

from sagewarden.adapters.clock import SystemSleeper
from sagewarden.adapters.ledger_dynamodb import create_table
from sagewarden.adapters.sessions import Sessions
from sagewarden_cli.app import main
from tests.support.faults import answer_with_error

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Desk

pytestmark = pytest.mark.aws

type Saved = Callable[[], Path]
ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/e"


def run(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(main, ["restore", *words])


def document(result: Result) -> Any:
    return json.loads(result.stdout)


@pytest.fixture
def deleted(desk: "Desk", saved_plan: Saved) -> "Desk":
    """A desk from which the idle endpoint ``e`` was deleted."""
    desk.add_idle_endpoint("e")
    assert desk.run("apply", saved_plan()).exit_code == 0
    return desk


@pytest.mark.parametrize("word", ["e", ARN])
def test_a_deleted_endpoint_comes_back_by_its_name_or_arn(deleted: "Desk", word: str) -> None:
    result = run(word, "--wait")

    assert result.exit_code == 0
    assert "done  create endpoint e" in " ".join(result.stdout.split("\n")).replace("   ", "  ")
    assert "RESTORED endpoint e: everything is as it was" in result.stdout
    client = deleted.sandbox.client("sagemaker")
    assert client.describe_endpoint(EndpointName="e")["EndpointStatus"] == "InService"


def test_a_restore_that_has_to_wait_ends_with_2_and_goes_on_when_it_is_run_again(
    deleted: "Desk",
) -> None:
    deleted.sandbox.transition_times.set("endpoint", "Creating", timedelta(hours=1))

    first = run("e", "--output", "json")
    second = run("e", "--output", "json")

    assert (first.exit_code, second.exit_code) == (2, 2)
    assert document(first)["done"] == ["create endpoint e"]
    assert document(second)["done"] == []
    assert document(second)["waiting"] == "endpoint e is Creating"


def test_waiting_ends_when_patience_does(deleted: "Desk", monkeypatch: pytest.MonkeyPatch) -> None:
    deleted.sandbox.transition_times.set("endpoint", "Creating", timedelta(hours=1))
    slept: list[timedelta] = []
    monkeypatch.setattr(SystemSleeper, "sleep", lambda _, length: slept.append(length))

    result = run("e", "--wait", "--patience", "0m")

    assert result.exit_code == 2
    assert "UNDER_WAY endpoint e: under way: run the same command again" in result.stdout


def test_waiting_looks_again_until_all_is_back(
    deleted: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted.sandbox.transition_times.set("endpoint", "Creating", timedelta(seconds=20))
    advance = deleted.sandbox.clock.advance
    monkeypatch.setattr(SystemSleeper, "sleep", lambda _, length: advance(length))

    result = run("e", "--wait")

    assert result.exit_code == 0
    assert "create endpoint e: done" in result.stderr


def test_what_can_be_brought_back_is_listed_until_it_is_back(deleted: "Desk") -> None:
    before = document(run("--list", "--output", "json"))
    table = run("--list")
    run("e", "--wait")

    after = run("--list")

    [item] = before["restorable"]
    assert (item["action"], item["rule"], item["resource"]["arn"]) == ("delete", "idle", ARN)
    assert "account 123456789012, us-east-1: 1 thing to bring back" in table.stdout
    assert "deleted" in table.stdout
    assert "0 things to bring back" in after.stdout
    assert deleted.writing_calls()


def test_what_somebody_made_meanwhile_is_left_and_the_exit_code_is_1(deleted: "Desk") -> None:
    fleet = deleted.sandbox.sagemaker()
    fleet.add_endpoint("e", instance_type="ml.m5.xlarge")

    result = run("e")

    assert result.exit_code == 1
    assert "REFUSED endpoint e: nothing was done" in result.stdout


def test_a_part_that_aws_refuses_is_shown_with_the_commands_that_finish_it(
    deleted: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt = Sessions()
    answer_with_error(spoilt, "sagemaker", "CreateEndpoint", "ResourceLimitExceeded")
    monkeypatch.setattr("sagewarden.bootstrap.Sessions", lambda _profile: spoilt)

    result = run("e")

    assert result.exit_code == 2
    assert "PARTIAL endpoint e: not everything is as it was" in result.stdout
    assert "To finish it by hand, in this order:" in result.stdout
    assert "aws sagemaker create-endpoint --cli-input-json" in result.stdout
    assert deleted.sandbox.client("sagemaker").list_endpoints()["Endpoints"] == []


def test_a_stopped_notebook_runs_again(desk: "Desk", saved_plan: Saved) -> None:
    desk.add_notebook("nb")
    desk.run("apply", saved_plan())

    result = run("nb", "--wait")

    assert result.exit_code == 0
    assert desk.status("nb") == "InService"


def test_a_manifest_that_lies_in_a_bucket_is_found_by_the_table_alone(
    desk: "Desk", saved_plan: Saved
) -> None:
    desk.add_idle_endpoint("e")
    create_table(desk.sandbox.client("dynamodb"), "ledger")
    desk.sandbox.client("s3").create_bucket(Bucket="archive")
    applied = desk.run("apply", saved_plan(), "--ledger", "dynamodb:ledger,s3:archive")

    result = run("e", "--wait", "--ledger", "dynamodb:ledger")

    assert applied.exit_code == 0
    assert desk.sandbox.client("s3").list_objects_v2(Bucket="archive")["KeyCount"] == 1
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["unheard-of"], "unheard-of: the ledger knows nothing of it that could be undone"),
        ([], "name what to bring back, or ask with --list what can be"),
        (["e", "--list"], "name what to bring back, or ask with --list what can be"),
        (["e", "--patience", "long"], "--patience: 'long' is no length of time"),
        (["e", "--ledger", "dynamodb:table,"], "names no bucket"),
    ],
)
@pytest.mark.usefixtures("desk")
def test_what_cannot_be_understood_is_explained(words: list[str], complaint: str) -> None:
    result = run(*words)

    assert result.exit_code == 1
    assert complaint in result.stderr
