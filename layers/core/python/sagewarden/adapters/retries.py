"""Which calls are made again, and when: what botocore's own modes do not do well enough.

Its adaptive mode takes long to find out what is allowed (nearly twice as long as 50 calls a second
permit: benchmarks/README.md), slows down deletions for descriptions that were throttled, and
gives up after a few attempts, or when all threads together have used up their common quota of them.
Here calls of one kind (``Describe...``, ``List...``) of a service in a region have a pace of their
own, and whatever is throttled waits for its turn.
"""

import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ConnectionError as NoConnection
from botocore.exceptions import HTTPClientError

from sagewarden.adapters.pacing import Pace

if TYPE_CHECKING:
    from botocore.client import BaseClient

THROTTLED: Final = frozenset(
    {
        *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled"),
        *("RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded"),
        *("ProvisionedThroughputExceededException", "BandwidthLimitExceeded"),
        *("SlowDown", "EC2ThrottledException"),
    }
)
"""How AWS says that calls come too fast (botocore, retries/standard.py)."""

TRANSIENT: Final = frozenset(
    {
        *("RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"),
        *("TransactionInProgressException", "LimitExceededException"),
    }
)
"""How it says that the same may be possible in a moment."""

UNWELL: Final = frozenset({500, 502, 503, 504})
"""HTTP statuses of a service that may be well again in a moment."""

ATTEMPTS: Final = 8
"""How often a call is made in all when something fails for a moment, unless the SDK's own setting
says otherwise (``AWS_MAX_ATTEMPTS``, ``max_attempts``)."""

THROTTLED_ATTEMPTS: Final = 40
"""The same when it is throttled: its turn comes again and again, at least once a second."""

LONGEST_WAIT: Final = 20.0
"""The longest time between two attempts, in seconds."""

_VERB = re.compile("[A-Z]+[a-z]*")

type Response = tuple[Any, Mapping[str, Any]]


class Retries:
    """Makes the calls of one client again; safe to share between threads.

    Args:
        now: Tells the seconds of a clock that only moves forward.
        sleep: Waits for a number of seconds.
        attempts: How often a call is made in all when something fails for a moment.
    """

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._attempts = attempts
        self._lock = threading.Lock()
        self._paces: defaultdict[str, Pace] = defaultdict(Pace)  # by kind of call
        self._thread = threading.local()

    def watch(self, client: "BaseClient") -> None:
        """Pace the client's calls and make them again; its own retries must be switched off."""
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"before-send.{service}", self._wait)
        # The stubs know no handler that answers; this event's answers are delays.
        client.meta.events.register_first(f"needs-retry.{service}", self._delay)  # type: ignore[arg-type]

    def _wait(self, event_name: str, **_: object) -> None:
        """Let a call wait for its turn."""
        with self._lock:
            seconds = self._paces[_kind(event_name)].reserve(self._now())
        if seconds > 0:
            self._sleep(seconds)
        self._thread.sent = self._now()

    def _delay(
        self,
        event_name: str,
        attempts: int,
        response: Response | None,
        caught_exception: Exception | None,
        **_: object,
    ) -> float | None:
        """After how many seconds a call is made again; None when it is not."""
        code = _code(response)
        if code in THROTTLED:
            with self._lock:
                self._paces[_kind(event_name)].throttled(self._thread.sent, self._now())
            return 0.0 if attempts < THROTTLED_ATTEMPTS else None
        if response is not None:
            with self._lock:
                self._paces[_kind(event_name)].succeeded(self._now())
        if attempts < self._attempts and _is_transient(code, response, caught_exception):
            longest = min(2.0 ** (attempts - 1), LONGEST_WAIT)
            return random.random() * longest  # noqa: S311 - spreads attempts, hides nothing
        return None


def _kind(event_name: str) -> str:
    """``Describe`` of ``before-send.sagemaker.DescribeEndpoint``."""
    operation = event_name.rpartition(".")[2]
    verb = _VERB.match(operation)
    return verb[0] if verb else operation


def _code(response: Response | None) -> str | None:
    """AWS's code for what is wrong, if anything is."""
    code = response[1].get("Error", {}).get("Code") if response else None
    return None if code is None else str(code)


def _is_transient(
    code: str | None, response: Response | None, caught_exception: Exception | None
) -> bool:
    if response is None:
        return isinstance(caught_exception, NoConnection | HTTPClientError)
    return code in TRANSIENT or response[0].status_code in UNWELL
