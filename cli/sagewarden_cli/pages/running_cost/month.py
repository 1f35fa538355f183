"""How much the stack does in a month, in a scenario."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from sagewarden.adapters.sqs_queues import BATCH
from sagewarden.bots import BOTS, IDLE_ENDPOINTS, NOTEBOOK_HOURS, Bot
from sagewarden_cli.pages.running_cost.assumptions import MONTH_DAYS, Scenario
from sagewarden_cli.pages.running_cost.measurements import Measurements
from sagewarden_cli.pages.running_cost.stack_facts import (
    DISPATCHER,
    StackFacts,
    function_of,
    runs_a_month,
)
from sagewarden_cli.pages.running_cost.usage import Usage


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of a function that use the same.

    Attributes:
        what: Which, in words.
        function: The function's logical id.
        times: How often in a month.
        used: What each of them uses.
        milliseconds: How long each of them takes.
        invokes: Whether each is an invocation; what actions add happens within others.
    """

    what: str
    function: str
    times: int
    used: Usage
    milliseconds: int
    invokes: bool = True


@dataclass(frozen=True, slots=True)
class Month:
    """All that happens in a month.

    Attributes:
        scenario: What is assumed.
        facts: What the template says.
        measurements: What was measured.
    """

    scenario: Scenario
    facts: StackFacts
    measurements: Measurements

    @property
    def targets(self) -> int:
        """Accounts and regions: messages of one wake-up."""
        return self.scenario.accounts * self.scenario.regions

    def wake_ups(self, bot: Bot) -> int:
        """How often a bot is woken."""
        return runs_a_month(bot) // dict(self.scenario.slower).get(bot.name, 1)

    def messages(self) -> int:
        """How many sweeps are asked for."""
        return sum(self.wake_ups(bot) for bot in BOTS) * self.targets

    def batches(self) -> int:
        """In how many calls the dispatcher sends the messages of one wake-up."""
        return -(-self.targets // BATCH)

    def runs(self) -> Iterator[Runs]:
        """Everything that the functions do."""
        for bot in BOTS:
            yield from self._sweeps(bot)
        wake_ups = sum(self.wake_ups(bot) for bot in BOTS)
        ms = self.scenario.own_work_ms + self.scenario.latency_ms * self.batches()
        yield Runs("dispatcher", DISPATCHER, wake_ups, self.measurements.dispatch, ms)

    def invocations(self) -> int:
        """How often functions are invoked."""
        return sum(runs.times for runs in self.runs() if runs.invokes)

    def total(self, name: str) -> int:
        """How much of one measure all runs use together, such as ``write_units``."""
        return sum(runs.times * getattr(runs.used, name) for runs in self.runs())

    def calls(self, *operations: str) -> int:
        """How often some operations are called."""
        return sum(
            runs.times * runs.used.calls[operation]
            for runs in self.runs()
            for operation in operations
        )

    def sweep_ms(self, used: Usage) -> int:
        """How long a sweep takes: its own work, and its calls one after the other."""
        entering = 1 if self.scenario.accounts > 1 else 0  # sts:AssumeRole
        calls = sum(used.calls.values()) + entering
        return self.scenario.own_work_ms + calls * self.scenario.latency_ms

    def round_seconds(self, bot: Bot) -> float:
        """How long a bot works on the messages of one wake-up, one after the other."""
        measured, accounts = self.measurements.of(bot.name), self.scenario.accounts
        steady = accounts * self.sweep_ms(measured.longest)
        empty = (self.targets - accounts) * self.sweep_ms(measured.empty)
        return (steady + empty) / 1000

    def _sweeps(self, bot: Bot) -> Iterator[Runs]:
        measured, accounts = self.measurements.of(bot.name), self.scenario.accounts
        function, wake_ups = function_of(bot), self.wake_ups(bot)
        fleets, empties = accounts * wake_ups, (self.targets - accounts) * wake_ups
        if measured.whole:
            wholes = accounts * min(wake_ups, ceil(MONTH_DAYS))
            ms, fleets = self.sweep_ms(measured.whole), fleets - wholes
            yield Runs(f"{bot.name}, all of the fleet", function, wholes, measured.whole, ms)
        ms = self.sweep_ms(measured.steady)
        yield Runs(f"{bot.name}, the fleet's region", function, fleets, measured.steady, ms)
        if empties:
            ms = self.sweep_ms(measured.empty)
            yield Runs(f"{bot.name}, empty regions", function, empties, measured.empty, ms)
        times, acting = accounts * self._acts(bot), measured.acting
        if times:
            ms = sum(acting.calls.values()) * self.scenario.latency_ms
            yield Runs(f"{bot.name}, actions", function, times, acting, ms, invokes=False)

    def _acts(self, bot: Bot) -> int:
        """How often in a month an account sees what was measured as acting."""
        known = {
            NOTEBOOK_HOURS.name: self.scenario.days_with_stops,
            IDLE_ENDPOINTS.name: self.scenario.deletions,
        }
        return known.get(bot.name, 0)

    def forwarded(self) -> int:
        """Events that the other accounts send to the hub's bus."""
        others = self.scenario.accounts - 1
        return round(others * self.scenario.events_a_day * MONTH_DAYS)
