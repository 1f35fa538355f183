"""An endpoint of any kind, deleted and restored, is described as before in every field."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from sagewarden.application.restore import RestoreStatus
from sagewarden.application.undoing import Undoing
from sagewarden.domain.actions import ActionKind
from sagewarden_cli.sandbox import Sandbox
from tests.integration.restoration.conftest import Bench
from tests.support.endpoints_to_restore import KINDS

each_kind = pytest.mark.parametrize("seed", KINDS.values(), ids=KINDS.keys())


def taken_away(bench: Bench) -> Undoing:
    """Delete ``e``: its components by hand, since AWS deletes no endpoint under them."""
    client = bench.client("sagemaker")
    components = client.list_inference_components()["InferenceComponents"]
    if not components:
        return bench.do(ActionKind.DELETE, "e")
    undoing = bench.do(ActionKind.SCALE_TO_ZERO, "e")
    for component in components:
        name = component["InferenceComponentName"]
        client.delete_inference_component(InferenceComponentName=name)
    bench.sandbox.clock.advance(timedelta(hours=1))
    client.delete_endpoint(EndpointName="e")
    bench.sandbox.clock.advance(timedelta(hours=1))
    return undoing


@each_kind
def test_it_is_equal_field_for_field_with_tags_and_autoscaling(
    bench: Bench, seed: Callable[[Sandbox], None]
) -> None:
    seed(bench.sandbox)
    before = bench.everything()
    undoing = taken_away(bench)

    report = bench.restore_whole(undoing)

    assert report.obstacles == ()
    assert report.differences == ()
    assert report.status is RestoreStatus.RESTORED
    assert bench.everything() == before


@each_kind
def test_it_comes_back_although_its_config_and_models_were_deleted_meanwhile(
    bench: Bench, seed: Callable[[Sandbox], None]
) -> None:
    seed(bench.sandbox)
    before = bench.everything()
    undoing = taken_away(bench)
    client = bench.client("sagemaker")
    client.delete_endpoint_config(EndpointConfigName="c")
    for model in ("m", "m2"):
        client.delete_model(ModelName=model)
    bench.client("cloudwatch").delete_alarms(AlarmNames=["busy", "slow"])

    report = bench.restore_whole(undoing)

    assert report.status is RestoreStatus.RESTORED
    assert bench.everything() == before


@each_kind
def test_a_second_restore_does_nothing(bench: Bench, seed: Callable[[Sandbox], None]) -> None:
    seed(bench.sandbox)
    undoing = taken_away(bench)
    bench.restore_whole(undoing)
    recorded = len(bench.ledger.history(undoing.ref.arn))
    state = bench.everything()

    again = bench.restore_whole(undoing)

    assert again.done == ()
    assert again.status is RestoreStatus.RESTORED
    assert bench.everything() == state
    assert len(bench.ledger.history(undoing.ref.arn)) == recorded
