"""Builders for what digests are made of: cases, deeds, and the week that they are about."""

from datetime import UTC, date, datetime
from decimal import Decimal

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.cases import Case, CaseState, case_id_of
from sagewarden.domain.digest import Deed
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.standstill import Span
from tests.support.builders import LONG_AGO, SEOUL, a_ref, seoul

WEEK = Span(seoul("2026-11-02 00:00"), seoul("2026-11-09 00:00"))
"""Monday to Sunday."""

MONDAY_AFTER = seoul("2026-11-09 09:00")
ZONE = SEOUL

PRICED = MonthlyCost(Decimal("36.5"), "1 x ml.t3.medium", date(2026, 5, 21), Decimal("0.10"))


def an_action(
    name: str = "nb",
    kind: ActionKind = ActionKind.STOP,
    *,
    created: datetime = LONG_AGO,
    modified: datetime = LONG_AGO,
) -> Action:
    """An action on a notebook or, where it is nothing that is done to one, on an endpoint."""
    on_notebooks = {ActionKind.STOP, ActionKind.START, ActionKind.TAG_OWNER}
    resource = ResourceKind.NOTEBOOK_INSTANCE if kind in on_notebooks else ResourceKind.ENDPOINT
    return Action(kind, a_ref(name, resource), Precondition("InService", created, modified))


def an_outcome(
    at: str | datetime,
    kind: ActionKind = ActionKind.STOP,
    name: str = "nb",
    *,
    saving: MonthlyCost | None = PRICED,
    result: OutcomeKind = OutcomeKind.APPLIED,
    created: datetime = LONG_AGO,
    modified: datetime = LONG_AGO,
    resource: ResourceKind | None = None,
) -> Outcome:
    """An outcome at a moment, or at one by Seoul's wall clock."""
    action = an_action(name, kind, created=created, modified=modified)
    if resource is not None:
        action = Action(kind, a_ref(name, resource), action.precondition)
    moment = seoul(at) if isinstance(at, str) else at
    return Outcome("hours", action, result, f"{kind}: done", moment, saving=saving)


def a_deed(at: str | datetime, *args: ActionKind | str, team: str | None = None) -> Deed:
    """A deed at a moment: the kind of action and the name follow as in `an_outcome`."""
    return Deed(an_outcome(at, *args), team)  # type: ignore[arg-type]  # kind, then name


def a_case(
    name: str = "nb",
    state: CaseState = CaseState.WARNED,
    kind: ActionKind = ActionKind.STOP,
    *,
    rule: str = "hours",
    team: str | None = None,
    owner: str | None = None,
    saving: MonthlyCost | None = PRICED,
    opened_at: datetime = datetime(2026, 11, 3, tzinfo=UTC),
    created: datetime = LONG_AGO,
    warned_at: datetime | None = None,
    due_at: datetime | None = None,
    ended_at: datetime | None = None,
    snoozed_until: datetime | None = None,
    decided_by: str | None = None,
) -> Case:
    """A case of a resource."""
    action = an_action(name, kind, created=created)
    return Case(
        case_id=case_id_of(rule, action),
        rule=rule,
        action=action,
        reason="it breaks the rule",
        state=state,
        opened_at=opened_at,
        warned_at=warned_at,
        due_at=due_at,
        ended_at=ended_at,
        snoozed_until=snoozed_until,
        decided_by=decided_by,
        owner=owner,
        team=team,
        saving=saving,
    )
