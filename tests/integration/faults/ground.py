"""The ground on which bots are played against faults: a stack, a wire to AWS, and a witness."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from sagewarden.adapters.ledger_dynamodb import DynamoDBLedger, create_table
from sagewarden.adapters.manifest_archive import ManifestArchive
from sagewarden.bootstrap import compile_policy_file
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.clock import SandboxClock
from sagewarden_cli.slack import LocalSlack
from sagewarden_cli.stack.handlers import bot_handler
from tests.integration.faults.plays import POLICY, Play
from tests.integration.faults.strikes import Scene, Stage, Step, Steps, Strike, Sweep
from tests.support.invocations import ACCOUNT, REGION, Context, a_request, an_sqs_event, failed
from tests.support.wire import SLACK, Attempt, Wire
from tests.support.wire_faults import PowerCut

NAMES = re.compile(r"\b(?:go|keep)(?:-\w+)*\b")


@dataclass(frozen=True, slots=True)
class Deed:
    """A change of a governed resource that reached AWS.

    Attributes:
        at: When.
        operation: AWS's name of it.
        name: Whose.
    """

    at: datetime
    operation: str
    name: str


@dataclass(slots=True)
class Chronicle:
    """What came of a play.

    Attributes:
        deeds: What was changed, in order.
        told: How often each subject was published, without its times.
        struck: The steps at which a fault was met.
        silent: Those of them after which no message failed.
        steps: The steps of each sweep.
        states: What there is in the end.
        cases: How the ledger's cases stand in the end.
        wrongs: Promises that were broken.
    """

    deeds: list[Deed] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter[str])
    struck: list[Step] = field(default_factory=list[Step])
    silent: list[Step] = field(default_factory=list[Step])
    steps: dict[datetime, dict[Step, None]] = field(
        default_factory=dict[datetime, dict[Step, None]]
    )
    states: Mapping[str, object] = field(default_factory=dict[str, object])
    cases: list[tuple[str, str, str]] = field(default_factory=list)
    wrongs: list[str] = field(default_factory=list)

    def takes_down(self, sweep: Sweep, strike: Strike | None, *, loud: bool) -> None:
        """Take down whether a fault was met in a sweep, and whether it passed in silence."""
        if strike is None or not strike.hit or sweep.blow is None:
            if loud:
                self.wrongs.append(f"{sweep.at}: a message failed, and nothing was wrong")
            return
        step = sweep.blow.step or EVERY_STEP
        self.struck.append(step)
        if sweep.loud and not loud:
            self.silent.append(step)


EVERY_STEP = Step(Stage.LOOKING, "*")


class Witness:
    """Sees everything that reaches AWS, at the moment at which it does; it knows no cases.

    Attributes:
        tolerance: How far the function's clock may be off.
    """

    def __init__(self, play: Play, sandbox: Sandbox, scene: Scene) -> None:
        self._play, self._clock, self._scene = play, sandbox.clock, scene
        self.chronicle = Chronicle()
        self._steps: dict[datetime, Steps] = {}
        self._warned: dict[str, datetime] = {}
        self._named: dict[str, datetime] = {}
        self._manifests: set[str] = set()
        self.tolerance = timedelta(0)

    def sees(self, attempt: Attempt) -> None:
        """Hold a call that reaches AWS against what was promised."""
        now, operation = self._clock.now(), attempt.operation
        steps = self._steps.setdefault(now, Steps(self._scene))
        self.chronicle.steps.setdefault(now, {})[steps.of(attempt)] = None
        if operation == "Publish":
            self._hears(parse_qs(attempt.text.partition(" ")[2])["Subject"][0], now)
        elif operation == "PutObject":
            self._manifests |= set(NAMES.findall(attempt.text))
        elif changes_something(attempt):
            for name in dict.fromkeys(map(_whose, NAMES.findall(attempt.text))):
                self._changes(Deed(now, operation, name))

    def _hears(self, subject: str, now: datetime) -> None:
        self.chronicle.told[re.sub(r" at 20\S+( \(.*\))?", "", subject)] += 1
        for name in NAMES.findall(subject):
            if when := _TIME.search(subject):
                self._warned.setdefault(name, now)
                self._named[name] = datetime.fromisoformat(when[0])

    def _changes(self, deed: Deed) -> None:
        self.chronicle.deeds.append(deed)
        if deed.name.startswith("keep"):
            self._wrong(deed, "it was to be left alone")
        if deed.operation in self._play.unannounced:
            return
        warned = self._warned.get(deed.name)
        if warned is None:
            self._wrong(deed, "nobody was warned")
        elif deed.at < max(warned + self._play.grace, self._named[deed.name]) - self.tolerance:
            self._wrong(deed, "within its grace period")
        if deed.operation in self._play.described and deed.name not in self._manifests:
            self._wrong(deed, "there is no manifest")

    def _wrong(self, deed: Deed, why: str) -> None:
        self.chronicle.wrongs.append(f"{deed.at}: {deed.operation} of {deed.name}: {why}")


def _whose(name: str) -> str:
    """The endpoint of a config that was derived from its own."""
    return name.partition("-no-pc-")[0]


_TIME = re.compile(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d\+\d\d:\d\d")
_OWN = {"dynamodb", "sns", "sqs", "s3", "sts", SLACK}
_READING = ("Get", "List", "Describe", "Search")


def changes_something(attempt: Attempt) -> bool:
    """Whether an attempt changes something of the fleet's."""
    return attempt.service not in _OWN and not attempt.operation.startswith(_READING)


