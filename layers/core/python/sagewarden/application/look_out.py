"""Keep a roster of the accounts that a policy governs: whoever finds it old looks anew."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sagewarden.application.discover import Discovery, Organization, discover
from sagewarden.application.ports import UnreadableError
from sagewarden.application.roster import (
    LAST,
    LOOKED_ANEW_AFTER,
    TRUSTED_FOR,
    Roster,
    Rosters,
    missed_since,
    roster_key,
    trusted,
)
from sagewarden.application.targets import Target
from sagewarden.domain.rules import Policy

CLAIMED_FOR = timedelta(minutes=16)
"""How long others let somebody look who does not come back: longer than any function runs."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Who is governed.

    Attributes:
        roster: Who it is; None while somebody else looks for the very first time.
        found: What a look just now found, if there was one.
        failed: Why a look failed, where an older roster stands in.
    """

    roster: Roster | None
    found: Discovery | None = None
    failed: UnreadableError | None = None


def look_out(
    policy: Policy,
    home: Target,
    rosters: Rosters,
    organization: Organization,
    now: datetime,
    has_time: Callable[[], bool],
) -> Sighting:
    """Say who is governed, and ask AWS where the last answer has grown old.

    Only one looks at a time; the others go on with what is known.

    Args:
        policy: The policy.
        home: Where it is deployed.
        rosters: Keeps what was found.
        organization: Who is there.
        now: The present moment (aware).
        has_time: Whether there is time to ask about another account.

    Raises:
        UnreadableError: AWS cannot be asked, and what is known is too old.
        ActionFailedError: What was found cannot be kept.
    """
    key = roster_key(policy, home)
    known = rosters.read(key)
    if known is not None and now < known.at + LOOKED_ANEW_AFTER:
        return Sighting(known)
    if not rosters.claim(key, now, now + CLAIMED_FOR):
        return Sighting(trusted(known, now) if known else None)
    before = known if known is not None and now < known.at + TRUSTED_FOR else None
    try:
        found = discover(policy, home, organization, now, before, has_time)
        last = rosters.read(LAST) or known
        missed = missed_since(last, found.roster, found.unsure)
        found = replace(found, roster=replace(found.roster, missed=missed))
        rosters.keep(key, found.roster)
        rosters.keep(LAST, found.roster)
    except UnreadableError as error:
        if before is None:
            raise
        return Sighting(before, failed=error)
    finally:
        rosters.release(key)
    return Sighting(found.roster, found)
