import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sagewarden.policy import fingerprint, load_policy
from sagewarden_cli.app import main
from sagewarden_cli.policy_place import find_policy

ROOT = Path(__file__).parents[3]

POLICY = """
version: 1
calendars:
  office: {weekdays: mon-fri, from: "09:00", to: "18:00", timezone: Asia/Seoul}
rules:
  - {name: hours, resources: notebook-instance, outside: office, action: stop}
  - {name: idle, resources: endpoint, idle: {invocations: 0, for: 48h}, action: delete}
"""

HALTED = """
{"schema": 1, "halted": "incident 7",
 "claims": {}, "outcomes": [], "manifests": [], "cases": []}
"""

type Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    nowhere = str(tmp_path / "none")
    environment = {
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": None,
        "AWS_SECRET_ACCESS_KEY": None,
        "AWS_PROFILE": None,
        "AWS_REGION": None,
        "AWS_DEFAULT_REGION": None,
        "SAGEWARDEN_STATE_DIR": nowhere,
        "COLUMNS": "200",
    }
    runner = CliRunner(env=environment)
    return lambda *args: runner.invoke(main, [str(arg) for arg in args])


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.yaml"
    path.write_text(POLICY, encoding="utf-8")
    return path


def test_options_of_the_local_slack_need_it(run: Run) -> None:
    result = run("sandbox", "--slack-request-url", "http://localhost:1")

    assert result.exit_code == 1
    assert "need --slack" in result.stderr


def test_a_file_of_people_that_cannot_be_used_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text("people: []")

    result = run("sandbox", "--port", 0, "--slack", "--slack-people", "people.yaml")

    assert result.exit_code == 1
    assert "people.yaml: people" in result.stderr


def test_the_version_is_told(run: Run) -> None:
    result = run("--version")

    assert result.exit_code == 0
    assert result.stdout == f"sagewarden {version('sagewarden')}\n"


def test_every_command_has_help(run: Run) -> None:
    result = run("--help")

    assert result.exit_code == 0
    known = """plan apply schedule policy sandbox doctor redrive cases explain exempt halt
    resume"""
    for command in known.split():
        assert run(command, "--help").exit_code == 0
        assert command in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["plan", "--nope"],
        ["--nope"],
        ["nope"],
        ["schedule"],
        ["schedule", "nope"],
        ["apply"],
        ["plan", "--output", "xml"],
        ["sandbox", "--port", "70000"],
    ],
)
def test_wrong_arguments_exit_with_one_because_two_means_actions_planned(
    arguments: list[str], run: Run
) -> None:
    result = run(*arguments)

    assert result.exit_code == 1
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plan", "--policy", "missing.yaml"], "missing.yaml:1:1: it cannot be read"),
        (["plan", "--at", "2026-11-21T20:00"], "has no offset from UTC"),
        (["plan", "--rule", "nope"], "the policy has no rule 'nope'; it has hours, idle"),
        (["plan", "--region", "us-east-1"], "no AWS credentials"),
        (["plan"], "no region: give --region"),
        (["plan", "--profile", "nope"], "The config profile (nope) could not be found"),
        (["plan", "--ledger", "nope"], "use file:PATH or dynamodb:TABLE"),
        (["apply", "missing.json"], "missing.json: cannot be read: No such file"),
        (["schedule", "test", "missing.json"], "missing.json: cannot be read"),
        (["schedule", "explain"], "give an expression, or --calendar NAME"),
        (["schedule", "explain", "x", "--calendar", "y"], "and not both"),
        (["schedule", "explain", "--calendar", "y"], "no calendar 'y'; it has office"),
        (["schedule", "explain", "off"], "'off' is no schedule"),
        (["schedule", "explain", "sometimes"], "name a calendar of the policy (office)"),
        (
            ["schedule", "explain", "office", "--from", "2026-11-21T00Z", "--to", "2026-11-20T00Z"],
            "is not after",
        ),
        (["schedule", "explain", "office", "--instance-type", "ml.t3.medium"], "no region"),
    ],
)
def test_what_a_user_can_mend_is_one_message_and_no_traceback(
    arguments: list[str], message: str, run: Run, policy: Path
) -> None:
    reads_a_policy = arguments[0] == "plan" or "explain" in arguments
    if reads_a_policy and "--policy" not in arguments:
        arguments = [*arguments, "--policy", str(policy)]

    result = run(*arguments)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_saved_plan_is_read_before_aws_is_asked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"schema": 2}', encoding="utf-8")

    result = run("apply", "plan.json")

    assert result.exit_code == 1
    assert "the plan's schema is 2, this version reads 1" in result.stderr


