"""The clock: the only place that reads the time."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment (UTC)."""
        return datetime.now(UTC)
