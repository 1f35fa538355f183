"""What was measured, kept in a file beside the page that it makes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sagewarden_cli.pages.running_cost.assumptions import ENDPOINTS, NOTEBOOKS
from sagewarden_cli.pages.running_cost.usage import Usage

FILE = Path(__file__).with_name("measurements.json")
COMMAND = "make measure"


class NotMeasuredError(LookupError):
    """A bot was never measured."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a bot uses.

    Attributes:
        steady: A sweep of the fleet's region in which nothing is to be done.
        empty: A sweep of a region without resources.
        acting: What its actions add: the running notebooks stopped and started once, or one
            endpoint deleted, with warnings, waiting and notices.
        whole: The sweep that reads all of the fleet's region, once a day, of a bot whose other
            sweeps go by what it remembers.
    """

    steady: Usage
    empty: Usage
    acting: Usage
    whole: Usage | None = None

    @property
    def longest(self) -> Usage:
        """The sweep of the fleet's region in which nothing is to be done that takes longest."""
        return self.whole or self.steady


@dataclass(frozen=True, slots=True)
class Measurements:
    """What all functions use.

    Attributes:
        bots: By the bot's name.
        dispatch: One run of the dispatcher that sends one batch of messages.
        metrics: How many metrics each function publishes.
    """

    bots: Mapping[str, Measured]
    dispatch: Usage
    metrics: Mapping[str, int]

    def of(self, bot: str) -> Measured:
        """What a bot uses.

        Raises:
            NotMeasuredError: Nobody knows.
        """
        if bot not in self.bots:
            raise NotMeasuredError(f"{FILE.name} has no {bot}; run: {COMMAND}")
        return self.bots[bot]

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """What `record` wrote."""
        bots = {
            bot: Measured(**{name: Usage.read(usage) for name, usage in measured.items()})
            for bot, measured in content["bots"].items()
        }
        return cls(bots, Usage.read(content["dispatch"]), content["metrics"])

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        bots = {
            bot: {
                "steady": measured.steady.record(),
                "empty": measured.empty.record(),
                "acting": measured.acting.record(),
                **({"whole": measured.whole.record()} if measured.whole else {}),
            }
            for bot, measured in self.bots.items()
        }
        return {
            "fleet": {"notebooks": NOTEBOOKS, "endpoints": ENDPOINTS},
            "bots": bots,
            "dispatch": self.dispatch.record(),
            "metrics": dict(self.metrics),
        }


def recorded() -> tuple[str, Measurements]:
    """The measurements of the file, after the day they were taken on."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    return content["date"], Measurements.read(content)
