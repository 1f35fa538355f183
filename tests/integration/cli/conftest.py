"""The command line in this process, against the sandbox on real time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sagewarden.adapters.clock import SystemClock
from sagewarden_cli.app import main
from sagewarden_cli.sandbox import Sandbox

POLICY = """
version: 1
mode: {mode}
calendars:
  office: {{weekdays: {day}, from: "09:00", to: "18:00", timezone: UTC}}
rules:
  - name: hours
    resources: notebook-instance
    outside: office
    schedule_tag: Schedule
    action: stop
    start_again: true
  - name: idle
    resources: endpoint
    idle: {{invocations: 0, for: 48h}}
    action: delete
"""

LONG_AGO = timedelta(days=30)


@dataclass
class Desk:
    """A workstation with a policy under which everything is closed today.

    Attributes:
        sandbox: The AWS that it reaches, on real time: the command line reads the real clock.
        now: The moment at which the test began.
        folder: Where its files lie.
        opening: A moment to come at which the policy's calendar is open.
    """

    sandbox: Sandbox
    folder: Path
    now: datetime = field(default_factory=lambda: SystemClock().now())

    @property
    def opening(self) -> datetime:
        return (self.now + timedelta(days=3)).replace(hour=10, minute=0)

    @property
    def policy(self) -> Path:
        return self.folder / "policy.yaml"

    def write_policy(self, mode: str = "enforce", extra: str = "") -> None:
        day = self.opening.strftime("%a").lower()
        self.policy.write_text(POLICY.format(mode=mode, day=day) + extra, encoding="utf-8")

    def add_notebook(self, name: str, **tags: str) -> None:
        self.sandbox.sagemaker().add_notebook_instance(
            name,
            instance_type="ml.t3.medium",
            status="InService",
            created_at=self.now - LONG_AGO,
            modified_at=self.now - LONG_AGO,
            tags=tags,
        )

    def add_idle_endpoint(self, name: str) -> None:
        self.sandbox.sagemaker().add_endpoint(
            name, instance_type="ml.g5.xlarge", created_at=self.now - LONG_AGO, tags={}
        )
        hour = self.now.replace(minute=0, second=0, microsecond=0)
        self.sandbox.metrics.load(
            None,
            None,
            "AWS/SageMaker",
            "Invocations",
            {"EndpointName": name, "VariantName": "AllTraffic"},
            [(hour - timedelta(hours=back), 0.0) for back in range(60)],
        )

    def status(self, name: str) -> str:
        client = self.sandbox.client("sagemaker")
        found = client.describe_notebook_instance(NotebookInstanceName=name)
        return str(found["NotebookInstanceStatus"])

    def run(self, *arguments: object) -> Result:
        """Run a command with this desk's policy."""
        return self.call(*arguments, "--policy", self.policy)

    def call(self, *arguments: object) -> Result:
        """Run a command that asks no policy."""
        return CliRunner(env={"COLUMNS": "200"}).invoke(main, [*map(str, arguments)])

    def writing_calls(self) -> list[str]:
        """The calls received so far that may have changed something."""
        reading = ("Describe", "Get", "List")
        return [
            call
            for call in self.sandbox.calls.counts()
            if not call.partition(".")[2].startswith(reading)
        ]


@pytest.fixture
def desk(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    sandbox.reset(now=None)
    sandbox.transition_times.set_all(timedelta(0))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAGEWARDEN_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("SAGEWARDEN_CACHE_DIR", str(tmp_path / "cache"))
    desk = Desk(sandbox, tmp_path)
    desk.write_policy()
    return desk


type Saved = Callable[[], Path]


@pytest.fixture
def saved_plan(desk: Desk) -> Saved:
    """Return a maker of a saved plan; it must have found something to do."""

    def make() -> Path:
        path = desk.folder / "plan.json"
        result = desk.run("plan", "--save", path)
        assert result.exit_code == 2, result.output
        return path

    return make
