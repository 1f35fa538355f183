"""What the deployed stack took away, the command line brings back from the stack's own ledger."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sagewarden_cli.app import main
from sagewarden_cli.stack.wiring import Wiring
from tests.e2e.stack.conftest import Seoul
from tests.e2e.stack.scenarios import FORGOTTEN, add_endpoints, at

pytestmark = pytest.mark.stack

COMPONENT = "component"
MADE_ANEW = {
    *("CreationTime", "LastModifiedTime", "StartTime", "ResolutionTime"),
    *("ScalableTargetARN", "ResponseMetadata"),
}
"""What AWS itself tells otherwise of the same thing made again, and of another request."""


def described(wiring: Wiring) -> dict[str, Any]:
    """All that AWS tells of the endpoints that are idle, and of what belongs to them."""
    sagemaker = wiring.sandbox.client("sagemaker")
    cloudwatch = wiring.sandbox.client("cloudwatch")
    autoscaling = wiring.sandbox.client("application-autoscaling")
    answers: dict[str, dict[str, Any]] = {}
    for name in FORGOTTEN:
        found = sagemaker.describe_endpoint(EndpointName=name)
        answers[name] = found | sagemaker.list_tags(ResourceArn=found["EndpointArn"])
    answers[COMPONENT] = sagemaker.describe_inference_component(InferenceComponentName=COMPONENT)
    answers["alarms"] = cloudwatch.describe_alarms(AlarmNamePrefix="forgotten")
    answers["targets"] = autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")
    return {name: _lasting(answer) for name, answer in answers.items()}


def _lasting(value: Any) -> Any:
    if isinstance(value, list):
        return [_lasting(item) for item in value]
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key not in MADE_ANEW}
        return {key: _lasting(item) for key, item in kept.items()}
    return value


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
        add_endpoints(wiring)
        before = described(wiring)
        wiring.run_until(at(17, 9, 12))
        wiring.sleep_until(at(18, 10, 6))
        wiring.run_until(at(18, 10, 31))
        left = wiring.sandbox.client("sagemaker").list_endpoints()["Endpoints"]

        first = [restore(wiring, name) for name in FORGOTTEN]
        wiring.sandbox.clock.advance(timedelta(hours=1))
        again = [restore(wiring, name) for name in FORGOTTEN]
        after = described(wiring)

    assert "forgotten" not in {one["EndpointName"] for one in left}
    assert [json.loads(result.stdout)["status"] for result in first] == ["UNDER_WAY"] * 3
    assert [json.loads(result.stdout)["status"] for result in again] == ["RESTORED"] * 3
    assert after == before
