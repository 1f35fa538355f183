"""When an endpoint can next be found idle, by what was learned of it before.

Whoever knows that an endpoint was called an hour ago knows that it cannot have been idle for 48 h
before 47 h are over, whatever happens meanwhile: until then nothing of it need be read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sagewarden.domain.idle_endpoints import IdleEndpoints
from sagewarden.domain.metrics import Readings, Series
from sagewarden.domain.resources import Endpoint, EndpointDetails, EndpointKind, EndpointStatus

WHOLE_EVERY = timedelta(hours=23, minutes=30)
"""How long a region is looked at by what is remembered of it: a day, less the half hour by which
hourly sweeps may begin late. Then all of it is read anew."""

LISTS_LAG = timedelta(hours=1)
"""By how much what changed is listed from before the last look: lists may lag behind by minutes."""

_BUCKET = timedelta(hours=1)
"""CloudWatch keeps hourly sums by whole hours: a use may have been at the end of its hour."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was learned of one endpoint.

    Attributes:
        endpoint: As it was last seen, with its details where it was ever described. Its tags are
            never remembered: they change without a trace.
        used: When the newest hour began in which one of its own series showed it in use (aware).
        published: Its own series that had datapoints: those that bear its name.
    """

    endpoint: Endpoint
    used: datetime | None = None
    published: tuple[Series, ...] = ()

    @property
    def since(self) -> datetime:
        """When it was created or last updated."""
        return max(self.endpoint.created, self.endpoint.modified)

    @property
    def details(self) -> EndpointDetails | None:
        """The details that still hold while it is not modified; None where there are none.

        An endpoint config never changes, and a new one or another capacity is an update.
        Inference components come, go and scale without their endpoint being updated.
        """
        details = self.endpoint.details
        if details is None or details.kind is EndpointKind.COMPONENTS:
            return None
        return details

    @property
    def to_be_confirmed(self) -> bool:
        """Whether a verdict may rest on what is remembered: only once it is seen to exist as it is.

        Whatever else is due is described before it is called idle.
        """
        described = self.endpoint.details is not None
        return described or self.endpoint.status is not EndpointStatus.IN_SERVICE

    def is_still(self, seen: Endpoint) -> bool:
        """Whether it was not updated, nor deleted and created anew, since."""
        then = self.endpoint
        return (then.created, then.modified) == (seen.created, seen.modified)

    def seen_as(self, seen: Endpoint) -> "Known":
        """The same after it was seen again: everything is forgotten of what was updated."""
        bare = replace(seen, tags=None, details=None)
        if not self.is_still(seen):
            return Known(bare)
        return replace(self, endpoint=replace(bare, details=self.endpoint.details))


@dataclass(frozen=True, slots=True)
class Recollection:
    """What is remembered of a region from one look to the next.

    Attributes:
        fingerprint: Of the policy by which it was looked at.
        whole_at: When all of it was last read (aware).
        listed_at: When what had changed was last listed (aware).
        known: What was learned, by ARN.
    """

    fingerprint: str
    whole_at: datetime
    listed_at: datetime
    known: Mapping[str, Known]

    def adds_to(self, before: "Recollection | None") -> bool:
        """Whether there is more to it than to what is remembered: else it need not be written.

        What is remembered holds all the same, and what changes is listed from its own last look.
        """
        if before is None:
            return bool(self.known)
        return (self.known, self.whole_at) != (before.known, before.whole_at)

    def holds(self, fingerprint: str, now: datetime) -> bool:
        """Whether a look may go by it: under the same policy, for a day, and never backwards."""
        recent = self.whole_at <= self.listed_at <= now < self.whole_at + WHOLE_EVERY
        return recent and self.fingerprint == fingerprint


def shortest_window(name: str, rules: Iterable[IdleEndpoints]) -> timedelta | None:
    """The shortest window of the rules that may speak of an endpoint of a name; None of none."""
    windows = (rule.window for rule in rules if rule.scope.names_match(name))
    return min(windows, default=None)


def not_idle_before(known: Known, shortest: timedelta) -> datetime:
    """The moment before which no rule can find an endpoint idle, whatever its tags say.

    It holds as long as the endpoint is not updated, and an update only puts it off.

    Args:
        known: What was learned of it.
        shortest: Its shortest window.
    """
    latest = known.since if known.used is None else max(known.since, known.used + _BUCKET)
    return latest + shortest


def learned(known: Known, seen: Endpoint, readings: Sequence[Readings]) -> Known:
    """What is known of an endpoint after its metrics were read.

    Only series that bear its name count: what a component was called for is forgotten when the
    component is deleted.

    Args:
        known: What was known of it, as it is now.
        seen: The endpoint, with details where it was described.
        readings: What was read of it.
    """
    name = seen.ref.name
    own = {item for read in readings for item in read.naming("EndpointName", name)}
    uses = [read.used[item] for read in readings for item in own if item in read.used]
    if known.used is not None:
        uses.append(known.used)
    return Known(
        endpoint=replace(known.endpoint, details=seen.details or known.endpoint.details),
        used=max(uses, default=None),
        published=tuple(sorted({*known.published, *own})),
    )
