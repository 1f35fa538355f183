"""The ordered actions of one run, what was left alone and why, and what bounds them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.resources import ResourceKind, ResourceRef
from sagewarden.domain.scope import Mode
from sagewarden.domain.verdicts import Verdict

_BOLDEST_FIRST = (Mode.ENFORCE, Mode.WARN, Mode.OBSERVE)

FEW = 10
"""Of a kind with fewer resources than this a percentage but 0 says nothing; the count bounds it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one run may do (promise 6); beyond it, it does nothing at all.

    Attributes:
        actions_per_run: The most actions of a run.
        percent_of_kind: The most actions, in percent of the resources of a kind (0 to 100).
        every_action: Whether starts and stops count too. They do when the policy names limits;
            otherwise only what cannot simply be taken back counts, since business hours close
            for a whole fleet at once.
    """

    actions_per_run: int = 20
    percent_of_kind: float = 25
    every_action: bool = False


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """A violation and the mode of its rule. Its verdict always has an action."""

    verdict: Verdict
    mode: Mode


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A part of the fleet that could not be read.

    Attributes:
        what: The part, for example ``endpoints in eu-west-1``.
        why: What AWS answered.
    """

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run would do.

    Attributes:
        generated_at: The moment for which it was judged (aware).
        account: The AWS account id, or None when nothing told it.
        actions: What to do, in order: by rule as in the policy, then by name.
        left_alone: Every other verdict, those included of which somebody is only told.
        incomplete: What could not be read.
        limits: The bounds that were applied.
        exceeded: Which bounds the actions exceed; anything here means that nothing may be done
            without a human's approval.
        unread: What was not read since no rule can find it in violation yet, and before when it
            cannot: it has no verdict.
    """

    generated_at: datetime
    account: str | None
    actions: tuple[PlannedAction, ...]
    left_alone: tuple[Verdict, ...]
    incomplete: tuple[Incomplete, ...]
    limits: Limits
    exceeded: tuple[str, ...]
    unread: Mapping[ResourceRef, datetime] = field(default_factory=dict[ResourceRef, datetime])


def make_plan(
    verdicts: Iterable[tuple[Verdict, Mode]],
    fleet: Mapping[str, int],
    limits: Limits,
    incomplete: Iterable[Incomplete],
    account: str | None,
    now: datetime,
) -> Plan:
    """Turn verdicts into a plan.

    Args:
        verdicts: Each verdict with the mode of its rule, in the policy's order of rules.
        fleet: How many resources of each kind were seen.
        limits: The bounds of a run.
        incomplete: What could not be read.
        account: The account the plan is for.
        now: The moment of judgement (aware).

    Returns:
        The plan. A resource is acted on once: of the rules that may go furthest the first wins.
        Its owner's tag is written all the same.
    """
    judged = list(verdicts)
    winners: dict[str, Verdict] = {}
    for verdict, _ in sorted(judged, key=lambda item: _BOLDEST_FIRST.index(item[1])):
        if verdict.action is not None and verdict.action.kind.changes_what_runs:
            winners.setdefault(verdict.ref.arn, verdict)

    def is_done(verdict: Verdict) -> bool:
        tagged = verdict.action is not None and verdict.action.kind is ActionKind.TAG_OWNER
        return tagged or winners.get(verdict.ref.arn) is verdict

    actions = [PlannedAction(verdict, mode) for verdict, mode in judged if is_done(verdict)]
    return Plan(
        generated_at=now,
        account=account,
        actions=tuple(actions),
        left_alone=tuple(verdict for verdict, _ in judged if not is_done(verdict)),
        incomplete=tuple(incomplete),
        limits=limits,
        exceeded=exceeded_limits(actions, fleet, limits),
    )


def joined(first: Plan, others: Iterable[Plan]) -> Plan:
    """Plans of several bots for one account as one; each bot's run has its own limits."""
    plans = (first, *others)
    return replace(
        first,
        account=next((plan.account for plan in plans if plan.account), None),
        actions=tuple(item for plan in plans for item in plan.actions),
        left_alone=tuple(item for plan in plans for item in plan.left_alone),
        incomplete=tuple(dict.fromkeys(item for plan in plans for item in plan.incomplete)),
        exceeded=tuple(item for plan in plans for item in plan.exceeded),
        unread={ref: moment for plan in plans for ref, moment in plan.unread.items()},
    )


def exceeded_limits(
    actions: Iterable[PlannedAction], fleet: Mapping[str, int], limits: Limits
) -> tuple[str, ...]:
    """Say which bounds a set of actions exceeds.

    Rules that only watch do not use up the bounds of those that act. Where none acts yet, all
    count, so that a plan shows what enforcing them would run into. Tags never count.
    """
    planned = [
        item
        for item in actions
        if item.verdict.action is None or item.verdict.action.kind.changes_what_runs
    ]
    enforced = [item for item in planned if item.mode is Mode.ENFORCE]
    counted = [
        item.verdict.action
        for item in enforced or planned
        if item.verdict.action and (limits.every_action or item.verdict.action.destructive)
    ]
    reasons = []
    if len(counted) > limits.actions_per_run:
        reasons.append(f"{len(counted)} actions, more than the {limits.actions_per_run} of a run")
    for kind in ResourceKind:
        number = sum(action.ref.kind == kind for action in counted)
        seen = max(fleet.get(kind, 0), number)
        counts = seen >= FEW or limits.percent_of_kind == 0
        if counts and number * 100 > limits.percent_of_kind * seen:
            reasons.append(
                f"{number} of {seen} {kind} resources, more than {limits.percent_of_kind:g} %"
            )
    return tuple(reasons)
