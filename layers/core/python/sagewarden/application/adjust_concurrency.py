"""One run over a region's serverless endpoints: judge how they scale, and let it converge."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sagewarden.application.carry_out import Attempt, Hands, attempt_once
from sagewarden.application.follow_case import act_when_due, followed
from sagewarden.application.ports import ActionFailedError, Notifier
from sagewarden.application.resolve_cases import resolve
from sagewarden.application.scaling_ports import QuotaSource, Scaling
from sagewarden.application.survey_concurrency import (
    ConcurrencySurvey,
    read_use,
    survey_concurrency,
)
from sagewarden.application.sweep import SweepReport
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.cases import Case, CaseState, case_id
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.plans import Plan, PlannedAction, make_plan
from sagewarden.domain.provisioned_concurrency.judgement import (
    Judgement,
    Seen,
    identity,
    judge_concurrency,
    spelt_out,
)
from sagewarden.domain.provisioned_concurrency.region import judge_region
from sagewarden.domain.provisioned_concurrency.scaling import UNREGISTERED, ScalingState
from sagewarden.domain.provisioned_concurrency.steps import (
    DeletePolicy,
    DeleteScheduledAction,
    DeregisterTarget,
    Step,
    way_back,
)
from sagewarden.domain.resources import Endpoint, ResourceKind
from sagewarden.domain.rules import Policy, exempting
from sagewarden.domain.scope import Mode, described
from sagewarden.domain.verdicts import Verdict

_REMOVALS = (DeletePolicy, DeleteScheduledAction, DeregisterTarget)


@dataclass(frozen=True, slots=True)
class ConcurrencyHands:
    """What scaling needs beside what every action does.

    Attributes:
        hands: The ports to read a fleet and to act on it.
        scaling: Application Auto Scaling.
        quotas: Service Quotas.
    """

    hands: Hands
    scaling: Scaling
    quotas: QuotaSource


def plan_concurrency(policy: Policy, region: str, ports: ConcurrencyHands, now: datetime) -> Plan:
    """Say what a run over a region would do at a moment. Nothing is written.

    Raises:
        UnreadableError: The region could not be read at all.
    """
    survey = _survey(policy, region, ports, now)
    return _plan(policy, survey, _judged(survey, ports, now), now)


def adjust_concurrency(
    policy: Policy,
    region: str,
    ports: ConcurrencyHands,
    notifier: Notifier,
    account: str | None = None,
) -> SweepReport:
    """Let the provisioned concurrency of a region's endpoints converge to what the rules ask.

    A rule in ``observe`` mode only reports, one in ``warn`` mode tells owners once, one in
    ``enforce`` mode sets bounds, policies and scheduled actions at once, and tells. A release is
    warned of first, and happens after the rule's grace. When limits are exceeded nothing is done.

    Args:
        policy: The policy.
        region: The region.
        ports: The ports to read and to act with.
        notifier: Tells owners.
        account: The account, to end the cases of a region in which nothing is left.

    Raises:
        UnreadableError: The region could not be read at all.
    """
    hands = ports.hands
    now = hands.clock.now()
    survey = _survey(policy, region, ports, now)
    survey = replace(survey, account=survey.account or account)
    judged = {item.verdict.ref.arn: item for item in _judged(survey, ports, now)}
    plan = _plan(policy, survey, tuple(judged.values()), now)
    resolved = _resolved(policy, survey, plan, ports, notifier)
    if plan.exceeded:
        return SweepReport(plan, resolved=resolved)
    outcomes = []
    warned = []
    for planned in plan.actions:
        if planned.mode is Mode.OBSERVE:
            continue
        seen = judged[planned.verdict.ref.arn].seen
        if planned.mode is Mode.ENFORCE and _is_set(planned):
            if _put_off(planned, ports):
                continue
            outcome = carry_out_concurrency(planned, seen, ports)
            outcomes.append(outcome)
            if outcome.kind is OutcomeKind.APPLIED:
                notifier.tell(outcome)
                notifier.afterwards(partial(_close, planned, ports))
            continue
        case = followed(planned, seen.rule, hands, notifier)
        if case.warned_at is not None and case.warned_at >= now:
            warned.append(case)
        act = partial(carry_out_concurrency, planned, seen, ports)
        if released := act_when_due(planned, case, hands, notifier, act):
            outcomes.append(released)
    return SweepReport(plan, tuple(outcomes), tuple(warned), resolved)


def carry_out_concurrency(planned: PlannedAction, seen: Seen, ports: ConcurrencyHands) -> Outcome:
    """Carry out one action, if it is still right at this very moment.

    Args:
        planned: The action.
        seen: The endpoint as it was judged, with its rule and its room.
        ports: The ports. The endpoint, its scaling and its use are read afresh.

    Returns:
        What became of it, recorded in the ledger unless nothing was tried.
    """
    # Bounds may drift again at once; only a release must not happen twice.
    return attempt_once(
        planned.verdict,
        ports.hands,
        lambda action, now: _attempt(action, seen, ports, now),
        repeatable=_is_set(planned),
    )


def _attempt(action: Action, seen: Seen, ports: ConcurrencyHands, now: datetime) -> Attempt:
    hands = ports.hands
    again = _judged_again(action, seen, ports, now)
    if isinstance(again, str):
        return OutcomeKind.STALE, again, None
    releases = action.kind is ActionKind.RELEASE_PROVISIONED_CONCURRENCY
    if releases or any(isinstance(step, _REMOVALS) for step in again.steps):
        hands.fleet.ledger.keep(hands.executor.manifest(action.ref, now))
    if releases:
        return OutcomeKind.APPLIED, f"{action.kind}: done", hands.executor.execute(action)
    return _taken(again, ports)


def _judged_again(
    action: Action, seen: Seen, ports: ConcurrencyHands, now: datetime
) -> Judgement | str:
    """Judge a fresh look at an endpoint, or say why the action is no longer right."""
    fleet = ports.hands.fleet
    endpoint = fleet.inventory.reread(action.ref)
    if not isinstance(endpoint, Endpoint):
        return "it is gone"
    if broken := action.precondition.broken_by(identity(endpoint)):
        return broken
    if not seen.rule.scope.covers(endpoint):
        return "the rule no longer covers it"
    given = fleet.ledger.exemptions(action.ref.account, action.ref.region)
    fresh = replace(seen, endpoint=endpoint, rule=exempting(seen.rule, given))
    if fresh.target is not None:
        scaling = ports.scaling.state(action.ref.region, fresh.target)
        fresh = replace(fresh, scaling=scaling, readings=read_use(endpoint, seen.rule, fleet, now))
    again = judge_concurrency(fresh, fleet.prices, now)
    if again.verdict.action is None or again.verdict.action.kind is not action.kind:
        return f"{again.verdict.kind} now: {again.verdict.reason}"
    return again


def _taken(judged: Judgement, ports: ConcurrencyHands) -> Attempt:
    """Take the steps in order, unless all acting is halted meanwhile.

    What was taken can be undone, also when one of them fails or is not taken any more.
    """
    scaling, ledger = ports.scaling, ports.hands.fleet.ledger
    region, target = judged.seen.endpoint.ref.region, judged.seen.target or ""
    before = judged.seen.scaling or UNREGISTERED
    taken: list[Step] = []
    for step in judged.steps:
        done = f"{len(taken)} of {len(judged.steps)} steps done"
        if halted := ledger.halted():
            undo = _undo(before, taken, judged, scaling)
            kind = OutcomeKind.FAILED if taken else OutcomeKind.SKIPPED
            return kind, f"halted: {halted}; {done}", undo
        try:
            scaling.apply(region, target, step)
        except ActionFailedError as error:
            return OutcomeKind.FAILED, f"{error}; {done}", _undo(before, taken, judged, scaling)
        taken.append(step)
    reason = f"{ActionKind.SET_PROVISIONED_CONCURRENCY}: {spelt_out(taken)}"
    return OutcomeKind.APPLIED, reason, _undo(before, taken, judged, scaling)


def _undo(
    before: ScalingState, taken: Sequence[Step], judged: Judgement, scaling: Scaling
) -> str | None:
    region, target = judged.seen.endpoint.ref.region, judged.seen.target or ""
    commands = [scaling.command(region, target, step) for step in way_back(before, taken)]
    return " && ".join(commands) or None


def _survey(
    policy: Policy, region: str, ports: ConcurrencyHands, now: datetime
) -> ConcurrencySurvey:
    sources = (ports.scaling, ports.quotas)
    return survey_concurrency(policy, region, ports.hands.fleet, sources, now)


def _judged(
    survey: ConcurrencySurvey, ports: ConcurrencyHands, now: datetime
) -> tuple[Judgement, ...]:
    prices = ports.hands.fleet.prices
    ordered = sorted(survey.seen, key=lambda item: item.endpoint.ref)
    found = judge_region(ordered, survey.known, survey.quotas, prices, now)
    return tuple(replace(item, verdict=_described(item, now)) for item in found)


def _described(judged: Judgement, now: datetime) -> Verdict:
    endpoint, rule = judged.seen.endpoint, judged.seen.rule
    return described(judged.verdict, endpoint, rule.scope, now)


def _plan(
    policy: Policy, survey: ConcurrencySurvey, judged: Sequence[Judgement], now: datetime
) -> Plan:
    verdicts = [(item.verdict, item.seen.rule.scope.mode) for item in judged]
    kinds: Counter[str] = Counter({ResourceKind.ENDPOINT: survey.endpoints})
    return make_plan(verdicts, kinds, policy.limits, survey.incomplete, survey.account, now)


def _resolved(
    policy: Policy,
    survey: ConcurrencySurvey,
    plan: Plan,
    ports: ConcurrencyHands,
    notifier: Notifier,
) -> tuple[Case, ...]:
    if survey.account is None:
        return ()
    where = (survey.account, survey.region)
    return tuple(resolve(plan, policy.concurrency_rules, where, ports.hands, notifier))


def _close(planned: PlannedAction, ports: ConcurrencyHands) -> None:
    """End the case of what was only warned of before its rule was switched to ``enforce``."""
    ledger, now = ports.hands.fleet.ledger, ports.hands.clock.now()
    case = ledger.case(case_id(planned.verdict))
    if case is not None and case.state.alive:
        ledger.save(case.ended(CaseState.DONE, now))


def _put_off(planned: PlannedAction, ports: ConcurrencyHands) -> bool:
    """Whether its owner bought time, when it was warned of, that is not over."""
    case = ports.hands.fleet.ledger.case(case_id(planned.verdict))
    return case is not None and case.asleep(ports.hands.clock.now())


def _is_set(planned: PlannedAction) -> bool:
    action = planned.verdict.action
    return action is not None and action.kind is ActionKind.SET_PROVISIONED_CONCURRENCY
