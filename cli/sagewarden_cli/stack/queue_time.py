"""SQS on the sandbox's clock: visibility timeouts, delays and retention pass as its time does."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from moto.sqs import models, sqs_backends

from sagewarden_cli.sandbox.clock import SandboxClock

_MILLISECOND = timedelta(milliseconds=1)


@contextmanager
def queues_on(clock: SandboxClock) -> Iterator[None]:
    """Let moto's queues read a sandbox's clock for as long as the ``with`` block lasts."""
    seconds, milliseconds = models.unix_time, models.unix_time_millis
    models.unix_time = lambda: clock.now().timestamp()
    models.unix_time_millis = lambda: clock.now().timestamp() * 1000
    try:
        yield
    finally:
        models.unix_time, models.unix_time_millis = seconds, milliseconds


def anything_visible(account: str, region: str, queue: str) -> bool:
    """Whether a message of a queue could be received now."""
    return bool(sqs_backends[account][region].queues[queue].messages)


def next_visible(account: str, region: str, queue: str, now: datetime) -> datetime | None:
    """Return when the next message in flight or delayed in a queue can be received, after now."""
    messages = sqs_backends[account][region].queues[queue]._messages  # noqa: SLF001 - no API tells
    ends = [max(message.visible_at, message.delayed_until) for message in messages]
    # Moto's timeouts end after their last millisecond.
    moments = [datetime.fromtimestamp(end / 1000, UTC) + _MILLISECOND for end in ends]
    return min((moment for moment in moments if moment > now), default=None)
