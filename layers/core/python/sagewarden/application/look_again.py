"""Look at a region's endpoints again: at what changed, and at what can be idle by now.

A verdict rests on nothing that is remembered but what cannot have changed: that an endpoint was
used, and what it is made of as long as it was not updated. Tags, states and metrics of whatever
can be idle are read afresh each time.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from sagewarden.application.ports import Inventory, Listing, Telemetry
from sagewarden.application.recheck_ports import Rechecks
from sagewarden.application.survey import Survey, open_windows, ungoverned, unread
from sagewarden.domain.endpoint_metrics import USE_METRICS, concerns, evidence_series
from sagewarden.domain.idle_endpoints import IdleEndpoints, use_of
from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.recheck import (
    LISTS_LAG,
    Known,
    Recollection,
    learned,
    not_idle_before,
    shortest_window,
)
from sagewarden.domain.resources import Endpoint, ResourceRef
from sagewarden.domain.rules import Policy

_LIST_PAGE = 100
_SERIES_PAGE = 500
"""How many endpoints a page of ListEndpoints holds, and how many series one of ListMetrics."""

_CALLS_TO_DESCRIBE = 2


@dataclass(frozen=True, slots=True)
class Sight:
    """The ports through which endpoints are looked at.

    Attributes:
        inventory: Lists and describes them.
        telemetry: Reads their metrics.
        rechecks: Reads a part of them.
    """

    inventory: Inventory
    telemetry: Telemetry
    rechecks: Rechecks


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen, and what to remember of it.

    Attributes:
        seen: What was seen.
        recollection: What to remember; None where a part could not be read, so that the next look
            begins where this one did.
    """

    seen: Survey
    recollection: Recollection | None = None


def look_again(
    region: str, policy: Policy, sight: Sight, before: Recollection | None, now: datetime
) -> Look:
    """Collect what the rules for endpoints need to know of a region.

    Args:
        region: The region.
        policy: A policy whose rules are all for idle endpoints.
        sight: The ports.
        before: What is remembered of the region. Everything is read where that is nothing, or
            more than a day old, or of another policy.
        now: The present moment (aware).

    Raises:
        UnreadableError: The region could not be read at all.
    """
    if before is None or not before.holds(policy.fingerprint, now):
        return _First(region, policy, sight, now).look()
    return _Again(region, policy, sight, now, before).look()


