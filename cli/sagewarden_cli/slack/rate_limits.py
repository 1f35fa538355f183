"""How often each method may be called, by the clock that Slack was given.

Tiers and the special limit of chat.postMessage: https://docs.slack.dev/apis/web-api/rate-limits.
The tier of each method stands on its own page of https://docs.slack.dev/reference/methods.
"""

import math
from dataclasses import dataclass
from datetime import datetime

from sagewarden_cli.slack.clock import Clock
from sagewarden_cli.slack.errors import SlackRefusal

TIER_2, TIER_3, TIER_4 = 20, 50, 100
"""Calls a minute."""

TIERS = {
    "chat.postEphemeral": TIER_4,
    "chat.update": TIER_3,
    "conversations.info": TIER_3,
    "conversations.list": TIER_2,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "usergroups.list": TIER_2,
    "usergroups.users.list": TIER_2,
    "users.info": TIER_4,
    "users.list": TIER_2,
    "users.lookupByEmail": TIER_3,
    "views.open": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}
POSTING = "chat.postMessage"
POSTS_PER_SECOND = 1.0
BURST = 3
"""Messages that a channel takes at once; Slack promises one a second and tolerates short bursts."""


@dataclass(slots=True)
class _Bucket:
    """Calls that are left: so many at once, refilled at so many a second."""

    size: float
    per_second: float
    left: float
    at: datetime

    def take(self, now: datetime) -> int | None:
        """Take one call; return the seconds to wait when there is none."""
        passed = max(0.0, (now - self.at).total_seconds())
        self.left = min(self.size, self.left + passed * self.per_second)
        self.at = now
        if self.left >= 1 - 1e-9:
            self.left -= 1
            return None
        return max(1, math.ceil((1 - self.left) / self.per_second - 1e-9))


class RateLimits:
    """Counts calls, and refuses those that come too fast.

    Args:
        clock: The time.
        burst: How many messages a channel takes at once.
    """

    def __init__(self, clock: Clock, burst: int = BURST) -> None:
        self._clock = clock
        self._burst = burst
        self._buckets: dict[str, _Bucket] = {}

    def count(self, method: str) -> None:
        """Count a call of a method that has a tier.

        Raises:
            SlackRefusal: ``ratelimited``, with the seconds to wait.
        """
        tier = TIERS.get(method)
        if tier is not None:
            self._take(method, tier, tier / 60)

    def count_post(self, channel: str) -> None:
        """Count a message to a channel.

        Raises:
            SlackRefusal: ``ratelimited``, with the seconds to wait.
        """
        self._take(f"{POSTING} {channel}", self._burst, POSTS_PER_SECOND)

    def _take(self, key: str, size: int, per_second: float) -> None:
        now = self._clock.now()
        bucket = self._buckets.setdefault(key, _Bucket(size, per_second, size, now))
        wait = bucket.take(now)
        if wait is not None:
            raise SlackRefusal("ratelimited", retry_after=wait, status=429)