_PEOPLE = {"mina", "ops"}


class SkewedClock:
    """A clock that may be wrong.

    Attributes:
        off: By how much it is ahead.
    """

    def __init__(self, right: SandboxClock) -> None:
        self._right = right
        self.off = timedelta(0)

    def now(self) -> datetime:
        """What it shows."""
        return self._right.now() + self.off


class Ground:
    """A stack in the sandbox; bots that were wired once are used for many plays."""

    def __init__(
        self, sandbox: Sandbox, wire: Wire, policy_file: Path, policy: str = POLICY
    ) -> None:
        self.sandbox, self.wire = sandbox, wire
        self.clock = SkewedClock(sandbox.clock)
        self.failed = False
        self._bots: dict[str, Callable[..., Any]] = {}
        self._clean: dict[str, Chronicle] = {}
        self._others: dict[str, Callable[..., Any]] = {}
        self._clients: dict[str, Any] = {}
        policy_file.write_text(policy, encoding="utf-8")
        compiled = compile_policy_file(policy_file, range(2026, 2028))
        policy_file.with_suffix(".json").write_text(compiled, encoding="utf-8")
        archive = ManifestArchive(lambda: self.client("s3"), "archive")
        self.ledger = DynamoDBLedger(self.client("dynamodb"), "ledger", archive)

    def client(self, service: str) -> Any:
        """A client on which nothing is wrong."""
        if service not in self._clients:
            self._clients[service] = self.sandbox.client(service)
        return self._clients[service]

    def clean(self, play: Play) -> Chronicle:
        """How a play goes when nothing is wrong; played once."""
        if str(play) not in self._clean:
            self._clean[str(play)] = found = self.play(play)
            assert found.wrongs == []
        return self._clean[str(play)]

    def play(self, play: Play, sweeps: Iterable[Sweep] = ()) -> Chronicle:
        """Let a bot live through a play.

        Args:
            play: What there is, and what happens.
            sweeps: Its sweeps; those of the play itself, without any fault, when not given.
        """
        self._prepare(play)
        scene = Scene()
        witness = Witness(play, self.sandbox, scene)
        chronicle = witness.chronicle
        pending: list[str] = []
        plot = list(sweeps or map(Sweep, play.moments))
        witness.tolerance = 2 * max(abs(sweep.off) for sweep in plot)
        for sweep in plot:
            if sweep.at >= play.rescued_at > self.sandbox.clock.now():
                self.sandbox.clock.set(play.rescued_at)
                play.rescue(self)
            self.sandbox.clock.set(sweep.at)
            self.clock.off = sweep.off
            events = play.every_event if sweep.late_events else play.events_at(sweep.at)
            bodies = (*events, a_request(bot=play.bot))
            overtake = partial(self.overtake, play.bot)
            strike = Strike(sweep.blow, scene, overtake) if sweep.blow else None
            self.wire.watch, self.wire.fault = witness.sees, strike
            self.failed = False
            left = self._invoke(play.bot, [*pending, *bodies] * sweep.times)
            self.wire.watch = self.wire.fault = None
            chronicle.takes_down(sweep, strike, loud=self.failed)
            pending = list(dict.fromkeys(left))
        self.sandbox.clock.advance(timedelta(minutes=30))
        chronicle.states = play.states(self)
        chronicle.cases = self.cases()
        return chronicle

    def _invoke(self, bot: str, bodies: list[str]) -> list[str]:
        """Hand messages over, and return those that come again.

        A sweep that failed in part is not asked for again: the next one does the same.
        """
        event = an_sqs_event(*bodies)
        if bot not in self._bots:
            self._bots[bot] = bot_handler(bot, self.clock)
        try:
            left = failed(self._bots[bot](event, Context()))
        except PowerCut:
            del self._bots[bot]  # the next one starts cold
            self.failed = True
            return bodies
        ids = {record["messageId"]: record["body"] for record in event["Records"]}
        asked_again = a_request(bot=bot)
        self.failed |= bool(left)
        return [ids[name] for name in left if ids[name] != asked_again]

    def overtake(self, bot: str) -> None:
        """Let another process do the same sweep, from beginning to end, and nothing is wrong."""
        fault, self.wire.fault = self.wire.fault, None
        other = self._others.setdefault(bot, bot_handler(bot, self.clock))
        assert failed(other(an_sqs_event(a_request(bot=bot)), Context())) == []
        self.wire.fault = fault

    def _prepare(self, play: Play) -> None:
        self.prepare(play.moments[0])
        play.fill(self)

    def prepare(self, now: datetime) -> None:
        """Build the stack anew, in an empty account."""
        self.sandbox.reset(now=now)
        self.sandbox.transition_times.set_all(timedelta(0))
        create_table(self.client("dynamodb"), "ledger")
        sns = self.client("sns")
        self.client("sqs").create_queue(QueueName="mailbox")
        topic = sns.create_topic(Name="notices")["TopicArn"]
        mailbox = f"arn:aws:sqs:{REGION}:{ACCOUNT}:mailbox"
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=mailbox)
        self.client("s3").create_bucket(Bucket="archive")

    def keep_secret(self, slack: LocalSlack) -> None:
        """Put what opens a workspace where the functions look for it."""
        content = {"bot_token": slack.token, "signing_secret": slack.signing_secret}
        secrets = self.client("secretsmanager")
        secrets.create_secret(Name="slack", SecretString=json.dumps(content))

    def answers(self) -> Counter[str]:
        """Which answers of people the audit trail has, and how often."""
        items = self.client("dynamodb").scan(TableName="ledger")["Items"]
        entries = [item for item in items if item["sk"]["S"].startswith("AUDIT#")]
        told = [json.loads(item["body"]["S"]) for item in entries]
        return Counter(f"{one['what']} of {one['arn']}" for one in told if one["by"] in _PEOPLE)

    def cases(self) -> list[tuple[str, str, str]]:
        """How the ledger's cases stand."""
        items = self.client("dynamodb").scan(TableName="ledger")["Items"]
        records = [json.loads(item["body"]["S"]) for item in items if item["sk"]["S"] == "CASE"]
        told = {(one["rule"], one["action"]["ref"]["name"], one["state"]) for one in records}
        return sorted(told)