class _Looking:
    """One look: what is known by now, and what could not be read."""

    def __init__(self, region: str, policy: Policy, sight: Sight, now: datetime) -> None:
        self.region = region
        self.sight = sight
        self.now = now
        self.policy = policy
        self.rules: Sequence[IdleEndpoints] = tuple(policy.endpoint_rules)
        self.known: dict[str, Known] = {}
        self.incomplete: list[Incomplete] = []
        self._shortest: dict[str, timedelta | None] = {}

    def noting[T](self, listing: Listing[T]) -> tuple[T, ...]:
        """What was found; what was not read is noted."""
        self.incomplete += listing.incomplete
        return listing.items

    def not_before(self, known: Known) -> datetime | None:
        """The moment before which no rule can find it idle; None when none ever speaks of it."""
        name = known.endpoint.ref.name
        if name not in self._shortest:
            self._shortest[name] = shortest_window(name, self.rules)
        shortest = self._shortest[name]
        return None if shortest is None else not_idle_before(known, shortest)

    def is_due(self, known: Known) -> bool:
        """Whether a rule may find it idle by now."""
        moment = self.not_before(known)
        return moment is not None and moment <= self.now

    def strange(self) -> Look | None:
        """The look at an account that the policy does not govern: nothing is seen of it."""
        account = next((item.endpoint.ref.account for item in self.known.values()), None)
        if found := ungoverned(account, self.policy):
            return Look(Survey(self.region, incomplete=(found,)))
        return None

    def with_use(
        self, endpoints: Sequence[Endpoint], names: Mapping[timedelta, Collection[str]]
    ) -> Survey:
        """Read use metrics, and describe the endpoints that none of them shows in use.

        Args:
            endpoints: What is looked at, with its tags.
            names: By the length of each window over which metrics are read: of which endpoints.
        """
        windows = {item.ref.arn: open_windows(item, self.rules, self.now) for item in endpoints}
        series, complete = self._series(endpoints, set().union(*names.values()))
        readings = {
            length: replace(
                self._read((item for item in series if concerns(item, some)), length),
                complete=complete,
            )
            for length, some in sorted(names.items())
        }
        candidates = [
            self._remembered(endpoint)
            for endpoint in endpoints
            if any(use_of(endpoint, readings[item]) is None for item in windows[endpoint.ref.arn])
        ]
        found = self.noting(self.sight.inventory.describe(self.region, candidates))
        described = {item.ref.arn: item for item in found}
        readings = self._with_evidence(found, names, readings)
        gone = (
            set() if self.incomplete else {item.ref.arn for item in candidates} - described.keys()
        )
        for arn in gone:
            del self.known[arn]
        for read in readings.values():
            self.incomplete += unread(self.region, read)
        seen = [described.get(item.ref.arn, item) for item in endpoints if item.ref.arn not in gone]
        for item in seen:
            known = self.known[item.ref.arn]
            self.known[item.ref.arn] = learned(known, item, tuple(readings.values()))
        return Survey(self.region, endpoints=tuple(seen), readings=readings)

    def look_of(self, seen: Survey, whole_at: datetime) -> Look:
        """The look, and what to remember of it where everything could be read."""
        seen = replace(seen, unread=self._unread(seen), incomplete=tuple(self.incomplete))
        if self.incomplete:
            return Look(seen)
        return Look(seen, Recollection(self.policy.fingerprint, whole_at, self.now, self.known))

    def _unread(self, seen: Survey) -> Mapping[ResourceRef, datetime]:
        read = {item.ref.arn for item in seen.endpoints}
        moments = (
            (item.endpoint.ref, self.not_before(item))
            for arn, item in self.known.items()
            if arn not in read
        )
        return {ref: moment for ref, moment in moments if moment is not None}

    def _remembered(self, endpoint: Endpoint) -> Endpoint:
        """An endpoint with the details that are known of it and still hold."""
        return replace(endpoint, details=self.known[endpoint.ref.arn].details)

    def _series(
        self, endpoints: Sequence[Endpoint], names: Collection[str]
    ) -> tuple[list[Series], bool]:
        """The series that tell of use, and whether they are all that there are."""
        if not names:
            return [], False
        wanted = [item for item in endpoints if item.ref.name in names]
        series = {item for one in wanted for item in self._own_series(one)}
        if not self._lists_series(sum(not self._own_series(item) for item in wanted)):
            return sorted(series), False
        published = self.sight.telemetry.published(self.region, USE_METRICS)
        series |= {item for item in self.noting(published) if concerns(item, names)}
        return sorted(series), not published.incomplete

    def _lists_series(self, strangers: int) -> bool:
        """Whether all published series are listed, to learn those of some unknown endpoints."""
        raise NotImplementedError

    def _own_series(self, endpoint: Endpoint) -> set[Series]:
        known = self.known[endpoint.ref.arn]
        details = known.details
        evidence = evidence_series(endpoint.ref.name, details) if details else ()
        return {*known.published, *evidence}

    def _with_evidence(
        self,
        described: Sequence[Endpoint],
        names: Mapping[timedelta, Collection[str]],
        readings: Mapping[timedelta, Readings],
    ) -> dict[timedelta, Readings]:
        """The readings with all that must say zero of what is described, where it was not read."""
        whole: dict[timedelta, Readings] = {}
        for length, read in readings.items():
            needed = {
                item
                for endpoint in described
                if endpoint.ref.name in names[length] and endpoint.details is not None
                for item in evidence_series(endpoint.ref.name, endpoint.details)
            }
            missing = set() if read.complete else needed - read.values.keys()
            more = self._read(missing, length) if missing else Readings(read.window, {})
            values, used = {**read.values, **more.values}, {**read.used, **more.used}
            whole[length] = Readings(read.window, values, read.complete, used)
        return whole

    def _read(self, series: Iterable[Series], length: timedelta) -> Readings:
        return self.sight.telemetry.read(self.region, series, Window.before(self.now, length))


