"""What Slack hands out with an interaction: a trigger_id for a modal, a response_url."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sagewarden_cli.slack.clock import Clock
from sagewarden_cli.slack.errors import SlackRefusal
from sagewarden_cli.slack.messages import Message

TRIGGER_LIFE = timedelta(seconds=3)
"""How long a trigger_id opens a modal (docs.slack.dev/interactivity/handling-user-interaction)."""
RESPONSE_LIFE = timedelta(minutes=30)
"""How long a response_url works (the same page)."""
RESPONSE_USES = 5
"""How often a response_url works (the same page)."""


@dataclass(slots=True)
class Trigger:
    """The right to open one modal for a person.

    Attributes:
        user: The id of the person.
        until: When it expires.
        root_view: The modal from which it was triggered, for views.push.
        used: Whether it has opened one.
    """

    user: str
    until: datetime
    root_view: str | None = None
    used: bool = False


@dataclass(slots=True)
class Response:
    """The right to answer an interaction.

    Attributes:
        user: The id of the person who acted.
        channel: Where.
        until: When it expires.
        message: The message that was acted on; None for a slash command.
        uses: How often it has been used.
    """

    user: str
    channel: str
    until: datetime
    message: Message | None = None
    uses: int = 0


class Tickets:
    """Hands them out, and takes them back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, Response] = {}

    def new_trigger(self, user: str, root_view: str | None = None) -> str:
        """Return a trigger_id."""
        count = len(self._triggers) + 1
        name = f"{count}.{int(self._clock.now().timestamp())}.{count:032x}"
        self._triggers[name] = Trigger(user, self._clock.now() + TRIGGER_LIFE, root_view)
        return name

    def take_trigger(self, trigger_id: str) -> Trigger:
        """Use a trigger_id up.

        Raises:
            SlackRefusal: It is none, has expired or was used before.
        """
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackRefusal("invalid_trigger_id")
        if self._clock.now() > trigger.until:
            raise SlackRefusal("expired_trigger_id")
        if trigger.used:
            raise SlackRefusal("exchanged_trigger_id")
        trigger.used = True
        return trigger

    def new_response(self, user: str, channel: str, message: Message | None = None) -> str:
        """Return the last part of a response_url."""
        name = f"{len(self._responses) + 1:08}"
        until = self._clock.now() + RESPONSE_LIFE
        self._responses[name] = Response(user, channel, until, message)
        return name

    def take_response(self, name: str) -> Response:
        """Use a response_url once more.

        Raises:
            SlackRefusal: It is none, has expired or is used up.
        """
        response = self._responses.get(name)
        if response is None:
            raise SlackRefusal("invalid_url", status=404)
        if self._clock.now() > response.until:
            raise SlackRefusal("expired_url", status=404)
        if response.uses >= RESPONSE_USES:
            raise SlackRefusal("used_url", status=404)
        response.uses += 1
        return response
