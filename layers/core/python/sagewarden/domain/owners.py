"""Whose resources are, and who may decide over any of them."""

from dataclasses import dataclass
from datetime import datetime

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
    """

    tag: str = "Owner"
    fallback_channel: str | None = None
    approvers: tuple[str, ...] = ()
    warned_during: Schedule | None = None

    def left_in_peace(self, now: datetime) -> bool:
        """Whether a warning that can wait is not given now."""
        hours = self.warned_during
        return hours is not None and hours.at(now).wanted is Wanted.STOPPED


def owner_in(tags: Tags | None, key: str) -> str | None:
    """The owner that tags name; None where they name nobody, or could not be read."""
    return ((tags or {}).get(key) or "").strip() or None
