"""A restore that ends anywhere in between, run again, leads to the same end."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from sagewarden.adapters.restorer import AwsRestorer
from sagewarden.application.restore import RestoreHands, RestoreStatus, restore_and_wait
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.resources import ResourceRef
from sagewarden.domain.restoration.steps import Step
from tests.integration.restoration.conftest import Bench
from tests.support.endpoints_to_restore import serverless, single

STEPS_OF_SINGLE = 9
LONG = timedelta(hours=2)


class CrashError(BaseException):
    """The process ends."""


@dataclass
class Mortal:
    """A restorer that dies once it has taken so many steps, before anybody hears of the last."""

    inner: AwsRestorer
    lives: int

    def look(self, ref: ResourceRef, content: Mapping[str, Any]) -> Mapping[str, object]:
        return self.inner.look(ref, content)

    def take(self, ref: ResourceRef, step: Step) -> None:
        self.inner.take(ref, step)
        self.lives -= 1
        if self.lives == 0:
            raise CrashError

    def command(self, ref: ResourceRef, step: Step) -> str:
        return self.inner.command(ref, step)

    def command_to_run_again(self, ref: ResourceRef, content: Mapping[str, Any]) -> str:
        return self.inner.command_to_run_again(ref, content)


def mortal(bench: Bench, lives: int) -> RestoreHands:
    return replace(bench.hands, restorer=Mortal(AwsRestorer(bench.sessions), lives))


@pytest.mark.parametrize("step", range(1, STEPS_OF_SINGLE + 1))
def test_a_crash_after_any_step_of_a_whole_restore_changes_nothing_of_its_end(
    bench: Bench, step: int
) -> None:
    single(bench.sandbox)
    before = bench.everything()
    undoing = bench.do(ActionKind.DELETE, "e")
    client = bench.client("sagemaker")
    client.delete_endpoint_config(EndpointConfigName="c")
    client.delete_model(ModelName="m")
    bench.client("cloudwatch").delete_alarms(AlarmNames=["slow"])
    bench.sandbox.calls.clear()
    with pytest.raises(CrashError):
        restore_and_wait(undoing, mortal(bench, step), bench, LONG)

    report = bench.restore_whole(undoing)

    assert report.status is RestoreStatus.RESTORED
    assert bench.everything() == before
    made = ("CreateModel", "CreateEndpointConfig", "CreateEndpoint")
    assert [bench.sandbox.calls.count("sagemaker", name) for name in made] == [1, 1, 1]


@pytest.mark.parametrize("step", range(1, 5))
def test_a_crash_after_any_step_of_a_release_undone_changes_nothing_of_its_end(
    bench: Bench, step: int
) -> None:
    serverless(bench.sandbox)
    before = bench.everything()
    undoing = bench.do(ActionKind.RELEASE_PROVISIONED_CONCURRENCY, "e")
    with pytest.raises(CrashError):
        restore_and_wait(undoing, mortal(bench, step), bench, LONG)

    report = bench.restore_whole(undoing)

    assert report.status is RestoreStatus.RESTORED
    assert bench.everything() == before
