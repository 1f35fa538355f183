"""What is taken away by our executor and brought back, in the sandbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.adapters.restorer import AwsRestorer
from sagewarden.adapters.sagemaker_executor import SageMakerExecutor
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.restore import (
    RestoreHands,
    RestoreReport,
    restore,
    restore_and_wait,
)
from sagewarden.application.undoing import Undoing, find_undoing
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.resources import ResourceKind
from sagewarden_cli.sandbox import Sandbox
from tests.support.hurried_transitions import hurry

REGION = "us-east-1"
_OF_A_MOMENT = frozenset(
    {
        *("CreationTime", "LastModifiedTime", "ResolutionTime", "EndpointStatus"),
        *("InferenceComponentStatus", "ScalableTargetARN", "PolicyARN", "ScheduledActionARN"),
        *("StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp"),
        *("AlarmConfigurationUpdatedTimestamp", "StateTransitionedTimestamp"),
    }
)
"""Written here anew: what the product ignores must not decide what its tests ignore."""


@pytest.fixture(autouse=True)
def _alarms_are_listed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes people minutes takes a test no time."""
    monkeypatch.setattr("sagewarden.adapters.described.ALARMS_FRESH_FOR", 0.0)


@dataclass
class Bench:
    """A sandbox, and the hands that take away and bring back.

    Attributes:
        sandbox: The emulated AWS.
        sessions: The product's clients of it.
        ledger: What was done, and how things were.
        slept: How often a restore waited.
    """

    sandbox: Sandbox
    sessions: Sessions
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    slept: int = 0

    def client(self, service: str) -> Any:
        return self.sandbox.client(service, region=REGION)

    @property
    def hands(self) -> RestoreHands:
        return RestoreHands(self.ledger, AwsRestorer(self.sessions), self.sandbox.clock)

    def sleep(self, length: timedelta) -> None:
        self.slept += 1
        self.sandbox.clock.advance(length)

    def do(self, kind: ActionKind, name: str, of: ResourceKind = ResourceKind.ENDPOINT) -> Undoing:
        """Do something to a resource as `carry_out` does it, and let AWS come to an end."""
        resource = SageMakerInventory(self.sessions).look_up(of, REGION, name)
        assert resource is not None
        action = Action(kind, resource.ref, Precondition.of(resource))
        executor, now = SageMakerExecutor(self.sessions), self.sandbox.clock.now()
        if action.destructive:
            self.ledger.keep(executor.manifest(action.ref, now))
        undo = executor.execute(action)
        self.ledger.record(Outcome("rule", action, OutcomeKind.APPLIED, "done", now, undo))
        self.sandbox.clock.advance(timedelta(hours=1))
        return self.undoing(action.ref.arn)

    def undoing(self, arn: str) -> Undoing:
        found = find_undoing(arn, self.ledger)
        assert found is not None
        return found

    def restore(self, undoing: Undoing) -> RestoreReport:
        """Restore once, without waiting."""
        return restore(undoing, self.hands)

    def restore_whole(self, undoing: Undoing) -> RestoreReport:
        """Restore and wait."""
        return restore_and_wait(undoing, self.hands, self, timedelta(hours=2))

    def everything(self, name: str = "e") -> Any:
        """All there is to say of an endpoint, but for what cannot be the same twice."""
        inventory = SageMakerInventory(self.sessions)
        resource = inventory.look_up(ResourceKind.ENDPOINT, REGION, name)
        assert resource is not None
        now = self.sandbox.clock.now()
        content = SageMakerExecutor(self.sessions).manifest(resource.ref, now).content
        return _lasting(_by_policy(content))


def _by_policy(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same with names in place of the ARNs of policies and targets, which are made anew."""
    scaling = content["autoscaling"]
    names = {item["PolicyARN"]: item["PolicyName"] for item in scaling["ScalingPolicies"]}
    alarms = [
        {**alarm, "AlarmActions": [names.get(arn, arn) for arn in alarm.get("AlarmActions", [])]}
        for alarm in content["alarms"]
    ]
    policies = [{**item, "Alarms": len(item["Alarms"])} for item in scaling["ScalingPolicies"]]
    scaling = {**scaling, "ScalingPolicies": policies, "Tags": list(scaling["Tags"].values())}
    return {**content, "alarms": alarms, "autoscaling": scaling}


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _lasting(v) for k, v in value.items() if k not in _OF_A_MOMENT}
    if isinstance(value, list):
        found = [_lasting(item) for item in value]
        return sorted(found, key=_name_of) if all(map(_name_of, found)) else found
    return value


def _name_of(item: Any) -> str:
    """The name of what lists come in no order of: components and alarms."""
    of = item if isinstance(item, dict) else {}
    return str(of.get("InferenceComponentName") or of.get("AlarmName") or "")


@pytest.fixture
def bench(sandbox: Sandbox, sessions: Sessions) -> Bench:
    hurry(sandbox)
    return Bench(sandbox, sessions)