def test_a_valid_policy_is_confirmed(run: Run, policy: Path) -> None:
    result = run("policy", "validate", policy)

    assert result.exit_code == 0
    assert "valid, 2 rules" in result.stdout


def test_every_problem_of_a_policy_is_told_with_its_place(run: Run, policy: Path) -> None:
    policy.write_text(POLICY.replace("office,", "offcie,").replace("48h", "48"), encoding="utf-8")

    result = run("policy", "validate", policy)

    assert result.exit_code == 1
    assert f"{policy}:6:" in result.stderr
    assert f"{policy}:7:" in result.stderr
    assert "did you mean 'office'?" in result.stderr


def test_the_schema_is_printed_as_json_and_nothing_else(run: Run) -> None:
    result = run("policy", "schema")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["$schema"].startswith("https://json-schema.org/")


def test_a_policy_is_shown_as_it_takes_effect(run: Run, policy: Path) -> None:
    table = run("policy", "show", policy)
    document = json.loads(run("policy", "show", policy, "--output", "json").stdout)

    assert "stop outside hours" in table.stdout
    assert "delete after 48 h without use" in table.stdout
    assert document["policy_fingerprint"] == fingerprint(load_policy(policy))
    assert [rule["mode"] for rule in document["rules"]] == ["observe", "observe"]


def test_without_a_policy_of_ones_own_the_packaged_one_is_used(run: Run) -> None:
    result = run("policy", "show", "--output", "json")

    assert json.loads(result.stdout)["file"].endswith("default_policy.yaml")


def test_in_a_checkout_the_policy_of_the_checkout_is_used(
    run: Run, policy: Path, tmp_path: Path
) -> None:
    here = tmp_path / "layers" / "policy"
    here.mkdir(parents=True)
    policy.rename(here / "governance.yaml")

    result = run("policy", "show", "--output", "json")

    assert json.loads(result.stdout)["file"] == "layers/policy/governance.yaml"


def test_the_packaged_policy_says_what_the_deployed_one_says(
    run: Run,  # noqa: ARG001 - moves to a directory without a policy of its own
) -> None:
    packaged, deployed = find_policy(None), ROOT / "layers" / "policy" / "governance.yaml"

    assert fingerprint(load_policy(packaged)) == fingerprint(load_policy(deployed))


def test_a_schedule_is_explained_in_local_time_and_utc(run: Run, policy: Path) -> None:
    result = run(
        "schedule", "explain", "--calendar", "office", "--policy", policy,
        "--from", "2026-11-23T00:00+09:00", "--to", "2026-11-24T00:00+09:00",
    )  # fmt: skip

    assert result.exit_code == 0
    assert "Mon 2026-11-23 09:00 KST" in result.stdout
    assert "11-23 00:00Z" in result.stdout
    assert "45 h a week on, 123 h off" in result.stdout


def test_an_explanation_tells_what_the_schedule_saves(run: Run, policy: Path) -> None:
    arguments = ["schedule", "explain", "office", "--policy", policy, "--output", "json"]
    arguments += ["--from", "2026-11-23T00:00+09:00", "--region", "us-east-1"]

    known = run(*arguments, "--instance-type", "ml.g5.xlarge", "--component", "hosting")
    unknown = run(*arguments, "--instance-type", "ml.nope.large")

    document = json.loads(known.stdout)
    assert document["monthly_savings_usd"] == pytest.approx(1.408 * 730 * 123 / 168, abs=0.01)
    assert document["hours_per_week"] == {"running": 45.0, "stopped": 123.0, "any": 0.0}
    assert json.loads(unknown.stdout)["monthly_savings_usd"] is None


