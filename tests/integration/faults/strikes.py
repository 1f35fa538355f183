"""Where faults strike: the steps of a sweep or of a function, and a fault at one of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from botocore.awsrequest import AWSResponse
from botocore.exceptions import HTTPClientError

from tests.support.wire import Attempt, Send
from tests.support.wire_faults import Kind, PowerCut, overtaken


class Stage(StrEnum):
    """Where a sweep stands: it looks and decides, or acts; else which function is at work."""

    LOOKING = "looking"
    ACTING = "acting"
    NOTIFYING = "notifying"
    TAKING = "taking a click"
    ANSWERING = "answering a click"
    RESTORING = "restoring"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a sweep or of a function: an operation.

    Attributes:
        stage: Where the sweep stands, or which function is at work.
        call: The service and the operation: ``sagemaker.DeleteEndpoint``, ``slack.chat.update``.
        about: What the ledger is asked about: ``CASE``, ``CLAIM``, ``SURVEY``, ...; or NAMED.
    """

    stage: Stage
    call: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Blow:
    """A fault at a step.

    Attributes:
        kind: What happens to the step's calls.
        step: The step; None for every one.
    """

    kind: Kind
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep of a play.

    Attributes:
        at: When.
        blow: The fault that it meets.
        loud: Whether its message has to fail if it meets one.
        times: How often each of its messages comes.
        off: By how much the function's clock is ahead.
        late_events: Whether all events come again.
    """

    at: datetime
    blow: Blow | None = None
    loud: bool = True
    times: int = 1
    off: timedelta = timedelta(0)
    late_events: bool = False


@dataclass(slots=True)
class Scene:
    """Who is at work.

    Attributes:
        stage: Which function; None for a bot.
        turn: Which invocation it is.
    """

    stage: Stage | None = None
    turn: int = 0

    def begins(self, stage: Stage | None) -> None:
        """A function is invoked."""
        self.stage, self.turn = stage, self.turn + 1


class Steps:
    """Tells the steps of one sweep from its attempts.

    Args:
        scene: Who is at work.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._turn = scene.turn
        self._stage = Stage.LOOKING
        self._sets_out = False

    def of(self, attempt: Attempt) -> Step:
        """The step that an attempt belongs to."""
        if self._turn != self._scene.turn:
            self._turn, self._stage, self._sets_out = self._scene.turn, Stage.LOOKING, False
        if attempt.number == 1 and self._scene.stage is None:
            self._stage = Stage.ACTING if self._sets_out else self._stage
            self._sets_out = attempt.operation == "TransactWriteItems" and _SETS_OUT in attempt.text
        call, about = f"{attempt.service}.{attempt.operation}", ""
        if attempt.service == "dynamodb" and (key := _KEY.search(attempt.text)):
            about = key[1]
        if NAMED in attempt.text:
            about = NAMED
        return Step(self._scene.stage or self._stage, call, about)


NAMED = "ResourceARNList"
"""What a call has that asks for the tags of named resources: its answer has no further pages."""

_SETS_OUT = '\\"state\\": \\"ACTING\\"'
"""What a run writes into the ledger before it acts."""

_KEY = re.compile(r'\{"S": "([A-Z]+)\b')
"""How the keys of the ledger's items begin."""


class Strike:
    """A blow, as it falls in one sweep; a fault of the wire.

    Attributes:
        hit: Whether there was anything to hit.
    """

    def __init__(self, blow: Blow, scene: Scene, overtake: Callable[[], None]) -> None:
        self._blow = blow
        self._overtake = overtake
        self._steps = Steps(scene)
        self._gone = False
        self.hit = False

    def __call__(self, attempt: Attempt, send: Send) -> AWSResponse | None:
        """What becomes of an attempt."""
        if self._gone:
            raise PowerCut
        step, blow = self._steps.of(attempt), self._blow
        if blow.step is not None and step != blow.step:
            return None
        if blow.kind is overtaken:
            if not self.hit:
                self.hit = True
                self._overtake()
            return None
        try:
            answer = blow.kind(attempt, send)
        except PowerCut:
            self._gone = self.hit = True
            raise
        except HTTPClientError:
            self.hit = True
            raise
        self.hit |= answer is not None
        return answer
