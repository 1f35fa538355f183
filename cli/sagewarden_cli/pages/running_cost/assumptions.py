"""What is stated rather than measured: the fleet, how much happens, and how fast AWS answers."""

from dataclasses import dataclass, replace
from fractions import Fraction

NOTEBOOKS = 20
RUNNING_NOTEBOOKS = 10
ENDPOINTS = 30

MONTH_HOURS = 730
MONTH_DAYS = Fraction(MONTH_HOURS, 24)


@dataclass(frozen=True, slots=True)
class Scenario:
    """An organisation, and how its stack is set up.

    Attributes:
        name: In words.
        accounts: How many are governed, the hub's own among them; each has the fleet in one region.
        regions: How many of each account are governed; all but one are empty.
        latency_ms: How long a call to AWS takes.
        own_work_ms: How long a sweep computes, beside its calls.
        days_with_stops: Days of a month on which the running notebooks are stopped and started.
        deletions: Endpoints deleted in a month, in each account.
        events_a_day: SageMaker events that an account other than the hub's sends to the hub.
        slower: By how much the schedule of a bot is stretched, by its name.
        log_verdicts: Whether the log has a line per verdict, as deployed.
        retention_days: How long logs are kept; the template's default when None.
    """

    name: str
    accounts: int
    regions: int
    latency_ms: int = 50
    own_work_ms: int = 300
    days_with_stops: int = 22
    deletions: int = 4
    events_a_day: int = 200
    slower: tuple[tuple[str, int], ...] = ()
    log_verdicts: bool = True
    retention_days: int | None = None


ONE = Scenario("1 account, 1 region", accounts=1, regions=1)
MANY = Scenario("1,000 accounts, 4 regions each", accounts=1000, regions=4)
SCENARIOS = (ONE, MANY)


def levers(scenario: Scenario) -> tuple[tuple[str, Scenario], ...]:
    """What would make it cheaper, each with the scenario that it leads to."""
    return (
        (
            "wake `notebook_hours` every 15 minutes",
            replace(scenario, slower=(("notebook_hours", 3),)),
        ),
        (
            "wake `idle_endpoints` every 4 hours",
            replace(scenario, slower=(("idle_endpoints", 4),)),
        ),
        ("govern only the region in use", replace(scenario, regions=1)),
        (
            "log no verdicts (`POWERTOOLS_LOG_LEVEL: WARNING`)",
            replace(scenario, log_verdicts=False),
        ),
        ("keep logs for 7 days (`LogRetentionDays`)", replace(scenario, retention_days=7)),
    )
