import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Desk

pytestmark = pytest.mark.aws


def test_nothing_to_do_exits_with_zero(desk: "Desk") -> None:
    result = desk.run("plan")

    assert result.exit_code == 0
    assert "Nothing to do." in result.stdout


def test_a_planned_action_exits_with_two_and_writes_nothing(desk: "Desk") -> None:
    desk.add_notebook("nb", Owner="mina")
    desk.sandbox.calls.clear()

    result = desk.run("plan")

    assert result.exit_code == 2
    assert "nb" in result.stdout
    assert desk.writing_calls() == []
    assert not (desk.folder / "state").exists()


def test_the_json_holds_the_whole_plan_and_nothing_else_is_on_stdout(desk: "Desk") -> None:
    desk.add_notebook("nb")
    desk.add_notebook("odd", Schedule="sometimes")
    desk.add_idle_endpoint("forgotten")

    result = desk.run("plan", "--output", "json")

    document = json.loads(result.stdout)
    assert result.exit_code == 2
    assert document["schema"] == 1
    assert document["account"] == desk.sandbox.account_id
    assert [(item["action"], item["resource"]["name"]) for item in document["actions"]] == [
        ("stop", "nb"),
        ("delete", "forgotten"),
    ]
    assert document["actions"][1]["monthly_savings_usd"] == pytest.approx(1.408 * 730, abs=0.01)
    assert [(item["resource"]["name"], item["verdict"]) for item in document["left_alone"]] == [
        ("odd", "UNKNOWN")
    ]
    assert document["incomplete"] == []
    assert document["limits"]["exceeded"] == []
    assert document["api_calls"]["SageMaker.ListNotebookInstances"] == 1


def test_the_api_calls_are_those_that_aws_received(desk: "Desk") -> None:
    desk.add_notebook("nb")
    desk.add_idle_endpoint("forgotten")
    desk.sandbox.calls.clear()

    result = desk.run("plan", "--output", "json")

    told = json.loads(result.stdout)["api_calls"]
    received = desk.sandbox.calls.counts()
    assert sum(told.values()) == sum(received.values())


def test_violations_in_studio_are_shown_and_studio_is_asked_only_for_a_rule(desk: "Desk") -> None:
    desk.sandbox.sagemaker().add_domain("d-research", created_at=desk.now - timedelta(days=30))
    before = json.loads(desk.run("plan", "--output", "json").stdout)
    desk.write_policy(
        extra="""
  - name: nothing-runs-idle
    resources: studio-domain
    require_idle_shutdown: {at_most: 2h}
"""
    )

    document = json.loads(desk.run("plan", "--output", "json").stdout)
    table = desk.run("plan").stdout

    [told] = document["left_alone"]
    assert (told["rule"], told["verdict"]) == ("nothing-runs-idle", "VIOLATION")
    assert (told["resource"]["kind"], told["resource"]["name"]) == ("studio-domain", "research")
    assert "nothing-runs-idle" in table
    assert "SageMaker.ListDomains" not in before["api_calls"]
    assert document["api_calls"]["SageMaker.DescribeDomain"] == 1
    assert "SageMaker.ListUserProfiles" not in document["api_calls"]


def test_only_the_named_rules_are_planned_by(desk: "Desk") -> None:
    desk.add_notebook("nb")
    desk.add_idle_endpoint("forgotten")

    result = desk.run("plan", "--rule", "idle", "--output", "json")

    document = json.loads(result.stdout)
    assert [item["rule"] for item in document["actions"]] == ["idle"]
    assert "SageMaker.ListNotebookInstances" not in document["api_calls"]


def test_a_plan_for_another_moment_is_judged_for_that_moment(desk: "Desk") -> None:
    desk.add_notebook("nb")

    closed = desk.run("plan")
    opened = desk.run("plan", "--at", desk.opening.isoformat())

    assert (closed.exit_code, opened.exit_code) == (2, 0)


DENIED_JSON = b'{"__type": "AccessDeniedException", "message": "not for you"}'
DENIED_XML = (
    b"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
    b"<Message>not for you</Message></Error></ErrorResponse>"
)


class _Forbidding(BaseHTTPRequestHandler):
    """Answers as AWS does when IAM does not allow a call."""

    xml = DENIED_XML

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        speaks_xml = "urlencoded" in self.headers.get("Content-Type", "")
        body = self.xml if speaks_xml else DENIED_JSON
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


