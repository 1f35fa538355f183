"""Wiring: which adapter stands behind which port."""

from dataclasses import dataclass
from pathlib import Path

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.cloudwatch_telemetry import CloudWatchTelemetry
from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.adapters.price_snapshot import shipped_prices
from sagewarden.adapters.public_holidays import public_holidays
from sagewarden.adapters.sagemaker_executor import SageMakerExecutor
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.carry_out import Hands
from sagewarden.application.plan_fleet import Fleet
from sagewarden.application.ports import Clock, Ledger
from sagewarden.domain.rules import Policy
from sagewarden.policy import compile_policy, load_policy


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a run on an account needs.

    Attributes:
        sessions: AWS clients, and the count of their calls.
        hands: The ports to read a fleet and to act on it.
    """

    sessions: Sessions
    hands: Hands


def open_workbench(
    *, profile: str | None = None, ledger: Ledger | None = None, clock: Clock | None = None
) -> Workbench:
    """Wire the adapters to an account.

    Args:
        profile: The AWS profile, or None for boto3's default chain.
        ledger: What to remember with; in memory, and so forgotten, when not given.
        clock: What tells the time; the machine's own when not given.
    """
    sessions = Sessions(profile)
    fleet = Fleet(
        inventory=SageMakerInventory(sessions),
        telemetry=CloudWatchTelemetry(sessions),
        ledger=ledger if ledger is not None else MemoryLedger(),
        prices=shipped_prices(),
    )
    return Workbench(sessions, Hands(fleet, SageMakerExecutor(sessions), clock or SystemClock()))


def read_policy(path: Path) -> Policy:
    """Load a policy file and compile it with the real public holidays.

    Raises:
        PolicyError: It is not valid; the error names each place.
    """
    return compile_policy(load_policy(path), public_holidays)
