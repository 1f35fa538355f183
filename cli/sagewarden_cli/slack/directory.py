"""Who and what there is in the workspace: people, user groups and channels."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sagewarden_cli.slack.schema import Json

TEAM_ID = "T0SAGEWARD"
TEAM_DOMAIN = "local-slack"
APP_ID = "A0SAGEWARD"
BOT_ID = "B0SAGEWARD"
BOT_USER_ID = "U0SAGEWARD"
BOT_NAME = "sagewarden"


@dataclass(slots=True)
class User:
    """A person, or the app's bot.

    Attributes:
        id: ``U...``.
        name: The handle; also how tests call the person.
        email: The address that users.lookupByEmail finds.
        tz: The IANA time zone; empty where none is known.
        locale: Such as ``ko-KR``.
        real_name: The full name.
        is_bot: Whether it is the app itself.
        deleted: Whether the account has been deactivated.
        is_admin: Whether the person administers the workspace.
    """

    id: str
    name: str
    email: str
    tz: str
    locale: str
    real_name: str
    is_bot: bool = False
    deleted: bool = False
    is_admin: bool = False

    def payload(self, now: datetime) -> Json:
        """Return the person as users.info does."""
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "name": self.name,
            "deleted": self.deleted,
            "real_name": self.real_name,
            **self._zone(now),
            "profile": {
                "real_name": self.real_name,
                "display_name": self.name,
                "email": self.email,
                "team": TEAM_ID,
            },
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "locale": self.locale,
        }

    def _zone(self, now: datetime) -> Json:
        """The time zone, with its offset of the moment; nothing for whom none is known."""
        if not self.tz:
            return {}
        zone = now.astimezone(ZoneInfo(self.tz))
        offset = zone.utcoffset()
        seconds = int(offset.total_seconds()) if offset is not None else 0
        return {"tz": self.tz, "tz_label": zone.tzname(), "tz_offset": seconds}


@dataclass(slots=True)
class Group:
    """A user group (``@handle``)."""

    id: str
    handle: str
    members: list[str]
    disabled: bool = False

    def payload(self, *, with_users: bool, with_count: bool) -> Json:
        """Return the group as usergroups.list does: its people or their number where asked for."""
        users: Json = {"users": list(self.members)} if with_users else {}
        count: Json = {"user_count": len(self.members)} if with_count else {}
        return {
            "id": self.id,
            "team_id": TEAM_ID,
            "is_usergroup": True,
            "name": self.handle,
            "handle": self.handle,
            "date_delete": int(self.disabled),
            **count,
            **users,
        }


@dataclass(slots=True)
class Channel:
    """A place for messages: a channel, or a direct conversation of one person with the bot.

    Attributes:
        id: ``C...``, or ``D...`` for a direct conversation.
        name: Without ``#``; the person's handle in a direct conversation.
        members: The ids of those who see it.
        is_im: Whether it is a direct conversation.
        is_private: Whether others can find it.
        is_archived: Whether it takes no more messages.
    """

    id: str
    name: str
    members: list[str] = field(default_factory=list)
    is_im: bool = False
    is_private: bool = False
    is_archived: bool = False

    @property
    def kind(self) -> str:
        """What conversations.list calls its type."""
        if self.is_im:
            return "im"
        return "private_channel" if self.is_private else "public_channel"

    def payload(self) -> Json:
        """Return it as conversations.info does."""
        if self.is_im:
            person = next(member for member in self.members if member != BOT_USER_ID)
            return {"id": self.id, "is_im": True, "user": person, "is_archived": False}
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_member": BOT_USER_ID in self.members,
            "num_members": len(self.members),
        }

    def name_in_payloads(self) -> str:
        """Return what interaction payloads call it."""
        if self.is_im:
            return "directmessage"
        return "privategroup" if self.is_private else self.name


class Directory:
    """Everybody and every place, found by id or by name."""

    def __init__(self) -> None:
        bot = User(BOT_USER_ID, BOT_NAME, "", "UTC", "en-US", "Sagewarden", is_bot=True)
        self.users: dict[str, User] = {bot.id: bot}
        self.groups: dict[str, Group] = {}
        self.channels: dict[str, Channel] = {}

    def add_user(self, user: User) -> User:
        """Add a person.

        Raises:
            ValueError: The handle or address is taken.
        """
        for known in self.users.values():
            if known.name == user.name or (user.email and known.email == user.email):
                raise ValueError(f"{known.name} <{known.email}> is in the workspace already")
        self.users[user.id] = user
        return user

    def next_id(self, letter: str) -> str:
        """Return a free id; ``letter`` says of what (U, C, D or S)."""
        taken = len(self.users) + len(self.channels) + len(self.groups)
        return f"{letter}{taken:09}"

    def user(self, given: str | User) -> User:
        """Return the person of that id or handle.

        Raises:
            KeyError: There is nobody of that name.
        """
        if isinstance(given, User):
            return given
        for user in self.users.values():
            if given.lstrip("@") in {user.id, user.name}:
                return user
        raise KeyError(f"nobody in the workspace is called {given!r}")

    def channel(self, given: str | Channel) -> Channel:
        """Return the channel of that id or name (``#`` may lead), or a person's conversation.

        Raises:
            KeyError: There is no such place.
        """
        if isinstance(given, Channel):
            return given
        for channel in self.channels.values():
            if channel.id == given or (not channel.is_im and channel.name == given.lstrip("#")):
                return channel
        raise KeyError(f"there is no channel {given!r}")

    def open_im(self, user: User) -> Channel:
        """Return the direct conversation of a person with the bot; it is made when first used."""
        for channel in self.channels.values():
            if channel.is_im and user.id in channel.members:
                return channel
        made = Channel(self.next_id("D"), user.name, [user.id, BOT_USER_ID], is_im=True)
        self.channels[made.id] = made
        return made

    def ids_of(self, names: Sequence[str | User]) -> list[str]:
        """Return the ids of people."""
        return [self.user(name).id for name in names]