class _Hotel(_Forbidding):
    """Answers as a captive portal does."""

    xml = b"<html>Welcome to the hotel</html"


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve answers on localhost, and tell where."""
    with ThreadingHTTPServer(("localhost", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def forbidding() -> Iterator[str]:
    with served(_Forbidding) as url:
        yield url


def test_what_could_not_be_read_is_warned_of_and_the_rest_is_planned(
    desk: "Desk", forbidding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", forbidding)
    desk.add_notebook("nb")
    desk.add_idle_endpoint("forgotten")

    result = desk.run("plan", "--output", "json")

    document = json.loads(result.stdout)
    assert result.exit_code == 2
    assert [item["resource"]["name"] for item in document["actions"]] == ["nb"]
    assert document["incomplete"] != []
    assert "WARNING: THE PLAN IS INCOMPLETE" in result.stderr


def test_unreadable_metrics_delete_nothing_and_are_never_nothing_to_do(
    desk: "Desk", forbidding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH", forbidding)
    desk.add_idle_endpoint("forgotten")

    result = desk.run("plan")

    assert result.exit_code == 1
    assert "Nothing to do in what could be read." in result.stdout
    assert "WARNING: THE PLAN IS INCOMPLETE" in result.stderr


def test_the_doctor_names_the_permission_that_is_missing(
    desk: "Desk", forbidding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API", forbidding)

    result = desk.run("doctor", "--output", "json")

    checks = {check["check"]: check for check in json.loads(result.stdout)["checks"]}
    denied = checks["tag:GetResources in us-east-1"]
    assert "AccessDeniedException" in denied["found"]
    assert "allow tag:GetResources" in denied["fix"]


def test_credentials_that_are_refused_are_one_message(
    desk: "Desk", forbidding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", forbidding)

    result = desk.run("plan")

    assert result.exit_code == 1
    assert "AWS refused GetCallerIdentity: AccessDenied: not for you" in result.stderr


def test_an_answer_that_is_none_of_aws_is_one_message(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(_Hotel) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)

        result = desk.run("plan")

    assert result.exit_code == 1
    assert "check AWS_ENDPOINT_URL" in result.stderr


def test_a_plan_is_not_saved_into_a_folder_that_does_not_exist(desk: "Desk") -> None:
    desk.sandbox.calls.clear()

    result = desk.run("plan", "--save", "nowhere/plan.json")

    assert result.exit_code == 1
    assert "--save: there is no folder nowhere" in result.stderr
    assert desk.sandbox.calls.counts() == {}


def test_markdown_is_printed_for_a_pull_request(desk: "Desk") -> None:
    desk.add_notebook("nb")

    result = desk.run("plan", "--output", "markdown")

    assert result.exit_code == 2
    assert result.stdout.startswith("## Plan for account")
    assert "| stop | nb | us-east-1 |" in result.stdout


def test_the_doctor_finds_a_reachable_account_without_a_trail(desk: "Desk") -> None:
    result = desk.run("doctor", "--output", "json")

    checks = {check["check"]: check for check in json.loads(result.stdout)["checks"]}
    failed = [name for name, check in checks.items() if not check["passed"]]
    assert result.exit_code == 1
    assert failed == ["CloudTrail in us-east-1"]
    assert "create a trail" in checks["CloudTrail in us-east-1"]["fix"]


def test_the_doctor_is_content_with_a_trail(desk: "Desk") -> None:
    desk.sandbox.client("s3").create_bucket(Bucket="trail")
    desk.sandbox.client("cloudtrail").create_trail(Name="all", S3BucketName="trail")

    result = desk.run("doctor")

    assert result.exit_code == 0, result.output
    assert "16 checks, 0 failed" in result.stdout


def test_the_doctor_changes_nothing(desk: "Desk") -> None:
    desk.sandbox.calls.clear()

    desk.run("doctor")

    assert desk.writing_calls() == []


def test_a_stop_made_from_here_is_taken_back_at_opening(desk: "Desk") -> None:
    desk.add_notebook("nb")
    desk.run("plan", "--save", desk.folder / "plan.json")
    applied = desk.run("apply", desk.folder / "plan.json")

    result = desk.run("plan", "--at", desk.opening.isoformat(), "--output", "json")

    assert applied.exit_code == 0, applied.output
    assert desk.status("nb") == "Stopped"
    assert [item["action"] for item in json.loads(result.stdout)["actions"]] == ["start"]


def test_another_ledger_knows_nothing_of_that_stop(desk: "Desk") -> None:
    desk.add_notebook("nb")
    desk.run("plan", "--save", desk.folder / "plan.json")
    desk.run("apply", desk.folder / "plan.json")

    other = f"file:{desk.folder / 'other.json'}"
    result = desk.run("plan", "--at", desk.opening.isoformat(), "--ledger", other)

    assert result.exit_code == 0


def test_the_ledger_may_lie_in_dynamodb(desk: "Desk") -> None:
    dynamodb = desk.sandbox.client("dynamodb")
    dynamodb.create_table(
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
    desk.add_notebook("nb")
    desk.run("plan", "--save", desk.folder / "plan.json")

    applied = desk.run("apply", desk.folder / "plan.json", "--ledger", "dynamodb:ledger")
    later = desk.run(
        "plan", "--at", (desk.opening + timedelta(hours=1)).isoformat(),
        "--ledger", "dynamodb:ledger", "--output", "json",
    )  # fmt: skip

    document = json.loads(later.stdout)
    assert applied.exit_code == 0, applied.output
    assert [item["action"] for item in document["actions"]] == ["start"]
    assert document["api_calls"]["DynamoDB.Query"] == 3
    assert not (desk.folder / "state").exists()


def test_a_table_that_does_not_exist_is_one_message(desk: "Desk") -> None:
    desk.add_notebook("nb")

    result = desk.run("plan", "--ledger", "dynamodb:missing")

    assert result.exit_code == 1
    assert "ResourceNotFoundException" in result.stderr
    assert "Traceback" not in result.stderr
