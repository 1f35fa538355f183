"""Wire a deployed stack to its running functions, with a hand on the sandbox's clock.

What AWS does between our pieces is played here: schedules fire when their time comes, queues and
streams feed functions through their event source mappings, failed messages come back and end in
dead-letter queues. Events go through moto's EventBridge, and from there to the world outside as
well; topics go through its SNS.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.deployment import Stack
from sagewarden_cli.stack.firing import Scheduled, as_event
from sagewarden_cli.stack.forwarding import events_kept_whole
from sagewarden_cli.stack.functions import LambdaFunction, functions_of
from sagewarden_cli.stack.polling import Mapped
from sagewarden_cli.stack.queue_time import queues_on
from sagewarden_cli.stack.recording import Recorder
from sagewarden_cli.stack.resources.messaging import NotWiredError
from sagewarden_cli.stack.runtime import Invocation, Runtime
from sagewarden_cli.stack.streams import MappedStream
from sagewarden_cli.stack.webhooks import Webhooks

_ATTEMPTS = 3
"""How often Lambda tries an asynchronous invocation by default: once, and twice again."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An invocation that failed.

    Attributes:
        at: When, by the sandbox's clock.
        function: The function's name.
        error: The message and type.
    """

    at: datetime
    function: str
    error: str


@dataclass(slots=True)
class Wiring:
    """A deployed stack at work.

    Attributes:
        sandbox: The emulated AWS.
        stack: The deployed stack.
        runtime: Where its functions run.
        recorder: What its roles ask of IAM.
        functions: Its functions, by ARN.
        webhooks: What its rules send to API destinations.
        unreachable: ARNs of targets that the scheduler fails to reach for now.
        deliver_twice: Whether every batch of messages is delivered a second time.
        failures: Invocations that failed, in order.
    """

    sandbox: Sandbox
    stack: Stack
    runtime: Runtime
    recorder: Recorder
    functions: Mapping[str, LambdaFunction]
    webhooks: Webhooks
    deliver_twice: bool = False
    unreachable: set[str] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)
    _mapped: list[Mapped | MappedStream] = field(init=False)
    _schedules: list[Scheduled] = field(init=False)
    _streams: set[str] = field(default_factory=set)
    _client_as: Callable[[str, str], Any] = field(init=False)

    def __post_init__(self) -> None:
        self._client_as = cache(
            lambda role, service: self.sandbox.client_as(role, service, self.stack.region)
        )
        self._mapped = list(self._mappings())
        now = self.sandbox.clock.now()
        self._schedules = [
            Scheduled(one, now)
            for one in self.stack.of_type("AWS::Scheduler::Schedule")
            if one.properties.get("State", "ENABLED") == "ENABLED"
        ]

    def run_until(self, moment: datetime) -> None:
        """Let time pass: everything that falls due happens at its own moment, in order."""
        self.deliver()
        while (due := self._next_moment()) is not None and due <= moment:
            self.sandbox.clock.set(due)
            for schedule in self._schedules:
                if schedule.due() == due:
                    self._fire(schedule, due)
            self.deliver()
        self.sandbox.clock.set(moment)
        self.deliver()

    def sleep_until(self, moment: datetime) -> None:
        """Let time pass while nothing of the stack happens: schedules that fall due are lost."""
        self.sandbox.clock.set(moment)
        for schedule in self._schedules:
            schedule.fired(moment)

    def let_fire(self, *logical_ids: str) -> None:
        """Let no schedules fire from now on but some, by their logical ids."""
        self._schedules = [one for one in self._schedules if one.logical_id in logical_ids]

    def deliver(self) -> None:
        """Feed the functions until no message is visible, the present moment's own included."""
        while sum(self._poll(mapped) for mapped in self._mapped) or self.webhooks.deliver():
            pass

    def waiting_in(self, queue: str) -> int:
        """How many messages a queue holds, in flight and delayed ones included, by its name."""
        sqs = self.sandbox.client("sqs", self.stack.region)
        url = self._url_of(queue)
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return sum(int(count) for name, count in found.items() if name.startswith("Approximate"))

    def invoke(self, function: LambdaFunction, event: object) -> Invocation:
        """Invoke a function; its log goes to its log group, under its role."""
        result = self.runtime.invoke(function, event)
        if result.error is not None:
            now = self.sandbox.clock.now()
            self.failures.append(Failure(now, function.name, result.error))
        self._write_log(function, result)
        return result

    def invoke_asynchronously(self, function: LambdaFunction, text: str) -> None:
        """Invoke as Lambda does for a scheduler: three attempts, then the dead-letter queue."""
        for _ in range(_ATTEMPTS):
            if self.invoke(function, as_event(text)).error is None:
                return
        self._send(function.role, function.dead_letters, text)

    def _mappings(self) -> Iterator[Mapped | MappedStream]:
        for mapping in self.stack.of_type("AWS::Lambda::EventSourceMapping"):
            function = self._function(str(mapping.properties["FunctionName"]))
            source = str(mapping.properties["EventSourceArn"])
            client = partial(self._client_as, function.role)
            match source.split(":")[2]:
                case "sqs":
                    yield Mapped(mapping, function, self._url_of(source), client("sqs"))
                case "dynamodb":
                    yield MappedStream(mapping, function, client, self.sandbox.clock)
                case other:
                    raise NotWiredError(f"{mapping.logical_id}: {other} as a source is not wired")

    def _url_of(self, queue: str) -> str:
        """The URL of a queue, by its ARN or name."""
        sqs = self.sandbox.client("sqs", self.stack.region)
        url: str = sqs.get_queue_url(QueueName=queue.rpartition(":")[2])["QueueUrl"]
        return url

    def _function(self, name: str) -> LambdaFunction:
        return next(one for one in self.functions.values() if name in (one.name, one.arn))

    def _next_moment(self) -> datetime | None:
        now = self.sandbox.clock.now()
        due = [schedule.due() for schedule in self._schedules]
        waiting = [one.next_moment(now) for one in (*self._mapped, self.webhooks)]
        return min((moment for moment in (*due, *waiting) if moment is not None), default=None)

    def _fire(self, schedule: Scheduled, moment: datetime) -> None:
        text = schedule.fired(moment)
        if schedule.target in self.unreachable:
            self._send(schedule.role, schedule.dead_letters, text)
        elif schedule.target.split(":")[2] == "sqs":
            self._send(schedule.role, schedule.target, text)
        else:
            self.recorder.add(schedule.role, "lambda:InvokeFunction", schedule.target)
            self.invoke_asynchronously(self._function(schedule.target), text)

    def _send(self, role: str, queue: str | None, text: str) -> None:
        if queue is not None:
            sqs = self._client_as(role, "sqs")
            sqs.send_message(QueueUrl=self._url_of(queue), MessageBody=text)

    def _poll(self, mapped: Mapped | MappedStream) -> bool:
        batch: Any = mapped.receive()
        if not batch:
            return False
        event = mapped.event(batch)
        result = self.invoke(mapped.function, event)
        if self.deliver_twice and result.error is None:
            result = self.invoke(mapped.function, event)
        mapped.settle(batch, result)
        return True

    def _write_log(self, function: LambdaFunction, result: Invocation) -> None:
        """Do what Lambda does with a function's output, under the function's own role."""
        logs = self._client_as(function.role, "logs")
        place = {"logGroupName": function.log_group, "logStreamName": "e2e"}
        if function.name not in self._streams:
            self._streams.add(function.name)
            logs.create_log_stream(**place)
        at = int(self.sandbox.clock.now().timestamp() * 1000)
        lines = [{"timestamp": at, "message": line} for line in result.log.splitlines() if line]
        if lines:
            logs.put_log_events(**place, logEvents=lines)


@contextmanager
def wired(
    sandbox: Sandbox, stack: Stack, runtime: Runtime, defaults: Mapping[str, str] | None = None
) -> Iterator[Wiring]:
    """Set a stack to work for as long as the ``with`` block lasts; the runtime is entered already.

    Everything its roles do from here on is recorded.

    Args:
        sandbox: The emulated AWS.
        stack: The deployed stack.
        runtime: Where its functions run.
        defaults: Environment variables that functions get where the template sets none.
    """
    recorder = Recorder(sandbox, stack)
    with ExitStack() as lasting:
        lasting.enter_context(queues_on(sandbox.clock))
        webhooks = Webhooks(sandbox, stack.region, recorder.add)
        lasting.enter_context(events_kept_whole(webhooks.take))
        lasting.enter_context(recorder.recording())
        yield Wiring(sandbox, stack, runtime, recorder, functions_of(stack, defaults), webhooks)
