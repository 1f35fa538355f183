"""The local Slack as one object: started, filled, used as people use it, and looked at."""

import threading
from collections.abc import Sequence
from functools import cache
from types import TracebackType
from typing import Any, Self
from zoneinfo import available_timezones

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sagewarden.adapters.clock import SystemClock
from sagewarden_cli.slack.application import Application
from sagewarden_cli.slack.clock import Clock
from sagewarden_cli.slack.delivery import Acknowledgement, Target
from sagewarden_cli.slack.directory import BOT_USER_ID, Channel, Group, User
from sagewarden_cli.slack.faults import USUAL, Fault
from sagewarden_cli.slack.interactions import Interactions
from sagewarden_cli.slack.messages import Message
from sagewarden_cli.slack.rate_limits import BURST
from sagewarden_cli.slack.views import View
from sagewarden_cli.slack.workspace import Workspace

BOT_TOKEN = "xoxb-local-slack"  # noqa: S105 - it opens nothing but this object
SIGNING_SECRET = "local-slack-signing-secret"  # noqa: S105 - as above

POLL_SECONDS = 0.01
"""How soon the server notices that it is to stop."""


class LocalSlack:
    """A Slack workspace on a port of localhost, for as long as the ``with`` block lasts.

    Args:
        clock: Anything with a ``now()``; None is the machine's clock.
        request_url: Where interactions and slash commands go: a URL, or a function that is given
            the signed request and returns the answer.
        port: The port; 0 takes a free one.
        burst: How many messages a channel takes at once, before one a second.
    """

    token = BOT_TOKEN
    signing_secret = SIGNING_SECRET
    bot_user_id = BOT_USER_ID

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        request_url: Target | None = None,
        port: int = 0,
        burst: int = BURST,
    ) -> None:
        self._workspace = Workspace(clock or SystemClock(), BOT_TOKEN, SIGNING_SECRET, burst)
        self._interactions = Interactions(self._workspace, request_url)
        self._wanted_port = port
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, in a thread of its own.

        Raises:
            RuntimeError: It is running already.
            OSError: The port is taken.
        """
        if self._server is not None:
            raise RuntimeError(f"the local Slack is running already, at {self.page_url}")
        application = Application(self._workspace, self._interactions)
        self._server = make_server(
            "127.0.0.1",
            self._wanted_port,
            application,
            threaded=True,
            request_handler=_SilentRequestHandler,
        )
        self._workspace.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; what it holds stays readable."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = self._thread = None

    @property
    def url(self) -> str:
        """What belongs into ``WebClient(base_url=...)``."""
        return f"{self.page_url}/api/"

    @property
    def page_url(self) -> str:
        """Where the page is.

        Raises:
            RuntimeError: It was never started.
        """
        if not self._workspace.base_url:
            raise RuntimeError("the local Slack is not running: use it in a with block")
        return self._workspace.base_url

    def environment(self) -> dict[str, str]:
        """Return the environment variables that point another process at it."""
        return {
            "SLACK_API_URL": self.url,
            "SLACK_BOT_TOKEN": self.token,
            "SLACK_SIGNING_SECRET": self.signing_secret,
        }

    @property
    def request_url(self) -> Target | None:
        """Where interactions and slash commands go."""
        return self._interactions.target

    @request_url.setter
    def request_url(self, target: Target | None) -> None:
        self._interactions.target = target

    # Who and what there is.

    def add_user(
        self,
        name: str,
        *,
        email: str = "",
        tz: str = "UTC",
        locale: str = "en-US",
        real_name: str = "",
    ) -> User:
        """Add a person.

        Raises:
            ValueError: The handle or address is taken, or the time zone is none.
        """
        if tz not in _zone_names():
            raise ValueError(f"{name} lives in {tz!r}, which is no time zone such as Asia/Seoul")
        directory = self._workspace.directory
        with self._workspace.lock:
            user_id = directory.next_id("U")
            full = real_name or name.title()
            return directory.add_user(User(user_id, name, email, tz, locale, full))

    def deactivate(self, user: str | User) -> None:
        """Deactivate a person's account: it is no longer found by its address."""
        self.user(user).deleted = True

    def add_group(self, handle: str, members: Sequence[str | User]) -> Group:
        """Add a user group."""
        directory = self._workspace.directory
        with self._workspace.lock:
            group = Group(directory.next_id("S"), handle, directory.ids_of(members))
            directory.groups[group.id] = group
            return group

    def add_channel(
        self,
        name: str,
        members: Sequence[str | User] = (),
        *,
        is_private: bool = False,
        with_bot: bool = True,
    ) -> Channel:
        """Add a channel; the bot is a member unless told otherwise."""
        directory = self._workspace.directory
        with self._workspace.lock:
            ids = [*directory.ids_of(members), *([BOT_USER_ID] if with_bot else [])]
            channel = Channel(directory.next_id("C"), name.lstrip("#"), ids, is_private=is_private)
            directory.channels[channel.id] = channel
            return channel

    def archive(self, channel: str | Channel) -> None:
        """Archive a channel: it takes no more messages."""
        self.channel(channel).is_archived = True

    # What goes wrong.

    def fail(self, share: float, seed: int = 0, kinds: Sequence[Fault] = USUAL) -> None:
        """Let a share of the calls fail from now on; 0 ends it.

        Raises:
            ValueError: The share is no share, or no kind is given.
        """
        self._workspace.faults.fail(share, seed, kinds)

    def refuse(self, method: str, error: str, times: int = 1) -> None:
        """Answer the next calls of a method with an error, such as ``fatal_error``."""
        self._workspace.faults.refuse(method, error, times)

    def down(self) -> None:
        """Answer every call with HTTP 503, until ``up``."""
        self._workspace.faults.is_down = True

    def up(self) -> None:
        """Work again."""
        self._workspace.faults.is_down = False

    # What people do.

    def click(
        self,
        target: Message | View,
        action_id: str,
        *,
        by: str | User,
        value: object = None,
        block_id: str | None = None,
    ) -> Acknowledgement:
        """Click a button, or choose ``value`` from a menu, of a message or a modal.

        Raises:
            KeyError: There is no such element.
            ValueError: The person does not see the message, several elements have that action_id,
                or the menu offers no such value.
        """
        if isinstance(target, View):
            return self._interactions.click_in_view(target, action_id, value, {})
        return self._interactions.click(target, action_id, self.user(by), value, block_id)

    def submit(
        self, view: View, values: dict[str, Any] | None = None, *, by: str | User
    ) -> Acknowledgement:
        """Submit a modal with values by block_id or action_id.

        Raises:
            KeyError: A value is for no element.
            ValueError: It is another person's, or closed, or Slack would not submit it.
        """
        if self.user(by).id != view.user:
            raise ValueError(f"{by} does not see the modal {view.title!r}")
        return self._interactions.submit(view, values or {})

    def close(self, view: View) -> Acknowledgement | None:
        """Close a modal without submitting it."""
        return self._interactions.close(view)

    def command(
        self,
        name: str,
        text: str = "",
        *,
        by: str | User,
        channel: str | Channel | None = None,
    ) -> Acknowledgement:
        """Type a slash command, in the conversation with the bot unless a channel is given."""
        user = self.user(by)
        where = self.dm(user) if channel is None else self.channel(channel)
        return self._interactions.command(name, text, user, where)

    def say(
        self, user: str | User, channel: str | Channel, text: str, *, thread: Message | None = None
    ) -> Message:
        """Let a person write a message."""
        with self._workspace.lock:
            where, person = self.channel(channel), self.user(user)
            thread_ts = thread.ts if thread else None
            return self._workspace.post(where, text, user=person.id, thread_ts=thread_ts)

    # What there is to see.

    def user(self, given: str | User) -> User:
        """Return a person, by handle or id.

        Raises:
            KeyError: There is nobody of that name.
        """
        return self._workspace.directory.user(given)

    def channel(self, given: str | Channel) -> Channel:
        """Return a channel, by name or id.

        Raises:
            KeyError: There is none of that name.
        """
        return self._workspace.directory.channel(given)

    def dm(self, user: str | User) -> Channel:
        """Return a person's conversation with the bot."""
        with self._workspace.lock:
            return self._workspace.directory.open_im(self.user(user))

    def messages(self, channel: str | Channel) -> list[Message]:
        """Return the messages of a channel, replies too, oldest first; no ephemeral ones."""
        return [found for found in self._of(channel) if found.only_for is None]

    def messages_to(self, user: str | User) -> list[Message]:
        """Return the messages of a person's conversation with the bot, oldest first."""
        return self.messages(self.dm(user))

    def ephemerals(self, channel: str | Channel, user: str | User) -> list[Message]:
        """Return the messages of a channel that only one person sees."""
        return [found for found in self._of(channel) if found.only_for == self.user(user).id]

    def thread(self, parent: Message) -> list[Message]:
        """Return the replies to a message, oldest first."""
        return [found for found in self._of(parent.channel) if found.thread_ts == parent.ts]

    def modals(self, user: str | User) -> list[View]:
        """Return the modals that a person has open, the lowest first."""
        return self._workspace.views.stack_of(self.user(user).id)

    @property
    def calls(self) -> list[str]:
        """The methods that were called, failed calls too, in order."""
        return list(self._workspace.calls)

    @property
    def acknowledgements(self) -> list[Acknowledgement]:
        """What the app answered to each interaction, in order."""
        return list(self._interactions.acknowledgements)

    def _of(self, channel: str | Channel) -> list[Message]:
        with self._workspace.lock:
            return list(self._workspace.messages.of(self.channel(channel).id))


class _SilentRequestHandler(WSGIRequestHandler):  # type: ignore[misc]  # werkzeug's types are skipped
    """Logs nothing."""

    def log(self, *_args: object, **_kwargs: object) -> None:
        """Log nothing."""


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())
