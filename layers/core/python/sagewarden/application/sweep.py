"""One unattended run over a region: judge, warn, wait, act, record, tell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from sagewarden.application.at_once import apart, in_order
from sagewarden.application.carry_out import Hands, carry_out
from sagewarden.application.follow_case import (
    begin_when_due,
    case_of,
    followed,
    is_notice,
    is_told,
    notice_of,
    settle,
    warn_owner,
)
from sagewarden.application.plan_fleet import Fleet, plan_surveys
from sagewarden.application.ports import Notifier
from sagewarden.application.resolve_cases import resolve
from sagewarden.application.survey import Survey, survey
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.outcomes import Outcome
from sagewarden.domain.plans import Plan, PlannedAction
from sagewarden.domain.rules import Policy, Rule
from sagewarden.domain.scope import Mode
from sagewarden.domain.verdicts import Verdict


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

    @property
    def saw_anything(self) -> bool:
        """Whether anything could be read, or nothing had to be: no, where there are gaps alone."""
        return bool(self.plan.actions or self.plan.left_alone or not self.plan.incomplete)


class Eyes(Protocol):
    """Looks at a region for a sweep of it, and remembers what it saw."""

    def look(self, region: str, policy: Policy, fleet: Fleet, now: datetime) -> Survey:
        """Collect what a policy's rules need to know of a region.

        Raises:
            UnreadableError: The region could not be read at all.
        """
        ...

    def remember(self) -> None:
        """Remember what was seen, once everything was done that follows from it."""
        ...


def sweep(
    policy: Policy,
    region: str,
    hands: Hands,
    notifier: Notifier,
    account: str | None = None,
    *,
    eyes: Eyes | None = None,
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
        eyes: How the region is looked at; all of it is read when not given.

    Raises:
        UnreadableError: The region could not be read at all.
    """
    now, fleet = hands.clock.now(), hands.fleet
    if eyes is None:
        seen = survey(region, policy, fleet.inventory, fleet.telemetry, now)
        return _followed_up(policy, seen, hands, notifier, account, now)
    seen = eyes.look(region, policy, fleet, now)
    report = _followed_up(policy, seen, hands, notifier, account, now)
    notifier.afterwards(eyes.remember)
    return report


def _followed_up(
    policy: Policy,
    seen: Survey,
    hands: Hands,
    notifier: Notifier,
    account: str | None,
    now: datetime,
) -> SweepReport:
    """Do what follows from what was seen of a region."""
    plan = plan_surveys(policy, [seen], hands.fleet, now)
    whose = seen.account or account
    rules = policy.swept_rules
    resolved = tuple(resolve(plan, rules, (whose, seen.region), hands, notifier) if whose else ())
    if plan.exceeded:
        return SweepReport(plan, resolved=resolved)
    warned: list[Case] = []
    outcomes: list[Outcome] = []
    for acting, outcome in in_order(_followed_cases(policy, plan, hands, notifier, warned, now)):
        if acting is not None:
            settle(acting, outcome, hands, notifier)
        outcomes.append(outcome)
    warned += _announce_closing(policy, seen, plan, hands, notifier)
    return SweepReport(plan, tuple(outcomes), tuple(warned), resolved)


def _followed_cases(
    policy: Policy,
    plan: Plan,
    hands: Hands,
    notifier: Notifier,
    warned: list[Case],
    now: datetime,
) -> Iterator[tuple[str, Callable[[], tuple[Case | None, Outcome]]]]:
    """Follow each violation's case; what is due is handed out, to be done beside others.

    Args:
        policy: The policy.
        plan: What was found.
        hands: The ports.
        notifier: Tells owners.
        warned: Where the cases go whose owners were warned.
        now: The moment of the run.

    Yields:
        For each action that is due: what it may not be done beside, and what does it.
    """
    in_peace = not notifier.keeps_hours and policy.owners.left_in_peace(now)
    for planned in (*plan.actions, *notices(plan, policy)):
        verdict, rule = planned.verdict, policy.rule(planned.verdict.rule)
        if rule is None or planned.mode is Mode.OBSERVE:
            continue
        case = followed(planned, rule, hands, notifier, can_wait=True, in_peace=in_peace)
        if is_told(verdict) and case.warned_at is not None and case.warned_at >= now:
            warned.append(case)
        begun = begin_when_due(planned, case, hands)
        if begun is not None:
            yield apart(verdict, rule), partial(_acted, begun, verdict, rule, hands)


def _acted(
    begun: Case | Outcome, verdict: Verdict, rule: Rule, hands: Hands
) -> tuple[Case | None, Outcome]:
    """Do what is due, unless acting is halted."""
    if isinstance(begun, Case):
        return begun, carry_out(verdict, rule, hands)
    return None, begun


def _announce_closing(
    policy: Policy, seen: Survey, plan: Plan, hands: Hands, notifier: Notifier
) -> Iterator[Case]:
    """Warn owners of what will be stopped at a closing within the notice period.

    A rule that only warns has nothing to announce: what it speaks of breaks it once it is closed.
    """
    now = hands.clock.now()
    already = {planned.verdict.ref.arn for planned in plan.actions}
    for rule in policy.hour_rules:
        if rule.scope.mode is not Mode.ENFORCE:
            continue
        only, notice = replace(policy, rules=(rule,)), notice_of(rule)
        ahead = plan_surveys(only, [replace(seen, endpoints=())], hands.fleet, now + notice)
        for planned in () if ahead.exceeded else ahead.actions:
            verdict = planned.verdict
            if verdict.ref.arn in already or not _is_stop(verdict):
                continue
            already.add(verdict.ref.arn)
            case = case_of(verdict, hands, now)
            if case.state is CaseState.OPEN:
                closing = verdict.evidence.get("closed_since")
                due = datetime.fromisoformat(str(closing)) if closing else now
                due = due if due > now else now + notice
                case = warn_owner(case, verdict, due, hands, notifier, now)
                if case.state is CaseState.WARNED:
                    yield case


def notices(plan: Plan, policy: Policy) -> Iterator[PlannedAction]:
    """The violations that owners are only told of."""
    modes = {rule.scope.rule: rule.scope.mode for rule in policy.rules}
    for verdict in plan.left_alone:
        if is_notice(verdict):
            yield PlannedAction(verdict, modes.get(verdict.rule, Mode.OBSERVE))


def _is_stop(verdict: Verdict) -> bool:
    return verdict.action is not None and verdict.action.kind.stops
