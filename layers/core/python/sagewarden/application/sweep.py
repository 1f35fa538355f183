"""One unattended run over a region: judge, warn, wait, act, record, tell."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sagewarden.application.carry_out import Hands, carry_out, halted
from sagewarden.application.plan_fleet import plan_surveys
from sagewarden.application.ports import Notifier
from sagewarden.application.survey import Survey, survey
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.audit import BOTS, AuditEntry, Happening, noted
from sagewarden.domain.cases import Case, CaseState, case_id, open_case
from sagewarden.domain.guardrails.rules import Guardrail
from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.plans import Plan, PlannedAction
from sagewarden.domain.rules import Policy, Rule
from sagewarden.domain.scope import Mode
from sagewarden.domain.verdicts import Verdict, VerdictKind


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one sweep of a region did.

    Attributes:
        plan: What it found; with exceeded limits nothing was done.
        outcomes: What became of what was due.
        warned: The cases whose owners were warned.
        resolved: The cases that ended because their violation did.
    """

    plan: Plan
    outcomes: tuple[Outcome, ...] = ()
    warned: tuple[Case, ...] = ()
    resolved: tuple[Case, ...] = ()


def sweep(
    policy: Policy, region: str, hands: Hands, notifier: Notifier, account: str | None = None
) -> SweepReport:
    """Judge a region, warn owners of violations, and act on those whose grace is over.

    A rule in ``observe`` mode does nothing here, one in ``warn`` mode only warns; when it is
    switched to ``enforce``, owners are warned anew. When limits are exceeded nothing is done at
    all. A warning that is not accepted leaves its case OPEN: the grace period does not begin.

    Args:
        policy: The policy.
        region: The region.
        hands: The ports to read and to act with.
        notifier: Tells owners.
        account: The account, to end the cases of a region in which nothing is left.

    Raises:
        UnreadableError: The region could not be read at all.
    """
    now = hands.clock.now()
    seen = survey(region, policy, hands.fleet.inventory, hands.fleet.telemetry, now)
    plan = plan_surveys(policy, [seen], hands.fleet, now)
    whose = seen.account or account
    rules = policy.swept_rules
    resolved = tuple(resolve(plan, rules, (whose, region), hands, notifier) if whose else ())
    if plan.exceeded:
        return SweepReport(plan, resolved=resolved)
    outcomes: list[Outcome] = []
    warned: list[Case] = []
    for planned in (*plan.actions, *_notices(plan, policy)):
        rule = policy.rule(planned.verdict.rule)
        if rule is None or planned.mode is Mode.OBSERVE:
            continue
        case = followed(planned, rule, hands, notifier)
        if _is_told(planned.verdict) and case.warned_at is not None and case.warned_at >= now:
            warned.append(case)
        act = partial(carry_out, planned.verdict, rule, hands)
        if outcome := act_when_due(planned, case, hands, notifier, act):
            outcomes.append(outcome)
    warned += _announce_closing(policy, seen, plan, hands, notifier)
    return SweepReport(plan, tuple(outcomes), tuple(warned), resolved)


def followed(planned: PlannedAction, rule: Rule, hands: Hands, notifier: Notifier) -> Case:
    """The violation's case, opened, warned and reminded of when that is still to be done."""
    verdict, now = planned.verdict, hands.clock.now()
    case = _case_of(verdict, hands, now)
    enforced = planned.mode is Mode.ENFORCE and not _is_notice(verdict)
    only_watched = case.state is CaseState.WARNED and case.due_at is None
    if case.state is CaseState.OPEN or case.wakes(now) or (only_watched and enforced):
        due_at = now + _notice(rule, verdict) if enforced else None
        return _warned(case, verdict, due_at, hands, notifier, now)
    if enforced and _is_told(verdict) and case.reminder_due(now):
        return _reminded(case, verdict, hands, notifier)
    return case


def _case_of(verdict: Verdict, hands: Hands, now: datetime) -> Case:
    """The violation's case; one that has ended opens anew when the violation is back."""
    known = hands.fleet.ledger.case(case_id(verdict))
    if known is None:
        return open_case(verdict, now)
    if not known.opens_anew(now):
        return known
    back = known.reopened(verdict, now)
    return _saved(back, hands, *_opened(back, now)) if back.asleep(now) else back


def _warned(
    case: Case,
    verdict: Verdict,
    due_at: datetime | None,
    hands: Hands,
    notifier: Notifier,
    now: datetime,
) -> Case:
    """The case after its owner was told; the intent is claimed, so that two runs tell once."""
    ledger = hands.fleet.ledger
    claim = f"{case.case_id}:warn"
    if _is_told(verdict) and not ledger.claim(claim, now):
        return ledger.case(case.case_id) or case
    accepted = notifier.warn(case, verdict, due_at) if _is_told(verdict) else True
    if accepted is None:
        # The claim stays: until it lapses nobody queues the same again.
        return _saved(case, hands, *_opened(case, now)) if case.version == 0 else case
    if not accepted:
        ledger.release(claim, now)
    changed = case.warned(now, due_at) if accepted else case
    entries = [*_opened(case, now)]
    if _is_told(verdict):
        what = Happening.WARNED if accepted else Happening.WARNING_REFUSED
        evidence = _evidence(verdict)
        told = noted(case, what, now, reason=verdict.reason, evidence=evidence, due=due_at)
        entries.append(told)
    return _saved(changed, hands, *entries)


