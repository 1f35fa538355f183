"""The eyes of a sweep that remembers what it saw, so that the next one need not read it again."""

from collections.abc import Callable
from datetime import datetime

from sagewarden.application.look_again import Sight, look_again
from sagewarden.application.plan_fleet import Fleet
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.application.recheck_ports import Rechecks, SurveyMemory
from sagewarden.application.survey import Survey, survey
from sagewarden.domain.idle_endpoints import IdleEndpoints
from sagewarden.domain.recheck import Recollection
from sagewarden.domain.rules import Policy


class RememberingEyes:
    """Looks at one region of an account by what is remembered of it.

    A memory that fails is no reason to see less: then everything is read, now or the next time.

    Args:
        account: The account.
        rechecks: Reads a part of its endpoints.
        memory: What remembers.
        troubled: Is told that the memory failed, and why.
    """

    def __init__(
        self,
        account: str,
        rechecks: Rechecks,
        memory: SurveyMemory,
        troubled: Callable[[str], object],
    ) -> None:
        self._account = account
        self._rechecks = rechecks
        self._memory = memory
        self._troubled = troubled
        self._learned: tuple[str, Recollection] | None = None

    def look(self, region: str, policy: Policy, fleet: Fleet, now: datetime) -> Survey:
        """Collect what a policy's rules need to know of a region.

        Only rules for idle endpoints are known to need no second look before a certain moment:
        with any other rule everything is read.

        Raises:
            UnreadableError: The region could not be read at all.
        """
        self._learned = None
        if not all(isinstance(rule, IdleEndpoints) for rule in policy.rules):
            return survey(region, policy, fleet.inventory, fleet.telemetry, now)
        sight = Sight(fleet.inventory, fleet.telemetry, self._rechecks)
        before = self._recalled(region)
        found = look_again(region, policy, sight, before, now)
        if found.recollection is not None and found.recollection.adds_to(before):
            self._learned = region, found.recollection
        return found.seen

    def remember(self) -> None:
        """Remember what was seen, once everything was done that followed from it."""
        if self._learned is None:
            return
        region, recollection = self._learned
        try:
            self._memory.remember(self._account, region, recollection)
        except ActionFailedError as error:
            self._troubled(str(error))

    def _recalled(self, region: str) -> Recollection | None:
        try:
            return self._memory.recall(self._account, region)
        except UnreadableError as error:
            self._troubled(str(error))
            return None
