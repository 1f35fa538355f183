"""For how long what was acted on verifiably did not run: the hours of realised savings.

Only what the ledger holds counts. A deletion counts from its outcome until the resource is back, as
a restore or a newer resource of the same name shows it. Whatever can come back without our doing
counts when its end was recorded: by our own start or restore, or, of a notebook or node group that
somebody started by hand, by its next stop, whose precondition says since when it had run.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.outcomes import Outcome
from sagewarden.domain.resources import ResourceKind

CLAIMED_FOR = timedelta(days=30)
"""For how long a deletion saves: nobody knows for how much longer the thing would have run."""

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Span:
    """A time that is reported on, half-open.

    Attributes:
        begin: Its beginning (aware).
        end: Its end (aware).
    """

    begin: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether a moment is in it."""
        return self.begin <= moment < self.end


def standstills(
    done: Sequence[Outcome], created: Iterable[datetime], span: Span
) -> Iterator[tuple[int, timedelta]]:
    """By its place, what was done to one resource, and how long it stood still for that.

    Spans that follow one another never count the same hour twice.

    Args:
        done: What was done to it, oldest first, and changes what runs.
        created: When resources of its name are known to have been created.
        span: Which claims count: hours in it that something was gone, and standstills whose end
            was recorded in it.
    """
    born = [*created, *(item.action.precondition.created for item in done)]
    for place, outcome in enumerate(done):
        following = done[place + 1 :]
        if outcome.action.kind is ActionKind.DELETE:
            length = _gone(outcome, following, born, span)
        elif outcome.action.kind.undoable:
            length = _stopped(outcome, following, span)
        else:
            continue
        if length > NOTHING:
            yield place, length


def _gone(
    outcome: Outcome, following: Sequence[Outcome], born: Iterable[datetime], span: Span
) -> timedelta:
    back = [item.at for item in following if item.action.kind.undoes]
    back += [moment for moment in born if moment > outcome.at]
    end = min((*back, outcome.at + CLAIMED_FOR, span.end))
    return end - max(outcome.at, span.begin)


def _stopped(outcome: Outcome, following: Sequence[Outcome], span: Span) -> timedelta:
    if not following or not span.holds(following[0].at):
        return NOTHING
    after, then = following[0].action, outcome.action
    if after.kind.undoes:
        return following[0].at - outcome.at
    same = after.precondition.created == then.precondition.created
    halts = then.kind is ActionKind.STOP or then.ref.kind == ResourceKind.NODE_GROUP
    if same and halts and after.kind is then.kind:
        return after.precondition.modified - outcome.at
    return NOTHING
