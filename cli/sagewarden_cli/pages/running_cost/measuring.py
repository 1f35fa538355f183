"""Measure in the sandbox what sweeps use, and what actions add to that."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sagewarden.bots import BOTS, IDLE_ENDPOINTS, NOTEBOOK_HOURS, Bot
from sagewarden_cli.pages.running_cost.assumptions import (
    ENDPOINTS,
    NOTEBOOKS,
    RUNNING_NOTEBOOKS,
)
from sagewarden_cli.pages.running_cost.hub import EMPTY_REGION, HOME, Hub, deployed_hub
from sagewarden_cli.pages.running_cost.measurements import Measured, Measurements
from sagewarden_cli.pages.running_cost.usage import Usage
from sagewarden_cli.sandbox import Sandbox

_NOON = datetime(2026, 11, 18, 12, 10, tzinfo=UTC)
"""A Wednesday within business hours: nothing is to be done."""
_CLOSING = _NOON.replace(hour=18, minute=0)
_OPENING = _CLOSING + timedelta(hours=15)
_SWEEP = timedelta(minutes=5)
_HOUR = timedelta(hours=1)
_DAY_OF_SWEEPS = 24
"""Of so many hourly sweeps the first reads everything, where a bot looks again."""
_OWNER = {"Owner": "mina"}


def measure(policy: Path) -> Measurements:
    """Let every bot sweep the stated fleet and an empty region, and act once.

    Args:
        policy: The shipped policy.
    """
    measured: dict[str, Measured] = {}
    metrics: dict[str, int] = {}
    dispatched = Usage()
    with Sandbox(now=_NOON) as sandbox:
        for bot in BOTS:
            sandbox.reset(_NOON)
            with deployed_hub(sandbox, policy) as hub:
                _seed(sandbox)
                measured[bot.name] = _measured(bot, hub, sandbox)
                dispatched = hub.dispatch(bot)
            metrics |= {name: len(names) for name, names in hub.metrics.items()}
    return Measurements(measured, dispatched, metrics)


def _measured(bot: Bot, hub: Hub, sandbox: Sandbox) -> Measured:
    hub.sweep(bot, EMPTY_REGION, _NOON)  # warms it up
    empty = hub.sweep(bot, EMPTY_REGION, _NOON)
    first = hub.sweep(bot, HOME, _NOON)
    whole = first if bot.looks_again else None
    steady = hub.sweep(bot, HOME, _NOON + _HOUR) if whole else first
    moments = _ACTING[bot.name](sandbox) if bot.name in _ACTING else ()
    runs = [hub.sweep(bot, HOME, moment) for moment in moments]
    if whole is None:
        return Measured(steady, empty, _sum(runs).beyond(steady, len(runs)))
    wholes = -(-len(runs) // _DAY_OF_SWEEPS)
    acting = _sum(runs).beyond(whole, wholes).beyond(steady, len(runs) - wholes)
    return Measured(steady, empty, acting, whole)


def _seed(sandbox: Sandbox) -> None:
    """The stated fleet: all in use, and half of the notebooks stopped by their owners."""
    sandbox.transition_times.set_all(timedelta(0))
    fleet = sandbox.sagemaker(region=HOME)
    created = _NOON - timedelta(days=30)
    for number in range(NOTEBOOKS):
        status = "InService" if number < RUNNING_NOTEBOOKS else "Stopped"
        fleet.add_notebook_instance(
            f"notebook-{number:02}", status=status, created_at=created, tags=_OWNER
        )
    for number in range(ENDPOINTS):
        name = f"endpoint-{number:02}"
        fleet.add_endpoint(name, created_at=created, tags=_OWNER)
        _call(sandbox, name, range(-50, 1))


def _call(sandbox: Sandbox, endpoint: str, hours: range) -> None:
    """Somebody calls an endpoint, once in each hour before and after noon."""
    sandbox.metrics.load(
        None,
        HOME,
        "AWS/SageMaker",
        "Invocations",
        {"EndpointName": endpoint, "VariantName": "AllTraffic"},
        [
            (_NOON + hour * _HOUR - timedelta(minutes=20), float(hour <= 0 or endpoint != _IDLE))
            for hour in hours
        ],
    )


_IDLE = "endpoint-00"
"""The endpoint that nobody calls any more."""
_GRACE = 24
_WINDOW = 48


def _stopping_and_starting(_: Sandbox) -> Iterator[datetime]:
    """From before the warning until after the stop, and around the start next morning."""
    first = _CLOSING - timedelta(minutes=35)
    yield from (first + _SWEEP * number for number in range(9))
    yield from (_OPENING + _SWEEP * number for number in range(-1, 3))


def _deleting(sandbox: Sandbox) -> Iterator[datetime]:
    """From before the warning, hour by hour through the grace, until after the deletion."""
    for number in range(ENDPOINTS):
        _call(sandbox, f"endpoint-{number:02}", range(1, _WINDOW + _GRACE + 4))
    yield from (_NOON + _HOUR * hour for hour in range(_WINDOW, _WINDOW + _GRACE + 4))


_ACTING: Mapping[str, Callable[[Sandbox], Iterator[datetime]]] = {
    NOTEBOOK_HOURS.name: _stopping_and_starting,
    IDLE_ENDPOINTS.name: _deleting,
}
"""When a bot is run to see what its actions add; of other bots no actions are counted."""


def _sum(runs: list[Usage]) -> Usage:
    total = Usage()
    for run in runs:
        total.add(run)
    return total
