"""Which entry point serves which bot, as ``functions/<bot>/app.py`` says."""

from collections.abc import Callable, Mapping

from sagewarden.application.ports import Clock
from sagewarden.bots import GUARDRAILS, PROVISIONED_CONCURRENCY
from sagewarden.entrypoints.guarding import guard_handler
from sagewarden.entrypoints.scaling import scale_handler
from sagewarden.entrypoints.sweeping import Handler, sweep_handler

_SPECIAL: Mapping[str, Callable[[str, Clock | None], Handler]] = {
    GUARDRAILS.name: guard_handler,
    PROVISIONED_CONCURRENCY.name: scale_handler,
}


def bot_handler(name: str, clock: Clock | None = None) -> Handler:
    """The Lambda handler of a bot, on a clock of one's own.

    Args:
        name: The bot's name in the registry.
        clock: What tells the time; the machine's own when not given.
    """
    return _SPECIAL.get(name, sweep_handler)(name, clock)
