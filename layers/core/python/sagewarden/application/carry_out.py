"""Carry out one planned action: claim it, look again, keep a manifest, act, record."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sagewarden.application.plan_fleet import Fleet, judge_by_rule, judge_studio_app
from sagewarden.application.ports import (
    ActionFailedError,
    Clock,
    Executor,
    UnreadableError,
)
from sagewarden.domain.actions import Action
from sagewarden.domain.cases import case_id
from sagewarden.domain.endpoint_metrics import evidence_series
from sagewarden.domain.guardrails.ownership import Owner
from sagewarden.domain.guardrails.rules import Guardrail, judge_resource
from sagewarden.domain.idle_apps import IdleApps
from sagewarden.domain.idle_endpoints import IdleEndpoints, judge_endpoint
from sagewarden.domain.judged import Facts, JudgedRule
from sagewarden.domain.metrics import Readings, Window
from sagewarden.domain.notebook_hours import NotebookHours, judge_notebook
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.resources import (
    Endpoint,
    NotebookInstance,
    Resource,
    ResourceKind,
    ResourceRef,
    Snapshot,
    StudioApp,
    TrainingJob,
)
from sagewarden.domain.rules import Rule, exempting
from sagewarden.domain.scope import described
from sagewarden.domain.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Hands:
    """What acting needs beside the fleet.

    Attributes:
        fleet: The ports through which the fleet is read again.
        executor: Changes AWS.
        clock: Tells the time at each step.
    """

    fleet: Fleet
    executor: Executor
    clock: Clock


type Attempt = tuple[OutcomeKind, str, str | None]
"""What became of an attempt, why, and the command that undoes it."""


def attempt_once(
    verdict: Verdict,
    hands: Hands,
    attempt: Callable[[Action, datetime], Attempt],
    *,
    repeatable: bool = False,
) -> Outcome:
    """Attempt a violation's action, unless everything is halted or another run is at it.

    The intent is claimed first, so that a duplicate does nothing; it is given up again when the
    action did not succeed, so that the next run may try.

    Args:
        verdict: A violation with an action.
        hands: The ports.
        attempt: Looks at the resource afresh and acts, at a moment. What it cannot read or do
            (UnreadableError, ActionFailedError) is a failure of this action only.
        repeatable: Whether the same action may be due again at once; its claim is then given up
            after a success, too.

    Returns:
        What became of it. Whatever was attempted is in the ledger's audit trail; a halt or a
        duplicate is no attempt.

    Raises:
        ValueError: The verdict has no action.
    """
    action = verdict.action
    if action is None:
        raise ValueError(f"no action for {verdict.ref.name}: {verdict.reason}")
    ledger, now = hands.fleet.ledger, hands.clock.now()
    if why := ledger.halted():
        return halted(verdict, why, now)
    key = case_id(verdict)
    if not ledger.claim(key, now):
        reason = "already claimed by this or another run"
        return Outcome(verdict.rule, action, OutcomeKind.SKIPPED, reason, now)
    undo = None
    try:
        kind, reason, undo = attempt(action, now)
    except UnreadableError as error:
        kind, reason = OutcomeKind.FAILED, f"nothing was done: could not read {error}"
    except ActionFailedError as error:
        kind, reason = OutcomeKind.FAILED, str(error)
    outcome = Outcome(verdict.rule, action, kind, reason, now, undo, verdict.saving)
    ledger.record(outcome)
    if kind is not OutcomeKind.APPLIED or repeatable:
        with suppress(ActionFailedError):  # it lapses by itself, and what was done is to be told
            ledger.release(key, now)
    return outcome


def halted(verdict: Verdict, why: str, now: datetime) -> Outcome:
    """What becomes of a violation's action while all acting is halted: nothing.

    Raises:
        ValueError: The verdict has no action.
    """
    if verdict.action is None:
        raise ValueError(f"no action for {verdict.ref.name}: {verdict.reason}")
    return Outcome(verdict.rule, verdict.action, OutcomeKind.SKIPPED, f"halted: {why}", now)


def carry_out(verdict: Verdict, rule: Rule, hands: Hands) -> Outcome:
    """Carry out a violation's action, if it is still right at this very moment.

    Status, tags, metrics and the schedule are read afresh; what will be changed beyond a start or
    a stop is described in a manifest before it is touched.

    Args:
        verdict: A violation with an action.
        rule: The rule it came from, as it stands now.
        hands: The ports.

    Returns:
        What became of it, as `attempt_once` has it.

    Raises:
        ValueError: The verdict has no action.
    """

    def attempt(action: Action, now: datetime) -> Attempt:
        if stale := _stale(action, rule, hands.fleet, now):
            return OutcomeKind.STALE, stale, None
        if action.needs_manifest:
            hands.fleet.ledger.keep(hands.executor.manifest(action.ref, now))
        return executed(action, hands)

    return attempt_once(verdict, hands, attempt)


def executed(action: Action, hands: Hands) -> Attempt:
    """Let AWS do it; where its answer is lost, the resource itself tells whether it did.

    Raises:
        ActionFailedError: It was not done, or nobody can say.
    """
    done = f"{action.kind}: done"
    try:
        return OutcomeKind.APPLIED, done, hands.executor.execute(action)
    except ActionFailedError as error:
        if not error.in_doubt or not _seems_done(action, hands):
            raise
        undo = f"sagewarden restore {action.ref.arn}" if action.kind.undoable else None
        return OutcomeKind.APPLIED, f"{done}, though AWS's answer was lost ({error})", undo


def _seems_done(action: Action, hands: Hands) -> bool:
    try:
        return action.seems_done(hands.fleet.inventory.reread(action.ref))
    except UnreadableError:
        return False


def _stale(action: Action, rule: Rule, fleet: Fleet, now: datetime) -> str | None:
    """Say why an action is no longer right, judged by a fresh look, or None."""
    resource = fleet.inventory.reread(action.ref)
    if resource is None:
        return "it is gone"
    if broken := action.stale_because(resource):
        return broken
    if not rule.scope.covers(resource):
        return "the rule no longer covers it"
    owner = Owner(action.tag[1], "the event") if action.tag else None
    verdict = judged_again(resource, rule, fleet, now, owner)
    if verdict.action is None or verdict.action.kind is not action.kind:
        return f"{verdict.kind} now: {verdict.reason}"
    return None


def judged_again(
    resource: Resource, rule: Rule, fleet: Fleet, now: datetime, owner: Owner | None = None
) -> Verdict:
    """Judge one resource by itself, as a fresh look shows it.

    Args:
        resource: The resource, with its own tags and details.
        rule: A rule that covers it.
        fleet: The ports; exemptions, metrics and what is counted beside it are read afresh.
        now: The moment of judgement (aware).
        owner: Whose it is, where something other than its own tags tells.

    Raises:
        UnreadableError: Its metrics, or what the rule counts, could not be read.
        ValueError: The rule does not speak of this kind of resource.
    """
    ref = resource.ref
    rule = exempting(rule, fleet.ledger.exemptions(ref.account, ref.region))
    verdict = _judged_alone(resource, rule, fleet, now, owner)
    return described(verdict, resource, rule.scope, now)


def _judged_alone(
    resource: Resource, rule: Rule, fleet: Fleet, now: datetime, owner: Owner | None
) -> Verdict:
    if isinstance(resource, NotebookInstance) and isinstance(rule, NotebookHours):
        ref = resource.ref
        stopped = fleet.ledger.stopped_by_us(ref.account, ref.region, rule.scope.rule).get(ref.arn)
        return judge_notebook(resource, rule, stopped, fleet.prices, now)
    if isinstance(resource, StudioApp) and isinstance(rule, NotebookHours | IdleApps):
        return judge_studio_app(resource, rule, fleet, now)
    if isinstance(resource, Endpoint) and isinstance(rule, IdleEndpoints):
        readings = _read_again(resource, rule, fleet, now)
        return judge_endpoint(resource, rule, readings, fleet.prices, now)
    if isinstance(rule, JudgedRule) and resource.ref.kind in rule.kinds:
        return judge_by_rule(resource, rule, _facts(resource, rule, fleet, now), fleet.ledger, now)
    if isinstance(rule, Guardrail) and rule.speaks_of(resource.ref.kind):
        peers = _peers(resource, fleet) if rule.counts else None
        return judge_resource(resource, rule, peers, fleet.figures, now, owner)
    raise ValueError(f"rule {rule.scope.rule} does not speak of {resource.ref.kind}")


def _facts(resource: Resource, rule: JudgedRule, fleet: Fleet, now: datetime) -> Facts:
    """What a rule that judges by itself needs to know beside a resource, read afresh."""
    ref, window = resource.ref, rule.window(now)
    readings = None
    if window is not None:
        read = fleet.telemetry.read(ref.region, rule.series(resource, now), window)
        readings = measured(ref, read)
    stopped = None
    if rule.starts_again:
        stops = fleet.ledger.stopped_by_us(ref.account, ref.region, rule.scope.rule)
        stopped = stops.get(ref.arn)
    return Facts(fleet.prices, readings, stopped)


def _peers(resource: Resource, fleet: Fleet) -> Sequence[Resource] | None:
    """What is of the same kind, listed afresh; None where no rule counts it."""
    if isinstance(resource, NotebookInstance):
        return fleet.inventory.notebooks(resource.ref.region).items
    if isinstance(resource, TrainingJob):
        return fleet.inventory.training_jobs(resource.ref.region).items
    if isinstance(resource, Endpoint):
        return fleet.inventory.endpoints(resource.ref.region).items
    if isinstance(resource, Snapshot):
        return fleet.inventory.found(ResourceKind(resource.ref.kind), resource.ref.region).items
    return None


def _read_again(endpoint: Endpoint, rule: IdleEndpoints, fleet: Fleet, now: datetime) -> Readings:
    """Read exactly the series that the endpoint's present variants publish."""
    window = Window.before(now, rule.window)
    details = endpoint.details
    series = tuple(evidence_series(endpoint.ref.name, details)) if details else ()
    return measured(endpoint.ref, fleet.telemetry.read(endpoint.ref.region, series, window))


def measured(ref: ResourceRef, readings: Readings) -> Readings:
    """The readings of a fresh look, if all of them were to be had.

    Raises:
        UnreadableError: CloudWatch did not answer, which no verdict would tell.
    """
    if None in readings.values.values():
        raise UnreadableError(f"the metrics of {ref.name}", "CloudWatch gave no data")
    return readings
