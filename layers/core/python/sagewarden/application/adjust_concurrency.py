"""One run over a region's endpoints: judge how they scale, and let it converge."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from sagewarden.application.carry_out import Attempt, Hands, attempt_once, executed, measured
from sagewarden.application.follow_case import act_when_due, followed, is_notice
from sagewarden.application.ports import ActionFailedError, Notifier
from sagewarden.application.resolve_cases import resolve
from sagewarden.application.scaling_ports import EndpointQuotas, Scaling
from sagewarden.application.survey_concurrency import Surveyed, read_use, survey_concurrency
from sagewarden.application.sweep import SweepReport, notices
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.autoscaling.judgement import Change, Judgement, Sighting, identity, spelt_out
from sagewarden.domain.autoscaling.scaling import Dimension
from sagewarden.domain.autoscaling.steps import (
    DeletePolicy,
    DeleteScheduledAction,
    DeregisterTarget,
    Step,
    way_back,
)
from sagewarden.domain.cases import Case, CaseState, case_id
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.plans import Plan, PlannedAction, make_plan
from sagewarden.domain.provisioned_concurrency.judgement import Judged, Seen, judge_concurrency
from sagewarden.domain.provisioned_concurrency.region import judge_region
from sagewarden.domain.resources import Endpoint, ResourceKind
from sagewarden.domain.rules import Policy, exempting
from sagewarden.domain.scope import Mode, described
from sagewarden.domain.verdicts import Verdict

_SETS = {ActionKind.SET_PROVISIONED_CONCURRENCY, ActionKind.SET_CAPACITY}
_REMOVALS = (DeletePolicy, DeleteScheduledAction, DeregisterTarget)


@dataclass(frozen=True, slots=True)
class ConcurrencyHands:
    """What scaling needs beside what every action does.

    Attributes:
        hands: The ports to read a fleet and to act on it.
        scaling: Application Auto Scaling of provisioned concurrency.
        quotas: Service Quotas.
        others: Application Auto Scaling of instances and of copies.
    """

    hands: Hands
    scaling: Scaling
    quotas: EndpointQuotas
    others: Mapping[Dimension, Scaling] = field(default_factory=dict[Dimension, Scaling])


def plan_concurrency(policy: Policy, region: str, ports: ConcurrencyHands, now: datetime) -> Plan:
    """Say what a run over a region would do at a moment. Nothing is written.

    Raises:
        UnreadableError: The region could not be read at all.
    """
    return _plan(policy, _surveyed(policy, region, ports, now), now)


def adjust_concurrency(
    policy: Policy,
    region: str,
    ports: ConcurrencyHands,
    notifier: Notifier,
    account: str | None = None,
) -> SweepReport:
    """Let how a region's endpoints scale converge to what the rules ask.

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
    survey = _surveyed(policy, region, ports, now)
    survey = replace(survey, account=survey.account or account)
    judged = {case_id(item.verdict): item for item in survey.judged if item.verdict.action}
    plan = _plan(policy, survey, now)
    resolved = _resolved(policy, survey, plan, ports, notifier)
    if plan.exceeded:
        return SweepReport(plan, resolved=resolved)
    outcomes = []
    warned = []
    for planned in (*plan.actions, *notices(plan, policy)):
        if planned.mode is Mode.OBSERVE:
            continue
        seen = judged[case_id(planned.verdict)].seen
        if planned.mode is Mode.ENFORCE and _is_set(planned):
            if _put_off(planned, ports):
                continue
            outcome = carry_out_concurrency(planned, seen, ports)
            outcomes.append(outcome)
            if outcome.kind is OutcomeKind.APPLIED:
                notifier.tell(outcome)
                notifier.afterwards(partial(_close, planned, ports))
            continue
        case = followed(planned, seen.rule, hands, notifier, can_wait=is_notice(planned.verdict))
        if case.warned_at is not None and case.warned_at >= now:
            warned.append(case)
        act = partial(carry_out_concurrency, planned, seen, ports)
        if released := act_when_due(planned, case, hands, notifier, act):
            outcomes.append(released)
    return SweepReport(plan, tuple(outcomes), tuple(warned), resolved)


