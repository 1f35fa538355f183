"""One ground for all plays of a worker."""

from collections.abc import Iterator

import pytest

from sagewarden.bots import BOTS
from sagewarden_cli.sandbox import Sandbox
from tests.integration.faults.ground import Ground
from tests.support.in_turn import acting_in_turn
from tests.support.invocations import ACCOUNT, REGION
from tests.support.wire import Wire, wired


@pytest.fixture(scope="module", autouse=True)
def _one_action_after_the_other() -> Iterator[None]:
    with acting_in_turn():
        yield


@pytest.fixture(scope="module")
def ground(served: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    file = tmp_path_factory.mktemp("policy") / "governance.yaml"
    queues = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}"
    wire = Wire(served)
    with pytest.MonkeyPatch.context() as patch, wired(wire):
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
        }.items():
            patch.setenv(name, value)
        yield Ground(served, wire, file)
