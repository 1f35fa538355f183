"""One event, followed up: it selects what to look at; what is seen there decides.

Nothing is stopped or deleted here. A case is opened and its owner warned, seconds after the event;
the next sweep acts when the grace period is over, within the bounds of a run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from sagewarden.application.carry_out import (
    Attempt,
    Hands,
    attempt_once,
    carry_out,
    judged_again,
)
from sagewarden.application.follow_case import act_when_due, followed
from sagewarden.application.judge_event import judge_event
from sagewarden.application.plan_fleet import Fleet
from sagewarden.application.ports import Notifier
from sagewarden.application.sweep import SweepReport
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.guardrails.call import Call
from sagewarden.domain.guardrails.identity import NOBODY
from sagewarden.domain.guardrails.ownership import Owner, owner_of, studio_arns
from sagewarden.domain.guardrails.remedies import Remedy
from sagewarden.domain.guardrails.rules import CallVerdict, Guardrail, judge_call
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.plans import PlannedAction, make_plan
from sagewarden.domain.resources import (
    ALWAYS_SWEPT,
    Resource,
    ResourceKind,
    ResourceRef,
    Tags,
)
from sagewarden.domain.rules import Policy, exempting
from sagewarden.domain.scope import Mode
from sagewarden.domain.verdicts import Verdict, VerdictKind

_LOOK = {VerdictKind.VIOLATION, VerdictKind.UNKNOWN}
"""What an event says of a resource that makes it worth a look."""

_FOUND_BY_ARN = {
    ResourceKind.STUDIO_DOMAIN,
    ResourceKind.STUDIO_USER_PROFILE,
    ResourceKind.STUDIO_APP,
}
_FOUND_BY_NAME = ALWAYS_SWEPT - _FOUND_BY_ARN
"""The kinds of resource that have a snapshot, by what an event tells to find them."""

_WHERE_NAMED = {
    ResourceKind.PROCESSING_JOB,
    ResourceKind.TRANSFORM_JOB,
    ResourceKind.TUNING_JOB,
    ResourceKind.AUTO_ML_JOB,
    ResourceKind.MLFLOW_TRACKING_SERVER,
    ResourceKind.MONITORING_SCHEDULE,
    ResourceKind.INFERENCE_RECOMMENDATIONS_JOB,
    ResourceKind.CLUSTER,
    ResourceKind.PROVISIONED_MODEL,
    ResourceKind.STUDIO_SPACE,
}
"""The kinds that are found by their ARNs, and judged by their snapshots for rules that name them.

Rules on everything judge what was asked for, and their present tags.
"""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""When something was created whose creation the event does not tell."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a fresh look shows of an event's resource.

    Attributes:
        call: The event, with the resource's tags as they are now.
        ref: What identifies the resource.
        resource: Its snapshot, where its kind has one.
    """

    call: Call
    ref: ResourceRef
    resource: Resource | None


def follow_event(call: Call, policy: Policy, hands: Hands, notifier: Notifier) -> SweepReport:
    """Judge what an event speaks of as it is now, tag its owner, and warn.

    A rule in ``observe`` mode does nothing here, one in ``warn`` mode only warns.

    Args:
        call: The event.
        policy: The policy.
        hands: The ports of the event's account.
        notifier: Tells owners.

    Returns:
        What was found and done, as a sweep over this one resource.

    Raises:
        UnreadableError: The resource could not be read: the event must be followed up later.
    """
    now = hands.clock.now()
    told = judge_event(call, policy, hands.fleet.figures)
    said = [
        (rule, verdict)
        for rule, verdict in zip(policy.guardrails, told, strict=True)
        if verdict.kind is not VerdictKind.NOT_APPLICABLE
    ]
    look = None
    if any(verdict.kind in _LOOK for _, verdict in said):
        look = _look(call, hands.fleet)
        given = hands.fleet.ledger.exemptions(call.account, call.subject.region)
        said = [(exempting(rule, given), verdict) for rule, verdict in said]
    verdicts: list[tuple[Verdict, Mode]] = []
    outcomes: list[Outcome] = []
    warned: list[Case] = []
    for rule, verdict in said:
        if verdict.kind not in _LOOK:
            verdicts.append((_verdict_of(verdict, _ref(call)), rule.scope.mode))
        elif look is not None and _covers(rule, look):
            judged = _judge(look, rule, hands.fleet, now)
            if outcome := _tagged(judged, look, rule, hands, notifier):
                outcomes.append(outcome)
                look = _look(call, hands.fleet) or look
                judged = _judge(look, rule, hands.fleet, now)
            verdicts.append((judged, rule.scope.mode))
            if not _may_still_be_named(judged, rule, call):
                warned += _warned(judged, rule, hands, notifier, now)
    plan = make_plan(verdicts, {}, policy.limits, (), call.account, now)
    return SweepReport(plan, tuple(outcomes), tuple(warned))


def _look(call: Call, fleet: Fleet) -> Look | None:
    """Read an event's resource as it is now; None when it is gone."""
    subject, ref = call.subject, _ref(call)
    nameless = subject.kind == ResourceKind.STUDIO_APP and not subject.name
    if subject.kind in _FOUND_BY_ARN | _WHERE_NAMED and subject.arn and not nameless:
        resource = fleet.inventory.reread(ref)
    elif subject.kind in _FOUND_BY_NAME and subject.name:
        kind = ResourceKind(subject.kind)
        resource = fleet.inventory.look_up(kind, subject.region, subject.name)
    else:
        return _bare_look(call, ref, fleet)
    if resource is None:
        return None
    return Look(_with_tags(call, resource.tags), resource.ref, resource)