def _evidence(verdict: Verdict) -> str | None:
    """The figures behind a verdict, and what its action saves, as the audit trail keeps them."""
    figures = {key: value for key, value in verdict.evidence.items() if value is not None}
    if verdict.saving is not None:
        figures["monthly_savings_usd"] = f"{verdict.saving.usd:.2f}"
    return ", ".join(f"{key}={value}" for key, value in sorted(figures.items())) or None


def _opened(case: Case, now: datetime) -> Iterator[AuditEntry]:
    """The entry of a case that was opened just now."""
    if case.opened_at == now:
        yield noted(case, Happening.OPENED, now, reason=case.reason)


def _reminded(case: Case, verdict: Verdict, hands: Hands, notifier: Notifier) -> Case:
    """The case after its owner was reminded of its deadline, once."""
    ledger, now = hands.fleet.ledger, hands.clock.now()
    claim = f"{case.case_id}:remind"
    if not ledger.claim(claim, now):
        return ledger.case(case.case_id) or case
    if not notifier.remind(case, verdict):
        ledger.release(claim, now)
        return case
    return _saved(case.reminded(now), hands, noted(case, Happening.REMINDED, now, due=case.due_at))


def _saved(changed: Case, hands: Hands, *entries: AuditEntry) -> Case:
    """The case as it is stored now, by this run or by whoever was faster."""
    ledger = hands.fleet.ledger
    if not ledger.save(changed, *entries):
        return ledger.case(changed.case_id) or changed
    return replace(changed, version=changed.version + 1)


def _notice(rule: Rule, verdict: Verdict) -> timedelta:
    """How long after its warning an action may follow; a start needs no notice."""
    if not _is_told(verdict):
        return timedelta(0)
    return rule.warn if isinstance(rule, NotebookHours) else rule.grace


def act_when_due(
    planned: PlannedAction,
    case: Case,
    hands: Hands,
    notifier: Notifier,
    act: Callable[[], Outcome],
) -> Outcome | None:
    """Carry out the action of a case whose grace is over, and record what became of the case."""
    ledger, now = hands.fleet.ledger, hands.clock.now()
    if planned.mode is not Mode.ENFORCE or not case.due(now):
        return None
    if why := ledger.halted():
        return halted(planned.verdict, why, now)
    if not case.due(now, ledger.resumed_at()):
        return None
    acting = case.acting()
    if not ledger.save(acting, noted(case, Happening.ACTING, now)):
        return None
    acting = replace(acting, version=acting.version + 1)
    outcome = act()
    _settled(acting, outcome, hands, notifier)
    return outcome


def _settled(acting: Case, outcome: Outcome, hands: Hands, notifier: Notifier) -> None:
    """Store what became of a case that was acted on, and tell its owner."""
    ledger = hands.fleet.ledger
    if outcome.kind is OutcomeKind.APPLIED:
        # Told before it is over: a run that ends in between is finished by the next one.
        notifier.tell(outcome)
        ledger.save(acting.ended(CaseState.DONE, outcome.at))
        return
    if outcome.kind is not OutcomeKind.FAILED:
        ledger.save(acting.not_acted())
        return
    failed = acting.failed(outcome.at)
    given_up = failed.state is CaseState.FAILED
    gave_up = noted(failed, Happening.GAVE_UP, outcome.at, reason=outcome.reason)
    if ledger.save(failed, *([gave_up] if given_up else [])) and given_up:
        notifier.gave_up(failed, outcome)


def _announce_closing(
    policy: Policy, seen: Survey, plan: Plan, hands: Hands, notifier: Notifier
) -> Iterator[Case]:
    """Warn owners of notebooks that will be outside their hours within the notice period."""
    now = hands.clock.now()
    already = {planned.verdict.ref.arn for planned in plan.actions}
    for rule in policy.notebook_rules:
        if rule.scope.mode is Mode.OBSERVE:
            continue
        only = replace(policy, rules=(rule,))
        ahead = plan_surveys(only, [replace(seen, endpoints=())], hands.fleet, now + rule.warn)
        for planned in () if ahead.exceeded else ahead.actions:
            verdict = planned.verdict
            if verdict.ref.arn in already or not _is_stop(verdict):
                continue
            already.add(verdict.ref.arn)
            case = _case_of(verdict, hands, now)
            if case.state is CaseState.OPEN:
                closing = verdict.evidence.get("closed_since")
                due = datetime.fromisoformat(str(closing)) if closing else now
                due = due if due > now else now + rule.warn
                case = _warned(case, verdict, due, hands, notifier, now)
                if case.state is CaseState.WARNED:
                    yield case


