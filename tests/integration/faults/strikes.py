"""Where faults strike: the steps of a sweep, and a fault at one of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from botocore.awsrequest import AWSResponse
from botocore.exceptions import HTTPClientError

from tests.support.wire import Attempt, Send
from tests.support.wire_faults import Kind, PowerCut, overtaken


class Stage(StrEnum):
    """Where a sweep stands: it looks and decides, or it carries an action out."""

    LOOKING = "looking"
    ACTING = "acting"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a sweep: an operation, before or after it has set out to act.

    Attributes:
        stage: Where the sweep stands.
        call: The service and the operation: ``sagemaker.DeleteEndpoint``.
    """

    stage: Stage
    call: str


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


class Steps:
    """Tells the steps of one sweep from its attempts."""

    def __init__(self) -> None:
        self._stage = Stage.LOOKING
        self._sets_out = False

    def of(self, attempt: Attempt) -> Step:
        """The step that an attempt belongs to."""
        if attempt.number == 1:
            self._stage = Stage.ACTING if self._sets_out else self._stage
            self._sets_out = attempt.operation == "TransactWriteItems" and _SETS_OUT in attempt.text
        return Step(self._stage, f"{attempt.service}.{attempt.operation}")


_SETS_OUT = '\\"state\\": \\"ACTING\\"'
"""What a run writes into the ledger before it acts."""


class Strike:
    """A blow, as it falls in one sweep; a fault of the wire.

    Attributes:
        hit: Whether there was anything to hit.
    """

    def __init__(self, blow: Blow, overtake: Callable[[], None]) -> None:
        self._blow = blow
        self._overtake = overtake
        self._steps = Steps()
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
