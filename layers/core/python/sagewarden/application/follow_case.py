"""One violation, followed: a case is opened, its owner warned and reminded, what is due is done."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sagewarden.application.carry_out import Hands, halted
from sagewarden.application.ports import Ledger, Notifier
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.audit import AuditEntry, Happening, noted
from sagewarden.domain.autoscaling.rule import ScalingRule
from sagewarden.domain.cases import LONG_GRACE, Case, CaseState, case_id, open_case
from sagewarden.domain.idle_apps import IdleApps
from sagewarden.domain.judged import JudgedRule
from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.plans import PlannedAction
from sagewarden.domain.rules import Rule
from sagewarden.domain.scope import Mode
from sagewarden.domain.verdicts import Verdict


def followed(
    planned: PlannedAction,
    rule: Rule | ScalingRule,
    hands: Hands,
    notifier: Notifier,
    *,
    can_wait: bool = False,
    in_peace: bool = False,
) -> Case:
    """The violation's case, opened, warned and reminded of when that is still to be done.

    Args:
        planned: The violation.
        rule: The rule that it breaks.
        hands: The ports.
        notifier: Tells owners.
        can_wait: Whether its owner may be told later, as far as the grace period is a long one.
        in_peace: Whether warnings that can wait are left to a later sweep.
    """
    verdict, now = planned.verdict, hands.clock.now()
    case = case_of(verdict, hands, now)
    enforced = planned.mode is Mode.ENFORCE and not is_notice(verdict)
    if case.state is CaseState.OPEN and now < case.opened_at + _watched(rule, verdict):
        return _untold(case, hands, now)
    only_watched = case.state is CaseState.WARNED and case.due_at is None
    if case.state is CaseState.OPEN or case.wakes(now) or (only_watched and enforced):
        due_at = now + _notice(rule, verdict) if enforced else None
        waits = can_wait and (due_at is None or due_at >= now + LONG_GRACE)
        if in_peace and waits and is_told(verdict):
            return _untold(case, hands, now)
        return warn_owner(case, verdict, due_at, hands, notifier, now, can_wait=waits)
    if enforced and is_told(verdict) and case.reminder_due(now):
        return _reminded(case, verdict, hands, notifier)
    return case


def case_of(verdict: Verdict, hands: Hands, now: datetime) -> Case:
    """The violation's case; one that has ended opens anew when the violation is back."""
    known = hands.fleet.ledger.case(case_id(verdict))
    if known is None:
        return open_case(verdict, now)
    if not known.opens_anew(now):
        return known
    back = known.reopened(verdict, now)
    return _saved(back, hands, *_opened(back, now)) if back.asleep(now) else back


def warn_owner(  # noqa: PLR0913 - a warning is all of these
    case: Case,
    verdict: Verdict,
    due_at: datetime | None,
    hands: Hands,
    notifier: Notifier,
    now: datetime,
    *,
    can_wait: bool = False,
) -> Case:
    """The case after its owner was told; the intent is claimed, so that two runs tell once.

    Args:
        case: The case.
        verdict: The violation.
        due_at: When its action is due; None where nothing follows.
        hands: The ports.
        notifier: Tells owners.
        now: The moment of the run.
        can_wait: Whether its owner may be told when they are at work.
    """
    ledger = hands.fleet.ledger
    claim = f"{case.case_id}:warn"
    if is_told(verdict) and not ledger.claim(claim, now):
        return ledger.case(case.case_id) or case
    heard = is_told(verdict)
    accepted = notifier.warn(case, verdict, due_at, can_wait=can_wait) if heard else True
    if accepted is None:
        # The claim stays: until it lapses nobody queues the same again.
        return _untold(case, hands, now)
    if not accepted:
        ledger.release(claim, now)
    changed = case.warned(now, due_at) if accepted else case
    entries = [*_opened(case, now)]
    if heard:
        what = Happening.WARNED if accepted else Happening.WARNING_REFUSED
        evidence = _evidence(verdict)
        told = noted(case, what, now, reason=verdict.reason, evidence=evidence, due=due_at)
        entries.append(told)
    return _saved(changed, hands, *entries)


