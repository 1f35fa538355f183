"""Functions whose host dies: at each kind of write that they make, once."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from sagewarden.bots import Bot
from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.observation import ObservedCall
from sagewarden_cli.stack.functions import LambdaFunction
from sagewarden_cli.stack.runtime import Invocation
from sagewarden_cli.stack.wiring import Wiring

READING = ("Get", "List", "Describe", "Query", "AssumeRole")
"""How operations begin after which everything is as it was."""

POLLED = {"ReceiveMessage", "DeleteMessage"}
"""What Lambda itself does under a function's role."""


class Murderer:
    """Kills each function at the first call of each writing operation that it makes.

    A message is met by one crash only: its next attempt is spared, as SQS would give a message up
    after three.

    Args:
        wiring: The stack at work.
        bot: The bot that it is after, beside the dispatcher.
        spares_the_call: Whether the call that it dies at still has its effect; its answer is lost.

    Attributes:
        deaths: Which function died at which operation, in order.
    """

    def __init__(self, wiring: Wiring, bot: Bot, *, spares_the_call: bool) -> None:
        self._wiring = wiring
        logical_ids = ("DispatcherFunction", f"{bot.logical_id}Function")
        self._victims = {wiring.stack.resources[name].ref for name in logical_ids}
        self._spares_the_call = spares_the_call
        self._at_work: LambdaFunction | None = None
        self._known: set[tuple[str, str]] = set()
        self.deaths: list[tuple[str, str]] = []

    @contextmanager
    def at_large(self) -> Iterator[None]:
        """Let it kill for as long as the ``with`` block lasts."""
        runtime, invoke = self._wiring.runtime, self._wiring.runtime.invoke

        def watched(function: LambdaFunction, event: object) -> Invocation:
            self._at_work = function if _first_attempt(event) else None
            return invoke(function, event)

        with self._wiring.sandbox.observers.watching(self._observe), _replaced(runtime, watched):
            yield

    def _observe(self, call: ObservedCall) -> None:
        victim = self._at_work
        if victim is None or victim.name not in self._victims:
            return
        if call.role != victim.role or not _writes(call):
            return
        death = (victim.name, f"{call.service}.{call.operation}")
        if death in self._known:
            return
        self._known.add(death)
        self.deaths.append(death)
        self._at_work = None
        self._wiring.runtime.kill(victim.name)
        if not self._spares_the_call:
            gone = HTTPStatus.SERVICE_UNAVAILABLE
            raise AwsError("ServiceUnavailable", "nobody waits for the answer any more", gone)


def _writes(call: ObservedCall) -> bool:
    own = call.service != "logs" and call.operation not in POLLED
    return own and not call.operation.startswith(READING)


@contextmanager
def _replaced(runtime: Any, invoke: Callable[..., Invocation]) -> Iterator[None]:
    runtime.invoke = invoke
    try:
        yield
    finally:
        del runtime.invoke


def _first_attempt(event: object) -> bool:
    if not isinstance(event, Mapping) or "Records" not in event:
        return True
    received = (one.get("attributes", {}) for one in event["Records"])  # of a stream's, nothing
    return all(found.get("ApproximateReceiveCount", "1") == "1" for found in received)
