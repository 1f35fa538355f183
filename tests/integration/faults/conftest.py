"""One ground for all plays of a worker."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sagewarden.bots import BOTS
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.queue_time import queues_on
from tests.integration.faults.ground import Ground
from tests.integration.faults.office import ENVIRONMENT, Office
from tests.integration.faults.slack_story import TOLD_IN_SLACK
from tests.support.in_turn import acting_in_turn
from tests.support.invocations import ACCOUNT, REGION
from tests.support.wire import Wire, wired
from tests.support.wire_slack import API_URL, slack_wired


@pytest.fixture(scope="module", autouse=True)
def _one_action_after_the_other() -> Iterator[None]:
    with acting_in_turn():
        yield


@pytest.fixture(scope="module")
def ground(served: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    wire = Wire(served)
    with _deployed(served, tmp_path_factory) as file, wired(wire):
        yield Ground(served, wire, file)


@pytest.fixture(scope="module")
def office(served: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    wire = Wire(served)
    further = {**ENVIRONMENT, "SLACK_API_URL": API_URL}
    with (
        _deployed(served, tmp_path_factory, **further) as file,
        wired(wire),
        slack_wired(wire),
        queues_on(served.clock),
    ):
        yield Office(Ground(served, wire, file, TOLD_IN_SLACK))


@contextmanager
def _deployed(served: Sandbox, folders: pytest.TempPathFactory, **further: str) -> Iterator[Path]:
    """What the template tells functions; where they find the policy."""
    file = folders.mktemp("policy") / "governance.yaml"
    queues = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            **served.environment(region=REGION),
            "POWERTOOLS_LOG_LEVEL": "CRITICAL",
            "POWERTOOLS_METRICS_DISABLED": "true",
            "POWERTOOLS_METRICS_NAMESPACE": "Sagewarden/test",
            "LEDGER_TABLE": "ledger",
            "ARCHIVE_BUCKET": "archive",
            "NOTICES_TOPIC": f"arn:aws:sns:{REGION}:{ACCOUNT}:notices",
            "DEAD_LETTERS_QUEUE": f"{queues}/dead_letters",
            "NOTICE_TIMEZONE": "UTC",
            "SPOKE_ROLE": "sagewarden-spoke",
            "SPOKE_EXTERNAL_ID": "sagewarden",
            "POLICY_FILE": str(file),
            **{bot.queue_variable: f"{queues}/{bot.name}" for bot in BOTS},
            **further,
        }.items():
            patch.setenv(name, value)
        yield file