def _bare_look(call: Call, ref: ResourceRef, fleet: Fleet) -> Look | None:
    """Read the tags of what has no snapshot; None when it is gone."""
    subject = call.subject
    if subject.arn is None or not subject.taggable:
        return Look(call, ref, None)
    tags = fleet.inventory.tags(subject.region, subject.arn)
    return None if tags is None else Look(_with_tags(call, tags), ref, None)


def _covers(rule: Guardrail, look: Look) -> bool:
    """Whether a rule speaks of what the look shows; a bare call is judged with its tags."""
    return look.resource is None or rule.scope.covers(look.resource)


def _judge(look: Look, rule: Guardrail, fleet: Fleet, now: datetime) -> Verdict:
    owner = _owner(look, rule, fleet)
    kind = look.ref.kind
    if look.resource is not None and (kind not in _WHERE_NAMED or rule.sweeps(kind)):
        verdict = judged_again(look.resource, rule, fleet, now, owner)
    else:
        verdict = _judged_by_call(look, rule, fleet, owner)
    verdict = rule.scope.belonging(verdict, look.call.subject.tags)
    return replace(verdict, owner=verdict.owner or look.call.identity.person)


def _judged_by_call(look: Look, rule: Guardrail, fleet: Fleet, owner: Owner | None) -> Verdict:
    """Judge by what was asked for and by present tags, where a snapshot is not judged."""
    judged = judge_call(look.call, rule, fleet.figures, owner)
    verdict = _verdict_of(judged, look.ref)
    if judged.kind is not VerdictKind.VIOLATION:
        return verdict
    if look.resource is not None:
        then = Precondition.of(look.resource)
    else:
        made = look.call.time if look.call.operation.startswith("Create") else _LONG_AGO
        then = Precondition(status="", created=made, modified=made)
    tags = [step.tag for step in judged.steps if step.remedy is Remedy.TAG_OWNER]
    if tags and rule.scope.mode is Mode.ENFORCE:
        action = Action(ActionKind.TAG_OWNER, look.ref, then, tags[0])
    else:
        action = Action(ActionKind.NOTIFY, look.ref, then)
    return replace(verdict, action=action)


def _owner(look: Look, rule: Guardrail, fleet: Fleet) -> Owner | None:
    """Whose it is: the caller, else as the tags of its Studio profile, space or domain say."""
    if Remedy.TAG_OWNER not in rule.remedies:
        return None
    tags = look.call.subject.tags or {}
    if look.call.identity.person is not None or rule.scope.owner_tag in tags:
        return owner_of(look.call.identity, tags)
    for what, arn in studio_arns(tags, look.ref.account, look.ref.region):
        named = (fleet.inventory.tags(look.ref.region, arn) or {}).get(rule.scope.owner_tag)
        if named:
            return Owner(named, f"the owner's tag of its Studio {what}")
    return owner_of(look.call.identity, tags)


def _tagged(
    verdict: Verdict, look: Look, rule: Guardrail, hands: Hands, notifier: Notifier
) -> Outcome | None:
    """Write the owner's tag where that comes first; whether it was tried."""
    if verdict.action is None or verdict.action.kind is not ActionKind.TAG_OWNER:
        return None
    planned = PlannedAction(verdict, rule.scope.mode)
    case = followed(planned, rule, hands, notifier)
    if look.resource is not None:
        act = partial(carry_out, verdict, rule, hands)
    else:
        act = partial(attempt_once, verdict, hands, partial(_tag_bare, look=look, hands=hands))
    return act_when_due(planned, case, hands, notifier, act)


def _tag_bare(action: Action, _now: datetime, look: Look, hands: Hands) -> Attempt:
    """Tag what has no snapshot of its own, unless somebody did meanwhile."""
    tags = hands.fleet.inventory.tags(action.ref.region, action.ref.arn)
    if tags is None:
        return OutcomeKind.STALE, "it is gone", None
    if tags != look.call.subject.tags:
        return OutcomeKind.STALE, "its tags were changed meanwhile", None
    return OutcomeKind.APPLIED, f"{action.kind}: done", hands.executor.execute(action)


def _may_still_be_named(verdict: Verdict, rule: Guardrail, call: Call) -> bool:
    """Whether the call that names the owner may come after this event, which names nobody.

    A sweep tells what is still missing then.
    """
    told = verdict.action is not None and verdict.action.kind is ActionKind.NOTIFY
    return told and Remedy.TAG_OWNER in rule.remedies and call.identity == NOBODY


def _warned(
    verdict: Verdict, rule: Guardrail, hands: Hands, notifier: Notifier, now: datetime
) -> Iterator[Case]:
    """Open the violation's case and warn, once; a sweep does what is due."""
    action = verdict.action
    if action is None or action.kind is ActionKind.TAG_OWNER or rule.scope.mode is Mode.OBSERVE:
        return
    case = followed(PlannedAction(verdict, rule.scope.mode), rule, hands, notifier)
    if case.state is not CaseState.WARNED or case.warned_at is None or case.warned_at < now:
        return
    if not rule.sweeps(action.ref.kind):
        # No sweep sees it again: with the notice its case is over.
        hands.fleet.ledger.save(case.ended(CaseState.DONE, hands.clock.now()))
    yield case


def _verdict_of(said: CallVerdict, ref: ResourceRef) -> Verdict:
    return Verdict(said.rule, ref, said.kind, said.reason)


def _ref(call: Call) -> ResourceRef:
    """What identifies an event's resource, as far as the event tells."""
    subject = call.subject
    name = subject.name or (subject.arn or "").rpartition("/")[2] or "(not told)"
    return ResourceRef(subject.kind, call.account, subject.region, name, subject.arn or "")


def _with_tags(call: Call, tags: Tags | None) -> Call:
    return replace(call, subject=replace(call.subject, tags=tags))
