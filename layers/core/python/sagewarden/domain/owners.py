"""Whose resources are, and who may decide over any of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sagewarden.domain.resources import Tags
from sagewarden.domain.schedules.reading import Schedule, Wanted


@dataclass(frozen=True, slots=True)
class Owners:
    """What a policy says of owners.

    Attributes:
        tag: The tag that names a resource's owner.
        fallback_channel: The Slack channel that is told when no owner can be found.
        approvers: Slack users and groups who may decide over any resource.
        warned_during: When warnings that can wait are given; None means at any time.
        team_tag: The tag that names a resource's team.
        teams: The Slack channels of teams, by what that tag says.
        people: Whom or what in Slack the owner's tag means, by what it says.
    """

    tag: str = "Owner"
    fallback_channel: str | None = None
    approvers: tuple[str, ...] = ()
    warned_during: Schedule | None = None
    team_tag: str = "Team"
    teams: Mapping[str, str] = field(default_factory=dict[str, str])
    people: Mapping[str, str] = field(default_factory=dict[str, str])

    def left_in_peace(self, now: datetime, zone: ZoneInfo | None = None) -> bool:
        """Whether a warning that can wait is not given now.

        Args:
            now: The moment (aware).
            zone: Whose wall clock counts: a reader's own; that of the hours where not given.
        """
        hours = self.warned_during
        if hours is None:
            return False
        if zone is not None:
            now = now.astimezone(zone).replace(tzinfo=hours.zone)
        return hours.at(now).wanted is Wanted.STOPPED

    def channel_of(self, team: str | None) -> str | None:
        """The channel of a team, in whatever letter case its tag is written; None without one."""
        return _listed(self.teams, team)

    def address_of(self, owner: str | None) -> str | None:
        """What the policy says an owner's tag means in Slack; None where it says nothing."""
        return _listed(self.people, owner)


def _listed(names: Mapping[str, str], said: str | None) -> str | None:
    if said is None:
        return None
    wanted = said.casefold()
    return next((meant for name, meant in names.items() if name.casefold() == wanted), None)


def named_in(tags: Tags | None, key: str) -> str | None:
    """The owner or team that a tag names; None where it names none, or could not be read."""
    return ((tags or {}).get(key) or "").strip() or None
