"""Provisioned throughput of Amazon Bedrock: model units, billed by the hour, called or not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.durations import hours
from sagewarden.domain.judged import Facts
from sagewarden.domain.metrics import Readings, Series
from sagewarden.domain.money import MonthlyCost, PriceBook, PriceComponent
from sagewarden.domain.resources import Snapshot, Status
from sagewarden.domain.services.model_units import unit_names
from sagewarden.domain.services.terms import Terms
from sagewarden.domain.services.verdicts import (
    found,
    left_alone,
    too_new,
    unproven,
    violation,
)
from sagewarden.domain.verdicts import Evidence, Verdict, VerdictKind

NAMESPACE = "AWS/Bedrock"
INVOCATIONS = "Invocations"
ATTEMPTS = ("InvocationClientErrors", "InvocationServerErrors", "InvocationThrottles")
"""What else somebody's calls are counted as (Amazon Bedrock user guide, "Monitor the performance of
Amazon Bedrock": runtime metrics, dimension ModelId)."""


class ProvisionedStatus(Status):
    """The states of provisioned throughput (botocore 1.44, ProvisionedModelStatus)."""

    CREATING = "Creating"
    IN_SERVICE = "InService"
    UPDATING = "Updating"
    FAILED = "Failed"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionedModel(Snapshot):
    """Provisioned throughput of a model.

    Attributes:
        units: How many model units.
        model: The ARN of the model.
        base: The ARN of the base model: itself, or what it was customised from.
        commitment: ``OneMonth`` or ``SixMonths``; empty where it is bought by the hour.
        committed_until: When the running term ends (aware); None without a commitment.
    """

    units: int
    model: str
    base: str
    commitment: str = ""
    committed_until: datetime | None = None

    @property
    def is_custom(self) -> bool:
        """Whether its model is a customised one."""
        return ":custom-model/" in self.model

    @property
    def running(self) -> bool:
        """Whether it serves."""
        return self.status is ProvisionedStatus.IN_SERVICE

    @property
    def bound(self) -> str | None:
        """The term that was committed to: AWS deletes nothing within it."""
        if not self.commitment:
            return None
        until = self.committed_until
        end = until.date().isoformat() if until else "an end that AWS does not tell"
        return (
            f"committed ({self.commitment}) until {end}: AWS bills it until then and renews it "
            "by itself, so delete it on that day"
        )


_NOT_JUDGED: Mapping[Status, str] = {
    ProvisionedStatus.CREATING: "it is Creating; judged when it is InService",
    ProvisionedStatus.UPDATING: "it is Updating; judged when it is InService again",
    ProvisionedStatus.FAILED: "it failed and serves nothing",
}


def provisioned_series(model: ProvisionedModel) -> Iterator[Series]:
    """The series that tell whether somebody calls it."""
    for metric in (INVOCATIONS, *ATTEMPTS):
        yield Series(NAMESPACE, metric, (("ModelId", model.ref.arn),), "Sum")


def judge_provisioned(model: ProvisionedModel, rule: Terms, facts: Facts, now: datetime) -> Verdict:
    """Judge whether nobody calls a model whose throughput is provisioned.

    Args:
        model: The provisioned throughput as it is.
        rule: The rule.
        facts: Its calls over the rule's window, and prices.
        now: The moment of judgement (aware).
    """
    states = frozenset({ProvisionedStatus.IN_SERVICE})
    verdict = left_alone(model, rule, states, _NOT_JUDGED, now) or too_new(model, rule, now)
    if verdict:
        return verdict
    evidence, cost = _evidence(model), _month(model, facts.prices)
    if calls := _calls(model, facts.readings):
        reason = f"in use: {calls:g} calls in {hours(rule.idle_for)}"
        return found(model, rule, VerdictKind.COMPLIANT, reason, evidence, cost)
    series = next(provisioned_series(model))
    if why := unproven(facts.readings, series, f"{INVOCATIONS} of {model.ref.name}"):
        return found(model, rule, VerdictKind.UNKNOWN, why, evidence, cost)
    reason = f"0 invocations in {hours(rule.idle_for)} on {_units(model.units)}"
    action, held_back = _fitting(model, rule)
    if held_back:
        reason += f"; {held_back}"
    return violation(model, rule, action, (reason, {**evidence, "invocations": 0}), cost, now)


def _fitting(model: ProvisionedModel, rule: Terms) -> tuple[ActionKind, str | None]:
    """What ends the cost, or why its owner is only told."""
    if bound := model.bound:
        return ActionKind.NOTIFY, bound
    if rule.action is ActionKind.DELETE:
        return ActionKind.DELETE, None
    return ActionKind.NOTIFY, "it cannot be stopped, and only action: delete deletes it"


def _month(model: ProvisionedModel, prices: PriceBook) -> MonthlyCost | None:
    """What it costs at the price of its own commitment; a model that no price names has none."""
    part, region = PriceComponent.MODEL_UNIT, model.ref.region
    names = unit_names(model.base, model.commitment, custom=model.is_custom)
    costs = (prices.instances(part, region, name, model.units) for name in names)
    return next((cost for cost in costs if cost is not None), None)


def _calls(model: ProvisionedModel, readings: Readings | None) -> float:
    if readings is None:
        return 0
    return sum(readings.total(series) for series in provisioned_series(model))


def _evidence(model: ProvisionedModel) -> Evidence:
    until = model.committed_until
    return {
        "model_units": model.units,
        "model": model.model,
        "commitment": model.commitment or "none",
        "committed_until": until.isoformat() if until else None,
    }


def _units(number: int) -> str:
    return f"{number} model unit" if number == 1 else f"{number} model units"
