"""What a backend is: one class per area of an AWS service, with a method per operation."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sagewarden_cli.sandbox.clock import SandboxClock
from sagewarden_cli.sandbox.membership import OrganizationStore
from sagewarden_cli.sandbox.transitions import Timeline, Transition, TransitionTimes

type Json = dict[str, Any]
type Params = Mapping[str, Any]
type Handler = Callable[[Any, Params], Json]

_MARK = "__aws_operation__"


def operation[F: Callable[..., Json]](name: str) -> Callable[[F], F]:
    """Mark a backend's method as the answer to one AWS operation, such as ``CreateEndpoint``."""

    def mark(method: F) -> F:
        setattr(method, _MARK, name)
        return method

    return mark


class AccountRegion:
    """What one account has in one region: the backends, their common clock and their lock."""

    def __init__(
        self,
        account: str,
        region: str,
        clock: SandboxClock,
        times: TransitionTimes,
        organization: OrganizationStore | None = None,
    ) -> None:
        self.account = account
        self.region = region
        self.organization = organization or OrganizationStore()
        self.lock = threading.RLock()
        self._clock = clock
        self._times = times
        self._timeline = Timeline()
        self._parts: dict[Callable[[AccountRegion], Any], Any] = {}

    @property
    def partition(self) -> str:
        """The ARN partition that the region belongs to."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def now(self) -> datetime:
        """Return the sandbox's time; inside a scheduled effect, the moment at which it is due."""
        return self._timeline.moment or self._clock.now()

    @property
    def settling_until(self) -> datetime:
        """Where time stands, also inside an effect that was due long ago."""
        return self._timeline.settling_until or self._clock.now()

    @property
    def settled_until(self) -> datetime | None:
        """Up to when every state change has happened; None before anybody looked."""
        return self._timeline.settled_until

    def part[T](self, kind: Callable[["AccountRegion"], T]) -> T:
        """Return this account's and region's only instance of a backend or store, made on demand.

        Args:
            kind: The class; its constructor takes the ``AccountRegion``.
        """
        with self.lock:
            if kind not in self._parts:
                self._parts[kind] = kind(self)
            found: T = self._parts[kind]
            return found

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource here, such as ``endpoint/churn`` of ``sagemaker``."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def after(self, kind: str, status: str, effect: Callable[[datetime], None]) -> Transition:
        """Schedule what ends a transient status, as long from now as that status takes."""
        return self.later(self._times.of(kind, status), effect)

    def later(
        self,
        delay: timedelta,
        effect: Callable[[datetime], None],
        since: datetime | None = None,
    ) -> Transition:
        """Schedule an effect at ``delay`` after ``since``, which is now unless it is given."""
        return self._timeline.schedule((since or self.now()) + delay, effect)

    def duration(self, kind: str, status: str) -> timedelta:
        """Return how long a transient status lasts."""
        return self._times.of(kind, status)

    def settle(self) -> None:
        """Let every state change happen that is due by now."""
        self._timeline.settle(self._clock.now())


class Backend:
    """One area of one AWS service in one account and region.

    Subclasses name their service as boto3 does and mark their methods with ``@operation``;
    listing the class in ``backends.BACKENDS`` puts it into service.
    """

    service: ClassVar[str]

    def __init__(self, here: AccountRegion) -> None:
        self.here = here

    @classmethod
    def operations(cls) -> Iterator[tuple[str, Handler]]:
        """Yield each operation's name with the method that answers it."""
        for attribute in dir(cls):
            method = getattr(cls, attribute)
            name = getattr(method, _MARK, None)
            if name is not None:
                yield name, method
