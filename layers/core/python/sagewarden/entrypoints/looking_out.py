"""Where a policy leaves it to AWS to say what it governs: who looks, and how that is told."""

from collections.abc import Callable

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from sagewarden.adapters.clock import SystemClock
from sagewarden.adapters.organizations import AwsOrganization
from sagewarden.adapters.rosters import DynamoDBRosters
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.discover import Discovery
from sagewarden.application.look_out import look_out
from sagewarden.application.ports import Clock
from sagewarden.application.targets import Target
from sagewarden.domain.rules import Policy
from sagewarden.entrypoints.settings import variable


class Lookout:
    """Finds the accounts and regions that a policy governs; the dispatcher has one.

    Args:
        policy: The policy.
        home: Where the stack is.
        sessions: The function's own AWS clients.
        clock: What tells the time; the machine's own when not given.
    """

    def __init__(
        self, policy: Policy, home: Target, sessions: Sessions, clock: Clock | None = None
    ) -> None:
        self._policy, self._home = policy, home
        self._clock = clock or SystemClock()
        client = sessions.client("dynamodb", home.region)
        self._rosters = DynamoDBRosters(client, variable("LEDGER_TABLE"))
        self._organization = AwsOrganization(sessions, home)

    def targets(
        self, logger: Logger, metrics: Metrics, has_time: Callable[[], bool]
    ) -> tuple[Target, ...]:
        """The accounts and regions that are governed now; none while somebody looks the first time.

        After a look those that are gone are among them: whoever is asked for a sweep there ends
        what is left of them.

        Raises:
            UnreadableError: AWS cannot be asked, and what is known is too old.
            ActionFailedError: What was found cannot be kept.
        """
        now = self._clock.now()
        seen = look_out(self._policy, self._home, self._rosters, self._organization, now, has_time)
        if seen.found is not None:
            _tell(logger, metrics, seen.found)
        if seen.failed is not None:
            since = seen.roster.at.isoformat() if seen.roster else None
            told = {"what": seen.failed.what, "why": seen.failed.why, "known_since": since}
            logger.error("out of reach", extra=told)
            metrics.add_metric(name="OutOfReach", unit=MetricUnit.Count, value=1)
        if seen.roster is None:
            logger.warning("nobody is known yet: another wake-up is looking")
            return ()
        return (*seen.roster.targets, *(seen.roster.gone if seen.found is not None else ()))


def _tell(logger: Logger, metrics: Metrics, found: Discovery) -> None:
    """Write one line for every account that is left out, is gone, or could not be asked about."""
    for item in found.left_out:
        logger.info("left out", extra={"account": item.what, "why": item.why})
    for account in found.gone:
        why = "it left the organisation, or the units that the policy names"
        logger.warning("no longer governed", extra={"account": account, "why": why})
    for item in found.incomplete:
        logger.error("not read", extra={"what": item.what, "why": item.why})
    for place in found.roster.gone:
        since = found.roster.missed[place].isoformat()
        where = {"account": place.account, "region": place.region}
        logger.info("gone", extra={**where, "missed_since": since})
    metrics.add_metric(
        name="AccountsGoverned", unit=MetricUnit.Count, value=len(found.roster.regions)
    )
    metrics.add_metric(name="Unread", unit=MetricUnit.Count, value=len(found.incomplete))
