"""All that the local Slack holds, behind one lock."""

import threading
from typing import Any

from sagewarden_cli.slack.clock import Clock, Timestamps
from sagewarden_cli.slack.directory import BOT_USER_ID, Channel, Directory
from sagewarden_cli.slack.faults import Faults
from sagewarden_cli.slack.messages import Message, MessageStore
from sagewarden_cli.slack.rate_limits import BURST, RateLimits
from sagewarden_cli.slack.schema import Json
from sagewarden_cli.slack.tickets import Tickets
from sagewarden_cli.slack.views import Views


class Workspace:
    """One workspace with one app.

    Args:
        clock: The time.
        bot_token: The token that the Web API takes.
        signing_secret: What interactions are signed with.
        burst: How many messages a channel takes at once.
    """

    def __init__(
        self, clock: Clock, bot_token: str, signing_secret: str, burst: int = BURST
    ) -> None:
        self.clock = clock
        self.bot_token = bot_token
        self.signing_secret = signing_secret
        self.lock = threading.RLock()
        self.timestamps = Timestamps(clock)
        self.directory = Directory()
        self.messages = MessageStore()
        self.views = Views()
        self.limits = RateLimits(clock, burst)
        self.faults = Faults()
        self.tickets = Tickets(clock)
        self.calls: list[str] = []
        self.changes = 0
        self.base_url = ""

    def post(
        self,
        channel: Channel,
        text: str,
        blocks: list[Json] | None = None,
        *,
        user: str = BOT_USER_ID,
        **further: Any,  # noqa: ANN401 - the optional fields of a message
    ) -> Message:
        """Add a message, and return it."""
        with self.lock:
            ts = self.timestamps.next()
            self.changed()
            return self.messages.add(Message(channel.id, ts, user, text, blocks or [], **further))

    def changed(self) -> None:
        """Count a change, for whoever watches."""
        self.changes += 1
