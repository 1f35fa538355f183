"""What delivering notices and answering clicks needs: which adapter stands behind which port."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from slack_sdk import WebClient

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
        self._ledger, self._clock = hub.ledger, hub.clock
        self._restore_hands = hub.restore_hands
        self._access = SlackAccess(slack, region, hub.clock, hub.sessions)
        self._owners = owners
        self._groups = UserGroups(hub.clock)
        self._board = DynamoDBBoard(hub.sessions.client("dynamodb", region), settings.table)

    def post(self) -> Post:
        """What delivering needs, with the credentials of now.

        Raises:
            UnreadableError: The token could not be read.
        """
        client = self._access.client()
        return self._post(client, self._readers(client))

    def desk(
        self, wake: Callable[[Case], None], pass_on: Callable[[Asked], None] | None = None
    ) -> Desk:
        """What answering a click needs.

        Raises:
            UnreadableError: The token could not be read.
        """
        client = self._access.client()
        readers = self._readers(client)
        people = SlackPeople(client, readers)
        return Desk(self._post(client, readers), people, self._owners.approvers, wake, pass_on)

    def workshop(self) -> "Workshop":
        """What bringing back needs; nobody else pays for its modules.

        Raises:
            UnreadableError: The token could not be read.
        """
        from sagewarden.application.bring_back import Workshop  # noqa: PLC0415 - see above

        client = self._access.client()
        readers = self._readers(client)
        people = SlackPeople(client, readers)
        return Workshop(self._post(client, readers), people, self._restore_hands)

    def office(self) -> Office:
        """What answering a command needs.

        Raises:
            UnreadableError: The token could not be read.
        """
        client = self._access.client()
        people = SlackPeople(client, self._readers(client))
        return Office(self._ledger, people, self._owners.approvers)

    def _post(self, client: WebClient, readers: SlackReaders) -> Post:
        messenger = SlackMessenger(client, readers)
        return Post(messenger, self._board, self._ledger, self._clock, self._owners)

    def _readers(self, client: WebClient) -> SlackReaders:
        return SlackReaders(client, self._owners, self._groups, self._access.locale)
