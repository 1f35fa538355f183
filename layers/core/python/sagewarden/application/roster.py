"""What was found of the accounts that a policy governs: a roster, kept by whoever looked last."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from sagewarden.application.ports import Clock, UnreadableError
from sagewarden.application.targets import Target

if TYPE_CHECKING:
    from sagewarden.domain.rules import Policy

LOOKED_ANEW_AFTER = timedelta(hours=1)
"""How old a roster may grow before AWS is asked again who is there."""

TRUSTED_FOR = timedelta(hours=24)
"""How long the last roster counts while AWS cannot be asked; then nothing is governed by it."""

READ_ANEW_AFTER = timedelta(minutes=5)
"""How long a reader relies on its own copy."""

MISSED_ANEW_AFTER = timedelta(minutes=1)
"""How soon it looks again for somebody whom its copy does not name."""

GONE_AFTER = timedelta(hours=24)
"""How long each look must have missed somebody who was governed until they count as gone."""

TOLD_FOR = timedelta(days=7)
"""How long bots are then told of it, hour by hour, until it is forgotten."""


@dataclass(frozen=True, slots=True)
class Roster:
    """The accounts that a policy governs, and in which regions.

    Attributes:
        at: When that was found (aware).
        regions: The regions of each account, by its id.
        missed: Since when each look has missed those that were governed before.
    """

    at: datetime
    regions: Mapping[str, tuple[str, ...]]
    missed: Mapping[Target, datetime] = field(default_factory=dict[Target, datetime])

    @property
    def targets(self) -> tuple[Target, ...]:
        """Each account in each of its regions, in order."""
        return tuple(
            Target(account, region)
            for account in sorted(self.regions)
            for region in self.regions[account]
        )

    def names(self, target: Target) -> bool:
        """Whether it names an account's region."""
        return target.region in self.regions.get(target.account, ())

    @property
    def gone(self) -> tuple[Target, ...]:
        """Those that were governed and count as gone, in order."""
        return tuple(
            sorted(place for place, since in self.missed.items() if self.at >= since + GONE_AFTER)
        )


def missed_since(
    before: Roster | None, found: Roster, unsure: Collection[str]
) -> Mapping[Target, datetime]:
    """Who was governed and is no longer, and since when each look has missed them.

    Of an account about which something could not be told the time begins anew: not to be known is
    not to be gone.

    Args:
        before: The last roster, however old.
        found: Who was found now.
        unsure: The accounts about which something could not be told.
    """
    if before is None:
        return {}
    known = {**dict.fromkeys(before.targets, found.at), **before.missed}
    since = {
        place: found.at if place.account in unsure else moment for place, moment in known.items()
    }
    return {
        place: moment
        for place, moment in since.items()
        if not found.names(place) and found.at < moment + GONE_AFTER + TOLD_FOR
    }


class Rosters(Protocol):
    """Keeps rosters.

    One that cannot be read raises UnreadableError, one that cannot be written ActionFailedError.
    """

    def read(self, key: str) -> Roster | None:
        """The roster last kept under a key, if any."""
        ...

    def keep(self, key: str, roster: Roster) -> None:
        """Keep a roster."""
        ...

    def claim(self, key: str, now: datetime, until: datetime) -> bool:
        """Claim the right to look; False while somebody else holds it.

        Args:
            key: What is looked for.
            now: The present moment (aware).
            until: When the claim lapses by itself.
        """
        ...

    def release(self, key: str) -> None:
        """Give the claim back, for the next one to look at once."""
        ...


LAST = "LAST"
"""Under which key the last roster of all is kept: a policy that means others leaves some behind."""


def roster_key(policy: "Policy", home: Target) -> str:
    """What tells the roster of one selection of accounts from those of others.

    A policy that selects others finds no roster, and leads to a new look at once.
    """
    meant = policy.organization
    parts = [
        astuple(meant) if meant else None,
        policy.accounts,
        policy.regions,
        policy.enabled_regions,
        astuple(home),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


class RosterReader:
    """Knows what the dispatcher found, without asking AWS who is there.

    Args:
        rosters: Where it was kept.
        key: Under which key.
        clock: Tells the time.
    """

    def __init__(self, rosters: Rosters, key: str, clock: Clock) -> None:
        self._rosters, self._key, self._clock = rosters, key, clock
        self._known: Roster | None = None
        self._read_at: datetime | None = None

    def roster(self) -> Roster:
        """The roster, at most a few minutes after the dispatcher found another.

        Raises:
            UnreadableError: It cannot be read, nothing was found yet, or that was too long ago.
        """
        return self._fresh(READ_ANEW_AFTER)

    def names(self, target: Target) -> bool:
        """Whether an account's region is governed; whom it does not know it looks for again.

        Raises:
            UnreadableError: As `roster`.
        """
        return self.roster().names(target) or self._fresh(MISSED_ANEW_AFTER).names(target)

    def is_gone(self, target: Target) -> bool:
        """Whether an account's region was governed, and counts as gone.

        Raises:
            UnreadableError: As `roster`.
        """
        return target in self.roster().gone

    def _fresh(self, age: timedelta) -> Roster:
        now = self._clock.now()
        if self._known is None or self._read_at is None or now >= self._read_at + age:
            self._known, self._read_at = self._rosters.read(self._key), now
        return trusted(self._known, now)


def trusted(roster: Roster | None, now: datetime) -> Roster:
    """A roster that may still be relied on.

    Raises:
        UnreadableError: There is none, or it is too old.
    """
    if roster is None:
        raise UnreadableError(_WHAT, "nothing was found yet: the dispatcher looks when it is woken")
    if now >= roster.at + TRUSTED_FOR:
        found = roster.at.isoformat(timespec="seconds")
        raise UnreadableError(_WHAT, f"the dispatcher found them last at {found}: its log says why")
    return roster


_WHAT = "the accounts that the policy governs"
