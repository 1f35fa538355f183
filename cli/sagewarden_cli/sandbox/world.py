"""Everything that exists in the emulated AWS: accounts, regions, time, and the calls received."""

import threading
from datetime import datetime, timedelta

from sagewarden_cli.sandbox.backend import AccountRegion
from sagewarden_cli.sandbox.calls import CallLog
from sagewarden_cli.sandbox.clock import SandboxClock
from sagewarden_cli.sandbox.latency import Latency
from sagewarden_cli.sandbox.membership import OrganizationStore
from sagewarden_cli.sandbox.observation import Observers
from sagewarden_cli.sandbox.transitions import TransitionTimes

DEFAULT_ACCOUNT = "123456789012"


class World:
    """The state behind one sandbox; moto's part of it is global to the process."""

    def __init__(self, now: datetime | None = None) -> None:
        self.clock = SandboxClock(now)
        self.times = TransitionTimes()
        self.calls = CallLog()
        self.observers = Observers()
        self.latency = Latency()
        self.organization = OrganizationStore()
        self._lock = threading.Lock()
        self._places: dict[tuple[str, str], AccountRegion] = {}

    def at(self, account: str | None, region: str) -> AccountRegion:
        """Return what an account (the default one if None) has in a region."""
        key = (account or DEFAULT_ACCOUNT, region)
        with self._lock:
            if key not in self._places:
                self._places[key] = AccountRegion(*key, self.clock, self.times, self.organization)
            return self._places[key]

    def restart(self, now: datetime | None) -> None:
        """Forget everything and start the clock anew."""
        with self._lock:
            self._places.clear()
        self.organization.clear()
        self.clock.restart(now)
        self.times.restart()
        self.latency.set(timedelta(0))
        self.calls.clear()
