"""The clock: the only place that reads the time, and that lets it pass."""

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment (UTC)."""
        return datetime.now(UTC)


class SystemSleeper:
    """Waits by the machine's own clock."""

    def sleep(self, length: timedelta) -> None:
        """Return after some time."""
        time.sleep(length.total_seconds())
