"""The life of one violation of one rule by one resource: a state machine.

`TRANSITIONS` says what may happen to a case in which state. Everything else is refused, with a
reason that can be shown to whoever asked for it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sagewarden.domain.actions import Action
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.resources import ResourceRef
from sagewarden.domain.verdicts import Verdict

SETTLES = timedelta(hours=6)
"""How long after an action its violation may still be seen without being a new one."""

RESTS = timedelta(days=1)
"""How long a case that was given up rests before its owner is warned anew."""

MOST_ATTEMPTS = 5
"""After how many attempts that failed a case is given up."""

REMINDED_BEFORE = timedelta(hours=2)
"""How long before its deadline an owner is reminded."""

TOO_LATE = timedelta(minutes=15)
"""How shortly before its deadline nobody is reminded any more: they could not answer in time."""

LONG_GRACE = timedelta(hours=4)
"""The shortest grace period that gets a reminder, and whose warning can wait for hours of work."""

AFTER_A_HALT = timedelta(hours=1)
"""How long after a resume waits what became due before it: no clock runs out during a halt."""


class CaseState(StrEnum):
    """Where a case stands. OPEN, WARNED, ACTING and SNOOZED are alive; the others have ended."""

    OPEN = "OPEN"
    WARNED = "WARNED"
    DUE = "DUE"
    """WARNED, and its grace period is over: told by the clock (`Case.state_at`), never stored."""
    ACTING = "ACTING"
    """A run set out to act; when it did not report back, the resource tells what became of it."""
    SNOOZED = "SNOOZED"
    """Its owner bought time; when that is over, and the violation stands, they are warned anew."""
    DONE = "DONE"
    RESOLVED = "RESOLVED"
    EXEMPT = "EXEMPT"
    FAILED = "FAILED"
    """Given up after MOST_ATTEMPTS; acted on again only after a new warning."""
    RESTORED = "RESTORED"

    @property
    def alive(self) -> bool:
        """Whether something may still happen to its resource."""
        return self in _ALIVE


_ALIVE = {
    CaseState.OPEN,
    CaseState.WARNED,
    CaseState.DUE,
    CaseState.ACTING,
    CaseState.SNOOZED,
}


class CaseEvent(StrEnum):
    """What can happen to a case."""

    WARN = "warn"
    REMIND = "remind"
    SNOOZE = "snooze"
    EXEMPT = "exempt"
    ASK = "ask for it now"
    ACT = "act"
    RETRY = "retry"
    """An attempt was not made, or failed: the next run tries again."""
    GIVE_UP = "give up"
    FINISH = "finish"
    RESOLVE = "resolve"
    RESTORE = "restore"
    REOPEN = "reopen"


TRANSITIONS: Mapping[CaseState, Mapping[CaseEvent, CaseState]] = {
    CaseState.OPEN: {
        CaseEvent.WARN: CaseState.WARNED,
        CaseEvent.SNOOZE: CaseState.SNOOZED,
        CaseEvent.EXEMPT: CaseState.EXEMPT,
        CaseEvent.FINISH: CaseState.DONE,
        CaseEvent.RESOLVE: CaseState.RESOLVED,
    },
    CaseState.WARNED: {
        CaseEvent.WARN: CaseState.WARNED,
        CaseEvent.REMIND: CaseState.WARNED,
        CaseEvent.SNOOZE: CaseState.SNOOZED,
        CaseEvent.EXEMPT: CaseState.EXEMPT,
        CaseEvent.ASK: CaseState.WARNED,
        CaseEvent.ACT: CaseState.ACTING,
        CaseEvent.FINISH: CaseState.DONE,
        CaseEvent.RESOLVE: CaseState.RESOLVED,
    },
    CaseState.ACTING: {
        CaseEvent.ACT: CaseState.ACTING,
        CaseEvent.RETRY: CaseState.WARNED,
        CaseEvent.GIVE_UP: CaseState.FAILED,
        CaseEvent.FINISH: CaseState.DONE,
    },
    CaseState.SNOOZED: {
        CaseEvent.WARN: CaseState.WARNED,
        CaseEvent.SNOOZE: CaseState.SNOOZED,
        CaseEvent.EXEMPT: CaseState.EXEMPT,
        CaseEvent.ASK: CaseState.WARNED,
        CaseEvent.FINISH: CaseState.DONE,
        CaseEvent.RESOLVE: CaseState.RESOLVED,
    },
    CaseState.DONE: {
        CaseEvent.RESTORE: CaseState.RESTORED,
        CaseEvent.REOPEN: CaseState.OPEN,
    },
    CaseState.RESOLVED: {CaseEvent.REOPEN: CaseState.OPEN},
    CaseState.EXEMPT: {CaseEvent.EXEMPT: CaseState.EXEMPT, CaseEvent.REOPEN: CaseState.OPEN},
    CaseState.FAILED: {CaseEvent.EXEMPT: CaseState.EXEMPT, CaseEvent.REOPEN: CaseState.OPEN},
    CaseState.RESTORED: {CaseEvent.REOPEN: CaseState.OPEN},
}
"""What may happen to a stored case, and where it stands then."""

_WHY_NOT: Mapping[CaseState, str] = {
    CaseState.OPEN: "its owner was not warned yet",
    CaseState.WARNED: "nothing was done to it yet",
    CaseState.ACTING: "a run is carrying it out at this moment",
    CaseState.SNOOZED: "nothing happens to it for now: it was snoozed",
    CaseState.DONE: "it was done already",
    CaseState.RESOLVED: "its reason is gone: nothing will happen to it",
    CaseState.EXEMPT: "it is exempt: nothing will happen to it",
    CaseState.FAILED: f"it was given up after {MOST_ATTEMPTS} attempts that failed",
    CaseState.RESTORED: "it was restored",
}


class CaseRefusedError(Exception):
    """What was asked of a case is not possible in its state; the message says why."""


@dataclass(frozen=True, slots=True)
class Case:
    """One violation, from the first sight of it to its end.

    Attributes:
        case_id: The same for the same resource in the same state under the same rule.
        rule: The rule's name.
        action: What would mend the violation.
        reason: The verdict's reason, as its owner reads it.
        state: Where it stands.
        opened_at: When it was first seen (aware).
        version: Counts its writes, so that two writers cannot both win.
        warned_at: When the warning was accepted; the grace period counts from here.
        due_at: From when on it may be acted on; None while it only watches.
        ended_at: When it ended.
        reminded_at: When its owner was reminded of the deadline.
        snoozed_until: Until when nothing happens to it, whatever its violation does meanwhile.
        failures: How many attempts failed since the warning.
        decided_by: Who last decided about it: snoozed, exempted, restored or asked for it.
        owner: Whose the resource is, as its tag said when the case was opened.
        team: The team it belongs to, as its tag said then.
        saving: What the action saves a month, as was known then; None when it was not.
    """

    case_id: str
    rule: str
    action: Action
    reason: str
    state: CaseState
    opened_at: datetime
    version: int = 0
    warned_at: datetime | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None
    reminded_at: datetime | None = None
    snoozed_until: datetime | None = None
    failures: int = 0
    decided_by: str | None = None
    owner: str | None = None
    team: str | None = None
    saving: MonthlyCost | None = None

    @property
    def ref(self) -> ResourceRef:
        """The resource."""
        return self.action.ref

    def after(self, event: CaseEvent) -> CaseState:
        """Where it stands after an event.

        Raises:
            CaseRefusedError: The event cannot happen to it in its state.
        """
        following = TRANSITIONS[self.state].get(event)
        if following is None:
            raise CaseRefusedError(f"cannot {event}: {_WHY_NOT[self.state]}")
        return following

    def warned(self, at: datetime, due_at: datetime | None) -> "Case":
        """The case after its warning was accepted; without `due_at` nothing follows from it."""
        return replace(
            self,
            state=self.after(CaseEvent.WARN),
            warned_at=at,
            due_at=due_at,
            reminded_at=None,
            snoozed_until=None,
            failures=0,
        )

    def reminded(self, at: datetime) -> "Case":
        """The case after its owner was reminded of the deadline."""
        return replace(self, state=self.after(CaseEvent.REMIND), reminded_at=at)

    def snoozed(self, until: datetime, by: str, at: datetime) -> "Case":
        """The case after somebody bought time: nothing happens until then, then a new warning.

        Raises:
            CaseRefusedError: The moment has passed, or there is nothing left to put off.
        """
        if until <= at:
            raise CaseRefusedError("cannot snooze: the time to wait until has passed already")
        following = self.after(CaseEvent.SNOOZE)
        return replace(self, state=following, snoozed_until=until, decided_by=by)

    def exempted(self, by: str, at: datetime) -> "Case":
        """The case after its resource was exempted; the exemption itself says until when and why.

        Raises:
            CaseRefusedError: It is being acted on, or has ended otherwise.
        """
        return replace(self, state=self.after(CaseEvent.EXEMPT), ended_at=at, decided_by=by)

    def asked_for_now(self, by: str, at: datetime) -> "Case":
        """The case after its owner asked for the action: due at once, looked at again before.

        Raises:
            CaseRefusedError: Nobody was warned of an action, or there is nothing left to do.
        """
        following = self.after(CaseEvent.ASK)
        if self.warned_at is None or self.due_at is None:
            raise CaseRefusedError(f"cannot {CaseEvent.ASK}: its rule only warns")
        return replace(self, state=following, due_at=at, snoozed_until=None, decided_by=by)

    def acting(self) -> "Case":
        """The case while its action is carried out."""
        return replace(self, state=self.after(CaseEvent.ACT))

    def not_acted(self) -> "Case":
        """The case after its action was not carried out, and could not have been."""
        return replace(self, state=self.after(CaseEvent.RETRY))

    def failed(self, at: datetime) -> "Case":
        """The case after an attempt failed: tried again, but given up after MOST_ATTEMPTS."""
        failures = self.failures + 1
        if failures < MOST_ATTEMPTS:
            return replace(self.not_acted(), failures=failures)
        following = self.after(CaseEvent.GIVE_UP)
        return replace(self, state=following, failures=failures, ended_at=at)

    def ended(self, state: CaseState, at: datetime) -> "Case":
        """The case after its end as DONE or RESOLVED."""
        event = CaseEvent.FINISH if state is CaseState.DONE else CaseEvent.RESOLVE
        return replace(self, state=self.after(event), ended_at=at)

    def restored(self, by: str, at: datetime) -> "Case":
        """The case after what was done was taken back.

        Raises:
            CaseRefusedError: Nothing was done.
        """
        return replace(self, state=self.after(CaseEvent.RESTORE), ended_at=at, decided_by=by)

    def due(self, now: datetime, resumed_at: datetime | None = None) -> bool:
        """Whether it was warned of and its grace period is over.

        Args:
            now: The present moment (aware).
            resumed_at: When a halt was last lifted: what was due by then waits AFTER_A_HALT more.
        """
        if self.state not in {CaseState.WARNED, CaseState.ACTING} or self.due_at is None:
            return False
        if resumed_at is not None and self.due_at <= resumed_at:
            return now >= resumed_at + AFTER_A_HALT
        return now >= self.due_at

    def state_at(self, now: datetime) -> CaseState:
        """Where it stands as a reader sees it: DUE once its grace period is over."""
        due = self.state is CaseState.WARNED and self.due(now)
        return CaseState.DUE if due else self.state

    def reminder_due(self, now: datetime) -> bool:
        """Whether its owner is to be reminded: once, while there is still time to answer.

        That is at half of the grace period or REMINDED_BEFORE its end, whichever is later.
        """
        if self.state is not CaseState.WARNED or self.reminded_at is not None:
            return False
        if self.warned_at is None or self.due_at is None:
            return False
        grace = self.due_at - self.warned_at
        from_then = self.due_at - min(grace / 2, REMINDED_BEFORE)
        return grace >= LONG_GRACE and from_then <= now < self.due_at - TOO_LATE

    def asleep(self, now: datetime) -> bool:
        """Whether somebody bought time that is not over."""
        return self.snoozed_until is not None and now < self.snoozed_until

    def wakes(self, now: datetime) -> bool:
        """Whether the time that somebody bought is over: its owner is warned anew."""
        return self.state is CaseState.SNOOZED and not self.asleep(now)

    def opens_anew(self, now: datetime) -> bool:
        """Whether the same violation, seen again now, is a new one.

        What was resolved has come back; an exemption no longer holds. What was done or restored
        counts as come back after SETTLES: until then AWS's lists may still show the past. What
        was given up rests.
        """
        rest = {
            CaseState.DONE: SETTLES,
            CaseState.RESTORED: SETTLES,
            CaseState.FAILED: RESTS,
        }.get(self.state)
        if rest is not None:
            return self.ended_at is not None and now >= self.ended_at + rest
        return self.state in {CaseState.RESOLVED, CaseState.EXEMPT}

    def reopened(self, verdict: Verdict, now: datetime) -> "Case":
        """The case of the same violation that is back; time that was bought still counts."""
        self.after(CaseEvent.REOPEN)
        fresh = replace(open_case(verdict, now), version=self.version)
        if not self.asleep(now):
            return fresh
        snoozed = fresh.after(CaseEvent.SNOOZE)
        return replace(
            fresh, state=snoozed, snoozed_until=self.snoozed_until, decided_by=self.decided_by
        )


def open_case(verdict: Verdict, now: datetime) -> Case:
    """A new case for a violation.

    Raises:
        ValueError: The verdict has no action.
    """
    return Case(
        case_id=case_id(verdict),
        rule=verdict.rule,
        action=_action(verdict),
        reason=verdict.reason,
        state=CaseState.OPEN,
        opened_at=now,
        owner=verdict.owner,
        team=verdict.team,
        saving=verdict.saving,
    )


def case_id(verdict: Verdict) -> str:
    """Identify the case of a violation, as `case_id_of` does.

    Raises:
        ValueError: The verdict has no action.
    """
    return case_id_of(verdict.rule, _action(verdict))


def case_id_of(rule: str, action: Action) -> str:
    """Identify the case of a violation: a restarted or recreated resource is a new case.

    Of what changes nothing that runs only a recreated resource is a new case: nobody is told each
    morning anew that a tag is missing.
    """
    then = action.precondition
    parts = (
        rule,
        action.ref.arn,
        action.kind,
        then.created.isoformat(),
        *([then.modified.isoformat()] if action.kind.changes_what_runs else []),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def _action(verdict: Verdict) -> Action:
    if verdict.action is None:
        raise ValueError(f"no case without an action: {verdict.ref.name} is {verdict.kind}")
    return verdict.action
