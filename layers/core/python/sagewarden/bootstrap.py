"""Wiring: which adapter stands behind which port."""

from dataclasses import dataclass
from pathlib import Path

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.cloudwatch_telemetry import CloudWatchTelemetry
from sagewarden.adapters.compiled_policy import dump_policy, load_compiled_policy
from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.adapters.price_snapshot import shipped_prices
from sagewarden.adapters.public_holidays import holiday_table, public_holidays
from sagewarden.adapters.sagemaker_executor import SageMakerExecutor
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.carry_out import Hands
from sagewarden.application.plan_fleet import Fleet
from sagewarden.application.ports import Clock, Ledger
from sagewarden.domain.rules import Policy
from sagewarden.domain.schedules.holiday_tables import HolidayTables


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
    from sagewarden.policy import compile_policy, load_policy  # noqa: PLC0415 - see below

    return compile_policy(load_policy(path), public_holidays)


def compile_policy_file(path: Path, years: range) -> str:
    """Compile a policy file to the JSON that `read_compiled_policy` reads.

    pydantic, PyYAML and the holidays library are imported here and in `read_policy` only: a
    function that reads a compiled policy needs none of them.

    Args:
        path: The policy file.
        years: The years whose public holidays the compiled policy will know.

    Raises:
        PolicyError: It is not valid; the error names each place.
    """
    from sagewarden.policy import compile_policy, load_policy  # noqa: PLC0415 - see above

    model = load_policy(path)
    compile_policy(model, public_holidays)
    places = [item.holidays for item in model.calendars.values() if item.holidays is not None]
    tables = [holiday_table(place.country, place.subdivision, years) for place in places]
    source = HolidayTables({table.place: table for table in tables})
    return dump_policy(compile_policy(model, source), path.read_bytes())


def read_compiled_policy(compiled: Path, source: Path) -> Policy:
    """Read a compiled policy, if it is that of the policy file beside it.

    Raises:
        StalePolicyError: The policy file was changed and not compiled again.
    """
    return load_compiled_policy(compiled.read_text(encoding="utf-8"), source.read_bytes())