def test_an_unknown_price_is_told_as_unknown(run: Run, policy: Path) -> None:
    result = run(
        "schedule", "explain", "daily 09:00-18:00", "--policy", policy,
        "--region", "us-east-1", "--instance-type", "ml.nope.large",
    )  # fmt: skip

    assert "price unknown, so the saving is unknown" in result.stdout


def test_a_daylight_saving_change_shows_in_the_utc_column(run: Run, policy: Path) -> None:
    result = run(
        "schedule", "explain", "daily 09:00-18:00 America/New_York", "--policy", policy,
        "--from", "2026-10-31T00:00Z", "--to", "2026-11-02T00:00Z",
    )  # fmt: skip

    assert "Sat 2026-10-31 09:00 EDT" in result.stdout
    assert "10-31 13:00Z" in result.stdout
    assert "Sun 2026-11-01 09:00 EST" in result.stdout
    assert "11-01 14:00Z" in result.stdout


def test_a_failed_case_fails_the_test_command(run: Run, tmp_path: Path) -> None:
    case = {"id": "c", "calendar": "daily 00:00-24:00", "now": "2026-11-23T09:00:00Z"}
    (tmp_path / "good.json").write_text(json.dumps([case | {"expect": "running"}]))
    (tmp_path / "bad.json").write_text(json.dumps([case | {"expect": "stopped"}]))

    good = run("schedule", "test", "good.json", "--output", "json")
    bad = run("schedule", "test", "bad.json", "--output", "json")
    table = run("schedule", "test", "bad.json")

    assert (good.exit_code, bad.exit_code, table.exit_code) == (0, 1, 1)
    assert json.loads(good.stdout)["passed"] == 1
    assert [failure["id"] for failure in json.loads(bad.stdout)["failures"]] == ["c"]
    assert "0 passed, 1 failed, 0 refused, 0 skipped" in table.stdout


def test_the_doctor_names_what_is_missing_and_its_fix(run: Run, policy: Path) -> None:
    result = run("doctor", "--policy", policy, "--output", "json")

    checks = {check["check"]: check for check in json.loads(result.stdout)["checks"]}
    assert result.exit_code == 1
    assert checks["policy"]["passed"]
    assert not checks["credentials"]["passed"]
    assert "aws sso login" in checks["credentials"]["fix"]
    assert not checks["region"]["passed"]
    assert checks["ledger"]["passed"]


def test_the_doctor_still_looks_further_when_the_policy_is_broken(run: Run, policy: Path) -> None:
    policy.write_text("version: 9\n", encoding="utf-8")

    result = run("doctor", "--policy", policy, "--region", "us-east-1")

    assert result.exit_code == 1
    assert "version" in result.stdout
    assert "credentials" in result.stdout


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("{", "this is no JSON"),
        (HALTED, "all acting is halted: incident 7"),
    ],
)
def test_the_doctor_looks_into_the_ledger(
    content: str, found: str, run: Run, policy: Path, tmp_path: Path
) -> None:
    path = tmp_path / "ledger.json"
    path.write_text(content, encoding="utf-8")

    result = run("doctor", "--policy", policy, "--ledger", f"file:{path}", "--output", "json")

    ledger = json.loads(result.stdout)["checks"][-1]
    assert not ledger["passed"]
    assert found in ledger["found"]


def test_a_schedule_that_never_changes_says_so(run: Run, policy: Path) -> None:
    result = run("schedule", "explain", "daily 00:00-24:00", "--policy", policy)

    assert result.exit_code == 0
    assert "No change until" in result.stdout
    assert "168 h a week on, 0 h off" in result.stdout


def test_only_commands_that_need_the_emulator_pay_for_its_import() -> None:
    program = "import sagewarden_cli.app, sys; print(sorted({'moto', 'flask'} & set(sys.modules)))"

    done = subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.strip() == "[]"
