"""What AWS said of an endpoint a moment ago: its manifest is what was judged, asked for once."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sagewarden.domain.resources import Tags

FRESH_FOR: Final = 30.0
"""For how many seconds a look counts: from the fresh look at a resource to its manifest."""

MOST: Final = 64
"""How many looks are kept; there are more than actions under way only where nobody takes them."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at an endpoint.

    Attributes:
        endpoint: The answer of DescribeEndpoint.
        config: The answer of DescribeEndpointConfig.
        tags: The endpoint's own tags.
        targets: What Application Auto Scaling has registered of its variants; None where nobody
            asked.
    """

    endpoint: Mapping[str, Any]
    config: Mapping[str, Any]
    tags: Tags
    targets: Sequence[Mapping[str, Any]] | None = None


class Looks:
    """The latest looks by ARN, each of which is taken once; safe to share between threads.

    Args:
        now: Tells the seconds of a clock that only moves forward.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._looks: dict[str, tuple[float, Look]] = {}

    def keep(self, arn: str, look: Look) -> None:
        """Remember a look."""
        with self._lock:
            self._looks.pop(arn, None)
            self._looks[arn] = (self._now(), look)
            while len(self._looks) > MOST:
                del self._looks[next(iter(self._looks))]

    def take(self, arn: str) -> Look | None:
        """The last look at an endpoint, unless it is old or was taken before."""
        with self._lock:
            at, look = self._looks.pop(arn, (0.0, None))
            return look if look is not None and self._now() - at <= FRESH_FOR else None
