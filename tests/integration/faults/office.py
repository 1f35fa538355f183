"""The stack with Slack, on the ground: queues, the functions behind them, and people who click."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from sagewarden.entrypoints.interacting import interact_handler
from sagewarden.entrypoints.notifying import notify_handler
from sagewarden.entrypoints.responding import respond_handler
from sagewarden.entrypoints.restoring import restore_handler
from sagewarden_cli.slack import Acknowledgement, LocalSlack, SignedRequest
from sagewarden_cli.slack.messages import Message
from sagewarden_cli.slack.views import View
from sagewarden_cli.stack.handlers import bot_handler
from sagewarden_cli.stack.queue_time import anything_visible, next_visible
from tests.integration.faults.ground import NAMES, Deed, Ground, changes_something
from tests.integration.faults.plays import endpoints
from tests.integration.faults.slack_story import (
    BOT,
    GRACE,
    READERS,
    ROUND,
    STORY,
    Act,
    Wish,
    add_fleet,
    open_workspace,
)
from tests.integration.faults.strikes import Blow, Scene, Stage, Step, Steps, Strike
from tests.support.invocations import ACCOUNT, REGION, Context, a_request, an_sqs_event, failed
from tests.support.url_events import a_url_event
from tests.support.wire import Attempt
from tests.support.wire_faults import PowerCut
from tests.support.wire_slack import hang

type Handler = Callable[[dict[str, Any], Context], Any]

URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}"
NOTICES, CLICKS, RESTORES = "notices.fifo", "clicks", "restores"
STAGES: Mapping[str, Stage | None] = {
    CLICKS: Stage.ANSWERING,
    RESTORES: Stage.RESTORING,
    BOT: None,
    NOTICES: Stage.NOTIFYING,
}
"""Which function is behind which queue: one, and one message a time."""

ENVIRONMENT = {
    "NOTICES_QUEUE": f"{URL}/{NOTICES}",
    "CLICKS_QUEUE": f"{URL}/{CLICKS}",
    "RESTORES_QUEUE": f"{URL}/{RESTORES}",
    "SLACK_SECRET": "slack",
}
"""What the template tells the functions where there is Slack, but for where that is."""

SECONDS = 50.0
"""What remains of an invocation of the notifier."""

_NOT_BACK = "is not back as it was"
"""What a card says of a restore that was not whole: whoever reads it may click once more."""

_CLEAN = 6
"""After how many rounds in which nothing is wrong all comes to rest."""

_VARYING = re.compile(r" ?<!date[^>]*>|<@U\d+> |; did: .*")
"""Moments, who is mentioned first in a reply, and which steps a restore had left to take."""
_DUE = re.compile(r"<!date\^(\d+)")


@dataclass(frozen=True, slots=True)
class Beat:
    """What strikes in one round of an act.

    Attributes:
        blow: The fault; None when nothing is wrong.
        loud: Whether something has to fail if it is met.
        times: How often each message comes.
        off: By how much the functions' clock is ahead.
        again: Whether all that ever came comes again.
    """

    blow: Blow | None = None
    loud: bool = True
    times: int = 1
    off: timedelta = timedelta(0)
    again: bool = False

    @property
    def step(self) -> Step | None:
        """The step that is struck."""
        return self.blow.step if self.blow else None


@dataclass(slots=True)
class Record:
    """What came of the story.

    Attributes:
        steps: The steps of each act.
        deeds: What was changed, in order.
        struck: The steps at which a fault was met.
        silent: Those of them after which nothing failed.
        said: What each reader was told of each resource, in order, without times.
        shown: What the messages say in the end.
        whispered: What people were told alone.
        states: What there is in the end.
        cases: How the ledger's cases stand in the end.
        answers: Which answers of people the audit trail has, and how often.
        wrongs: Promises that were broken.
    """

    steps: dict[str, dict[Step, None]] = field(default_factory=dict[str, dict[Step, None]])
    deeds: list[Deed] = field(default_factory=list[Deed])
    struck: list[Step] = field(default_factory=list[Step])
    silent: list[Step] = field(default_factory=list[Step])
    said: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    shown: Mapping[str, str] = field(default_factory=dict[str, str])
    whispered: Counter[str] = field(default_factory=Counter[str])
    states: Mapping[str, object] = field(default_factory=dict[str, object])
    cases: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    answers: Counter[str] = field(default_factory=Counter[str])
    wrongs: list[str] = field(default_factory=list[str])


class Office:
    """A stack with Slack that lives through the story again and again.

    Args:
        ground: The stack.
    """

    def __init__(self, ground: Ground) -> None:
        self.ground, self.sandbox, self.wire = ground, ground.sandbox, ground.wire
        self.record, self.tolerance = Record(), timedelta(0)
        self._warm: dict[str, Handler] = {}
        self._clean: Record | None = None
        self._sqs: Any = ground.client("sqs")
        self._scene, self._name = Scene(), ""
        self._steps = Steps(self._scene)
        self._failed = self._is_dead = self._has_swept = False
        self._heard: set[Wish] = set()
        self._wished: set[tuple[str, str]] = set()
        self._manifests: set[str] = set()
        self._letters: list[tuple[str, str]] = []
        self._known: list[tuple[str, str]] = []
        self._serving: tuple[str, dict[str, Any]] = "", {}

    def clean(self, acts: Iterable[Act]) -> Record:
        """How the story goes when nothing is wrong; played once."""
        if self._clean is None:
            self._clean = self.play([(act, ()) for act in acts])
            assert self._clean.wrongs == []
        return self._clean

    def play(self, plot: Iterable[tuple[Act, Iterable[Beat]]]) -> Record:
        """Live through the story.

        Args:
            plot: Its acts, and what strikes in each, one round after the other.
        """
        self._prepare()
        for act, beats in plot:
            self._act(act, beats)
        self.sandbox.clock.advance(timedelta(minutes=30))
        self._take_stock()
        return self.record

    def sleep(self, length: timedelta) -> None:
        """Wait on the sandbox's clock, as the notifier does."""
        self.sandbox.clock.advance(length)

    def take(self, request: SignedRequest) -> Acknowledgement:
        """Bring what Slack signed to the function behind the URL; 502 where that dies."""
        handler = self._handler("interactions", lambda: interact_handler(self.ground.clock))
        self._scene.begins(Stage.TAKING)
        try:
            answer = handler(a_url_event(request), Context())
        except PowerCut:
            self._die("interactions")
            return Acknowledgement(502)
        except Exception:  # noqa: BLE001 - as Lambda answers what raises
            return Acknowledgement(502)
        return Acknowledgement(answer["statusCode"], answer["body"])

    # One act.

    def _act(self, act: Act, beats: Iterable[Beat]) -> None:
        self._name, self._has_swept = act.name, False
        self._heard.clear()
        self.sandbox.clock.set(max(act.at, self.sandbox.clock.now()))
        if act.before:
            act.before(self.ground)
        begin, number = self.sandbox.clock.now(), 0
        for beat in (*beats, *((Beat(),) * _CLEAN if act.ends else ())):
            self.sandbox.clock.set(max(begin + number * ROUND, self.sandbox.clock.now()))
            self._round(act, beat)
            if beat.blow is None and not self._anything_waits():
                return
            self._redrive()
            # What a sweep has claimed that failed lapses after a quarter of an hour.
            number += 3 if act.sweeps and not self._has_swept else 1
        if act.ends:
            self._wrong("messages wait, and nothing is wrong")

    def _round(self, act: Act, beat: Beat) -> None:
        self._failed = self._is_dead = False
        self.ground.clock.off = beat.off
        overtake = partial(self._overtake)
        strike = Strike(beat.blow, self._scene, overtake) if beat.blow else None
        self.wire.watch, self.wire.fault = self._sees, strike
        if beat.again:
            for queue, body in self._known:
                self._put(queue, body)
        for wish in act.wishes:
            for _ in range(beat.times):
                self._ask(wish)
        if act.sweeps and not self._has_swept and not self._is_dead:
            self._put(BOT, a_request(bot=BOT))
        while not self._is_dead and any(self._serve(queue, beat.times) for queue in STAGES):
            pass
        self.wire.watch = self.wire.fault = None
        self._failed |= self._sets_aside()
        self._failed |= any(_NOT_BACK in str(one.blocks) for one in self._messages())
        self._take_down(beat, strike)

    def _take_down(self, beat: Beat, strike: Strike | None) -> None:
        if beat.blow is None or strike is None or not strike.hit:
            if self._failed:
                self._wrong("a message failed, and nothing was wrong")
            return
        step = beat.blow.step or Step(Stage.LOOKING, "*")
        self.record.struck.append(step)
        if beat.loud and not self._failed:
            self.record.silent.append(step)

    # People.

    def _ask(self, wish: Wish) -> None:
        """Click, unless it was heard already; what Slack says was not heard is clicked again."""
        if self._is_dead or (wish in self._heard and not self._goes_on(wish)):
            return
        try:
            answer = self._filled_in(wish) if wish.form else self._clicked(wish)
        except KeyError:  # the button is gone: it was heard, and Slack did not know
            self._heard.add(wish)
            return
        self._failed |= not answer.is_ok
        if answer.is_ok:
            self._heard.add(wish)

    def _goes_on(self, wish: Wish) -> bool:
        """Whether a card says that what was asked for was not done."""
        return wish.click == "restore" and _NOT_BACK in str(self._newest(wish.name).blocks)

    def _clicked(self, wish: Wish) -> Acknowledgement:
        message = self._newest(wish.name)
        after = iter(message.blocks)
        next(block for block in after if f"`{wish.name}`" in str(block))
        block = str(next(block for block in after if block["type"] == "actions")["block_id"])
        self._wished.add((wish.click, wish.name))
        return self.slack.click(message, wish.click, by=wish.by, block_id=block)

    def _filled_in(self, wish: Wish) -> Acknowledgement:
        forms: list[View] = self.slack.modals(wish.by)
        if not forms:
            answer = self._clicked(wish)
            forms = self.slack.modals(wish.by)
            if not forms:
                return answer
        return self.slack.submit(forms[-1], dict(wish.form), by=wish.by)

    def _newest(self, name: str) -> Message:
        """The newest message with a card of a resource."""
        found = [one for one in self._messages() if one.thread_ts is None]
        return [one for one in found if f"`{name}`" in str(one.blocks)][-1]

    def _messages(self) -> list[Message]:
        """Every message that anybody reads, by the time at which it was posted."""
        found: list[Message] = []
        for reader in READERS:
            direct = reader.startswith("@")
            found += self.slack.messages_to(reader[1:]) if direct else self.slack.messages(reader)
        return sorted(found, key=lambda one: float(one.ts))

    # Queues, and the functions behind them.

    def _put(self, queue: str, body: str) -> None:
        line = {"MessageGroupId": "again"} if queue == NOTICES else {}
        self._sqs.send_message(QueueUrl=f"{URL}/{queue}", MessageBody=body, **line)

    def _serve(self, queue: str, times: int) -> bool:
        """Hand the next message of a queue to its function; whether there was one."""
        if self._is_dead or not anything_visible(ACCOUNT, REGION, queue):
            return False
        received = self._sqs.receive_message(
            QueueUrl=f"{URL}/{queue}", MaxNumberOfMessages=1, AttributeNames=["All"]
        )
        (message,) = received.get("Messages") or (None,)
        if message is None:  # another of its line is being delivered
            return False
        event = an_sqs_event(message["Body"])
        (record,) = event["Records"]
        record["receiptHandle"] = message["ReceiptHandle"]
        record["attributes"] = message["Attributes"]
        if queue in {CLICKS, NOTICES} and (queue, message["Body"]) not in self._known:
            self._known.append((queue, message["Body"]))
        self._serving = queue, event
        done = [self._invoke(queue, event) for _ in range(times)]
        if all(done):
            handle = message["ReceiptHandle"]
            self._sqs.delete_message(QueueUrl=f"{URL}/{queue}", ReceiptHandle=handle)
        elif queue == BOT:  # the next sweep does the same
            self._sqs.purge_queue(QueueUrl=f"{URL}/{queue}")
        self._has_swept |= queue == BOT and all(done)
        return True

    def _invoke(self, queue: str, event: dict[str, Any]) -> bool:
        """Invoke a function; whether it is done with its message."""
        handler = self._handler(queue, partial(self._cold, queue))
        self._scene.begins(STAGES[queue])
        os.environ["DEAD_LETTERS_QUEUE"] = _dead(queue)
        try:
            left = failed(handler(event, Context(seconds=SECONDS)))
        except PowerCut:
            self._die(queue)
            return False
        self._failed |= bool(left)
        return not left

    def _cold(self, queue: str) -> Handler:
        clock = self.ground.clock
        match queue:
            case "notices.fifo":
                return notify_handler(clock, self)
            case "clicks":
                return respond_handler(clock)
            case "restores":
                return restore_handler(clock)
            case _:
                return bot_handler(queue, clock)

    def _handler(self, name: str, cold: Callable[[], Handler]) -> Handler:
        if name not in self._warm:
            self._warm[name] = cold()
        return self._warm[name]

    def _die(self, name: str) -> None:
        self._warm.pop(name, None)
        self._failed = self._is_dead = True

    def _overtake(self) -> None:
        """Let another process do all of the same, and nothing is wrong; a line has one a time."""
        queue, event = self._serving
        if queue == NOTICES:
            return
        stage, fault, self.wire.fault = self._scene.stage, self.wire.fault, None
        other = self._handler(f"another {queue}", partial(self._cold, queue))
        self._scene.begins(STAGES[queue])
        assert failed(other(event, Context(seconds=SECONDS))) == []
        self._scene.begins(stage)
        self.wire.fault = fault

    def _sets_aside(self) -> bool:
        """Whether anything was set aside in this round."""
        before = len(self._letters)
        for queue in STAGES:
            url = _dead(queue)
            while anything_visible(ACCOUNT, REGION, url.rpartition("/")[2]):
                for one in self._sqs.receive_message(QueueUrl=url)["Messages"]:
                    self._letters.append((queue, one["Body"]))
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return len(self._letters) > before

    def _redrive(self) -> None:
        """Bring back what was set aside, as ``sagewarden redrive`` does once that is mended."""
        letters = list(self._letters)
        self._letters.clear()
        for queue, body in letters:
            self._put(queue, body)

    def _anything_waits(self) -> bool:
        now = self.sandbox.clock.now()
        return any(
            anything_visible(ACCOUNT, REGION, queue) or next_visible(ACCOUNT, REGION, queue, now)
            for queue in STAGES
        ) or bool(self._letters)

    # What was promised.

    def _sees(self, attempt: Attempt) -> None:
        """Hold a call that reaches AWS or Slack against what was promised."""
        self.record.steps.setdefault(self._name, {})[self._steps.of(attempt)] = None
        if attempt.operation == "PutObject":
            self._manifests |= set(NAMES.findall(attempt.text))
        elif changes_something(attempt):
            for name in dict.fromkeys(NAMES.findall(attempt.text)):
                self._changes(Deed(self.sandbox.clock.now(), attempt.operation, name))

    def _changes(self, deed: Deed) -> None:
        self.record.deeds.append(deed)
        what = f"{deed.operation} of {deed.name}"
        if deed.name.startswith("keep"):
            self._wrong(f"{what}: it was to be left alone")
        elif deed.operation != "DeleteEndpoint":
            if ("restore", deed.name) not in self._wished:
                self._wrong(f"{what}: nobody asked for it")
        else:
            if deed.name not in self._manifests:
                self._wrong(f"{what}: there is no manifest")
            if ("now", deed.name) not in self._wished:
                self._holds_its_grace(deed, what)

    def _holds_its_grace(self, deed: Deed, what: str) -> None:
        warnings = [
            (one.posted_at, float(named[1]))
            for one in self._messages()
            for line in _sections(one)
            if f"`{deed.name}` will be" in line and (named := _DUE.search(line))
        ]
        if not warnings:
            self._wrong(f"{what}: nobody was warned")
            return
        posted, due = warnings[0][0], warnings[-1][1]
        allowed = max((posted + GRACE).timestamp(), due) - self.tolerance.total_seconds()
        if deed.at.timestamp() < allowed:
            self._wrong(f"{what}: within its grace period")

    def _wrong(self, what: str) -> None:
        now = self.sandbox.clock.now()
        self.record.wrongs.append(f"{now:%d %H:%M} ({self._name}): {what}")

    # Before and after.

    def _prepare(self) -> None:
        self.record, self._name = Record(), ""
        self._warm.clear()  # what functions remember for minutes is of another time
        self._failed = self._is_dead = False
        for seen in (self._heard, self._wished, self._manifests, self._letters, self._known):
            seen.clear()
        self.ground.prepare(STORY[0].at)
        for queue in STAGES:
            fifo = queue.endswith(".fifo")
            ordered = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if fifo else {}
            hidden = {"VisibilityTimeout": str(int(ROUND.total_seconds()) - 60)}
            self._sqs.create_queue(QueueName=queue, Attributes={**ordered, **hidden})
            dead = {"FifoQueue": "true"} if fifo else {}
            self._sqs.create_queue(QueueName=_dead(queue).rpartition("/")[2], Attributes=dead)
        self.slack = LocalSlack(self.sandbox.clock, request_url=self.take)
        open_workspace(self.slack)
        hang(self.slack, self.wire)
        self.ground.keep_secret(self.slack)
        add_fleet(self.ground)

    def _take_stock(self) -> None:
        record, found = self.record, self._messages()
        for message in found:
            for line in _told(message):
                for name in NAMES.findall(line):
                    record.said.setdefault(name, []).append(_VARYING.sub("", line))
        record.shown = {
            name: _VARYING.sub("", line)
            for message in found
            if message.thread_ts is None
            for line in _texts(message.blocks)
            for name in NAMES.findall(line)
        }
        people = [(reader, user) for reader in READERS for user in ("mina", "ops")]
        for reader, user in people:
            place = self.slack.dm(reader[1:]) if reader.startswith("@") else reader
            alone = self.slack.ephemerals(place, user)
            alone += [one for one in found if not one.thread_ts and not _texts(one.blocks)]
            record.whispered.update({_VARYING.sub("", one.text) for one in alone})
        record.states = endpoints(self.ground)
        record.cases = self.ground.cases()
        record.answers = self.ground.answers()


def _dead(queue: str) -> str:
    """The dead-letter queue behind a queue."""
    return f"{URL}/dead_{queue}"


def _told(message: Message) -> Iterable[str]:
    """What a message said when it was posted, or a reply says: a line for each resource.

    What only one person is told is plain text, and no part of it.
    """
    if message.thread_ts is not None:
        return [f"in its thread: {line}" for line in message.text.splitlines()]
    return _sections(message)


def _sections(message: Message) -> list[str]:
    return _texts(message.history[0].blocks if message.history else message.blocks)


def _texts(blocks: Iterable[Mapping[str, Any]]) -> list[str]:
    return [
        str(one["text"]["text"])
        for one in blocks
        if one["type"] == "section" and one["text"]["type"] == "mrkdwn"
    ]
