"""End the cases whose violation is over, and finish what a run left in the middle."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from sagewarden.application.carry_out import Hands
from sagewarden.application.follow_case import is_notice
from sagewarden.application.ports import Ledger, Notifier
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.audit import BOTS, Happening, noted
from sagewarden.domain.cases import Case, CaseState, case_id
from sagewarden.domain.guardrails.rules import Guardrail
from sagewarden.domain.judged import JudgedRule
from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.plans import Plan
from sagewarden.domain.rules import Rule
from sagewarden.domain.verdicts import Verdict, VerdictKind


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
    told = (verdict for verdict in plan.left_alone if is_notice(verdict))
    standing = {case_id(item) for item in (*(done.verdict for done in plan.actions), *told)}
    unknown = {
        (item.rule, item.ref) for item in plan.left_alone if item.kind is VerdictKind.UNKNOWN
    }
    said = {(item.rule, item.ref): item for item in plan.left_alone}
    for case in ledger.live_cases(*where):
        rule = judged.get(case.rule)
        if rule is None or case.case_id in standing or _announced(case, rule, now):
            continue
        if (case.rule, case.ref) in unknown or case.ref in plan.unread or not _swept(case, rule):
            continue
        verdict = said.get((case.rule, case.ref))
        if case.state is CaseState.ACTING and _was_done(case, verdict, hands):
            _finish(case, hands, notifier)
            continue
        if ledger.case(case.case_id) != case:
            continue  # another run was faster, or its owner
        ended = _over(case, verdict, now)
        if case.state is not CaseState.OPEN:
            notifier.resolved(ended)
        entry = noted(ended, Happening.RESOLVED, now, reason=_because(verdict))
        notifier.afterwards(partial(ledger.save, ended, entry))
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
    if recorded(case, hands.fleet.ledger) is not None:
        return True
    if verdict is None:
        return True
    untouched = {VerdictKind.EXEMPT}
    if case.action.kind is ActionKind.DELETE:
        untouched |= {VerdictKind.COMPLIANT, VerdictKind.TOO_NEW}
    return verdict.kind not in untouched


def recorded(case: Case, ledger: Ledger) -> Outcome | None:
    """What a run recorded that did a case's action, the latest; None where none did.

    Raises:
        UnreadableError: The ledger could not be read.
    """
    applied = (case.action, OutcomeKind.APPLIED)
    history = ledger.history(case.ref.arn)
    return next((item for item in history[::-1] if (item.action, item.kind) == applied), None)


def _swept(case: Case, rule: Rule) -> bool:
    """Whether a sweep looks at what the rule's case is about."""
    return not isinstance(rule, Guardrail) or rule.sweeps(case.ref.kind)


def _finish(case: Case, hands: Hands, notifier: Notifier) -> None:
    """Report what a run did that ended before it could: its violation is gone."""
    now, ledger = hands.clock.now(), hands.fleet.ledger
    outcome = recorded(case, ledger)
    if outcome is None:
        reason = f"{case.action.kind}: a run set out to do it and did not report back; it is done"
        done = (case.action, OutcomeKind.APPLIED)
        outcome = Outcome(case.rule, *done, reason, now, saving=case.saving)
        ledger.record(outcome)
    notifier.tell(outcome)
    notifier.afterwards(partial(ledger.save, case.ended(CaseState.DONE, now)))


def _announced(case: Case, rule: Rule, now: datetime) -> bool:
    """Whether an owner was warned of a closing that is still to come."""
    hours = isinstance(rule, NotebookHours) or (isinstance(rule, JudgedRule) and rule.keeps_hours)
    return hours and case.due_at is not None and case.due_at > now