def _announced(case: Case, rule: Rule, now: datetime) -> bool:
    """Whether a notebook's owner was warned of a closing that is still to come."""
    return isinstance(rule, NotebookHours) and case.due_at is not None and case.due_at > now


def _is_told(verdict: Verdict) -> bool:
    """Whether an owner is warned first: of everything but a start, or a tag with their name."""
    untold = {ActionKind.START, ActionKind.TAG_OWNER}
    return verdict.action is not None and verdict.action.kind not in untold


def _is_notice(verdict: Verdict) -> bool:
    """Whether its owner is told of a violation, and nothing else is done about it."""
    return verdict.action is not None and verdict.action.kind is ActionKind.NOTIFY


def _notices(plan: Plan, policy: Policy) -> Iterator[PlannedAction]:
    """The violations that owners are only told of."""
    modes = {rule.scope.rule: rule.scope.mode for rule in policy.rules}
    for verdict in plan.left_alone:
        if _is_notice(verdict):
            yield PlannedAction(verdict, modes.get(verdict.rule, Mode.OBSERVE))


def _is_stop(verdict: Verdict) -> bool:
    return verdict.action is not None and verdict.action.kind is ActionKind.STOP


def resolve(
    plan: Plan, rules: Iterable[Rule], where: tuple[str, str], hands: Hands, notifier: Notifier
) -> Iterator[Case]:
    """End the cases of rules whose violation is over: in what was seen whole, and only there.

    Args:
        plan: What was found of a region, by these rules.
        rules: The rules that were judged.
        where: The account and the region.
        hands: The ports.
        notifier: Tells owners.
    """
    if plan.incomplete:
        return
    now, ledger = hands.clock.now(), hands.fleet.ledger
    judged = {rule.scope.rule: rule for rule in rules}
    told = (verdict for verdict in plan.left_alone if _is_notice(verdict))
    standing = {case_id(item) for item in (*(done.verdict for done in plan.actions), *told)}
    unknown = {
        (item.rule, item.ref) for item in plan.left_alone if item.kind is VerdictKind.UNKNOWN
    }
    said = {(item.rule, item.ref): item for item in plan.left_alone}
    for case in ledger.live_cases(*where):
        rule = judged.get(case.rule)
        if rule is None or case.case_id in standing or _announced(case, rule, now):
            continue
        if (case.rule, case.ref) in unknown or not _swept(case, rule):
            continue
        verdict = said.get((case.rule, case.ref))
        if case.state is CaseState.ACTING and _was_done(case, verdict, hands):
            _finish(case, hands, notifier)
            continue
        ended = _over(case, verdict, now)
        if ledger.save(ended, noted(ended, Happening.RESOLVED, now, reason=_because(verdict))):
            if case.state is not CaseState.OPEN:
                notifier.resolved(ended)
            yield ended


def _over(case: Case, verdict: Verdict | None, now: datetime) -> Case:
    """The case after its violation ended by itself: EXEMPT where somebody exempted it."""
    if case.state is CaseState.ACTING:
        case = case.not_acted()
    if verdict is not None and verdict.kind is VerdictKind.EXEMPT:
        return case.exempted(case.decided_by or BOTS, now)
    return case.ended(CaseState.RESOLVED, now)


def _because(verdict: Verdict | None) -> str:
    return verdict.reason if verdict is not None else "it is gone, or the rule no longer covers it"


def _was_done(case: Case, verdict: Verdict | None, hands: Hands) -> bool:
    """Whether a run that did not report back carried out its action before it ended.

    Where no outcome was recorded, the verdict tells: what is exempt, or what would have been
    deleted and is in use, was not touched.
    """
    history = hands.fleet.ledger.history(case.ref.arn)
    if (case.action, OutcomeKind.APPLIED) in ((item.action, item.kind) for item in history):
        return True
    if verdict is None:
        return True
    untouched = {VerdictKind.EXEMPT}
    if case.action.kind is ActionKind.DELETE:
        untouched |= {VerdictKind.COMPLIANT, VerdictKind.TOO_NEW}
    return verdict.kind not in untouched


def _swept(case: Case, rule: Rule) -> bool:
    """Whether a sweep looks at what the rule's case is about."""
    return not isinstance(rule, Guardrail) or rule.sweeps(case.ref.kind)


def _finish(case: Case, hands: Hands, notifier: Notifier) -> None:
    """Report what a run did that ended before it could: its violation is gone."""
    now, ledger = hands.clock.now(), hands.fleet.ledger
    if not ledger.save(case.ended(CaseState.DONE, now)):
        return
    reason = f"{case.action.kind}: a run set out to do it and did not report back; it is done"
    outcome = Outcome(case.rule, case.action, OutcomeKind.APPLIED, reason, now)
    done = ((item.action, item.kind) for item in ledger.history(case.ref.arn))
    if (case.action, OutcomeKind.APPLIED) not in done:
        ledger.record(outcome)
    notifier.tell(outcome)
