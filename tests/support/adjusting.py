"""One region whose capacity is adjusted, in memory."""

from collections.abc import Iterable

from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.application.adjust_concurrency import ConcurrencyHands, adjust_concurrency
from sagewarden.application.carry_out import Hands
from sagewarden.application.plan_fleet import Fleet
from sagewarden.application.sweep import SweepReport
from sagewarden.domain.autoscaling.scaling import Dimension
from sagewarden.domain.plans import Limits
from sagewarden.domain.resources import Resource
from sagewarden.domain.rules import Rule
from tests.support.builders import REGION, a_policy, seoul, some_prices
from tests.support.fakes import FakeExecutor, FakeInventory, FakeNotifier, FakeTelemetry, HandClock
from tests.support.scaling import FakeQuotas, FakeScaling

NOON = seoul("2026-11-02 12:00")
TARGET = "endpoint/ep/variant/AllTraffic"


class Region:
    """One region with endpoints and components, and its runs.

    Args:
        rules: The policy's rules.
        resources: What there is.
        limits: The policy's limits.
    """

    def __init__(
        self, rules: Iterable[Rule], resources: Iterable[Resource], limits: Limits | None
    ) -> None:
        self.policy = a_policy(*rules, limits=limits)
        self.clock = HandClock(NOON)
        self.inventory = FakeInventory(*resources)
        self.telemetry = FakeTelemetry()
        self.ledger = MemoryLedger()
        self.executor = FakeExecutor(self.inventory, self.clock)
        self.notifier = FakeNotifier()
        self.concurrency = FakeScaling()
        self.instances = FakeScaling()
        self.copies = FakeScaling()
        self.quotas = FakeQuotas()
        fleet = Fleet(self.inventory, self.telemetry, self.ledger, some_prices())
        self.hands = Hands(fleet, self.executor, self.clock)
        others = {Dimension.INSTANCES: self.instances, Dimension.COPIES: self.copies}
        self.ports = ConcurrencyHands(self.hands, self.concurrency, self.quotas, others)

    def run(self) -> SweepReport:
        """Let the bot run once."""
        return adjust_concurrency(self.policy, REGION, self.ports, self.notifier)
