"""What the page shows to one person: places, messages, a thread, a modal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sagewarden_cli.slack.directory import BOT_USER_ID, Channel, User
from sagewarden_cli.slack.messages import Message
from sagewarden_cli.slack.page.date_tokens import rendered
from sagewarden_cli.slack.page.mrkdwn import Reader
from sagewarden_cli.slack.views import View
from sagewarden_cli.slack.workspace import Workspace

NEWEST = 200
"""How many messages of a channel the page shows."""

_SLACKBOT = User("USLACKBOT", "slackbot", "", "UTC", "en-US", "Slackbot", is_bot=True)


@dataclass(frozen=True, slots=True)
class Shown:
    """One message with what stands around it.

    Attributes:
        message: The message.
        author: Who wrote it.
        time: Its time of day, for the reader.
        replies: How many answers its thread has.
        last_reply: When the latest of them came, for the reader.
    """

    message: Message
    author: User
    time: str
    replies: int
    last_reply: str


@dataclass(frozen=True, slots=True)
class Day:
    """The messages of one day of the reader's."""

    label: str
    messages: list[Shown]


@dataclass(frozen=True, slots=True)
class PageState:
    """All that the template needs."""

    reader: Reader
    people: list[User]
    channels: list[Channel]
    direct: Channel
    current: Channel
    days: list[Day]
    thread: list[Shown]
    modal: View | None
    now: str
    changes: int


def page_state(workspace: Workspace, query: Mapping[str, str]) -> PageState:
    """Return what the person named in a query sees of the place named in it.

    Raises:
        KeyError: There is no such person, or nobody at all.
    """
    directory = workspace.directory
    people = [user for user in directory.users.values() if not user.is_bot and not user.deleted]
    if not people:
        raise KeyError("the workspace has no people yet")
    viewer = directory.user(query["as"]) if query.get("as") else people[0]
    reader = Reader(viewer, directory, workspace.clock.now())
    direct = directory.open_im(viewer)
    channels = [
        channel
        for channel in directory.channels.values()
        if viewer.id in channel.members and not channel.is_im
    ]
    places = {channel.id: channel for channel in [*channels, direct]}
    current = places.get(query.get("in", ""), channels[0] if channels else direct)
    seen = [m for m in workspace.messages.of(current.id) if m.only_for in {None, viewer.id}]
    modals = workspace.views.stack_of(viewer.id)
    return PageState(
        reader,
        people,
        channels,
        direct,
        current,
        _days(seen, reader),
        _thread(seen, query.get("thread", ""), reader),
        modals[-1] if modals else None,
        _label("{date_long} {time}", reader.now, reader),
        workspace.changes,
    )


def _days(seen: list[Message], reader: Reader) -> list[Day]:
    top = [message for message in seen if message.thread_ts is None][-NEWEST:]
    replies: dict[str, list[Message]] = {}
    for message in seen:
        if message.thread_ts is not None:
            replies.setdefault(message.thread_ts, []).append(message)
    by_day = groupby(top, key=lambda message: reader.local(message.posted_at).date())
    return [_day([_shown(m, replies, reader) for m in messages], reader) for _, messages in by_day]


def _day(shown: list[Shown], reader: Reader) -> Day:
    label = _label("{day_divider_pretty}", shown[0].message.posted_at, reader)
    return Day(label[:1].upper() + label[1:], shown)


def _thread(seen: list[Message], ts: str, reader: Reader) -> list[Shown]:
    return [_shown(m, {}, reader) for m in seen if ts and ts in {m.ts, m.thread_ts}]


def _shown(message: Message, replies: Mapping[str, list[Message]], reader: Reader) -> Shown:
    author = reader.directory.users.get(message.user, _SLACKBOT)
    answers = replies.get(message.ts, [])
    last = _label("{date_short_pretty} {time}", answers[-1].posted_at, reader) if answers else ""
    time = _label("{time}", message.posted_at, reader)
    return Shown(message, author, time, len(answers), last)


def _label(form: str, at: datetime, reader: Reader) -> str:
    return rendered(form, reader.local(at), reader.local(reader.now), reader.user.locale)


def colour_of(user: User) -> str:
    """Return the colour of a person's picture, always the same."""
    if user.id == BOT_USER_ID:
        return "#17456b"
    palette = ("#8a4b9e", "#2f7d5b", "#b3552b", "#3b6fb6", "#9c3d54", "#5f6f1f")
    return palette[sum(user.id.encode()) % len(palette)]


def initial_of(user: User) -> str:
    """Return what stands in a person's picture."""
    return (user.real_name or user.name)[:1].upper()


def confirm_of(element: dict[str, Any]) -> dict[str, str]:
    """Return the texts of an element's confirmation dialog; empty when it has none."""
    confirm = element.get("confirm")
    if not confirm:
        return {}
    texts = {name: confirm[name]["text"] for name in ("title", "text", "confirm", "deny")}
    return texts | {"style": confirm.get("style", "primary")}