def carry_out_concurrency(
    planned: PlannedAction, seen: Sighting, ports: ConcurrencyHands
) -> Outcome:
    """Carry out one action, if it is still right at this very moment.

    Args:
        planned: The action.
        seen: The resource as it was judged, with its rule and its room.
        ports: The ports. The resource, its scaling and its use are read afresh.

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


def _attempt(action: Action, seen: Sighting, ports: ConcurrencyHands, now: datetime) -> Attempt:
    hands = ports.hands
    again = _judged_again(action, seen, ports, now)
    if isinstance(again, str):
        return OutcomeKind.STALE, again, None
    releases = action.kind is ActionKind.RELEASE_PROVISIONED_CONCURRENCY
    if releases or any(isinstance(step, _REMOVALS) for step in again.steps):
        hands.fleet.ledger.keep(hands.executor.manifest(action.ref, now))
    if releases:
        return executed(action, hands)
    return _taken(action, again, ports)


def _judged_again(
    action: Action, seen: Sighting, ports: ConcurrencyHands, now: datetime
) -> Judgement[Sighting] | str:
    """Judge a fresh look at a resource, or say why the action is no longer right.

    Raises:
        UnreadableError: A part of what tells was not to be read.
    """
    fleet = ports.hands.fleet
    resource = fleet.inventory.reread(action.ref)
    if resource is None:
        return "it is gone"
    if broken := action.precondition.broken_by(identity(resource)):
        return broken
    if not seen.rule.scope.covers(resource):
        return "the rule no longer covers it"
    again: Judgement[Sighting]
    if isinstance(seen, Seen) and isinstance(resource, Endpoint):
        again = _concurrency_again(replace(seen, endpoint=resource), ports, now)
    else:
        from sagewarden.application.survey_capacity import capacity_again  # noqa: PLC0415 - few have such rules

        again = capacity_again(seen, resource, (fleet, ports.others), now)
    if again.verdict.action is None or again.verdict.action.kind is not action.kind:
        return f"{again.verdict.kind} now: {again.verdict.reason}"
    return again


def _concurrency_again(seen: Seen, ports: ConcurrencyHands, now: datetime) -> Judged:
    fleet, ref = ports.hands.fleet, seen.endpoint.ref
    given = fleet.ledger.exemptions(ref.account, ref.region)
    fresh = replace(seen, rule=exempting(seen.rule, given))
    if fresh.target is not None:
        scaling = ports.scaling.state(ref.region, fresh.target)
        use = read_use(fresh.endpoint, seen.rule, fleet, now)
        fresh = replace(fresh, scaling=scaling, readings=measured(ref, use) if use else None)
    return judge_concurrency(fresh, fleet.prices, now)


def _taken(action: Action, judged: Judgement[Sighting], ports: ConcurrencyHands) -> Attempt:
    """Take the steps in order, unless all acting is halted meanwhile.

    What was taken can be undone, also when one of them fails or is not taken any more.
    """
    scaling, ledger = _scaling_of(judged, ports), ports.hands.fleet.ledger
    region, number = action.ref.region, len(judged.steps)
    taken: list[tuple[Change, list[Step]]] = []
    for change in judged.changes:
        done: list[Step] = []
        taken.append((change, done))
        for step in change.steps:
            so_far = sum(len(steps) for _, steps in taken)
            told = f"{so_far} of {number} steps done"
            if halted := ledger.halted():
                kind = OutcomeKind.FAILED if so_far else OutcomeKind.SKIPPED
                return kind, f"halted: {halted}; {told}", _undo(region, taken, scaling)
            try:
                scaling.apply(region, change.target, step)
            except ActionFailedError as error:
                return OutcomeKind.FAILED, f"{error}; {told}", _undo(region, taken, scaling)
            done.append(step)
    reason = f"{action.kind}: {spelt_out(judged.steps)}"
    return OutcomeKind.APPLIED, reason, _undo(region, taken, scaling)


def _scaling_of(judged: Judgement[Sighting], ports: ConcurrencyHands) -> Scaling:
    return ports.others.get(judged.seen.dimension, ports.scaling)


def _undo(
    region: str, taken: Sequence[tuple[Change, Sequence[Step]]], scaling: Scaling
) -> str | None:
    commands = [
        scaling.command(region, change.target, step)
        for change, steps in reversed(taken)
        for step in way_back(change.before, steps)
    ]
    return " && ".join(commands) or None


def _surveyed(policy: Policy, region: str, ports: ConcurrencyHands, now: datetime) -> Surveyed:
    """Look at all that such rules speak of in a region, and judge it."""
    fleet, found = ports.hands.fleet, Surveyed(region)
    if any(policy.concurrency_rules):
        found = _concurrency(policy, region, ports, now)
    if any(policy.capacity_rules):
        from sagewarden.application.survey_capacity import survey_capacity  # noqa: PLC0415 - see above

        more = survey_capacity(policy, region, fleet, (ports.others, ports.quotas), now)
        found = Surveyed(
            region,
            (*found.judged, *more.judged),
            found.kinds | more.kinds,
            tuple(dict.fromkeys((*found.incomplete, *more.incomplete))),
            found.account or more.account,
        )
    judged = (replace(item, verdict=_described(item, now)) for item in found.judged)
    return replace(found, judged=tuple(judged))


def _concurrency(policy: Policy, region: str, ports: ConcurrencyHands, now: datetime) -> Surveyed:
    fleet = ports.hands.fleet
    survey = survey_concurrency(policy, region, fleet, (ports.scaling, ports.quotas), now)
    ordered = sorted(survey.seen, key=lambda item: item.endpoint.ref)
    found = judge_region(ordered, survey.known, survey.quotas, fleet.prices, now)
    kinds: Counter[str] = Counter({ResourceKind.ENDPOINT: survey.endpoints})
    return Surveyed(region, found, kinds, survey.incomplete, survey.account)


def _described(judged: Judgement[Sighting], now: datetime) -> Verdict:
    resource, rule = judged.seen.resource, judged.seen.rule
    return described(judged.verdict, resource, rule.scope, now)


def _plan(policy: Policy, survey: Surveyed, now: datetime) -> Plan:
    verdicts = [(item.verdict, item.seen.rule.scope.mode) for item in survey.judged]
    limits = policy.limits
    return make_plan(verdicts, survey.kinds, limits, survey.incomplete, survey.account, now)


def _resolved(
    policy: Policy,
    survey: Surveyed,
    plan: Plan,
    ports: ConcurrencyHands,
    notifier: Notifier,
) -> tuple[Case, ...]:
    if survey.account is None:
        return ()
    where = (survey.account, survey.region)
    return tuple(resolve(plan, policy.scaling_rules, where, ports.hands, notifier))


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
    return action is not None and action.kind in _SETS