class _First(_Looking):
    """A look at everything."""

    def look(self) -> Look:
        endpoints = self.noting(self.sight.inventory.endpoints(self.region))
        self.known = {item.ref.arn: Known(_bare(item)) for item in endpoints}
        if strange := self.strange():
            return strange
        # What tags spare is read as well: whose tags change is then not due before it is idle.
        names: defaultdict[timedelta, set[str]] = defaultdict(set)
        due = [item.endpoint.ref.name for item in self.known.values() if self.is_due(item)]
        for rule in self.rules:
            names[rule.window] |= {name for name in due if rule.scope.names_match(name)}
        read = {length: some for length, some in names.items() if some}
        return self.look_of(self.with_use(endpoints, read), whole_at=self.now)

    def _lists_series(self, strangers: int) -> bool:
        return strangers > 0


class _Again(_Looking):
    """A look at what changed, and at what can be idle by now."""

    def __init__(
        self, region: str, policy: Policy, sight: Sight, now: datetime, before: Recollection
    ) -> None:
        super().__init__(region, policy, sight, now)
        self.before = before
        self.known = dict(before.known)

    def look(self) -> Look:
        changed = self._brought_up_to_date()
        if strange := self.strange():
            return strange
        looked = [
            item.endpoint
            for arn, item in self.known.items()
            if self.is_due(item) or (arn in changed and self.not_before(item) is not None)
        ]
        bare = [replace(item, details=None) for item in looked]
        endpoints = self._tagged(bare)
        names: defaultdict[timedelta, set[str]] = defaultdict(set)
        for endpoint in endpoints:
            for length in open_windows(endpoint, self.rules, self.now):
                names[length].add(endpoint.ref.name)
        seen = self.with_use(endpoints, names)
        beside = [
            replace(item.endpoint, details=None)
            for item in self.known.values()
            if self.not_before(item) is None
        ]
        seen = replace(seen, endpoints=(*seen.endpoints, *beside))
        return self.look_of(seen, whole_at=self.before.whole_at)

    def _lists_series(self, strangers: int) -> bool:
        """Where that takes fewer calls than to describe the unknown endpoints."""
        pages = ceil(len(self.known) / _SERIES_PAGE) + len(USE_METRICS) - 1
        return strangers * _CALLS_TO_DESCRIBE > pages

    def _tagged(self, endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
        if not endpoints:
            return ()
        return self.noting(self.sight.rechecks.tagged(self.region, endpoints))

    def _brought_up_to_date(self) -> set[str]:
        """Take in what was created, updated or deleted; the ARNs of what is new or updated.

        What a verdict may rest on that is only remembered has to be seen to exist: by itself, or
        by listing everything where that takes fewer calls.
        """
        doubtful = [arn for arn, item in self.known.items() if self._in_doubt(item)]
        if len(doubtful) >= ceil(len(self.known) / _LIST_PAGE):
            listing = self.sight.rechecks.updated_since(self.region, None)
            listed = {item.ref.arn: item for item in self.noting(listing)}
            # Where the list broke off, what it does not show is neither read nor judged.
            for arn in self.known.keys() - listed.keys():
                del self.known[arn]
            return self._taken_in(listed)
        after = self.before.listed_at - LISTS_LAG
        listing = self.sight.rechecks.updated_since(self.region, after)
        listed = {item.ref.arn: item for item in self.noting(listing)}
        asked = [self.known[arn].endpoint for arn in doubtful if arn not in listed]
        if asked:
            confirmed = self.noting(self.sight.rechecks.confirmed(self.region, asked))
            listed.update((item.ref.arn, item) for item in confirmed)
            for endpoint in asked:
                if endpoint.ref.arn not in listed:
                    del self.known[endpoint.ref.arn]
        return self._taken_in(listed)

    def _in_doubt(self, known: Known) -> bool:
        return known.to_be_confirmed and self.is_due(known)

    def _taken_in(self, listed: Mapping[str, Endpoint]) -> set[str]:
        changed: set[str] = set()
        for arn, seen in listed.items():
            known = self.known.get(arn)
            if known is None or not known.is_still(seen):
                changed.add(arn)
            self.known[arn] = Known(_bare(seen)) if known is None else known.seen_as(seen)
        return changed


def _bare(endpoint: Endpoint) -> Endpoint:
    return replace(endpoint, tags=None, details=None)
