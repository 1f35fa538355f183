"""A run's notices on their way to a local Slack: a queue with one line for each reader."""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from slack_sdk import WebClient

from sagewarden.adapters.board_memory import MemoryBoard
from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.notice_records import read_parcel
from sagewarden.adapters.queued_notices import QueuedNotices
from sagewarden.adapters.slack.messenger import SlackMessenger
from sagewarden.adapters.slack.readers import SlackReaders, UserGroups
from sagewarden.application.deliver import Post, deliver
from sagewarden.application.messaging import NotNowError
from sagewarden.application.ports import Clock
from sagewarden.application.sweep import SweepReport, sweep
from sagewarden.domain.resources import Resource
from sagewarden.domain.rules import Policy
from sagewarden_cli.slack import LocalSlack
from sagewarden_cli.slack.faults import Fault
from sagewarden_cli.slack.messages import Message
from tests.support.builders import ACCOUNT, REGION
from tests.support.scenario import Scenario


@dataclass
class Mailroom:
    """What stands between a run and Slack: a line for each reader, each in order."""

    lines: defaultdict[str, deque[tuple[str, int]]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    waits: dict[str, datetime] = field(default_factory=dict)

    def put(self, body: str, line: str) -> None:
        """Queue a body."""
        self.lines[line].append((body, 0))

    @property
    def waiting(self) -> int:
        """How many parcels wait."""
        return sum(len(line) for line in self.lines.values())

    def deliver(self, post: Post) -> None:
        """Try the first parcel of every line once, but of those that were told to wait."""
        for name, line in list(self.lines.items()):
            if not line or self.waits.get(name, post.clock.now()) > post.clock.now():
                continue
            body, attempts = line[0]
            try:
                deliver(read_parcel(json.loads(body)), post, again=attempts > 0)
                line.popleft()
            except NotNowError as error:
                lost = error.after is None  # what Slack refused to take has not arrived
                line[0] = (body, attempts + lost)
                self.waits[name] = post.clock.now() + (error.after or timedelta(seconds=5))

    def next_at(self, now: datetime) -> datetime:
        """When a parcel may be tried next."""
        return min(self.waits.get(name, now) for name, line in self.lines.items() if line)


@dataclass
class Clocks:
    """The clock of Slack, which stands before the scenario whose time it tells."""

    of: Clock = field(default_factory=SystemClock)

    def now(self) -> datetime:
        """The present moment."""
        return self.of.now()


class Told(Scenario):
    """A scenario whose owners are told in Slack, by the same clock."""

    def __init__(self, slack: LocalSlack, policy: Policy, *resources: Resource) -> None:
        super().__init__(policy, *resources)
        self.slack = slack
        given = slack._workspace.clock
        assert isinstance(given, Clocks)
        given.of = self.clock
        client = WebClient(slack.token, base_url=slack.url, retry_handlers=[])
        self.client = client
        self.room = Mailroom()
        self.board = MemoryBoard()
        owners = replace(policy.owners, fallback_channel="#ml-costs")
        self.readers = SlackReaders(client, owners, UserGroups(self.clock))
        self.messenger = SlackMessenger(client, self.readers)
        self.post = Post(self.messenger, self.board, self.ledger, self.clock, owners)

    def run(self) -> SweepReport:
        """Let one unattended run happen; its notices are queued."""
        notices = QueuedNotices(self.room.put, self.ledger, self.clock)
        report = sweep(self.policy, REGION, self.hands, notices, ACCOUNT)
        notices.flush()
        return report

    def deliver(self) -> None:
        """Try every line once."""
        self.room.deliver(self.post)

    def lose_answers(self, owner: str) -> None:
        """Try every line once, while Slack does what it is asked and nobody hears of it."""
        self.messenger.reader(owner)
        with self.slack_loses_answers():
            self.deliver()

    @contextmanager
    def slack_loses_answers(self) -> Iterator[None]:
        """While it lasts, Slack does what it is asked and nobody hears of it."""
        self.slack.fail(1.0, kinds=[Fault.LOST])
        yield
        self.slack.fail(0.0)

    def say(self, channel: str, text: str) -> None:
        """Let the app say something else in a channel."""
        self.client.chat_postMessage(channel=channel, text=text)

    def arrive(self) -> None:
        """Deliver, and wait as long as Slack asks for, until everything has arrived."""
        while self.room.waiting:
            self.clock.set(max(self.clock.now(), self.room.next_at(self.clock.now())))
            self.room.deliver(self.post)

    def messages(self, reader: str) -> list[Message]:
        """What a person, or a ``#channel``, has from the bot; no replies."""
        return [one for one in self._all(reader) if one.thread_ts is None]

    def replies(self, reader: str) -> list[str]:
        """What was said in threads of a person's messages, or of a channel's, in order."""
        return [one.text for one in self._all(reader) if one.thread_ts is not None]

    def _all(self, reader: str) -> list[Message]:
        if reader.startswith("#"):
            return self.slack.messages(reader[1:])
        return self.slack.messages_to(reader)


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(Clocks()) as slack:
        slack.add_user("mina", email="mina@example.com", tz="Asia/Seoul", locale="ko-KR")
        slack.add_user("tom", email="tom@example.com", tz="America/New_York")
        slack.add_channel("ml-costs", ["mina", "tom"])
        yield slack


@pytest.fixture
def told(slack: LocalSlack) -> Callable[..., Told]:
    return lambda policy, *resources: Told(slack, policy, *resources)
