"""Who is told in Slack of what belongs to an owner and a team."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sagewarden.adapters.slack.asking import Pause, asking
from sagewarden.application.messaging import Reader, UndeliverableError
from sagewarden.application.ports import Clock
from sagewarden.domain.addresses import AddressKind, kind_of_address
from sagewarden.domain.owners import Owners

GROUPS_READ_ANEW_AFTER = timedelta(minutes=5)
"""How long a new user group is unknown here: usergroups.list answers 20 times a minute only."""

_NOBODY = {
    "users_not_found",
    "user_not_found",
    "user_not_visible",
    "user_disabled",
    "cannot_dm_bot",
    "paid_teams_only",
}
"""What Slack answers where an address names nobody who can be written to."""


class UserGroups:
    """The workspace's user groups by handle and by id, kept for a few minutes.

    Args:
        clock: Tells the time.

    Attributes:
        pause: When Slack may be asked again who somebody is.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.pause = Pause(clock)
        self._known: tuple[datetime, Mapping[str, str]] | None = None

    def id_of(self, named: str, client: WebClient) -> str | None:
        """The id of a group that a ``@handle`` or an id names; None where there is none."""
        now = self._clock.now()
        if self._known is None or now - self._known[0] > GROUPS_READ_ANEW_AFTER:
            found = client.usergroups_list()["usergroups"]
            ids: dict[str, str] = {f"@{group['handle']}".lower(): group["id"] for group in found}
            self._known = now, ids | {group_id: group_id for group_id in ids.values()}
        return self._known[1].get(named.lower() if named.startswith("@") else named)


@dataclass(frozen=True, slots=True)
class _Group:
    """A user group that was found, by the id that Slack gave it."""

    group_id: str


class SlackReaders:
    """Finds people, groups and channels on Slack's Web API.

    Args:
        client: A client with a bot token.
        owners: What the policy says of owners and teams.
        groups: The user groups.
        locale: The language of channels, and of whoever names none, as a locale.
    """

    def __init__(
        self, client: WebClient, owners: Owners, groups: UserGroups, locale: str = "en-US"
    ) -> None:
        self._client = client
        self._owners = owners
        self._groups = groups
        self._locale = locale
        self._known: dict[str, Reader | _Group | None] = {}

    def reader(self, owner: str | None, team: str | None) -> Reader:
        """Find who is told: the owner, else the team's channel, else the fallback channel.

        A user group has no conversation of its own: it is mentioned where its team is told.

        Raises:
            NotNowError: Slack does not answer for now.
            UndeliverableError: Nobody was found, and there is no fallback.
        """
        found = self._owner(owner)
        if isinstance(found, Reader):
            return found
        channel = self._owners.channel_of(team) or self._owners.fallback_channel
        if channel is None:
            raise UndeliverableError(
                f"owner {owner!r} is nobody in Slack, team {team!r} has no channel in "
                "owners.teams, and the policy has no owners.fallback_channel"
            )
        return Reader(channel, self._locale, group=found.group_id if found else None)

    def channel(self, name: str | None) -> Reader:
        """Who reads a channel; the fallback channel where none is named.

        Raises:
            UndeliverableError: There is no fallback.
        """
        found = name or self._owners.fallback_channel
        if found is None:
            raise UndeliverableError("the policy has no owners.fallback_channel")
        return Reader(found, self._locale)

    def owns(self, user: str, owner: str | None) -> bool:
        """Whether a Slack user is an owner, or in the user group that is.

        Raises:
            NotNowError: Slack does not answer for now.
            UndeliverableError: Slack will never tell.
        """
        found = self._owner(owner)
        if isinstance(found, _Group):
            with asking(f"the members of {found.group_id}"):
                members = self._client.usergroups_users_list(usergroup=found.group_id)["users"]
            return user in members
        return found is not None and found.user == user

    def _owner(self, owner: str | None) -> Reader | _Group | None:
        if owner is None:
            return None
        if owner not in self._known:
            self._known[owner] = self._found(self._owners.address_of(owner) or owner)
        return self._known[owner]

    def _found(self, address: str) -> Reader | _Group | None:
        kind = kind_of_address(address)
        try:
            with self._groups.pause.kept(what := f"who {address} is"), asking(what):
                match kind:
                    case AddressKind.EMAIL:
                        found = self._client.users_lookupByEmail(email=address)["user"]
                        return self._in_person(found["id"])
                    case AddressKind.USER:
                        return self._in_person(address)
                    case AddressKind.GROUP:
                        group = self._groups.id_of(address, self._client)
                        return _Group(group) if group else None
                    case AddressKind.CHANNEL if self._is_meant(address):
                        return Reader(address, self._locale)
                    case _:
                        return None
        except UndeliverableError as error:
            cause = error.__cause__
            if isinstance(cause, SlackApiError) and cause.response.get("error") in _NOBODY:
                return None
            raise

    def _is_meant(self, channel: str) -> bool:
        """Whether a channel is meant: a tag may look like the id of one, and be a word."""
        return channel.startswith("#") or channel in self._owners.people.values()

    def _in_person(self, user_id: str) -> Reader:
        """Somebody's conversation with the bot; only users.info tells their language."""
        user: dict[str, Any] = self._client.users_info(user=user_id, include_locale=True)["user"]
        opened = self._client.conversations_open(users=[user_id])
        locale = user.get("locale") or self._locale
        return Reader(opened["channel"]["id"], locale, user_id, zone=_zone(user.get("tz")))


def _zone(name: str | None) -> ZoneInfo | None:
    """A person's time zone; None where Slack names none that is known here."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None
