"""The installed command in processes of its own, against a sandbox in another process."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.sessions import Sessions
from tests.support.forked_command import run_forked

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

pytestmark = pytest.mark.aws

SAGEWARDEN = str(Path(sys.executable).with_name("sagewarden"))
REGION = "us-east-1"
OTHER_ACCOUNT = "210987654321"
ROLE = "arn:aws:iam::123456789012:role/notebooks"
AGE = timedelta(days=10)

POLICY = """
version: 1
mode: {mode}
calendars:
  office: {{weekdays: {day}, from: "09:00", to: "18:00", timezone: UTC}}
rules:
  - {{name: hours, resources: notebook-instance, outside: office, action: stop}}
"""


@dataclass(frozen=True, slots=True)
class Shell:
    """A directory and an environment to run the command in."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        return run_forked(arguments, self.folder, {**self.environment, **changed})

    def start(self, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        """Run the command in a process that begins with nothing."""
        return subprocess.run(  # noqa: S603 - our own command, with arguments of our own
            [SAGEWARDEN, *arguments],
            cwd=self.folder,
            env={**self.environment, **changed},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def write_policy(self, mode: str = "enforce") -> None:
        day = (SystemClock().now() + timedelta(days=3)).strftime("%a").lower()
        policy = self.folder / "layers" / "policy" / "governance.yaml"
        policy.parent.mkdir(parents=True, exist_ok=True)
        policy.write_text(POLICY.format(day=day, mode=mode), encoding="utf-8")


def control(url: str, name: str, body: Mapping[str, object]) -> None:
    """Turn one of the sandbox's controls."""
    request = urllib.request.Request(  # noqa: S310 - the sandbox on localhost
        f"{url}/sagewarden/{name}", json.dumps(body).encode(), method="POST"
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
        assert answer.status == 200


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """What a served sandbox says of how to reach it; its time begins ten days ago."""
    began = (SystemClock().now() - AGE).isoformat()
    with subprocess.Popen(  # noqa: S603 - our own command
        [SAGEWARDEN, "sandbox", "--port", "0", "--now", began],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "an empty AWS is being served" in process.stderr.readline()
        lines = os.read(process.stdout.fileno(), 65536).decode()
        yield dict(re.findall(r"^export (\w+)=(.*)$", lines, re.MULTILINE))
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "the sandbox has ended" in told


@pytest.fixture
def shell(addresses: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in a checkout with a policy, on an empty AWS whose time begins ten days ago."""
    for name, value in addresses.items():
        monkeypatch.setenv(name, value)
    url = addresses["AWS_ENDPOINT_URL"]
    control(url, "reset", {"now": (SystemClock().now() - AGE).isoformat()})
    control(url, "transition-times", {"all": 0})
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    own = {
        "SAGEWARDEN_STATE_DIR": str(tmp_path / "state"),
        "SAGEWARDEN_CACHE_DIR": str(tmp_path / "cache"),
    }
    shell = Shell(tmp_path, {**kept, **addresses, **own})
    shell.write_policy()
    return shell


@pytest.fixture
def sagemaker(shell: Shell) -> "SageMakerClient":  # noqa: ARG001 - sets the environment it reads
    return Sessions().client("sagemaker", REGION)


@pytest.fixture
def notebook(shell: Shell, sagemaker: "SageMakerClient") -> str:
    """A notebook that has run for ten days, whatever the time of day."""
    sagemaker.create_notebook_instance(
        NotebookInstanceName="forgotten",
        InstanceType="ml.t3.medium",
        RoleArn=ROLE,
    )
    control(
        shell.environment["AWS_ENDPOINT_URL"], "clock", {"now": SystemClock().now().isoformat()}
    )
    return "forgotten"


def status_of(name: str, sagemaker: "SageMakerClient") -> str:
    found = sagemaker.describe_notebook_instance(NotebookInstanceName=name)
    return found["NotebookInstanceStatus"]


def test_an_empty_account_leaves_nothing_to_do(shell: Shell) -> None:
    result = shell.start("plan")

    assert result.returncode == 0, result.stderr
    assert "Nothing to do." in result.stdout


def test_a_plan_is_saved_applied_and_applied_again_harmlessly(
    shell: Shell, notebook: str, sagemaker: "SageMakerClient"
) -> None:
    planned = shell.run("plan", "--save", "plan.json", "--output", "json")
    applied = shell.run("apply", "plan.json")
    again = shell.run("apply", "plan.json", "--output", "json")
    after = shell.run("plan")

    assert planned.returncode == 2, planned.stderr
    assert json.loads(planned.stdout)["actions"][0]["resource"]["name"] == notebook
    assert json.loads((shell.folder / "plan.json").read_text()) == json.loads(planned.stdout)
    assert applied.returncode == 0, applied.stderr
    assert "1 planned action: 1 applied" in applied.stdout
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["outcomes"][0]["outcome"] in {"SKIPPED", "STALE"}
    assert after.returncode == 0
    assert status_of(notebook, sagemaker) == "Stopped"


def test_a_stale_plan_is_refused(shell: Shell, notebook: str, sagemaker: "SageMakerClient") -> None:
    shell.run("plan", "--save", "plan.json")
    plan = shell.folder / "plan.json"
    document = json.loads(plan.read_text())
    made = datetime.fromisoformat(document["generated_at"]) - timedelta(minutes=61)
    plan.write_text(json.dumps(document | {"generated_at": made.isoformat()}))

    refused = shell.run("apply", "plan.json")
    accepted = shell.run("apply", "plan.json", "--max-age", "2h")

    assert refused.returncode == 1
    assert "the plan is stale" in refused.stderr
    assert accepted.returncode == 0
    assert status_of(notebook, sagemaker) == "Stopped"


def test_a_plan_made_under_another_policy_is_refused(
    shell: Shell, notebook: str, sagemaker: "SageMakerClient"
) -> None:
    shell.run("plan", "--save", "plan.json")
    shell.write_policy(mode="warn")

    result = shell.run("apply", "plan.json")

    assert result.returncode == 1
    assert "made under policy" in result.stderr
    assert status_of(notebook, sagemaker) == "InService"


def test_a_plan_for_another_account_is_refused(
    shell: Shell, notebook: str, sagemaker: "SageMakerClient"
) -> None:
    shell.run("plan", "--save", "plan.json")
    role = f"arn:aws:iam::{OTHER_ACCOUNT}:role/visitor"
    visitor = Sessions().client("sts", REGION).assume_role(RoleArn=role, RoleSessionName="visitor")
    keys = visitor["Credentials"]

    result = shell.run(
        "apply",
        "plan.json",
        AWS_ACCESS_KEY_ID=keys["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=keys["SecretAccessKey"],
        AWS_SESSION_TOKEN=keys["SessionToken"],
    )

    assert result.returncode == 1
    assert f"these credentials are for {OTHER_ACCOUNT}" in result.stderr
    assert status_of(notebook, sagemaker) == "InService"


def test_colours_are_left_out_where_nobody_wants_them(
    shell: Shell,
    notebook: str,
) -> None:
    result = shell.start("plan", NO_COLOR="1", COLUMNS="60")

    assert notebook in result.stdout
    assert "\x1b[" not in result.stdout
    assert max(len(line) for line in result.stdout.splitlines() if "│" in line) <= 60


def test_an_unreachable_aws_is_one_message(shell: Shell) -> None:
    result = shell.start("doctor", AWS_ENDPOINT_URL="http://localhost:1", AWS_MAX_ATTEMPTS="1")

    assert result.returncode == 1
    assert "EndpointConnectionError" in result.stdout
    assert "Traceback" not in result.stderr
