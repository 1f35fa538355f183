import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sagewarden_cli.app import main
from tests.support.events import a_record, a_role, an_event

CASES = json.loads((Path(__file__).parents[2] / "data/cloudtrail_shapes.json").read_text())["cases"]

POLICY = """
version: 1
mode: warn
rules:
  - name: required-tags
    resources: "*"
    require_tags: {Owner: {}}
    action: [tag-owner, notify]
  - name: no-big-gpus
    resources: [notebook-instance, endpoint, training-job]
    deny_instance_types: ["ml.p4*", retired]
    action: stop
  - {name: not-dear, resources: "*", max_price_per_hour: 2, max_gpus: 2}
"""

type Check = Callable[..., Result]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Checks an event, given as JSON or as text, under a policy."""
    policy, event = tmp_path / "policy.yaml", tmp_path / "event.json"
    policy.write_text(POLICY, encoding="utf-8")
    runner = CliRunner(env={"COLUMNS": "200"})

    def run(content: object, *options: str, rules: str = POLICY) -> Result:
        policy.write_text(rules, encoding="utf-8")
        event.write_text(content if isinstance(content, str) else json.dumps(content))
        arguments = ["guardrails", "check", str(event), "--policy", str(policy), *options]
        return runner.invoke(main, arguments)

    return run


def answer(result: Result) -> dict[str, Any]:
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
@pytest.mark.parametrize("bare", [False, True], ids=["event", "record"])
def test_it_tells_who_asked_for_which_types(
    check: Check, case: dict[str, Any], *, bare: bool
) -> None:
    event = case["event"]["detail"] if bare else case["event"]

    found = answer(check(event, "--output", "json"))

    assert found["who"] == case["who"]
    assert found["who_kind"] == case["who_kind"]
    assert found["instance_types"] == case["instance_types"]


def test_a_violation_exits_with_2_and_says_what_would_follow(check: Check) -> None:
    request = {
        "notebookInstanceName": "nb1",
        "instanceType": "ml.p4d.24xlarge",
        "tags": [{"key": "Stage", "value": "dev"}],
    }

    result = check(
        an_event(a_record(request=request, identity=a_role("kim@example.com"))), "--output", "json"
    )

    found = answer(result)
    assert result.exit_code == 2
    assert found["resource"] == {
        "kind": "notebook-instance",
        "name": "nb1",
        "arn": None,
        "account": "111122223333",
        "region": "ap-northeast-2",
    }
    assert found["tags"] == {"Stage": "dev"}
    assert [(item["rule"], item["verdict"]) for item in found["verdicts"]] == [
        ("required-tags", "VIOLATION"),
        ("no-big-gpus", "VIOLATION"),
        ("not-dear", "VIOLATION"),
    ]
    assert [(item["rule"], item["mode"], item["action"]) for item in found["actions"]] == [
        ("required-tags", "warn", "tag-owner"),
        ("required-tags", "warn", "notify"),
        ("no-big-gpus", "warn", "stop"),
        ("not-dear", "warn", "notify"),
    ]
    assert found["actions"][0]["tag"] == {"key": "Owner", "value": "kim@example.com"}


def test_nothing_to_object_to_exits_with_0(check: Check) -> None:
    request = {"modelName": "m", "tags": [{"key": "Owner", "value": "kim"}]}

    result = check(a_record("CreateModel", request), "--output", "json")

    found = answer(result)
    assert result.exit_code == 0
    assert {item["verdict"] for item in found["verdicts"]} == {"COMPLIANT", "NOT_APPLICABLE"}
    assert found["actions"] == []


def test_a_call_that_failed_exits_with_0(check: Check) -> None:
    [denied] = (case["event"] for case in CASES if case["id"] == "denied")

    result = check(denied, "--output", "json")

    assert result.exit_code == 0
    assert answer(result)["actions"] == []
    assert answer(result)["tags"] is None


def test_a_state_change_is_judged_without_a_caller(check: Check) -> None:
    detail = {
        "NotebookInstanceName": "nb",
        "NotebookInstanceStatus": "InService",
        "InstanceType": "ml.p2.xlarge",
        "Tags": {"Owner": "kim"},
    }

    result = check(an_event(detail, "SageMaker Notebook Instance State Change"), "--output", "json")

    found = answer(result)
    assert (found["who"], found["who_kind"]) == (None, "unknown")
    assert [item["action"] for item in found["actions"]] == ["stop"]
    assert result.exit_code == 2


def test_people_get_tables(check: Check) -> None:
    [event] = (case["event"] for case in CASES if case["id"] == "sm-exec-role")

    result = check(event)

    text = " ".join(result.stdout.split())
    assert "CreateEndpointConfig by AmazonSageMaker-ExecutionRole-2026 (role)" in text
    assert "endpoint-config c in 111122223333 ap-northeast-2" in text
    assert "instance types: ml.p4d.24xlarge tags: none" in text
    assert "ml.p4d.24xlarge is denied (ml.p4*)" in text
    assert "What would follow" in text


def test_people_are_told_what_an_event_does_not_tell(check: Check) -> None:
    result = check(a_record("AddTags", {}))
    tagged = check(a_record("CreateModel", {"tags": [{"key": "Owner", "value": "a"}]}))
    owned = check(a_record("CreateModel", {"modelName": "m"}))

    assert "unknown without a name in the event" in result.stdout
    assert "tags: not told" in result.stdout
    assert "What would follow" not in result.stdout
    assert "tags: Owner=a" in tagged.stdout
    assert "Owner=kim, named by the caller (iam-user-name)" in owned.stdout


def test_a_policy_without_guardrails_says_so(check: Check) -> None:
    result = check(a_record(), "--output", "json", rules="version: 1\nrules: []\n")

    assert result.exit_code == 0
    assert answer(result)["verdicts"] == []
    assert "the policy has no guardrails" in result.stderr


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "event.json:1:2: this is no JSON"),
        ("[]", "event.json: [] should be an object"),
        ({}, "event.json: it is empty"),
        (an_event({}, "Foo"), "event.json: detail-type: 'Foo' should be"),
        (an_event(a_record(userIdentity=7)), "detail.userIdentity: 7 should be an object"),
        (a_record(eventSource="s3.amazonaws.com"), "event.json: eventSource:"),
    ],
)
def test_what_is_no_event_is_refused_at_its_place(
    check: Check, content: object, problem: str
) -> None:
    result = check(content)

    assert result.exit_code == 1
    assert problem in " ".join(result.stderr.split())


def test_a_file_that_is_not_there_and_a_wrong_policy_are_errors(
    check: Check, tmp_path: Path
) -> None:
    missing = CliRunner().invoke(main, ["guardrails", "check", str(tmp_path / "none.json")])
    wrong = check(a_record(), rules="version: 1\nrules: [{name: a, resources: '*'}]\n")

    assert (missing.exit_code, wrong.exit_code) == (1, 1)
    assert "none.json" in missing.stderr
    assert "demands nothing" in wrong.stderr


def test_a_policy_with_guardrails_can_be_shown(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY, encoding="utf-8")

    result = CliRunner(env={"COLUMNS": "200"}).invoke(
        main, ["policy", "show", str(path), "--output", "json"]
    )

    rules = json.loads(result.stdout)["rules"]
    assert [rule["resources"] for rule in rules] == [
        "*",
        "notebook-instance, endpoint, training-job",
        "*",
    ]
    assert rules[1]["does"] == "stop unless: nothing on ml.p4*, retired"
