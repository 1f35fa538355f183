"""What time it is in the sandbox: real time by default, a settable time when asked."""

import threading
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """The one clock of a sandbox; every state machine and timestamp of ours reads it.

    It is frozen when it was given a moment, and ticks with real time otherwise. It never runs
    backwards: AWS's does not, and state machines could not follow.
    """

    def __init__(self, now: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._offset = timedelta(0)
        self._frozen: datetime | None = None
        self.restart(now)

    @property
    def is_frozen(self) -> bool:
        """Whether time stands still between calls of ``advance`` and ``set``."""
        return self._frozen is not None

    def now(self) -> datetime:
        """Return the sandbox's time, aware, in UTC."""
        if self._frozen is not None:
            return self._frozen
        return _real_time() + self._offset

    def advance(self, by: timedelta) -> datetime:
        """Move time forward and return the new time; a ticking clock goes on ticking.

        Raises:
            ValueError: ``by`` is negative.
        """
        if by < timedelta(0):
            raise ValueError(f"the clock cannot advance by {by}: give a duration of 0 or more")
        with self._lock:
            if self._frozen is None:
                self._offset += by
            else:
                self._frozen += by
        return self.now()

    def set(self, moment: datetime) -> datetime:
        """Freeze time at ``moment`` and return it.

        Raises:
            ValueError: ``moment`` is naive, or earlier than the sandbox's present.
        """
        aware = _aware(moment)
        with self._lock:
            present = self.now()
            if aware < present:
                raise ValueError(
                    f"the clock stands at {present.isoformat()} and cannot go back to "
                    f"{aware.isoformat()}: give a later time, or reset the sandbox",
                )
            self._frozen = aware
        return aware

    def restart(self, now: datetime | None = None) -> None:
        """Forget everything: freeze at ``now``, or tick with real time when it is None."""
        with self._lock:
            self._offset = timedelta(0)
            self._frozen = None if now is None else _aware(now)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone: give an aware datetime")
    return moment.astimezone(UTC)


def _real_time() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # the sandbox's own clock is AWS's, not our product's
