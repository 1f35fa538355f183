"""Functions whose host dies: at some kinds of write that they make, once each."""

from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from sagewarden.bots import Bot
from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.observation import ObservedCall
from sagewarden_cli.stack.functions import LambdaFunction
from sagewarden_cli.stack.runtime import Invocation
from sagewarden_cli.stack.wiring import Wiring

_CRASHES = 2
"""How many attempts of a message may end in a crash."""


class Murderer:
    """Kills each function at the first call that it makes of each of some operations.

    A message is met by two crashes at most: its third attempt is spared, as SQS would give it up.

    Args:
        wiring: The stack at work.
        bot: The bot that it is after, beside the dispatcher.
        steps: The operations.
        spares_the_call: Whether the call that it dies at still has its effect; its answer is lost.

    Attributes:
        deaths: Which function died at which operation, in order.
    """

    def __init__(
        self, wiring: Wiring, bot: Bot, steps: Container[str], *, spares_the_call: bool
    ) -> None:
        self._wiring = wiring
        logical_ids = ("DispatcherFunction", f"{bot.logical_id}Function")
        self._victims = {wiring.stack.resources[name].ref for name in logical_ids}
        self._steps = steps
        self._spares_the_call = spares_the_call
        self._at_work: LambdaFunction | None = None
        self._known: set[tuple[str, str]] = set()
        self.deaths: list[tuple[str, str]] = []

    @contextmanager
    def at_large(self) -> Iterator[None]:
        """Let it kill for as long as the ``with`` block lasts."""
        runtime, invoke = self._wiring.runtime, self._wiring.runtime.invoke

        def watched(function: LambdaFunction, event: object) -> Invocation:
            self._at_work = function if _may_die(event) else None
            return invoke(function, event)

        with self._wiring.sandbox.observers.watching(self._observe), _replaced(runtime, watched):
            yield

    def _observe(self, call: ObservedCall) -> None:
        victim = self._at_work
        if victim is None or victim.name not in self._victims:
            return
        step = f"{call.service}.{call.operation}"
        death = (victim.name, step)
        if call.role != victim.role or step not in self._steps or death in self._known:
            return
        self._known.add(death)
        self.deaths.append(death)
        self._at_work = None
        self._wiring.runtime.kill(victim.name)
        if not self._spares_the_call:
            gone = HTTPStatus.SERVICE_UNAVAILABLE
            raise AwsError("ServiceUnavailable", "nobody waits for the answer any more", gone)


@contextmanager
def _replaced(runtime: Any, invoke: Callable[..., Invocation]) -> Iterator[None]:
    runtime.invoke = invoke
    try:
        yield
    finally:
        del runtime.invoke


def _may_die(event: object) -> bool:
    """Whether an invocation is none of a message, or its first or second attempt."""
    if not isinstance(event, Mapping) or "Records" not in event:
        return True
    received = (one.get("attributes", {}) for one in event["Records"])  # of a stream's, nothing
    return all(int(found.get("ApproximateReceiveCount", "1")) <= _CRASHES for found in received)
