"""What delivering notices and answering clicks needs: which adapter stands behind which port."""

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING

from sagewarden.adapters.board_dynamodb import DynamoDBBoard
from sagewarden.adapters.slack.messenger import SlackMessenger
from sagewarden.adapters.slack.people import SlackPeople
from sagewarden.adapters.slack.readers import SlackReaders, UserGroups
from sagewarden.application.command import Office
from sagewarden.application.deliver import Post
from sagewarden.application.respond import Desk
from sagewarden.bootstrap import Hub, HubSettings
from sagewarden.domain.cases import Case
from sagewarden.domain.clicks import Asked
from sagewarden.domain.owners import Owners
from sagewarden.slack_bootstrap.access import SlackAccess, SlackSettings

if TYPE_CHECKING:
    from sagewarden.application.bring_back import Workshop


class SlackHub:
    """The adapters of a function that speaks with people in Slack, made once.

    Args:
        hub: The adapters of the function.
        settings: What the function is told of its stack.
        slack: What it is told of Slack.
        owners: Who is told, and who decides.
    """

    def __init__(
        self, hub: Hub, settings: HubSettings, slack: SlackSettings, owners: Owners
    ) -> None:
        region = settings.home.region
        self._hub, self._clock = hub, hub.clock
        self._access = SlackAccess(slack, region, hub.clock, hub.sessions)
        self._owners = owners
        self._groups = UserGroups(hub.clock)
        self._board = DynamoDBBoard(hub.sessions.client("dynamodb", region), settings.table)

    def during(self, run: str) -> "SlackHub":
        """The same adapters in a run: what they note names it."""
        slack = copy(self)
        slack._hub = self._hub.during(run)  # noqa: SLF001 - of its own kind
        return slack

    def post(self) -> Post:
        """What delivering needs, with the credentials of now.

        Raises:
            UnreadableError: The token could not be read.
        """
        return self._wired()[1]

    def desk(
        self, wake: Callable[[Case], None], pass_on: Callable[[Asked], None] | None = None
    ) -> Desk:
        """What answering a click needs.

        Raises:
            UnreadableError: The token could not be read.
        """
        people, post = self._wired()
        return Desk(post, people, self._owners.approvers, wake, pass_on)

    def workshop(self) -> "Workshop":
        """What bringing back needs; nobody else pays for its modules.

        Raises:
            UnreadableError: The token could not be read.
        """
        from sagewarden.application.bring_back import Workshop  # noqa: PLC0415 - see above

        people, post = self._wired()
        return Workshop(post, people, self._hub.restore_hands)

    def office(self) -> Office:
        """What answering a command needs.

        Raises:
            UnreadableError: The token could not be read.
        """
        return Office(self._hub.ledger, self._wired()[0], self._owners.approvers)

    def _wired(self) -> tuple[SlackPeople, Post]:
        """Who people are, and what reaches them, with the credentials of now."""
        client = self._access.client()
        readers = SlackReaders(client, self._owners, self._groups, self._access.locale)
        messenger = SlackMessenger(client, readers)
        post = Post(messenger, self._board, self._hub.ledger, self._clock, self._owners)
        return SlackPeople(client, readers), post
