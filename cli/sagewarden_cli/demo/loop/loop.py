"""Live the loop that owners live: every message through Slack's own calls, every click signed."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slack_sdk import WebClient

from sagewarden.adapters.board_memory import MemoryBoard
from sagewarden.adapters.notice_records import read_parcel
from sagewarden.adapters.queued_notices import QueuedNotices
from sagewarden.adapters.slack.messenger import SlackMessenger
from sagewarden.adapters.slack.people import SlackPeople
from sagewarden.adapters.slack.readers import SlackReaders, UserGroups
from sagewarden.adapters.slack.requests import read_request
from sagewarden.adapters.slack_signature import verify
from sagewarden.application.bring_back import Workshop, bring_back
from sagewarden.application.deliver import Post, deliver
from sagewarden.application.respond import Desk, respond
from sagewarden.application.sweep import sweep
from sagewarden.bootstrap import open_workbench, restore_hands
from sagewarden.domain.clicks import Asked
from sagewarden.domain.rules import Policy
from sagewarden_cli.demo.loop.description import fields_of
from sagewarden_cli.demo.loop.forgotten import NAME, OWNER, add_forgotten_endpoint
from sagewarden_cli.demo.organisation import VIRGINIA, WEEK, WEEK_BEGINS
from sagewarden_cli.demo.report.data import Loop, Moment
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.slack import Acknowledgement, LocalSlack, SignedRequest
from sagewarden_cli.slack.messages import Message

_BEGINS = WEEK_BEGINS - timedelta(days=4)
_MONDAY = WEEK_BEGINS + timedelta(hours=10)
_DAY = timedelta(days=1)
_SEOUL = ZoneInfo("Asia/Seoul")
_LOOKS_EVERY = timedelta(seconds=30)
_DATES = re.compile(r"<!date\^(\d+)\^[^>]*>")
"""How a message names a moment; Slack shows it by its reader's wall clock."""


def live_the_loop(sandbox: Sandbox, policy: Policy) -> Loop:
    """Live two weeks with one endpoint.

    Args:
        sandbox: A sandbox to empty and to use; AWS's SDK points at it.
        policy: The policy whose rules are swept.
    """
    sandbox.reset(now=_BEGINS)
    add_forgotten_endpoint(sandbox, WEEK_BEGINS + 2 * WEEK)
    with LocalSlack(sandbox.clock) as slack:
        slack.add_user("mina", email=OWNER, tz=_SEOUL.key)
        stage = _Stage(sandbox, policy, slack)
        moments = list(_warned_and_kept(stage))
        before = stage.described()
        moments += _deleted_and_asked_back(stage)
        after = stage.described()
    differing = sorted(key for key in before.keys() | after if before.get(key) != after.get(key))
    return Loop(NAME, tuple(moments), len(before), tuple(differing))


def _warned_and_kept(stage: "_Stage") -> Iterator[Moment]:
    yield stage.swept(_MONDAY, "warns")
    yield stage.clicked(_MONDAY + timedelta(minutes=20), "keep", "clicks Keep 7 days")
    for day in range(1, 7):
        stage.sweep(_MONDAY + day * _DAY)
    yield stage.moment("Sagewarden", "looks again for six days, and does nothing")
    yield stage.swept(_MONDAY + 7 * _DAY + timedelta(minutes=30), "warns anew")


def _deleted_and_asked_back(stage: "_Stage") -> Iterator[Moment]:
    deleted = _MONDAY + 8 * _DAY + timedelta(minutes=45)
    yield stage.swept(deleted, "looks once more, keeps a manifest, and deletes it")
    yield stage.clicked(deleted + timedelta(hours=1), "restore", "clicks Restore")
    stage.restore()
    yield stage.moment("Sagewarden", "has brought it back")


@dataclass
class _Stage:
    """The code that runs in Lambda, with queues that deliver at once."""

    sandbox: Sandbox
    policy: Policy
    slack: LocalSlack
    wishes: list[Asked] = field(default_factory=list[Asked])

    def __post_init__(self) -> None:
        bench = open_workbench(clock=self.sandbox.clock)
        self._hands = bench.hands
        self._account = bench.sessions.account()
        ledger = bench.hands.fleet.ledger
        client = WebClient(self.slack.token, base_url=self.slack.url, retry_handlers=[])
        owners = self.policy.owners
        readers = SlackReaders(client, owners, UserGroups(self.sandbox.clock))
        messenger = SlackMessenger(client, readers)
        post = Post(messenger, MemoryBoard(), ledger, self.sandbox.clock, owners)
        people = SlackPeople(client, readers)
        self._post = post
        self._desk = Desk(post, people, (), lambda _case: None, self.wishes.append)
        self._workshop = Workshop(
            post, people, lambda _account: restore_hands(bench.hands, bench.sessions)
        )
        self.slack.request_url = self._interact

    def sweep(self, at: datetime) -> None:
        """Let a sweep happen, and what it says arrive."""
        self.sandbox.clock.set(at)
        parcels: list[str] = []
        notices = QueuedNotices(
            lambda body, _line: parcels.append(body), self._hands.fleet.ledger, self.sandbox.clock
        )
        sweep(self.policy, VIRGINIA, self._hands, notices, self._account)
        notices.flush()
        for body in parcels:
            deliver(read_parcel(json.loads(body)), self._post)

    def swept(self, at: datetime, what: str) -> Moment:
        """Let a sweep happen, and take down what its owner sees then."""
        self.sweep(at)
        return self.moment("Sagewarden", what)

    def clicked(self, at: datetime, action: str, what: str) -> Moment:
        """Let the owner click a button of the newest message."""
        self.sandbox.clock.set(at)
        self.slack.click(self._newest(), action, by="mina")
        return self.moment("Mina", what)

    def restore(self) -> None:
        """Bring back what was asked for, looking again until AWS has done it."""
        while bring_back(self.wishes[-1], self._workshop):
            self.sandbox.clock.advance(_LOOKS_EVERY)

    def described(self) -> Mapping[str, object]:
        """What AWS tells of the endpoint now."""
        return fields_of(NAME, lambda service: self.sandbox.client(service, VIRGINIA))

    def moment(self, who: str, what: str) -> Moment:
        """What happens now, with what the newest message says."""
        said = _said(self._newest().blocks, _SEOUL)
        return Moment(self.sandbox.clock.now(), who, what, said)

    def _newest(self) -> Message:
        """The newest message of its owner; no reply."""
        return [one for one in self.slack.messages_to("mina") if one.thread_ts is None][-1]

    def _interact(self, request: SignedRequest) -> Acknowledgement:
        now = self.sandbox.clock.now()
        verify(request.body, request.headers, self.slack.signing_secret, now)
        asked = read_request(request.body, now)
        if isinstance(asked, Asked):
            respond(asked, self._desk)
        return Acknowledgement(200, "")


def _said(blocks: Sequence[dict[str, object]], zone: ZoneInfo) -> str:
    """The first sentence of a message as its reader sees it."""

    def local(found: re.Match[str]) -> str:
        at = datetime.fromtimestamp(int(found[1]), zone)
        return f"{at:%a} {at.day} {at:%b %H:%M}"

    section = next(block for block in blocks if block["type"] == "section")
    text = str(section["text"]["text"])  # type: ignore[index]  # a section has one
    return _DATES.sub(local, text).translate({ord("*"): None, ord("`"): None})
