"""A fleet, a policy and a hand on the clock: what people do, what sweeps do, in order."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.application.apply_plan import apply_plan
from sagewarden.application.carry_out import Hands
from sagewarden.application.follow_event import follow_event
from sagewarden.application.plan_fleet import Fleet, plan_fleet
from sagewarden.application.sweep import SweepReport, sweep
from sagewarden.domain.guardrails.call import Call
from sagewarden.domain.money import PriceBook
from sagewarden.domain.outcomes import Outcome
from sagewarden.domain.plans import Plan
from sagewarden.domain.resources import NotebookStatus, Resource
from sagewarden.domain.rules import Policy
from sagewarden.domain.schedules.calendar import WEEKDAYS
from tests.support.builders import REGION, SEOUL, a_policy, some_prices
from tests.support.fakes import (
    STANDING_STILL,
    FakeExecutor,
    FakeInventory,
    FakeNotifier,
    FakeTelemetry,
    HandClock,
)

MONDAY = datetime(2026, 11, 2, tzinfo=SEOUL)
"""Midnight of the Monday on which scenarios begin."""


class Scenario:
    """One region of an account, and everything that happens to it.

    Args:
        policy: The policy at first; assign `policy` to change it.
        resources: What exists at first.
        zone: The zone of the wall clock that `at` speaks of.
        tick: How far the clock moves by itself each time it is read.
        prices: List prices.
    """

    def __init__(
        self,
        policy: Policy | None = None,
        *resources: Resource,
        zone: ZoneInfo = SEOUL,
        tick: timedelta = STANDING_STILL,
        prices: PriceBook | None = None,
    ) -> None:
        self.policy = policy or a_policy()
        self.clock = HandClock(MONDAY.replace(tzinfo=zone), tick)
        self.inventory = FakeInventory(*resources)
        self.telemetry = FakeTelemetry()
        self.ledger = MemoryLedger()
        self.executor = FakeExecutor(self.inventory, self.clock)
        self.notifier = FakeNotifier()
        self.fleet = Fleet(self.inventory, self.telemetry, self.ledger, prices or some_prices())
        self.hands = Hands(self.fleet, self.executor, self.clock)
        self._zone = zone

    def at(self, when: str) -> "Scenario":
        """Wait for the next moment of a weekday and wall-clock time, such as ``Mon 20:00``."""
        day, clock_time = when.split()
        local = self.clock.now().astimezone(self._zone)
        hour, minute = (int(part) for part in clock_time.split(":"))
        then = local.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
        then += timedelta(days=(WEEKDAYS.index(day.lower()) - local.weekday()) % 7)
        if then < local:
            then += timedelta(days=7)
        self.clock.set(then)
        return self

    def after(self, length: timedelta) -> "Scenario":
        """Wait for some time."""
        self.clock.advance(length)
        return self

    def human_restarts(self, name: str) -> None:
        """Let a human start a notebook; it is in service at once."""
        self._turn(name, NotebookStatus.IN_SERVICE)

    def human_stops(self, name: str) -> None:
        """Let a human stop a notebook; it is stopped at once."""
        self._turn(name, NotebookStatus.STOPPED)

    def human_tags(self, name: str, **tags: str) -> None:
        """Let a human add tags to a resource."""
        before = self.inventory.named(name)
        self.inventory.put(replace(before, tags={**(before.tags or {}), **tags}))

    def sweep(self, account: str | None = None) -> SweepReport:
        """Let one unattended run happen; one that knows its account ends cases in empty regions."""
        return sweep(self.policy, REGION, self.hands, self.notifier, account)

    def event(self, call: Call) -> SweepReport:
        """Let an event arrive."""
        return follow_event(call, self.policy, self.hands, self.notifier)

    def plan(self) -> Plan:
        """Plan as a human would from a workstation."""
        return plan_fleet(self.policy, [REGION], self.fleet, self.clock.now())

    def apply(self, plan: Plan) -> list[Outcome]:
        """Apply a plan as a human would."""
        return list(apply_plan(plan, self.policy, self.hands))

    def status(self, name: str) -> str:
        """A resource's status, or ``gone``."""
        if name not in self.inventory.names:
            return "gone"
        return self.inventory.named(name).status.value

    def _turn(self, name: str, status: NotebookStatus) -> None:
        before = self.inventory.notebook(name)
        self.inventory.put(replace(before, status=status, modified=self.clock.now()))
