"""What the deployed stack took away, the command line brings back from the stack's own ledger."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from typer.testing import CliRunner, Result

from sagewarden_cli.app import main
from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.conftest import Seoul
from tests.e2e.stack.described import described
from tests.e2e.stack.scenarios import FORGOTTEN, add_endpoints, at

pytestmark = pytest.mark.stack


@pytest.fixture
def restore(monkeypatch: pytest.MonkeyPatch) -> Callable[[Wiring, str], Result]:
    def run(wiring: Wiring, name: str) -> Result:
        for variable, value in wiring.sandbox.environment().items():
            monkeypatch.setenv(variable, value)
        ledger = f"dynamodb:{wiring.stack.outputs['LedgerTable']}"
        words = ["restore", name, "--ledger", ledger, "--output", "json"]
        return CliRunner().invoke(main, words)

    return run


def test_every_kind_of_idle_endpoint_comes_back_as_it_was(
    seoul: Seoul, restore: Callable[[Wiring, str], Result]
) -> None:
    with seoul(at(17, 8, 52)) as wiring:
        wiring.let_fire("IdleEndpointsSchedule")
        add_endpoints(wiring)
        before = described(wiring, FORGOTTEN)
        wiring.run_until(at(17, 9, 12))
        wiring.sleep_until(at(18, 10, 6))
        wiring.run_until(at(18, 10, 31))
        left = wiring.sandbox.client("sagemaker").list_endpoints()["Endpoints"]

        first = [restore(wiring, name) for name in FORGOTTEN]
        wiring.sandbox.clock.advance(timedelta(hours=1))
        again = [restore(wiring, name) for name in FORGOTTEN]
        after = described(wiring, FORGOTTEN)

    assert "forgotten" not in {one["EndpointName"] for one in left}
    assert [json.loads(result.stdout)["status"] for result in first] == ["UNDER_WAY"] * 3
    assert [json.loads(result.stdout)["status"] for result in again] == ["RESTORED"] * 3
    assert after == before