def _untold(case: Case, hands: Hands, now: datetime) -> Case:
    """The case of a violation that its owner hears of later, stored as it was opened, or anew."""
    return _saved(case, hands, *_opened(case, now)) if case.opened_at == now else case


def _watched(rule: Rule | ScalingRule, verdict: Verdict) -> timedelta:
    """How long a violation must stand before anybody is told of it."""
    if isinstance(rule, JudgedRule) and is_notice(verdict):
        return rule.watched(verdict.ref.kind)
    return timedelta(0)


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


def _notice(rule: Rule | ScalingRule, verdict: Verdict) -> timedelta:
    """How long after its warning an action may follow; a start needs no notice."""
    return notice_of(rule) if is_told(verdict) else timedelta(0)


def notice_of(rule: Rule | ScalingRule) -> timedelta:
    """How long before what a rule does an owner is told."""
    return rule.warn if isinstance(rule, NotebookHours | IdleApps) else rule.grace


def act_when_due(
    planned: PlannedAction,
    case: Case,
    hands: Hands,
    notifier: Notifier,
    act: Callable[[], Outcome],
) -> Outcome | None:
    """Carry out the action of a case whose grace is over, and record what became of the case."""
    acting = begin_when_due(planned, case, hands)
    if not isinstance(acting, Case):
        return acting
    outcome = act()
    settle(acting, outcome, hands, notifier)
    return outcome


def begin_when_due(planned: PlannedAction, case: Case, hands: Hands) -> Case | Outcome | None:
    """Say in the ledger that a case whose grace is over is acted on.

    Returns:
        The case as it is stored now; what becomes of it while all acting is halted; None where
        nothing is due, or another run was faster.
    """
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
    return replace(acting, version=acting.version + 1)


def settle(acting: Case, outcome: Outcome, hands: Hands, notifier: Notifier) -> None:
    """Store what became of a case that was acted on, and tell its owner."""
    ledger = hands.fleet.ledger
    if outcome.kind is OutcomeKind.APPLIED:
        # Told before it is over: a run that ends in between is finished by the next one.
        notifier.tell(outcome)
        notifier.afterwards(partial(_finished, acting, outcome, ledger))
        return
    if outcome.kind is not OutcomeKind.FAILED:
        ledger.save(acting.not_acted())
        return
    failed = acting.failed(outcome.at)
    given_up = failed.state is CaseState.FAILED
    gave_up = noted(failed, Happening.GAVE_UP, outcome.at, reason=outcome.reason)
    if given_up:
        notifier.gave_up(failed, outcome)
        notifier.afterwards(partial(ledger.save, failed, gave_up))
    else:
        ledger.save(failed)


def _finished(acting: Case, outcome: Outcome, ledger: Ledger) -> None:
    """Store that it was done, also where another run took the case up and let go of it again."""
    case: Case | None = acting
    for _ in range(_TRIES):
        if case is None or case.state not in _TAKEN_UP:
            return  # somebody has decided otherwise, or ended it
        if ledger.save(case.acting().ended(CaseState.DONE, outcome.at)):
            return
        case = ledger.case(acting.case_id)


_TRIES = 3
"""How often a case that other runs write meanwhile is read again; else the next sweep ends it."""

_TAKEN_UP = {CaseState.WARNED, CaseState.ACTING}
"""Where a case stands that runs alone have changed since it was acted on."""


def is_told(verdict: Verdict) -> bool:
    """Whether an owner is warned first: of everything but a start, or a tag with their name."""
    untold = {ActionKind.START, ActionKind.TAG_OWNER}
    return verdict.action is not None and verdict.action.kind not in untold


def is_notice(verdict: Verdict) -> bool:
    """Whether its owner is told of a violation, and nothing else is done about it."""
    return verdict.action is not None and verdict.action.kind is ActionKind.NOTIFY
