"""The idle services rule: which services it speaks of; `judging` says what it makes of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.judged import Facts, JudgedRule
from sagewarden.domain.metrics import Series, Window
from sagewarden.domain.resources import Resource, ResourceKind
from sagewarden.domain.verdicts import Verdict

SERVICES = (
    ResourceKind.MLFLOW_TRACKING_SERVER,
    ResourceKind.MONITORING_SCHEDULE,
    ResourceKind.INFERENCE_RECOMMENDATIONS_JOB,
    ResourceKind.PROVISIONED_MODEL,
    ResourceKind.CLUSTER,
    ResourceKind.STUDIO_FILE_SYSTEM,
    ResourceKind.STUDIO_SPACE,
)
"""The kinds of resource that such a rule may speak of."""

_APPS_LISTED = timedelta(days=1)
"""How long AWS lists an app after its end (API reference, DescribeApp)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleServices(JudgedRule):
    """Stop, delete or tell of services that nobody uses.

    Attributes:
        idle_for: For how long nobody may have used one.
        action: ``stop`` stops what can be stopped and tells of the rest, ``delete`` also deletes
            what cannot be stopped and is bought by the hour, ``notify`` only tells.
    """

    idle_for: timedelta = timedelta(hours=72)
    action: ActionKind = ActionKind.STOP

    @property
    def does(self) -> str:
        """What it does, in the words of ``policy show``."""
        hours, grace = (length / timedelta(hours=1) for length in (self.idle_for, self.grace))
        return f"{self.action} after {hours:g} h without use, {grace:g} h after the warning"

    def window(self, now: datetime) -> Window:
        """The span in which nobody may have used it.

        Args:
            now: The moment of judgement (aware).
        """
        return Window.before(now, self.idle_for)

    def watched(self, kind: str) -> timedelta:
        """How long it must be seen unused before its owner is told: a look at a space tells a day.

        Args:
            kind: The kind of resource.
        """
        if kind != ResourceKind.STUDIO_SPACE:
            return timedelta(0)
        return max(self.idle_for - _APPS_LISTED, timedelta(0))

    def series(self, resource: Resource, now: datetime) -> Iterable[Series]:
        """The metrics that tell of its use: none of what AWS publishes no metric of.

        Args:
            resource: A resource that the rule covers.
            now: The moment of judgement (aware).
        """
        from sagewarden.domain.services.judging import evidence_of  # noqa: PLC0415 - with services

        del now
        return evidence_of(resource)

    def judge(self, resource: Resource, facts: Facts, now: datetime) -> Verdict:
        """Judge a service as it is.

        Args:
            resource: A resource of one of its kinds that the rule covers.
            facts: What is known beside it.
            now: The moment of judgement (aware).
        """
        from sagewarden.domain.services.judging import judge_service  # noqa: PLC0415 - see above

        return judge_service(resource, self, facts, now)
